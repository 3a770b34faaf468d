//! Texts as small numbers: takes columns of text, gives each distinct text one code, in order of first appearance.
//!
//! Group keys, distinct values and pairs of them are counted, compared and merged by code; a text is copied once, when
//! it is seen first. A row whose text is known costs a hash of its view and no allocation.

use super::number::format_number;
use super::texts::{INLINE, Sorted, Texts, first_four, short};
use super::{Column, Pairs};
use arrow_array::{Array, StringViewArray};
use hashbrown::HashTable;
use std::hash::{BuildHasher, Hasher};

/// A text in the table: half of its hash, and its code.
#[derive(Debug, Clone, Copy)]
struct Entry {
    hash: u32,
    code: u32,
}

impl Entry {
    /// The hash by which the table places it.
    fn place(hash: u32) -> u64 {
        u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

/// Distinct texts by code.
#[derive(Debug, Clone, Default)]
pub struct Dictionary {
    table: HashTable<Entry>,
    hasher: foldhash::fast::RandomState,
    texts: Texts,
    /// Codes of numbers by their bits, so that a number that comes often is printed once.
    numbers: Pairs,
    number_codes: Vec<u32>,
}

/// Mixes two words into a hash.
pub(super) fn mix(a: u64, b: u64) -> u64 {
    let product =
        u128::from(a ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(u128::from(b ^ 0xd1b5_4a32_d192_ed03));
    ((product as u64) ^ ((product >> 64) as u64)).wrapping_mul(0xa076_1d64_78bd_642f)
}

impl Dictionary {
    /// Number of texts.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// The text of a code.
    pub fn text(&self, code: u32) -> &str {
        self.texts.get(code)
    }

    /// All texts by code.
    pub fn texts(&self) -> &Texts {
        &self.texts
    }

    /// All texts by code, and nothing else.
    pub fn into_texts(self) -> Texts {
        self.texts
    }

    /// The code of a text, new if it has none.
    pub fn code(&mut self, text: &str) -> u32 {
        let (low, hash) = self.hash(text);
        self.code_of(low, hash, text)
    }

    /// The code of a text that has one.
    pub fn find(&self, text: &str) -> Option<u32> {
        let (low, hash) = self.hash(text);
        let found = self.table.find(Entry::place(hash), |e| {
            e.hash == hash && self.texts.is(e.code, low, text)
        });
        found.map(|e| e.code)
    }

    /// Calls `emit` with the place in `rows` and the code of each value of each of these rows of a column; a row
    /// without a value gives none, a multivalue one a value.
    pub fn encode(&mut self, column: &Column, rows: &[u32], mut emit: impl FnMut(usize, u32)) {
        match column {
            Column::Null(_) => {}
            Column::Text(array) => {
                let mut last = Last::default();
                for (at, &row) in rows.iter().enumerate() {
                    if array.is_valid(row as usize) {
                        emit(at, self.view_code(array, row as usize, &mut last));
                    }
                }
            }
            Column::Number(array) => {
                for (at, &row) in rows.iter().enumerate() {
                    if array.is_valid(row as usize) {
                        emit(at, self.number_code(array.value(row as usize)));
                    }
                }
            }
            Column::Bool(array) => {
                for (at, &row) in rows.iter().enumerate() {
                    if array.is_valid(row as usize) {
                        let text = if array.value(row as usize) {
                            "True"
                        } else {
                            "False"
                        };
                        emit(at, self.code(text));
                    }
                }
            }
            Column::Multi(array) => {
                let mut last = Last::default();
                for (at, &row) in rows.iter().enumerate() {
                    if array.is_valid(row as usize) {
                        let (child, start, end) = Column::list(array, row as usize);
                        for i in (start..end).filter(|i| child.is_valid(*i)) {
                            emit(at, self.view_code(child, i, &mut last));
                        }
                    }
                }
            }
            Column::Mixed(mixed) => {
                for (at, &row) in rows.iter().enumerate() {
                    match mixed.number(row as usize) {
                        Some(number) => emit(at, self.number_code(number)),
                        None => {
                            for text in mixed.others().values(row as usize) {
                                emit(at, self.code(&text));
                            }
                        }
                    }
                }
            }
        }
    }

    /// Adds the texts of another dictionary; gives the code here of each code there.
    pub fn merge(&mut self, other: &Dictionary) -> Vec<u32> {
        (0..other.len() as u32)
            .map(|code| self.code(other.text(code)))
            .collect()
    }

    /// The texts in the order of their bytes.
    pub fn sorted(&self) -> Sorted {
        self.texts.sorted()
    }

    /// For each code the place of its text in the order of bytes.
    pub fn ranks(&self) -> Vec<u32> {
        self.sorted().ranks()
    }

    /// Bytes held, about.
    pub fn size(&self) -> usize {
        self.table.capacity() * (size_of::<Entry>() + 1)
            + self.texts.size()
            + self.numbers.size()
            + self.number_codes.capacity() * size_of::<u32>()
    }

    /// The lower eight bytes of a text's view, and its hash.
    fn hash(&self, text: &str) -> (u64, u32) {
        let bytes = text.as_bytes();
        if bytes.len() <= INLINE {
            return Self::hash_short(u128::from_le_bytes(short(bytes)));
        }
        let low = u64::from(bytes.len() as u32) | (first_four(bytes) as u64) << 32;
        (low, self.hash_long(low, bytes))
    }

    #[inline]
    fn hash_short(view: u128) -> (u64, u32) {
        let low = view as u64;
        (low, mix(low, (view >> 64) as u64) as u32)
    }

    #[inline]
    fn hash_long(&self, low: u64, bytes: &[u8]) -> u32 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write(bytes);
        mix(low, hasher.finish()) as u32
    }

    #[inline]
    fn view_code(&mut self, array: &StringViewArray, row: usize, last: &mut Last) -> u32 {
        let Some(&view) = array.views().get(row) else {
            return 0;
        };
        // In one array the same view is the same text, long or short.
        if last.known && last.view == view {
            return last.code;
        }
        let code = if view as u32 as usize <= INLINE {
            let (_, hash) = Self::hash_short(view);
            let found = self.table.find(Entry::place(hash), |e| {
                e.hash == hash && self.texts.view(e.code) == view
            });
            match found {
                Some(entry) => entry.code,
                None => self.insert(hash, array.value(row)),
            }
        } else {
            let text = array.value(row);
            let low = view as u64;
            self.code_of(low, self.hash_long(low, text.as_bytes()), text)
        };
        *last = Last {
            known: true,
            view,
            code,
        };
        code
    }

    fn number_code(&mut self, number: f64) -> u32 {
        let bits = number.to_bits();
        let id = self.numbers.code((bits >> 32) as u32, bits as u32) as usize;
        if let Some(code) = self.number_codes.get(id) {
            return *code;
        }
        let code = self.code(&format_number(number));
        self.number_codes.push(code);
        code
    }

    fn code_of(&mut self, low: u64, hash: u32, text: &str) -> u32 {
        let found = self.table.find(Entry::place(hash), |e| {
            e.hash == hash && self.texts.is(e.code, low, text)
        });
        match found {
            Some(entry) => entry.code,
            None => self.insert(hash, text),
        }
    }

    #[inline(never)]
    fn insert(&mut self, hash: u32, text: &str) -> u32 {
        let code = self.texts.len() as u32;
        self.texts.push(text);
        self.table
            .insert_unique(Entry::place(hash), Entry { hash, code }, |e| {
                Entry::place(e.hash)
            });
        code
    }
}

/// The row before, for runs of equal values.
#[derive(Default)]
struct Last {
    known: bool,
    view: u128,
    code: u32,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Value;

    fn codes(dictionary: &mut Dictionary, column: &Column) -> Vec<(usize, u32)> {
        let rows: Vec<u32> = (0..column.len() as u32).collect();
        let mut out = Vec::new();
        dictionary.encode(column, &rows, |at, code| out.push((at, code)));
        out
    }

    #[test]
    fn views_and_texts_share_codes() {
        let mut d = Dictionary::default();
        let long = "a text that is longer than a view";
        for text in [
            "",
            "a",
            "twelve bytes",
            "thirteen byte",
            long,
            "a text that is longer than a vieW",
        ] {
            let code = d.code(text);
            let column = Column::constant(&Value::from(text), 2);
            assert_eq!(codes(&mut d, &column), [(0, code), (1, code)], "{text}");
            assert_eq!(d.find(text), Some(code));
            assert_eq!(d.text(code), text);
        }
        assert_eq!(d.len(), 6);
        assert_eq!(d.find("b"), None);
    }

    #[test]
    fn numbers_are_their_text() {
        let mut d = Dictionary::default();
        let number = Column::Number(vec![1.0, 2.5, 1.0].into());
        assert_eq!(codes(&mut d, &number), [(0, 0), (1, 1), (2, 0)]);
        assert_eq!(d.code("2.5"), 1);
        assert_eq!(d.code("1.0"), 2);
    }

    #[test]
    fn multivalues_give_each_value_and_nulls_none() {
        let mut d = Dictionary::default();
        let column = Column::from_values([
            Value::Multi(vec!["x".into(), "y".into()]),
            Value::Null,
            Value::from("y"),
        ]);
        assert_eq!(codes(&mut d, &column), [(0, 0), (0, 1), (2, 1)]);
    }

    #[test]
    fn merge_maps_codes_and_ranks_order_bytes() {
        let (mut a, mut b) = (Dictionary::default(), Dictionary::default());
        for text in ["m", "z"] {
            a.code(text);
        }
        for text in ["z", "A", "m"] {
            b.code(text);
        }
        assert_eq!(a.merge(&b), [1, 2, 0]);
        assert_eq!(a.ranks(), [1, 2, 0]);
    }
}
