//! One suppression as a comment line of a macro file: takes the line, gives its parts, and the reverse.

use super::calls::after_quote;
use super::conf::{Stanza, broken};
use super::date::Date;
use crate::diagnostic::Diagnostic;

/// Events that a filter macro drops, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// What the dropped events match, as terms of `search`: `src_ip="203.0.113.7" user="x"`.
    pub condition: String,
    /// Why they are false positives.
    pub reason: String,
    /// When it was added.
    pub added: Date,
    /// The day from which on it is not applied.
    pub expires: Option<Date>,
    /// Who added it.
    pub author: Option<String>,
}

/// Whether a suppression is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Its clause is in the definition.
    Active,
    /// Its day has come: the clause is not applied.
    Lapsed,
    /// Its clause was taken out of the definition by hand.
    Removed,
}

/// A suppression as a macro file keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The suppression.
    pub suppression: Suppression,
    /// Whether it is applied.
    pub state: State,
}

impl Suppression {
    pub(super) fn clause(&self) -> String {
        format!("NOT ({})", self.condition)
    }

    /// The comment line.
    pub(super) fn line(&self) -> String {
        let mut line = format!("# suppress {}", self.added);
        if let Some(day) = self.expires {
            line.push_str(&format!(" expires={day}"));
        }
        if let Some(author) = &self.author {
            line.push_str(&format!(" by={}", quoted(author)));
        }
        line.push_str(&format!(
            " reason={}: ({})",
            quoted(&self.reason),
            self.condition
        ));
        line
    }

    /// Reads a comment line: none when it is another comment, an error when it starts as one but can't be read.
    fn parse(line: &str) -> Option<Result<Self, String>> {
        let rest = line.trim_start_matches(['#', ';', ' ', '\t']);
        let rest = rest.strip_prefix("suppress ")?.trim_start();
        rest.starts_with(|c: char| c.is_ascii_digit())
            .then(|| Self::fields(rest))
    }

    fn fields(text: &str) -> Result<Self, String> {
        let (day, mut rest) = text.split_at(text.find([' ', ':']).unwrap_or(text.len()));
        let day_of = |day: &str| Date::parse(day).ok_or(format!("`{day}` is no date"));
        let mut found = Suppression {
            condition: String::new(),
            reason: String::new(),
            added: day_of(day)?,
            expires: None,
            author: None,
        };
        loop {
            rest = rest.trim_start();
            if let Some(condition) = rest.strip_prefix(':') {
                let inside = condition
                    .trim()
                    .strip_prefix('(')
                    .and_then(|c| c.strip_suffix(')'));
                found.condition = inside
                    .ok_or("the condition is not in parentheses")?
                    .to_string();
                return Ok(found);
            }
            let (key, after) = rest.split_once('=').ok_or("`: (condition)` is missing")?;
            let (value, after) = value(after)?;
            match key {
                "expires" => found.expires = Some(day_of(&value)?),
                "by" => found.author = Some(value),
                "reason" => found.reason = value,
                _ => return Err(format!("`{key}` is not one of expires, by, reason")),
            }
            rest = after;
        }
    }
}

/// A value, quoted or bare, and what follows it.
fn value(text: &str) -> Result<(String, &str), String> {
    if !text.starts_with('"') {
        let (word, rest) = text.split_at(text.find([' ', ':']).unwrap_or(text.len()));
        return Ok((word.to_string(), rest));
    }
    let end = after_quote(text.as_bytes(), 0);
    let inside = text.get(1..end.saturating_sub(1)).unwrap_or_default();
    let rest = text.get(end..).filter(|rest| !rest.is_empty());
    let rest = rest.ok_or("a quote is not closed")?;
    Ok((inside.replace("\\\"", "\"").replace("\\\\", "\\"), rest))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The suppressions in the comments of a stanza, with their state on a day.
pub fn kept(stanza: &Stanza, today: Date) -> Result<Vec<Kept>, Diagnostic> {
    let definition = stanza.setting("definition").map(|s| s.value.text());
    let definition = definition.unwrap_or_default();
    let mut all = Vec::new();
    for &span in &stanza.comments {
        let line = stanza
            .source
            .text
            .get(span.start..span.end)
            .unwrap_or_default();
        let suppression = match Suppression::parse(line) {
            None => continue,
            Some(Ok(suppression)) => suppression,
            Some(Err(problem)) => {
                let message = format!("this suppression can't be read: {problem}");
                return Err(broken(&stanza.source, span, message).help(
                    "write `# suppress DATE expires=DATE by=\"…\" reason=\"…\": (condition)`, the date as 2026-11-24",
                ));
            }
        };
        let state = if suppression.expires.is_some_and(|day| day <= today) {
            State::Lapsed
        } else if definition.contains(&suppression.clause()) {
            State::Active
        } else {
            State::Removed
        };
        all.push(Kept { suppression, state });
    }
    Ok(all)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn comment_lines_are_read_back_and_broken_ones_told() {
        let one = Suppression {
            condition: "a=\"x (y)\" b=2".into(),
            reason: "vendor \"x\": C:\\ scanner".into(),
            added: Date::parse("2026-11-24").unwrap(),
            expires: Date::parse("2027-01-01"),
            author: None,
        };
        assert_eq!(Suppression::parse(&one.line()), Some(Ok(one)));
        assert_eq!(Suppression::parse("# suppress false positives here"), None);
        assert!(matches!(
            Suppression::parse("# suppress 2026-13-01: (a)"),
            Some(Err(_))
        ));
        assert!(matches!(
            Suppression::parse("# suppress 2026-12-01 why=x: (a)"),
            Some(Err(_))
        ));
    }
}
