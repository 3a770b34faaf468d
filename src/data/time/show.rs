//! Timestamps as text: takes instants, gives `_time` as seconds, as tables show it, and as exports write it.

use super::calendar::{NANOS, Reading};
use super::format::{push_offset, push_padded};
use super::{Timestamp, Zone};

impl Timestamp {
    /// `_time` in seconds, as the shortest decimal text: `1729156502.123456`, `1729156502`.
    pub fn seconds_text(self) -> String {
        let mut text = String::with_capacity(20);
        self.write_seconds(&mut text);
        text
    }

    /// Appends what `seconds_text` gives.
    pub fn write_seconds(self, text: &mut String) {
        let magnitude = self.0.unsigned_abs();
        if self.0 < 0 {
            text.push('-');
        }
        push_padded(text, magnitude / NANOS as u64, 1, '0');
        let mut rest = magnitude % NANOS as u64;
        if rest > 0 {
            let mut width = 9;
            while rest.is_multiple_of(10) {
                rest /= 10;
                width -= 1;
            }
            text.push('.');
            push_padded(text, rest, width, '0');
        }
    }

    /// As result tables show `_time`: `2024-10-17 09:15:02`, with milliseconds when there is a sub-second part.
    pub fn display(self, zone: Zone) -> String {
        let mut text = String::with_capacity(23);
        self.write_display(&mut text, zone);
        text
    }

    /// Appends what `display` gives.
    pub fn write_display(self, text: &mut String, zone: Zone) {
        let reading = Reading::of(self, zone);
        push_date_time(text, &reading, ' ');
        if reading.nanos > 0 {
            text.push('.');
            push_padded(text, u64::from(reading.nanos / 1_000_000), 3, '0');
        }
    }

    /// As exports write `_time`: `2024-10-17T09:15:02.123+00:00`.
    pub fn iso(self, zone: Zone) -> String {
        let mut text = String::with_capacity(29);
        self.write_iso(&mut text, zone);
        text
    }

    /// Appends what `iso` gives.
    pub fn write_iso(self, text: &mut String, zone: Zone) {
        let reading = Reading::of(self, zone);
        push_date_time(text, &reading, 'T');
        text.push('.');
        push_padded(text, u64::from(reading.nanos / 1_000_000), 3, '0');
        push_offset(text, reading.offset, 1);
    }
}

fn push_date_time(text: &mut String, reading: &Reading, between: char) {
    push_padded(text, reading.year.unsigned_abs(), 4, '0');
    text.push('-');
    push_padded(text, u64::from(reading.month), 2, '0');
    text.push('-');
    push_padded(text, u64::from(reading.day), 2, '0');
    text.push(between);
    push_padded(text, u64::from(reading.hour), 2, '0');
    text.push(':');
    push_padded(text, u64::from(reading.minute), 2, '0');
    text.push(':');
    push_padded(text, u64::from(reading.second), 2, '0');
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn seconds_have_no_tail() {
        for (nanos, text) in [
            (1_729_156_502_123_456_000, "1729156502.123456"),
            (1_729_156_502_000_000_000, "1729156502"),
            (1_729_156_502_000_000_001, "1729156502.000000001"),
            (-1_500_000_000, "-1.5"),
            (0, "0"),
        ] {
            assert_eq!(Timestamp(nanos).seconds_text(), text);
        }
        let read = Timestamp::from_seconds(1_729_156_502.123_456).unwrap();
        assert_eq!(read.seconds_text(), "1729156502.123456");
    }

    #[test]
    fn tables_and_exports() {
        let time = Timestamp(1_729_156_502_123_456_000);
        let zone = Zone::parse("America/New_York").unwrap();
        assert_eq!(time.display(Zone::utc()), "2024-10-17 09:15:02.123");
        assert_eq!(Timestamp(0).display(Zone::utc()), "1970-01-01 00:00:00");
        assert_eq!(time.iso(zone), "2024-10-17T05:15:02.123-04:00");
        assert_eq!(
            Timestamp(-1).iso(Zone::utc()),
            "1969-12-31T23:59:59.999+00:00"
        );
    }
}
