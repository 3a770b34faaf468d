//! A walk over the places of a buffer that matter to a search: takes signs and a buffer, gives the events that may match,
//! and what there is to know of those that were not read.

use super::scanner::kernel::{BLOCK, Block, Kernel};

/// What tells by its bytes whether an event may match.
pub trait Signs {
    /// The first block at or after `at`, by steps of a block, with places that may matter or have a byte, and those
    /// places, one bit each; or where the blocks end that can be looked at whole.
    fn find<K: Kernel>(&self, kernel: K, buffer: &[u8], at: usize, byte: u8) -> (usize, u64);

    /// What a place says of its event, which begins at `start` and ends where `end` says.
    fn judge(
        &self,
        buffer: &[u8],
        place: usize,
        start: usize,
        end: &mut dyn FnMut() -> usize,
    ) -> Verdict;
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
    #[inline(always)]
    fn leave(&mut self, buffer: &[u8], start: usize, end: usize) {
        let line = buffer.get(start..end).unwrap_or_default();
        // Most lines are objects, and those are whole.
        if line.last() == Some(&b'}') {
            self.unread += 1;
        } else {
            self.leave_odd(buffer, start, end);
        }
    }

    #[inline(never)]
    fn leave_odd(&mut self, buffer: &[u8], start: usize, end: usize) {
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
    let mut start = from;
    // Where the line that begins at `start` ends, once it was asked for.
    let mut known = 0;
    each(kernel, signs, buffer, from, b'\n', |place| {
        if buffer.get(place) == Some(&b'\n') {
            found.leave(buffer, start, place);
            start = place + 1;
            return start;
        }
        let mut end = || {
            if known <= place {
                let rest = buffer.get(place..).unwrap_or_default();
                known = place + memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            }
            known
        };
        let verdict = signs.judge(buffer, place, start, &mut end);
        if verdict == Verdict::Nothing {
            return place + 1;
        }
        let end = end();
        match verdict {
            Verdict::Passes => found.events.extend(trimmed(buffer, start, end)),
            _ => found.leave(buffer, start, end),
        }
        start = end + 1;
        start
    });
    found.leave(buffer, start, buffer.len().max(start));
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
    let from = events.first().map_or(0, |(start, _)| *start);
    let mut event = 0;
    // A byte outside ASCII may matter anyway.
    each(kernel, signs, buffer, from, 0xff, |place| {
        let rest = events.get(event..).unwrap_or_default();
        event += rest.partition_point(|(_, end)| *end <= place);
        let Some(&(start, end)) = events.get(event) else {
            return buffer.len();
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
    });
}

/// Goes to the places at or after `from` that may matter or have the byte, and to each of the last few; `visit` says where
/// to go on, which is after the place.
#[inline(always)]
pub fn each<K: Kernel>(
    kernel: K,
    signs: &impl Signs,
    buffer: &[u8],
    from: usize,
    byte: u8,
    mut visit: impl FnMut(usize) -> usize,
) {
    let mut at = from;
    loop {
        let (block, mut bits) = signs.find(kernel, buffer, at, byte);
        at = block + if bits == 0 { 0 } else { BLOCK };
        if bits == 0 {
            break;
        }
        while bits != 0 {
            let place = block + bits.trailing_zeros() as usize;
            let next = visit(place);
            let done = next - block;
            if done >= BLOCK {
                at = next;
                break;
            }
            bits &= u64::MAX << done;
        }
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
