//! The Gregorian calendar: takes days or seconds since 1970-01-01, gives years, months, weeks and clock readings, and back.

use super::{Timestamp, Zone};

pub(super) const NANOS: i64 = 1_000_000_000;
pub(super) const DAY: i64 = 86_400;

pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub(super) const WEEKDAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

/// Days since 1970-01-01 of a date that is known to be valid; a year that starts in March puts the leap day last.
#[inline]
pub(super) fn days_from_date(year: i64, month: u32, day: u32) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let from_march = i64::from((month + 9) % 12);
    let of_year = (153 * from_march + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month (1-12) and day (1-31) of a number of days since 1970-01-01.
#[inline]
pub(super) fn date_from_days(days: i64) -> (i64, u32, u32) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = (of_year - (153 * from_march + 2) / 5 + 1) as u32;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    } as u32;
    (era * 400 + year + i64::from(month <= 2), month, day)
}

pub(super) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

#[inline]
pub(super) fn days_in_month(year: i64, month: u32) -> u32 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01, when there is such a date.
#[inline]
pub(super) fn checked_days(year: i64, month: u32, day: u32) -> Option<i64> {
    let valid = (1..=12).contains(&month) && day >= 1 && day <= days_in_month(year, month);
    valid.then(|| days_from_date(year, month, day))
}

/// 0 is Sunday.
#[inline]
pub(super) fn weekday(days: i64) -> u32 {
    (days + 4).rem_euclid(7) as u32
}

/// Year and week by ISO 8601: the week belongs to the year of its Thursday.
pub(super) fn iso_week(days: i64) -> (i64, u32) {
    let monday_based = i64::from((weekday(days) + 6) % 7);
    let thursday = days - monday_based + 3;
    let year = date_from_days(thursday).0;
    let first = days_from_date(year, 1, 1);
    (year, ((thursday - first) / 7 + 1) as u32)
}

/// Seconds of the day; 60 is let through as a leap second and becomes the next minute.
#[inline]
pub(super) fn checked_clock(hour: u32, minute: u32, second: u32) -> Option<i64> {
    (hour < 24 && minute < 60 && second <= 60)
        .then(|| i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second))
}

/// What calendar and clock show in a zone at an instant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    /// Days since 1970-01-01 by the local calendar.
    pub days: i64,
    pub year: i64,
    pub month: u32,
    pub day: u32,
    pub hour: u32,
    pub minute: u32,
    pub second: u32,
    pub nanos: u32,
    /// Seconds since the epoch, by UTC.
    pub epoch: i64,
    /// Seconds east of UTC.
    pub offset: i32,
}

impl Reading {
    #[inline]
    pub(super) fn of(time: Timestamp, zone: Zone) -> Self {
        let nanos = time.0.rem_euclid(NANOS) as u32;
        Self::at(time.0.div_euclid(NANOS), nanos, zone)
    }

    /// Of seconds since the epoch and the nanoseconds after them: a wider range than that of a [`Timestamp`].
    #[inline]
    pub(super) fn at(epoch: i64, nanos: u32, zone: Zone) -> Self {
        let offset = zone.offset_at(epoch);
        let local = epoch + i64::from(offset);
        let days = local.div_euclid(DAY);
        let clock = local.rem_euclid(DAY) as u32;
        let (year, month, day) = date_from_days(days);
        Self {
            days,
            year,
            month,
            day,
            hour: clock / 3600,
            minute: clock / 60 % 60,
            second: clock % 60,
            nanos,
            epoch,
            offset,
        }
    }

    /// 1 is January the first.
    pub(super) fn day_of_year(&self) -> u32 {
        (self.days - days_from_date(self.year, 1, 1) + 1) as u32
    }

    /// 1 to 12, for clocks with AM and PM.
    pub(super) fn hour12(&self) -> u32 {
        (self.hour + 11) % 12 + 1
    }
}

/// A date and time as written: a local reading, and the zone if one stands in the text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Moment {
    /// Local seconds since 1970-01-01.
    pub local: i64,
    pub nanos: u32,
    pub zone: Option<Zone>,
}

impl Moment {
    #[inline]
    pub(super) fn at(self, default: Zone) -> Option<Timestamp> {
        let seconds = self.zone.unwrap_or(default).utc_from_local(self.local);
        timestamp(seconds, self.nanos)
    }
}

/// The instant, unless it is out of the range of 64-bit nanoseconds.
#[inline]
pub(super) fn timestamp(seconds: i64, nanos: u32) -> Option<Timestamp> {
    seconds
        .checked_mul(NANOS)?
        .checked_add(i64::from(nanos))
        .map(Timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_days_agree() {
        for (date, days) in [
            ((1970, 1, 1), 0),
            ((1969, 12, 31), -1),
            ((2000, 2, 29), 11_016),
            ((2024, 10, 17), 20_013),
            ((1900, 3, 1), -25_508),
        ] {
            assert_eq!(days_from_date(date.0, date.1, date.2), days, "{date:?}");
            assert_eq!(date_from_days(days), date);
        }
        for days in (-110_000..110_000).step_by(13) {
            let (y, m, d) = date_from_days(days);
            assert_eq!(checked_days(y, m, d), Some(days));
        }
    }

    #[test]
    fn dates_that_do_not_exist_are_refused() {
        assert_eq!(checked_days(2023, 2, 29), None);
        assert_eq!(checked_days(1900, 2, 29), None);
        assert_eq!(checked_days(2024, 13, 1), None);
        assert_eq!(checked_days(2024, 4, 0), None);
        assert!(checked_days(2000, 2, 29).is_some());
    }

    #[test]
    fn iso_weeks_cross_the_year() {
        assert_eq!(iso_week(days_from_date(2021, 1, 3)), (2020, 53));
        assert_eq!(iso_week(days_from_date(2024, 12, 30)), (2025, 1));
        assert_eq!(iso_week(days_from_date(2023, 11, 14)), (2023, 46));
    }
}
