//! The operands of expressions: takes the rest of the text, gives a number, text, field, call, group or subsearch.

use super::{Grown, braces, expression, foreign, json};
use crate::diagnostic::{Diagnostic, code};
use crate::syntax::ast::{Expr, ExprKind, Spanned};
use crate::syntax::lexis::{atom, blanks, bracketed, parenthesised, quoted, trim, unescape};
use crate::syntax::pipeline::parse_subsearch;
use crate::syntax::reader::{Fault, Parsed, Reader, token, unopened};
use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{take_while, take_while1};
use nom::character::complete::{char, digit1, one_of, satisfy};
use nom::combinator::{opt, recognize, value};
use nom::sequence::{pair, preceded};

/// The words that can't be field names without quotes.
const RESERVED: [&str; 6] = ["and", "or", "xor", "not", "like", "in"];

/// One operand.
pub(super) fn primary<'a>(reader: &Reader<'a>, input: &'a str) -> Parsed<'a, Grown> {
    match input.chars().next() {
        Some('(') => group(reader, input),
        Some('[' | '{') if json::starts(input) => json::literal(reader, input),
        Some('[') => subsearch(reader, input),
        Some(quote @ ('"' | '\'')) => match quoted(quote).parse(input) {
            Ok((rest, inner)) => {
                let text = unescape(inner, &[quote]);
                let kind = match quote {
                    '"' => ExprKind::Text(text),
                    _ => ExprKind::Field(text),
                };
                Ok((rest, (made(reader, input, rest, kind), 1)))
            }
            Err(_) => reader.failure(reader.unclosed(input)),
        },
        Some(c) if c.is_ascii_digit() || c == '.' => number(reader, input),
        _ => named(reader, input),
    }
}

fn made<'a>(reader: &Reader<'a>, from: &'a str, to: &'a str, kind: ExprKind) -> Expr {
    let span = reader.between(from, to);
    Expr { kind, span }
}

fn number<'a>(reader: &Reader<'a>, input: &'a str) -> Parsed<'a, Grown> {
    let fraction = || pair(char('.'), digit1);
    let mantissa = alt((
        value((), pair(digit1, opt(fraction()))),
        value((), fraction()),
    ));
    let exponent = (one_of("eE"), opt(one_of("+-")), digit1);
    let parsed: Parsed<'a, &str> = recognize(pair(mantissa, opt(exponent))).parse(input);
    let Ok((rest, digits)) = parsed else {
        return reader.failure(reader.unexpected(input, "an expression"));
    };
    let Ok(number) = digits.parse() else {
        return reader.failure(reader.unexpected(input, "a number"));
    };
    if rest.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        let refused = reader.unexpected(input, "a number").help(
            "a field name that starts with a digit needs single quotes, a text double quotes",
        );
        return reader.failure(refused);
    }
    Ok((
        rest,
        (made(reader, input, rest, ExprKind::Number(number)), 1),
    ))
}

/// A plain field name: letters, digits, `_`, and `:` between them.
fn name(input: &str) -> Parsed<'_, &str> {
    let first = satisfy(|c| c.is_alphabetic() || c == '_');
    recognize(pair(
        first,
        take_while(|c: char| c.is_alphanumeric() || c == '_' || c == ':'),
    ))
    .parse(input)
}

/// Whether a field name can stand in an expression without quotes.
pub(in crate::syntax) fn is_plain_name(text: &str) -> bool {
    matches!(name(text), Ok(("", _))) && !RESERVED.contains(&text.to_lowercase().as_str())
}

/// A call or a field.
fn named<'a>(reader: &Reader<'a>, input: &'a str) -> Parsed<'a, Grown> {
    let Ok((rest, word)) = name(input) else {
        return reader.failure(missing_operand(reader, input));
    };
    let lower = word.to_lowercase();
    if trim(rest).starts_with('(') {
        let (rest, (list, height)) = arguments(reader, trim(rest))?;
        let kind = ExprKind::Call(Spanned::new(lower, reader.span(word)), list);
        return Ok((rest, (made(reader, input, rest, kind), height + 1)));
    }
    if RESERVED.contains(&lower.as_str()) {
        let refused = reader.unexpected(input, "an expression").help(format!(
            "a field named `{word}` needs single quotes: '{word}'"
        ));
        return reader.failure(refused);
    }
    if rest.starts_with('{') {
        return reader.failure(braces(reader, rest));
    }
    let kind = ExprKind::Field(word.to_owned());
    Ok((rest, (made(reader, input, rest, kind), 1)))
}

