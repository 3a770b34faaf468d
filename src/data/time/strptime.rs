//! `strptime`: takes text and a compiled format, gives seconds since the epoch.
//!
//! The text must fit the format from its start (leading blanks aside); what follows the format is let be. A blank of the
//! format stands for any number of blanks, also none. A fraction and the period before it may be missing. Parts that the
//! format lacks:
//! - no part of a date: today, in the zone; no year: this year; day without month: this month;
//! - a year without a month, or a month without a day, is no date: the result is nothing;
//! - no hour, minute, second or fraction: zero; no zone: the zone of the search.

use super::calendar::{
    DAY, Moment, Reading, checked_clock, checked_days, days_from_date, is_leap, weekday,
};
use super::format::{Format, Item, Variable, day_of_week_number};
use super::scan::Cursor;
use super::{Timestamp, Zone};

/// The seconds since the epoch that a text gives by a format; a part of the date that the format lacks is today's.
pub fn strptime(text: &str, format: &Format, zone: Zone) -> Option<f64> {
    read(text, format)?.seconds(zone, Timestamp::now)
}

/// As `strptime`, with the instant that "today" means.
pub fn strptime_from(text: &str, format: &Format, zone: Zone, now: Timestamp) -> Option<f64> {
    read(text, format)?.seconds(zone, || now)
}

/// What has been read. A week number comes with the way it counts.
#[derive(Debug, Default)]
struct Parts {
    year: Option<u32>,
    century: Option<u32>,
    short_year: Option<u32>,
    month: Option<u32>,
    day: Option<u32>,
    day_of_year: Option<u32>,
    weekday: Option<u32>,
    week: Option<(u32, Variable)>,
    iso_year: Option<u32>,
    hour: u32,
    hour12: Option<u32>,
    afternoon: Option<bool>,
    minute: u32,
    second: u32,
    nanos: u32,
    epoch: Option<i64>,
    zone: Option<Zone>,
}

fn read(text: &str, format: &Format) -> Option<Parts> {
    let mut cursor = Cursor::new(text.as_bytes());
    cursor.blanks();
    let mut parts = Parts::default();
    let mut items = format.items.iter().peekable();
    while let Some(item) = items.next() {
        let fraction = |next: &&Item| matches!(next, Item::Variable(Variable::Fraction(_), _));
        match item {
            Item::Literal(period)
                if &**period == "."
                    && cursor.peek() != Some(b'.')
                    && items.peek().is_some_and(fraction) =>
            {
                items.next();
            }
            Item::Literal(literal) => eat_literal(&mut cursor, literal)?,
            // `%s%3N`: the last digits are the fraction's.
            Item::Variable(Variable::Epoch, _) => {
                let left = match items.peek() {
                    Some(Item::Variable(Variable::Fraction(width), _)) => usize::from(*width),
                    _ => 0,
                };
                parts.epoch = Some(signed(&mut cursor, left)?);
            }
            Item::Variable(variable, _) => parts.take(*variable, &mut cursor)?,
        }
    }
    Some(parts)
}

#[inline]
fn eat_literal(cursor: &mut Cursor<'_>, literal: &str) -> Option<()> {
    let bytes = literal.as_bytes();
    if bytes.len() == 1 && !bytes.first()?.is_ascii_whitespace() {
        return cursor.eat_text(bytes);
    }
    for byte in bytes {
        if byte.is_ascii_whitespace() {
            cursor.blanks();
        } else {
            cursor.eat(*byte)?;
        }
    }
    Some(())
}

