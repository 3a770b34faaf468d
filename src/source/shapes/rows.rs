//! The rows and cells of CSV text, and whether text is CSV at all: takes bytes, gives places and cells.

use std::borrow::Cow;

/// The end of the row that starts at `start` (without its line end), or `None` when a quote or the last line is open.
/// A quote opens a cell only where the cell starts; `within_line` ends a row at the line's end in any case.
pub fn row_end(bytes: &[u8], start: usize, within_line: bool) -> Option<usize> {
    let mut at = start;
    loop {
        if bytes.get(at) == Some(&b'"') && !within_line {
            at += 1;
            loop {
                at += memchr::memchr(b'"', bytes.get(at..)?)? + 1;
                if bytes.get(at) != Some(&b'"') {
                    break;
                }
                at += 1;
            }
        }
        at += memchr::memchr2(b',', b'\n', bytes.get(at..)?)?;
        if bytes[at] == b'\n' {
            return Some(at);
        }
        at += 1;
    }
}

/// The cells of a row, unquoted.
pub fn cells(row: &[u8]) -> Vec<Cow<'_, [u8]>> {
    let mut cells = Vec::new();
    let mut rest = row;
    loop {
        let (cell, after) = cell(rest);
        cells.push(cell);
        match after.split_first() {
            Some((_, after)) => rest = after,
            None => return cells,
        }
    }
}

/// The first cell, and the rest from the comma behind it on.
fn cell(rest: &[u8]) -> (Cow<'_, [u8]>, &[u8]) {
    let Some(quoted) = rest.strip_prefix(b"\"") else {
        let end = memchr::memchr(b',', rest).unwrap_or(rest.len());
        return (Cow::Borrowed(&rest[..end]), &rest[end..]);
    };
    let mut from = 0;
    let mut doubled = false;
    let end = loop {
        match memchr::memchr(b'"', &quoted[from..]) {
            None => break quoted.len(),
            Some(step) if quoted.get(from + step + 1) == Some(&b'"') => {
                doubled = true;
                from += step + 2;
            }
            Some(step) => break from + step,
        }
    };
    let inner = &quoted[..end];
    let after = quoted.get(end + 1..).unwrap_or_default();
    // Text between the closing quote and the comma belongs to the cell.
    let tail = memchr::memchr(b',', after).unwrap_or(after.len());
    let cell = if doubled || tail > 0 {
        let mut out = Vec::with_capacity(inner.len() + tail);
        let mut bytes = inner.iter().copied().peekable();
        while let Some(byte) = bytes.next() {
            if byte == b'"' {
                bytes.next_if_eq(&b'"');
            }
            out.push(byte);
        }
        out.extend_from_slice(&after[..tail]);
        Cow::Owned(out)
    } else {
        Cow::Borrowed(inner)
    };
    (cell, &after[tail..])
}

/// Whether text is CSV with a header: names in the first row, and as many cells in the rows after it. `whole`: all of
/// the text is there; `named`: the file's name says so, which settles what a few bytes can't.
pub fn looks_like_csv(bytes: &[u8], whole: bool, named: bool) -> bool {
    let end = row_end(bytes, 0, false).unwrap_or(if whole { bytes.len() } else { 0 });
    let header = cells(bytes[..end].trim_ascii_end());
    let quoted = bytes.first() == Some(&b'"');
    if !header.iter().all(|name| is_name(name)) || (header.len() < 2 && !named) {
        return false;
    }
    let mut rows = 0;
    let mut at = end + 1;
    while rows < 20 && at < bytes.len() {
        let row = match row_end(bytes, at, false) {
            Some(end) => at..end,
            None if whole => at..bytes.len(),
            None => break,
        };
        at = row.end + 1;
        let row = bytes[row].trim_ascii_end();
        if !row.is_empty() && cells(row).len() != header.len() {
            return named && rows > 0;
        }
        rows += 1;
    }
    rows > 0 || named || quoted && !whole
}

fn is_name(name: &[u8]) -> bool {
    let first = name.first().copied().unwrap_or(b' ');
    !first.is_ascii_digit()
        && !first.is_ascii_whitespace()
        && name.len() <= 128
        && name.iter().filter(|b| **b == b' ').count() <= 3
        && !name
            .iter()
            .any(|b| matches!(b, b'"' | b'=' | b'[' | b']' | b';' | b'\\' | b'|') || *b < 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_end_outside_quotes() {
        let text = b"a,\"b\n\"\"c\",d\"e\nnext";
        assert_eq!(row_end(text, 0, false), Some(13));
        assert_eq!(row_end(text, 0, true), Some(4));
        assert_eq!(row_end(text, 14, false), None);
        let got = cells(&text[..13]);
        assert_eq!(got, [&b"a"[..], b"b\n\"c", b"d\"e"]);
        assert_eq!(cells(b",\"x\"y,"), [&b""[..], b"xy", b""]);
    }

    #[test]
    fn csv_is_told_from_text_with_commas() {
        for (csv, named, expected) in [
            ("a,b\n1,2\n", false, true),
            (
                "\"_time\",\"_raw\"\n\"1\",\"x, \"\"y\"\"\nz\"\n",
                false,
                true,
            ),
            ("ip\n1.2.3.4\n", false, false),
            ("ip\n1.2.3.4\n", true, true),
            ("hello, world\nhow are you\n", false, false),
            (
                "2024-10-17T09:15:02,INFO,x\n2024-10-17T09:15:03,INFO,y\n",
                false,
                false,
            ),
            ("hello,world\n", false, false),
            ("Oct 17 sshd[1]: a, b\nOct 17 sshd[1]: a, c\n", false, false),
        ] {
            assert_eq!(
                looks_like_csv(csv.as_bytes(), true, named),
                expected,
                "{csv}"
            );
        }
    }
}
