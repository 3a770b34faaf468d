//! A walk over the places of a buffer that matter to a search: takes signs and a buffer, gives the events that may match,
//! and what there is to know of those that were not read.

use super::scanner::kernel::{BLOCK, Block, Kernel};

/// What tells by its bytes whether an event may match.
pub trait Signs {
    /// Looks at the blocks from `at` on until one has places that may matter; `LINES`: or a line end that does not end an
    /// object.
    fn find<K: Kernel, const LINES: bool>(&self, kernel: K, buffer: &[u8], at: usize) -> Seen;

    /// What a place says of its event, which begins at `start` and ends where `end` says.
    fn judge(
        &self,
        buffer: &[u8],
        place: usize,
        start: usize,
        end: &mut dyn FnMut() -> usize,
    ) -> Verdict;
}

/// What a look at block after block saw.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// Where the block starts that has something, or where the blocks end that can be looked at whole.
    pub block: usize,
    /// The places of the block that may matter, one bit each, and with lines those of all of its line ends.
    pub bits: u64,
    /// Line ends before the block; each ends an object.
    pub passed: u64,
}

/// What a place says of its event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Nothing,
    /// It may match.
    Passes,
    /// It does not match, whatever follows.
    Fails,
}

impl Seen {
    /// Nothing yet, from a place on.
    pub fn from(at: usize) -> Self {
        Self {
            block: at,
            bits: 0,
            passed: 0,
        }
    }

    /// Takes a block with its places that may matter; whether there are any, or a line end that does not end an object.
    /// `ended` carries from block to block whether the last byte ended one.
    #[inline(always)]
    pub fn add<K: Kernel, const LINES: bool>(
        &mut self,
        kernel: K,
        here: &Block,
        mut bits: u64,
        ended: &mut bool,
    ) -> bool {
        let mut ends = 0;
        if LINES {
            ends = kernel.places(here, b'\n');
            let closed = kernel.places(here, b'}');
            bits |= ends & !(closed << 1 | u64::from(*ended));
            *ended = closed >> (BLOCK - 1) == 1;
        }
        if bits != 0 {
            self.bits = bits | ends;
            return true;
        }
        self.passed += u64::from(ends.count_ones());
        false
    }
}

/// The lines of a buffer.
#[derive(Debug, Default)]
pub struct Found {
    /// Those that may match, without line ends and blanks around them.
    pub events: Vec<(usize, usize)>,
    /// How many others there are that are not blank.
    pub unread: u64,
    /// Where those of the others start that begin like an object and don't end like one.
    pub torn: Vec<usize>,
}

impl Found {
    /// Forgets all.
    pub fn clear(&mut self) {
        self.events.clear();
        self.unread = 0;
        self.torn.clear();
    }

    /// Whether so many of the lines pass that to look for texts costs more than it spares.
    pub fn are_most(&self) -> bool {
        let passed = self.events.len() as u64;
        passed * 8 >= (passed + self.unread) * 7
    }

    /// Notes a line that is not to be read.
    fn leave(&mut self, buffer: &[u8], start: usize, end: usize) {
        let Some((start, end)) = trimmed(buffer, start, end) else {
            return;
        };
        self.unread += 1;
        let line = buffer.get(start..end).unwrap_or_default();
        if line.first() == Some(&b'{') && line.last() != Some(&b'}') {
            self.torn.push(start);
        }
    }
}

/// The lines of a buffer from a line's start on.
#[inline(always)]
pub fn lines<K: Kernel>(
    kernel: K,
    signs: &impl Signs,
    buffer: &[u8],
    from: usize,
    found: &mut Found,
) {
    let mut line = Line {
        buffer,
        start: Some(from),
        end: None,
    };
    let mut at = from;
    loop {
        let seen = signs.find::<K, true>(kernel, buffer, at);
        line.pass(seen.passed, found);
        if seen.bits == 0 {
            at = seen.block;
            break;
        }
        at = each(seen, |place| line.visit(signs, place, found));
    }
    while at < buffer.len() {
        at = line.visit(signs, at, found);
    }
    if at == buffer.len() && buffer.last() != Some(&b'\n') {
        line.leave(at, found);
    }
}

/// Goes to the places of a block; `visit` says where to go on. Gives where to go on after it.
#[inline(always)]
fn each(seen: Seen, mut visit: impl FnMut(usize) -> usize) -> usize {
    let mut bits = seen.bits;
    while bits != 0 {
        let next = visit(seen.block + bits.trailing_zeros() as usize);
        let done = next - seen.block;
        if done >= BLOCK {
            return next;
        }
        bits &= u64::MAX << done;
    }
    seen.block + BLOCK
}

/// The line that a walk is in.
struct Line<'a> {
    buffer: &'a [u8],
    /// Where it starts, where that is known.
    start: Option<usize>,
    /// Where it ends, once that was asked for.
    end: Option<usize>,
}

