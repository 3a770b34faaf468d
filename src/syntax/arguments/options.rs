//! Options `name=value`: takes the names that a command knows, gives the ones that are there, and typed readings of their values.

use super::{Args, keyword, word};
use crate::diagnostic::{Diagnostic, Diagnostics, Span, code, nearest};
use crate::syntax::ast::{Literal, OptionText, Spanned};
use crate::syntax::lexis::{
    atom, blanks, bracketed, parenthesised, quoted, unescape, word as name,
};
use crate::syntax::reader::Parsed;
use nom::Parser;
use nom::branch::alt;
use nom::character::complete::{char, satisfy};
use nom::combinator::{eof, not, peek, recognize, value};
use nom::multi::many1_count;
use nom::sequence::{preceded, terminated};

/// The options that a stage gives.
#[derive(Debug, Clone, Default)]
pub struct Options(Vec<OptionText>);

impl Options {
    /// Adds those that were found later.
    pub fn extend(&mut self, more: Options) {
        self.0.extend(more.0);
    }

    /// The option of that name; the last one counts when it is repeated.
    pub fn get(&self, name: &str) -> Option<&OptionText> {
        self.0.iter().rev().find(|option| option.name.node == name)
    }

    /// All of them, as written.
    pub fn iter(&self) -> impl Iterator<Item = &OptionText> {
        self.0.iter()
    }

    /// The value's text, or `None` without the option.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).map(|option| option.value.node.text.as_str())
    }

    /// A truth value: `true`, `t`, `1`, `yes`, or their opposites; `default` without the option.
    ///
    /// # Errors
    /// `OPTION_VALUE` for any other text.
    pub fn boolean(&self, name: &str, default: bool) -> Result<bool, Diagnostics> {
        self.get(name).map_or(Ok(default), OptionText::boolean)
    }

    /// A whole number from 0 on; `default` without the option.
    ///
    /// # Errors
    /// `OPTION_VALUE` for any other text.
    pub fn count(&self, name: &str, default: usize) -> Result<usize, Diagnostics> {
        self.get(name).map_or(Ok(default), OptionText::count)
    }
}

impl OptionText {
    /// The value is none that the option takes; `wanted` says which are.
    pub fn refused(&self, wanted: &str) -> Diagnostic {
        let (name, text) = (&self.name.node, &self.value.node.text);
        Diagnostic::at(
            &code::OPTION_VALUE,
            self.value.span,
            format!("`{name}` can't be `{text}`"),
        )
        .note(format!("{wanted} should stand here"))
        .help(format!("`{name}` takes {wanted}"))
    }

    /// The value as a truth value.
    ///
    /// # Errors
    /// `OPTION_VALUE` when it is none.
    pub fn boolean(&self) -> Result<bool, Diagnostics> {
        match self.value.node.text.to_lowercase().as_str() {
            "true" | "t" | "1" | "yes" | "y" => Ok(true),
            "false" | "f" | "0" | "no" | "n" => Ok(false),
            _ => Err(vec![self.refused("true or false")]),
        }
    }

    /// The value as a whole number from 0 on.
    ///
    /// # Errors
    /// `OPTION_VALUE` when it is none.
    pub fn count(&self) -> Result<usize, Diagnostics> {
        let parsed = self.value.node.text.parse();
        parsed.map_err(|_| vec![self.refused("a whole number from 0 on")])
    }

    /// The value as a whole number of either sign.
    ///
    /// # Errors
    /// `OPTION_VALUE` when it is none.
    pub fn integer(&self) -> Result<i64, Diagnostics> {
        let parsed = self.value.node.text.parse();
        parsed.map_err(|_| vec![self.refused("a whole number")])
    }

    /// The value as a finite number.
    ///
    /// # Errors
    /// `OPTION_VALUE` when it is none.
    pub fn number(&self) -> Result<f64, Diagnostics> {
        let parsed = self.value.node.text.parse::<f64>().ok();
        parsed
            .filter(|number| number.is_finite())
            .ok_or_else(|| vec![self.refused("a number")])
    }

    /// The value as one of some words, in any letter case.
    ///
    /// # Errors
    /// `OPTION_VALUE` when it is none of them.
    pub fn choice<'a>(&self, words: &[&'a str]) -> Result<&'a str, Diagnostics> {
        let text = &self.value.node.text;
        let found = words.iter().find(|word| word.eq_ignore_ascii_case(text));
        found
            .copied()
            .ok_or_else(|| vec![self.refused(&format!("one of {}", words.join(", ")))])
    }
}

impl Args {
    /// The value that was read, or `fallback` with its errors kept for [`Args::finish`]: the rest can be read on.
    pub fn or_report<T>(&mut self, read: Result<T, Diagnostics>, fallback: T) -> T {
        read.unwrap_or_else(|errors| {
            errors.into_iter().for_each(|error| self.report(error));
            fallback
        })
    }

    /// Takes all `name=value` pairs that stand outside of quotes, parentheses and brackets, wherever they are. A pair
    /// with a name that is not `allowed` is an error with the nearest name.
    pub fn options(&mut self, allowed: &[&str]) -> Options {
        let found = self.scan(|_| true, true);
        for option in &found.0 {
            if !allowed.contains(&option.name.node.as_str()) {
                let refused = self.unknown_option(option, allowed);
                self.report(refused);
            }
        }
        found
    }

