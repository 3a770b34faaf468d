//! Timestamps in logs: takes text of no given format, gives the instant: ISO 8601, epoch numbers, and the usual others.

use super::calendar::{DAY, Moment, checked_clock, checked_days, timestamp};
use super::scan::Cursor;
use super::{Timestamp, Zone};

/// The instant that a text spells, blanks around it allowed: ISO 8601, an epoch number in seconds, milliseconds,
/// microseconds or nanoseconds by its magnitude, or one of the forms of web servers, mail, C and US dates.
/// A text without a zone is read in `zone`.
#[inline]
pub fn parse_timestamp(text: &str, zone: Zone) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    if let Some((moment, taken)) = iso(bytes)
        && taken == bytes.len()
    {
        return moment.at(zone);
    }
    slow(text, zone)
}

#[inline(never)]
fn slow(text: &str, zone: Zone) -> Option<Timestamp> {
    spelled(text)?.at(zone)
}

/// How a text says a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Spelling {
    /// By calendar and clock.
    Clock(Moment),
    /// By a number since the epoch.
    Number(Timestamp),
}

impl Spelling {
    /// The instant; without a zone of its own, in `zone`.
    pub(super) fn at(self, zone: Zone) -> Option<Timestamp> {
        match self {
            Self::Clock(moment) => moment.at(zone),
            Self::Number(time) => Some(time),
        }
    }
}

/// What a text says that is a time as a whole, blanks around it allowed.
pub(super) fn spelled(text: &str) -> Option<Spelling> {
    let bytes = text.trim_ascii().as_bytes();
    if let Some((moment, taken)) = iso(bytes)
        && taken == bytes.len()
    {
        return Some(Spelling::Clock(moment));
    }
    if let Some((time, taken)) = epoch(bytes)
        && taken == bytes.len()
    {
        return Some(Spelling::Number(time));
    }
    let (moment, taken) = other(bytes)?;
    (taken == bytes.len()).then_some(Spelling::Clock(moment))
}

/// The instant at the start of a line, and the number of bytes up to its end. Blanks, `[`, `(` and quotes may stand before
/// it. A bare number counts only when it is long enough for the present time (10 digits).
pub fn parse_timestamp_prefix(text: &str, zone: Zone) -> Option<(Timestamp, usize)> {
    let (spelling, taken) = spelled_prefix(text)?;
    Some((spelling.at(zone)?, taken))
}

/// What the start of a line says, and the number of bytes up to its end.
pub(super) fn spelled_prefix(text: &str) -> Option<(Spelling, usize)> {
    let bytes = text.as_bytes();
    let start = bytes
        .iter()
        .take_while(|b| b.is_ascii_whitespace() || matches!(b, b'[' | b'(' | b'"' | b'\''))
        .count();
    let rest = bytes.get(start..)?;
    if let Some((moment, taken)) = iso(rest) {
        return Some((Spelling::Clock(moment), start + taken));
    }
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    if digits >= 10
        && let Some((time, taken)) = epoch(rest)
        && ends_word(rest, taken)
    {
        return Some((Spelling::Number(time), start + taken));
    }
    let (moment, taken) = other(rest)?;
    Some((Spelling::Clock(moment), start + taken))
}

/// Whether no letter or digit follows.
#[inline]
fn ends_word(bytes: &[u8], at: usize) -> bool {
    !bytes
        .get(at)
        .is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
}

#[inline]
fn pair(tens: u8, ones: u8) -> Option<u32> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then_some(u32::from(tens) * 10 + u32::from(ones))
}

