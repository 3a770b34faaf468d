//! A query to its stages: takes expanded text, gives each stage's command name and argument text, split at the pipes
//! that stand outside of quotes, brackets and backticks.

use super::ast::{Pipeline, Spanned, StageText};
use super::lexis::{atom, blanks, keyword, name_quote, quoted, word};
use super::reader::{Parsed, Reader, consumed, too_deep, unopened};
use crate::diagnostic::{Diagnostic, Diagnostics, Span, code};
use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::tag;
use nom::character::complete::{anychar, char};
use nom::combinator::{not, opt, peek, value};
use nom::sequence::{preceded, terminated};

/// How deep subsearches may nest.
const SUBSEARCHES: usize = 100;

/// Splits a query. `text` stands at byte `offset` of the expanded query. Without a leading pipe the first stage is a
/// `search`, said or implied; a blank text is a `search` for everything. A stage that can't be read is left out and
/// told in the diagnostics, so those that are given are whole.
pub fn parse_pipeline(text: &str, offset: usize) -> (Option<Pipeline>, Diagnostics) {
    parse(text, offset, Lead::Search)
}

/// Splits the inside of `[ … ]`, where the first word names a command with or without a pipe before it.
pub fn parse_subsearch(text: &str, offset: usize) -> (Option<Pipeline>, Diagnostics) {
    parse(text, offset, Lead::Command)
}

/// What a text without a leading pipe starts with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lead {
    Search,
    Command,
}

fn parse(text: &str, offset: usize, lead: Lead) -> (Option<Pipeline>, Diagnostics) {
    let reader = Reader::new(text, offset);
    let mut stages = Vec::new();
    let piped = preceded(blanks, char::<_, super::reader::Fault>('|')).parse(text);
    let mut rest = match (&piped, lead) {
        (Ok((after, _)), _) => {
            if after.trim().is_empty() {
                reader.report(empty_stage(reader.between(text, after)));
                return (None, reader.finish());
            }
            after
        }
        (Err(_), Lead::Command) if text.trim().is_empty() => {
            reader.report(reader.unexpected("", "a command"));
            return (None, reader.finish());
        }
        (Err(_), Lead::Command) => text,
        (Err(_), Lead::Search) => {
            let (after, stage) = first_search(&reader, text);
            stages.extend(stage);
            after
        }
    };
    // The pipe before each further stage, to point at when nothing follows it.
    let mut pipe = piped
        .as_ref()
        .ok()
        .map(|(after, _)| reader.between(text, after));
    let mut first = piped.is_ok() || lead == Lead::Command;
    while first || !rest.is_empty() {
        if !first {
            let after = rest.get(1..).unwrap_or("");
            pipe = Some(reader.between(rest, after));
            rest = after;
        }
        first = false;
        let (after, whole) = body(&reader, rest, false);
        let stage = consumed(rest, after);
        if stage.trim().is_empty() {
            reader.report(empty_stage(pipe.unwrap_or_default()));
        } else if whole {
            stages.extend(named(&reader, stage));
        }
        rest = after;
    }
    let span = reader.span(text);
    let diagnostics = reader.finish();
    let pipeline = (!stages.is_empty()).then_some(Pipeline { stages, span });
    (pipeline, diagnostics)
}

fn empty_stage(pipe: Span) -> Diagnostic {
    Diagnostic::at(
        &code::EMPTY_STAGE,
        pipe,
        "there is no command after this pipe",
    )
    .note("nothing follows")
    .help("write a command after the pipe, or remove it")
}

/// The leading stage of a text without a leading pipe.
fn first_search<'a>(reader: &Reader<'a>, text: &'a str) -> (&'a str, Option<StageText>) {
    let (after, whole) = body(reader, text, true);
    let stage = consumed(text, after);
    if !whole {
        return (after, None);
    }
    if let Ok((arguments, name)) = preceded(blanks, said_search).parse(stage) {
        return (after, Some(stage_text(reader, name, arguments)));
    }
    let start = stage.trim_start();
    let implied = StageText {
        name: Spanned::new("search".to_owned(), reader.between(start, start)),
        ..stage_text(reader, "", start)
    };
    (after, Some(implied))
}

/// The word `search` as a command, not as a field or keyword that is compared.
fn said_search(input: &str) -> Parsed<'_, &str> {
    let compared = preceded(
        blanks,
        alt((tag("="), tag("!="), tag("<"), tag(">"), tag("::"))),
    );
    terminated(keyword("search"), peek(not(compared))).parse(input)
}

/// A stage that must start with a command's name.
fn named<'a>(reader: &Reader<'a>, stage: &'a str) -> Option<StageText> {
    match preceded(blanks, word).parse(stage) {
        Ok((arguments, name)) => Some(stage_text(reader, name, arguments)),
        Err(_) => {
            reader.report(reader.unexpected(stage.trim_start(), "a command"));
            None
        }
    }
}

