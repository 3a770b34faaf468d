//! What a kernel works on: takes a constant or a column, gives typed access without making columns of constants.

use super::numbers::Numbers;
use crate::data::{Column, Row, TextWriter, Value};
use arrow_array::builder::Float64Builder;
use arrow_array::{Array, BooleanArray, Float64Array, StringViewArray};
use arrow_buffer::BooleanBuffer;
use std::borrow::Cow;

/// An evaluated argument.
#[derive(Debug, Clone)]
pub enum Operand {
    /// The same value for every event.
    Constant(Value),
    /// A value an event.
    Column(Column),
}

impl Operand {
    /// No value for any event.
    pub fn null() -> Self {
        Operand::Constant(Value::Null)
    }

    /// A number column.
    pub fn numbers(array: Float64Array) -> Self {
        Operand::Column(Column::Number(array))
    }

    /// A Boolean column.
    pub fn bools(array: BooleanArray) -> Self {
        Operand::Column(Column::Bool(array))
    }

    /// The event's value.
    pub fn value(&self, row: usize) -> Value {
        match self {
            Operand::Constant(value) => value.clone(),
            Operand::Column(column) => column.value(row),
        }
    }

    /// The value of a constant; of a column none yet (see [`Operand::read`]).
    pub fn constant(&self) -> Value {
        match self {
            Operand::Constant(value) => value.clone(),
            Operand::Column(_) => Value::Null,
        }
    }

    /// Puts the event's value into `value`, which holds that of another event or what [`Operand::constant`] gave: a
    /// text is written over the one that is there.
    pub fn read(&self, row: usize, value: &mut Value) {
        match (self, value) {
            (Operand::Constant(_), _) => {}
            (Operand::Column(Column::Text(array)), Value::Text(text)) if array.is_valid(row) => {
                text.clear();
                text.push_str(array.value(row));
            }
            (Operand::Column(column), value) => *value = column.value(row),
        }
    }

    /// Whether the event has no value.
    pub fn is_null(&self, row: usize) -> bool {
        match self {
            Operand::Constant(value) => value.is_null(),
            Operand::Column(column) => column.is_null(row),
        }
    }

    /// The event's single value as text; `None` for null and for a multivalue.
    pub fn text(&self, row: usize) -> Option<Cow<'_, str>> {
        match self {
            Operand::Constant(Value::Multi(_)) => None,
            Operand::Constant(value) => value.to_text(),
            Operand::Column(column) if column.is_multi() && column.count(row) > 1 => None,
            Operand::Column(column) => column.text(row),
        }
    }

    /// Appends the event's single value as text; `None` for null and for a multivalue.
    #[inline]
    pub fn write(&self, row: usize, out: &mut Row<'_>) -> Option<()> {
        match self {
            Operand::Constant(Value::Text(text)) => out.push_str(text),
            Operand::Column(Column::Text(array)) if array.is_valid(row) => {
                out.push_str(array.value(row));
            }
            Operand::Column(Column::Number(array)) if array.is_valid(row) => {
                out.push_number(array.value(row));
            }
            other => out.push_str(&other.text(row)?),
        }
        Some(())
    }

    /// All values of the event as texts.
    pub fn texts(&self, row: usize) -> Vec<Cow<'_, str>> {
        match self {
            Operand::Constant(value) => value.to_texts(),
            Operand::Column(column) => column.values(row).collect(),
        }
    }

    /// The number that the event's single value is or spells.
    pub fn number(&self, row: usize) -> Option<f64> {
        match self {
            Operand::Constant(value) => value.number(),
            Operand::Column(column) => column.number(row),
        }
    }

    /// All numbers at once.
    pub fn as_numbers(&self) -> Numbers {
        match self {
            Operand::Constant(value) => Numbers::Constant(value.number()),
            Operand::Column(column) => Numbers::of(column),
        }
    }

    /// Whether some event may have more than one value.
    pub fn is_multi(&self) -> bool {
        match self {
            Operand::Constant(value) => matches!(value, Value::Multi(_)),
            Operand::Column(column) => column.is_multi(),
        }
    }

    /// Whether it is null for every event without looking.
    pub fn is_all_null(&self) -> bool {
        matches!(
            self,
            Operand::Constant(Value::Null) | Operand::Column(Column::Null(_))
        )
    }

    /// The text array, when that is what the column is.
    pub fn text_array(&self) -> Option<&StringViewArray> {
        match self {
            Operand::Column(Column::Text(array)) => Some(array),
            _ => None,
        }
    }

    /// The constant text, when that is what it is.
    pub fn constant_text(&self) -> Option<&str> {
        match self {
            Operand::Constant(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// As a column of so many rows.
    pub fn into_column(self, rows: usize) -> Column {
        match self {
            Operand::Column(column) => column,
            Operand::Constant(value) => Column::constant(&value, rows),
        }
    }

    /// The truth of each event's value: Booleans as they are, numbers when not zero, the texts `true` and `false`;
    /// null when it is neither true nor false.
    pub fn truths(&self, rows: usize) -> BooleanArray {
        match self {
            Operand::Column(Column::Bool(array)) => array.clone(),
            Operand::Constant(value) => match truth(value) {
                Some(truth) => BooleanArray::from(vec![truth; rows]),
                None => BooleanArray::new_null(rows),
            },
            Operand::Column(Column::Null(rows)) => BooleanArray::new_null(*rows),
            Operand::Column(Column::Number(array)) => {
                let values = array.values();
                let bits = BooleanBuffer::collect_bool(values.len(), |row| values[row] != 0.0);
                BooleanArray::new(bits, array.nulls().cloned())
            }
            Operand::Column(Column::Text(array)) => {
                array.iter().map(|text| text.and_then(spelled)).collect()
            }
            Operand::Column(column) => (0..rows).map(|row| truth(&column.value(row))).collect(),
        }
    }
}

/// Whether a value counts as true or as false.
pub fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(b) => Some(*b),
        Value::Number(n) => Some(*n != 0.0),
        Value::Text(t) => spelled(t),
        _ => None,
    }
}

fn spelled(text: &str) -> Option<bool> {
    match text {
        t if t.eq_ignore_ascii_case("true") => Some(true),
        t if t.eq_ignore_ascii_case("false") => Some(false),
        t => super::numbers::read(t).map(|n| n != 0.0),
    }
}

/// Texts made one an event.
pub fn text_column<'a>(texts: impl Iterator<Item = Option<Cow<'a, str>>>) -> Operand {
    let mut column = TextWriter::with_capacity(texts.size_hint().0);
    for text in texts {
        column.push_option(text.as_deref());
    }
    Operand::Column(column.into_column())
}

/// Numbers made one an event.
pub fn number_column(numbers: impl Iterator<Item = Option<f64>>) -> Operand {
    let mut builder = Float64Builder::with_capacity(numbers.size_hint().0);
    for number in numbers {
        builder.append_option(number);
    }
    Operand::numbers(builder.finish())
}