/// ISO 8601 at the start of the text, with `/` for `-` in the date and a blank for `T` allowed; gives the bytes taken.
#[inline]
fn iso(bytes: &[u8]) -> Option<(Moment, usize)> {
    let date = bytes.first_chunk::<10>()?;
    let days = iso_date(date)?;
    let (between, clock) = match bytes.get(10..)?.split_first() {
        Some((b'T' | b't' | b' ', rest)) => (true, rest),
        _ => (false, &[] as &[u8]),
    };
    let Some(seconds) = clock.first_chunk::<5>().and_then(hour_minute) else {
        let only_date = Moment {
            local: days * DAY,
            nanos: 0,
            zone: None,
        };
        let dangling = between && !matches!(bytes.get(10), Some(b' '));
        return (!dangling && ends_word(bytes, 10)).then_some((only_date, 10));
    };
    let mut cursor = Cursor::new(clock);
    cursor.skip(5);
    let (second, nanos) = iso_second(&mut cursor)?;
    let zone = iso_zone(&mut cursor);
    let taken = bytes.len() - cursor.rest.len();
    let moment = Moment {
        local: days * DAY + seconds + second,
        nanos,
        zone,
    };
    ends_word(bytes, taken).then_some((moment, taken))
}

#[inline]
fn iso_date(date: &[u8; 10]) -> Option<i64> {
    let [a, b, c, d, first, e, f, second, g, h] = *date;
    if first != second || !matches!(first, b'-' | b'/') {
        return None;
    }
    let year = pair(a, b)? * 100 + pair(c, d)?;
    checked_days(i64::from(year), pair(e, f)?, pair(g, h)?)
}

#[inline]
fn hour_minute(clock: &[u8; 5]) -> Option<i64> {
    let [a, b, colon, c, d] = *clock;
    if colon != b':' {
        return None;
    }
    checked_clock(pair(a, b)?, pair(c, d)?, 0)
}

/// `:SS`, `:SS.fff`, `:SS,fff`, or nothing.
#[inline]
fn iso_second(cursor: &mut Cursor<'_>) -> Option<(i64, u32)> {
    let Some([b':', tens, ones]) = cursor.rest.first_chunk::<3>().copied() else {
        return Some((0, 0));
    };
    let second = pair(tens, ones).filter(|s| *s <= 60)?;
    cursor.skip(3);
    let mut nanos = 0;
    if let Some([b'.' | b',', digit]) = cursor.rest.first_chunk::<2>()
        && digit.is_ascii_digit()
    {
        cursor.skip(1);
        nanos = cursor.fraction(usize::MAX)?;
    }
    Some((i64::from(second), nanos))
}

#[inline]
fn iso_zone(cursor: &mut Cursor<'_>) -> Option<Zone> {
    match cursor.peek()? {
        b'Z' | b'z' => {
            cursor.skip(1);
            Some(Zone::utc())
        }
        b'+' | b'-' => take(cursor, Cursor::offset),
        b' ' => take(cursor, spaced_zone),
        _ => None,
    }
}

/// Moves on only when the part is there.
fn take<'a, T>(
    cursor: &mut Cursor<'a>,
    part: impl FnOnce(&mut Cursor<'a>) -> Option<T>,
) -> Option<T> {
    let mut ahead = *cursor;
    let found = part(&mut ahead)?;
    *cursor = ahead;
    Some(found)
}

/// A zone after a blank: `+hhmm`, `+hh:mm`, or an abbreviation in upper case; other words and numbers are not the time's.
fn spaced_zone(cursor: &mut Cursor<'_>) -> Option<Zone> {
    cursor.eat(b' ')?;
    let before = cursor.rest;
    let zone = if matches!(cursor.peek()?, b'+' | b'-') {
        let zone = cursor.offset()?;
        (before.len() - cursor.rest.len() >= 5).then_some(zone)?
    } else {
        let letters = before.iter().take_while(|b| b.is_ascii_uppercase()).count();
        cursor.skip(letters);
        Zone::from_abbreviation(before.get(..letters)?)?
    };
    ends_word(cursor.rest, 0).then_some(zone)
}

