//! Query text as typed, finished or not, for an editor: takes any text, gives its tokens and whether the query is whole.

use super::lexis::{is_word, keyword, quoted};
use super::reader::{Fault, consumed};
use crate::diagnostic::Span;
use nom::Parser;
use nom::bytes::complete::{tag, take_until, take_while, take_while1};
use nom::character::complete::anychar;
use nom::combinator::{recognize, value};
use nom::sequence::delimited;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A command's name.
    Command,
    /// A name before `(`.
    Function,
    /// A double-quoted text.
    Text,
    /// A name, bare or single-quoted.
    Field,
    /// A number, or a length of time such as `5m`.
    Number,
    /// `AND`, `by`, `as`, ….
    Keyword,
    /// `=`, `+`, `,`, ….
    Operator,
    /// A macro call in backticks.
    Macro,
    /// Text between triple backticks.
    Comment,
    /// The pipe between two stages.
    Pipe,
    /// A bracket or parenthesis, with the first byte of its partner.
    Bracket(usize),
    /// What is opened and not closed, or closed and not opened.
    Error,
}

/// Whether a query is whole, or what it waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completeness {
    /// Nothing is open.
    Whole,
    /// This character is opened and not closed: a quote, bracket, parenthesis or backtick.
    Open(char),
    /// The text ends in a pipe.
    TrailingPipe,
}

/// Whether more must follow before the query can run.
pub fn is_complete(text: &str) -> Completeness {
    let mut scan = Scan::new(text);
    scan.run();
    if let Some(open) = scan.unclosed {
        return Completeness::Open(open);
    }
    if let Some((_, open)) = scan.open.last() {
        return Completeness::Open(*open);
    }
    let last = scan.tokens.iter().rev().find(|t| t.1 != TokenKind::Comment);
    match last {
        Some((_, TokenKind::Pipe)) => Completeness::TrailingPipe,
        _ => Completeness::Whole,
    }
}

/// The tokens of a text, in order; blanks are none.
pub fn tokens(text: &str) -> Vec<(Span, TokenKind)> {
    let mut scan = Scan::new(text);
    scan.run();
    scan.tokens
}

/// The words that are keywords whatever the command.
const KEYWORDS: [&str; 17] = [
    "and",
    "or",
    "not",
    "xor",
    "in",
    "like",
    "by",
    "as",
    "over",
    "where",
    "output",
    "outputnew",
    "with",
    "from",
    "groupby",
    "sortby",
    "desc",
];

struct Scan<'a> {
    text: &'a str,
    rest: &'a str,
    tokens: Vec<(Span, TokenKind)>,
    /// The open brackets: their token and their character.
    open: Vec<(usize, char)>,
    /// What is opened and swallows the rest of the text.
    unclosed: Option<char>,
    /// Whether a command's name is due.
    command: bool,
    /// For each bracket level, whether its stage is a `search`, where a single quote is plain text.
    search: Vec<bool>,
}

impl<'a> Scan<'a> {
    fn new(text: &'a str) -> Self {
        let lead = text.trim_start();
        let said = keyword("search").parse(lead).is_ok();
        Self {
            text,
            rest: text,
            tokens: Vec::new(),
            open: Vec::new(),
            unclosed: None,
            command: said,
            search: vec![!lead.starts_with('|')],
        }
    }

    fn run(&mut self) {
        while let Some(c) = self.rest.chars().next() {
            let start = self.rest;
            if c.is_whitespace() {
                self.rest = start.trim_start();
                continue;
            }
            let (rest, kind) = self.token(start, c);
            self.rest = rest;
            let span = Span::of(consumed(start, rest), self.text);
            self.tokens.push((span, kind));
            if kind != TokenKind::Comment && !self.leads(c) {
                self.command = false;
            }
        }
        for (token, _) in &self.open {
            if let Some(token) = self.tokens.get_mut(*token) {
                token.1 = TokenKind::Error;
            }
        }
    }

    /// Whether a command's name follows this character.
    fn leads(&self, c: char) -> bool {
        self.command && (c == '|' || c == '[')
    }

    fn token(&mut self, rest: &'a str, c: char) -> (&'a str, TokenKind) {
        match c {
            '|' => {
                self.command = true;
                if let Some(search) = self.search.last_mut() {
                    *search = false;
                }
                (after(rest, 1), TokenKind::Pipe)
            }
            '`' if rest.starts_with("```") => self.enclosed(rest, '`', TokenKind::Comment, |i| {
                recognize(delimited(tag("```"), take_until("```"), tag("```"))).parse(i)
            }),
            '`' => self.enclosed(rest, '`', TokenKind::Macro, |i| {
                recognize(quoted('`')).parse(i)
            }),
            '"' => self.enclosed(rest, '"', TokenKind::Text, |i| {
                recognize(quoted('"')).parse(i)
            }),
            '\'' if !self.search.last().copied().unwrap_or(false) => {
                self.enclosed(rest, '\'', TokenKind::Field, |i| {
                    recognize(quoted('\'')).parse(i)
                })
            }
            '(' | '[' => {
                self.open.push((self.tokens.len(), c));
                if c == '[' {
                    self.command = true;
                    self.search.push(false);
                }
                (after(rest, 1), TokenKind::Bracket(self.at(rest)))
            }
            ')' | ']' => (after(rest, 1), self.close(rest, c)),
            '\\' => (
                after(rest, 1 + rest.chars().nth(1).map_or(0, char::len_utf8)),
                TokenKind::Field,
            ),
            c if is_word(c) => self.word(rest),
            _ => (after(rest, c.len_utf8()), TokenKind::Operator),
        }
    }

