//! Eight patterns of a few bytes in a row: takes texts, gives the tables in which kernels look up where one may begin.

use super::kernel::BLOCK;

/// Bytes that a pattern looks at.
pub const RUN: usize = 6;

/// A block, and as much after it as a pattern that begins at its last byte looks at.
pub type Reach = [u8; BLOCK + RUN - 1];

/// Tables of which bytes may stand where in a pattern: bit `p` tells of pattern `p`. A pattern begins at a place when its
/// bit is set for all of the bytes there.
#[derive(Debug, Clone)]
pub struct Patterns {
    /// By place in the run and by byte, without its top bit.
    pub by_byte: [[u8; 128]; RUN],
    /// By place in the run and by the byte's lower half.
    pub low: [[u8; 16]; RUN],
    /// By place in the run and by the byte's upper half.
    pub high: [[u8; 16]; RUN],
}

impl Patterns {
    /// How many there are.
    pub const COUNT: usize = 8;

    /// Patterns of no texts.
    pub fn none() -> Self {
        Self {
            by_byte: [[0; 128]; RUN],
            low: [[0; 16]; RUN],
            high: [[0; 16]; RUN],
        }
    }

    /// Lets the texts that begin so, in any letter case, begin a pattern as well. What a shorter text leaves open may be
    /// any byte; of a longer one the rest is not looked at.
    pub fn add(&mut self, pattern: usize, text: &[u8]) {
        let bit = 1u8 << (pattern % Self::COUNT);
        let tables = self.by_byte.iter_mut().zip(&mut self.low);
        for (at, ((by_byte, low), high)) in tables.zip(&mut self.high).enumerate() {
            let Some(byte) = text.get(at) else {
                for table in [&mut by_byte[..], low, high] {
                    table.iter_mut().for_each(|set| *set |= bit);
                }
                continue;
            };
            for byte in [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()] {
                for (table, index) in [
                    (&mut by_byte[..], byte & 127),
                    (low, byte & 15),
                    (high, byte >> 4),
                ] {
                    if let Some(set) = table.get_mut(usize::from(index)) {
                        *set |= bit;
                    }
                }
            }
        }
    }

    /// The places of a block where a pattern may begin, byte by byte.
    #[inline(always)]
    pub fn begin(&self, bytes: &Reach) -> u64 {
        let starts = bytes.windows(RUN).take(BLOCK);
        starts.enumerate().fold(0, |bits, (place, run)| {
            let sets = self.by_byte.iter().zip(run);
            let set =
                |(table, byte): (&[u8; 128], &u8)| table.get(usize::from(byte & 127)).copied();
            let left = sets.fold(u8::MAX, |left, next| left & set(next).unwrap_or_default());
            bits | u64::from(left != 0) << place
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::kernel::{Kernel, Level, dispatch};
    use super::*;
    use proptest::prelude::*;

    #[inline(always)]
    fn look(kernel: impl Kernel, patterns: &Patterns, bytes: &Reach) -> u64 {
        kernel.patterns(patterns, bytes)
    }

    proptest! {
        #[test]
        fn no_kernel_misses_where_a_text_begins(
            texts in prop::collection::vec(("[ a-d:]{1,8}", 0usize..8), 1..12),
            bytes in prop::collection::vec(prop_oneof![prop::sample::select(b" abcdABCD:\x9a".to_vec()), any::<u8>()], BLOCK + RUN - 1),
        ) {
            let mut patterns = Patterns::none();
            for (text, pattern) in &texts {
                patterns.add(*pattern, text.as_bytes());
            }
            let begins = |place: usize| texts.iter().any(|(text, _)| {
                let text = &text.as_bytes()[..text.len().min(RUN)];
                bytes[place..].get(..text.len()).is_some_and(|here| here.eq_ignore_ascii_case(text))
            });
            let least = (0..BLOCK).filter(|place| begins(*place)).fold(0u64, |bits, place| bits | 1 << place);
            let (reach, patterns): (&Reach, _) = (bytes[..].try_into().unwrap(), &patterns);
            for level in Level::all() {
                let found = dispatch!(level, look(patterns: &Patterns, reach: &Reach) -> u64);
                prop_assert_eq!(found & least, least, "{:?}", level);
            }
        }

        #[test]
        fn one_pattern_of_one_text_begins_nowhere_else(text in "[a-z]{6}", bytes in "[a-zA-Z ]{69}") {
            let mut patterns = Patterns::none();
            patterns.add(3, text.as_bytes());
            let (reach, patterns): (&Reach, _) = (bytes.as_bytes().try_into().unwrap(), &patterns);
            let lower = bytes.to_ascii_lowercase();
            let exact = (0..BLOCK).filter(|place| lower[*place..].starts_with(&text)).fold(0u64, |bits, place| bits | 1 << place);
            for level in Level::all() {
                let found = dispatch!(level, look(patterns: &Patterns, reach: &Reach) -> u64);
                prop_assert_eq!(found, exact, "{:?}", level);
            }
        }
    }
}