fn missing_operand<'a>(reader: &Reader<'a>, input: &'a str) -> Diagnostic {
    match input.chars().next() {
        Some('{') => braces(reader, input),
        Some('*') => reader
            .unexpected(input, "an expression")
            .help("an expression knows no wildcards; like(field, \"%\") compares with them"),
        Some('`') => reader.unexpected(token(input), "an expression"),
        Some('>') => reader
            .unexpected(input, "an expression")
            .help("\"is not equal\" is written !=, \"is at least\" >="),
        Some('=') => reader
            .unexpected(input, "an expression")
            .help("values are compared by =, ==, !=, <, >, <= and >="),
        _ => reader.unexpected(input, "an expression"),
    }
}

fn group<'a>(reader: &Reader<'a>, input: &'a str) -> Parsed<'a, Grown> {
    let (rest, _) = char('(').parse(input)?;
    if rest.trim_start().is_empty() {
        return reader.failure(reader.unclosed(input));
    }
    let (rest, (expr, height)) = expression(reader, rest, 0)?;
    let closed: Parsed<'a, char> = preceded(blanks, char(')')).parse(rest);
    match closed {
        Ok((rest, _)) => Ok((rest, (expr, height))),
        Err(_) => reader.failure(unfinished(reader, input, rest)),
    }
}

/// What follows an operand inside parentheses opened at `open` is no `)`.
fn unfinished<'a>(reader: &Reader<'a>, open: &'a str, rest: &'a str) -> Diagnostic {
    let rest = trim(rest);
    match rest.chars().next() {
        Some('{') => braces(reader, rest),
        Some(quote @ ('"' | '\'')) if quoted(quote).parse(rest).is_err() => reader.unclosed(rest),
        Some(']') => unopened(reader.first(rest), "]"),
        Some(_) if parenthesised(open).is_ok() => {
            let found = reader.unexpected(rest, "an operator or `)`");
            match foreign(rest) {
                Some(help) => found.help(help),
                None => found,
            }
        }
        _ => reader.unclosed(open),
    }
}

fn subsearch<'a>(reader: &Reader<'a>, input: &'a str) -> Parsed<'a, Grown> {
    let Ok((rest, inside)) = bracketed(input) else {
        return reader.failure(reader.unclosed(input));
    };
    let (pipeline, diagnostics) = parse_subsearch(inside, reader.span(inside).start);
    reader.report_all(diagnostics);
    let kind = match pipeline {
        Some(pipeline) => ExprKind::Subsearch(Box::new(pipeline)),
        None => ExprKind::Text(String::new()),
    };
    Ok((rest, (made(reader, input, rest, kind), 1)))
}

/// `(a, b, …)` after a function's name or `IN`. An argument that is wrong is reported and read over.
pub(super) fn arguments<'a>(reader: &Reader<'a>, input: &'a str) -> Parsed<'a, (Vec<Expr>, usize)> {
    let (mut rest, _) = char('(').parse(input)?;
    let (mut list, mut height) = (Vec::new(), 0);
    if let Some(after) = trim(rest).strip_prefix(')') {
        return Ok((after, (list, height)));
    }
    loop {
        if trim(rest).is_empty() {
            return reader.failure(reader.unclosed(input));
        }
        match expression(reader, rest, 0) {
            Ok((next, (expr, grown))) => {
                list.push(expr);
                height = height.max(grown);
                rest = trim(next);
            }
            Err(error) if is_final(&error) || parenthesised(input).is_err() => return Err(error),
            Err(error) => {
                reader.report_fault(error, rest, "an expression");
                rest = skip_to_comma(rest);
            }
        }
        if !rest.starts_with([',', ')']) {
            let diagnostic = unfinished(reader, input, rest);
            if parenthesised(input).is_err() {
                return reader.failure(diagnostic);
            }
            reader.report(diagnostic);
            rest = skip_to_comma(rest);
        }
        match rest.strip_prefix([',', ')']) {
            Some(after) if rest.starts_with(',') => rest = after,
            Some(after) => return Ok((after, (list, height))),
            None => return reader.failure(reader.unclosed(input)),
        }
    }
}

/// Errors after which nothing sensible can be read: the same would be told at every level.
fn is_final(error: &nom::Err<Fault>) -> bool {
    let is = |d: &Diagnostic| d.code.id == code::TOO_DEEP.id || d.code.id == code::UNCLOSED.id;
    matches!(error, nom::Err::Failure(Fault(Some(d))) if is(d))
}

/// Runs over balanced text to the next comma or unopened `)`, or to the end.
pub(super) fn skip_to_comma(input: &str) -> &str {
    let mut rest = input;
    while let Some(c) = rest.chars().next() {
        let step = match c {
            ',' | ')' => return rest,
            '(' => value((), parenthesised).parse(rest),
            '[' => value((), bracketed).parse(rest),
            '"' | '\'' | '\\' => atom(rest),
            _ => value((), take_while1(|c| !",()[\"'\\".contains(c))).parse(rest),
        };
        match step {
            Ok((next, ())) => rest = next,
            Err(_) => return "",
        }
    }
    rest
}