    fn at(&self, rest: &str) -> usize {
        self.text.len() - rest.len()
    }

    /// A token that runs to its closing mark, or to the end when it has none.
    fn enclosed(
        &mut self,
        rest: &'a str,
        opening: char,
        kind: TokenKind,
        parser: impl Fn(&'a str) -> nom::IResult<&'a str, &'a str, Fault>,
    ) -> (&'a str, TokenKind) {
        match parser(rest) {
            Ok((after, _)) => (after, kind),
            Err(_) => {
                self.unclosed = Some(opening);
                ("", TokenKind::Error)
            }
        }
    }

    /// A closing bracket: pairs it with the last open one of its kind.
    fn close(&mut self, rest: &str, c: char) -> TokenKind {
        let opening = if c == ')' { '(' } else { '[' };
        let Some((token, _)) = self.open.pop_if(|(_, open)| *open == opening) else {
            return TokenKind::Error;
        };
        if c == ']' && self.search.len() > 1 {
            self.search.pop();
        }
        let here = self.at(rest);
        match self.tokens.get_mut(token) {
            Some((span, kind)) => {
                *kind = TokenKind::Bracket(here);
                TokenKind::Bracket(span.start)
            }
            None => TokenKind::Error,
        }
    }

    fn word(&mut self, rest: &'a str) -> (&'a str, TokenKind) {
        let plain = take_while1::<_, &str, Fault>(is_word).parse(rest);
        let (left, word) = plain.unwrap_or((after(rest, 1), ""));
        if self.command {
            if let Some(search) = self.search.last_mut() {
                *search = word.eq_ignore_ascii_case("search");
            }
            return (left, TokenKind::Command);
        }
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            let (left, ()) = number(rest);
            return (left, TokenKind::Number);
        }
        if KEYWORDS.contains(&word.to_lowercase().as_str()) {
            return (left, TokenKind::Keyword);
        }
        if left.starts_with('(') {
            return (left, TokenKind::Function);
        }
        let mut name = take_while::<_, &str, Fault>(|c: char| is_word(c) || "{}:.".contains(c));
        let (left, _) = name.parse(rest).unwrap_or((left, word));
        (left, TokenKind::Field)
    }
}

/// Digits with what belongs to them: a fraction, an address, a unit.
fn number(rest: &str) -> (&str, ()) {
    let run = take_while1::<_, &str, Fault>(|c: char| is_word(c) || c == '.');
    let any = value((), anychar::<_, Fault>);
    let mut number = nom::branch::alt((value((), run), any));
    number.parse(rest).unwrap_or(("", ()))
}

/// The rest after `bytes`.
fn after(rest: &str, bytes: usize) -> &str {
    rest.get(bytes..).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;
    use TokenKind::{
        Bracket, Command, Comment, Error, Field, Function, Keyword, Macro, Number, Operator, Pipe,
        Text,
    };

    fn shown(text: &str) -> Vec<(&str, TokenKind)> {
        let show = |(span, kind): (Span, TokenKind)| (&text[span.start..span.end], kind);
        tokens(text).into_iter().map(show).collect()
    }

    #[test]
    fn every_kind_of_token() {
        assert_eq!(
            shown("`m(1)` a.b{}=\"x\" ```c|``` | stats sum(x) AS 'y z' by t [| head 5m]"),
            [
                ("`m(1)`", Macro),
                ("a.b{}", Field),
                ("=", Operator),
                ("\"x\"", Text),
                ("```c|```", Comment),
                ("|", Pipe),
                ("stats", Command),
                ("sum", Function),
                ("(", Bracket(39)),
                ("x", Field),
                (")", Bracket(37)),
                ("AS", Keyword),
                ("'y z'", Field),
                ("by", Keyword),
                ("t", Field),
                ("[", Bracket(65)),
                ("|", Pipe),
                ("head", Command),
                ("5m", Number),
                ("]", Bracket(55)),
            ]
        );
    }

    #[test]
    fn what_is_open_or_stray_is_an_error() {
        assert_eq!(shown("(a]"), [("(", Error), ("a", Field), ("]", Error)]);
        assert_eq!(
            shown("search \"a | b"),
            [("search", Command), ("\"a | b", Error)]
        );
        assert_eq!(
            shown("don't"),
            [("don", Field), ("'", Operator), ("t", Field)]
        );
    }

    #[test]
    fn a_query_goes_on_until_it_is_whole() {
        let cases = [
            ("a=1 | stats count", Completeness::Whole),
            ("a=\"x", Completeness::Open('"')),
            ("a | append [search b", Completeness::Open('[')),
            ("a | where (b", Completeness::Open('(')),
            ("a | eval x='b", Completeness::Open('\'')),
            ("`m", Completeness::Open('`')),
            ("a ```b", Completeness::Open('`')),
            ("a | ```b```", Completeness::TrailingPipe),
            ("", Completeness::Whole),
            ("don't", Completeness::Whole),
            ("a | rex \"(\\\"[\"", Completeness::Whole),
        ];
        for (text, expected) in cases {
            assert_eq!(is_complete(text), expected, "{text}");
        }
    }
}
