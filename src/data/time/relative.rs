//! Time modifiers: takes `-24h@h`, `now`, epoch numbers and dates, gives the instant that they mean at a time in a zone.

use super::calendar::Moment;
use super::recognise::{absolute, epoch_seconds};
use super::unit::UNITS;
use super::{Timestamp, Unit, Zone};

/// A parsed time modifier of `earliest`, `latest` and `relative_time()`.
#[derive(Debug, Clone, PartialEq)]
pub struct Modifier(Kind);

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Epoch(Timestamp),
    Date(Moment),
    /// Steps from now, done in turn; none is now itself.
    Steps(Vec<Step>),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Step {
    Shift(i64, Unit),
    /// To the start of the unit; a week starts on the day given (0 is Sunday).
    Snap(Unit, u32),
}

impl Modifier {
    /// Parses a modifier: `now`, an epoch number in seconds, offsets and snaps such as `-1d@d+3h` (no number is 1), or a
    /// date as `10/17/2024:09:15:02` or `2024-10-17T09:15:02`. The error is a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() {
            return Err(format!("An empty time modifier. {FORMS}"));
        }
        if let Some(time) = epoch_seconds(text) {
            return Ok(Self(Kind::Epoch(time)));
        }
        if let Some(moment) = absolute(text) {
            return Ok(Self(Kind::Date(moment)));
        }
        let steps = text
            .strip_prefix("now()")
            .or_else(|| text.strip_prefix("now"))
            .unwrap_or(text);
        if steps.len() == text.len() && !text.starts_with(['+', '-', '@']) {
            return Err(refusal(text));
        }
        parse_steps(steps, text).map(|steps| Self(Kind::Steps(steps)))
    }

    /// The instant that is meant when now is `now`; `None` when it is out of range (years 1678 to 2261).
    pub fn apply(&self, now: Timestamp, zone: Zone) -> Option<Timestamp> {
        match &self.0 {
            Kind::Epoch(time) => Some(*time),
            Kind::Date(moment) => moment.at(zone),
            Kind::Steps(steps) => steps.iter().try_fold(now, |time, step| match *step {
                Step::Shift(count, unit) => unit.shift(time, count, zone),
                Step::Snap(unit, first_day) => unit.snap(time, first_day, zone),
            }),
        }
    }

    /// Whether the instant depends on now.
    pub fn is_relative(&self) -> bool {
        matches!(self.0, Kind::Steps(_))
    }
}

const FORMS: &str = "A modifier is now, an epoch number in seconds, an offset and a snap such as -24h, -1d@d, @w1 or \
    @d-2h, or a date such as 10/17/2024:09:15:02 or 2024-10-17T09:15:02.";

fn refusal(text: &str) -> String {
    if text.starts_with("rt") {
        return format!("'{text}' asks for a real-time search, which is not available. {FORMS}");
    }
    format!("'{text}' is no time modifier. {FORMS}")
}

fn parse_steps(text: &str, whole: &str) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    let mut rest = text;
    while let Some(sign) = rest.chars().next() {
        let body = rest.get(sign.len_utf8()..).unwrap_or_default();
        let (step, after) = match sign {
            '@' => parse_snap(body, whole)?,
            '+' | '-' if body.starts_with("rt") => return Err(refusal("rt")),
            '+' | '-' => parse_shift(body, sign == '-', whole)?,
            _ => {
                return Err(format!(
                    "'{whole}' has '{rest}' where +, - or @ should stand. {FORMS}"
                ));
            }
        };
        steps.push(step);
        rest = after;
    }
    Ok(steps)
}

fn split_where(text: &str, wanted: fn(char) -> bool) -> (&str, &str) {
    let at = text.find(|c| !wanted(c)).unwrap_or(text.len());
    text.split_at(at)
}

fn parse_shift<'a>(body: &'a str, back: bool, whole: &str) -> Result<(Step, &'a str), String> {
    let (digits, body) = split_where(body, |c| c.is_ascii_digit());
    let (name, rest) = split_where(body, |c| c.is_ascii_alphabetic());
    let count = match digits {
        "" => 1,
        _ => digits
            .parse::<i64>()
            .map_err(|_| format!("The number {digits} in '{whole}' is too large."))?,
    };
    // `+0` or `-60` without a unit means seconds.
    let unit = match (name, digits) {
        ("", "") => None,
        ("", _) => Some(Unit::Second),
        _ => Unit::parse(name),
    };
    let unit = unit.ok_or_else(|| unknown_unit(name, whole))?;
    Ok((Step::Shift(if back { -count } else { count }, unit), rest))
}

fn parse_snap<'a>(body: &'a str, whole: &str) -> Result<(Step, &'a str), String> {
    let (name, rest) = split_where(body, |c| c.is_ascii_alphabetic());
    let unit = Unit::parse(name).ok_or_else(|| unknown_unit(name, whole))?;
    let (digits, rest) = split_where(rest, |c| c.is_ascii_digit());
    match (digits, name) {
        ("", _) => Ok((Step::Snap(unit, 0), rest)),
        (_, "w") => match digits.parse::<u32>() {
            Ok(day @ 0..=7) => Ok((Step::Snap(unit, day % 7), rest)),
            _ => Err(format!(
                "'@w{digits}' in '{whole}' is no day of the week: w0 or w7 is Sunday, w1 Monday, w6 Saturday."
            )),
        },
        _ => Err(format!(
            "'@{name}{digits}' in '{whole}' has a number after the unit, which only w0 to w7 may have."
        )),
    }
}

