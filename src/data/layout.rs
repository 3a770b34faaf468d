//! The columns of many batches in one order: takes the names of each batch's fields in turn, gives all of them, each in
//! the place that it has among its neighbours.
//!
//! A batch may lack a field that no row of it has. Which batches do is a matter of how the input was cut, so a field that
//! comes late goes before the one that follows it in its batch, and not behind all that others have.

use indexmap::IndexSet;
use std::hash::Hash;

/// Names in order.
#[derive(Debug, Clone)]
pub struct Layout<T>(IndexSet<T>);

impl<T> Default for Layout<T> {
    fn default() -> Self {
        Self(IndexSet::new())
    }
}

impl<T: Hash + Eq> Layout<T> {
    /// Adds the names of a batch.
    pub fn add<I>(&mut self, names: I)
    where
        I: Iterator<Item = T> + DoubleEndedIterator,
    {
        if self.0.is_empty() {
            self.0.extend(names);
            return;
        }
        // From the last to the first, so that what follows a new name has its place already.
        let mut next = self.0.len();
        for name in names.rev() {
            next = match self.0.get_index_of(&name) {
                Some(at) => at,
                None => {
                    self.0.shift_insert(next, name);
                    next
                }
            };
        }
    }

    /// The names.
    pub fn names(self) -> impl Iterator<Item = T> {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_comes_late_stands_among_its_neighbours() {
        let mut layout = Layout::default();
        for batch in ["ad", "abcd", "xd", "dyz", ""] {
            layout.add(batch.chars());
        }
        assert_eq!(layout.names().collect::<String>(), "abcxdyz");
    }
}
