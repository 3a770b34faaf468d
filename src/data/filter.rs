//! What a source may drop before it builds an event: takes predicates on columns and literals on bytes.

use super::{Batch, Demand, Mask};
use crate::diagnostic::Diagnostic;

/// A predicate on a batch. It must depend on nothing but the fields that `demand` names.
pub trait Filter: Send + Sync {
    /// The fields it reads.
    fn demand(&self) -> &Demand;
    /// One bit a row: set when the event is kept.
    fn keep(&self, batch: &Batch) -> Result<Mask, Diagnostic>;
    /// So many rows that were kept will be asked again, as something else: who counts rows takes them back.
    fn recall(&self, _rows: usize) {}
}

/// Asks a filter about the rows that are kept so far (`None`: all), and about no other: one that would be an error
/// there is none. Gives what is kept of all rows.
pub fn narrow(
    filter: &dyn Filter,
    batch: &Batch,
    so_far: Option<&Mask>,
) -> Result<Mask, Diagnostic> {
    let Some(so_far) = so_far.filter(|mask| mask.true_count() < batch.rows()) else {
        return filter.keep(batch);
    };
    if so_far.true_count() == 0 {
        return Ok(so_far.clone());
    }
    let mut read = batch.clone();
    read.retain(|name| filter.demand().wants(name));
    let kept = filter.keep(&read.filter(so_far))?;
    let mut bits = vec![false; batch.rows()];
    for (at, row) in so_far.values().set_indices().enumerate() {
        if let Some(bit) = bits.get_mut(row) {
            *bit = kept.value(at);
        }
    }
    Ok(bits.into())
}

/// Whether JSON has to or may spell a character otherwise: texts to look for are cut there.
pub fn may_be_escaped(c: char) -> bool {
    matches!(c, '"' | '\\' | '/') || c.is_control() || !c.is_ascii()
}

/// Literals that the text of every matching event contains: all groups must be met, a group by any of its texts.
/// Texts are lower case; matching ignores the case of ASCII *and* sees through JSON escapes (the scanner's duty):
/// the filter may pass too much, never too little.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Literals {
    /// Conjunction of disjunctions.
    pub groups: Vec<Vec<String>>,
    /// One more group: names of fields. They are in every event of their kind, and so are the last resort.
    pub names: Vec<String>,
    /// What the sourcetype of every matching event fits: one pattern of each list (lower case, `*` for any text). The
    /// source knows by which texts it tells sourcetypes.
    pub sourcetypes: Vec<Vec<String>>,
}

impl Literals {
    /// Adds what another conjunct asks for.
    pub fn and(&mut self, other: &Literals) {
        self.groups.extend(other.groups.iter().cloned());
        self.sourcetypes.extend(other.sourcetypes.iter().cloned());
        if self.names.is_empty() {
            self.names = other.names.clone();
        }
    }

    /// The groups to look for; the names only where there is no other.
    pub fn looked_for(&self) -> Vec<Vec<String>> {
        match self.groups.as_slice() {
            [] if !self.names.is_empty() => vec![self.names.clone()],
            groups => groups.to_vec(),
        }
    }
}
