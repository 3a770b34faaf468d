//! Time spans: takes `5m`, `1d`, `1w@w1`, gives the bucket of an instant and the buckets after it.
//!
//! Spans of sub-seconds to hours are multiples counted from the epoch (or from an aligned time), whatever the zone: as
//! Splunk says, `24h` is no day. Days, weeks, months, quarters and years follow the calendar of the zone.

use super::calendar::{DAY, NANOS, Reading};
use super::unit::{UNITS, day_start, month_index, month_start};
use super::{Timestamp, Unit, Zone};

/// The span of a bucket of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeSpan {
    count: i64,
    unit: Unit,
    /// The day a week starts on; 0 is Sunday.
    first_day: u32,
}

/// The spans that are taken when a number of buckets is asked for.
const FITTING: [(i64, Unit); 11] = [
    (1, Unit::Second),
    (5, Unit::Second),
    (10, Unit::Second),
    (30, Unit::Second),
    (1, Unit::Minute),
    (5, Unit::Minute),
    (10, Unit::Minute),
    (30, Unit::Minute),
    (1, Unit::Hour),
    (1, Unit::Day),
    (1, Unit::Month),
];

impl TimeSpan {
    /// Parses a span: a whole number (none is 1) and a unit, and for weeks a day to start on: `5m`, `mon`, `1w@w1`.
    /// The unit itself may stand after `@` too: `1d@d`.
    /// The error is a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (length, snap) = text
            .split_once('@')
            .map_or((text, None), |(l, s)| (l, Some(s)));
        let digits = length.len()
            - length
                .trim_start_matches(|c: char| c.is_ascii_digit())
                .len();
        let (number, name) = length.split_at(digits);
        let Some(unit) = Unit::parse(name) else {
            return Err(format!(
                "'{text}' is no time span: a whole number and one of {UNITS}, such as 30s, 5m, 1h, 1d or 1mon."
            ));
        };
        let count = match number {
            "" => 1,
            _ => number.parse::<i64>().unwrap_or(i64::MAX),
        };
        let longest = unit
            .nanoseconds()
            .map_or(100_000, |length| i64::MAX / length);
        if !(1..=longest).contains(&count) {
            return Err(format!(
                "The number of the time span '{text}' must be from 1 to {longest}."
            ));
        }
        Ok(Self {
            count,
            unit,
            first_day: snap.map_or(Ok(0), |snap| first_day(snap, unit, text))?,
        })
    }

    /// A span of so many seconds; `None` unless they are at least a microsecond and not too many.
    pub fn of_seconds(seconds: f64) -> Option<Self> {
        let micros = (seconds * 1e6).round();
        let (count, unit) = if seconds.fract() == 0.0 {
            (seconds, Unit::Second)
        } else {
            (micros, Unit::Microsecond)
        };
        (micros >= 1.0 && seconds < 9.2e9).then_some(Self {
            count: count as i64,
            unit,
            first_day: 0,
        })
    }

    /// The shortest of the usual spans that needs no more than `bins` buckets from `earliest` to `latest`.
    pub fn fitting(earliest: Timestamp, latest: Timestamp, bins: usize) -> Self {
        let range = i128::from(latest.0) - i128::from(earliest.0);
        let bins = i128::try_from(bins.max(1)).unwrap_or(i128::MAX);
        let fits = |span: &Self| span.rough_nanoseconds().saturating_mul(bins) >= range;
        let spans = FITTING.map(|(count, unit)| Self {
            count,
            unit,
            first_day: 0,
        });
        spans.into_iter().find(fits).unwrap_or(Self {
            count: 1,
            unit: Unit::Year,
            first_day: 0,
        })
    }

    fn rough_nanoseconds(&self) -> i128 {
        let unit = match self.unit {
            Unit::Day => i128::from(DAY * NANOS),
            Unit::Week => i128::from(7 * DAY * NANOS),
            _ => match self.unit.months() {
                Some(months) => i128::from(months * 30 * DAY * NANOS),
                None => i128::from(self.unit.nanoseconds().unwrap_or(1)),
            },
        };
        unit * i128::from(self.count)
    }

    /// About how many seconds: a month counts as 30 days. For `per_hour()` and the like, and for comparing spans.
    pub fn seconds(&self) -> f64 {
        self.rough_nanoseconds() as f64 / 1e9
    }

    /// Number and unit.
    pub fn parts(&self) -> (i64, Unit) {
        (self.count, self.unit)
    }

    /// Whether buckets follow the calendar of the zone, so that `align` has no effect.
    pub fn is_calendar(&self) -> bool {
        self.unit.nanoseconds().is_none()
    }

    /// The start of the bucket that holds the instant. `align` is a start of a bucket, for spans shorter than a day.
    #[inline]
    pub fn floor(&self, time: Timestamp, zone: Zone, align: Option<Timestamp>) -> Timestamp {
        if let Some(length) = self.nanoseconds() {
            let start = align.map_or(0, |a| a.0.rem_euclid(length));
            let into = (time.0.rem_euclid(length) - start).rem_euclid(length);
            return Timestamp(time.0.saturating_sub(into));
        }
        self.calendar_start(self.bucket(time, zone), zone)
            .unwrap_or(time)
    }

    /// The start of the bucket after the one that starts at `start`.
    pub fn next(&self, start: Timestamp, zone: Zone) -> Timestamp {
        if let Some(length) = self.nanoseconds() {
            return Timestamp(start.0.saturating_add(length));
        }
        self.calendar_start(self.bucket(start, zone).saturating_add(1), zone)
            .unwrap_or(Timestamp(i64::MAX))
    }

    #[inline]
    fn nanoseconds(&self) -> Option<i64> {
        self.unit.nanoseconds()?.checked_mul(self.count)
    }

    /// The number of the calendar bucket that holds the instant.
    fn bucket(&self, time: Timestamp, zone: Zone) -> i64 {
        let days = Reading::of(time, zone).days;
        match (self.unit.months(), self.unit) {
            (Some(months), _) => month_index(days).div_euclid(months * self.count),
            (None, Unit::Week) => (days - self.first_week()).div_euclid(7 * self.count),
            _ => days.div_euclid(self.count),
        }
    }

    fn calendar_start(&self, bucket: i64, zone: Zone) -> Option<Timestamp> {
        let units = bucket.checked_mul(self.count)?;
        match (self.unit.months(), self.unit) {
            (Some(months), _) => month_start(units.checked_mul(months)?, zone),
            (None, Unit::Week) => day_start(units.checked_mul(7)? + self.first_week(), zone),
            _ => day_start(units, zone),
        }
    }

    /// The last start of a week before 1970-01-01, or the day itself: Sunday was four days before.
    fn first_week(&self) -> i64 {
        i64::from(self.first_day) - 4
    }
}

