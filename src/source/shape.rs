//! Which carrier the events of an input come in: takes its first bytes, gives the shape.

use super::shapes::{Found, container};
use super::shapes::{MAX_VALUE, array_opens, is_stamped, is_wrapped, looks_like_csv};
use super::splitter::{End, skip_blank, value_end};

/// How events are carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One event a line as it is: NDJSON, or text.
    Lines,
    /// A time, perhaps a stream, and a JSON event, a line each.
    Stamped,
    /// JSON values laid out in any way, perhaps in envelopes or containers.
    Values,
    /// Rows under a header.
    Csv,
}

/// Bytes looked at.
pub const LOOKED_AT: usize = 256 << 10;
/// Lines looked at.
const LINES: usize = 1000;

/// The shape of an input that starts with `bytes`. `whole`: they are all of it; `named_csv`: its name says CSV, which only
/// settles what the bytes leave open.
pub fn recognise(bytes: &[u8], whole: bool, named_csv: bool) -> Shape {
    let first = skip_blank(bytes, 0);
    let lines: Vec<&[u8]> = complete_lines(bytes, whole)
        .filter(|line| !line.trim_ascii().is_empty())
        .take(LINES)
        .collect();
    if array_opens(bytes, first) {
        return Shape::Values;
    }
    if bytes.get(first) == Some(&b'{') {
        return json(bytes, first, whole, &lines);
    }
    if lines.iter().any(|line| is_stamped(line.trim_ascii())) {
        return Shape::Stamped;
    }
    if lines.iter().any(|line| line_kind(line) == Line::Wrapped) {
        return Shape::Values;
    }
    if looks_like_csv(
        &bytes[..bytes.len().min(LOOKED_AT)],
        whole && bytes.len() <= LOOKED_AT,
        named_csv,
    ) {
        return Shape::Csv;
    }
    Shape::Lines
}

/// The shape of an input whose first event is an object: plain lines, unless a line shows otherwise.
fn json(bytes: &[u8], first: usize, whole: bool, lines: &[&[u8]]) -> Shape {
    let Some((head, rest)) = lines.split_first() else {
        return Shape::Values;
    };
    if matches!(container(bytes, first, whole), Found::At(..)) {
        return Shape::Values;
    }
    // A first line that is broken, and not the start of an object laid out over lines: the next line is an object too.
    let is_plain = match line_kind(head) {
        Line::Event => true,
        Line::Partial => rest
            .first()
            .is_some_and(|next| line_kind(next) == Line::Event),
        _ => false,
    };
    let shows_otherwise = |line: &&[u8]| matches!(line_kind(line), Line::Wrapped | Line::Several);
    if is_plain && !rest.iter().any(shows_otherwise) {
        Shape::Lines
    } else {
        Shape::Values
    }
}

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    /// One object that is an event.
    Event,
    /// An envelope or container.
    Wrapped,
    /// An object and something behind it.
    Several,
    /// An object that does not end in the line.
    Partial,
    /// No object.
    Text,
}

fn line_kind(line: &[u8]) -> Line {
    if line.first() != Some(&b'{') {
        return Line::Text;
    }
    match value_end(line, 0) {
        End::At(_) if is_wrapped(line, 0) => Line::Wrapped,
        End::At(_) if container(line, 0, true) != Found::No => Line::Wrapped,
        End::At(end) if skip_blank(line, end) == line.len() => Line::Event,
        End::At(_) => Line::Several,
        _ => Line::Partial,
    }
}

/// The lines of the part looked at that are there from end to end; the first one however long.
fn complete_lines(bytes: &[u8], whole: bool) -> impl Iterator<Item = &[u8]> {
    let near = bytes.len().min(LOOKED_AT);
    let first = memchr::memchr(b'\n', bytes).map_or(0, |at| at + 1);
    let end = match memchr::memrchr(b'\n', &bytes[..near]) {
        _ if whole && bytes.len() <= MAX_VALUE.min(LOOKED_AT) => bytes.len(),
        last => last.map_or(0, |at| at + 1).max(first),
    };
    bytes[..end].split(|b| *b == b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_told_by_content() {
        for (text, shape) in [
            ("{\"a\":1}\n{\"b\":2}\n", Shape::Lines),
            ("{\"a\":1}\r\n\r\n{\"b\":2}", Shape::Lines),
            ("plain text\nmore, text\n", Shape::Lines),
            ("[2024-10-17] text\n", Shape::Lines),
            ("{\"a\": broken\n{\"b\":2}\n{\"c\":3}\n", Shape::Lines),
            ("{\"a\":1}{\"b\":2}\n", Shape::Values),
            ("{\n  \"a\": 1\n}\n{\n  \"a\": 2\n}\n", Shape::Values),
            ("[\n{\"a\":1},\n{\"b\":2}\n]\n", Shape::Values),
            ("[]", Shape::Values),
            ("{\"Records\":[{\"a\":1}]}", Shape::Values),
            ("{\"time\":1,\"event\":{\"a\":1}}\n", Shape::Values),
            ("plain\n{\"time\":1,\"event\":{\"a\":1}}\n", Shape::Values),
            ("2024-10-17T09:15:02.125Z {\"a\":1}\n", Shape::Stamped),
            ("started\n2024-10-17T09:15:02 {\"a\":1}\n", Shape::Stamped),
            ("2024-10-17T09:15:02Z INFO x\n", Shape::Lines),
            ("a,b\n1,2\n", Shape::Csv),
            ("version account-id interface-id\n2 1 eni-1\n", Shape::Lines),
            ("", Shape::Lines),
        ] {
            assert_eq!(recognise(text.as_bytes(), true, false), shape, "{text}");
        }
    }

    #[test]
    fn a_long_first_line_is_looked_at_whole() {
        let line = format!("{{\"a\":\"{}\"}}\n{{\"a\":1}}\n", "x".repeat(2 * LOOKED_AT));
        assert_eq!(recognise(line.as_bytes(), false, false), Shape::Lines);
    }
}
