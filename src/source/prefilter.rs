//! Which events may match, told from their bytes: takes literals, gives lines to read; may pass too much, never too little.
//!
//! The rarest group of literals is looked for in the whole piece of input, in any letter case; the other groups only in
//! the lines that have it. JSON can spell a character by an escape: a line with a `\uXXXX` that spells a character of a
//! literal passes. (`\/` and the like don't matter: literals are cut where JSON has to or may escape.) Two characters
//! outside ASCII turn into ASCII letters when case is folded, U+212A and U+0130: lines that hold them pass too.

use super::scanner::Level;
use super::scanner::kernel::{Block, Kernel, Wanted, dispatch};

/// Bytes that kernels look at together.
const BLOCK: usize = 64;
/// The first of the two bytes that an escape by number begins with.
const SLASH: Wanted = Wanted {
    fold: 0,
    byte: b'\\',
};
/// The second of them.
const U: Wanted = Wanted {
    fold: 0,
    byte: b'u',
};

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
    /// Bytes from the start of a block that a look at it reads.
    reach: usize,
    level: Level,
}

impl Prefilter {
    /// A filter of these groups of literals; `None` when there are none.
    pub fn new(groups: &[Vec<String>], level: Level) -> Option<Self> {
        let mut groups: Vec<Vec<Needle>> = groups
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
        let reach = first.iter().flat_map(|needle| needle.at).max().unwrap_or(0);
        Some(Self {
            reach: reach.max(1) + BLOCK,
            first,
            others: groups,
            letters,
            level,
        })
    }

    /// Finds the lines of a buffer from a line's start on, see [`trimmed`], and which of them may match.
    pub fn lines(
        &self,
        buffer: &[u8],
        from: usize,
        lines: &mut Vec<(usize, usize)>,
        candidate: &mut Vec<bool>,
    ) {
        let (mut start, mut from) = (from, from);
        while start <= buffer.len() {
            let found = find(self.level, self, buffer, from, true);
            let (end, passes) = match found {
                None => (buffer.len(), false),
                Some((at, What::LineEnd)) => (at, false),
                Some((at, what)) => {
                    let rest = buffer.get(at..).unwrap_or_default();
                    let end = at + memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                    let bytes = |from| buffer.get(from..end).unwrap_or_default();
                    (end, self.passes(what, bytes(start), bytes(at)))
                }
            };
            if let Some(line) = trimmed(buffer, start, end) {
                lines.push(line);
                candidate.push(passes);
            }
            start = end + 1;
            from = start;
        }
    }

    /// Sets `candidate[i]` for each of the events (ascending ranges of `buffer`) that may match.
    pub fn mark(&self, buffer: &[u8], events: &[(usize, usize)], candidate: &mut [bool]) {
        let (mut from, mut event) = (events.first().map_or(0, |(start, _)| *start), 0);
        while let Some((found, what)) = find(self.level, self, buffer, from, false) {
            let rest = events.get(event..).unwrap_or_default();
            event += rest.partition_point(|(_, end)| *end <= found);
            let Some(&(start, end)) = events.get(event) else {
                return;
            };
            // A text that begins before an event is not its own, but may hide one that is.
            from = found + 1;
            if start <= found {
                let bytes = |from| buffer.get(from..end).unwrap_or_default();
                if let Some(flag) = candidate.get_mut(event) {
                    *flag = self.passes(what, bytes(start), bytes(found));
                }
                from = end;
            }
        }
    }

    /// The texts that are looked for first: an event without any of them does not match, save by a special.
    pub fn first_texts(&self) -> impl Iterator<Item = &[u8]> {
        self.first.iter().map(|needle| needle.text.as_slice())
    }

    /// The same filter, which also marks what may spell a text of another.
    pub fn hiding(mut self, other: &Self) -> Self {
        self.letters |= other.letters;
        self
    }

    /// Whether something in an event may spell a text of the filter by other characters.
    pub fn may_hide(&self, event: &[u8]) -> bool {
        has_special(self.level, event, self)
    }

    /// Whether an event has a text of the first group.
    pub fn has_first(&self, line: &[u8]) -> bool {
        self.first
            .iter()
            .any(|needle| has(self.level, line, needle))
    }

    /// Whether an event has a text of each of the other groups.
    pub fn has_others(&self, line: &[u8]) -> bool {
        self.others
            .iter()
            .all(|group| group.iter().any(|needle| has(self.level, line, needle)))
    }

