//! Text functions: takes texts, gives texts and their lengths. Only `lower` and `upper` take multivalues.

use super::arithmetic::{build_texts, map_text};
use super::call::{Call, Prepared};
use super::operand::{Operand, number_column};
use super::pattern::{Replacement, Which};
use super::{Arity, Function, Kernel, Kind, Prepare, json_path, xml};
use crate::data::{ColumnBuilder, Row, Value};
use std::borrow::Cow;

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new(
        "len",
        Arity::Between(1, 1),
        "len(<text>)",
        "The number of characters",
        (r#"len("tenderhoof")"#, "10"),
        Kernel::Column(len),
    )
    .alias(&["length"])
    .gives(Kind::Number),
    Function::new(
        "lower",
        Arity::Between(1, 1),
        "lower(<text>)",
        "The text, or each text of a multivalue, in lower case",
        (r#"lower("BuTTer")"#, "butter"),
        Kernel::Column(|call, a| change_case(call, a, Case::Lower)),
    )
    .gives(Kind::Text),
    Function::new(
        "ltrim",
        Arity::Between(1, 2),
        "ltrim(<text>, <characters>)",
        "The text without these characters at its start, blanks and tabs unless given",
        (r#"ltrim("   ZZZZabcZZ", " Z")"#, "abcZZ"),
        Kernel::Column(|call, a| trim(call, a, true, false)),
    ),
    Function::new(
        "replace",
        Arity::Between(3, 3),
        "replace(<text>, <regex>, <replacement>)",
        r"The text with every match of a regular expression replaced, \1 standing for its first group",
        (r#"replace("1/14/2023", "^(\d+)/(\d+)/", "\2/\1/")"#, "14/1/2023"),
        Kernel::Column(replace),
    )
    .prepare(Prepare::Pattern(1)),
    Function::new(
        "rtrim",
        Arity::Between(1, 2),
        "rtrim(<text>, <characters>)",
        "The text without these characters at its end, blanks and tabs unless given",
        (r#"rtrim("abcZZ ", " Z")"#, "abc"),
        Kernel::Column(|call, a| trim(call, a, false, true)),
    ),
    Function::new(
        "spath",
        Arity::Between(2, 2),
        "spath(<json_or_xml>, <path>)",
        "The value or values at a path of a JSON or XML text",
        (r#"spath("{\"a\":{\"b\":7}}", "a.b")"#, "7"),
        Kernel::Row(spath),
    ),
    Function::new(
        "substr",
        Arity::Between(2, 3),
        "substr(<text>, <start>, <length>)",
        "A part of the text from a position, counted from 1 or from the end when negative",
        (r#"substr("string", 1, 3)"#, "str"),
        Kernel::Column(substr),
    ),
    Function::new(
        "trim",
        Arity::Between(1, 2),
        "trim(<text>, <characters>)",
        "The text without these characters at both ends, blanks and tabs unless given",
        (r#"trim("  abc ")"#, "abc"),
        Kernel::Column(|call, a| trim(call, a, true, true)),
    ),
    Function::new(
        "upper",
        Arity::Between(1, 1),
        "upper(<text>)",
        "The text, or each text of a multivalue, in upper case",
        (r#"upper("BuTTer")"#, "BUTTER"),
        Kernel::Column(|call, a| change_case(call, a, Case::Upper)),
    )
    .gives(Kind::Text),
    Function::new(
        "urldecode",
        Arity::Between(1, 1),
        "urldecode(<text>)",
        "The text with its percent escapes resolved",
        (r#"urldecode("http%3A%2F%2Fa%3Fr%3Db")"#, "http://a?r=b"),
        Kernel::Column(|call, a| match a.first() {
            Some(text) => map_text(text, call.rows, |t, out| out.push_str(&urldecode(t))),
            None => Operand::null(),
        }),
    ),
];

fn len(call: &mut Call<'_>, arguments: &[Operand]) -> Operand {
    let Some(text) = arguments.first() else {
        return Operand::null();
    };
    let length = |t: &str| if t.is_ascii() { t.len() } else { t.chars().count() } as f64;
    if let Some(array) = text.text_array() {
        return number_column(array.iter().map(|t| t.map(length)));
    }
    number_column((0..call.rows).map(|row| text.text(row).map(|t| length(&t))))
}

#[derive(Clone, Copy)]
enum Case {
    Lower,
    Upper,
}

impl Case {
    fn of(self, text: &str) -> String {
        match self {
            Case::Lower => text.to_lowercase(),
            Case::Upper => text.to_uppercase(),
        }
    }

    fn write(self, text: &str, out: &mut Row<'_>) {
        match self {
            _ if !text.is_ascii() => out.push_str(&self.of(text)),
            Case::Lower => out.push_ascii_lowercase(text),
            Case::Upper => out.push_ascii_uppercase(text),
        }
    }
}

fn change_case(call: &mut Call<'_>, arguments: &[Operand], case: Case) -> Operand {
    let Some(text) = arguments.first() else {
        return Operand::null();
    };
    if !text.is_multi() {
        return map_text(text, call.rows, |t, out| case.write(t, out));
    }
    let mut builder = ColumnBuilder::default();
    for row in 0..call.rows {
        builder.push_texts(text.texts(row).iter().map(|t| case.of(t)));
    }
    Operand::Column(builder.finish())
}

fn trim(call: &mut Call<'_>, arguments: &[Operand], start: bool, end: bool) -> Operand {
    let Some(text) = arguments.first() else {
        return Operand::null();
    };
    let characters = arguments.get(1);
    build_texts(call.rows, |row, out| {
        let text = text.text(row)?;
        let set = match characters {
            Some(characters) => characters.text(row)?,
            None => Cow::Borrowed(" \t"),
        };
        let unwanted = |c: char| set.contains(c);
        let mut part: &str = &text;
        if start {
            part = part.trim_start_matches(unwanted);
        }
        if end {
            part = part.trim_end_matches(unwanted);
        }
        out.push_str(part);
        Some(())
    })
}

fn replace(call: &mut Call<'_>, arguments: &[Operand]) -> Operand {
    let [text, pattern, replacement] = arguments else {
        return Operand::null();
    };
    let fixed = replacement.constant_text().map(Replacement::parse);
    let rows = call.rows;
    let prepared = match call.prepared {
        Prepared::Pattern(pattern) => Some(pattern.clone()),
        _ => None,
    };
    build_texts(rows, |row, out| {
        if call.failed() {
            return None;
        }
        let text = text.text(row)?;
        let found;
        let pattern = match &prepared {
            Some(pattern) => pattern,
            None => {
                found = call.pattern(&pattern.text(row)?)?;
                &found
            }
        };
        let own;
        let by = match &fixed {
            Some(fixed) => fixed,
            None => {
                own = Replacement::parse(&replacement.text(row)?);
                &own
            }
        };
        let changed = pattern.replace_into(&text, by, Which::All, |piece| out.push_str(piece));
        if !call.check(changed)? {
            out.push_str(&text);
        }
        Some(())
    })
}

fn substr(call: &mut Call<'_>, arguments: &[Operand]) -> Operand {
    let (Some(text), Some(start)) = (arguments.first(), arguments.get(1)) else {
        return Operand::null();
    };
    let length = arguments.get(2);
    build_texts(call.rows, |row, out| {
        let text = text.text(row)?;
        let start = start.number(row)? as i64;
        let length = match length {
            Some(length) => length.number(row)? as i64,
            None => i64::MAX,
        };
        out.push_str(part(&text, start, length));
        Some(())
    })
}

/// Positions count from 1, negative ones from the end, as in SQLite: what would stand before the start counts towards
/// the length, and a negative length takes the characters before the position. Position 0 is the start.
fn part(text: &str, start: i64, length: i64) -> &str {
    let ascii = text.is_ascii();
    let count = if ascii {
        text.len()
    } else {
        text.chars().count()
    } as i64;
    let start = match start {
        0 => 0,
        1.. => start - 1,
        _ => count.saturating_add(start),
    };
    let end = start.saturating_add(length);
    let (first, last) = (start.min(end).max(0), start.max(end).min(count));
    if first >= last {
        return "";
    }
    let at = |position: i64| {
        if ascii {
            return position as usize;
        }
        text.char_indices()
            .nth(position as usize)
            .map_or(text.len(), |(i, _)| i)
    };
    text.get(at(first)..at(last)).unwrap_or_default()
}

fn urldecode(text: &str) -> String {
    let digit = |b: Option<&u8>| b.and_then(|b| (*b as char).to_digit(16));
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match (byte, digit(bytes.get(at + 1)), digit(bytes.get(at + 2))) {
            (b'%', Some(high), Some(low)) => {
                decoded.push((high * 16 + low) as u8);
                at += 3;
            }
            (b'+', _, _) => {
                decoded.push(b' ');
                at += 1;
            }
            _ => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(decoded)
        .unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
}

/// Whether a text is a path of spath, into JSON or XML.
pub fn is_spath(path: &str) -> bool {
    json_path::Path::parse(path).is_some() || xml::is_path(path)
}

fn spath(_: &mut Call<'_>, values: &[Value]) -> Option<Value> {
    let [Value::Text(text), path] = values else {
        return None;
    };
    if xml::looks_like(text) {
        return Some(Value::multi(xml::at_path(text, &path.to_text()?)));
    }
    let json = super::json::parse(text)?;
    let found = json_path::Path::parse(&path.to_text()?)?.find(&json);
    let texts = found.into_iter().filter_map(super::json::to_text);
    Some(Value::multi(texts.collect()))
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{on, shown};

    #[test]
    fn texts_come_out_as_in_the_reference() {
        for (text, result) in [
            (r#"substr("string", 4)"#, "ing"),
            (r#"substr("string", 1, 3)+substr("string", -3)"#, "string"),
            (r#"substr("abc", 2, 10)"#, "bc"),
            (r#"substr("string", -3, 2)"#, "in"),
            (r#"substr("string", 0, 2)"#, "st"),
            (r#"substr("string", -8, 3)"#, "s"),
            (r#"substr("string", 4, -2)"#, "tr"),
            (r#"substr("äöü", 2, 1)"#, "ö"),
            (r#"substr("abc", 9)"#, ""),
            (r#"len("äöü")"#, "3"),
            (r#"len("")"#, "0"),
            (r#"len(12345)"#, "5"),
            (r#"ltrim("$12.50", "$")"#, "12.50"),
            (
                r#"replace("54.81.233.206:443:X1", ":.*", "")"#,
                "54.81.233.206",
            ),
            (r#"replace("pid 4412 tid 7", "\d+", "N")"#, "pid N tid N"),
            (r#"replace("C:\Windows", "\\\\", "/")"#, "C:/Windows"),
            (r#"replace("abc", "(?=b)", "-")"#, "a-bc"),
            (r#"urldecode("a+b%20c%zz")"#, "a b c%zz"),
            (
                r#"upper(substr(trim("  abc "), 1, 1)).substr("abc", 2)"#,
                "Abc",
            ),
            (r#"spath("{\"a\":[{\"b\":1},{\"b\":2}]}", "a{}.b")"#, "1, 2"),
            (r#"spath("no json", "a")"#, ""),
            (r#"spath("<a><b c='1'>x</b><b>y</b></a>", "a.b{2}")"#, "y"),
            (r#"spath("<a><b c='1'>x</b><b>y</b></a>", "a.b{@c}")"#, "1"),
        ] {
            assert_eq!(shown(text), result, "{text}");
        }
    }

    #[test]
    fn multivalues_go_through_case_changes_only() {
        let fields = [("m", "Ab|cD"), ("s", "xyz")];
        assert_eq!(on("upper(m)", &fields), "AB, CD");
        assert_eq!(on("lower(m)", &fields), "ab, cd");
        assert_eq!(on("len(m)", &fields), "");
        assert_eq!(on("replace(s, \"y\", substr(s, 1, 1))", &fields), "xxz");
    }
}