fn unknown_unit(name: &str, whole: &str) -> String {
    if name.is_empty() {
        return format!("A unit of time is missing in '{whole}': one of {UNITS}.");
    }
    format!("'{name}' in '{whole}' is no unit of time: one of {UNITS} may stand there.")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::data::time::parse_timestamp;

    fn apply(now: &str, modifier: &str, zone: &str) -> String {
        let zone = Zone::parse(zone).unwrap();
        let now = parse_timestamp(now, zone).unwrap();
        let time = Modifier::parse(modifier).unwrap().apply(now, zone).unwrap();
        time.display(zone)
    }

    #[test]
    fn documented_forms() {
        // A Tuesday.
        for (modifier, expected) in [
            ("now", "2023-11-14 22:13:20"),
            ("now()", "2023-11-14 22:13:20"),
            ("-30m", "2023-11-14 21:43:20"),
            ("-h", "2023-11-14 21:13:20"),
            ("+5minutes", "2023-11-14 22:18:20"),
            ("@d", "2023-11-14 00:00:00"),
            ("-2h@h", "2023-11-14 20:00:00"),
            ("@d+3h", "2023-11-14 03:00:00"),
            ("@d-2h", "2023-11-13 22:00:00"),
            ("-1d@d+3h", "2023-11-13 03:00:00"),
            ("@w", "2023-11-12 00:00:00"),
            ("@w0", "2023-11-12 00:00:00"),
            ("@w7", "2023-11-12 00:00:00"),
            ("@w1", "2023-11-13 00:00:00"),
            ("@w2", "2023-11-14 00:00:00"),
            ("@w3", "2023-11-08 00:00:00"),
            ("-7d@d", "2023-11-07 00:00:00"),
            ("-1mon@mon", "2023-10-01 00:00:00"),
            ("@q", "2023-10-01 00:00:00"),
            ("-1qtr@quarter", "2023-07-01 00:00:00"),
            ("@y", "2023-01-01 00:00:00"),
            ("-1y", "2022-11-14 22:13:20"),
            ("@m-1week@w1+2d", "2023-11-08 00:00:00"),
            ("-500ms", "2023-11-14 22:13:19.500"),
            ("0", "1970-01-01 00:00:00"),
            ("1700000000.25", "2023-11-14 22:13:20.250"),
            ("11/14/2023:22:13:20", "2023-11-14 22:13:20"),
            ("2023-11-14T22:13:20Z", "2023-11-14 22:13:20"),
            ("2023-11-14", "2023-11-14 00:00:00"),
        ] {
            assert_eq!(
                apply("2023-11-14 22:13:20", modifier, "UTC"),
                expected,
                "{modifier}"
            );
        }
    }

    #[test]
    fn leap_years_and_short_months() {
        assert_eq!(
            apply("2024-02-29 10:00:00", "-1y", "UTC"),
            "2023-02-28 10:00:00"
        );
        assert_eq!(
            apply("2024-03-31 10:00:00", "-1mon", "UTC"),
            "2024-02-29 10:00:00"
        );
        assert_eq!(
            apply("2023-12-31 10:00:00", "+2mon", "UTC"),
            "2024-02-29 10:00:00"
        );
        assert_eq!(
            apply("2024-01-15 10:00:00", "-1mon@mon", "UTC"),
            "2023-12-01 00:00:00"
        );
    }

    #[test]
    fn days_keep_the_clock_over_a_change_of_time_and_hours_do_not() {
        let zone = "America/New_York";
        assert_eq!(
            apply("2024-03-10 12:00:00", "-1d", zone),
            "2024-03-09 12:00:00"
        );
        assert_eq!(
            apply("2024-03-10 12:00:00", "-24h", zone),
            "2024-03-09 11:00:00"
        );
        assert_eq!(
            apply("2024-11-03 12:00:00", "@d", zone),
            "2024-11-03 00:00:00"
        );
        assert_eq!(
            apply("2024-11-03 12:00:00", "@d+12h", zone),
            "2024-11-03 11:00:00"
        );
        assert_eq!(
            apply("2024-03-11 02:30:00", "-1d", zone),
            "2024-03-10 03:30:00"
        );
    }

    #[test]
    fn hours_snap_to_the_hour_of_the_zone() {
        assert_eq!(
            apply("2024-03-10 12:45:00", "@h", "Asia/Kolkata"),
            "2024-03-10 12:00:00"
        );
        let zone = Zone::parse("America/New_York").unwrap();
        // The second 01:30 of that night.
        let now = parse_timestamp("2024-11-03T06:30:00Z", zone).unwrap();
        let snapped = Modifier::parse("@h").unwrap().apply(now, zone).unwrap();
        assert_eq!(snapped.iso(Zone::utc()), "2024-11-03T06:00:00.000+00:00");
    }

    #[test]
    fn refusals_say_what_is_allowed() {
        for (text, part) in [
            ("", "An empty time modifier"),
            ("yesterday", "'yesterday' is no time modifier"),
            ("-1x", "'x' in '-1x' is no unit of time: one of us, ms"),
            ("-", "A unit of time is missing"),
            ("@", "A unit of time is missing"),
            ("@w8", "w0 or w7 is Sunday"),
            ("@d3", "which only w0 to w7 may have"),
            ("-1d@d 3h", "where +, - or @ should stand"),
            ("rt-5m", "real-time"),
            ("-99999999999999999999d", "too large"),
        ] {
            let error = Modifier::parse(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
        let far = Modifier::parse("-999999y").unwrap();
        assert_eq!(far.apply(Timestamp(0), Zone::utc()), None);
    }
}
