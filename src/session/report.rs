//! What a run has to say beside its rows: takes counters, gives an outcome.

use crate::diagnostic::Notice;
use std::time::Duration;

/// How a run went.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Events seen by the source, skipped ones included.
    pub scanned: u64,
    /// Events that the leading search kept.
    pub matched: u64,
    /// Rows that came out.
    pub rows: u64,
    /// Bytes on disk read.
    pub bytes: u64,
    /// From opening the inputs to the last row.
    pub elapsed: Duration,
    /// What was said on the way.
    pub notices: Vec<Notice>,
    /// Rows in and out of each stage.
    pub stages: Vec<StageReport>,
}

/// Rows in and out of one stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageReport {
    /// The stage's text.
    pub text: String,
    /// Rows in.
    pub rows_in: u64,
    /// Rows out.
    pub rows_out: u64,
}
