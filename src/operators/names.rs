//! The fields of batches in the order in which the input has them, whatever the order in which the batches come.

use crate::data::{Batch, FieldName, Position};
use std::collections::HashMap;

/// Where a field stands first: its batch, and its place there.
type Place = (Position, u32);

/// Fields by where they stand first.
#[derive(Debug, Default)]
pub(super) struct Names(HashMap<FieldName, Place, foldhash::fast::RandomState>);

impl Names {
    /// The fields of batches.
    pub(super) fn of<'a>(batches: impl Iterator<Item = &'a Batch>) -> Self {
        let mut names = Self::default();
        for batch in batches {
            for (name, at) in batch.names().zip(0u32..) {
                names.add(name, (batch.position, at));
            }
        }
        names
    }

    fn add(&mut self, name: &FieldName, place: Place) {
        match self.0.get_mut(name) {
            Some(first) => *first = place.min(*first),
            None => {
                self.0.insert(name.clone(), place);
            }
        }
    }

    /// Adds those of other batches.
    pub(super) fn append(&mut self, other: &Names) {
        for (name, place) in &other.0 {
            self.add(name, *place);
        }
    }

    /// The fields in order.
    pub(super) fn list(&self) -> Vec<FieldName> {
        let mut list: Vec<(Place, &FieldName)> = self.0.iter().map(|(n, p)| (*p, n)).collect();
        list.sort_unstable();
        list.into_iter().map(|(_, name)| name.clone()).collect()
    }
}