/// An epoch number: up to 11 digits before the point are seconds, 14 milliseconds, 17 microseconds, 19 nanoseconds.
fn epoch(bytes: &[u8]) -> Option<(Timestamp, usize)> {
    let negative = bytes.first() == Some(&b'-');
    let start = usize::from(negative);
    let number = bytes.get(start..)?;
    let count = number.iter().take_while(|b| b.is_ascii_digit()).count();
    let whole = std::str::from_utf8(number.get(..count)?).ok()?;
    let whole: i64 = whole.parse().ok()?;
    let mut cursor = Cursor::new(number.get(count..)?);
    let mut fraction = 0;
    if let Some(nanos) = take(&mut cursor, |c| {
        c.eat(b'.')?;
        c.fraction(usize::MAX)
    }) {
        fraction = i64::from(nanos);
    }
    if matches!(cursor.peek(), Some(b'e' | b'E')) {
        return exponent(bytes);
    }
    let unit: i64 = match whole.unsigned_abs() {
        0..=99_999_999_999 => 1_000_000_000,
        100_000_000_000..=99_999_999_999_999 => 1_000_000,
        100_000_000_000_000..=99_999_999_999_999_999 => 1000,
        _ => 1,
    };
    let part = i128::from(fraction) * i128::from(unit) / 1_000_000_000;
    let nanos = i128::from(whole) * i128::from(unit) + part;
    let nanos = i64::try_from(if negative { -nanos } else { nanos }).ok()?;
    Some((Timestamp(nanos), bytes.len() - cursor.rest.len()))
}

/// A number in scientific notation, as some JSON writers have it, always seconds.
fn exponent(bytes: &[u8]) -> Option<(Timestamp, usize)> {
    let text = std::str::from_utf8(bytes).ok()?;
    let time = Timestamp::from_seconds(text.parse().ok()?)?;
    Some((time, bytes.len()))
}

/// The forms that are not ISO 8601; gives the bytes taken.
fn other(bytes: &[u8]) -> Option<(Moment, usize)> {
    let mut cursor = Cursor::new(bytes);
    let moment = if cursor.peek()?.is_ascii_digit() {
        take(&mut cursor, basic_iso)
            .or_else(|| take(&mut cursor, us_date))
            .or_else(|| take(&mut cursor, day_month_year))?
    } else {
        named(&mut cursor)?
    };
    let taken = bytes.len() - cursor.rest.len();
    ends_word(bytes, taken).then_some((moment, taken))
}

/// `20241017T091502Z`
fn basic_iso(cursor: &mut Cursor<'_>) -> Option<Moment> {
    let year = cursor.digits(4)?;
    let days = checked_days(i64::from(year), cursor.digits(2)?, cursor.digits(2)?)?;
    cursor.eat(b'T')?;
    let (hour, minute) = (cursor.digits(2)?, cursor.digits(2)?);
    let second = take(cursor, |c| c.digits(2)).unwrap_or(0);
    let nanos = decimals(cursor);
    Some(Moment {
        local: days * DAY + checked_clock(hour, minute, second)?,
        nanos,
        zone: iso_zone(cursor),
    })
}

fn decimals(cursor: &mut Cursor<'_>) -> u32 {
    take(cursor, |c| {
        c.eat(b'.').or_else(|| c.eat(b','))?;
        c.fraction(usize::MAX)
    })
    .unwrap_or(0)
}

/// `10/17/2024 09:15:02`, `10/17/2024:09:15:02`, `10/17/2024 9:15:02 AM`, `10/17/2024`: the month first.
fn us_date(cursor: &mut Cursor<'_>) -> Option<Moment> {
    let month = cursor.number(2)?;
    cursor.eat(b'/')?;
    let day = cursor.number(2)?;
    cursor.eat(b'/')?;
    let days = checked_days(i64::from(cursor.digits(4)?), month, day)?;
    let clock = take(cursor, |c| {
        c.eat(b':')
            .or_else(|| c.eat(b' '))
            .or_else(|| c.eat_text(b", "))?;
        clock(c)
    });
    Some(at_clock(days, clock, None))
}

/// `17/Oct/2024:09:15:02 +0000`, `17 Oct 2024 09:15:02 GMT`, `17-Oct-2024 09:15:02`.
fn day_month_year(cursor: &mut Cursor<'_>) -> Option<Moment> {
    let day = cursor.number(2)?;
    let between = cursor.peek().filter(|b| matches!(b, b'/' | b' ' | b'-'))?;
    cursor.skip(1);
    let month = cursor.month()?;
    cursor.eat(between)?;
    let days = checked_days(i64::from(cursor.digits(4)?), month, day)?;
    let clock = take(cursor, |c| {
        c.eat(b':')
            .or_else(|| c.eat(b' '))
            .or_else(|| c.eat_text(b", "))?;
        clock(c)
    });
    Some(at_clock(days, clock, None))
}

