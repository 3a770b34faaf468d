//! One event's bytes as bit masks, block by block: takes a range of a buffer, gives ends of strings and of containers.

use super::kernel::{Block, Kernel};

/// A cursor that only moves forward. All masks are of the block that starts at `base`.
pub struct Blocks<'b, K> {
    kernel: K,
    buffer: &'b [u8],
    base: usize,
    end: usize,
    /// Quotes that open or close a string.
    quotes: u64,
    slashes: u64,
    /// Brackets outside of strings.
    opens: u64,
    closes: u64,
    /// All ones when the block ended inside a string.
    inside: u64,
    /// One when the block ended with a backslash that escapes the next byte.
    escape: u64,
}

impl<'b, K: Kernel> Blocks<'b, K> {
    /// Masks of `buffer[start..end]`.
    #[inline(always)]
    pub fn new(kernel: K, buffer: &'b [u8], start: usize, end: usize) -> Self {
        let mut blocks = Self {
            kernel,
            buffer,
            base: start,
            end: end.min(buffer.len()),
            quotes: 0,
            slashes: 0,
            opens: 0,
            closes: 0,
            inside: 0,
            escape: 0,
        };
        blocks.load();
        blocks
    }

    #[inline(always)]
    fn load(&mut self) {
        let whole: Option<&Block> = self
            .buffer
            .get(self.base..)
            .and_then(|rest| rest.first_chunk());
        let mut classes = match whole {
            Some(block) => self.kernel.classes(block),
            None => {
                let mut block = [b' '; 64];
                let rest = self.buffer.get(self.base..).unwrap_or_default();
                for (to, from) in block.iter_mut().zip(rest) {
                    *to = *from;
                }
                self.kernel.classes(&block)
            }
        };
        let left = self.end.saturating_sub(self.base);
        if left < 64 {
            let valid = (1u64 << left) - 1;
            classes.quotes &= valid;
            classes.slashes &= valid;
            classes.opens &= valid;
            classes.closes &= valid;
        }
        self.slashes = classes.slashes;
        self.quotes = classes.quotes & !self.escaped(classes.slashes);
        let strings = self.kernel.prefix_xor(self.quotes) ^ self.inside;
        self.inside = ((strings as i64) >> 63) as u64;
        self.opens = classes.opens & !strings;
        self.closes = classes.closes & !strings;
    }

    /// The bytes that a backslash before them escapes.
    #[inline(always)]
    fn escaped(&mut self, slashes: u64) -> u64 {
        if slashes == 0 {
            return std::mem::take(&mut self.escape);
        }
        const EVEN: u64 = 0x5555_5555_5555_5555;
        let slashes = slashes & !self.escape;
        let follows = slashes << 1 | self.escape;
        let odd_starts = slashes & !EVEN & !follows;
        let (sum, overflow) = odd_starts.overflowing_add(slashes);
        self.escape = u64::from(overflow);
        (EVEN ^ (sum << 1)) & follows
    }

    /// Goes on to the block that holds `at`. `false` at the end.
    #[inline(always)]
    fn seek(&mut self, at: usize) -> bool {
        while at >= self.base + 64 {
            self.base += 64;
            self.load();
        }
        self.base < self.end
    }

    /// From the quote at `at`: where the closing quote is, and whether a backslash lies between.
    #[inline(always)]
    pub fn string(&mut self, at: usize) -> Option<(usize, bool)> {
        let mut from = at + 1;
        let mut escapes = 0;
        loop {
            if !self.seek(from) {
                return None;
            }
            let rest = u64::MAX << (from - self.base);
            let quotes = self.quotes & rest;
            if quotes != 0 {
                escapes |= self.slashes & rest & (quotes ^ (quotes - 1));
                return Some((self.base + quotes.trailing_zeros() as usize, escapes != 0));
            }
            escapes |= self.slashes & rest;
            from = self.base + 64;
        }
    }

    /// From the bracket at `at`: one past the bracket that closes it.
    #[inline(always)]
    pub fn container(&mut self, at: usize) -> Option<usize> {
        if !self.seek(at) {
            return None;
        }
        let mut depth = 0u64;
        let mut rest = u64::MAX << (at - self.base);
        loop {
            let opens = self.opens & rest;
            let mut closes = self.closes & rest;
            let closed = u64::from(closes.count_ones());
            if closed >= depth {
                let mut done = 0u64;
                while closes != 0 {
                    let below = (closes & closes.wrapping_neg()) - 1;
                    done += 1;
                    if done == depth + u64::from((opens & below).count_ones()) {
                        return Some(self.base + closes.trailing_zeros() as usize + 1);
                    }
                    closes &= closes - 1;
                }
            }
            depth = depth + u64::from(opens.count_ones()) - closed;
            rest = u64::MAX;
            let next = self.base + 64;
            if !self.seek(next) {
                return None;
            }
        }
    }
}

/// From the quote at `at`: where the closing quote is, and whether a backslash lies between.
#[inline(always)]
pub fn string<K: Kernel>(kernel: K, buffer: &[u8], at: usize, end: usize) -> Option<(usize, bool)> {
    let mut from = at + 1;
    while let Some(block) = buffer.get(from..).and_then(|rest| rest.first_chunk()) {
        let stops = kernel.stops(block);
        if stops != 0 {
            let stop = from + stops.trailing_zeros() as usize;
            if stop >= end {
                return None;
            }
            return match buffer.get(stop) {
                Some(b'"') => Some((stop, false)),
                _ => rest_of_string(kernel, buffer, stop, end),
            };
        }
        from += 64;
        if from >= end {
            return None;
        }
    }
    rest_of_string(kernel, buffer, from, end)
}

/// From a place in a string that no backslash before it reaches.
#[inline(always)]
fn rest_of_string<K: Kernel>(
    kernel: K,
    buffer: &[u8],
    from: usize,
    end: usize,
) -> Option<(usize, bool)> {
    Blocks::new(kernel, buffer, from, end).string(from - 1)
}

/// From the bracket at `at`: one past the bracket that closes it.
#[inline(always)]
pub fn container<K: Kernel>(kernel: K, buffer: &[u8], at: usize, end: usize) -> Option<usize> {
    Blocks::new(kernel, buffer, at, end).container(at)
}

#[cfg(test)]
mod tests {
    use super::super::kernel::Portable;
    use super::*;

    fn blocks(text: &str) -> Blocks<'_, Portable> {
        Blocks::new(Portable, text.as_bytes(), 0, text.len())
    }

    #[test]
    fn strings_end_at_their_own_quote() {
        for length in [0, 1, 61, 62, 63, 64, 65, 127, 128, 200] {
            let body = "x".repeat(length);
            let text = format!("\"{body}\\\"\\\\\" \"");
            assert_eq!(
                blocks(&text).string(0),
                Some((length + 5, true)),
                "{length}"
            );
            let open = format!("\"{body}");
            assert_eq!(blocks(&open).string(0), None, "{length}");
        }
    }

    #[test]
    fn containers_end_at_their_own_bracket() {
        for depth in [1, 5, 40, 64, 100_000] {
            let text = format!("{}\"}}]\\\"]\"{} ]", "[".repeat(depth), "]".repeat(depth));
            assert_eq!(blocks(&text).container(0), Some(text.len() - 2), "{depth}");
            assert_eq!(blocks(&text[..text.len() - 3]).container(0), None);
        }
    }
}
