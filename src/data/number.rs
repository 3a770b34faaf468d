//! Numbers as SPL reads and prints them: takes text or floats, gives the other.

/// The number that a text spells: decimal with optional sign, fraction and exponent, blanks around it allowed.
/// `inf`, `nan` and hexadecimal are not numbers.
pub fn parse_number(text: &str) -> Option<f64> {
    if let Some(number) = parse_digits(text.as_bytes()) {
        return Some(number);
    }
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

/// Up to 15 digits and nothing else: most numbers of logs, exact as a float.
fn parse_digits(bytes: &[u8]) -> Option<f64> {
    if bytes.is_empty() || bytes.len() > 15 {
        return None;
    }
    let mut number = 0u64;
    for byte in bytes {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number * 10 + u64::from(digit);
    }
    Some(number as f64)
}

/// A number as SPL shows it: integers without a point, else the shortest text that reads back the same.
/// Up to 15 significant digits are kept when that hides a rounding tail (`0.1+0.2` is `0.3`).
pub fn format_number(n: f64) -> String {
    if n == 0.0 {
        return "0".to_owned();
    }
    if n.is_nan() {
        return "nan".to_owned();
    }
    if n.is_infinite() {
        return if n > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    if n.fract() == 0.0 && n.abs() < 1e18 {
        return format!("{}", n as i64);
    }
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

    #[test]
    fn numbers_are_read_strictly() {
        for (text, number) in [
            ("12", Some(12.0)),
            (" -1.5 ", Some(-1.5)),
            ("1e3", Some(1000.0)),
            (".5", Some(0.5)),
        ] {
            assert_eq!(parse_number(text), number, "{text}");
        }
        for text in [
            "", "abc", "0x1f", "inf", "NaN", "1,000", "1 2", "-", "+-1", "1e999",
        ] {
            assert_eq!(parse_number(text), None, "{text}");
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
