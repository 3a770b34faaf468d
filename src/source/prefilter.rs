//! Which events may match, told from their bytes: takes literals, gives lines to read; may pass too much, never too little.
//!
//! The rarest group of literals is looked for in the whole piece of input, in any letter case; the other groups only in
//! the lines that have it. JSON can spell a character by an escape: a line with a `\uXXXX` that spells a character of a
//! literal passes. (`\/` and the like don't matter: literals are cut where JSON has to or may escape.) Two characters
//! outside ASCII turn into ASCII letters when case is folded, U+212A and U+0130: lines that hold them pass too.

use super::scanner::Level;
use super::scanner::kernel::{Kernel, Wanted, dispatch};
use crate::data::Literals;

/// Bytes that kernels look at together.
const BLOCK: usize = 64;

/// One text to look for.
#[derive(Debug, Clone)]
struct Needle {
    /// Lower case.
    text: Vec<u8>,
    /// The places of the two bytes that are looked for first.
    at: [usize; 2],
    wanted: [Wanted; 2],
}

/// Literals ready to be looked for.
#[derive(Debug, Clone)]
pub struct Prefilter {
    /// The group that is looked for first.
    first: Vec<Needle>,
    others: Vec<Vec<Needle>>,
    /// ASCII characters that the needles hold, one bit each.
    letters: u128,
    level: Level,
}

impl Prefilter {
    /// A filter of these literals; `None` when there are none.
    pub fn new(literals: &Literals, level: Level) -> Option<Self> {
        let mut groups: Vec<Vec<Needle>> = literals
            .groups
            .iter()
            .filter(|group| {
                !group.is_empty() && group.iter().all(|text| text.len() > 1 && text.is_ascii())
            })
            .map(|group| group.iter().map(|text| Needle::new(text)).collect())
            .collect();
        // The longest text is the rarest, by and large; a group is as rare as its most frequent member.
        let rarity = |group: &Vec<Needle>| group.iter().map(Needle::rarity).min().unwrap_or(0);
        let first = groups
            .iter()
            .enumerate()
            .max_by_key(|(_, group)| rarity(group))?
            .0;
        let first = groups.swap_remove(first);
        let letters = groups
            .iter()
            .chain([&first])
            .flatten()
            .flat_map(|needle| &needle.text)
            .fold(0, |set, byte| set | 1u128 << (byte & 127));
        Some(Self {
            first,
            others: groups,
            letters,
            level,
        })
    }

    /// Sets `candidate[i]` for each of the lines (ascending ranges of `buffer`) that may match.
    pub fn mark(&self, buffer: &[u8], lines: &[(usize, usize)], candidate: &mut [bool]) {
        for needle in &self.first {
            self.each_line(
                buffer,
                lines,
                &mut |from| find(self.level, buffer, from, needle),
                &mut |at| {
                    if let (Some(flag), Some(&(start, end))) =
                        (candidate.get_mut(at), lines.get(at))
                    {
                        *flag =
                            *flag || self.has_others(buffer.get(start..end).unwrap_or_default());
                    }
                },
            );
        }
        for special in [&b"\\u"[..], "\u{212a}".as_bytes(), "\u{130}".as_bytes()] {
            let finder = memchr::memmem::Finder::new(special);
            let mut next = |from: usize| {
                let mut from = from;
                loop {
                    let at = from + finder.find(buffer.get(from..)?)?;
                    if special != b"\\u"
                        || self.spells(buffer.get(at + 2..at + 6).unwrap_or_default())
                    {
                        return Some(at);
                    }
                    from = at + 2;
                }
            };
            self.each_line(buffer, lines, &mut next, &mut |at| {
                if let Some(flag) = candidate.get_mut(at) {
                    *flag = true;
                }
            });
        }
    }

    /// Calls `hit` with the number of each line in which `next` finds something.
    fn each_line(
        &self,
        buffer: &[u8],
        lines: &[(usize, usize)],
        next: &mut dyn FnMut(usize) -> Option<usize>,
        hit: &mut dyn FnMut(usize),
    ) {
        let (mut from, mut line) = (0, 0);
        while from < buffer.len() {
            let Some(found) = next(from) else { return };
            line += lines
                .get(line..)
                .unwrap_or_default()
                .partition_point(|(_, end)| *end <= found);
            let Some(&(start, end)) = lines.get(line) else {
                return;
            };
            if start <= found {
                hit(line);
            }
            // A text that runs over a line end is in neither line: go on just after its start.
            from = if start <= found { end } else { found + 1 };
        }
    }

    fn has_others(&self, line: &[u8]) -> bool {
        self.others.iter().all(|group| {
            group
                .iter()
                .any(|needle| find(self.level, line, 0, needle).is_some())
        })
    }

    /// Whether the four digits of an escape spell a character that a needle holds, or one that folds to ASCII.
    fn spells(&self, digits: &[u8]) -> bool {
        let code = std::str::from_utf8(digits)
            .ok()
            .and_then(|d| u32::from_str_radix(d, 16).ok());
        match code {
            Some(code @ 0..128) => {
                let lower = (code as u8).to_ascii_lowercase();
                self.letters & 1 << lower != 0
            }
            Some(0x212a | 0x130) | None => true,
            Some(_) => false,
        }
    }
}