impl std::fmt::Display for TimeSpan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.count, self.unit.name())?;
        match self.first_day {
            0 => Ok(()),
            day => write!(f, "@w{day}"),
        }
    }
}

fn first_day(snap: &str, unit: Unit, text: &str) -> Result<u32, String> {
    let refusal = || {
        format!(
            "The snap of the time span '{text}' may only be the span's own unit such as 1d@d, or w0 to w7 on a span of weeks such as 1w@w1."
        )
    };
    // Buckets start there anyway.
    if Unit::parse(snap) == Some(unit) {
        return Ok(0);
    }
    if unit != Unit::Week {
        return Err(refusal());
    }
    match snap.strip_prefix('w').map(str::parse::<u32>) {
        Some(Ok(day @ 0..=7)) => Ok(day % 7),
        _ => Err(refusal()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::data::time::parse_timestamp;

    fn floor(time: &str, span: &str, zone: &str) -> (String, String) {
        let zone = Zone::parse(zone).unwrap();
        let span = TimeSpan::parse(span).unwrap();
        let start = span.floor(parse_timestamp(time, zone).unwrap(), zone, None);
        assert_eq!(span.floor(start, zone, None), start);
        (start.display(zone), span.next(start, zone).display(zone))
    }

    #[test]
    fn buckets_in_utc() {
        for (span, start, next) in [
            ("500ms", "22:13:20", "22:13:20.500"),
            ("30s", "22:13:00", "22:13:30"),
            ("5m", "22:10:00", "22:15:00"),
            ("h", "22:00:00", "23:00:00"),
        ] {
            let expected = (format!("2023-11-14 {start}"), format!("2023-11-14 {next}"));
            assert_eq!(
                floor("2023-11-14 22:13:20.4", span, "UTC"),
                expected,
                "{span}"
            );
        }
        for (span, start, next) in [
            ("1d", "2023-11-14", "2023-11-15"),
            ("2d", "2023-11-13", "2023-11-15"),
            ("1w", "2023-11-12", "2023-11-19"),
            ("1w@w1", "2023-11-13", "2023-11-20"),
            ("week@w3", "2023-11-08", "2023-11-15"),
            ("1mon", "2023-11-01", "2023-12-01"),
            ("1q", "2023-10-01", "2024-01-01"),
            ("1y", "2023-01-01", "2024-01-01"),
        ] {
            let expected = (format!("{start} 00:00:00"), format!("{next} 00:00:00"));
            assert_eq!(
                floor("2023-11-14 22:13:20.4", span, "UTC"),
                expected,
                "{span}"
            );
        }
    }

    #[test]
    fn days_of_23_and_25_hours() {
        let zone = Zone::parse("America/New_York").unwrap();
        let day = TimeSpan::parse("1d").unwrap();
        for (date, hours) in [
            ("2024-03-10 15:00", 23),
            ("2024-11-03 15:00", 25),
            ("2024-07-01 15:00", 24),
        ] {
            let start = day.floor(parse_timestamp(date, zone).unwrap(), zone, None);
            let length = day.next(start, zone).0 - start.0;
            assert_eq!(length, hours * 3600 * NANOS, "{date}");
            assert!(start.display(zone).ends_with("00:00:00"));
        }
        assert_eq!(
            floor("2024-02-29 12:00:00", "1mon", "Europe/Berlin").1,
            "2024-03-01 00:00:00"
        );
    }

    #[test]
    fn aligned_buckets() {
        let span = TimeSpan::parse("1h").unwrap();
        let floor = |t: i64, a: i64| {
            span.floor(
                Timestamp(t * NANOS),
                Zone::utc(),
                Some(Timestamp(a * NANOS)),
            )
            .0 / NANOS
        };
        assert_eq!(floor(7300, 600), 4200);
        assert_eq!(floor(599, 600), -3000);
        assert_eq!(floor(600, 600), 600);
        assert_eq!(floor(7300, 600 + 36_000), 4200);
    }

    #[test]
    fn spans_for_a_number_of_buckets() {
        let fitting = |seconds: i64| {
            TimeSpan::fitting(Timestamp(0), Timestamp(seconds * NANOS), 100).to_string()
        };
        for (seconds, span) in [
            (0, "1s"),
            (900, "10s"),
            (3600, "1m"),
            (4 * 3600, "5m"),
            (24 * 3600, "30m"),
            (7 * 86_400, "1d"),
            (30 * 86_400, "1d"),
            (365 * 86_400, "1mon"),
            (20 * 365 * 86_400, "1y"),
        ] {
            assert_eq!(fitting(seconds), span, "{seconds}");
        }
        assert_eq!(TimeSpan::of_seconds(300.0).unwrap().to_string(), "300s");
        assert_eq!(TimeSpan::of_seconds(0.5).unwrap().seconds(), 0.5);
        assert_eq!(TimeSpan::of_seconds(0.0), None);
        assert_eq!(TimeSpan::of_seconds(f64::NAN), None);
    }

    #[test]
    fn refusals_say_what_is_allowed() {
        for (text, part) in [
            ("abc", "'abc' is no time span"),
            ("5", "is no time span"),
            ("", "is no time span"),
            ("-5m", "is no time span"),
            ("1.5h", "is no time span"),
            ("0d", "must be from 1"),
            ("99999999999999999999s", "must be from 1"),
            ("1d@h", "on a span of weeks"),
            ("1w@w9", "on a span of weeks"),
        ] {
            let error = TimeSpan::parse(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
