//! `rex mode=sed`: takes `s/regex/text/flags` and `y/from/to/`, gives values edited by them in turn.

use super::super::arguments::Word;
use super::compile;
use crate::data::{Batch, Column, ColumnBuilder, TextWriter};
use crate::diagnostic::{Diagnostic, Span, code};
use crate::functions::pattern::{Pattern, Replacement, Which};
use arrow_array::Array;
use std::borrow::Cow;

/// One command of a sed expression.
#[derive(Debug)]
pub(super) enum Edit {
    /// `s`
    Replace(Pattern, Replacement, Which),
    /// `y`: pairs of characters.
    Exchange(Vec<(char, char)>),
}

/// Reads the commands of an expression, one after another.
pub(super) fn parse(word: Word) -> Result<Vec<Edit>, Diagnostic> {
    let mut edits = Vec::new();
    let mut rest = word.text.trim();
    while !rest.is_empty() || edits.is_empty() {
        let (edit, left) = command(rest, word.span)?;
        edits.push(edit);
        rest = left.trim_start_matches(|c: char| c.is_whitespace() || c == ';');
    }
    Ok(edits)
}

fn command(text: &str, span: Span) -> Result<(Edit, &str), Diagnostic> {
    let wrong = |message: &str| {
        Diagnostic::at(&code::SYNTAX, span, format!("the sed expression {message}"))
            .help("s/regex/text/, s/regex/text/g, s/regex/text/2 or y/abc/xyz/")
    };
    let mut chars = text.chars();
    let (kind, delimiter) = (chars.next(), chars.next());
    let (Some(kind @ ('s' | 'y')), Some(delimiter)) = (kind, delimiter) else {
        return Err(wrong("begins with neither s nor y"));
    };
    let parts = part(chars.as_str(), delimiter).and_then(|(from, rest)| {
        let (to, rest) = part(rest, delimiter)?;
        Some((from, to, rest))
    });
    let Some((from, to, rest)) = parts else {
        return Err(wrong(&format!("lacks a `{delimiter}`")));
    };
    if kind == 'y' {
        let (from, to) = (characters(&from), characters(&to));
        if from.len() != to.len() {
            return Err(wrong("exchanges characters for more or fewer"));
        }
        return Ok((Edit::Exchange(from.into_iter().zip(to).collect()), rest));
    }
    let end = rest
        .find(|c: char| c.is_whitespace() || c == ';')
        .unwrap_or(rest.len());
    let (flags, rest) = rest.split_at(end);
    let which = match flags {
        "" => Which::Nth(1),
        "g" => Which::All,
        number => match number.parse() {
            Ok(nth) if nth > 0 => Which::Nth(nth),
            _ => {
                return Err(wrong(&format!(
                    "has the flag `{flags}`, and g or a number may stand there"
                )));
            }
        },
    };
    let pattern = compile(&from, span)?;
    Ok((Edit::Replace(pattern, Replacement::parse(&to), which), rest))
}

/// The text up to the delimiter, and what follows. A delimiter after a backslash is text.
fn part(text: &str, delimiter: char) -> Option<(String, &str)> {
    let mut found = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == delimiter {
            return Some((found, chars.as_str()));
        }
        if c != '\\' {
            found.push(c);
            continue;
        }
        let escaped = chars.next()?;
        if escaped != delimiter {
            found.push('\\');
        }
        found.push(escaped);
    }
    None
}

/// The characters of a side of `y`, escapes resolved.
fn characters(text: &str) -> Vec<char> {
    let mut found = Vec::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        found.push(match c {
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some(other) => other,
                None => '\\',
            },
            c => c,
        });
    }
    found
}

impl Edit {
    fn apply<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, Diagnostic> {
        match self {
            Edit::Replace(pattern, by, which) => pattern.replace(text, by, *which),
            Edit::Exchange(pairs) => {
                let exchange = |c: char| {
                    let pair = pairs.iter().find(|(from, _)| *from == c);
                    pair.map_or(c, |(_, to)| *to)
                };
                Ok(Cow::Owned(text.chars().map(exchange).collect()))
            }
        }
    }
}

/// Edits every value of a field.
pub(super) fn apply(edits: &[Edit], batch: &mut Batch, field: &str) -> Result<(), Diagnostic> {
    let Some(column) = batch.get(field) else {
        return Ok(());
    };
    let edited = edit(edits, column)?;
    batch.set(field, edited);
    Ok(())
}

fn edit(edits: &[Edit], column: &Column) -> Result<Column, Diagnostic> {
    if let (Column::Text(texts), [Edit::Replace(pattern, by, which)]) = (column, edits) {
        let mut out = TextWriter::with_capacity(texts.len());
        for text in texts {
            let Some(text) = text else {
                out.push_null();
                continue;
            };
            let mut row = out.row();
            if !pattern.replace_into(text, by, *which, |piece| row.push_str(piece))? {
                row.push_str(text);
            }
            row.end();
        }
        return Ok(out.into_column());
    }
    let mut out = ColumnBuilder::default();
    let mut texts: Vec<String> = Vec::new();
    for row in 0..column.len() {
        for value in column.values(row) {
            let mut text = value.into_owned();
            for edit in edits {
                if let Cow::Owned(edited) = edit.apply(&text)? {
                    text = edited;
                }
            }
            texts.push(text);
        }
        out.push_texts(texts.drain(..));
    }
    Ok(out.finish())
}
