//! Suppressions of false positives in a filter macro: takes a macro file and a condition, gives the file with the
//! condition excluded, its reason and dates kept.
//!
//! A suppression is a comment line above the macro's stanza and a `NOT (condition)` in its definition, so that the file
//! stays a `macros.conf` that Splunk reads too:
//!
//! ```text
//! # suppress 2026-11-24 expires=2027-01-01 by="rs" reason="vendor scanner": (src_ip="203.0.113.7")
//! [my_query_filter]
//! definition = search NOT (src_ip="203.0.113.7")
//! ```
//!
//! The definition is the truth. A clause that was taken out by hand is not put back, and what is written by hand before
//! the clauses stays. From the day of `expires` on, the clause is not applied.

use super::calls::{after_backslash, after_quote, unbalanced};
use super::conf::{self, Stanza, broken};
pub use super::date::Date;
use super::library::{Library, is_yaml, read_text};
use super::mapped::Mapped;
use crate::diagnostic::{Diagnostic, SourceText, code};
use std::path::{Path, PathBuf};
use std::sync::Arc;

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
    fn clause(&self) -> String {
        format!("NOT ({})", self.condition)
    }

    /// The comment line.
    fn line(&self) -> String {
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

/// What to say of a suppression that has lapsed.
pub(super) fn lapsed_notice(macro_name: &str, suppression: &Suppression) -> String {
    let day = suppression.expires.unwrap_or(suppression.added);
    format!(
        "a suppression of macro `{macro_name}` lapsed on {day} and is not applied: {} (added {}, reason: {})",
        suppression.condition, suppression.added, suppression.reason
    )
}

/// The definition without the clauses of lapsed suppressions.
pub(super) fn in_force(kept: &[Kept], definition: &Mapped) -> Mapped {
    let text = definition.text();
    let mut gone: Vec<(usize, usize)> = Vec::new();
    // A condition that was suppressed anew after it had lapsed keeps its clause.
    let anew = |one: &Kept| {
        let same = |other: &&Kept| other.suppression.condition == one.suppression.condition;
        kept.iter()
            .filter(same)
            .any(|other| other.state == State::Active)
    };
    for one in kept
        .iter()
        .filter(|one| one.state == State::Lapsed && !anew(one))
    {
        let clause = one.suppression.clause();
        if let Some(at) = text.find(&clause) {
            let before = text.get(..at).unwrap_or_default();
            gone.push((before.trim_end().len(), at + clause.len()));
        }
    }
    if gone.is_empty() {
        return definition.clone();
    }
    gone.sort_unstable();
    let mut left = Mapped::default();
    let mut at = 0;
    for (start, end) in gone {
        if start >= at {
            left.push_slice(definition, at, start);
            at = end;
        }
    }
    left.push_slice(definition, at, text.len());
    let length = without_empty_search(left.text()).len();
    left.slice(0, length)
}

/// The text without a last `search` that has lost all its terms.
fn without_empty_search(text: &str) -> &str {
    let end = text.trim_end();
    let Some(before) = end.strip_suffix("search").map(str::trim_end) else {
        return end;
    };
    match before.strip_suffix('|') {
        Some(rest) => rest.trim_end(),
        None if before.is_empty() => before,
        None => end,
    }
}

fn refused(message: impl Into<String>, help: &str) -> Diagnostic {
    Diagnostic::new(&code::SUPPRESSION, message).help(help)
}

/// Checks that a condition can stand in `NOT (…)` on one line.
pub fn check_condition(condition: &str) -> Result<(), Diagnostic> {
    let help = "a condition is search terms, such as `src_ip=\"203.0.113.7\" verb=list`";
    if condition.trim().is_empty() {
        return Err(refused("the condition is empty", help));
    }
    if condition.contains(['\n', '\r']) {
        return Err(refused("the condition has more than one line", help));
    }
    if let Some((_, c)) = unbalanced(condition) {
        return Err(refused(
            format!("`{c}` in the condition has no partner"),
            help,
        ));
    }
    let bytes = condition.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'|' | b'[' | b'`' => {
                let message = format!(
                    "the condition holds `{}` outside of quotes",
                    char::from(byte)
                );
                return Err(refused(message, help));
            }
            b'\\' => at = after_backslash(bytes, at),
            b'"' => at = after_quote(bytes, at),
            _ => at += 1,
        }
    }
    Ok(())
}

/// The file that holds a filter macro, or is to hold it.
#[derive(Debug, Clone)]
pub struct Target {
    /// Where.
    pub path: PathBuf,
    /// The file's present text; none when it is to be created.
    pub text: Option<Arc<SourceText>>,
}