impl Parts {
    #[inline]
    fn take(&mut self, variable: Variable, cursor: &mut Cursor<'_>) -> Option<()> {
        match variable {
            Variable::Year => self.year = Some(cursor.digits(4)?),
            Variable::Month => self.month = Some(number(cursor, 2)?),
            Variable::Day | Variable::DayBlank => self.day = Some(number(cursor, 2)?),
            Variable::Hour | Variable::HourBlank => self.hour = number(cursor, 2)?,
            Variable::Minute => self.minute = number(cursor, 2)?,
            Variable::Second => self.second = number(cursor, 2)?,
            Variable::Fraction(width) => self.nanos = cursor.fraction(usize::from(width))?,
            Variable::Offset(_) => self.zone = Some(cursor.offset()?),
            other => return self.take_rare(other, cursor),
        }
        Some(())
    }

    fn take_rare(&mut self, variable: Variable, cursor: &mut Cursor<'_>) -> Option<()> {
        match variable {
            Variable::WeekdayShort | Variable::WeekdayLong => {
                self.weekday = Some(cursor.weekday()?);
            }
            Variable::MonthShort | Variable::MonthLong => self.month = Some(cursor.month()?),
            Variable::Century => self.century = Some(number(cursor, 2)?),
            Variable::YearShort => self.short_year = Some(number(cursor, 2)?),
            Variable::IsoYear => self.iso_year = Some(cursor.digits(4)?),
            Variable::IsoYearShort => self.iso_year = Some(full_year(number(cursor, 2)?)),
            Variable::Hour12 | Variable::Hour12Blank => {
                self.hour12 = Some(number(cursor, 2).filter(|h| (1..=12).contains(h))?);
            }
            Variable::Meridiem | Variable::MeridiemLower => {
                self.afternoon = Some(cursor.afternoon()?);
            }
            Variable::DayOfYear => self.day_of_year = Some(number(cursor, 3)?),
            Variable::WeekdayFromMonday => {
                let day = number(cursor, 1).filter(|d| (1..=7).contains(d))?;
                self.weekday = Some(day % 7);
            }
            Variable::WeekdayFromSunday => {
                self.weekday = Some(number(cursor, 1).filter(|d| *d < 7)?);
            }
            Variable::WeekFromSunday | Variable::WeekFromMonday | Variable::IsoWeek => {
                let week = number(cursor, 2).filter(|w| *w <= 53)?;
                self.week = Some((week, variable));
            }
            Variable::OffsetMinutes => {
                let seconds = signed(cursor, 0)?.checked_mul(60)?;
                self.zone = Some(Zone::fixed(i32::try_from(seconds).ok()?)?);
            }
            Variable::ZoneName => self.zone = Some(cursor.zone()?),
            // The rest was read before this method was asked.
            _ => return None,
        }
        Some(())
    }

    fn seconds(&self, zone: Zone, now: impl Fn() -> Timestamp) -> Option<f64> {
        let fraction = f64::from(self.nanos) / 1e9;
        if let Some(epoch) = self.epoch {
            return Some(epoch as f64 + fraction);
        }
        let zone = self.zone.unwrap_or(zone);
        let days = match (self.year, self.month, self.day) {
            (Some(year), Some(month), Some(day)) => checked_days(i64::from(year), month, day)?,
            _ => self.date(|| Reading::of(now(), zone))?,
        };
        let clock = checked_clock(self.clock_hour()?, self.minute, self.second)?;
        let moment = Moment {
            local: days * DAY + clock,
            nanos: self.nanos,
            zone: Some(zone),
        };
        Some(zone.utc_from_local(moment.local) as f64 + fraction)
    }

    fn clock_hour(&self) -> Option<u32> {
        match (self.hour12, self.afternoon) {
            (Some(hour), Some(afternoon)) => Some(hour % 12 + 12 * u32::from(afternoon)),
            (Some(hour), None) => Some(hour),
            // `%H` with `%p`: 09 PM is 21, 21 PM stays.
            (None, Some(true)) if self.hour < 12 => Some(self.hour + 12),
            (None, _) => Some(self.hour),
        }
    }

