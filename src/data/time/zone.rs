//! Time zones: takes names and offsets, gives the difference from UTC at an instant, and instants of local readings.

use chrono::{DateTime, MappedLocalTime, Offset, TimeZone};
use chrono_tz::{OffsetName, Tz};

/// A time zone: a fixed offset from UTC, or one of the IANA database with its changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Seconds east of UTC.
    Fixed(i32),
    Named(Tz),
}

/// Abbreviations that logs carry, with minutes east of UTC. Where the world has two, the one of the larger log corpus.
const ABBREVIATIONS: [(&str, i32); 34] = [
    ("UTC", 0),
    ("GMT", 0),
    ("Z", 0),
    ("UT", 0),
    ("EST", -300),
    ("EDT", -240),
    ("CST", -360),
    ("CDT", -300),
    ("MST", -420),
    ("MDT", -360),
    ("PST", -480),
    ("PDT", -420),
    ("AKST", -540),
    ("AKDT", -480),
    ("HST", -600),
    ("WET", 0),
    ("WEST", 60),
    ("BST", 60),
    ("CET", 60),
    ("CEST", 120),
    ("EET", 120),
    ("EEST", 180),
    ("MSK", 180),
    ("IST", 330),
    ("SGT", 480),
    ("HKT", 480),
    ("AWST", 480),
    ("JST", 540),
    ("KST", 540),
    ("ACST", 570),
    ("AEST", 600),
    ("AEDT", 660),
    ("NZST", 720),
    ("NZDT", 780),
];

impl Zone {
    /// UTC.
    pub const fn utc() -> Self {
        Self(Kind::Fixed(0))
    }

    /// A fixed offset in seconds east of UTC; `None` at a day or more.
    pub fn fixed(seconds: i32) -> Option<Self> {
        (seconds.abs() < 86_400).then_some(Self(Kind::Fixed(seconds)))
    }

    /// The zone by name: `UTC`, `Z`, `local`, an IANA name in any letter case, or an offset such as `+02:00`, `-0530`, `+2`.
    pub fn parse(name: &str) -> Option<Self> {
        let name = name.trim();
        if name.eq_ignore_ascii_case("utc") || name.eq_ignore_ascii_case("z") {
            return Some(Self::utc());
        }
        if name.eq_ignore_ascii_case("local") {
            return Self::local();
        }
        if name.starts_with(['+', '-']) {
            return Self::fixed(parse_offset(name)?);
        }
        name.parse::<Tz>()
            .ok()
            .or_else(|| {
                chrono_tz::TZ_VARIANTS
                    .iter()
                    .find(|tz| tz.name().eq_ignore_ascii_case(name))
                    .copied()
            })
            .map(|tz| Self(Kind::Named(tz)))
    }

    /// The machine's zone: `TZ` if it names one, else the system's setting; `None` when neither is known by name.
    pub fn local() -> Option<Self> {
        let named = |name: &str| {
            let name = name.trim_start_matches(':');
            (!name.is_empty() && !name.eq_ignore_ascii_case("local"))
                .then(|| Self::parse(name))
                .flatten()
        };
        std::env::var("TZ")
            .ok()
            .and_then(|name| named(&name))
            .or_else(|| named(&iana_time_zone::get_timezone().ok()?))
    }

    /// The name, as `parse` takes it.
    pub fn name(self) -> String {
        match self.0 {
            Kind::Named(tz) => tz.name().to_owned(),
            Kind::Fixed(0) => "UTC".to_owned(),
            Kind::Fixed(seconds) => offset_text(seconds),
        }
    }

    /// Seconds east of UTC at an instant, given in seconds since the epoch.
    #[inline]
    pub(super) fn offset_at(self, epoch: i64) -> i32 {
        match self.0 {
            Kind::Fixed(seconds) => seconds,
            Kind::Named(tz) => named_offset(tz, epoch),
        }
    }

    /// Seconds since the epoch of a local reading. Of a reading that comes twice, the first; one that a change of the
    /// clock leaps over moves on by the length of the leap, as `mktime` has it.
    #[inline]
    pub(super) fn utc_from_local(self, local: i64) -> i64 {
        match self.0 {
            Kind::Fixed(seconds) => local - i64::from(seconds),
            Kind::Named(tz) => named_utc(tz, local),
        }
    }