    /// What stands at a place, if it matters.
    #[inline]
    fn what(&self, buffer: &[u8], at: usize, line_ends: bool) -> Option<What> {
        let rest = buffer.get(at..)?;
        if line_ends && rest.first() == Some(&b'\n') {
            return Some(What::LineEnd);
        }
        if self.is_special(rest) {
            return Some(What::Special);
        }
        let found = self.first.iter().any(|needle| needle.is_at(buffer, at));
        found.then_some(What::Literal)
    }

    /// Whether the text begins with something that may spell a text of the filter.
    #[inline]
    fn is_special(&self, text: &[u8]) -> bool {
        match text {
            [b'\\', b'u', digits @ ..] => self.spells(digits.get(..4).unwrap_or_default()),
            // U+212A and U+0130.
            [0xe2, 0x84, 0xaa, ..] | [0xc4, 0xb0, ..] => true,
            _ => false,
        }
    }

    /// Whether an event passes in which this was found first, at the start of `rest`.
    fn passes(&self, what: What, event: &[u8], rest: &[u8]) -> bool {
        what == What::Special || self.has_others(event) || has_special(self.level, rest, self)
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

    /// The places of a block that have the two bytes; `bytes` holds the block and as much more as the needle needs.
    #[inline(always)]
    fn probe<K: Kernel>(&self, kernel: K, bytes: &[u8]) -> u64 {
        let ([a, b], [first, second]) = (self.at, self.wanted);
        match (block(bytes, a), block(bytes, b)) {
            (Some(x), Some(y)) => kernel.pair(x, first, y, second),
            _ => u64::MAX,
        }
    }

    fn is_at(&self, buffer: &[u8], at: usize) -> bool {
        buffer
            .get(at..at + self.text.len())
            .is_some_and(|text| text.eq_ignore_ascii_case(&self.text))
    }
}

/// How frequent a byte is in logs that are JSON, roughly: blanks and letters of English first, rare letters last.
pub(super) fn frequency(byte: u8) -> u32 {
    const BY_FREQUENCY: &[u8] = b"\"etaoins:rc,ldu.pm-0gf12/_hvby{}w3456789kxj[]=qz";
    let place = BY_FREQUENCY
        .iter()
        .position(|b| *b == byte)
        .unwrap_or(BY_FREQUENCY.len());
    (BY_FREQUENCY.len() - place) as u32
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    /// A text of the first group.
    Literal,
    /// Something that may spell any text.
    Special,
    /// The end of a line.
    LineEnd,
}

/// A line without blanks around it; `None` when nothing is left.
pub fn trimmed(buffer: &[u8], start: usize, end: usize) -> Option<(usize, usize)> {
    let line = buffer.get(start..end)?;
    let blank = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_whitespace);
    if !blank(line.first()) && !blank(line.last()) {
        return (!line.is_empty()).then_some((start, end));
    }
    let left = start + line.len() - line.trim_ascii_start().len();
    let length = line.trim_ascii().len();
    (length > 0).then_some((left, left + length))
}

/// The first thing at or after `from` that tells of a match, or a line end where those are wanted.
fn find(
    level: Level,
    filter: &Prefilter,
    buffer: &[u8],
    from: usize,
    line_ends: bool,
) -> Option<(usize, What)> {
    dispatch!(level, look(filter: &Prefilter, buffer: &[u8], from: usize, line_ends: bool) -> Option<(usize, What)>)
}

#[inline(always)]
fn look<K: Kernel>(
    kernel: K,
    filter: &Prefilter,
    buffer: &[u8],
    from: usize,
    line_ends: bool,
) -> Option<(usize, What)> {
    // The byte 0xff asks for nothing more: it is beyond ASCII anyway.
    let line_end = if line_ends { b'\n' } else { 0xff };
    let (rarest, others) = filter.first.split_first()?;
    let ([a, b], [first_byte, second_byte]) = (rarest.at, rarest.wanted);
    let probe = |bytes: &[u8]| {
        let blocks = [0, 1, a, b].map(|at| block(bytes, at));
        let [Some(here), Some(after), Some(x), Some(y)] = blocks else {
            return u64::MAX;
        };
        let escape = (here, SLASH, after, U);
        let literal = (x, first_byte, y, second_byte);
        let mut bits = kernel.signs([escape, literal], line_end);
        for needle in others {
            bits |= needle.probe(kernel, bytes);
        }
        bits
    };
    let test = |place| Some((place, filter.what(buffer, place, line_ends)?));
    first(buffer, from, filter.reach, probe, test)
}

