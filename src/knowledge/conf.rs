//! `macros.conf` files: takes a file's text, gives its stanzas with the place of every value.

use super::{calls::trimmed, mapped::Mapped};
use crate::diagnostic::{Diagnostic, Diagnostics, Label, SourceText, Span, code};
use std::sync::Arc;

/// A `key = value` of a stanza.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The key, in lower case.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// The value: continuation lines joined by newlines, blanks at both ends left out.
    pub value: Mapped,
    /// Where the value stands in the file, from after the `=` to the end of its last line.
    pub value_span: Span,
}

/// One stanza as written.
#[derive(Debug, Clone)]
pub struct Stanza {
    /// The macro's name, without the count.
    pub name: String,
    /// The count in the stanza's name; 0 when there is none.
    pub count: usize,
    /// The header line.
    pub header: Span,
    /// The settings in the file's order.
    pub settings: Vec<Setting>,
    /// The file.
    pub source: Arc<SourceText>,
    /// The comment lines above the header (since the last setting or stanza), without their line ends.
    pub comments: Vec<Span>,
}

impl Stanza {
    /// Whether this is the stanza that gives settings to all others, not a macro of that name.
    pub fn is_default(&self) -> bool {
        self.name == "default" && self.count == 0 && self.setting("definition").is_none()
    }

    /// The setting with this key; the last one counts when there are more.
    pub fn setting(&self, key: &str) -> Option<&Setting> {
        self.settings.iter().rev().find(|found| found.key == key)
    }
}

/// The keys of a stanza that mean something here.
pub const KEYS: [&str; 6] = [
    "args",
    "definition",
    "iseval",
    "validation",
    "errormsg",
    "description",
];

/// An error at a place of a macro file.
pub(super) fn broken(source: &Arc<SourceText>, span: Span, message: String) -> Diagnostic {
    Diagnostic::new(&code::MACRO_FILE, message).label(Label {
        source: source.clone(),
        span,
        note: String::new(),
    })
}

/// The stanzas of a file, and everything that is wrong with it.
pub fn read(source: &Arc<SourceText>) -> (Vec<Stanza>, Diagnostics) {
    let mut reader = Reader {
        source,
        stanzas: Vec::new(),
        comments: Vec::new(),
        errors: Vec::new(),
    };
    let text = source.text.as_str();
    let mut at = if text.starts_with('\u{feff}') { 3 } else { 0 };
    while at < text.len() {
        at = reader.line(at);
    }
    (reader.stanzas, reader.errors)
}

struct Reader<'a> {
    source: &'a Arc<SourceText>,
    stanzas: Vec<Stanza>,
    comments: Vec<Span>,
    errors: Diagnostics,
}