impl Line<'_> {
    /// So many line ends were passed, each after an object.
    #[inline(always)]
    fn pass(&mut self, lines: u64, found: &mut Found) {
        if lines > 0 {
            found.unread += lines;
            (self.start, self.end) = (None, None);
        }
    }

    /// Looks at a place; gives where to go on.
    #[inline(always)]
    fn visit(&mut self, signs: &impl Signs, place: usize, found: &mut Found) -> usize {
        if self.buffer.get(place) == Some(&b'\n') {
            self.leave(place, found);
            return place + 1;
        }
        let start = self.start(place);
        let (buffer, known) = (self.buffer, &mut self.end);
        let mut end = || {
            *known.get_or_insert_with(|| {
                let rest = buffer.get(place..).unwrap_or_default();
                place + memchr::memchr(b'\n', rest).unwrap_or(rest.len())
            })
        };
        match signs.judge(buffer, place, start, &mut end) {
            Verdict::Nothing => place + 1,
            Verdict::Passes => {
                let end = end();
                found.events.extend(trimmed(buffer, start, end));
                self.go_on(end);
                end + 1
            }
            Verdict::Fails => {
                let end = end();
                self.leave(end, found);
                end + 1
            }
        }
    }

    /// Leaves the line, which ends here, unread.
    #[inline(always)]
    fn leave(&mut self, end: usize, found: &mut Found) {
        // Most lines are objects, and those are whole.
        if ended(self.buffer, end) {
            found.unread += 1;
        } else {
            found.leave(self.buffer, self.start(end), end);
        }
        self.go_on(end);
    }

    fn go_on(&mut self, end: usize) {
        (self.start, self.end) = (Some(end + 1), None);
    }

    /// Where the line starts that a place is in, or that ends there.
    #[inline(always)]
    fn start(&mut self, place: usize) -> usize {
        *self.start.get_or_insert_with(|| {
            let before = self.buffer.get(..place).unwrap_or_default();
            memchr::memrchr(b'\n', before).map_or(0, |end| end + 1)
        })
    }
}

/// Whether the byte before a place ends an object.
#[inline(always)]
pub fn ended(buffer: &[u8], at: usize) -> bool {
    let last = at.checked_sub(1).and_then(|last| buffer.get(last));
    last == Some(&b'}')
}

/// Sets `candidate[i]` for each of the events (ascending ranges of `buffer`) that may match.
#[inline(always)]
pub fn mark<K: Kernel>(
    kernel: K,
    signs: &impl Signs,
    buffer: &[u8],
    events: &[(usize, usize)],
    candidate: &mut [bool],
) {
    let mut event = 0;
    let mut visit = |place: usize| {
        let rest = events.get(event..).unwrap_or_default();
        event += rest.partition_point(|(_, end)| *end <= place);
        let Some(&(start, end)) = events.get(event) else {
            return buffer.len().max(place + 1);
        };
        if place < start {
            return start;
        }
        let verdict = signs.judge(buffer, place, start, &mut || end);
        if verdict == Verdict::Nothing {
            return place + 1;
        }
        if let Some(flag) = candidate.get_mut(event) {
            *flag = verdict == Verdict::Passes;
        }
        end
    };
    let mut at = events.first().map_or(0, |(start, _)| *start);
    loop {
        let seen = signs.find::<K, false>(kernel, buffer, at);
        if seen.bits == 0 {
            at = seen.block;
            break;
        }
        at = each(seen, &mut visit);
    }
    while at < buffer.len() {
        at = visit(at);
    }
}

/// The first `count` blocks from a place on.
#[inline(always)]
pub fn blocks(text: &[u8], at: usize, count: usize) -> &[Block] {
    let blocks = text.get(at..).unwrap_or_default().as_chunks().0;
    blocks.get(..count).unwrap_or_default()
}

/// The first place at or after `from` that passes the test, of those that the probe gives for the block at the start of
/// `reach` bytes; at the end of the text, of all.
#[inline(always)]
pub fn first<T>(
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

/// The block that begins at a place.
#[inline(always)]
pub fn block(bytes: &[u8], at: usize) -> Option<&Block> {
    bytes.get(at..)?.first_chunk()
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

#[cfg(test)]
mod tests {
    use super::super::prefilter::Prefilter;
    use super::super::scanner::Level;
    use super::super::several::Several;
    use super::*;
    use proptest::prelude::*;

    /// The lines of a text that have `needle`, how many others are not blank, and which of these are torn.
    fn slowly(text: &str) -> (Vec<(usize, usize)>, u64, Vec<usize>) {
        let (mut start, mut out) = (0, (Vec::new(), 0, Vec::new()));
        for line in text.split('\n') {
            let end = start + line.len();
            if let Some((start, end)) = trimmed(text.as_bytes(), start, end) {
                let line = &text[start..end];
                if line.contains("needle") {
                    out.0.push((start, end));
                } else {
                    out.1 += 1;
                    if line.starts_with('{') && !line.ends_with('}') {
                        out.2.push(start);
                    }
                }
            }
            start = end + 1;
        }
        out
    }

    proptest! {
        #[test]
        fn every_line_is_found_or_counted(
            lines in prop::collection::vec("[ \r]{0,2}(\\{|)[a-z}]{0,90}(needle|)[a-z]{0,90}(\\}|)[ \r]{0,1}", 0..12),
        ) {
            let text = lines.join("\n");
            let (events, unread, torn) = slowly(&text);
            let groups = vec![vec!["needle".to_owned()]];
            for level in Level::all() {
                let (one, any) = (Prefilter::new(&groups, level), Several::new(&[groups.clone(), groups.clone()], level));
                let (mut by_one, mut by_any) = (Found::default(), Found::default());
                one.iter().for_each(|one| one.lines(text.as_bytes(), 0, &mut by_one));
                any.iter().for_each(|any| any.lines(text.as_bytes(), 0, &mut by_any));
                for found in [by_one, by_any] {
                    prop_assert_eq!((&found.events, found.unread, &found.torn), (&events, unread, &torn), "{:?}", level);
                }
            }
        }
    }
}
