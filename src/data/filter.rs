//! What a source may drop before it builds an event: takes predicates on columns and literals on bytes.

use super::{Batch, Demand, Mask};

/// A predicate on a batch. It must depend on nothing but the fields that `demand` names.
pub trait Filter: Send + Sync {
    /// The fields it reads.
    fn demand(&self) -> &Demand;
    /// One bit a row: set when the event is kept.
    fn keep(&self, batch: &Batch) -> Mask;
}

/// Literals that the text of every matching event contains: all groups must be met, a group by any of its texts.
/// Texts are lower case; matching ignores the case of ASCII *and* sees through JSON escapes (the scanner's duty):
/// the filter may pass too much, never too little.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Literals {
    /// Conjunction of disjunctions.
    pub groups: Vec<Vec<String>>,
}

impl Literals {
    /// Whether nothing can be filtered by.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }
}