/// Forms that start with a name: `Thu, 17 Oct 2024 09:15:02 +0000`, `Thu Oct 17 09:15:02 UTC 2024`, `Oct 17, 2024 9:15 AM`.
fn named(cursor: &mut Cursor<'_>) -> Option<Moment> {
    let weekday = take(cursor, |c| {
        c.weekday()?;
        let _comma = c.eat(b',');
        c.eat(b' ')
    });
    if weekday.is_some() && cursor.peek()?.is_ascii_digit() {
        return day_month_year(cursor);
    }
    let month = cursor.month()?;
    cursor.eat(b' ')?;
    cursor.blanks();
    let day = cursor.number(2)?;
    let year_next = take(cursor, |c| {
        let _comma = c.eat(b',');
        c.eat(b' ')?;
        let year = c.digits(4)?;
        ends_word(c.rest, 0).then_some(year)
    });
    if let Some(year) = year_next {
        let days = checked_days(i64::from(year), month, day)?;
        let clock = take(cursor, |c| {
            let _comma = c.eat(b',');
            c.eat(b' ').or_else(|| c.eat(b':'))?;
            clock(c)
        });
        return Some(at_clock(days, clock, None));
    }
    cursor.eat(b' ')?;
    let time = clock(cursor)?;
    cursor.eat(b' ')?;
    let year = cursor.digits(4)?;
    let days = checked_days(i64::from(year), month, day)?;
    let zone = take(cursor, spaced_zone);
    Some(at_clock(days, Some(time), zone))
}

/// Seconds of the day, nanoseconds, zone.
type Clock = (i64, u32, Option<Zone>);

fn at_clock(days: i64, clock: Option<Clock>, zone: Option<Zone>) -> Moment {
    let (seconds, nanos, own) = clock.unwrap_or((0, 0, None));
    Moment {
        local: days * DAY + seconds,
        nanos,
        zone: own.or(zone),
    }
}

/// `9:15`, `09:15:02.123`, `9:15:02 AM`, with a zone or none.
fn clock(cursor: &mut Cursor<'_>) -> Option<Clock> {
    let mut hour = cursor.number(2)?;
    cursor.eat(b':')?;
    let minute = cursor.digits(2)?;
    let second = take(cursor, |c| {
        c.eat(b':')?;
        c.digits(2)
    })
    .unwrap_or(0);
    let nanos = decimals(cursor);
    let afternoon = take(cursor, |c| {
        c.blanks();
        let afternoon = c.afternoon()?;
        ends_word(c.rest, 0).then_some(afternoon)
    });
    if let Some(afternoon) = afternoon {
        if !(1..=12).contains(&hour) {
            return None;
        }
        hour = hour % 12 + 12 * u32::from(afternoon);
    }
    let seconds = checked_clock(hour, minute, second)?;
    Some((seconds, nanos, iso_zone(cursor)))
}

/// The date and time without a zone that an absolute modifier spells, all of the text.
pub(super) fn absolute(text: &str) -> Option<Moment> {
    let bytes = text.as_bytes();
    let (moment, taken) = iso(bytes).or_else(|| other(bytes))?;
    (taken == bytes.len() && timestamp(moment.local, 0).is_some()).then_some(moment)
}

/// An epoch number, all of the text, always in seconds.
pub(super) fn epoch_seconds(text: &str) -> Option<Timestamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let seconds: i64 = whole.parse().ok().filter(|_| !whole.starts_with('+'))?;
    let mut cursor = Cursor::new(fraction.as_bytes());
    let nanos = cursor.fraction(usize::MAX)?;
    if !cursor.rest.is_empty() {
        return None;
    }
    let before = whole.starts_with('-') && nanos > 0;
    match before {
        true => timestamp(seconds - 1, 1_000_000_000 - nanos),
        false => timestamp(seconds, nanos),
    }
}

#[cfg(test)]
#[path = "recognise_tests.rs"]
mod tests;
