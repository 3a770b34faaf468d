//! What went wrong on several workers at once: takes errors with their turns, gives the one that comes first in the input.
//!
//! A feed gives its parts in the order of the input. When a part fails, all parts before it are in the hands of some
//! worker already: who finishes the part that it has, and takes no other, finds every error that could come before.

use crate::diagnostic::Diagnostic;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// The first error so far.
pub(super) struct Failure {
    /// The turn of that error; the largest number while there is none.
    turn: AtomicU64,
    first: Mutex<Option<(u64, Diagnostic)>>,
}

impl Default for Failure {
    fn default() -> Self {
        Self {
            turn: AtomicU64::new(u64::MAX),
            first: Mutex::new(None),
        }
    }
}

impl Failure {
    /// Adds what went wrong at a turn.
    pub(super) fn add(&self, turn: u64, diagnostic: Diagnostic) {
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        if first.as_ref().is_none_or(|(old, _)| turn < *old) {
            *first = Some((turn, diagnostic));
            self.turn.store(turn, Ordering::Relaxed);
        }
    }

    /// Whether something went wrong at this turn or before it: nothing after it counts then.
    pub(super) fn is_before(&self, turn: u64) -> bool {
        self.turn.load(Ordering::Relaxed) <= turn
    }

    /// Whether something went wrong.
    pub(super) fn is_any(&self) -> bool {
        self.is_before(u64::MAX - 1)
    }

    /// The error, if there was one.
    pub(super) fn into_result(self) -> Result<(), Diagnostic> {
        let first = self.first.into_inner();
        match first.unwrap_or_else(PoisonError::into_inner) {
            Some((_, diagnostic)) => Err(diagnostic),
            None => Ok(()),
        }
    }
}
