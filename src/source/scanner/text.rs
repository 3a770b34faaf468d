//! JSON strings as text: takes the bytes between the quotes, gives UTF-8.

/// Appends the text that a JSON string's bytes spell. Lone surrogates become U+FFFD; `false` when an escape is none.
pub fn unescape(raw: &[u8], out: &mut Vec<u8>) -> bool {
    let mut rest = raw;
    loop {
        let Some(at) = memchr::memchr(b'\\', rest) else {
            out.extend_from_slice(rest);
            return true;
        };
        let (plain, escape) = rest.split_at(at);
        out.extend_from_slice(plain);
        let byte = match escape.get(1) {
            Some(b'n') => b'\n',
            Some(b't') => b'\t',
            Some(b'r') => b'\r',
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(&byte @ (b'"' | b'\\' | b'/')) => byte,
            Some(b'u') => {
                let Some((letter, length)) = unicode(escape) else {
                    return false;
                };
                out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                rest = escape.get(length..).unwrap_or_default();
                continue;
            }
            _ => return false,
        };
        out.push(byte);
        rest = escape.get(2..).unwrap_or_default();
    }
}

/// The character of `\uXXXX`, or of two of them that are a surrogate pair, and the length of what spells it.
fn unicode(escape: &[u8]) -> Option<(char, usize)> {
    let unit = |at: usize| -> Option<u32> {
        let digits = escape.get(at + 2..at + 6)?;
        if escape.get(at..at + 2)? != b"\\u" || !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let first = unit(0)?;
    if (0xd800..0xdc00).contains(&first)
        && let Some(second) = unit(6)
        && (0xdc00..0xe000).contains(&second)
    {
        let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        return Some((char::from_u32(code)?, 12));
    }
    Some((char::from_u32(first).unwrap_or('\u{fffd}'), 6))
}

/// Appends bytes as UTF-8, the invalid ones replaced.
pub fn lossy(raw: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(String::from_utf8_lossy(raw).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(raw: &str) -> Option<String> {
        let mut out = Vec::new();
        unescape(raw.as_bytes(), &mut out).then(|| String::from_utf8(out).unwrap())
    }

    #[test]
    fn escapes_become_what_they_spell() {
        assert_eq!(
            text(r#"a\"\\\/\n\u0041\ud83d\ude00z"#).unwrap(),
            "a\"\\/\nA😀z"
        );
        assert_eq!(
            text(r"\ud83d \ude00\ud83d\u0041").unwrap(),
            "\u{fffd} \u{fffd}\u{fffd}A"
        );
        for bad in [r"\x", r"\u12", r"\u12g4", "\\"] {
            assert_eq!(text(bad), None, "{bad}");
        }
    }
}