fn stage_text<'a>(reader: &Reader<'a>, name: &'a str, arguments: &'a str) -> StageText {
    let arguments = arguments.trim();
    StageText {
        name: Spanned::new(name.to_owned(), reader.span(name)),
        arguments: Spanned::new(arguments.to_owned(), reader.span(arguments)),
    }
}

/// Runs to the pipe that ends a stage, or to the end. The flag says whether quotes and brackets are in order.
fn body<'a>(reader: &Reader<'a>, input: &'a str, search: bool) -> (&'a str, bool) {
    let mut open: Vec<&'a str> = Vec::new();
    let (mut rest, mut whole) = (input, true);
    while let Some(c) = rest.chars().next() {
        match c {
            '|' if open.is_empty() => break,
            '[' => {
                if open.len() == SUBSEARCHES {
                    reader.report(too_deep(reader.first(rest), SUBSEARCHES));
                    whole = false;
                }
                open.push(rest);
            }
            ']' if open.pop().is_none() => {
                reader.report(unopened(reader.first(rest), "]"));
                whole = false;
            }
            _ => {}
        }
        match step(input, rest, search && open.is_empty()) {
            Ok((next, ())) => rest = next,
            Err(_) => {
                reader.report(reader.unclosed(rest));
                return ("", false);
            }
        }
    }
    for bracket in &open {
        reader.report(reader.unclosed(bracket));
    }
    (rest, whole && open.is_empty())
}

/// One step inside a stage. In a `search` single quotes are plain characters.
fn step<'a>(whole: &'a str, rest: &'a str, search: bool) -> Parsed<'a, ()> {
    match rest.chars().next() {
        Some('\'') if search => value((), char('\'')).parse(rest),
        Some('\'') => name_quote(consumed(whole, rest), rest),
        Some('`') => value((), quoted('`')).parse(rest),
        Some('\\') => value((), (anychar, opt(anychar))).parse(rest),
        _ => atom(rest),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn stages(text: &str) -> Vec<(String, String)> {
        let (pipeline, diagnostics) = parse_pipeline(text, 0);
        assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
        let pipeline = pipeline.unwrap();
        for stage in &pipeline.stages {
            let span = stage.arguments.span;
            assert_eq!(text[span.start..span.end], stage.arguments.node);
        }
        let pair = |s: StageText| (s.name.node, s.arguments.node);
        pipeline.stages.into_iter().map(pair).collect()
    }

    fn errors(text: &str) -> Vec<(&'static str, usize)> {
        let (_, diagnostics) = parse_pipeline(text, 0);
        let place = |d: &Diagnostic| (d.code.id, d.span.unwrap().start);
        diagnostics.iter().map(place).collect()
    }

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        let own = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
        list.iter().map(own).collect()
    }

    #[test]
    fn the_leading_search_is_implied_or_said() {
        let expected = pairs(&[("search", "a=1"), ("table", "x")]);
        assert_eq!(stages("a=1 | table x"), expected);
        assert_eq!(stages(" search a=1|table x"), expected);
        assert_eq!(stages("search=x"), pairs(&[("search", "search=x")]));
        assert_eq!(stages(" "), pairs(&[("search", "")]));
        assert_eq!(
            stages("| makeresults | eval a=1"),
            pairs(&[("makeresults", ""), ("eval", "a=1")])
        );
    }

    #[test]
    fn pipes_in_quotes_brackets_and_escapes_do_not_split() {
        assert_eq!(
            stages(r#""a | b" \| c | append [search x | head "]|" | y] | eval z='p|q'"#),
            pairs(&[
                ("search", r#""a | b" \| c"#),
                ("append", r#"[search x | head "]|" | y]"#),
                ("eval", "z='p|q'"),
            ])
        );
        assert_eq!(
            stages("don't | where(a='b')"),
            pairs(&[("search", "don't"), ("where", "(a='b')")])
        );
    }

    #[test]
    fn all_errors_are_reported_where_they_start() {
        assert_eq!(errors("* | | stats count |"), [("E0106", 2), ("E0106", 18)]);
        assert_eq!(errors("* ] | eval x=\"abc"), [("E0105", 2), ("E0104", 13)]);
        assert_eq!(
            errors("* | append [search [x"),
            [("E0104", 11), ("E0104", 19)]
        );
        assert_eq!(errors("* | =3 | `x"), [("E0103", 4), ("E0104", 9)]);
        let deep = format!("{}{}", "[".repeat(300), "]".repeat(300));
        assert_eq!(errors(&deep)[0], ("E0120", 100));
    }

    #[test]
    fn a_subsearch_starts_with_a_command() {
        let (pipeline, diagnostics) = parse_subsearch("stats count | x", 7);
        assert!(diagnostics.is_empty());
        let pipeline = pipeline.unwrap();
        assert_eq!(
            pipeline.stages[0].name,
            Spanned::new("stats".into(), Span::new(7, 12))
        );
        assert_eq!(pipeline.stages.len(), 2);
        assert!(parse_subsearch("| inputlookup x", 0).0.is_some());
        assert!(parse_subsearch(" ", 0).0.is_none());
    }
}