    /// Days since 1970-01-01 of an incomplete or unusual date.
    fn date(&self, today: impl Fn() -> Reading) -> Option<i64> {
        let year = self.written_year();
        if let (Some(month), Some(day)) = (self.month, self.day) {
            let year = year.unwrap_or_else(|| today().year);
            return checked_days(year, month, day);
        }
        if let Some(of_year) = self.day_of_year {
            let year = year.unwrap_or_else(|| today().year);
            let last = 365 + u32::from(is_leap(year));
            return (1..=last)
                .contains(&of_year)
                .then(|| days_from_date(year, 1, 1) + i64::from(of_year) - 1);
        }
        if let (Some((week, way)), Some(weekday)) = (self.week, self.weekday) {
            return Some(self.date_of_week(week, way, weekday, year, today));
        }
        match (year, self.month, self.day) {
            (None, None, None) => Some(today().days),
            (None, None, Some(day)) => {
                let today = today();
                checked_days(today.year, today.month, day)
            }
            _ => None,
        }
    }

    fn written_year(&self) -> Option<i64> {
        let year = match (self.year, self.century, self.short_year) {
            (Some(year), _, _) => year,
            (None, Some(century), short) => century * 100 + short.unwrap_or(0),
            (None, None, Some(short)) => full_year(short),
            (None, None, None) => return None,
        };
        Some(i64::from(year))
    }

    fn date_of_week(
        &self,
        week: u32,
        way: Variable,
        day: u32,
        year: Option<i64>,
        today: impl Fn() -> Reading,
    ) -> i64 {
        let iso = self.iso_year.map(i64::from);
        match way {
            Variable::IsoWeek => {
                let year = iso.or(year).unwrap_or_else(|| today().year);
                // 4 January is always in week 1.
                let fourth = days_from_date(year, 1, 4);
                let monday = fourth - i64::from((weekday(fourth) + 6) % 7);
                monday + (i64::from(week) - 1) * 7 + i64::from((day + 6) % 7)
            }
            _ => {
                let year = year.unwrap_or_else(|| today().year);
                day_of_week_number(year, week, day, way == Variable::WeekFromMonday)
            }
        }
    }
}

/// POSIX: 69 to 99 are of the 20th century.
fn full_year(short: u32) -> u32 {
    short + if short < 69 { 2000 } else { 1900 }
}

/// A number with blanks before it, as `%e` and `%k` write them.
#[inline]
fn number(cursor: &mut Cursor<'_>, most: usize) -> Option<u32> {
    if cursor.peek()? == b' ' {
        cursor.blanks();
    }
    cursor.number(most)
}