impl Needle {
    fn new(text: &str) -> Self {
        let text = text.to_ascii_lowercase().into_bytes();
        let mut places: Vec<usize> = (0..text.len()).collect();
        places.sort_by_key(|at| text.get(*at).map_or(u32::MAX, |b| frequency(*b)));
        let first = places.first().copied().unwrap_or(0);
        let second = places
            .iter()
            .copied()
            .find(|at| text.get(*at) != text.get(first))
            .or(places.get(1).copied())
            .unwrap_or(0);
        let wanted = |at: usize| {
            let byte = text.get(at).copied().unwrap_or(0);
            Wanted {
                fold: if byte.is_ascii_lowercase() { 0x20 } else { 0 },
                byte,
            }
        };
        Self {
            wanted: [wanted(first), wanted(second)],
            at: [first, second],
            text,
        }
    }

    /// Larger for rarer texts.
    fn rarity(&self) -> usize {
        self.text.len()
    }

    fn is_at(&self, buffer: &[u8], at: usize) -> bool {
        buffer
            .get(at..at + self.text.len())
            .is_some_and(|text| text.eq_ignore_ascii_case(&self.text))
    }
}

/// How frequent a byte is in logs that are JSON, roughly: blanks and letters of English first, rare letters last.
fn frequency(byte: u8) -> u32 {
    const BY_FREQUENCY: &[u8] = b"\"etaoins:rc,ldu.pm-0gf12/_hvby{}w3456789kxj[]=qz";
    let place = BY_FREQUENCY
        .iter()
        .position(|b| *b == byte)
        .unwrap_or(BY_FREQUENCY.len());
    (BY_FREQUENCY.len() - place) as u32
}

/// Where the needle first stands at or after `from`, in any letter case.
fn find(level: Level, buffer: &[u8], from: usize, needle: &Needle) -> Option<usize> {
    dispatch!(level, search(buffer: &[u8], from: usize, needle: &Needle) -> Option<usize>)
}

#[inline(always)]
fn search<K: Kernel>(kernel: K, buffer: &[u8], from: usize, needle: &Needle) -> Option<usize> {
    let [a, b] = needle.at;
    let [first, second] = needle.wanted;
    let reach = a.max(b) + BLOCK;
    let mut at = from;
    while at + reach <= buffer.len() {
        let block = |place: usize| {
            buffer
                .get(at + place..)
                .and_then(<[u8]>::first_chunk::<BLOCK>)
        };
        let (Some(x), Some(y)) = (block(a), block(b)) else {
            break;
        };
        let mut bits = kernel.pair(x, first, y, second);
        while bits != 0 {
            let place = at + bits.trailing_zeros() as usize;
            if needle.is_at(buffer, place) {
                return Some(place);
            }
            bits &= bits - 1;
        }
        at += BLOCK;
    }
    (at..(buffer.len() + 1).saturating_sub(needle.text.len()))
        .find(|&place| needle.is_at(buffer, place))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(groups: &[&[&str]], text: &str) -> Vec<bool> {
        let groups = groups
            .iter()
            .map(|g| g.iter().map(|t| (*t).to_owned()).collect())
            .collect();
        let mut lines = Vec::new();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            lines.push((start, start + line.trim_end().len()));
            start += line.len();
        }
        let mut answers: Vec<Vec<bool>> = Vec::new();
        for level in Level::all() {
            let mut candidate = vec![false; lines.len()];
            if let Some(filter) = Prefilter::new(
                &Literals {
                    groups: Vec::clone(&groups),
                },
                level,
            ) {
                filter.mark(text.as_bytes(), &lines, &mut candidate);
            }
            answers.push(candidate);
        }
        assert!(answers.windows(2).all(|w| w[0] == w[1]), "levels differ");
        answers.swap_remove(0)
    }

    #[test]
    fn lines_with_all_groups_pass_in_any_case() {
        let text = format!(
            "{{\"u\":\"SYSTEM:Anonymous\"}}\n{{\"u\":\"system:anonymouX\"}}\n{}system:anonymous list\n",
            "x".repeat(200)
        );
        assert_eq!(marked(&[&["system:anonymous"]], &text), [true, false, true]);
        assert_eq!(
            marked(&[&["system:anonymous"], &["list", "watch"]], &text),
            [false, false, true]
        );
    }

    #[test]
    fn escapes_pass_when_they_may_spell_a_literal() {
        let text =
            "{\"u\":\"\\u0073ystem\"}\n{\"u\":\"\\u003ctag\"}\n{\"u\":\"\u{212a}\"}\nplain\n";
        assert_eq!(marked(&[&["system"]], text), [true, false, true, false]);
    }

    #[test]
    fn a_text_over_a_line_end_is_in_no_line() {
        assert_eq!(
            marked(&[&["abcd"]], "xab\ncdx\nabcd\n"),
            [false, false, true]
        );
    }
}
