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
use super::conf::{self, Stanza};
pub use super::date::Date;
use super::library::{Library, is_yaml, read_text};
use super::mapped::Mapped;
pub use super::suppression::{Kept, State, Suppression, kept};
use crate::diagnostic::{Diagnostic, SourceText, code};
use std::path::{Path, PathBuf};
use std::sync::Arc;

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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    fn file(text: &str) -> Arc<SourceText> {
        Arc::new(SourceText {
            name: "f.conf".into(),
            text: text.into(),
            first_line: 1,
        })
    }

    fn scanner(condition: &str, expires: Option<&str>) -> Suppression {
        Suppression {
            condition: condition.into(),
            reason: "vendor \"x\": scanner".into(),
            added: day("2026-11-24"),
            expires: expires.map(day),
            author: Some("rs".into()),
        }
    }

    /// The definition that is in force on a day, and the states of the suppressions.
    fn loaded(text: &str, today: &str) -> (String, Vec<State>) {
        let (stanzas, errors) = conf::read(&file(text));
        assert!(errors.is_empty());
        let stanza = stanzas.last().unwrap();
        let kept = kept(stanza, day(today)).unwrap();
        let definition = &stanza.setting("definition").unwrap().value;
        let left = in_force(&kept, definition).text().to_string();
        (left, kept.iter().map(|one| one.state).collect())
    }

    #[test]
    fn a_new_file_an_empty_macro_and_a_second_suppression() {
        let new = add(None, "q_filter", &scanner("a=\"1\"", None)).unwrap();
        let empty =
            "# hand\n[q_filter]\ndefinition =\ndescription = mine\n[other]\ndefinition = x\n";
        let once = add(Some(&file(empty)), "q_filter", &scanner("a=\"1\"", None)).unwrap();
        assert!(
            once.starts_with("# hand\n# suppress 2026-11-24 by=\"rs\" reason="),
            "{once}"
        );
        assert!(once.contains("\ndefinition = search NOT (a=\"1\")\ndescription = mine\n[other]"));
        let twice = add(Some(&file(&new)), "q_filter", &scanner("b=2", None)).unwrap();
        assert_eq!(
            loaded(&twice, "2026-11-25").0,
            "search NOT (a=\"1\") NOT (b=2)"
        );
        assert!(add(Some(&file(&new)), "q_filter", &scanner("a=\"1\"", None)).is_err());
    }

    #[test]
    fn what_is_written_by_hand_stays() {
        let hand = "[q_filter]\r\ndefinition = where x>1 \\\r\n| search y=*\r\n";
        let once = add(Some(&file(hand)), "q_filter", &scanner("a=1", None)).unwrap();
        let base = "where x>1 \n| search y=*";
        assert_eq!(
            loaded(&once, "2026-11-25").0,
            format!("{base} | search NOT (a=1)")
        );
        let twice = add(Some(&file(&once)), "q_filter", &scanner("b=2", None)).unwrap();
        assert_eq!(
            loaded(&twice, "2026-11-25").0,
            format!("{base} | search NOT (a=1) NOT (b=2)")
        );
        let removed = twice.replace(" NOT (a=1)", "");
        let (text, states) = loaded(&removed, "2026-11-25");
        assert_eq!(text, format!("{base} | search NOT (b=2)"));
        assert_eq!(states, [State::Removed, State::Active]);
    }

    #[test]
    fn a_lapsed_suppression_is_not_applied_and_leaves_with_the_next_change() {
        let once = add(None, "q_filter", &scanner("a=1", Some("2026-12-01"))).unwrap();
        assert_eq!(
            loaded(&once, "2026-11-30"),
            ("search NOT (a=1)".into(), vec![State::Active])
        );
        assert_eq!(
            loaded(&once, "2026-12-01"),
            (String::new(), vec![State::Lapsed])
        );
        let later = Suppression {
            added: day("2027-01-01"),
            ..scanner("b=2", None)
        };
        let twice = add(Some(&file(&once)), "q_filter", &later).unwrap();
        assert!(twice.contains("definition = search NOT (b=2)\n"), "{twice}");
        let again = Suppression {
            condition: "a=1".into(),
            ..later
        };
        let thrice = add(Some(&file(&twice)), "q_filter", &again).unwrap();
        assert_eq!(
            loaded(&thrice, "2027-01-02").0,
            "search NOT (b=2) NOT (a=1)"
        );
    }

    #[test]
    fn conditions_that_would_break_the_file_are_refused() {
        for bad in [
            "",
            "a=\"1",
            "(a=1",
            "a=1 | head",
            "a=1\nb=2",
            "`m`",
            "[search x]",
        ] {
            assert!(check_condition(bad).is_err(), "{bad}");
        }
        assert!(check_condition("a=\"x|y\" (b=1 OR c=2)").is_ok());
    }

    #[test]
    fn the_target_is_the_macros_own_file_and_never_yaml() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path();
        std::fs::write(
            folder.join("y.yml"),
            "name: y_filter\ndefinition: search *\n",
        )
        .unwrap();
        let text = add(None, "q_filter", &scanner("a=1", Some("2026-12-01"))).unwrap();
        std::fs::write(folder.join("mine.conf"), text).unwrap();
        let folders = [folder.to_path_buf()];
        let (library, errors, notices) = Library::load_at(&folders, day("2026-12-01"));
        assert!(errors.is_empty());
        let said = notices.list();
        assert!(
            said[0]
                .text
                .starts_with("a suppression of macro `q_filter` lapsed on 2026-12-01")
        );
        assert_eq!(library.get("q_filter", 0).unwrap().definition.text(), "");
        let own = target(&library, "q_filter", folder).unwrap();
        assert_eq!(own.path, folder.join("mine.conf"));
        let new = target(&library, "n_filter", folder).unwrap();
        assert_eq!(
            (new.path, new.text.is_none()),
            (folder.join("n_filter.conf"), true)
        );
        let help = target(&library, "y_filter", folder)
            .unwrap_err()
            .help
            .unwrap();
        assert!(help.contains("y_filter.conf"), "{help}");
    }
}
