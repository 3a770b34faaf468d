//! Field lists: takes the arguments at the cursor, gives names and patterns separated by commas or blanks.

use super::options::any_keyword;
use super::{Args, word};
use crate::syntax::ast::Spanned;

impl Args {
    /// A field name or wildcard pattern: quoted in either way, or bare.
    pub fn field(&mut self) -> Option<Spanned<String>> {
        let found = self.take(word)?;
        Some(Spanned::new(found.node.text, found.span))
    }

    /// Fields up to the end, to one of the keywords `stops`, or to whatever is no field.
    pub fn fields(&mut self, stops: &[&str]) -> Vec<Spanned<String>> {
        let mut list = Vec::new();
        while !self.is_done() && !any_keyword(stops, self.rest()) {
            match self.field() {
                Some(field) => list.push(field),
                None => break,
            }
        }
        list
    }

    /// As [`Args::fields`], but an empty list is an error that is kept for [`Args::finish`].
    pub fn some_fields(&mut self, stops: &[&str]) -> Vec<Spanned<String>> {
        let list = self.fields(stops);
        if list.is_empty() {
            let missing = self.missing("a field");
            self.report(missing);
        }
        list
    }

    /// `by` and its fields when it is next; else nothing. `by` without a field is an error.
    pub fn by_clause(&mut self, stops: &[&str]) -> Vec<Spanned<String>> {
        match self.keyword("by") {
            true => self.some_fields(stops),
            false => Vec::new(),
        }
    }

    /// `as name` when it is next; `as` without a name is an error.
    pub fn alias(&mut self) -> Option<Spanned<String>> {
        if !self.keyword("as") {
            return None;
        }
        let name = self.field();
        if name.is_none() {
            let missing = self.missing("a name after `as`");
            self.report(missing);
        }
        name
    }
}
