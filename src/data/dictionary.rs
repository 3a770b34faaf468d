//! Texts as small numbers: takes columns of text, gives each distinct text one code, in order of first appearance.
//!
//! Group keys, distinct values and pairs of them are counted, compared and merged by code; a text is copied once, when
//! it is seen first. A row whose text is known costs a hash of its view and no allocation.

use super::Column;
use super::number::format_number;
use arrow_array::{Array, StringViewArray};
use hashbrown::HashTable;
use std::hash::{BuildHasher, Hasher};

/// The longest text that a string view holds in itself.
const INLINE: usize = 12;

/// What tells texts apart before their bytes are looked at: length and first four bytes, then the other eight bytes
/// of a short text (the two are the text) or the hash of a long one.
type Tag = (u64, u64);

#[derive(Debug, Clone, Copy)]
struct Entry {
    tag: Tag,
    code: u32,
}

/// Distinct texts by code.
#[derive(Debug, Clone, Default)]
pub struct Dictionary {
    table: HashTable<Entry>,
    hasher: foldhash::fast::RandomState,
    /// All texts one after the other, and where each ends.
    arena: String,
    ends: Vec<usize>,
    /// Codes of numbers by their bits, so that a number that comes often is printed once.
    numbers: Pairs,
    number_codes: Vec<u32>,
}

/// Mixes two words into a hash.
fn mix(a: u64, b: u64) -> u64 {
    let product =
        u128::from(a ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(u128::from(b ^ 0xd1b5_4a32_d192_ed03));
    ((product as u64) ^ ((product >> 64) as u64)).wrapping_mul(0xa076_1d64_78bd_642f)
}

/// The tag of a short text, as its string view would have it.
fn short_tag(bytes: &[u8]) -> Tag {
    let mut word = [0u8; 16];
    if let (Some(head), Some(body)) = (word.first_mut(), bytes.get(..INLINE.min(bytes.len()))) {
        *head = bytes.len() as u8;
        for (to, from) in word.iter_mut().skip(4).zip(body) {
            *to = *from;
        }
    }
    let view = u128::from_le_bytes(word);
    (view as u64, (view >> 64) as u64)
}

impl Dictionary {
    /// Number of texts.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The text of a code.
    pub fn text(&self, code: u32) -> &str {
        let at = code as usize;
        let start = match at.checked_sub(1) {
            Some(before) => self.ends.get(before).copied().unwrap_or_default(),
            None => 0,
        };
        let end = self.ends.get(at).copied().unwrap_or(start);
        self.arena.get(start..end).unwrap_or_default()
    }

    /// The code of a text, new if it has none.
    pub fn code(&mut self, text: &str) -> u32 {
        let tag = self.tag(text);
        self.code_of(tag, text)
    }

    /// The code of a text that has one.
    pub fn find(&self, text: &str) -> Option<u32> {
        let tag = self.tag(text);
        let found = self.table.find(mix(tag.0, tag.1), |e| {
            e.tag == tag && (text.len() <= INLINE || self.text(e.code) == text)
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
        }
    }

    /// Adds the texts of another dictionary; gives the code here of each code there.
    pub fn merge(&mut self, other: &Dictionary) -> Vec<u32> {
        (0..other.len() as u32)
            .map(|code| self.code(other.text(code)))
            .collect()
    }

    /// For each code the place of its text in the order of bytes.
    pub fn ranks(&self) -> Vec<u32> {
        let mut codes: Vec<u32> = (0..self.len() as u32).collect();
        codes.sort_unstable_by(|a, b| self.text(*a).cmp(self.text(*b)));
        let mut ranks = vec![0; codes.len()];
        for (rank, code) in (0u32..).zip(codes) {
            if let Some(slot) = ranks.get_mut(code as usize) {
                *slot = rank;
            }
        }
        ranks
    }

    /// Bytes held, about.
    pub fn size(&self) -> usize {
        self.table.capacity() * size_of::<Entry>()
            + self.arena.capacity()
            + self.ends.capacity() * size_of::<usize>()
            + self.numbers.size()
    }

    fn tag(&self, text: &str) -> Tag {
        let bytes = text.as_bytes();
        if bytes.len() <= INLINE {
            return short_tag(bytes);
        }
        let (first, _) = bytes.split_at(4);
        let prefix = first.iter().rev().fold(0u64, |p, b| p << 8 | u64::from(*b));
        (
            u64::from(bytes.len() as u32) | prefix << 32,
            self.hash(bytes),
        )
    }

    fn hash(&self, bytes: &[u8]) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write(bytes);
        hasher.finish()
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
            let tag = (view as u64, (view >> 64) as u64);
            let found = self.table.find(mix(tag.0, tag.1), |e| e.tag == tag);
            match found {
                Some(entry) => entry.code,
                None => self.insert(tag, array.value(row)),
            }
        } else {
            let text = array.value(row);
            let tag = (view as u64, self.hash(text.as_bytes()));
            self.code_of(tag, text)
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

    fn code_of(&mut self, tag: Tag, text: &str) -> u32 {
        let found = self.table.find(mix(tag.0, tag.1), |e| {
            e.tag == tag && (text.len() <= INLINE || self.text(e.code) == text)
        });
        match found {
            Some(entry) => entry.code,
            None => self.insert(tag, text),
        }
    }

    #[cold]
    fn insert(&mut self, tag: Tag, text: &str) -> u32 {
        let code = self.ends.len() as u32;
        self.arena.push_str(text);
        self.ends.push(self.arena.len());
        self.table
            .insert_unique(mix(tag.0, tag.1), Entry { tag, code }, |e| {
                mix(e.tag.0, e.tag.1)
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

/// Distinct pairs of codes, each with a code of its own in order of first appearance.
#[derive(Debug, Clone, Default)]
pub struct Pairs {
    table: HashTable<(u32, u32, u32)>,
    list: Vec<(u32, u32)>,
}

impl Pairs {
    /// Number of pairs.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is no pair.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The code of a pair, new if it has none.
    #[inline]
    pub fn code(&mut self, a: u32, b: u32) -> u32 {
        let hash = mix(u64::from(a), u64::from(b) << 32);
        match self.table.find(hash, |e| (e.0, e.1) == (a, b)) {
            Some(entry) => entry.2,
            None => self.insert(hash, a, b),
        }
    }

    /// The pair of a code.
    pub fn pair(&self, code: u32) -> (u32, u32) {
        self.list.get(code as usize).copied().unwrap_or_default()
    }

    /// All pairs by code.
    pub fn list(&self) -> &[(u32, u32)] {
        &self.list
    }

    /// Bytes held, about.
    pub fn size(&self) -> usize {
        self.table.capacity() * size_of::<(u32, u32, u32)>()
            + self.list.capacity() * size_of::<(u32, u32)>()
    }

    #[cold]
    fn insert(&mut self, hash: u64, a: u32, b: u32) -> u32 {
        let code = self.list.len() as u32;
        self.list.push((a, b));
        self.table.insert_unique(hash, (a, b, code), |e| {
            mix(u64::from(e.0), u64::from(e.1) << 32)
        });
        code
    }
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
