//! What a run is told once and every stage may ask: the time that is now, the time zone, limits, notices, cancellation.

use super::Memory;
use super::time::{Timestamp, Zone};
use crate::diagnostic::Notices;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A flag that stops a run; cloning shares it.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks the run to stop.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the run should stop.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// The flag itself, for a signal handler.
    pub fn flag(&self) -> Arc<AtomicBool> {
        self.0.clone()
    }
}

/// The facts of one run. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Context {
    /// `now()`: fixed for the whole query.
    pub now: Timestamp,
    /// The zone in which times are read and shown.
    pub zone: Zone,
    /// Earliest `_time` asked for by option or query, inclusive; for `addinfo` and filters.
    pub earliest: Option<Timestamp>,
    /// Latest `_time` asked for, exclusive.
    pub latest: Option<Timestamp>,
    /// What the run says beside its rows.
    pub notices: Notices,
    /// Stops the run.
    pub cancel: Cancel,
    /// Rows of a batch at most; tests set 1 and 3.
    pub batch_size: usize,
    /// Worker threads.
    pub threads: usize,
    /// How much the run may hold.
    pub memory: Memory,
}

impl Default for Context {
    fn default() -> Self {
        Self {
            now: Timestamp::now(),
            zone: Zone::utc(),
            earliest: None,
            latest: None,
            notices: Notices::default(),
            cancel: Cancel::default(),
            batch_size: 4096,
            threads: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            memory: Memory::default(),
        }
    }
}