/// The file to add a suppression to: the macro's own, or `<name>.conf` in `folder` when there is no such macro.
pub fn target(library: &Library, name: &str, folder: &Path) -> Result<Target, Diagnostic> {
    let Some(found) = library.get(name, 0) else {
        let path = folder.join(format!("{name}.conf"));
        let text = if path.exists() {
            Some(read_text(&path)?)
        } else {
            None
        };
        return Ok(Target { path, text });
    };
    if is_yaml(&found.file) {
        let message = format!(
            "macro `{name}` is defined in {}, which has no place for suppressions",
            found.file.display()
        );
        let help = format!(
            "move it to {}, as `[{name}]` and `definition = …`",
            folder.join(format!("{name}.conf")).display()
        );
        return Err(refused(message, &help));
    }
    if found.iseval {
        let message = format!("macro `{name}` is eval-based: its definition takes no search terms");
        return Err(refused(
            message,
            "set `iseval = false` and write its definition as search text",
        ));
    }
    let text = Some(read_text(&found.file)?);
    Ok(Target {
        path: found.file.clone(),
        text,
    })
}

/// The text of the macro file with the suppression added and lapsed clauses taken out. `file` is none for a new file.
pub fn add(
    file: Option<&Arc<SourceText>>,
    name: &str,
    new: &Suppression,
) -> Result<String, Diagnostic> {
    check_condition(&new.condition)?;
    let one_line = |text: &str| !text.contains(['\n', '\r']);
    if new.reason.trim().is_empty()
        || !one_line(&new.reason)
        || !new.author.as_deref().is_none_or(one_line)
    {
        return Err(refused(
            "a suppression needs a reason of one line",
            "say why these events are false positives",
        ));
    }
    if new.expires.is_some_and(|day| day <= new.added) {
        return Err(refused(
            "the suppression would lapse at once",
            "choose a later day, as 2027-01-31",
        ));
    }
    let Some(source) = file else {
        return Ok(appended("", name, new));
    };
    let (stanzas, errors) = conf::read(source);
    if let Some(error) = errors.into_iter().next() {
        return Err(error);
    }
    // A repeated stanza's later settings win, so the last one that defines the macro is changed.
    let mut own = stanzas
        .iter()
        .rev()
        .filter(|s| s.name == name && s.count == 0);
    let Some(stanza) = own.find(|s| s.setting("definition").is_some()) else {
        return Ok(appended(&source.text, name, new));
    };
    let kept = kept(stanza, new.added)?;
    let double = kept
        .iter()
        .any(|one| one.state == State::Active && one.suppression.condition == new.condition);
    if double {
        let message = format!("macro `{name}` already suppresses {}", new.condition);
        return Err(refused(
            message,
            "a suppression is taken out by deleting its clause from the definition",
        ));
    }
    Ok(changed(source, stanza, &kept, new))
}

/// The file with a new stanza at its end.
fn appended(text: &str, name: &str, new: &Suppression) -> String {
    let gap = match text {
        "" => "",
        text if text.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    format!(
        "{text}{gap}{}\n[{name}]\ndefinition = search {}\n",
        new.line(),
        new.clause()
    )
}

/// The file with the stanza's definition and comments changed, all else as it was.
fn changed(source: &SourceText, stanza: &Stanza, kept: &[Kept], new: &Suppression) -> String {
    let Some(setting) = stanza.setting("definition") else {
        return source.text.clone();
    };
    let base = in_force(kept, &setting.value);
    let base = base.text();
    let ours = kept
        .iter()
        .any(|one| one.state == State::Active && base.ends_with(&one.suppression.clause()));
    let definition = match base {
        "" => format!("search {}", new.clause()),
        base if ours => format!("{base} {}", new.clause()),
        base => format!("{base} | search {}", new.clause()),
    };
    let line_end = if source.text.contains("\r\n") {
        "\r\n"
    } else {
        "\n"
    };
    let definition = definition.replace('\n', &format!("\\{line_end}"));
    let part = |from: usize, to: usize| source.text.get(from..to).unwrap_or_default();
    let header = stanza.header.start;
    let (value, end) = (setting.value_span, source.text.len());
    let mut text = String::from(part(0, header));
    text.push_str(&new.line());
    text.push_str(line_end);
    text.push_str(part(header, value.start));
    text.push(' ');
    text.push_str(&definition);
    text.push_str(part(value.end, end));
    text
}
