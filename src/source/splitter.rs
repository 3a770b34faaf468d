//! Finds where JSON values end without reading what they hold: takes bytes, gives offsets of values, members and
//! elements. Never recursive, so depth of nesting costs nothing.

use std::ops::Range;

/// How a value that starts at a given byte ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// One past its last byte.
    At(usize),
    /// Not within the bytes given.
    Open,
    /// It is no JSON from this byte on.
    Broken(usize),
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The high bit of every byte that is `"`, `\` or a control character. Only the lowest set bit is exact.
fn special(word: u64) -> u64 {
    let zero = |x: u64| x.wrapping_sub(ONES) & !x & HIGH;
    let control = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
    zero(word ^ (ONES * u64::from(b'"'))) | zero(word ^ (ONES * u64::from(b'\\'))) | control
}

/// The end of the text whose opening quote is at `start`. A raw line end in a text means that its end is missing.
pub fn text_end(bytes: &[u8], start: usize) -> End {
    let mut at = start + 1;
    loop {
        while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
            let found = special(u64::from_le_bytes(*chunk));
            if found != 0 {
                at += found.trailing_zeros() as usize / 8;
                break;
            }
            at += 8;
        }
        match bytes.get(at) {
            None => return End::Open,
            Some(b'"') => return End::At(at + 1),
            Some(b'\\') => at += 2,
            Some(b'\n') => return End::Broken(at),
            Some(_) => at += 1,
        }
    }
}

/// The end of any value that starts at `start` (no blank before it).
pub fn value_end(bytes: &[u8], start: usize) -> End {
    match bytes.get(start) {
        None => End::Open,
        Some(b'"') => text_end(bytes, start),
        Some(b'{' | b'[') => nested_end(bytes, start),
        Some(_) => {
            let rest = bytes.get(start..).unwrap_or_default();
            match rest
                .iter()
                .position(|b| matches!(b, b',' | b'}' | b']' | b':' | b' ' | b'\n' | b'\r' | b'\t'))
            {
                Some(0) => End::Broken(start),
                Some(length) => End::At(start + length),
                None => End::Open,
            }
        }
    }
}

/// The end of the object or array that opens at `start`. Brackets are counted outside texts; an opening brace where
/// the grammar allows none means that the end of the value was lost.
fn nested_end(bytes: &[u8], start: usize) -> End {
    let mut depth = 0usize;
    let mut at = start;
    loop {
        let Some(rest) = bytes.get(at..) else {
            return End::Open;
        };
        let Some(step) = rest
            .iter()
            .position(|b| matches!(b, b'"' | b'{' | b'}' | b'[' | b']'))
        else {
            return End::Open;
        };
        at += step;
        match rest[step] {
            b'"' => match text_end(bytes, at) {
                End::At(end) => at = end,
                other => return other,
            },
            b'{' | b'[' => {
                if depth > 0 && rest[step] == b'{' && !may_open(bytes, start, at) {
                    return End::Broken(at);
                }
                depth += 1;
                at += 1;
            }
            _ => {
                depth -= 1;
                at += 1;
                if depth == 0 {
                    return if (bytes[start] == b'{') == (bytes[at - 1] == b'}') {
                        End::At(at)
                    } else {
                        End::Broken(at - 1)
                    };
                }
            }
        }
    }
}

/// Whether an object may open at `at`: after a colon, a comma or an opening bracket.
fn may_open(bytes: &[u8], start: usize, at: usize) -> bool {
    bytes
        .get(start..at)
        .unwrap_or_default()
        .iter()
        .rev()
        .find(|b| !b.is_ascii_whitespace())
        .is_some_and(|b| matches!(b, b':' | b',' | b'['))
}

/// The first byte from `at` that is no blank.
pub fn skip_blank(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest
        .iter()
        .position(|b| !matches!(b, b' ' | b'\n' | b'\r' | b'\t'))
        .unwrap_or(rest.len())
}

/// The members of an object, or the elements of an array, one after the other.
#[derive(Debug, Clone)]
pub struct Members<'a> {
    bytes: &'a [u8],
    at: usize,
    keyed: bool,
    /// Set when the bytes ended within a member.
    pub open: bool,
}

/// A member: its key without quotes and as written (empty for an element), and where its value lies.
pub type Member<'a> = (&'a [u8], Range<usize>);

impl<'a> Members<'a> {
    /// The members of the object or array that opens at `start`.
    pub fn new(bytes: &'a [u8], start: usize) -> Self {
        Self {
            bytes,
            at: start + 1,
            keyed: bytes.get(start) == Some(&b'{'),
            open: false,
        }
    }

    /// The members of an object from `at` on, where one of them begins or a comma before it.
    pub fn within(bytes: &'a [u8], at: usize) -> Self {
        Self {
            bytes,
            at,
            keyed: true,
            open: false,
        }
    }

    /// The next key and where its value starts; the value may be unfinished. `None` at the end or where the grammar breaks.
    pub fn next_key(&mut self) -> Option<(&'a [u8], usize)> {
        let mut at = skip_blank(self.bytes, self.at);
        if self.bytes.get(at) == Some(&b',') {
            at = skip_blank(self.bytes, at + 1);
        }
        let first = self.found(at)?;
        if !self.keyed {
            return (first != b']').then_some((&[], at));
        }
        if first != b'"' {
            return None;
        }
        let End::At(end) = text_end(self.bytes, at) else {
            self.open = true;
            return None;
        };
        let key = self.bytes.get(at + 1..end - 1)?;
        let colon = skip_blank(self.bytes, end);
        if self.found(colon)? != b':' {
            return None;
        }
        let value = skip_blank(self.bytes, colon + 1);
        self.found(value)?;
        Some((key, value))
    }

    /// Goes past the value that starts at `start` and gives its place.
    pub fn past(&mut self, start: usize) -> Option<Range<usize>> {
        match value_end(self.bytes, start) {
            End::At(end) => {
                self.at = end;
                Some(start..end)
            }
            End::Open => {
                self.open = true;
                None
            }
            End::Broken(_) => None,
        }
    }

    fn found(&mut self, at: usize) -> Option<u8> {
        let byte = self.bytes.get(at).copied();
        self.open |= byte.is_none();
        byte
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = Member<'a>;

    fn next(&mut self) -> Option<Member<'a>> {
        let (key, start) = self.next_key()?;
        Some((key, self.past(start)?))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ends_are_found_outside_texts() {
        let text = br#"{"a":"}\"{","b":[1,{"c":"\\"}]} rest"#;
        assert_eq!(value_end(text, 0), End::At(text.len() - 5));
        assert_eq!(value_end(br#"{"a":[1,2"#, 0), End::Open);
        assert_eq!(value_end(b"{\"a\":\"x\n", 0), End::Broken(7));
        assert_eq!(
            value_end(b"{\"a\":{\"b\":1}\n{\"a\":2}", 0),
            End::Broken(13)
        );
        assert_eq!(value_end(b"{\"a\":[1]]", 0), End::Broken(8));
        assert_eq!(value_end(b"12,", 0), End::At(2));
    }

    #[test]
    fn depth_costs_no_stack() {
        let mut deep = b"[".repeat(1_000_000);
        assert_eq!(value_end(&deep, 0), End::Open);
        deep.extend(b"]".repeat(1_000_000));
        assert_eq!(value_end(&deep, 0), End::At(2_000_000));
    }

    #[test]
    fn members_come_with_their_places() {
        let text = br#" {"a" : 1, "b":{"c":[]} ,"d":"x"}"#;
        let got: Vec<(&[u8], &[u8])> = Members::new(text, 1).map(|(k, v)| (k, &text[v])).collect();
        assert_eq!(
            got,
            [
                (&b"a"[..], &b"1"[..]),
                (b"b", br#"{"c":[]}"#),
                (b"d", br#""x""#)
            ]
        );
        let mut cut = Members::new(br#"{"a":1,"b":"#, 0);
        assert_eq!(cut.by_ref().count(), 1);
        assert!(cut.open);
    }

    proptest! {
        #[test]
        fn text_ends_agree_with_a_plain_loop(text in "[a-c\"\\\\\\n\u{e9}]{0,40}") {
            let bytes = format!("\"{text}");
            let bytes = bytes.as_bytes();
            let mut at = 1;
            let plain = loop {
                match bytes.get(at) {
                    None => break End::Open,
                    Some(b'"') => break End::At(at + 1),
                    Some(b'\n') => break End::Broken(at),
                    Some(b'\\') => at += 2,
                    Some(_) => at += 1,
                }
            };
            prop_assert_eq!(text_end(bytes, 0), plain);
        }
    }
}
