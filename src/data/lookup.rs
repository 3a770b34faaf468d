//! A lookup table: its rows, and how the fields of events find some of them.

use super::{Batch, FieldName};
use indexmap::IndexMap;

/// How a column of a table is compared with an event's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// Equal as text.
    Exact,
    /// The cell is a pattern with `*`.
    Wildcard,
    /// The cell is a network, the value an address in it.
    Cidr,
}

/// Rows that hold from a time on.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeRule {
    /// The column with the time.
    pub field: FieldName,
    /// How it is written, as for `strptime`.
    pub format: String,
    /// Seconds that an event must be younger than the row at least.
    pub least: f64,
    /// Seconds that it may be younger at most.
    pub most: f64,
}

/// What a definition says of a table (transforms.conf).
#[derive(Debug, Clone, PartialEq)]
pub struct LookupRule {
    /// Columns that are not compared exactly.
    pub matches: IndexMap<FieldName, Match>,
    /// Whether letter case counts.
    pub case_sensitive: bool,
    /// Rows that are found at most, the first ones in the file's order.
    pub max_matches: usize,
    /// Rows that must be found; those that lack are made of the default.
    pub min_matches: usize,
    /// The value where too few rows are found.
    pub default_match: String,
    /// A search that says which rows of the file are rows of the table.
    pub filter: Option<String>,
    /// Set for tables whose rows hold from a time on.
    pub time: Option<TimeRule>,
}

impl Default for LookupRule {
    fn default() -> Self {
        Self {
            matches: IndexMap::new(),
            case_sensitive: true,
            max_matches: 1000,
            min_matches: 0,
            default_match: String::new(),
            filter: None,
            time: None,
        }
    }
}

/// A table that was read.
#[derive(Debug, Clone)]
pub struct Lookup {
    /// Its rows, all columns text, in the file's order.
    pub rows: Batch,
    /// How it is searched.
    pub rule: LookupRule,
}
