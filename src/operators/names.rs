//! The fields of batches in the order in which the input has them, whatever the order in which the batches come.

use crate::data::{Batch, FieldName, Layout, Position};
use std::collections::HashMap;

/// A field, and whether it was found in the rows.
type Named = (FieldName, bool);

/// The names that batches have, each list of them with where it stands first. Most batches have the same.
#[derive(Debug, Default)]
pub(super) struct Names(HashMap<Box<[Named]>, Position, foldhash::fast::RandomState>);

impl Names {
    /// The fields of batches.
    pub(super) fn of<'a>(batches: impl Iterator<Item = &'a Batch>) -> Self {
        let mut names = Self::default();
        for batch in batches {
            let named = batch.named().map(|(name, found)| (name.clone(), found));
            names.add(named.collect(), batch.position);
        }
        names
    }

    fn add(&mut self, names: Box<[Named]>, position: Position) {
        let first = self.0.entry(names).or_insert(position);
        *first = position.min(*first);
    }

    /// Adds those of other batches.
    pub(super) fn append(&mut self, other: Names) {
        for (names, position) in other.0 {
            self.add(names, position);
        }
    }

    /// The fields in order.
    pub(super) fn list(&self) -> Vec<FieldName> {
        let mut lists: Vec<(&Position, &[Named])> =
            self.0.iter().map(|(names, at)| (at, &**names)).collect();
        lists.sort_unstable();
        let mut layout = Layout::default();
        for (_, names) in lists {
            layout.add_names(names.iter().map(|(name, found)| (name, *found)));
        }
        layout.names().collect()
    }
}
