//! Completion: takes the line and the cursor, gives commands, functions, options, macros, saved queries, files, and
//! field names and values of the loaded data.

use super::catalog::Catalog;
use super::dot;
use crate::commands::Offers;
use crate::{aggregates, commands, functions};
use rustyline::completion::{FilenameCompleter, Pair};

/// Candidates at most: more can't be read.
const MOST: usize = 200;

/// Completes at `at`; gives where the word starts.
pub fn complete(
    line: &str,
    at: usize,
    catalog: &Catalog,
    files: &FilenameCompleter,
) -> (usize, Vec<Pair>) {
    let before = line.get(..at).unwrap_or(line);
    if let Some(command) = before.strip_prefix('.') {
        return dot_command(before, command, catalog, files);
    }
    if let Some(start) = open_macro(before) {
        let names = catalog.macros.iter().map(|m| (m.clone(), m.clone()));
        return (start, matching(&before[start..], names));
    }
    let start = word_start(before);
    let word = &before[start..];
    let stage = &before[stage_start(before)..];
    if stage_start(before) > 0 && stage.trim_start().len() == word.len() {
        let names = commands::ALL
            .iter()
            .flat_map(|c| std::iter::once(c.name()).chain(c.aliases().iter().copied()));
        return (
            start,
            matching(word, names.map(|n| (n.to_owned(), format!("{n} ")))),
        );
    }
    let expression = is_expression(stage);
    if let Some((field, typed)) = value_of(word) {
        // In an expression a bare word is a field.
        let quoted = typed.starts_with('"') || expression;
        let values = catalog
            .fields
            .get(field.trim_matches(['"', '\'']))
            .into_iter()
            .flat_map(|f| f.values.keys().take(50));
        let candidates = values.map(|v| (v.clone(), quote(v)));
        return (
            start + word.len() - typed.len(),
            matching(typed.trim_start_matches('"'), candidates)
                .into_iter()
                .map(|p| {
                    if quoted {
                        Pair {
                            replacement: quote_always(&p.display),
                            ..p
                        }
                    } else {
                        p
                    }
                })
                .collect(),
        );
    }
    let found = matching_by(word.trim_start_matches('\''), words(stage, catalog), |n| {
        n.trim_matches('\'').to_owned()
    });
    (start, found)
}

/// The name of the command at the start of a stage.
fn command_name(stage: &str) -> &str {
    stage
        .trim_start()
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .next()
        .unwrap_or("")
}

/// Whether the end of a stage is an expression: of `eval`, `where` and their like, or in `eval(…)`.
fn is_expression(stage: &str) -> bool {
    let offers = commands::find(command_name(stage)).map(|c| c.offers());
    let lower = stage.to_lowercase();
    let in_eval = || {
        lower.rfind("eval(").is_some_and(|at| {
            let inside = &lower[at + 5..];
            inside.matches(')').count() <= inside.matches('(').count()
        })
    };
    match offers {
        Some(Offers::Expressions) => true,
        Some(Offers::Aggregates) => in_eval(),
        _ => false,
    }
}

/// A field as it must be typed in an expression, where a dot joins texts and a bracket calls a function.
fn in_expression(field: &str) -> String {
    let plain = field.chars().all(|c| c.is_alphanumeric() || c == '_');
    if plain && !field.starts_with(|c: char| c.is_ascii_digit()) {
        field.to_owned()
    } else {
        format!("'{field}'")
    }
}

/// What may stand inside a stage: its options, functions or aggregates, fields.
fn words(stage: &str, catalog: &Catalog) -> Vec<(String, String)> {
    let name = command_name(stage);
    let expression = is_expression(stage);
    let mut out: Vec<(String, String)> = Vec::new();
    if let Some(command) = commands::find(name) {
        out.extend(
            command
                .options()
                .iter()
                .map(|o| (format!("{}={}", o.name, o.value), format!("{}=", o.name))),
        );
        if command.offers() == Offers::Aggregates {
            out.extend(aggregates::ALL.iter().map(|a| aggregate(*a)));
        }
        if expression {
            out.extend(functions::all().map(|f| (format!("{}()", f.name), format!("{}(", f.name))));
        }
    }
    out.extend(catalog.fields.keys().map(|field| {
        let typed = if expression {
            in_expression(field)
        } else {
            field.clone()
        };
        (field.clone(), typed)
    }));
    out
}

/// An aggregate as shown and as put in: one that may stand without a field gets no bracket.
fn aggregate(found: &dyn aggregates::Aggregate) -> (String, String) {
    let name = found.name();
    let alone = found.usage().split(" | ").any(|form| form == name);
    let typed = if alone {
        name.to_owned()
    } else {
        format!("{name}(")
    };
    (format!("{name}()"), typed)
}

