//! The arguments of commands: takes a stage, gives options, fields, words, numbers and subsearches one after another, and the
//! errors of what does not fit.
//!
//! A command makes one [`Args`], takes its options first (they may stand anywhere), then the rest from left to right, and
//! ends with [`Args::finish`], which refuses what is left and hands over all errors.

mod fields;
mod options;
mod sort_keys;

use super::aggregates::{self, AggregateList};
use super::ast::{Literal, Pipeline, Spanned, StageText};
use super::lexis::{any_quoted, bare_name, bracketed, quoted, separators, unescape};
use super::pipeline::parse_subsearch;
use super::reader::{self, Parsed};
use crate::diagnostic::{Diagnostic, Diagnostics, Span, code};
use nom::Parser;
use nom::bytes::complete::{tag_no_case, take_while1};
pub use options::Options;
pub use sort_keys::{SortKey, SortKind};

/// A cursor over a stage's arguments. Options that were taken are blanked, so all spans stay true.
#[derive(Debug, Clone)]
pub struct Args {
    command: String,
    usage: String,
    text: String,
    offset: usize,
    at: usize,
    diagnostics: Diagnostics,
}

impl Args {
    /// The arguments of a stage; `usage` is the command's usage line, told when something is missing.
    pub fn new(stage: &StageText, usage: &str) -> Self {
        Self {
            command: stage.name.node.to_lowercase(),
            usage: usage.to_owned(),
            text: stage.arguments.node.clone(),
            offset: stage.arguments.span.start,
            at: 0,
            diagnostics: Vec::new(),
        }
    }

    /// What is left, from the cursor on.
    pub(super) fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    /// The place in the query of bytes of the text.
    fn place(&self, start: usize, end: usize) -> Span {
        Span::new(start, end).shift(self.offset)
    }

