//! Which events may match, told from their bytes: takes literals, gives lines to read; may pass too much, never too little.
//!
//! The rarest group of literals is looked for in the whole piece of input, in any letter case; the other groups only in
//! the lines that have it. A line with something that may hide a literal passes, see [`Hidden`].

use super::hidden::{self, Hidden, SLASH, U};
use super::places::{self, Found, Seen, Signs, Verdict, block, blocks, ended, first};
use super::scanner::Level;
use super::scanner::kernel::{BLOCK, Kernel, Wanted, dispatch};

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
    hidden: Hidden,
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
        let needles = groups.iter().chain([&first]).flatten();
        let hidden = Hidden::new(needles.map(|needle| needle.text.as_slice()));
        let reach = first.iter().flat_map(|needle| needle.at).max().unwrap_or(0);
        Some(Self {
            reach: reach.max(1) + BLOCK,
            first,
            others: groups,
            hidden,
            level,
        })
    }

    /// Finds the lines of a buffer from a line's start on that may match.
    pub fn lines(&self, buffer: &[u8], from: usize, found: &mut Found) {
        let filter = self;
        dispatch!(self.level, lines(filter: &Prefilter, buffer: &[u8], from: usize, found: &mut Found) -> ())
    }

    /// Sets `candidate[i]` for each of the events (ascending ranges of `buffer`) that may match.
    pub fn mark(&self, buffer: &[u8], events: &[(usize, usize)], candidate: &mut [bool]) {
        let filter = self;
        dispatch!(
            self.level,
            mark(filter: &Prefilter, buffer: &[u8], events: &[(usize, usize)], candidate: &mut [bool]) -> ()
        )
    }

    /// Looks for several texts as [`Signs::find`] does.
    #[inline(always)]
    fn find_any<K: Kernel, const LINES: bool>(&self, kernel: K, buffer: &[u8], at: usize) -> Seen {
        let mut seen = Seen::from(at);
        let mut ended = ended(buffer, at);
        while let Some(bytes) = buffer.get(seen.block..seen.block + self.reach) {
            let Some(here) = block(bytes, 0) else { break };
            let mut bits = hidden::places(kernel, bytes);
            for needle in &self.first {
                bits |= needle.probe(kernel, bytes);
            }
            if seen.add::<K, LINES>(kernel, here, bits, &mut ended) {
                break;
            }
            seen.block += BLOCK;
        }
        seen
    }

    /// What may spell one of its texts.
    pub fn hidden(&self) -> Hidden {
        self.hidden
    }

    /// The texts that are looked for first: an event without any of them does not match, save by what may spell one.
    pub fn first_texts(&self) -> impl Iterator<Item = &[u8]> {
        self.first.iter().map(|needle| needle.text.as_slice())
    }

    /// Whether an event has a text of each of the other groups.
    pub fn has_others(&self, line: &[u8]) -> bool {
        self.others
            .iter()
            .all(|group| group.iter().any(|needle| has(self.level, line, needle)))
    }
}

impl Signs for Prefilter {
    #[inline(always)]
    fn find<K: Kernel, const LINES: bool>(&self, kernel: K, buffer: &[u8], at: usize) -> Seen {
        let [needle] = self.first.as_slice() else {
            return self.find_any::<K, LINES>(kernel, buffer, at);
        };
        let mut seen = Seen::from(at);
        // The blocks at the four places that matter, side by side, so that nothing is left to check for each.
        let ([a, b], [first, second]) = (needle.at, needle.wanted);
        let length = buffer.len().saturating_sub(at);
        let count = (length + BLOCK).saturating_sub(self.reach) / BLOCK;
        let (here, after) = (blocks(buffer, at, count), blocks(buffer, at + 1, count));
        let (x, y) = (blocks(buffer, at + a, count), blocks(buffer, at + b, count));
        let mut ended = ended(buffer, at);
        let mut number = 0;
        while let (Some(here), Some(after), Some(x), Some(y)) = (
            here.get(number),
            after.get(number),
            x.get(number),
            y.get(number),
        ) {
            let bits = kernel.signs([(here, SLASH, after, U), (x, first, y, second)]);
            if seen.add::<K, LINES>(kernel, here, bits, &mut ended) {
                break;
            }
            number += 1;
        }
        seen.block = at + number * BLOCK;
        seen
    }

    #[inline]
    fn judge(
        &self,
        buffer: &[u8],
        place: usize,
        start: usize,
        end: &mut dyn FnMut() -> usize,
    ) -> Verdict {
        if self.hidden.is_at(buffer.get(place..).unwrap_or_default()) {
            return Verdict::Passes;
        }
        if !self.first.iter().any(|needle| needle.is_at(buffer, place)) {
            return Verdict::Nothing;
        }
        let end = end();
        let bytes = |from| buffer.get(from..end).unwrap_or_default();
        if self.has_others(bytes(start)) || self.hidden.is_in(self.level, bytes(place)) {
            Verdict::Passes
        } else {
            Verdict::Fails
        }
    }
}

#[inline(always)]
fn lines<K: Kernel>(kernel: K, filter: &Prefilter, buffer: &[u8], from: usize, found: &mut Found) {
    places::lines(kernel, filter, buffer, from, found);
}

#[inline(always)]
fn mark<K: Kernel>(
    kernel: K,
    filter: &Prefilter,
    buffer: &[u8],
    events: &[(usize, usize)],
    candidate: &mut [bool],
) {
    places::mark(kernel, filter, buffer, events, candidate);
}

impl Needle {
    fn new(text: &str) -> Self {
        let text = text.to_ascii_lowercase().into_bytes();
        let common = |at: usize| text.get(at).map_or(u32::MAX, |byte| frequency(*byte));
        let first = (0..text.len()).min_by_key(|at| common(*at)).unwrap_or(0);
        // Of bytes that are as rare the farthest: parts of a text are words of their own, and more frequent than the text.
        let differs = |at: &usize| text.get(*at) != text.get(first);
        let rarest = |places: &mut dyn Iterator<Item = usize>| {
            places.min_by_key(|at| (common(*at), std::cmp::Reverse(at.abs_diff(first))))
        };
        let others = || (0..text.len()).filter(|at| *at != first);
        let second = rarest(&mut others().filter(differs)).or_else(|| rarest(&mut others()));
        let second = second.unwrap_or(0);
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
                let mut found = Found::default();
                filter.lines(text.as_bytes(), 0, &mut found);
                let kept = lines.iter().zip(&candidate).filter(|(_, kept)| **kept);
                let kept: Vec<_> = kept.map(|(line, _)| *line).collect();
                assert_eq!(found.events, kept, "{level:?}");
                assert_eq!(found.unread as usize, lines.len() - kept.len(), "{level:?}");
            }
            answers.push(candidate);
        }
        assert!(answers.windows(2).all(|w| w[0] == w[1]), "levels differ");
        answers.swap_remove(0)
    }

    #[test]
    fn the_two_bytes_stand_far_apart() {
        assert_eq!(Needle::new("system:anonymous").at, [1, 12]);
        assert_eq!(Needle::new("aa").at, [0, 1]);
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
