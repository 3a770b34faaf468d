//! The columns of many batches in one order: takes the fields of each batch in turn, gives all of them, each in the place
//! that it has among its neighbours.
//!
//! A batch may lack a field that no row of it has. Which batches do is a matter of how the input was cut, so a field that
//! comes late goes before the one that follows it in its batch, and not behind all that others have. Fields that a
//! command found in the rows themselves (`spath`, `extract`) have no place of their own: they stand in the order of their
//! names, whichever row has which.

use super::{Batch, FieldName};
use indexmap::IndexSet;
use std::collections::HashSet;

/// Fields that were found in the rows.
pub(super) type Found = HashSet<FieldName, foldhash::fast::RandomState>;

/// The place of a found field among those before it: behind the last that is told or has a smaller name.
pub(super) fn place<'a>(
    name: &str,
    before: impl ExactSizeIterator<Item = &'a FieldName> + DoubleEndedIterator,
    found: &Found,
) -> usize {
    let end = before.len();
    let larger = |other: &&FieldName| &***other > name && found.contains(*other);
    end - before.rev().take_while(larger).count()
}

/// Names in order.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    names: IndexSet<FieldName>,
    /// Which of them were found in the rows.
    found: Found,
}

impl Layout {
    /// Adds the fields of a batch.
    pub fn add(&mut self, batch: &Batch) {
        self.add_names(batch.named());
    }

    /// Adds the fields of a batch, each with whether it was found in the rows.
    pub fn add_names<'a, I>(&mut self, names: I)
    where
        I: Iterator<Item = (&'a FieldName, bool)> + DoubleEndedIterator,
    {
        // From the last to the first, so that what follows a new name has its place already.
        let mut next = self.names.len();
        for (name, is_found) in names.rev() {
            next = match self.names.get_index_of(name) {
                Some(at) => at,
                None if is_found => {
                    let at = place(name, self.names.as_slice()[..next].iter(), &self.found);
                    self.found.insert(name.clone());
                    at
                }
                None => next,
            };
            self.names.shift_insert(next, name.clone());
        }
    }

    /// The names, each with whether it was found in the rows.
    pub fn named(&self) -> impl Iterator<Item = (&FieldName, bool)> {
        self.names
            .iter()
            .map(|name| (name, self.found.contains(name)))
    }

    /// The names.
    pub fn names(self) -> impl Iterator<Item = FieldName> {
        self.names.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of each word its letters are fields; capitals are found.
    fn laid_out(words: &[&str]) -> String {
        let mut layout = Layout::default();
        for word in words {
            let letters: Vec<(FieldName, bool)> = word
                .chars()
                .map(|c| (FieldName::from(c.to_string()), c.is_uppercase()))
                .collect();
            layout.add_names(letters.iter().map(|(name, found)| (name, *found)));
        }
        layout.names().map(|name| name.to_string()).collect()
    }

    #[test]
    fn a_name_that_comes_late_stands_among_its_neighbours() {
        assert_eq!(laid_out(&["ad", "abcd", "xd", "dyz", ""]), "abcxdyz");
    }

    #[test]
    fn found_names_stand_in_order_whichever_batch_has_them() {
        let whole = laid_out(&["aBDFzAC"]);
        assert_eq!(whole, "aBDFzAC");
        for words in [["aFzC", "aBDz", "azA"], ["az", "aDzA", "aBFzC"]] {
            assert_eq!(laid_out(&words), whole, "{words:?}");
        }
    }
}