    /// `EST`, `UTC`, or the offset where the zone has no abbreviation.
    pub(super) fn abbreviation_at(self, epoch: i64) -> String {
        match self.0 {
            Kind::Named(tz) => DateTime::from_timestamp(epoch, 0)
                .and_then(|t| {
                    let offset = tz.offset_from_utc_datetime(&t.naive_utc());
                    offset.abbreviation().map(str::to_owned)
                })
                .unwrap_or_else(|| offset_text(self.offset_at(epoch))),
            Kind::Fixed(_) => self.name(),
        }
    }

    /// The zone behind an abbreviation such as `EST` or `GMT`.
    pub(super) fn from_abbreviation(text: &[u8]) -> Option<Self> {
        let (_, minutes) = ABBREVIATIONS
            .iter()
            .find(|(name, _)| name.as_bytes().eq_ignore_ascii_case(text))?;
        Self::fixed(minutes * 60)
    }
}

fn named_offset(tz: Tz, epoch: i64) -> i32 {
    DateTime::from_timestamp(epoch, 0).map_or(0, |t| {
        tz.offset_from_utc_datetime(&t.naive_utc())
            .fix()
            .local_minus_utc()
    })
}

fn named_utc(tz: Tz, local: i64) -> i64 {
    let Some(reading) = DateTime::from_timestamp(local, 0) else {
        return local;
    };
    let offset = match tz.offset_from_local_datetime(&reading.naive_utc()) {
        MappedLocalTime::Single(o) => i64::from(o.fix().local_minus_utc()),
        // The earlier instant is the one with the larger offset.
        MappedLocalTime::Ambiguous(a, b) => {
            let (a, b) = (a.fix().local_minus_utc(), b.fix().local_minus_utc());
            i64::from(a.max(b))
        }
        MappedLocalTime::None => i64::from(named_offset(tz, local - 2 * super::calendar::DAY)),
    };
    local - offset
}

fn parse_offset(text: &str) -> Option<i32> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits = text.get(1..)?;
    let number = |t: &str| -> Option<i32> {
        (!t.is_empty() && t.bytes().all(|b| b.is_ascii_digit()))
            .then(|| t.parse().ok())
            .flatten()
    };
    let (hours, minutes) = match (digits.split_once(':'), digits.len()) {
        (Some((h, m)), _) => (number(h)?, number(m)?),
        (None, 1 | 2) => (number(digits)?, 0),
        (None, 4) => (number(digits.get(..2)?)?, number(digits.get(2..)?)?),
        _ => return None,
    };
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

fn offset_text(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn names_in_any_case_and_offsets() {
        assert_eq!(Zone::parse("z"), Some(Zone::utc()));
        assert_eq!(
            Zone::parse("america/new_york"),
            Zone::parse("America/New_York")
        );
        assert_eq!(
            Zone::parse("Europe/Berlin").unwrap().name(),
            "Europe/Berlin"
        );
        for (text, seconds) in [
            ("+02:00", 7200),
            ("-0530", -19_800),
            ("+2", 7200),
            ("-11", -39_600),
        ] {
            assert_eq!(Zone::parse(text).unwrap().offset_at(0), seconds, "{text}");
        }
        assert_eq!(Zone::parse("+02:00").unwrap().name(), "+02:00");
        for text in ["", "Mars/Base", "+25:00", "+1:75", "+", "+a", "-é1"] {
            assert_eq!(Zone::parse(text), None, "{text}");
        }
    }

    #[test]
    fn new_york_leaps_and_falls_back() {
        let zone = Zone::parse("America/New_York").unwrap();
        // 2024-03-10 02:30 does not exist: 03:30 EDT, 07:30 UTC.
        let gap = 19_792 * 86_400 + 2 * 3600 + 1800;
        assert_eq!(zone.utc_from_local(gap), 19_792 * 86_400 + 7 * 3600 + 1800);
        // 2024-11-03 01:30 comes twice: the first is EDT, 05:30 UTC.
        let twice = 20_030 * 86_400 + 3600 + 1800;
        assert_eq!(
            zone.utc_from_local(twice),
            20_030 * 86_400 + 5 * 3600 + 1800
        );
        assert_eq!(zone.abbreviation_at(1_700_000_000), "EST");
        assert_eq!(zone.abbreviation_at(1_720_000_000), "EDT");
    }

    #[test]
    fn a_zone_without_abbreviations_shows_its_offset() {
        let zone = Zone::parse("America/Sao_Paulo").unwrap();
        assert!(["-03", "-03:00"].contains(&zone.abbreviation_at(1_700_000_000).as_str()));
    }
}
