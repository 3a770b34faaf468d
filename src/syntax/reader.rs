//! What every parser here carries: takes the text and its offset in the query, gives spans, and collects the errors
//! that a parser can go on after.

use crate::diagnostic::{Diagnostic, Diagnostics, Span, code};
use nom::IResult;
use nom::error::{ErrorKind, ParseError};
use std::cell::{Cell, RefCell};

/// How deep parentheses, calls and `NOT`s may nest: far over any real query, far under the end of a thread's stack.
const NESTING: usize = 400;

/// The error of the parsers. A plain mismatch carries nothing, so that trying alternatives costs nothing.
#[derive(Debug, Default)]
pub(super) struct Fault(pub(super) Option<Box<Diagnostic>>);

impl<I> ParseError<I> for Fault {
    fn from_error_kind(_: I, _: ErrorKind) -> Self {
        Self(None)
    }

    fn append(_: I, _: ErrorKind, other: Self) -> Self {
        other
    }
}

/// What a parser of this module gives.
pub(super) type Parsed<'a, T> = IResult<&'a str, T, Fault>;

/// A text under parse.
pub(super) struct Reader<'a> {
    whole: &'a str,
    offset: usize,
    depth: Cell<usize>,
    diagnostics: RefCell<Diagnostics>,
}

impl<'a> Reader<'a> {
    /// A reader of `whole`, which stands at byte `offset` of the query.
    pub(super) fn new(whole: &'a str, offset: usize) -> Self {
        Self {
            whole,
            offset,
            depth: Cell::new(0),
            diagnostics: RefCell::default(),
        }
    }

    /// The place in the query of a part of the text.
    pub(super) fn span(&self, part: &str) -> Span {
        Span::of(part, self.whole).shift(self.offset)
    }

    /// The place from the start of `from` to the start of `to`, both rests of the text.
    pub(super) fn between(&self, from: &'a str, to: &'a str) -> Span {
        self.span(consumed(from, to))
    }

    /// The place of the first character of `rest`.
    pub(super) fn first(&self, rest: &'a str) -> Span {
        let width = rest.chars().next().map_or(0, char::len_utf8);
        self.span(rest.get(..width).unwrap_or(""))
    }

    /// Notes an error that the parse goes on after.
    pub(super) fn report(&self, diagnostic: Diagnostic) {
        self.diagnostics.borrow_mut().push(diagnostic);
    }

    /// Notes the error that a parser stopped with.
    pub(super) fn report_fault(&self, error: nom::Err<Fault>, rest: &'a str, wanted: &str) {
        match error {
            nom::Err::Error(Fault(Some(d))) | nom::Err::Failure(Fault(Some(d))) => self.report(*d),
            _ => self.report(self.unexpected(rest, wanted)),
        }
    }

    /// Notes several errors at once.
    pub(super) fn report_all(&self, mut diagnostics: Diagnostics) {
        self.diagnostics.borrow_mut().append(&mut diagnostics);
    }

    /// Whether nothing is wrong so far.
    pub(super) fn is_clean(&self) -> bool {
        self.diagnostics.borrow().is_empty()
    }

    /// All errors, in the order of their places.
    pub(super) fn finish(self) -> Diagnostics {
        let mut list = self.diagnostics.into_inner();
        list.sort_by_key(|d| d.span.map(|s| s.start));
        list
    }

    /// An error that ends the parse of this part.
    pub(super) fn failure<T>(&self, diagnostic: Diagnostic) -> Parsed<'a, T> {
        Err(nom::Err::Failure(Fault(Some(Box::new(diagnostic)))))
    }

    /// `rest` starts with something else than what is wanted.
    pub(super) fn unexpected(&self, rest: &'a str, wanted: &str) -> Diagnostic {
        unexpected(self.span(token(rest)), token(rest), wanted)
    }

    /// Something is opened at `rest` and not closed.
    pub(super) fn unclosed(&self, rest: &'a str) -> Diagnostic {
        unclosed(self.first(rest), rest)
    }

    /// Runs a parser one level deeper, or refuses.
    pub(super) fn deeper<T>(
        &self,
        rest: &'a str,
        parser: impl FnOnce() -> Parsed<'a, T>,
    ) -> Parsed<'a, T> {
        let depth = self.depth.get();
        if depth >= NESTING {
            return self.failure(too_deep(self.first(rest), NESTING));
        }
        self.depth.set(depth + 1);
        let result = parser();
        self.depth.set(depth);
        result
    }
}

/// What lies between two rests of one text.
pub(super) fn consumed<'a>(from: &'a str, to: &'a str) -> &'a str {
    from.get(..from.len().saturating_sub(to.len()))
        .unwrap_or("")
}

/// The next token of a rest, for messages: a word, or one character.
pub(super) fn token(rest: &str) -> &str {
    let word = |c: char| c.is_alphanumeric() || "_.:$".contains(c);
    let end = match rest.find(|c| !word(c)) {
        None => rest.len(),
        Some(0) => rest.chars().next().map_or(0, char::len_utf8),
        Some(end) => end,
    };
    rest.get(..end).unwrap_or("")
}

/// `found` stands where something else is wanted; an empty `found` is the end of the text.
pub(super) fn unexpected(span: Span, found: &str, wanted: &str) -> Diagnostic {
    let found = match found {
        "" => "the end".to_owned(),
        other => format!("`{other}`"),
    };
    Diagnostic::at(
        &code::SYNTAX,
        span,
        format!("found {found} where {wanted} should stand"),
    )
    .note(format!("{wanted} should stand here"))
    .help(match wanted {
        "an expression" => {
            "an expression is a field, a number, a text in double quotes, or a call such as lower(user)"
        }
        _ => "`spelunk help` and the command's name show how it is written",
    })
}

/// Something that starts `opening` is opened at `span` and not closed.
pub(super) fn unclosed(span: Span, opening: &str) -> Diagnostic {
    let (name, closer) = match opening.chars().next() {
        Some('"') => ("double quote", "\""),
        Some('\'') => ("single quote", "'"),
        Some('`') => ("backtick", "`"),
        Some('[') => ("bracket", "]"),
        Some('{') => ("brace", "}"),
        _ => ("parenthesis", ")"),
    };
    Diagnostic::at(
        &code::UNCLOSED,
        span,
        format!("a {name} is opened and not closed"),
    )
    .note("opened here")
    .help(format!("close it with `{closer}`"))
}

/// A closing `)` or `]` without its opening.
pub(super) fn unopened(span: Span, closer: &str) -> Diagnostic {
    let opening = if closer == "]" { "[" } else { "(" };
    Diagnostic::at(
        &code::UNOPENED,
        span,
        format!("`{closer}` closes nothing: no `{opening}` is open"),
    )
    .note("closed here")
    .help(format!(
        "remove it, open `{opening}` before it, or put it in quotes"
    ))
}

/// Nesting over the limit.
pub(super) fn too_deep(span: Span, limit: usize) -> Diagnostic {
    Diagnostic::at(
        &code::TOO_DEEP,
        span,
        format!("the query is nested over {limit} deep"),
    )
    .note("too deep here")
    .help("split the expression over several stages")
}
