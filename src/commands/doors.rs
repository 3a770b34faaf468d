//! What commands need from above: to plan and run searches inside a search, to read and write tables. The session gives it.

use super::Origin;
use crate::data::time::Timestamp;
use crate::data::{Batch, ExtractionRule, Lookup};
use crate::diagnostic::{Diagnostic, Diagnostics};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Searches whose text is not part of the query's own.
pub trait Searches: Send + Sync + std::fmt::Debug {
    /// Plans a search, with its macros expanded. The first word is a command's name, as in a subsearch.
    fn plan(&self, text: &str) -> Result<Arc<dyn Subplan>, Diagnostics>;
    /// The settings of the type of transaction with this name (transactiontypes.conf), the last of each counts.
    fn transaction(&self, name: &str) -> Result<Vec<(String, String)>, Diagnostic>;
    /// Plans the saved query of a name, with these texts put in.
    fn saved(
        &self,
        name: &str,
        pairs: &[(String, String)],
    ) -> Result<Arc<dyn Subplan>, Diagnostics>;
}

/// The lookup tables that a run may read, and the folder that it may write to.
pub trait Tables: Send + Sync + std::fmt::Debug {
    /// The table of a definition or of a CSV file.
    fn read(&self, name: &str) -> Result<Lookup, Diagnostic>;
    /// The file that the table of this name is written to, below the folder that the user named.
    fn target(&self, name: &str) -> Result<PathBuf, Diagnostic>;
    /// The rule of this name that extracts fields.
    fn extraction(&self, name: &str) -> Result<ExtractionRule, Diagnostic>;
    /// The file that says where addresses are.
    fn locations(&self) -> Option<PathBuf> {
        None
    }
    /// The file of an index that is not there yet, below the folder that the user named for events.
    fn collection(&self, index: &str, file: &str) -> Result<PathBuf, Diagnostic>;
    /// Makes a file that is not there yet. All or nothing; a file that came to be there meanwhile is an error.
    fn create(&self, target: &Path, bytes: &[u8]) -> Result<(), Diagnostic>;
    /// Replaces a file by rows as CSV, or, without rows to write, takes it away. All or nothing.
    fn write(&self, target: &Path, rows: Option<&Batch>) -> Result<(), Diagnostic>;
}

/// How much a subsearch may give and take; what is over is told and left out, as in Splunk (limits.conf).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Rows at most.
    pub rows: usize,
    /// Time at most: what was found by then are the rows.
    pub time: Duration,
}

impl Limits {
    /// Subsearches whose rows become a search, and those of `set`.
    pub const SEARCH: Self = Self {
        rows: 10_000,
        time: Duration::from_secs(60),
    };
    /// Subsearches whose rows are put to other rows: `append`, `appendcols`, `join`, `union`.
    pub const ROWS: Self = Self {
        rows: 50_000,
        time: Duration::from_secs(60),
    };
    /// Searches that are no subsearches: saved ones, those of `map` and `multisearch`.
    pub const NONE: Self = Self {
        rows: usize::MAX,
        time: Duration::MAX,
    };
}

/// A time range: start, and end, which is not in it. None is no bound.
pub type Times = (Option<Timestamp>, Option<Timestamp>);

/// A planned subsearch.
pub trait Subplan: Send + Sync + std::fmt::Debug {
    /// Runs it over the inputs of the main search, or over nothing for a generating one.
    fn run(&self, limits: Limits) -> Result<Batch, Diagnostic>;
    /// Runs its stages over rows that are there already, without limits.
    fn run_over(&self, rows: &Batch) -> Result<Batch, Diagnostic>;
    /// The time range that it searches.
    fn times(&self) -> Times;
    /// What made a field of its rows.
    fn origin(&self, _name: &str) -> Origin {
        Origin::Input
    }
    /// The first of its commands that is none of those that take each event by itself.
    fn not_streaming(&self) -> Option<String>;
}
