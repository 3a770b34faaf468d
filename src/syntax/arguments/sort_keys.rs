//! Sort keys: takes `- a, +b, num(c) desc`, gives each field with its direction and how its values compare.

use super::options::sign;
use super::{Args, word};
use crate::syntax::ast::Spanned;
use crate::syntax::lexis::{blanks, parenthesised};
use crate::syntax::reader::Parsed;
use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::tag_no_case;
use nom::combinator::{opt, value};
use nom::sequence::{pair, terminated};

/// How the values of a sort key compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortKind {
    /// As numbers when they are, else as text: no function, or `auto(…)`.
    #[default]
    Auto,
    /// `num(…)`
    Number,
    /// `str(…)`
    Text,
    /// `ip(…)`
    Address,
}

/// One field to sort by.
#[derive(Debug, Clone, PartialEq)]
pub struct SortKey {
    /// The field.
    pub field: Spanned<String>,
    /// From high to low.
    pub descending: bool,
    /// How values compare.
    pub kind: SortKind,
}

impl Args {
    /// The fields to sort by, and whether a trailing `d` or `desc` turns the whole order round. What is no sort key stays.
    pub fn sort_keys(&mut self) -> (Vec<SortKey>, bool) {
        let mut keys: Vec<SortKey> = Vec::new();
        loop {
            self.skip_separators();
            let trailing = matches!(self.rest().trim().to_lowercase().as_str(), "d" | "desc");
            if trailing && !keys.is_empty() {
                self.at = self.text.len();
                return (keys, true);
            }
            let Some(found) = self.take(sort_key) else {
                return (keys, false);
            };
            let (descending, kind, name) = found.node;
            let field = Spanned::new(name, found.span);
            keys.push(SortKey {
                field,
                descending,
                kind,
            });
        }
    }
}

/// A sign or none, and a field or a function of one.
fn sort_key(input: &str) -> Parsed<'_, (bool, SortKind, String)> {
    let (rest, sign) = terminated(opt(sign), blanks).parse(input)?;
    let descending = sign == Some('-');
    let function = alt((
        value(SortKind::Auto, tag_no_case("auto")),
        value(SortKind::Number, tag_no_case("num")),
        value(SortKind::Text, tag_no_case("str")),
        value(SortKind::Address, tag_no_case("ip")),
    ));
    if let Ok((rest, (kind, inside))) = pair(function, parenthesised).parse(rest)
        && let Ok(("", name)) = word(inside.trim())
    {
        return Ok((rest, (descending, kind, name.text)));
    }
    let (rest, name) = word(rest)?;
    Ok((rest, (descending, SortKind::Auto, name.text)))
}
