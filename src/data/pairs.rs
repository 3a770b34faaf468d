//! Pairs of small numbers as small numbers: takes pairs of codes, gives each distinct pair one code, in order of first
//! appearance. Groups of several fields and the values of groups are such pairs.

use super::dictionary::mix;
use hashbrown::HashTable;

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

    #[test]
    fn each_pair_has_one_code() {
        let mut pairs = Pairs::default();
        let codes: Vec<u32> = (0..2000).map(|i| pairs.code(i % 40, i % 25)).collect();
        assert_eq!(pairs.len(), 200);
        let known = (0..2000u32).zip(&codes);
        assert!(
            known
                .clone()
                .all(|(i, code)| pairs.pair(*code) == (i % 40, i % 25))
        );
        assert!(pairs.size() >= 200 * 20);
    }
}