/// Whether a text has the needle.
fn has(level: Level, text: &[u8], needle: &Needle) -> bool {
    dispatch!(level, has_needle(text: &[u8], needle: &Needle) -> bool)
}

#[inline(always)]
fn has_needle<K: Kernel>(kernel: K, text: &[u8], needle: &Needle) -> bool {
    let [a, b] = needle.at;
    let probe = |bytes: &[u8]| needle.probe(kernel, bytes);
    let test = |place| needle.is_at(text, place).then_some(());
    first(text, 0, a.max(b) + BLOCK, probe, test).is_some()
}

/// Whether a text has something that may spell any text.
fn has_special(level: Level, text: &[u8], filter: &Prefilter) -> bool {
    dispatch!(level, any_special(text: &[u8], filter: &Prefilter) -> bool)
}

#[inline(always)]
fn any_special<K: Kernel>(kernel: K, text: &[u8], filter: &Prefilter) -> bool {
    let probe = |bytes: &[u8]| special(kernel, bytes);
    let test = |place| filter.is_special(text.get(place..)?).then_some(());
    first(text, 0, BLOCK + 1, probe, test).is_some()
}

/// The places of a block that may begin something special.
#[inline(always)]
fn special<K: Kernel>(kernel: K, bytes: &[u8]) -> u64 {
    match (block(bytes, 0), block(bytes, 1)) {
        (Some(here), Some(after)) => kernel.pair(here, SLASH, after, U) | kernel.beyond(here),
        _ => u64::MAX,
    }
}

#[inline(always)]
fn block(bytes: &[u8], at: usize) -> Option<&Block> {
    bytes.get(at..)?.first_chunk()
}

/// The first place at or after `from` that passes the test, of those that the probe gives for the block at the start of
/// `reach` bytes; at the end of the text, of all.
#[inline(always)]
fn first<T>(
    text: &[u8],
    from: usize,
    reach: usize,
    probe: impl Fn(&[u8]) -> u64,
    test: impl Fn(usize) -> Option<T>,
) -> Option<T> {
    let mut at = from;
    while let Some(bytes) = text.get(at..at + reach) {
        let mut bits = probe(bytes);
        while bits != 0 {
            let found = test(at + bits.trailing_zeros() as usize);
            if found.is_some() {
                return found;
            }
            bits &= bits - 1;
        }
        at += BLOCK;
    }
    (at..text.len()).find_map(test)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn marked(groups: &[&[&str]], text: &str) -> Vec<bool> {
        let groups: Vec<Vec<String>> = groups
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
            if let Some(filter) = Prefilter::new(&groups, level) {
                filter.mark(text.as_bytes(), &lines, &mut candidate);
                let (mut found, mut marked) = (Vec::new(), Vec::new());
                filter.lines(text.as_bytes(), 0, &mut found, &mut marked);
                assert_eq!((&found, &marked), (&lines, &candidate), "{level:?}");
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
    fn an_escape_passes_after_a_literal_of_another_group() {
        let text = "{\"a\":\"system\",\"b\":\"\\u006cist\"}\n{\"a\":\"system\",\"b\":\"\u{130}\"}\nsystem\n";
        assert_eq!(marked(&[&["system"], &["list"]], text), [true, true, false]);
    }

    proptest! {
        #[test]
        fn what_holds_all_groups_passes_and_what_lacks_the_first_does_not(
            lines in prop::collection::vec("[ab\"K]{1,3}([abB]{0,20}[\\\\u06 é]{0,8}){0,9}x", 1..6),
            first in "[ab]{3,9}", second in "[ab]{2}",
        ) {
            let text = lines.join("\n");
            let marks = marked(&[&[&first], &[&second]], &text);
            for (line, mark) in text.lines().zip(marks) {
                let folded = line.to_ascii_lowercase();
                let plain = !line.contains("\\u") && line.is_ascii();
                let holds = folded.contains(&first) && folded.contains(&second);
                prop_assert!(if plain { mark == holds } else { mark || !holds }, "{:?}", line);
            }
        }
    }

    #[test]
    fn a_text_over_a_line_end_is_in_no_line() {
        assert_eq!(
            marked(&[&["abcd"]], "xab\ncdx\nabcd\n"),
            [false, false, true]
        );
    }
}