    /// Runs a parser after blanks and commas, and moves on when it succeeds.
    fn take<T>(&mut self, parser: impl for<'a> Fn(&'a str) -> Parsed<'a, T>) -> Option<Spanned<T>> {
        self.skip_separators();
        let (node, left) = match parser(self.rest()) {
            Ok((left, node)) => (node, left.len()),
            Err(_) => return None,
        };
        let (start, end) = (self.at, self.text.len() - left);
        self.at = end;
        Some(Spanned::new(node, self.place(start, end)))
    }

    fn skip_separators(&mut self) {
        if let Ok((left, _)) = separators(self.rest()) {
            self.at = self.text.len() - left.len();
        }
    }

    /// Whether nothing is left but blanks and commas.
    pub fn is_done(&mut self) -> bool {
        self.skip_separators();
        self.rest().is_empty()
    }

    /// The place of the cursor: the next token, or the end of the arguments.
    pub fn here(&mut self) -> Span {
        self.skip_separators();
        let found = reader::token(self.rest()).len();
        self.place(self.at, self.at + found)
    }

    /// Takes a keyword (`by`, `as`, `over`, …, any letter case) when it is next.
    pub fn keyword(&mut self, name: &str) -> bool {
        self.take(|input| keyword(name, input).map(|(rest, _)| (rest, ())))
            .is_some()
    }

    /// Whether a keyword is next.
    pub fn is_keyword(&mut self, name: &str) -> bool {
        self.skip_separators();
        keyword(name, self.rest()).is_ok()
    }

    /// Takes a symbol such as `(`, `=` or `*` when it is next.
    pub fn symbol(&mut self, symbol: &str) -> bool {
        self.skip_separators();
        let found = self.rest().starts_with(symbol);
        if found {
            self.at += symbol.len();
        }
        found
    }

    /// A word: quoted in either way, or bare up to a blank or comma.
    pub fn word(&mut self) -> Option<Spanned<Literal>> {
        self.take(word)
    }

    /// A double-quoted text, escapes resolved.
    pub fn quoted(&mut self) -> Option<Spanned<String>> {
        self.take(|input| {
            quoted('"')
                .map(|inner| unescape(inner, &['"']))
                .parse(input)
        })
    }

    /// A double-quoted text whose backslashes stay, only `\"` resolved: a regular expression. A bare word is one too.
    pub fn regex(&mut self) -> Option<Spanned<String>> {
        self.take(|input| match quoted('"').parse(input) {
            Ok((rest, inner)) => Ok((rest, inner.replace("\\\"", "\""))),
            Err(_) if input.starts_with('"') => Err(mismatch()),
            Err(_) => take_while1(|c: char| !c.is_whitespace())
                .map(str::to_owned)
                .parse(input),
        })
    }

    /// A whole number, with a sign or not.
    pub fn integer(&mut self) -> Option<Spanned<i64>> {
        self.take(|input| {
            let (rest, found) = word(input)?;
            match found.text.parse() {
                Ok(number) if !found.quoted => Ok((rest, number)),
                _ => Err(mismatch()),
            }
        })
    }

    /// A subsearch `[ … ]`. Its own errors are kept for [`Args::finish`]; `None` then too.
    pub fn subsearch(&mut self) -> Option<Spanned<Pipeline>> {
        let inside = self.bracketed()?;
        let (pipeline, mut diagnostics) = parse_subsearch(&inside.node, inside.span.start);
        let broken = !diagnostics.is_empty();
        self.diagnostics.append(&mut diagnostics);
        pipeline
            .filter(|_| !broken)
            .map(|pipeline| Spanned::new(pipeline, inside.span))
    }

    /// The text inside `[ … ]`, with the place of that text: what `foreach` repeats.
    pub fn bracketed(&mut self) -> Option<Spanned<String>> {
        self.skip_separators();
        if self.rest().starts_with('[') && bracketed(self.rest()).is_err() {
            let place = self.place(self.at, self.at + 1);
            self.diagnostics.push(reader::unclosed(place, "["));
            self.at = self.text.len();
        }
        let mut found = self.take(|input| bracketed.map(str::to_owned).parse(input))?;
        found.span = Span::new(found.span.start + 1, found.span.end - 1);
        Some(found)
    }

    /// All that is left as text, blanks at both ends cut off: an expression, a search.
    pub fn take_rest(&mut self) -> Spanned<String> {
        let start = self.text.len() - self.rest().trim_start().len();
        let text = self.rest().trim().to_owned();
        self.at = self.text.len();
        let span = self.place(start, start + text.len());
        Spanned::new(text, span)
    }

    /// The aggregates that are next, up to `by`, `over` or whatever is none.
    pub fn aggregates(&mut self) -> AggregateList {
        self.skip_separators();
        let parsed = aggregates::parse_aggregates(self.rest(), self.offset + self.at);
        self.at += parsed.length;
        self.diagnostics.extend(parsed.diagnostics);
        parsed.list
    }

    /// Keeps an error for [`Args::finish`].
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// What is next does not fit; `wanted` says what would: "a field", "`as`".
    pub fn unexpected(&mut self, wanted: &str) -> Diagnostic {
        let span = self.here();
        let rest = self.rest();
        if rest.starts_with(['"', '\'']) && any_quoted(rest).is_err() {
            return reader::unclosed(self.place(self.at, self.at + 1), rest);
        }
        reader::unexpected(span, reader::token(rest), wanted).help(format!("usage: {}", self.usage))
    }

    /// An argument that the command needs is not there: "a field", "a subsearch".
    pub fn missing(&mut self, wanted: &str) -> Diagnostic {
        if !self.is_done() {
            return self.unexpected(wanted);
        }
        let message = format!("`{}` needs {wanted}", self.command);
        Diagnostic::at(&code::MISSING_ARGUMENT, self.here(), message)
            .note(format!("{wanted} should stand here"))
            .help(format!("usage: {}", self.usage))
    }

    /// Ends the reading: refuses what is left, and gives all errors, if any.
    pub fn finish(mut self) -> Result<(), Diagnostics> {
        if self.diagnostics.is_empty() && !self.is_done() {
            let left = self.unexpected("nothing more");
            self.diagnostics.push(left);
        }
        match self.diagnostics.is_empty() {
            true => Ok(()),
            false => Err(self.diagnostics),
        }
    }
}

/// A mismatch without words.
fn mismatch() -> nom::Err<reader::Fault> {
    nom::Err::Error(reader::Fault(None))
}

/// A keyword in any letter case, as a word of its own.
fn keyword<'a>(name: &str, input: &'a str) -> Parsed<'a, &'a str> {
    let (rest, found) = tag_no_case(name).parse(input)?;
    match rest.chars().next() {
        Some(c) if !c.is_whitespace() && !"([,\"'".contains(c) => Err(mismatch()),
        _ => Ok((rest, found)),
    }
}

/// A quoted or bare word.
fn word(input: &str) -> Parsed<'_, Literal> {
    if let Ok((rest, (quote, inner))) = any_quoted(input) {
        let text = unescape(inner, &[quote]);
        return Ok((rest, Literal { text, quoted: true }));
    }
    if input.starts_with('"') {
        return Err(mismatch());
    }
    let (rest, text) = bare_name(input)?;
    let text = unescape(text, &['"']);
    Ok((
        rest,
        Literal {
            text,
            quoted: false,
        },
    ))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
