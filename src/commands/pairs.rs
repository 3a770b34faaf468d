//! Pairs of name and value in a text: takes an event's text, gives them, and puts them into fields. `extract` and
//! `xmlkv` share it.

use crate::data::{
    Batch, Column, FieldName, NamedValues, Value, cleaned, is_cleaned, named_fields,
};
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
                *name = cleaned(name).into_owned();
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
        let sign = |text: &str| text.find(|c| self.is_value_delimiter(c));
        NamedValues::new(text, sign, true)
            .filter(|pair| pair.quoted || self.may_be_value(pair.value))
            .map(|pair| {
                let value = match pair.quoted {
                    true => pair.value.replace("\\\"", "\""),
                    false => pair.value.to_owned(),
                };
                (pair.name.to_owned(), value)
            })
            .collect()
    }
}

fn unquoted(text: &str) -> String {
    let inner = text.strip_prefix('"').and_then(|t| t.strip_suffix('"'));
    inner.unwrap_or(text).to_owned()
}

/// What becomes of a name that comes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// Its first value stays, and so does the one of a field that is there.
    Stays,
    /// Its values are all taken; a field that is there stays.
    Joins,
    /// Its values are all taken, behind those that the field has.
    Adds,
}

impl Again {
    /// Of a switch that has names add values.
    pub(super) fn adding(adds: bool) -> Self {
        match adds {
            true => Self::Adds,
            false => Self::Stays,
        }
    }

    /// The values of a field that had some and was found with others, in an event of this text. What the text names by
    /// itself gives way to what a command finds there.
    fn both(self, name: &str, old: Value, found: Vec<String>, raw: Option<&str>) -> Value {
        let is_found = |text: &str| matches!(found.as_slice(), [one] if one == text);
        if self == Self::Joins || found.is_empty() || old.to_text().is_some_and(|t| is_found(&t)) {
            return old;
        }
        let named = raw.and_then(|raw| named_fields(raw).find(|(own, _)| own == name));
        if named.is_some_and(|(_, value)| old.to_text().as_deref() == Some(value)) {
            return Value::multi(found);
        }
        if self == Self::Stays {
            return old;
        }
        let old = old.to_texts().into_iter().map(|value| value.into_owned());
        Value::multi(old.chain(found).collect())
    }
}

/// Takes away what the events' texts name by themselves.
pub(super) fn without_named(mut batch: Batch) -> Batch {
    let raw = batch.column("_raw");
    let names: Vec<FieldName> = batch.names().cloned().collect();
    for name in names.into_iter().filter(|name| is_cleaned(name)) {
        let column = batch.column(&name);
        let value = |row| {
            let (value, text) = (column.value(row), raw.text(row));
            let text = text.as_deref().unwrap_or_default();
            match named_fields(text).find(|(own, _)| *own == *name) {
                Some((_, own)) if value.to_text().as_deref() == Some(own) => Value::Null,
                _ => value,
            }
        };
        let column = Column::from_values((0..batch.rows()).map(value));
        batch.set(name, column);
    }
    batch
}

/// Puts the pairs of a field's text into fields.
pub(super) fn into_fields(
    batch: Batch,
    field: &str,
    again: Again,
    find: impl Fn(&str) -> Vec<(String, String)>,
) -> Batch {
    match try_into_fields(batch, field, again, |text| Ok::<_, Infallible>(find(text))) {
        Ok(batch) => batch,
        Err(never) => match never {},
    }
}

/// As [`into_fields`], where finding pairs may fail.
pub(super) fn try_into_fields<E>(
    mut batch: Batch,
    field: &str,
    again: Again,
    find: impl Fn(&str) -> Result<Vec<(String, String)>, E>,
) -> Result<Batch, E> {
    let (own, raw) = (batch.column(field), batch.column("_raw"));
    let rows = batch.rows();
    let mut made: IndexMap<String, Vec<Vec<String>>> = IndexMap::new();
    for row in 0..rows {
        let Some(text) = own.text(row) else { continue };
        for (name, value) in find(&text)? {
            let values = made.entry(name).or_insert_with(|| vec![Vec::new(); rows]);
            if let Some(values) = values.get_mut(row)
                && (again != Again::Stays || values.is_empty())
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
            false => again.both(&name, old.value(row), found, raw.text(row).as_deref()),
        };
        let column = Column::from_values(values.into_iter().enumerate().map(value));
        batch.set(name, column);
    }
    Ok(batch)
}
