//! The time of an envelope: takes the texts that carriers write (epochs, ISO 8601), gives an instant. Carriers write UTC
//! or an offset, so no time zone is needed here.

use crate::data::time::Timestamp;

const SECOND: i64 = 1_000_000_000;

/// The instant that a text spells: an epoch in s, ms, µs or ns (told by its size, a fraction allowed), or ISO 8601 with
/// `T` or a blank, 0-9 digits of fraction, and any offset (none is UTC).
pub fn instant(text: &[u8]) -> Option<Timestamp> {
    let text = text.trim_ascii();
    if text.len() > 10 && text.get(4) == Some(&b'-') {
        let (time, rest) = iso_prefix(text)?;
        return rest.is_empty().then_some(time);
    }
    epoch(text)
}

fn epoch(text: &[u8]) -> Option<Timestamp> {
    let split = text.iter().position(|b| *b == b'.').unwrap_or(text.len());
    let (whole, fraction) = text.split_at(split);
    if whole.is_empty() || whole.len() > 19 {
        return None;
    }
    let whole = digits(whole)?;
    let unit = match whole {
        0..100_000_000_000 => SECOND,
        100_000_000_000..100_000_000_000_000 => 1_000_000,
        100_000_000_000_000..100_000_000_000_000_000 => 1000,
        _ => 1,
    };
    let nanos = match fraction.strip_prefix(b".") {
        Some(fraction) => scaled(fraction)? / (SECOND / unit),
        None => 0,
    };
    Some(Timestamp(whole.checked_mul(unit)?.checked_add(nanos)?))
}

/// An ISO 8601 time at the start of a text, and the text after it.
pub fn iso_prefix(text: &[u8]) -> Option<(Timestamp, &[u8])> {
    let (day, rest) = text.split_at_checked(10)?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = day else {
        return None;
    };
    let days = days_from_civil(
        digits(&[*y1, *y2, *y3, *y4])?,
        digits(&[*m1, *m2])?,
        digits(&[*d1, *d2])?,
    )?;
    let (clock, rest) = rest.split_at_checked(9)?;
    let [b'T' | b't' | b' ', h1, h2, b':', m1, m2, b':', s1, s2] = clock else {
        return None;
    };
    let (hour, minute, second) = (
        digits(&[*h1, *h2])?,
        digits(&[*m1, *m2])?,
        digits(&[*s1, *s2])?,
    );
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let (nanos, rest) = fraction(rest)?;
    let (offset, rest) = offset(rest);
    let seconds = days * 86400 + hour * 3600 + minute * 60 + second - offset;
    Some((
        Timestamp(seconds.checked_mul(SECOND)?.checked_add(nanos)?),
        rest,
    ))
}

fn fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let [b'.' | b',', rest @ ..] = text else {
        return Some((0, text));
    };
    let length = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let (digits, rest) = rest.split_at(length);
    Some((scaled(digits)?, rest))
}

/// Seconds east of UTC, and the text after the offset. Without an offset it is UTC.
fn offset(text: &[u8]) -> (i64, &[u8]) {
    match text {
        [b'Z' | b'z', rest @ ..] | [b' ', b'U', b'T', b'C', rest @ ..] => (0, rest),
        [b' ', sign @ (b'+' | b'-'), rest @ ..] | [sign @ (b'+' | b'-'), rest @ ..] => {
            let (hours, minutes, rest) = match rest {
                [h1, h2, b':', m1, m2, rest @ ..] | [h1, h2, m1, m2, rest @ ..]
                    if m1.is_ascii_digit() =>
                {
                    (digits(&[*h1, *h2]), digits(&[*m1, *m2]), rest)
                }
                [h1, h2, rest @ ..] => (digits(&[*h1, *h2]), Some(0), rest),
                _ => (None, None, rest),
            };
            let (Some(hours), Some(minutes)) = (hours, minutes) else {
                return (0, text);
            };
            let seconds = hours * 3600 + minutes * 60;
            (if *sign == b'-' { -seconds } else { seconds }, rest)
        }
        _ => (0, text),
    }
}

/// The value of decimal digits; `None` for anything else.
fn digits(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0i64, |number, digit| {
        let digit = digit.is_ascii_digit().then_some(i64::from(digit & 15))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

/// Digits after a decimal point as billionths; those past the ninth are dropped.
fn scaled(text: &[u8]) -> Option<i64> {
    let kept = &text[..text.len().min(9)];
    digits(text.get(9..18.min(text.len())).unwrap_or_default())?;
    Some(digits(kept)? * 10i64.pow(9 - kept.len() as u32))
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar.
fn days_from_civil(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iso_and_epochs_meet() {
        let expected = Some(Timestamp(1_729_156_502_125_000_000));
        for text in [
            "1729156502.125",
            "1729156502125",
            "1729156502125000",
            "1729156502125000000",
            "2024-10-17T09:15:02.125Z",
            "2024-10-17 09:15:02.125",
            "2024-10-17T11:15:02.125000+02:00",
            "2024-10-17T03:45:02,125-0530",
            "2024-10-17 09:15:02.125 UTC",
            "2024-10-17T10:15:02.125000000999+01",
        ] {
            assert_eq!(instant(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_times() {
        for text in [
            "",
            "now",
            "2024-13-01T00:00:00Z",
            "2024-02-30T00:00:00Z",
            "2024-10-17T24:00:00Z",
            "2024-10-17T09:15:02.125Z x",
            "12a",
            "1.2.3",
            "99999999999999999999",
        ] {
            assert_eq!(instant(text.as_bytes()), None, "{text}");
        }
        assert_eq!(instant(b"1970-01-01T00:00:00"), Some(Timestamp(0)));
        assert_eq!(
            instant(b"2000-02-29 00:00:00Z"),
            Some(Timestamp(951_782_400 * SECOND))
        );
    }
}
