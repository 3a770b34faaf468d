//! Many texts in a line, found by looking at every few of its bytes: takes texts, tells which of them a line has in any
//! letter case.
//!
//! A text of `n` bytes holds `n - 3` runs of four. Where all of these are known, it is enough to look at every
//! `n - 3`th place of the line: one of the places looked at lies at the start of such a run, and around it the whole
//! text is compared. Of a longer text only as many runs are known as there are places between two looks: the rarest.

use super::prefilter::frequency;

/// Bytes of a run.
const RUN: usize = 4;
/// Places between two looks at most.
const FAR: usize = 8;
/// Bits of the number that a run becomes.
const BITS: u32 = 17;
/// Words of a bit for each number.
const WORDS: usize = 1 << (BITS - 6);
/// Bits of a number that tell nothing of where its runs stand.
const LOW: u32 = 7;

/// Texts by their runs.
#[derive(Debug)]
pub struct Grams {
    step: usize,
    /// A bit for the number of each run: most places of a line are told by it alone.
    known: Box<[u64; WORDS]>,
    /// The runs in order of their numbers.
    runs: Vec<Run>,
    /// Where the runs begin whose numbers, without the low bits, are at least the index.
    starts: Vec<u32>,
    texts: Vec<Vec<u8>>,
}

/// Four bytes of a text.
#[derive(Debug, Clone, Copy)]
struct Run {
    folded: u32,
    text: u32,
    /// Where in the text it starts.
    at: u32,
    /// The last bytes of the text: most places are told by these.
    last: u32,
}

impl Grams {
    /// Shorter texts would be looked for at almost every place.
    pub const SHORTEST: usize = 7;

    /// Texts to find; `None` where there is none, or one is too short.
    pub fn new(texts: &[&[u8]]) -> Option<Self> {
        let shortest = texts.iter().map(|text| text.len()).min()?;
        if shortest < Self::SHORTEST {
            return None;
        }
        let step = (shortest - RUN + 1).min(FAR);
        let mut known = Box::new([0; WORDS]);
        let mut runs = Vec::new();
        for (text, bytes) in (0u32..).zip(texts) {
            let last = bytes.last_chunk().map(fold).unwrap_or_default();
            let (start, rarest) = rarest(bytes, step + RUN - 1);
            let of_text = rarest.windows(RUN).filter_map(<[u8]>::first_chunk);
            for (at, run) in (start as u32..).zip(of_text) {
                let folded = fold(run);
                let number = number(folded);
                if let Some(word) = known.get_mut(number >> 6) {
                    *word |= 1u64 << (number & 63);
                }
                runs.push(Run {
                    folded,
                    text,
                    at,
                    last,
                });
            }
        }
        runs.sort_unstable_by_key(|run: &Run| number(run.folded));
        let starts = 0..=(1usize << (BITS - LOW));
        let starts =
            starts.map(|part| runs.partition_point(|run| number(run.folded) >> LOW < part) as u32);
        Some(Self {
            starts: starts.collect(),
            step,
            known,
            runs,
            texts: texts.iter().map(|text| text.to_vec()).collect(),
        })
    }

    /// Gives the number of each text that the line has, until `found` says that it is enough; whether it did.
    pub fn find(&self, line: &[u8], mut found: impl FnMut(usize) -> bool) -> bool {
        // A run is no longer than a step.
        for (part, bytes) in line.chunks(self.step).enumerate() {
            let Some(run) = bytes.first_chunk() else {
                break;
            };
            let folded = fold(run);
            let number = number(folded);
            let word = self.known.get(number >> 6).copied().unwrap_or_default();
            if word >> (number & 63) & 1 == 1
                && self.find_at(line, part * self.step, folded, &mut found)
            {
                return true;
            }
        }
        false
    }

    /// The texts that have this run and stand around this place.
    #[inline(never)]
    fn find_at(
        &self,
        line: &[u8],
        place: usize,
        folded: u32,
        found: &mut impl FnMut(usize) -> bool,
    ) -> bool {
        let part = number(folded) >> LOW;
        let [Some(&start), Some(&end)] = [self.starts.get(part), self.starts.get(part + 1)] else {
            return false;
        };
        let runs = self
            .runs
            .get(start as usize..end as usize)
            .unwrap_or_default();
        let mut same = runs.iter().filter(|run| run.folded == folded);
        same.any(|run| {
            let text = self.texts.get(run.text as usize);
            let start = place.checked_sub(run.at as usize);
            let (Some(text), Some(start)) = (text, start) else {
                return false;
            };
            let here = line.get(start..start + text.len()).unwrap_or_default();
            here.last_chunk().is_some_and(|last| fold(last) == run.last)
                && here.eq_ignore_ascii_case(text)
                && found(run.text as usize)
        })
    }
}

/// The part of a text of this length whose bytes are the least frequent, and where it starts.
fn rarest(text: &[u8], length: usize) -> (usize, &[u8]) {
    let parts = text.windows(length).enumerate();
    let frequency = |part: &[u8]| part.iter().map(|byte| frequency(*byte)).sum::<u32>();
    let rarest = parts.min_by_key(|(_, part)| frequency(part));
    rarest.unwrap_or((0, text))
}

/// A run in one letter case. (Other characters that differ in this one bit become the same, too.)
#[inline(always)]
fn fold(run: &[u8; RUN]) -> u32 {
    u32::from_le_bytes(*run) | 0x2020_2020
}

/// A number for a run.
#[inline(always)]
fn number(folded: u32) -> usize {
    (folded.wrapping_mul(0x9e37_79b1) >> (32 - BITS)) as usize
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(texts: &[&str], line: &str) -> Vec<usize> {
        let texts: Vec<&[u8]> = texts.iter().map(|text| text.as_bytes()).collect();
        let mut numbers = Vec::new();
        Grams::new(&texts).unwrap().find(line.as_bytes(), |number| {
            numbers.push(number);
            false
        });
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    #[test]
    fn short_texts_are_not_taken() {
        assert!(Grams::new(&[b"short", b"long enough"]).is_none());
        assert!(Grams::new(&[]).is_none());
    }

    #[test]
    fn texts_are_found_whole_and_in_any_case() {
        let texts = ["deletetrail", "deletetrails", "stoplogging"];
        assert_eq!(all(&texts, "a StopLogging b DELETETRAIL"), [0, 2]);
        assert_eq!(all(&texts, "deletetrails"), [0, 1]);
        assert!(all(&texts, "{\"eventName\":\"StopLoggin\"} deletetrai").is_empty());
    }

    proptest! {
        #[test]
        fn what_a_line_has_is_found(
            texts in prop::collection::vec("[ab.:]{8,12}", 1..20),
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
