//! The smallest pieces of the grammars: takes the rest of a text, gives blanks, words, quoted texts and balanced parts.

use super::reader::{Fault, Parsed, consumed};
use nom::branch::alt;
use nom::bytes::complete::{tag_no_case, take_while, take_while1};
use nom::character::complete::{anychar, char};
use nom::combinator::{not, opt, peek, recognize, value};
use nom::multi::many0_count;
use nom::sequence::{delimited, pair, terminated};
use nom::{Parser, error::ParseError};

/// Blanks, line ends included; may be none.
pub(super) fn blanks(input: &str) -> Parsed<'_, &str> {
    take_while(char::is_whitespace).parse(input)
}

/// Blanks and commas; may be none.
pub(super) fn separators(input: &str) -> Parsed<'_, &str> {
    take_while(|c: char| c.is_whitespace() || c == ',').parse(input)
}

/// The rest after its blanks.
pub(super) fn trim(input: &str) -> &str {
    input.trim_start()
}

/// A character of a plain name.
pub(super) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// A plain name: letters, digits, `_`.
pub(super) fn word(input: &str) -> Parsed<'_, &str> {
    take_while1(is_word).parse(input)
}

/// A whole word in any letter case.
pub(super) fn keyword<'a>(
    name: &'static str,
) -> impl Parser<&'a str, Output = &'a str, Error = Fault> {
    terminated(tag_no_case(name), peek(not(take_while1(is_word))))
}

/// The inside of a quoted text, escapes as they stand. A backslash takes the next character with it.
pub(super) fn quoted<'a>(quote: char) -> impl Parser<&'a str, Output = &'a str, Error = Fault> {
    let plain = value((), take_while1(move |c| c != quote && c != '\\'));
    let escape = value((), pair(char('\\'), anychar));
    delimited(
        char(quote),
        recognize(many0_count(alt((plain, escape)))),
        char(quote),
    )
}

/// Any of the two quoted forms, with the quote that it has.
pub(super) fn any_quoted(input: &str) -> Parsed<'_, (char, &str)> {
    alt((
        quoted('"').map(|inner| ('"', inner)),
        quoted('\'').map(|inner| ('\'', inner)),
    ))
    .parse(input)
}

/// Resolves `\\` and the backslash before any of `also`; all other backslashes stay.
pub(super) fn unescape(inner: &str, also: &[char]) -> String {
    let mut text = String::with_capacity(inner.len());
    let mut chars = inner.chars().peekable();
    while let Some(c) = chars.next() {
        match chars.peek() {
            Some(&next) if c == '\\' && (next == '\\' || also.contains(&next)) => {
                text.push(next);
                chars.next();
            }
            _ => text.push(c),
        }
    }
    text
}

/// Doubles the backslashes and puts one before every `quote`, so that [`unescape`] gives `text` back.
pub(super) fn escape(text: &str, quote: char) -> String {
    let mut escaped = String::with_capacity(text.len() + 2);
    for c in text.chars() {
        if c == '\\' || c == quote {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// A bare name of an argument: no blank, comma, quote or bracket in it, but parentheses when they are balanced and do not
/// lead, for columns such as `sum(bytes)`.
pub(super) fn bare_name(input: &str) -> Parsed<'_, &str> {
    let plain = || take_while1(|c: char| !c.is_whitespace() && !"\",()[]".contains(c));
    let more = alt((value((), plain()), value((), parenthesised)));
    recognize(pair(plain(), many0_count(more))).parse(input)
}

/// The inside of `[ … ]`, with brackets nested in it; brackets in quotes do not count. Fails when it is not closed.
pub(super) fn bracketed(input: &str) -> Parsed<'_, &str> {
    balanced('[', ']', input)
}

/// The inside of `( … )`, parentheses nested in it; those in quotes do not count. Fails when it is not closed.
pub(super) fn parenthesised(input: &str) -> Parsed<'_, &str> {
    balanced('(', ')', input)
}

fn balanced(open: char, close: char, input: &str) -> Parsed<'_, &str> {
    let (mut rest, _) = char(open).parse(input)?;
    let inside = rest;
    let mut depth = 1_usize;
    while let Some(c) = rest.chars().next() {
        let step = match c {
            '"' | '\\' => atom(rest),
            '\'' if open == '[' => name_quote(consumed(input, rest), rest),
            '\'' => atom(rest),
            _ => anychar.map(|_| ()).parse(rest),
        };
        let (next, ()) = step?;
        if c == close {
            depth -= 1;
            if depth == 0 {
                return Ok((next, consumed(inside, rest)));
            }
        } else if c == open {
            depth += 1;
        }
        rest = next;
    }
    Err(nom::Err::Error(Fault::from_error_kind(
        input,
        nom::error::ErrorKind::Char,
    )))
}

/// One step over text in which quotes matter: a double-quoted text, a single-quoted one when it is closed, an escaped
/// character, or any character. Fails at a double quote that is not closed.
pub(super) fn atom(input: &str) -> Parsed<'_, ()> {
    match input.chars().next() {
        Some('"') => value((), quoted('"')).parse(input),
        Some('\'') => value((), alt((quoted('\''), recognize(char('\''))))).parse(input),
        Some('\\') => value((), pair(char('\\'), opt(anychar))).parse(input),
        _ => value((), anychar).parse(input),
    }
}

/// A single quote in text whose grammar is not known yet: a quoted name when it does not follow a letter (`don't`) and
/// is closed on its line, else a plain character.
pub(super) fn name_quote<'a>(before: &str, input: &'a str) -> Parsed<'a, ()> {
    let line = input.lines().next().unwrap_or("");
    match quoted('\'').parse(line) {
        Ok((left, _)) if !before.ends_with(is_word) => {
            let end = line.len() - left.len();
            Ok((input.get(end..).unwrap_or(""), ()))
        }
        _ => value((), char('\'')).parse(input),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn unknown_escapes_stay() {
        assert_eq!(
            unescape(r#"C:\\T \T \d \" \*"#, &['"']),
            r#"C:\T \T \d " \*"#
        );
    }

    #[test]
    fn brackets_in_quotes_do_not_count() {
        let (rest, inside) = bracketed(r#"[a "]" [b] \] c] d"#).unwrap();
        assert_eq!((inside, rest), (r#"a "]" [b] \] c"#, " d"));
        assert!(bracketed("[a [b]").is_err());
    }

    #[test]
    fn a_single_quote_quotes_a_name_only_when_it_can() {
        assert_eq!(name_quote("x=", "'a|b' c").unwrap().0, " c");
        assert_eq!(name_quote("don", "'t a' c").unwrap().0, "t a' c");
        assert_eq!(name_quote("x=", "'a\n' c").unwrap().0, "a\n' c");
    }
}
