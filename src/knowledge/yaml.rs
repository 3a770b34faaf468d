//! Where a key's text stands in a YAML file: takes the file and the text that the YAML reader gave, gives the text with
//! the place of each of its parts.

use super::mapped::Mapped;
use crate::diagnostic::{Code, Diagnostic, Label, SourceText, Span};
use std::sync::Arc;

/// The value of a top-level key with its places. Where they can't be told (escapes), the whole value is one place.
pub(super) fn value_of(file: &Arc<SourceText>, key: &str, value: &str) -> Mapped {
    let value = value.trim_end_matches('\n');
    let span = key_span(&file.text, key).unwrap_or(Span::new(0, 0));
    align(file, span, value).unwrap_or_else(|| {
        let mut mapped = Mapped::default();
        mapped.push_as(value, file, span);
        mapped
    })
}

/// What the YAML reader found wrong, at its place.
pub(super) fn error(
    code: &'static Code,
    file: &Arc<SourceText>,
    error: &serde_saphyr::Error,
) -> Diagnostic {
    let bare = error.without_snippet();
    let text = bare.to_string();
    let first = text.lines().next().unwrap_or_default();
    let message = first.split(" at line ").next().unwrap_or(first);
    let message = message.strip_prefix("error: ").unwrap_or(message);
    let span = bare.location().map_or(Span::new(0, 0), |place| {
        let index = |number: u64| usize::try_from(number).unwrap_or(1).saturating_sub(1);
        let lines = file.text.split_inclusive('\n');
        let start: usize = lines.take(index(place.line())).map(str::len).sum();
        let line = file.text.get(start..).unwrap_or_default();
        let column = line.char_indices().nth(index(place.column()));
        let at = start + column.map_or(0, |(at, _)| at);
        Span::new(at, at)
    });
    Diagnostic::new(
        code,
        format!("{} can't be read as YAML: {message}", file.name),
    )
    .label(Label {
        source: file.clone(),
        span,
        note: String::new(),
    })
}

/// The lines of a top-level key, from after its colon to the next top-level line.
fn key_span(text: &str, key: &str) -> Option<Span> {
    let mut at = 0;
    let mut start = None;
    for line in text.split_inclusive('\n') {
        let indented = line.starts_with([' ', '\t', '\r', '\n']);
        match start {
            Some(_) if indented => {}
            Some(start) => return Some(Span::new(start, at)),
            None => {
                let after = line.strip_prefix(key).map(str::trim_start);
                if let Some(rest) = after.and_then(|rest| rest.strip_prefix(':')) {
                    start = Some(at + line.len() - rest.len());
                }
            }
        }
        at += line.len();
    }
    start.map(|start| Span::new(start, at))
}

/// Pairs the value's characters with those of the file: blanks may differ, and the marks of the YAML style (`|-`,
/// quotes, doubled or escaped quotes) stand only in the file.
fn align(file: &Arc<SourceText>, span: Span, value: &str) -> Option<Mapped> {
    let body = file.text.get(span.start..span.end)?;
    let mut at = span.start + style_length(body);
    let mut mapped = Mapped::default();
    for (from, part) in runs(value) {
        if part.trim().is_empty() {
            let blanks = blank_length(file.text.get(at..span.end)?);
            mapped.push_as(part, file, Span::new(at, at + blanks));
            at += blanks;
            continue;
        }
        if from == 0 {
            at += blank_length(file.text.get(at..span.end)?);
        }
        for c in part.chars() {
            let mut rest = file.text.get(at..span.end)?.chars();
            let mut found = rest.next()?;
            if found != c && matches!(found, '\\' | '\'' | '"') {
                at += found.len_utf8();
                found = rest.next()?;
            } else if found == c && doubled(body, c, rest.next()) {
                at += found.len_utf8();
            }
            if found != c {
                return None;
            }
            mapped.push_part(file, Span::new(at, at + c.len_utf8()));
            at += c.len_utf8();
        }
    }
    Some(mapped.joined())
}

/// Whether a quote or backslash of a quoted value is written twice for one.
fn doubled(body: &str, c: char, next: Option<char>) -> bool {
    let style = body.trim_start().chars().next();
    next == Some(c) && matches!((style, c), (Some('\''), '\'') | (Some('"'), '\\'))
}

/// The value cut into runs of blanks and of others, with the place of each.
fn runs(value: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = value.get(at..).filter(|rest| !rest.is_empty())?;
        let blank = rest.starts_with(char::is_whitespace);
        let length = rest
            .find(|c: char| c.is_whitespace() != blank)
            .unwrap_or(rest.len());
        let start = at;
        at += length;
        Some((start, rest.get(..length)?))
    })
}

fn blank_length(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

/// The length of what opens a value: blanks, a block mark with its line, or a quote.
fn style_length(body: &str) -> usize {
    let blanks = blank_length(body);
    let rest = body.trim_start();
    match rest.chars().next() {
        Some('|' | '>') => blanks + rest.find('\n').unwrap_or(rest.len()),
        Some('\'' | '"') => blanks + 1,
        _ => blanks,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(yaml: &str, value: &str, part: &str) {
        let file = Arc::new(SourceText {
            name: "q.yml".into(),
            text: yaml.into(),
            first_line: 1,
        });
        let mapped = value_of(&file, "search", value);
        assert_eq!(mapped.text(), value);
        assert!(mapped.is_sound());
        let at = value.find(part).unwrap_or(0);
        let label = &mapped.locate(Span::new(at, at + part.len()))[0];
        assert_eq!(&yaml[label.span.start..label.span.end], part);
    }

    #[test]
    fn every_style_points_into_the_file() {
        check(
            "name: a\nsearch: foo | stats count\nid: x\n",
            "foo | stats count",
            "stats",
        );
        check(
            "search: |-\n  foo\n  | stats count\nid: x\n",
            "foo\n| stats count",
            "count",
        );
        check(
            "search: >\n  foo\n  | stats\n\n  x\n",
            "foo | stats\nx",
            "stats",
        );
        check("search: 'it''s | stats'\n", "it's | stats", "stats");
        check(
            "search: \"a=\\\"b\\\" | rex \\\\d\"\n",
            "a=\"b\" | rex \\d",
            "rex",
        );
        check("search: '`m` | rex\n  \"x\"'\n", "`m` | rex \"x\"", "rex");
    }

    #[test]
    fn a_value_that_does_not_align_is_one_place() {
        let file = Arc::new(SourceText {
            name: "q.yml".into(),
            text: "search: \"a\\x41b\"\n".into(),
            first_line: 1,
        });
        let label = &value_of(&file, "search", "aAb").locate(Span::new(0, 1))[0];
        assert_eq!(label.span.start, 7);
    }
}
