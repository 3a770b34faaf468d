//! Single values as text that is safe to show: takes log content, gives text that can't drive a terminal.

use super::Look;
use crate::data::time::{Timestamp, Zone};
use crate::data::{Batch, parse_number};
use std::borrow::Cow;
use std::io::{self, Write};

/// Replaces control characters (but newline and tab) by their pictures, so that an event can't move the cursor,
/// change colours or ring the bell.
pub fn clean(text: &str) -> Cow<'_, str> {
    let safe = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    if text.chars().all(safe) {
        return Cow::Borrowed(text);
    }
    let picture = |c: char| match c {
        c if safe(c) => c,
        '\u{7f}' => '\u{2421}',
        c if (c as u32) < 0x20 => char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}'),
        _ => '\u{fffd}',
    };
    Cow::Owned(text.chars().map(picture).collect())
}

/// `_time` for a table: date and time in the zone, milliseconds when there are some.
pub fn time_text(text: &str, zone: Zone) -> String {
    match parse_number(text).and_then(Timestamp::from_seconds) {
        Some(time) => time.display(zone),
        None => clean(text).into_owned(),
    }
}

/// The text with the marks of a look put around the texts that are to be marked: in reverse video.
pub(super) fn marked<'t>(text: &'t str, look: &Look) -> Cow<'t, str> {
    if !look.colour || look.marks.is_empty() {
        return Cow::Borrowed(text);
    }
    let lower = text.to_ascii_lowercase();
    let marks: Vec<String> = look.marks.iter().map(|m| m.to_ascii_lowercase()).collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    loop {
        let rest = lower.get(at..).unwrap_or_default();
        let found = marks.iter().filter(|mark| !mark.is_empty());
        let first = found
            .filter_map(|mark| Some((rest.find(mark.as_str())?, mark.len())))
            .min_by_key(|(start, length)| (*start, usize::MAX - length));
        let Some((start, length)) = first else { break };
        out.push_str(text.get(at..at + start).unwrap_or_default());
        out.push_str("\x1b[7m");
        out.push_str(
            text.get(at + start..at + start + length)
                .unwrap_or_default(),
        );
        out.push_str("\x1b[27m");
        at += start + length;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    Cow::Owned(out)
}

/// A count with commas between thousands.
pub fn number_text(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The text of each event; rows without `_raw` as their values with tabs between.
pub(super) fn raw(batch: &Batch, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let raw = batch.get("_raw");
    for row in 0..batch.rows() {
        if let Some(text) = raw.and_then(|c| c.text(row)) {
            out.write_all(marked(&text, look).as_bytes())?;
        } else {
            for (i, (_, column)) in batch.fields().enumerate() {
                if i > 0 {
                    out.write_all(b"\t")?;
                }
                out.write_all(
                    column
                        .text(row)
                        .unwrap_or_default()
                        .replace('\n', " ")
                        .as_bytes(),
                )?;
            }
        }
        out.write_all(b"\n")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_are_shown_not_obeyed() {
        assert_eq!(clean("a\x1b[31mb\u{9b}c"), "a\u{241b}[31mb\u{fffd}c");
        assert_eq!(clean("a\tb\nc"), "a\tb\nc");
    }

    #[test]
    fn marks_are_put_around_texts_when_there_is_colour() {
        let mut look = Look::new(crate::render::Format::Table);
        look.marks = vec!["Bob".into(), "bobby".into()];
        assert_eq!(marked("a bob", &look), "a bob");
        look.colour = true;
        assert_eq!(
            marked("\u{e9} BOB bobby", &look),
            "\u{e9} \x1b[7mBOB\x1b[27m \x1b[7mbobby\x1b[27m"
        );
    }

    #[test]
    fn thousands_have_commas() {
        assert_eq!(
            [
                number_text(0),
                number_text(999),
                number_text(1000),
                number_text(1234567)
            ],
            ["0", "999", "1,000", "1,234,567"]
        );
    }
}
