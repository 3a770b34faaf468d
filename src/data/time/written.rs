//! A time as it is written: takes the text of a time, gives what calendar and clock show in it, and the zone it names.

use super::calendar::{DAY, MONTHS, NANOS, Reading, WEEKDAYS, date_from_days, weekday};
use super::recognise::{Spelling, spelled, spelled_prefix};
use super::{Timestamp, Zone};

/// The fields that tell the parts of the time as an event's text writes it.
pub const DATE_FIELDS: [&str; 8] = [
    "date_hour",
    "date_mday",
    "date_minute",
    "date_month",
    "date_second",
    "date_wday",
    "date_year",
    "date_zone",
];

/// Where a scan for several queries keeps what events hold themselves in one of the [`DATE_FIELDS`] that some of the
/// queries name: the others see nothing else. No field is called so.
pub fn own_date(name: &str) -> String {
    format!("{name}\0")
}

/// An instant, with the reading of calendar and clock that the text spells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// The instant.
    pub time: Timestamp,
    /// Local seconds since 1970-01-01.
    local: i64,
    /// Seconds east of UTC, where the text names a zone.
    offset: Option<i32>,
}

impl Written {
    /// What a text says that is a time as a whole, see [`super::parse_timestamp`]. A number has no reading of its own: it
    /// is read in `zone`.
    pub fn parse(text: &str, zone: Zone) -> Option<Self> {
        Self::of(spelled(text)?, zone)
    }

    /// What the time at the start of a line says, see [`super::parse_timestamp_prefix`].
    pub fn parse_prefix(text: &str, zone: Zone) -> Option<Self> {
        Self::of(spelled_prefix(text)?.0, zone)
    }

    fn of(spelling: Spelling, zone: Zone) -> Option<Self> {
        let time = spelling.at(zone)?;
        let (local, offset) = match spelling {
            Spelling::Clock(moment) => {
                let seconds = |zone: Zone| zone.offset_at(time.0.div_euclid(NANOS));
                (moment.local, moment.zone.map(seconds))
            }
            Spelling::Number(_) => {
                let reading = Reading::of(time, zone);
                (reading.epoch + i64::from(reading.offset), None)
            }
        };
        Some(Self {
            time,
            local,
            offset,
        })
    }

    /// The value of one of the [`DATE_FIELDS`]; `None` for another name.
    pub fn field(&self, name: &str) -> Option<String> {
        let days = self.local.div_euclid(DAY);
        let clock = self.local.rem_euclid(DAY);
        let (year, month, day) = date_from_days(days);
        let named = |names: &[&str], at: u32| names.get(at as usize).map(|n| n.to_lowercase());
        match name {
            "date_year" => Some(year.to_string()),
            "date_month" => named(&MONTHS, month - 1),
            "date_mday" => Some(day.to_string()),
            "date_wday" => named(&WEEKDAYS, weekday(days)),
            "date_hour" => Some((clock / 3600).to_string()),
            "date_minute" => Some((clock / 60 % 60).to_string()),
            "date_second" => Some((clock % 60).to_string()),
            "date_zone" => Some(match self.offset {
                Some(seconds) => (seconds / 60).to_string(),
                None => "local".to_owned(),
            }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::time::{parse_timestamp, parse_timestamp_prefix};

    fn values(written: Written) -> String {
        let values = DATE_FIELDS.map(|name| written.field(name).unwrap());
        values.join(" ")
    }

    #[test]
    fn texts_tell_their_own_clock_and_offset() {
        let zone = Zone::parse("America/New_York").unwrap();
        for (text, expected) in [
            (
                "2026-03-02T23:59:59+02:00",
                "23 2 59 march 59 monday 2026 120",
            ),
            ("2026-03-02T23:59:59.123Z", "23 2 59 march 59 monday 2026 0"),
            ("2026-03-02 03:04:05", "3 2 4 march 5 monday 2026 local"),
            (
                "2026-03-07 03:04:05 -0530",
                "3 7 4 march 5 saturday 2026 -330",
            ),
            (
                "Sat, 07 Mar 2026 03:04:05 GMT",
                "3 7 4 march 5 saturday 2026 0",
            ),
            (
                "Sat Mar  7 03:04:05 UTC 2026",
                "3 7 4 march 5 saturday 2026 0",
            ),
            (
                "07/Mar/2026:03:04:05 -0800",
                "3 7 4 march 5 saturday 2026 -480",
            ),
            (
                "2026-03-07 03:04:05 EST",
                "3 7 4 march 5 saturday 2026 -300",
            ),
            ("3/7/2026 3:04:05 PM", "15 7 4 march 5 saturday 2026 local"),
            ("20260307T030405Z", "3 7 4 march 5 saturday 2026 0"),
            ("2026-03-07", "0 7 0 march 0 saturday 2026 local"),
            (
                "1969-12-31T23:00:00Z",
                "23 31 0 december 0 wednesday 1969 0",
            ),
            // A number's clock is the run's: five hours behind UTC.
            ("1772857445", "23 6 24 march 5 friday 2026 local"),
        ] {
            let written = Written::parse(text, zone).unwrap();
            assert_eq!(values(written), expected, "{text}");
            assert_eq!(Some(written.time), parse_timestamp(text, zone), "{text}");
            let line = format!("[{text}] GET /");
            let prefix = Written::parse_prefix(&line, zone).unwrap();
            assert_eq!(values(prefix), expected, "{line}");
            let time = parse_timestamp_prefix(&line, zone).unwrap().0;
            assert_eq!(prefix.time, time, "{line}");
        }
        assert_eq!(Written::parse("noon", zone), None);
    }
}
