//! One value of one field of one event, for code that works row by row: takes and gives SPL's five kinds.

use super::number::{format_number, parse_number};
use std::borrow::Cow;

/// A value as SPL sees it. Text that looks like a number *is* one wherever arithmetic or comparison asks for it.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// No value: the event lacks the field.
    #[default]
    Null,
    /// A Boolean; only expressions hold one, no field does.
    Bool(bool),
    /// A 64-bit float, the one numeric type of SPL.
    Number(f64),
    /// Text, as it was in the event.
    Text(String),
    /// Two or more texts (one is `Text`, none is `Null`); see [`Value::multi`].
    Multi(Vec<String>),
}

impl Value {
    /// A multivalue in its simplest form: none is `Null`, one is `Text`.
    pub fn multi(mut values: Vec<String>) -> Value {
        match values.len() {
            0 => Value::Null,
            1 => values.pop().map_or(Value::Null, Value::Text),
            _ => Value::Multi(values),
        }
    }

    /// A multivalue as Splunk's result files write it, `$a$;$b$`, dollars inside doubled.
    pub fn from_marked(text: &str) -> Value {
        let inner = text.strip_prefix('$').unwrap_or(text);
        let inner = inner.strip_suffix('$').unwrap_or(inner);
        Value::multi(inner.split("$;$").map(|v| v.replace("$$", "$")).collect())
    }

    /// Texts written in that form.
    pub fn marked<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> String {
        let texts = texts
            .into_iter()
            .map(|text| format!("${}$", text.as_ref().replace('$', "$$")));
        texts.collect::<Vec<_>>().join(";")
    }

    /// Text from anything that is one.
    pub fn text(text: impl Into<String>) -> Value {
        Value::Text(text.into())
    }

    /// Whether there is no value.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The number that this is or spells; a multivalue spells none.
    pub fn number(&self) -> Option<f64> {
        match self {
            Value::Number(n) => Some(*n),
            Value::Text(t) => parse_number(t),
            _ => None,
        }
    }

    /// The text of a single value: numbers as SPL prints them, Booleans as `True`/`False`, multivalues joined by a newline.
    pub fn to_text(&self) -> Option<Cow<'_, str>> {
        match self {
            Value::Null => None,
            Value::Bool(b) => Some(Cow::Borrowed(if *b { "True" } else { "False" })),
            Value::Number(n) => Some(Cow::Owned(format_number(*n))),
            Value::Text(t) => Some(Cow::Borrowed(t)),
            Value::Multi(v) => Some(Cow::Owned(v.join("\n"))),
        }
    }

    /// All values as texts: none for `Null`, several for a multivalue.
    pub fn to_texts(&self) -> Vec<Cow<'_, str>> {
        match self {
            Value::Multi(v) => v.iter().map(|t| Cow::Borrowed(t.as_str())).collect(),
            other => other.to_text().into_iter().collect(),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Value::Number(number)
    }
}
