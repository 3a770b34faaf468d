//! Numbers as SPL reads and prints them: takes text or floats, gives the other.

/// The number that a text spells: decimal with optional sign, fraction and exponent, blanks around it allowed.
/// `inf`, `nan` and hexadecimal are not numbers.
#[inline]
pub fn parse_number(text: &str) -> Option<f64> {
    match plain(text.as_bytes()) {
        Plain::Number(number) => Some(number),
        Plain::Nothing => None,
        Plain::Unknown => parse_any(text),
    }
}

/// What a quick look at a text says.
enum Plain {
    Number(f64),
    /// It is no number.
    Nothing,
    /// It needs a closer look.
    Unknown,
}

/// Powers of ten that a float holds exactly, as many as a fraction of 15 digits needs.
const POWERS: [f64; 16] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

/// Most numbers of logs: a minus perhaps, at most 15 digits, perhaps a point among them. The digits and the power of
/// ten are both exact as floats, so their quotient is the nearest float of the decimal.
#[inline]
fn plain(bytes: &[u8]) -> Plain {
    let (negative, body) = match bytes {
        [] => return Plain::Nothing,
        [b'-', body @ ..] => (true, body),
        [b'0'..=b'9' | b'.', ..] => (false, bytes),
        [first, ..] if *first == b'+' || first.is_ascii_whitespace() => return Plain::Unknown,
        _ => return Plain::Nothing,
    };
    if body.len() > 16 {
        return Plain::Unknown;
    }
    let mut digits = 0u64;
    let mut point = None;
    for (at, byte) in body.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit < 10 {
            digits = digits * 10 + u64::from(digit);
        } else if *byte == b'.' && point.is_none() {
            point = Some(at);
        } else {
            return Plain::Unknown;
        }
    }
    let (count, decimals) = match point {
        None => (body.len(), 0),
        Some(at) => (body.len() - 1, body.len() - 1 - at),
    };
    let (1..=15, Some(power)) = (count, POWERS.get(decimals)) else {
        return Plain::Unknown;
    };
    let number = if decimals == 0 {
        digits as f64
    } else {
        digits as f64 / power
    };
    Plain::Number(if negative { -number } else { number })
}

fn parse_any(text: &str) -> Option<f64> {
    let t = text.trim_ascii();
    let first = *t.as_bytes().first()?;
    if !(first.is_ascii_digit() || matches!(first, b'-' | b'+' | b'.')) {
        return None;
    }
    let body = t.trim_start_matches(['+', '-']);
    if !body
        .as_bytes()
        .first()
        .is_some_and(|b| b.is_ascii_digit() || *b == b'.')
    {
        return None;
    }
    t.parse::<f64>().ok().filter(|n| n.is_finite())
}

/// A number as SPL shows it: integers without a point, else the shortest text that reads back the same.
/// Up to 15 significant digits are kept when that hides a rounding tail (`0.1+0.2` is `0.3`).
pub fn format_number(n: f64) -> String {
    let mut text = String::new();
    write_number(n, &mut text);
    text
}

/// As [`format_number`], at the end of a text.
pub fn write_number(n: f64, out: &mut String) {
    if n == 0.0 {
        out.push('0');
    } else if n.is_nan() {
        out.push_str("nan");
    } else if n.is_infinite() {
        out.push_str(if n > 0.0 { "inf" } else { "-inf" });
    } else if n.fract() == 0.0 && n.abs() < 1e18 {
        out.push_str(itoa::Buffer::new().format(n as i64));
    } else {
        let mut buffer = zmij::Buffer::new();
        let shortest = buffer.format_finite(n);
        if shortest.len() < 17 && !shortest.contains('e') {
            out.push_str(shortest);
        } else {
            out.push_str(&without_tail(n));
        }
    }
}

/// A number of many digits: the shortest text, or that of 15 digits when it is much shorter.
fn without_tail(n: f64) -> String {
    let shortest = format!("{n}");
    if shortest.len() < 17 {
        return shortest;
    }
    let rounded = format!("{:.14e}", n)
        .parse::<f64>()
        .map_or_else(|_| shortest.clone(), |r| format!("{r}"));
    if rounded.len() + 5 <= shortest.len() {
        rounded
    } else {
        shortest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_read_strictly() {
        for (text, number) in [
            ("12", Some(12.0)),
            (" -1.5 ", Some(-1.5)),
            ("1e3", Some(1000.0)),
            (".5", Some(0.5)),
            ("5.", Some(5.0)),
            ("+7", Some(7.0)),
            ("007", Some(7.0)),
            ("9007199254740993", Some(9007199254740992.0)),
            ("0.000000000000001", Some(1e-15)),
        ] {
            assert_eq!(parse_number(text), number, "{text}");
        }
        for text in [
            "", "abc", "0x1f", "inf", "NaN", "1,000", "1 2", "-", "+-1", "1e999", ".", "-.",
            "1.2.3", "--1", "٣",
        ] {
            assert_eq!(parse_number(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_short_way_reads_what_the_library_reads(text in "-?[0-9]{0,17}(\\.[0-9]{0,17})?") {
            let whole = text.parse::<f64>().ok().filter(|n| n.is_finite());
            prop_assert_eq!(parse_number(&text).map(f64::to_bits), whole.map(f64::to_bits));
        }

        #[test]
        fn the_short_way_prints_what_the_library_prints(n in proptest::num::f64::NORMAL, digits in 0..12u32, whole in -9_999_999_999i64..9_999_999_999) {
            for n in [n, whole as f64 / 10f64.powi(digits as i32)] {
                let by_library = if n.fract() == 0.0 && n.abs() < 1e18 { format!("{}", n as i64) } else { without_tail(n) };
                prop_assert_eq!(format_number(n), by_library);
            }
        }
    }

    #[test]
    fn numbers_print_without_tails() {
        assert_eq!(format_number(0.1 + 0.2), "0.3");
        assert_eq!(format_number(10.0), "10");
        assert_eq!(format_number(-0.0), "0");
        assert_eq!(format_number(5.0 / 3.0), "1.6666666666666667");
        assert_eq!(format_number(1700000000.25), "1700000000.25");
        assert_eq!(format_number(2f64.sqrt()), "1.4142135623730951");
    }
}
