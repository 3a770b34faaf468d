//! A reader of the parts of dates: takes bytes, gives numbers, names, fractions and zones, and moves on past them.

use super::Zone;
use super::calendar::{MONTHS, WEEKDAYS};

const POWERS: [u32; 10] = [
    1_000_000_000,
    100_000_000,
    10_000_000,
    1_000_000,
    100_000,
    10_000,
    1000,
    100,
    10,
    1,
];

/// What remains to be read. A method that gives `None` may have moved on; a copy is the way back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    pub rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    #[inline]
    pub(super) fn new(rest: &'a [u8]) -> Self {
        Self { rest }
    }

    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    #[inline]
    pub(super) fn skip(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
    }

    /// Moves past this byte, if it stands next.
    #[inline]
    pub(super) fn eat(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.skip(1))
    }

    /// Moves past this text, if it stands next.
    #[inline]
    pub(super) fn eat_text(&mut self, text: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(text)?;
        Some(())
    }

    #[inline]
    pub(super) fn blanks(&mut self) {
        while self.peek().is_some_and(|b| b.is_ascii_whitespace()) {
            self.skip(1);
        }
    }

    /// One to `most` digits.
    #[inline]
    pub(super) fn number(&mut self, most: usize) -> Option<u32> {
        let mut value = 0u32;
        let mut count = 0;
        for byte in self.rest.iter().take(most) {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            value = value.wrapping_mul(10).wrapping_add(u32::from(digit));
            count += 1;
        }
        self.skip(count);
        (count > 0).then_some(value)
    }

    /// Just `count` digits.
    #[inline]
    pub(super) fn digits(&mut self, count: usize) -> Option<u32> {
        let before = self.rest.len();
        let value = self.number(count)?;
        (before - self.rest.len() == count).then_some(value)
    }

    /// One to `most` digits after a decimal sign, as nanoseconds; digits past the ninth are read and dropped.
    #[inline]
    pub(super) fn fraction(&mut self, most: usize) -> Option<u32> {
        let before = self.rest.len();
        let value = self.number(most.min(9))?;
        let read = before - self.rest.len();
        if read == 9 {
            let more = self.rest.iter().take(most - read.min(most));
            let dropped = more.take_while(|b| b.is_ascii_digit()).count();
            self.skip(dropped);
        }
        Some(value * POWERS.get(read)?)
    }

    fn name(&mut self, names: &[&str]) -> Option<u32> {
        for (index, name) in names.iter().enumerate() {
            let name = name.as_bytes();
            for length in [name.len(), 3] {
                let (Some(found), Some(wanted)) = (self.rest.get(..length), name.get(..length))
                else {
                    continue;
                };
                if found.eq_ignore_ascii_case(wanted) {
                    self.skip(length);
                    return Some(index as u32);
                }
            }
        }
        None
    }

    /// A month by its name or the first three letters: 1 to 12.
    pub(super) fn month(&mut self) -> Option<u32> {
        Some(self.name(&MONTHS)? + 1)
    }

    /// A day of the week by its name or the first three letters: 0 is Sunday.
    pub(super) fn weekday(&mut self) -> Option<u32> {
        self.name(&WEEKDAYS)
    }

    /// `AM` or `PM`: whether it is PM.
    pub(super) fn afternoon(&mut self) -> Option<bool> {
        let [half, letter_m] = *self.rest.first_chunk::<2>()?;
        let after = match (half | 32, letter_m | 32) {
            (b'a', b'm') => false,
            (b'p', b'm') => true,
            _ => return None,
        };
        self.skip(2);
        Some(after)
    }

    /// `Z`, `+hh`, `+hhmm`, `+hh:mm` or `+hh:mm:ss`.
    #[inline]
    pub(super) fn offset(&mut self) -> Option<Zone> {
        let sign = self.peek()?;
        match sign {
            b'Z' | b'z' => {
                self.skip(1);
                return Some(Zone::utc());
            }
            b'+' => {}
            b'-' => {}
            _ => return None,
        }
        self.skip(1);
        let hours = self.digits(2)?;
        let mut minutes = 0;
        let mut seconds = 0;
        let mut ahead = *self;
        let colon = ahead.eat(b':').is_some();
        if let Some(read) = ahead.digits(2) {
            minutes = read;
            *self = ahead;
            if colon
                && ahead.eat(b':').is_some()
                && let Some(read) = ahead.digits(2)
            {
                seconds = read;
                *self = ahead;
            }
        }
        if hours >= 24 || minutes >= 60 || seconds >= 60 {
            return None;
        }
        let total = (hours * 3600 + minutes * 60 + seconds) as i32;
        Zone::fixed(if sign == b'-' { -total } else { total })
    }

    /// A zone by abbreviation, IANA name or offset.
    pub(super) fn zone(&mut self) -> Option<Zone> {
        if matches!(self.peek()?, b'+' | b'-') {
            return self.offset();
        }
        let length = |extra: fn(u8) -> bool| {
            let word = self.rest.iter();
            word.take_while(|b| b.is_ascii_alphabetic() || extra(**b))
                .count()
        };
        let letters = length(|_| false);
        if let Some(zone) = Zone::from_abbreviation(self.rest.get(..letters)?) {
            self.skip(letters);
            return Some(zone);
        }
        let whole = length(|b| matches!(b, b'/' | b'_'));
        let zone = Zone::parse(std::str::from_utf8(self.rest.get(..whole)?).ok()?)?;
        self.skip(whole);
        Some(zone)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_nanoseconds() {
        for (text, nanos) in [
            ("5", 500_000_000),
            ("123456", 123_456_000),
            ("1234567899", 123_456_789),
        ] {
            let mut cursor = Cursor::new(text.as_bytes());
            assert_eq!(cursor.fraction(20), Some(nanos), "{text}");
            assert!(cursor.rest.is_empty());
        }
        let mut three = Cursor::new(b"123456");
        assert_eq!(three.fraction(3), Some(123_000_000));
        assert_eq!(three.rest, b"456");
    }

    #[test]
    fn names_match_long_or_short() {
        let mut cursor = Cursor::new(b"septemberOCT");
        assert_eq!((cursor.month(), cursor.month()), (Some(9), Some(10)));
        assert_eq!(Cursor::new(b"Jux").month(), None);
    }

    #[test]
    fn zones_of_every_spelling() {
        for (text, name) in [
            ("-05:30", "-05:30"),
            ("+0200 x", "+02:00"),
            ("PDT)", "-07:00"),
            ("Europe/Berlin", "Europe/Berlin"),
            ("Z", "UTC"),
        ] {
            assert_eq!(Cursor::new(text.as_bytes()).zone().unwrap().name(), name);
        }
        assert_eq!(Cursor::new(b"+9900").zone(), None);
    }
}