impl Reader<'_> {
    /// The end of the line at `at` without its line end, and the start of the next one.
    fn line_at(&self, at: usize) -> (usize, usize) {
        let rest = self.source.text.get(at..).unwrap_or_default();
        let length = rest.find('\n');
        let next = length.map_or(self.source.text.len(), |length| at + length + 1);
        let line = length.and_then(|length| rest.get(..length)).unwrap_or(rest);
        (at + line.trim_end_matches('\r').len(), next)
    }

    /// Reads the line at `at`, and those that continue it; gives the start of the next.
    fn line(&mut self, at: usize) -> usize {
        let (end, next) = self.line_at(at);
        let (start, stop) = trimmed(&self.source.text, at, end);
        let line = self.source.text.get(start..stop).unwrap_or_default();
        match line.chars().next() {
            None => next,
            Some('#' | ';') => {
                self.comments.push(Span::new(start, stop));
                next
            }
            Some('[') => {
                self.header(line, Span::new(start, stop));
                next
            }
            Some(_) => self.setting(line, start, next),
        }
    }

    fn error(&mut self, span: Span, message: impl Into<String>, help: &str) {
        self.errors
            .push(broken(self.source, span, message.into()).help(help));
    }

    fn header(&mut self, line: &str, span: Span) {
        let (name, count) = match stanza_name(line) {
            Ok(parts) => parts,
            Err(message) => {
                self.error(span, message, "write `[name]` or `[name(2)]`");
                // The settings that follow belong to a stanza that can't be used: it is kept so that they are read.
                (String::new(), 0)
            }
        };
        self.stanzas.push(Stanza {
            name,
            count,
            header: span,
            settings: Vec::new(),
            source: self.source.clone(),
            comments: std::mem::take(&mut self.comments),
        });
    }

    fn setting(&mut self, line: &str, start: usize, next: usize) -> usize {
        let Some(equals) = line.find('=') else {
            let span = Span::new(start, start + line.len());
            self.error(
                span,
                "this line is no stanza, setting or comment",
                "settings are `key = value`; a value goes on over lines that end in a backslash",
            );
            return next;
        };
        self.comments.clear();
        let (key_start, key_end) = trimmed(&self.source.text, start, start + equals);
        let key_span = Span::new(key_start, key_end);
        let (value, end, after) = self.value(start + equals + 1);
        let text = self.source.text.get(key_start..key_end).unwrap_or_default();
        let setting = Setting {
            key: text.to_ascii_lowercase(),
            key_span,
            value,
            value_span: Span::new(start + equals + 1, end),
        };
        match self.stanzas.last_mut() {
            Some(stanza) => stanza.settings.push(setting),
            None => self.error(
                key_span,
                "a setting stands before the first stanza",
                "write the macro's name above it, as `[name]`",
            ),
        }
        after
    }

    /// The value that starts at `at`: its text, the end of its last line, and the start of the next line.
    fn value(&self, at: usize) -> (Mapped, usize, usize) {
        let mut value = Mapped::default();
        let mut from = at;
        loop {
            let (end, next) = self.line_at(from);
            let line = self.source.text.get(from..end).unwrap_or_default();
            let goes_on = line.ends_with('\\') && next < self.source.text.len();
            let stop = if line.ends_with('\\') { end - 1 } else { end };
            value.push_part(self.source, Span::new(from, stop));
            if !goes_on {
                let (first, last) = trimmed(value.text(), 0, value.text().len());
                return (value.slice(first, last), end, next);
            }
            value.push_as("\n", self.source, Span::new(stop, next));
            from = next;
        }
    }
}

/// The name and count of a header line such as `[name(2)]`.
fn stanza_name(line: &str) -> Result<(String, usize), String> {
    let inside = line
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .ok_or("the stanza's name is not closed by `]`")?
        .trim();
    split_signature(inside)
}

/// `name` or `name(2)` as name and count.
pub fn split_signature(text: &str) -> Result<(String, usize), String> {
    let (name, count) = match text.split_once('(') {
        None => (text, 0),
        Some((name, rest)) => {
            let count = rest.strip_suffix(')').map(str::trim);
            let count = count.and_then(|digits| digits.parse().ok());
            let wrong = || format!("`{text}` has no count of arguments in its parentheses");
            (name.trim(), count.ok_or_else(wrong)?)
        }
    };
    let fits =
        |c: char| !c.is_whitespace() && !matches!(c, '`' | '"' | '[' | ']' | ')' | '|' | ',');
    if name.is_empty() || !name.chars().all(fits) {
        return Err(format!("`{name}` can't be the name of a macro"));
    }
    Ok((name.to_string(), count))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn source(text: &str) -> Arc<SourceText> {
        Arc::new(SourceText {
            name: "macros.conf".into(),
            text: text.into(),
            first_line: 1,
        })
    }

    #[test]
    fn stanzas_comments_and_continuations() {
        let text = "\u{feff}# about\r\n[m(2)]\r\nargs = a, b\r\ndefinition = search $a$ \\\r\n  | stats count\r\n; x\n[n]\ndefinition =\n";
        let source = source(text);
        let (stanzas, errors) = read(&source);
        assert!(errors.is_empty());
        let m = &stanzas[0];
        assert_eq!((m.name.as_str(), m.count, m.comments.len()), ("m", 2, 1));
        let definition = &m.setting("definition").unwrap().value;
        assert_eq!(definition.text(), "search $a$ \n  | stats count");
        let at = definition.text().find("count").unwrap();
        let label = &definition.locate(Span::new(at, at + 5))[0];
        assert_eq!(&text[label.span.start..label.span.end], "count");
        assert!(definition.is_sound());
        assert_eq!(stanzas[1].setting("definition").unwrap().value.text(), "");
    }

    #[test]
    fn every_broken_line_is_reported_at_its_place() {
        let source = source("x = 1\n[m\ndefinition = a\nnonsense\n[n(x)]\n[k]\ndefinition = ok");
        let (stanzas, errors) = read(&source);
        assert_eq!(errors.len(), 4);
        assert_eq!(errors[2].labels[0].span, Span::new(24, 32));
        assert_eq!(stanzas.iter().filter(|s| !s.name.is_empty()).count(), 1);
    }
}
