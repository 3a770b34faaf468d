//! Units of time: takes their names in modifiers and spans, gives the unit, its length, and calendar arithmetic with it.

use super::calendar::{
    DAY, NANOS, Reading, date_from_days, days_from_date, days_in_month, timestamp, weekday,
};
use super::{Timestamp, Zone};

/// A unit of time as modifiers and spans name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// `ns`
    Nanosecond,
    /// `us`
    Microsecond,
    /// `ms`
    Millisecond,
    /// `cs`
    Centisecond,
    /// `ds`
    Decisecond,
    /// `s`
    Second,
    /// `m`
    Minute,
    /// `h`
    Hour,
    /// `d`
    Day,
    /// `w`
    Week,
    /// `mon`
    Month,
    /// `q`
    Quarter,
    /// `y`
    Year,
}

/// The short names, for messages.
pub(super) const UNITS: &str = "us, ms, cs, ds, s, m, h, d, w, mon, q or y";

impl Unit {
    /// The unit of a name such as `h`, `hr`, `hrs`, `hour` or `hours`.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "ns" => Self::Nanosecond,
            "us" => Self::Microsecond,
            "ms" => Self::Millisecond,
            "cs" => Self::Centisecond,
            "ds" => Self::Decisecond,
            "s" | "sec" | "secs" | "second" | "seconds" => Self::Second,
            "m" | "min" | "mins" | "minute" | "minutes" => Self::Minute,
            "h" | "hr" | "hrs" | "hour" | "hours" => Self::Hour,
            "d" | "day" | "days" => Self::Day,
            "w" | "week" | "weeks" => Self::Week,
            "mon" | "month" | "months" => Self::Month,
            "q" | "qtr" | "qtrs" | "quarter" | "quarters" => Self::Quarter,
            "y" | "yr" | "yrs" | "year" | "years" => Self::Year,
            _ => return None,
        })
    }

    /// The short name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nanosecond => "ns",
            Self::Microsecond => "us",
            Self::Millisecond => "ms",
            Self::Centisecond => "cs",
            Self::Decisecond => "ds",
            Self::Second => "s",
            Self::Minute => "m",
            Self::Hour => "h",
            Self::Day => "d",
            Self::Week => "w",
            Self::Month => "mon",
            Self::Quarter => "q",
            Self::Year => "y",
        }
    }

    /// Nanoseconds of a unit that is the same length everywhere; `None` for those of the calendar.
    pub(super) fn nanoseconds(self) -> Option<i64> {
        Some(match self {
            Self::Nanosecond => 1,
            Self::Microsecond => 1000,
            Self::Millisecond => 1_000_000,
            Self::Centisecond => 10_000_000,
            Self::Decisecond => 100_000_000,
            Self::Second => NANOS,
            Self::Minute => 60 * NANOS,
            Self::Hour => 3600 * NANOS,
            Self::Day | Self::Week | Self::Month | Self::Quarter | Self::Year => return None,
        })
    }

    /// Months of a unit that is made of months, else `None`.
    pub(super) fn months(self) -> Option<i64> {
        match self {
            Self::Month => Some(1),
            Self::Quarter => Some(3),
            Self::Year => Some(12),
            _ => None,
        }
    }

    /// The instant `count` units on (or back). Days and longer keep the clock's reading in the zone; a day that the
    /// month lacks becomes its last.
    pub fn shift(self, time: Timestamp, count: i64, zone: Zone) -> Option<Timestamp> {
        if count == 0 {
            return Some(time);
        }
        if let Some(length) = self.nanoseconds() {
            return time
                .0
                .checked_add(length.checked_mul(count)?)
                .map(Timestamp);
        }
        let reading = Reading::of(time, zone);
        let days = match self.months() {
            Some(months) => add_months(&reading, months.checked_mul(count)?)?,
            None => {
                let length = if self == Self::Week { 7 } else { 1 };
                reading.days.checked_add(count.checked_mul(length)?)?
            }
        };
        let clock = (reading.epoch + i64::from(reading.offset)).rem_euclid(DAY);
        let local = days.checked_mul(DAY)?.checked_add(clock)?;
        timestamp(zone.utc_from_local(local), reading.nanos)
    }

    /// The start of the unit that holds the instant, in the zone; a week starts on `first_day` (0 is Sunday).
    pub(super) fn snap(self, time: Timestamp, first_day: u32, zone: Zone) -> Option<Timestamp> {
        if let Some(length) = self.nanoseconds() {
            let offset = i64::from(zone.offset_at(time.0.div_euclid(NANOS))) * NANOS;
            return time
                .0
                .checked_sub(time.0.checked_add(offset)?.rem_euclid(length))
                .map(Timestamp);
        }
        let reading = Reading::of(time, zone);
        let days = match self.months() {
            Some(length) => {
                let month = (reading.month - 1) / length as u32 * length as u32 + 1;
                days_from_date(reading.year, month, 1)
            }
            None if self == Self::Week => {
                reading.days - i64::from((weekday(reading.days) + 7 - first_day % 7) % 7)
            }
            None => reading.days,
        };
        timestamp(zone.utc_from_local(days * DAY), 0)
    }
}

fn add_months(reading: &Reading, count: i64) -> Option<i64> {
    let index = (reading.year * 12 + i64::from(reading.month) - 1).checked_add(count)?;
    let (year, month) = (index.div_euclid(12), index.rem_euclid(12) as u32 + 1);
    if !(1..10_000).contains(&year) {
        return None;
    }
    let day = reading.day.min(days_in_month(year, month));
    Some(days_from_date(year, month, day))
}

/// Local midnight of the first day of a month counted from January 1970.
pub(super) fn month_start(index: i64, zone: Zone) -> Option<Timestamp> {
    let (year, month) = (1970 + index.div_euclid(12), index.rem_euclid(12) as u32 + 1);
    day_start(days_from_date(year, month, 1), zone)
}

/// Local midnight of a day counted from 1970-01-01.
pub(super) fn day_start(days: i64, zone: Zone) -> Option<Timestamp> {
    timestamp(zone.utc_from_local(days.checked_mul(DAY)?), 0)
}

/// Months since January 1970 of a day counted from 1970-01-01.
pub(super) fn month_index(days: i64) -> i64 {
    let (year, month, _) = date_from_days(days);
    (year - 1970) * 12 + i64::from(month) - 1
}