fn dot_command(
    line: &str,
    command: &str,
    catalog: &Catalog,
    files: &FilenameCompleter,
) -> (usize, Vec<Pair>) {
    let Some((name, argument)) = command.split_once(' ') else {
        let names = dot::ALL
            .iter()
            .map(|d| (format!(".{} {}", d.name, d.usage), d.name.to_owned() + " "));
        return (
            1,
            matching_by(command, names, |n| n.trim_start_matches('.').to_owned()),
        );
    };
    let start = line.len() - argument.rsplit(' ').next().unwrap_or("").len();
    let word = &line[start..];
    match dot::find(name).map(|d| d.takes) {
        Some(dot::Takes::File) => files
            .complete_path(line, line.len())
            .unwrap_or((start, Vec::new())),
        Some(dot::Takes::Macro) => (
            start,
            matching(word, catalog.macros.iter().map(|m| (m.clone(), m.clone()))),
        ),
        Some(dot::Takes::Query) => (
            start,
            matching(word, catalog.queries.iter().map(|q| (q.clone(), q.clone()))),
        ),
        Some(dot::Takes::Field) => (
            start,
            matching(word, catalog.fields.keys().map(|f| (f.clone(), f.clone()))),
        ),
        Some(dot::Takes::Word(words)) => (
            start,
            matching(
                word,
                words.iter().map(|w| ((*w).to_owned(), (*w).to_owned())),
            ),
        ),
        _ => (start, Vec::new()),
    }
}

/// Candidates that begin with the word, in any letter case; each as what is shown and what is put in.
fn matching(word: &str, candidates: impl IntoIterator<Item = (String, String)>) -> Vec<Pair> {
    matching_by(word, candidates, str::to_owned)
}

fn matching_by(
    word: &str,
    candidates: impl IntoIterator<Item = (String, String)>,
    key: impl Fn(&str) -> String,
) -> Vec<Pair> {
    let lower = word.to_lowercase();
    let mut out: Vec<Pair> = candidates
        .into_iter()
        .filter(|(display, _)| key(display).to_lowercase().starts_with(&lower))
        .map(|(display, replacement)| Pair {
            display,
            replacement,
        })
        .collect();
    out.dedup_by(|a, b| a.replacement == b.replacement);
    out.truncate(MOST);
    out
}

/// Where the stage at the end of the text starts: after the last pipe or opening bracket outside quotes.
fn stage_start(text: &str) -> usize {
    let mut quoted = false;
    let mut start = 0;
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '|' | '[' if !quoted => start = at + 1,
            _ => {}
        }
    }
    start
}

/// Where the word at the end of the text starts.
fn word_start(text: &str) -> usize {
    let mut quoted = false;
    let mut start = 0;
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            c if !quoted
                && (c.is_whitespace() || matches!(c, ',' | '(' | ')' | '|' | '[' | ']')) =>
            {
                start = at + c.len_utf8()
            }
            _ => {}
        }
    }
    start
}

/// Where the name of a macro that is being typed starts.
fn open_macro(text: &str) -> Option<usize> {
    let ticks = text.matches('`').count();
    (ticks % 2 == 1)
        .then(|| text.rfind('`').map(|at| at + 1))
        .flatten()
}

/// `field=val` as field and value.
fn value_of(word: &str) -> Option<(&str, &str)> {
    let at = word.find('=')?;
    let field = word[..at].trim_end_matches(['!', '<', '>']);
    (!field.is_empty()).then(|| (field, &word[at + 1..]))
}

/// A value as it must be typed.
fn quote(value: &str) -> String {
    let plain = value
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '/'));
    if plain && !value.is_empty() {
        value.to_owned()
    } else {
        quote_always(value)
    }
}

fn quote_always(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn places_in_a_line_are_found() {
        assert_eq!(stage_start("a | stats c"), 3);
        assert_eq!(stage_start("a=\"x | y\" b"), 0);
        assert_eq!(word_start("stats count by us"), 15);
        assert_eq!(word_start("dc(us"), 3);
        assert_eq!(open_macro("`abc"), Some(1));
        assert_eq!(open_macro("`abc` x"), None);
        assert_eq!(value_of("verb=li"), Some(("verb", "li")));
        assert_eq!(value_of("verb!=li"), Some(("verb", "li")));
        assert!(is_expression(" where like(us"));
        assert!(is_expression(" stats count(eval(us"));
        assert!(!is_expression(" stats count(eval(us=1)) by us"));
        assert!(!is_expression("verb=list us"));
        assert_eq!(in_expression("user.name"), "'user.name'");
        assert_eq!(in_expression("verb"), "verb");
        let typed = |name| aggregate(aggregates::find(name).unwrap()).1;
        assert_eq!(
            (typed("count"), typed("dc")),
            ("count".into(), "dc(".into())
        );
    }
}
