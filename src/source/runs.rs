//! Many texts, found in one walk over the bytes: takes texts, tells where which of them stands in any letter case.
//!
//! Of each text the rarest few bytes in a row are its run. The runs are spread over eight patterns, which a kernel looks
//! for at all places of a block together. Few places begin a pattern; the first bytes of the run there tell most of the
//! rest apart, and around what is left the whole text is compared.

use super::prefilter::frequency;
use super::scanner::patterns::{Patterns, RUN};

/// Bits of the number that a key becomes.
const BITS: u32 = 13;
/// Words of a bit for each number.
const WORDS: usize = 1 << (BITS - 6);

/// Texts by their runs.
#[derive(Debug)]
pub struct Runs {
    /// Tells where a run may begin.
    pub patterns: Box<Patterns>,
    /// The runs of texts that are no shorter.
    whole: Keys<RUN>,
    /// The first bytes of shorter texts.
    part: Keys<4>,
    /// The texts that are shorter still.
    short: Vec<u32>,
    texts: Vec<Vec<u8>>,
}

/// Runs by their first `N` bytes.
#[derive(Debug)]
struct Keys<const N: usize> {
    /// A bit for the number of each: most places where a pattern begins by chance are told by it.
    known: Box<[u64; WORDS]>,
    /// In order of their keys.
    runs: Vec<Run>,
}

/// The rarest bytes of a text.
#[derive(Debug, Clone, Copy)]
struct Run {
    key: u64,
    text: u32,
    /// Where in the text they start.
    at: u32,
}

impl Runs {
    /// Texts to find, in lower case.
    pub fn new(texts: &[&[u8]]) -> Self {
        let (mut whole, mut part, mut short) = (Vec::new(), Vec::new(), Vec::new());
        let mut parts = Vec::new();
        for (text, bytes) in (0u32..).zip(texts) {
            let (at, run) = rarest(bytes, RUN.min(bytes.len()).max(1));
            let at = at as u32;
            parts.push(run);
            if let Some(key) = run.first_chunk::<RUN>().map(fold) {
                whole.push(Run { key, text, at });
            } else if let Some(key) = run.first_chunk::<4>().map(fold) {
                part.push(Run { key, text, at });
            } else {
                short.push(text);
            }
        }
        Self {
            patterns: Box::new(spread(parts)),
            whole: Keys::new(whole),
            part: Keys::new(part),
            short,
            texts: texts.iter().map(|text| text.to_vec()).collect(),
        }
    }

    /// Gives the number of each text whose run begins at this place, and where the text starts, until `found` says that it
    /// is enough; whether it did.
    #[inline]
    pub fn at(
        &self,
        buffer: &[u8],
        place: usize,
        mut found: impl FnMut(usize, usize) -> bool,
    ) -> bool {
        let rest = buffer.get(place..).unwrap_or_default();
        let mut around = |run: &Run| {
            let start = place.checked_sub(run.at as usize);
            start.is_some_and(|start| {
                self.is_at(run.text, buffer, start) && found(run.text as usize, start)
            })
        };
        for runs in [self.whole.of(rest), self.part.of(rest)] {
            if !runs.is_empty() && runs.iter().any(&mut around) {
                return true;
            }
        }
        let mut short = self.short.iter();
        short.any(|text| self.is_at(*text, buffer, place) && found(*text as usize, place))
    }

    fn is_at(&self, text: u32, buffer: &[u8], start: usize) -> bool {
        let text = self.texts.get(text as usize).map_or(&[][..], Vec::as_slice);
        let here = buffer.get(start..start + text.len());
        here.is_some_and(|here| here.eq_ignore_ascii_case(text))
    }
}

impl<const N: usize> Keys<N> {
    fn new(mut runs: Vec<Run>) -> Self {
        let mut known = Box::new([0; WORDS]);
        for run in &runs {
            let number = number(run.key);
            if let Some(word) = known.get_mut(number >> 6) {
                *word |= 1u64 << (number & 63);
            }
        }
        runs.sort_by_key(|run| run.key);
        Self { known, runs }
    }

    /// The runs that a text begins with.
    #[inline]
    fn of(&self, text: &[u8]) -> &[Run] {
        let Some(key) = text.first_chunk::<N>().map(fold) else {
            return &[];
        };
        let number = number(key);
        let word = self.known.get(number >> 6).copied().unwrap_or_default();
        match word >> (number & 63) & 1 {
            0 => &[],
            _ => self.with(key),
        }
    }

    #[inline(never)]
    fn with(&self, key: u64) -> &[Run] {
        let from = self.runs.partition_point(|run| run.key < key);
        let rest = self.runs.get(from..).unwrap_or_default();
        let end = rest.iter().take_while(|run| run.key == key).count();
        rest.get(..end).unwrap_or_default()
    }
}

