//! What went wrong in several places at once: takes errors, gives the one that comes first in the input.
//!
//! Stages see a batch one after the other: the first of them may fail in a later row than the second. So a batch that
//! failed is gone through again row by row, and the error told does not depend on how the input was cut. (A serial
//! operator has the rows already and can't: what it says itself is told as it says it.)
//!
//! A feed gives its parts in the order of the input. When a part fails, all parts before it are in the hands of some
//! worker already: who finishes the part that it has, and takes no other, finds every error that could come before.

use crate::data::Batch;
use crate::diagnostic::{Diagnostic, code};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// The error of the first row of a batch that is one by itself, when the batch gave an error.
pub(super) fn of_first_row(
    batch: &Batch,
    error: Diagnostic,
    mut again: impl FnMut(Batch) -> Result<(), Diagnostic>,
) -> Diagnostic {
    if !is_of_rows(&error) || batch.rows() < 2 {
        return error;
    }
    let mut rows = (0..batch.rows()).map(|row| batch.slice(row, 1));
    rows.find_map(|row| again(row).err()).unwrap_or(error)
}

/// Whether an error may be one of some row: not that the run was stopped, nor that memory is short.
pub(super) fn is_of_rows(error: &Diagnostic) -> bool {
    let others = [&code::CANCELLED, &code::MEMORY_LIMIT];
    !others.iter().any(|code| code.id == error.code.id)
}

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
