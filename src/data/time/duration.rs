//! Durations as text: takes seconds, gives `D+HH:MM:SS`, and back.

/// Seconds as `[D+]HH:MM:SS`, with six decimal digits when there is a fraction: `tostring(x, "duration")`.
/// A negative duration has its sign in front.
pub fn format_duration(seconds: f64) -> String {
    if !seconds.is_finite() {
        return String::new();
    }
    let micros = (seconds.abs() * 1e6).round() as u128;
    let (whole, fraction) = (micros / 1_000_000, micros % 1_000_000);
    let (days, clock) = (whole / 86_400, whole % 86_400);
    let mut text = String::with_capacity(20);
    if seconds < 0.0 && micros > 0 {
        text.push('-');
    }
    if days > 0 {
        text.push_str(&format!("{days}+"));
    }
    text.push_str(&format!(
        "{:02}:{:02}:{:02}",
        clock / 3600,
        clock / 60 % 60,
        clock % 60
    ));
    if fraction > 0 {
        text.push_str(&format!(".{fraction:06}"));
    }
    text
}

/// The seconds of `[D+]HH:MM:SS[.fraction]`, or `None` when the text is no such duration.
pub fn parse_duration(text: &str) -> Option<f64> {
    let text = text.trim();
    let (sign, text) = text.strip_prefix('-').map_or((1.0, text), |t| (-1.0, t));
    let (days, clock) = match text.split_once('+') {
        Some((days, clock)) => (count(days)?, clock),
        None => (0, text),
    };
    let mut parts = clock.split(':');
    let (hours, minutes, seconds) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    count(fraction)?;
    let (hours, minutes, whole) = (count(hours)?, count(minutes)?, count(whole)?);
    if minutes >= 60 || whole >= 60 {
        return None;
    }
    let seconds: f64 = seconds.parse().ok()?;
    let total = days as f64 * 86_400.0 + hours as f64 * 3600.0 + minutes as f64 * 60.0;
    Some(sign * (total + seconds))
}

fn count(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_both_ways() {
        for (seconds, text) in [
            (615.0, "00:10:15"),
            (3661.0, "01:01:01"),
            (100_000.0, "1+03:46:40"),
            (0.0, "00:00:00"),
            (615.5, "00:10:15.500000"),
            (59.999_999_9, "00:01:00"),
            (-615.0, "-00:10:15"),
        ] {
            assert_eq!(format_duration(seconds), text);
            let back = parse_duration(text);
            assert!(back.is_some_and(|b| (b - seconds).abs() < 1e-6), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_durations() {
        for text in [
            "", "615", "10:15", "1:2:3:4", "a:b:c", "00:60:00", "00:00:61", "+1:00:00", "1+",
            "0:0:1.x",
        ] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }
}