    /// Takes the pairs with these names only; all other text stays, pairs included (`where` clauses, templates).
    pub fn options_named(&mut self, names: &[&str]) -> Options {
        self.scan(|name| names.contains(&name), true)
    }

    /// Takes the pairs that lead the arguments, up to the first thing that is none; unknown names are errors.
    pub fn leading_options(&mut self, allowed: &[&str]) -> Options {
        let found = self.scan(|_| true, false);
        for option in &found.0 {
            if !allowed.contains(&option.name.node.as_str()) {
                let refused = self.unknown_option(option, allowed);
                self.report(refused);
            }
        }
        found
    }

    fn unknown_option(&self, option: &OptionText, allowed: &[&str]) -> Diagnostic {
        let name = &option.name.node;
        let help = match nearest(name, allowed.iter().copied()) {
            Some(near) => format!("the nearest option is `{near}`"),
            None if allowed.is_empty() => format!("`{}` has no options", self.command),
            None => format!("its options are {}", allowed.join(", ")),
        };
        Diagnostic::at(
            &code::UNKNOWN_OPTION,
            option.name.span,
            format!("`{}` has no option `{name}`", self.command),
        )
        .note("not known")
        .help(help)
    }

    /// Takes all pairs, where the user chooses the names; the names as typed.
    pub fn options_as_typed(&mut self) -> Vec<OptionText> {
        let whole = self.text.clone();
        let offset = self.offset;
        let mut found = self.scan(|_| true, true).0;
        for option in &mut found {
            let span = option.name.span;
            if let Some(name) = whole.get(span.start - offset..span.end - offset) {
                option.name.node = name.trim().to_owned();
            }
        }
        found
    }

    /// Finds pairs from the cursor on and blanks them out.
    fn scan(&mut self, wanted: impl Fn(&str) -> bool, everywhere: bool) -> Options {
        let mut list = Vec::new();
        self.skip_separators();
        let mut at = self.at;
        // A pair starts where a word does, not inside `a.b` or `x-y`.
        let mut fresh = true;
        while let Some(rest) = self.text.get(at..).filter(|rest| !rest.is_empty()) {
            let end = |left: &str| self.text.len() - left.len();
            let pair = option(rest)
                .ok()
                .filter(|(_, (n, _, _))| fresh && wanted(&n.to_lowercase()));
            if let Some((left, (name, start, value))) = pair {
                let (from, to) = (end(start), end(left));
                let name_span = self.place(at, at + name.len());
                let name = Spanned::new(name.to_lowercase(), name_span);
                let value = Spanned::new(value, self.place(from, to));
                list.push(OptionText { name, value });
                self.text.replace_range(at..to, &" ".repeat(to - at));
                at = to;
                continue;
            }
            if let Ok((_, name)) = valueless(rest)
                && fresh
                && wanted(&name.to_lowercase())
            {
                let (end, shown) = (at + name.len(), at + rest.trim_end().len());
                let error = without_value(name, self.place(at, shown));
                self.report(error);
                self.text.truncate(end);
                break;
            }
            let (left, ()) = over(rest).unwrap_or(("", ()));
            fresh = rest.starts_with(|c: char| c.is_whitespace() || c == ',');
            if !fresh && !everywhere {
                break;
            }
            at = end(left);
        }
        Options(list)
    }
}

/// One step over text that holds no pair.
fn over(input: &str) -> Parsed<'_, ()> {
    let group = alt((value((), parenthesised), value((), bracketed)));
    alt((group, atom)).parse(input)
}

/// `name = value`: the name, the text from the value on, and the value.
fn option(input: &str) -> Parsed<'_, (&str, &str, Literal)> {
    let sign = terminated(char('='), peek(not(char('='))));
    let (start, name) = terminated(name, (blanks, sign, blanks)).parse(input)?;
    let (rest, literal) = option_value(start)?;
    Ok((rest, (name, start, literal)))
}

/// `name =` with nothing after it: the name.
fn valueless(input: &str) -> Parsed<'_, &str> {
    terminated(name, (blanks, char('='), blanks, eof)).parse(input)
}

fn without_value(name: &str, place: Span) -> Diagnostic {
    let message = format!("`{name}=` has no value");
    Diagnostic::at(&code::OPTION_VALUE, place, message)
        .note("nothing stands after this")
        .help(format!("an empty text is written {name}=\"\""))
}

/// A quoted text, or a run of characters in which quotes, parentheses and brackets are balanced.
fn option_value(input: &str) -> Parsed<'_, Literal> {
    let plain = satisfy(|c| !c.is_whitespace() && !",\"()[]|".contains(c));
    let part = alt((
        value((), quoted('"')),
        value((), parenthesised),
        value((), bracketed),
        value((), plain),
    ));
    let comma = terminated(
        recognize(char(',')),
        peek(not(satisfy(|c| !c.is_whitespace()))),
    );
    let (rest, text) = alt((recognize(many1_count(part)), comma)).parse(input)?;
    let whole = match word(text) {
        Ok(("", literal)) if literal.quoted => literal,
        _ => Literal {
            text: unescape(text, &['"']),
            quoted: false,
        },
    };
    Ok((rest, whole))
}

/// Whether one of these keywords is next.
pub(super) fn any_keyword(names: &[&str], input: &str) -> bool {
    names.iter().any(|name| keyword(name, input).is_ok())
}

/// A sign before a name.
pub(super) fn sign(input: &str) -> Parsed<'_, char> {
    preceded(blanks, alt((char('-'), char('+')))).parse(input)
}
