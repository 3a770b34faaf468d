//! JSON text to plain text: takes what stands between the quotes, gives the bytes that it spells.

/// Appends the text that `raw` (between its quotes) spells. A lone surrogate becomes U+FFFD, an unknown escape stays as it is.
pub fn unescape(raw: &[u8], out: &mut Vec<u8>) {
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        let (byte, used) = match rest.get(at + 1) {
            Some(b'n') => (b'\n', 2),
            Some(b't') => (b'\t', 2),
            Some(b'r') => (b'\r', 2),
            Some(b'b') => (8, 2),
            Some(b'f') => (12, 2),
            Some(c @ (b'"' | b'\\' | b'/')) => (*c, 2),
            Some(b'u') => {
                rest = &rest[at..];
                rest = &rest[code_point(rest, out)..];
                continue;
            }
            _ => (b'\\', 1),
        };
        out.push(byte);
        rest = &rest[at + used..];
    }
    out.extend_from_slice(rest);
}

/// Appends the character of the `\u` escape that `rest` starts with; gives the bytes used.
fn code_point(rest: &[u8], out: &mut Vec<u8>) -> usize {
    let Some(first) = unit(rest) else {
        out.push(b'\\');
        return 1;
    };
    let (code, used) = match first {
        0xD800..=0xDBFF => match rest.get(6..).and_then(unit) {
            Some(second @ 0xDC00..=0xDFFF) => {
                (0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00), 12)
            }
            _ => (0xFFFD, 6),
        },
        other => (other, 6),
    };
    let character = char::from_u32(code).unwrap_or('\u{FFFD}');
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    used
}

/// The code unit of a `\uXXXX`.
fn unit(rest: &[u8]) -> Option<u32> {
    let digits = rest.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().try_fold(0, |unit, digit| {
        Some(unit * 16 + char::from(*digit).to_digit(16)?)
    })
}

/// The text of a JSON text value, quotes included in `value`; lossy where it is no UTF-8.
pub fn text(value: &[u8]) -> Option<String> {
    let raw = value.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    let mut out = Vec::with_capacity(raw.len());
    unescape(raw, &mut out);
    Some(match String::from_utf8(out) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read_as_serde_reads_them() {
        for json in [
            r#""""#,
            r#""plain""#,
            r#""a\"b\\c\/d\n\t\r\b\f""#,
            r#""\u00e9\ud83d\ude00\u0041""#,
        ] {
            assert_eq!(
                text(json.as_bytes()),
                serde_json::from_str::<String>(json).ok(),
                "{json}"
            );
        }
    }

    #[test]
    fn broken_escapes_are_kept() {
        for (json, expected) in [
            (r#""\ud800x""#, "\u{FFFD}x"),
            (r#""\u12""#, "\\u12"),
            (r#""\q""#, "\\q"),
        ] {
            assert_eq!(text(json.as_bytes()).as_deref(), Some(expected), "{json}");
        }
    }
}
