//! Pairs of name and value in a text: takes an event's text, gives them, and puts them into fields. `extract` and
//! `xmlkv` share it.

use crate::data::{Batch, Column, Value};
use indexmap::IndexMap;
use std::convert::Infallible;

/// How pairs are found.
#[derive(Debug, Clone)]
pub(super) struct Pairs {
    /// Characters between pairs; `None` for blanks, commas and semicolons.
    pub pair_delimiters: Option<String>,
    /// Characters between name and value.
    pub value_delimiters: String,
    pub limit: usize,
    pub most_characters: usize,
    /// Whether a name that comes again adds a value.
    pub adds: bool,
    /// Whether names are made of letters, digits and `_` only.
    pub cleans: bool,
    /// Whether a value without quotes that holds a delimiter of names and values is none.
    pub strict: bool,
}

impl Pairs {
    /// The pairs of a text, in order.
    pub(super) fn find(&self, text: &str) -> Vec<(String, String)> {
        let end = text
            .char_indices()
            .nth(self.most_characters)
            .map_or(text.len(), |(at, _)| at);
        let text = text.get(..end).unwrap_or(text);
        let mut found = match &self.pair_delimiters {
            Some(delimiters) => self.parted(text, delimiters),
            None => self.scanned(text),
        };
        found.truncate(self.limit);
        if self.cleans {
            for (name, _) in &mut found {
                *name = cleaned(name);
            }
        }
        found.retain(|(name, _)| !name.is_empty());
        found
    }

    fn is_value_delimiter(&self, c: char) -> bool {
        self.value_delimiters.contains(c)
    }

    fn may_be_value(&self, value: &str) -> bool {
        !self.strict || value.starts_with('"') || !value.contains(|c| self.is_value_delimiter(c))
    }

    /// The pairs between delimiters; delimiters inside quotes are part of a value.
    fn parted(&self, text: &str, delimiters: &str) -> Vec<(String, String)> {
        let mut parts = Vec::new();
        let (mut start, mut quoted) = (0, false);
        for (at, c) in text.char_indices() {
            match c {
                '"' => quoted = !quoted,
                c if delimiters.contains(c) && !quoted => {
                    parts.push(text.get(start..at).unwrap_or_default());
                    start = at + c.len_utf8();
                }
                _ => {}
            }
        }
        parts.push(text.get(start..).unwrap_or_default());
        let pair = |part: &str| {
            let at = part.find(|c| self.is_value_delimiter(c))?;
            let (name, value) = part.split_at(at);
            let value = value.trim_start_matches(|c| self.is_value_delimiter(c));
            let value = value.trim();
            self.may_be_value(value)
                .then(|| (name.trim().to_owned(), unquoted(value)))
        };
        parts.into_iter().filter_map(pair).collect()
    }

    /// The pairs wherever a name stands before a delimiter.
    fn scanned(&self, text: &str) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(step) = text
            .get(at..)
            .and_then(|rest| rest.find(|c| self.is_value_delimiter(c)))
        {
            let sign = at + step;
            let before = text.get(at..sign).unwrap_or_default().trim_end();
            let is_name =
                |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '{' | '}' | ':');
            let length = before
                .chars()
                .rev()
                .take_while(|c| is_name(*c))
                .map(char::len_utf8)
                .sum::<usize>();
            let name = before.get(before.len() - length..).unwrap_or_default();
            let after = text.get(sign..).unwrap_or_default();
            let width = after.chars().next().map_or(1, char::len_utf8);
            let rest = after.get(width..).unwrap_or_default();
            let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            let value = rest.get(blanks..).unwrap_or_default();
            let quoted = value.starts_with('"');
            let (value, length) = value_at(value);
            at = sign + width + blanks + length;
            if name.starts_with(|c: char| c.is_alphabetic() || c == '_')
                && !value.is_empty()
                && (quoted || self.may_be_value(&value))
            {
                found.push((name.to_owned(), value));
            } else if length == 0 {
                at = sign + width;
            }
        }
        found
    }
}

/// The value that a text starts with, and the bytes that it takes.
fn value_at(text: &str) -> (String, usize) {
    if let Some(rest) = text.strip_prefix('"') {
        let mut escaped = false;
        for (at, c) in rest.char_indices() {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => {
                    return (
                        rest.get(..at).unwrap_or_default().replace("\\\"", "\""),
                        at + 2,
                    );
                }
                _ => {}
            }
        }
    }
    let end = text
        .find(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '&' | '|'))
        .unwrap_or(text.len());
    let value = text.get(..end).unwrap_or_default();
    (unquoted(value), end)
}

fn unquoted(text: &str) -> String {
    let inner = text.strip_prefix('"').and_then(|t| t.strip_suffix('"'));
    inner.unwrap_or(text).to_owned()
}

/// A name of letters, digits and `_`, without `_` or digits at its start.
pub(super) fn cleaned(name: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || c == '_' {
            c
        } else {
            '_'
        }
    };
    let name: String = name.chars().map(plain).collect();
    name.trim_start_matches(|c: char| c == '_' || c.is_ascii_digit())
        .to_owned()
}

/// Puts the pairs of a field's text into fields. A field that is there stays, unless `adds` joins the values.
pub(super) fn into_fields(
    batch: Batch,
    field: &str,
    adds: bool,
    find: impl Fn(&str) -> Vec<(String, String)>,
) -> Batch {
    match try_into_fields(batch, field, adds, |text| Ok::<_, Infallible>(find(text))) {
        Ok(batch) => batch,
        Err(never) => match never {},
    }
}

/// As [`into_fields`], where finding pairs may fail.
pub(super) fn try_into_fields<E>(
    mut batch: Batch,
    field: &str,
    adds: bool,
    find: impl Fn(&str) -> Result<Vec<(String, String)>, E>,
) -> Result<Batch, E> {
    let own = batch.column(field);
    let rows = batch.rows();
    let mut made: IndexMap<String, Vec<Vec<String>>> = IndexMap::new();
    for row in 0..rows {
        let Some(text) = own.text(row) else { continue };
        for (name, value) in find(&text)? {
            let values = made.entry(name).or_insert_with(|| vec![Vec::new(); rows]);
            if let Some(values) = values.get_mut(row)
                && (adds || values.is_empty())
            {
                values.push(value);
            }
        }
    }
    batch.finding();
    for (name, values) in made {
        let old = batch.column(&name);
        let value = |(row, found): (usize, Vec<String>)| match old.is_null(row) {
            true => Value::multi(found),
            false => old.value(row),
        };
        let column = Column::from_values(values.into_iter().enumerate().map(value));
        batch.set(name, column);
    }
    Ok(batch)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        let pairs = Pairs {
            pair_delimiters: None,
            value_delimiters: "=".to_owned(),
            limit: 50,
            most_characters: 10_240,
            adds: false,
            cleans: true,
            strict: false,
        };
        pairs.find(text)
    }

    #[test]
    fn names_before_signs_and_values_behind() {
        let found =
            pairs("2024 GET /x?id=7&n=8 user.name = bob, q=\"a, \\\"b\\\" c\"; =x a==b 5=6 e=");
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("id", "7"),
                ("n", "8"),
                ("user_name", "bob"),
                ("q", "a, \"b\" c"),
                ("a", "=b")
            ]
        );
    }
}