/// All digits up to some that are left, with a sign or none.
fn signed(cursor: &mut Cursor<'_>, left: usize) -> Option<i64> {
    let negative = cursor.eat(b'-').is_some();
    if !negative {
        let _plus = cursor.eat(b'+');
    }
    let digits = cursor
        .rest
        .iter()
        .take_while(|b| b.is_ascii_digit())
        .count()
        .saturating_sub(left);
    let number: i64 = std::str::from_utf8(cursor.rest.get(..digits)?)
        .ok()?
        .parse()
        .ok()?;
    cursor.skip(digits);
    Some(if negative { -number } else { number })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    // 2024-10-17 09:15:02 UTC
    const NOW: Timestamp = Timestamp(1_729_156_502_000_000_000);

    fn parse(text: &str, format: &str) -> Option<f64> {
        strptime_from(text, &Format::parse(format), Zone::utc(), NOW)
    }

    #[test]
    fn documented_forms() {
        for (text, format, seconds) in [
            ("2023-11-14 22:13:20", "%Y-%m-%d %H:%M:%S", 1_700_000_000.0),
            (
                "2023-11-14T22:13:20Z",
                "%Y-%m-%dT%H:%M:%SZ",
                1_700_000_000.0,
            ),
            (
                "2023-11-14T22:13:20+0100",
                "%Y-%m-%dT%H:%M:%S%z",
                1_699_996_400.0,
            ),
            ("2023-11-14T22:13:20+01:00", "%FT%T%:z", 1_699_996_400.0),
            (
                "2023-11-14T22:13:20.123456Z",
                "%Y-%m-%dT%H:%M:%S.%6NZ",
                1_700_000_000.123_456,
            ),
            ("2023-11-14T22:13:20.5", "%FT%T.%Q", 1_700_000_000.5),
            ("1700000000.250", "%s.%3N", 1_700_000_000.25),
            ("1700000000250", "%s%3N", 1_700_000_000.25),
            (
                "Tue Nov 14 22:13:20 2023",
                "%a %B %d %H:%M:%S.%N %Y",
                1_700_000_000.0,
            ),
            ("2023-11-14T22:13:20Z", "%FT%T.%QZ", 1_700_000_000.0),
            (
                "14/Nov/2023:22:13:20 +0000",
                "%d/%b/%Y:%H:%M:%S %z",
                1_700_000_000.0,
            ),
            (
                "Tue November 14 2023 10:13:20 PM",
                "%a %B %d %Y %I:%M:%S %p",
                1_700_000_000.0,
            ),
            ("11/14/23 22:13:20 EST", "%D %T %Z", 1_700_018_000.0),
            ("2023-318 22:13:20", "%Y-%j %T", 1_700_000_000.0),
            ("2023-W46-2", "%G-W%V-%u", 1_699_920_000.0),
            ("2023 46 2", "%Y %U %w", 1_699_920_000.0),
            ("Tue Nov 14 22:13:20 UTC 2023", "%+", 1_700_000_000.0),
            ("  2023-11-14 and more", "%Y-%m-%d", 1_699_920_000.0),
            ("12:30 AM", "%I:%M %p", 1_729_125_000.0),
        ] {
            assert_eq!(parse(text, format), Some(seconds), "{text} {format}");
        }
    }

    #[test]
    fn missing_parts() {
        assert_eq!(parse("09:15:02", "%H:%M:%S"), Some(NOW.seconds()));
        assert_eq!(
            parse("Oct 17 09:15:02", "%b %d %H:%M:%S"),
            Some(NOW.seconds())
        );
        assert_eq!(parse("17", "%d"), Some(1_729_123_200.0));
        assert_eq!(parse("2024-10", "%Y-%m"), None);
        assert_eq!(parse("2024", "%Y"), None);
    }

    #[test]
    fn texts_that_do_not_fit() {
        for (text, format) in [
            ("not a date", "%Y-%m-%d"),
            ("2023-02-29", "%Y-%m-%d"),
            ("2023-11-14T22:13:20", "%Y-%m-%dT%H:%M:%SZ"),
            ("25:00", "%H:%M"),
            ("13:00 PM", "%I:%M %p"),
            ("", "%Y"),
            ("2023-366", "%Y-%j"),
            ("2023-11-14 22:13:20.", "%F %T.%N"),
        ] {
            assert_eq!(parse(text, format), None, "{text} {format}");
        }
    }

    #[test]
    fn the_zone_of_the_search_counts_where_the_text_has_none() {
        let zone = Zone::parse("America/New_York").unwrap();
        let format = Format::parse("%F %T");
        assert_eq!(
            strptime("2024-07-01 00:00:00", &format, zone),
            Some(1_719_806_400.0)
        );
        assert_eq!(
            strptime("2024-03-10 02:30:00", &format, zone),
            Some(1_710_055_800.0)
        );
    }

    #[test]
    fn what_is_written_can_be_read() {
        let zone = Zone::parse("Europe/Berlin").unwrap();
        for format in [
            "%c %z",
            "%a, %d %b %Y %T %z",
            "%s",
            "%Y-%jT%k:%M:%S%::z",
            "%G %V %u %T %z",
        ] {
            let compiled = Format::parse(format);
            let text = compiled.format(NOW, zone);
            assert_eq!(
                strptime(&text, &compiled, Zone::utc()),
                Some(NOW.seconds()),
                "{text}"
            );
        }
    }
}
