//! The grammar of `search`: takes its argument text, gives a search expression. Parentheses bind first, then `NOT`,
//! then `OR`, then `AND`, said or implied.

mod term;

use super::ast::{SearchExpr, Spanned};
use super::lexis::{bracketed, separators, trim};
use super::pipeline::parse_subsearch;
use super::reader::{Parsed, Reader, too_deep, unopened};
use crate::diagnostic::{Diagnostic, Diagnostics, Span, code};
use nom::branch::alt;
use nom::bytes::complete::tag;
use nom::character::complete::{char, satisfy};
use nom::combinator::{eof, peek, value};
use nom::multi::many0_count;
use nom::sequence::{preceded, terminated};
use nom::{Parser, error::ErrorKind, error::ParseError};
pub(super) use term::needs_quotes;
use term::{ends_word, leaf};

/// How many `NOT`s may stand in a row.
const NEGATIONS: usize = 100;

/// The words that `search` takes as operators, in upper case only.
const OPERATORS: [&str; 3] = ["AND", "OR", "NOT"];

/// Parses the arguments of `search`, which stand at byte `offset` of the query. Where a term is wrong the rest is
/// still read, so that all errors are told; with errors the expression is not one to run.
pub fn parse(text: &str, offset: usize) -> (SearchExpr, Diagnostics) {
    let reader = Reader::new(text, offset);
    let result = conjunction(&reader, text, false);
    match result {
        Ok((_, expr)) => (expr, reader.finish()),
        Err(error) => {
            reader.report_fault(error, "", "a search term");
            (SearchExpr::And(Vec::new()), reader.finish())
        }
    }
}

/// An upper-case operator as a word of its own.
fn operator<'a>(
    name: &'static str,
) -> impl Parser<&'a str, Output = &'a str, Error = super::reader::Fault> {
    let end = alt((value((), eof), value((), satisfy(ends_word))));
    preceded(separators, terminated(tag(name), peek(end)))
}

/// Terms one after another, up to the end or, inside a group, up to its `)`.
fn conjunction<'a>(reader: &Reader<'a>, input: &'a str, group: bool) -> Parsed<'a, SearchExpr> {
    let mut items = Vec::new();
    let mut rest = separators(input)?.0;
    loop {
        if rest.is_empty() || (group && rest.starts_with(')')) {
            break;
        } else if rest.starts_with([')', ']', '|']) {
            stray(reader, rest);
            rest = rest.get(1..).unwrap_or("");
        } else if let Ok((next, word)) = operator("AND").parse(rest) {
            if items.is_empty() || ends_here(next) {
                reader.report(lone_operator(reader.span(word), word));
            }
            rest = next;
        } else {
            let (next, item) = disjunction(reader, rest)?;
            items.push(item);
            rest = next;
        }
        rest = separators(rest)?.0;
    }
    let expr = match items.len() {
        1 => items.remove(0),
        _ => SearchExpr::And(items),
    };
    Ok((rest, expr))
}

fn stray<'a>(reader: &Reader<'a>, rest: &'a str) {
    let (span, closer) = (reader.first(rest), rest.get(..1).unwrap_or(""));
    reader.report(match closer {
        "|" => reader.unexpected(rest, "a search term"),
        _ => unopened(span, closer),
    });
}

/// `a OR b OR c`: binds tighter than `AND`.
fn disjunction<'a>(reader: &Reader<'a>, input: &'a str) -> Parsed<'a, SearchExpr> {
    let mut items = Vec::new();
    let mut rest = input;
    if let Ok((next, word)) = operator("OR").parse(rest) {
        reader.report(lone_operator(reader.span(word), word));
        rest = next;
    } else {
        let (next, first) = negation(reader, rest)?;
        items.push(first);
        rest = next;
    }
    while let Ok((next, word)) = operator("OR").parse(rest) {
        rest = next;
        if ends_here(next) || alt((operator("OR"), operator("AND"))).parse(next).is_ok() {
            reader.report(lone_operator(reader.span(word), word));
            continue;
        }
        let (next, item) = negation(reader, next)?;
        items.push(item);
        rest = next;
    }
    let expr = match items.len() {
        1 => items.remove(0),
        _ => SearchExpr::Or(items),
    };
    Ok((rest, expr))
}

/// Whether no term can follow.
fn ends_here(rest: &str) -> bool {
    let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
    rest.is_empty() || rest.starts_with([')', ']', '|'])
}

fn lone_operator(span: Span, word: &str) -> Diagnostic {
    Diagnostic::at(
        &code::SYNTAX,
        span,
        format!("`{word}` lacks a search term beside it"),
    )
    .note("a term is missing here")
    .help(format!("to look for the word itself, write \"{word}\""))
}

/// `NOT` before a term; it binds tighter than `OR`.
fn negation<'a>(reader: &Reader<'a>, input: &'a str) -> Parsed<'a, SearchExpr> {
    let (rest, count) = many0_count(operator("NOT")).parse(input)?;
    let rest = separators(rest)?.0;
    if count > 0 && ends_here(rest) {
        let word = trim(input);
        reader.report(lone_operator(
            reader.span(word.get(..3).unwrap_or("")),
            "NOT",
        ));
        return Ok((rest, SearchExpr::And(Vec::new())));
    }
    let (rest, mut expr) = primary(reader, rest)?;
    if count > NEGATIONS {
        return reader.failure(too_deep(reader.first(input), NEGATIONS));
    }
    for _ in 0..count {
        expr = SearchExpr::Not(Box::new(expr));
    }
    Ok((rest, expr))
}

/// A group, a subsearch or a term.
fn primary<'a>(reader: &Reader<'a>, input: &'a str) -> Parsed<'a, SearchExpr> {
    match input.chars().next() {
        Some('(') => reader.deeper(input, || group(reader, input)),
        Some('[') => subsearch(reader, input),
        Some('"') if super::lexis::quoted('"').parse(input).is_err() => {
            reader.report(reader.unclosed(input));
            Ok(("", SearchExpr::And(Vec::new())))
        }
        _ => leaf(reader, input),
    }
}

fn group<'a>(reader: &Reader<'a>, input: &'a str) -> Parsed<'a, SearchExpr> {
    let (rest, _) = char('(').parse(input)?;
    let (rest, expr) = conjunction(reader, rest, true)?;
    match char::<_, super::reader::Fault>(')').parse(rest) {
        Ok((rest, _)) => Ok((rest, expr)),
        Err(_) => {
            reader.report(reader.unclosed(input));
            Ok((rest, expr))
        }
    }
}

fn subsearch<'a>(reader: &Reader<'a>, input: &'a str) -> Parsed<'a, SearchExpr> {
    let Ok((rest, inside)) = bracketed(input) else {
        reader.report(reader.unclosed(input));
        return Ok(("", SearchExpr::And(Vec::new())));
    };
    let (pipeline, diagnostics) = parse_subsearch(inside, reader.span(inside).start);
    reader.report_all(diagnostics);
    let span = reader.between(input, rest);
    let expr = pipeline.map_or(SearchExpr::And(Vec::new()), |pipeline| {
        SearchExpr::Subsearch(Spanned::new(Box::new(pipeline), span))
    });
    Ok((rest, expr))
}

/// A mismatch that lets the next alternative try.
fn mismatch<T>(input: &str) -> Parsed<'_, T> {
    Err(nom::Err::Error(super::reader::Fault::from_error_kind(
        input,
        ErrorKind::Verify,
    )))
}

/// Fails on the words that are operators.
fn no_operator(word: &str) -> bool {
    !OPERATORS.contains(&word)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
