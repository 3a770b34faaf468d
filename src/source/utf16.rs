//! UTF-16 to UTF-8: takes a reader that starts with a byte order mark, gives a reader without one.

use std::io::{self, Read};

/// Converts while it is read. The byte order mark is dropped; a lone surrogate or half a unit becomes U+FFFD.
pub struct Utf16<R> {
    inner: R,
    little: bool,
    started: bool,
    ended: bool,
    /// Bytes that wait for the rest of their character.
    kept: Vec<u8>,
    ready: Vec<u8>,
    given: usize,
}

impl<R: Read> Utf16<R> {
    /// A converter; `little` when the low byte of a unit comes first.
    pub fn new(inner: R, little: bool) -> Self {
        Self {
            inner,
            little,
            started: false,
            ended: false,
            kept: Vec::new(),
            ready: Vec::new(),
            given: 0,
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        let mut bytes = std::mem::take(&mut self.kept);
        let old = bytes.len();
        bytes.resize(old + (1 << 16), 0);
        let read = self.inner.read(&mut bytes[old..])?;
        bytes.truncate(old + read);
        self.ended = read == 0;
        let mut units: Vec<u16> = bytes.chunks(2).map(|pair| self.unit(pair)).collect();
        if !self.ended {
            let mut wait = bytes.len() % 2;
            if wait == 1 {
                units.pop();
            }
            if units.last().is_some_and(|u| (0xD800..0xDC00).contains(u)) {
                units.pop();
                wait += 2;
            }
            self.kept = bytes.split_off(bytes.len() - wait);
        }
        let mark = usize::from(!self.started && units.first() == Some(&0xFEFF));
        self.started |= !units.is_empty();
        self.ready.clear();
        self.given = 0;
        for character in char::decode_utf16(units.into_iter().skip(mark)) {
            let character = character.unwrap_or('\u{FFFD}');
            self.ready
                .extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
        Ok(())
    }

    fn unit(&self, pair: &[u8]) -> u16 {
        match (self.little, pair) {
            (true, [a, b]) => u16::from_le_bytes([*a, *b]),
            (false, [a, b]) => u16::from_be_bytes([*a, *b]),
            _ => 0xFFFD,
        }
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.given == self.ready.len() && !self.ended {
            self.refill()?;
        }
        let rest = &self.ready[self.given..];
        let count = rest.len().min(out.len());
        out[..count].copy_from_slice(&rest[..count]);
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte a read.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let [first, rest @ ..] = self.0 else {
                return Ok(0);
            };
            out[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    #[test]
    fn characters_cut_anywhere_come_out_whole() {
        let text = "é😀 {\"a\":1}\r\n";
        for little in [true, false] {
            let bytes: Vec<u8> = std::iter::once(0xFEFF)
                .chain(text.encode_utf16())
                .flat_map(|u| {
                    if little {
                        u.to_le_bytes()
                    } else {
                        u.to_be_bytes()
                    }
                })
                .collect();
            let mut out = String::new();
            let read = Utf16::new(Drip(&bytes), little).read_to_string(&mut out);
            assert!(read.is_ok());
            assert_eq!(out, text);
        }
    }
}