/// Texts as patterns: each goes to the one that it makes the least more frequent, the rarest last.
fn spread(mut texts: Vec<&[u8]>) -> Patterns {
    let mut patterns = Patterns::none();
    // What part of all bytes may stand at each place, and which.
    let mut sets = [[(0f32, 0u128); RUN]; Patterns::COUNT];
    let chance = |set: &[(f32, u128); RUN]| set.iter().map(|(share, _)| share).product::<f32>();
    let with = |set: &[(f32, u128); RUN], text: &[u8]| {
        let mut set = *set;
        for (at, (share, bytes)) in set.iter_mut().enumerate() {
            match text.get(at) {
                None => *share = 1.0,
                Some(byte) if *bytes >> (byte & 127) & 1 == 0 => {
                    *bytes |= 1 << (byte & 127);
                    *share = (*share + common(*byte)).min(1.0);
                }
                Some(_) => {}
            }
        }
        set
    };
    texts.sort_by(|a, b| rarity(a).total_cmp(&rarity(b)).reverse());
    for text in texts {
        let more = |set: &[(f32, u128); RUN]| chance(&with(set, text)) - chance(set);
        let least = sets
            .iter()
            .enumerate()
            .min_by(|a, b| more(a.1).total_cmp(&more(b.1)));
        let Some(pattern) = least.map(|(pattern, _)| pattern) else {
            break;
        };
        patterns.add(pattern, text);
        if let Some(set) = sets.get_mut(pattern) {
            *set = with(set, text);
        }
    }
    patterns
}

/// How likely it is to meet a text by chance, roughly.
fn rarity(text: &[u8]) -> f32 {
    text.iter().take(RUN).map(|byte| common(*byte)).product()
}

/// What part of all bytes is this one, roughly.
fn common(byte: u8) -> f32 {
    (frequency(byte) as f32 / 6.0).exp2() / 2000.0
}

/// The part of a text of this length whose bytes are the least frequent, and where it starts.
fn rarest(text: &[u8], length: usize) -> (usize, &[u8]) {
    let parts = text.windows(length).enumerate();
    let frequency = |part: &[u8]| part.iter().map(|byte| frequency(*byte)).sum::<u32>();
    let rarest = parts.min_by_key(|(_, part)| frequency(part));
    rarest.unwrap_or((0, text))
}

/// The first bytes of a run in one letter case. (Other characters that differ in this one bit become the same, too.)
#[inline(always)]
fn fold<const N: usize>(run: &[u8; N]) -> u64 {
    let (mut key, mut at) = (0, 0);
    // By hand: iterators are no part of what the kernels' functions take in.
    while at < N {
        key |= u64::from(run[at] | 0x20) << (8 * at);
        at += 1;
    }
    key
}

/// A number for them.
#[inline(always)]
fn number(key: u64) -> usize {
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - BITS)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::scanner::Level;
    use crate::source::scanner::kernel::{BLOCK, Kernel, dispatch};
    use proptest::prelude::*;

    #[inline(always)]
    fn begins(kernel: impl Kernel, patterns: &Patterns, line: &[u8; BLOCK + RUN - 1]) -> u64 {
        kernel.patterns(patterns, line)
    }

    fn all(texts: &[&str], line: &str) -> Vec<usize> {
        let texts: Vec<&[u8]> = texts.iter().map(|text| text.as_bytes()).collect();
        let runs = Runs::new(&texts);
        let mut block = [b'~'; BLOCK + RUN - 1];
        block[..line.len()].copy_from_slice(line.as_bytes());
        let (level, patterns, block) = (Level::best(), &runs.patterns, &block);
        let places =
            dispatch!(level, begins(patterns: &Patterns, block: &[u8; BLOCK + RUN - 1]) -> u64);
        let mut numbers = Vec::new();
        for place in (0..BLOCK).filter(|place| places >> place & 1 == 1) {
            runs.at(line.as_bytes(), place, |number, start| {
                assert!(
                    line[start..]
                        .to_lowercase()
                        .starts_with(std::str::from_utf8(texts[number]).unwrap_or("?"))
                );
                numbers.push(number);
                false
            });
        }
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    #[test]
    fn texts_are_found_whole_and_in_any_case() {
        let texts = ["deletetrail", "deletetrails", "stoplogging", "4", "ab"];
        assert_eq!(all(&texts, "a StopLogging b DELETETRAIL"), [0, 2]);
        assert_eq!(all(&texts, "deletetrails 4"), [0, 1, 3]);
        assert_eq!(
            all(&texts, "{\"eventName\":\"StopLoggin\"} deletetrai aB"),
            [4]
        );
    }

    proptest! {
        #[test]
        fn what_a_line_has_is_found(
            texts in prop::collection::vec("[ab.:]{1,12}", 1..20),
            before in "[ab.:]{0,20}", after in "[abAB.:]{0,20}", which in any::<prop::sample::Index>(), upper in any::<bool>(),
        ) {
            let text = which.get(&texts);
            let line = format!("{before}{}{after}", if upper { text.to_uppercase() } else { text.clone() });
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let low = line.to_lowercase();
            let expected: Vec<usize> = (0..texts.len()).filter(|at| low.contains(texts[*at])).collect();
            prop_assert_eq!(all(&texts, &line), expected);
        }
    }
}
