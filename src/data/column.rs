//! One field of a batch: takes Arrow arrays, gives typed access by row and whole-column operations.

use super::number::{format_number, parse_number};
use super::{ColumnBuilder, TextWriter, Value};
use arrow_array::cast::AsArray;
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, ListArray, StringViewArray, UInt32Array,
};
use arrow_buffer::Buffer;
use arrow_select::filter::{FilterBuilder, FilterPredicate};
use std::borrow::Cow;
use std::sync::Arc;

/// The rows of a mask, found once for all columns of a batch.
pub(super) struct Chosen(FilterPredicate);

impl Chosen {
    pub(super) fn new(mask: &Mask) -> Self {
        Self(FilterBuilder::new(mask).optimize().build())
    }
}

/// One bit a row; never null.
pub type Mask = BooleanArray;

/// The values of one field for all rows of a batch. Cloning shares the memory.
#[derive(Debug, Clone)]
pub enum Column {
    /// No row has a value; holds the number of rows.
    Null(usize),
    /// Text: views into the input buffer where possible.
    Text(StringViewArray),
    /// 64-bit floats.
    Number(Float64Array),
    /// Booleans, inside expressions only.
    Bool(BooleanArray),
    /// Multivalues: a list of text a row. A row with one text counts as single, an empty or null list as no value.
    Multi(ListArray),
}

/// The values of one row, in order.
pub type Values<'a> = Box<dyn Iterator<Item = Cow<'a, str>> + 'a>;

impl Column {
    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Column::Null(n) => *n,
            Column::Text(a) => a.len(),
            Column::Number(a) => a.len(),
            Column::Bool(a) => a.len(),
            Column::Multi(a) => a.len(),
        }
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The same value in every row.
    pub fn constant(value: &Value, rows: usize) -> Column {
        match value {
            Value::Null => Column::Null(rows),
            Value::Bool(b) => Column::Bool(BooleanArray::from(vec![*b; rows])),
            Value::Number(n) => Column::Number(Float64Array::from(vec![*n; rows])),
            Value::Text(t) => Column::Text(TextWriter::repeated(t, rows)),
            Value::Multi(_) => Column::from_values(std::iter::repeat_n(value.clone(), rows)),
        }
    }

    /// A column of any values; kinds that differ become text (see [`ColumnBuilder`]).
    pub fn from_values(values: impl IntoIterator<Item = Value>) -> Column {
        let mut builder = ColumnBuilder::default();
        for value in values {
            builder.push(value);
        }
        builder.finish()
    }

    /// Whether the row has no value.
    pub fn is_null(&self, row: usize) -> bool {
        match self {
            Column::Null(_) => true,
            Column::Text(a) => a.is_null(row),
            Column::Number(a) => a.is_null(row),
            Column::Bool(a) => a.is_null(row),
            Column::Multi(a) => a.is_null(row) || a.value_length(row) == 0,
        }
    }

    /// Whether no row has a value.
    pub fn is_all_null(&self) -> bool {
        match self {
            Column::Null(_) => true,
            other => (0..other.len()).all(|row| other.is_null(row)),
        }
    }

    /// How many values the row has.
    pub fn count(&self, row: usize) -> usize {
        match self {
            Column::Multi(a) if !a.is_null(row) => a.value_length(row) as usize,
            Column::Multi(_) => 0,
            other => usize::from(!other.is_null(row)),
        }
    }

    /// The row's value.
    pub fn value(&self, row: usize) -> Value {
        if self.is_null(row) {
            return Value::Null;
        }
        match self {
            Column::Null(_) => Value::Null,
            Column::Text(a) => Value::Text(a.value(row).to_owned()),
            Column::Number(a) => Value::Number(a.value(row)),
            Column::Bool(a) => Value::Bool(a.value(row)),
            Column::Multi(_) => Value::multi(self.values(row).map(Cow::into_owned).collect()),
        }
    }

    /// The row's value as one text; a multivalue's texts are joined by newlines.
    pub fn text(&self, row: usize) -> Option<Cow<'_, str>> {
        if self.is_null(row) {
            return None;
        }
        Some(match self {
            Column::Null(_) => return None,
            Column::Text(a) => Cow::Borrowed(a.value(row)),
            Column::Number(a) => Cow::Owned(format_number(a.value(row))),
            Column::Bool(a) => Cow::Borrowed(if a.value(row) { "True" } else { "False" }),
            Column::Multi(a) => {
                let (child, start, end) = Self::list(a, row);
                if end - start == 1 {
                    Cow::Borrowed(child.value(start))
                } else {
                    Cow::Owned(
                        (start..end)
                            .map(|i| child.value(i))
                            .collect::<Vec<_>>()
                            .join("\n"),
                    )
                }
            }
        })
    }

    /// The number that the row's single value is or spells.
    pub fn number(&self, row: usize) -> Option<f64> {
        if self.is_null(row) {
            return None;
        }
        match self {
            Column::Number(a) => Some(a.value(row)),
            Column::Text(a) => parse_number(a.value(row)),
            Column::Multi(a) => {
                let (child, start, end) = Self::list(a, row);
                (end - start == 1)
                    .then(|| parse_number(child.value(start)))
                    .flatten()
            }
            _ => None,
        }
    }

    /// All values of the row as texts.
    pub fn values(&self, row: usize) -> Values<'_> {
        match self {
            Column::Multi(a) if !a.is_null(row) => {
                let (child, start, end) = Self::list(a, row);
                Box::new((start..end).map(move |i| Cow::Borrowed(child.value(i))))
            }
            other => Box::new(other.text(row).into_iter()),
        }
    }

    /// The texts of a list row: the child array, and the range of the row in it.
    pub fn list(array: &ListArray, row: usize) -> (&StringViewArray, usize, usize) {
        let offsets = array.value_offsets();
        (
            array.values().as_string_view(),
            offsets[row] as usize,
            offsets[row + 1] as usize,
        )
    }

    /// The rows whose bit is set.
    #[must_use]
    pub fn filter(&self, mask: &Mask) -> Column {
        self.filter_by(&Chosen::new(mask))
    }

    /// The rows that were chosen.
    pub(super) fn filter_by(&self, chosen: &Chosen) -> Column {
        match self {
            Column::Null(_) => Column::Null(chosen.0.count()),
            other => other.map(|array| chosen.0.filter(array).ok()),
        }
    }

    /// The rows with these numbers, in this order; a number may come more than once.
    #[must_use]
    pub fn take(&self, rows: &[u32]) -> Column {
        match self {
            Column::Null(_) => Column::Null(rows.len()),
            other => {
                let indices = UInt32Array::from(rows.to_vec());
                other.map(|array| arrow_select::take::take(array, &indices, None).ok())
            }
        }
    }

    /// `length` rows from `offset`; shares memory.
    #[must_use]
    pub fn slice(&self, offset: usize, length: usize) -> Column {
        match self {
            Column::Null(_) => Column::Null(length),
            Column::Text(a) => Column::Text(a.slice(offset, length)),
            Column::Number(a) => Column::Number(a.slice(offset, length)),
            Column::Bool(a) => Column::Bool(a.slice(offset, length)),
            Column::Multi(a) => Column::Multi(a.slice(offset, length)),
        }
    }

    /// The columns one after the other. Kinds that differ become text or multivalue.
    pub fn concat(columns: &[Column]) -> Column {
        if let [only] = columns {
            return only.clone();
        }
        if columns.iter().all(|c| matches!(c, Column::Null(_))) {
            return Column::Null(columns.iter().map(Column::len).sum());
        }
        let first = columns.iter().map(std::mem::discriminant).next();
        if columns
            .iter()
            .all(|c| Some(std::mem::discriminant(c)) == first)
        {
            let arrays: Vec<ArrayRef> = columns.iter().filter_map(Column::array).collect();
            let parts: Vec<&dyn Array> = arrays.iter().map(AsRef::as_ref).collect();
            if let Some(column) = arrow_select::concat::concat(&parts)
                .ok()
                .and_then(|a| Self::from_array(&a))
            {
                return column;
            }
        }
        let mut builder = ColumnBuilder::default();
        for column in columns {
            builder.append(column);
        }
        builder.finish()
    }

    /// Bytes of the values, about.
    pub fn bytes(&self) -> usize {
        let texts = |views: &[u128]| {
            let lengths = views.iter().map(|view| *view as u32 as usize);
            let long = lengths.filter(|length| *length > 12);
            size_of_val(views) + long.sum::<usize>()
        };
        match self {
            Column::Null(_) => 0,
            Column::Text(a) => texts(a.views()),
            Column::Number(a) => a.len() * size_of::<f64>(),
            Column::Bool(a) => a.len() / 8,
            Column::Multi(a) => {
                let offsets = a.value_offsets();
                let (first, last) = (offsets.first(), offsets.last());
                let range = first.zip(last).map(|(f, l)| *f as usize..*l as usize);
                let views = a.values().as_string_view().views();
                let views = range.and_then(|range| views.get(range)).unwrap_or_default();
                texts(views) + size_of_val(offsets)
            }
        }
    }

    /// The buffers that long texts lie in.
    pub fn buffers(&self) -> &[Buffer] {
        match self {
            Column::Text(a) => a.data_buffers(),
            Column::Multi(a) => a.values().as_string_view().data_buffers(),
            _ => &[],
        }
    }

    /// The same values in buffers of their own, which hold nothing else.
    #[must_use]
    pub fn compact(&self) -> Column {
        match self {
            Column::Text(a) => Column::Text(a.gc()),
            Column::Multi(a) => {
                // Only the texts of these rows: a slice has all of them.
                let mut builder = ColumnBuilder::default();
                builder.append(&Column::Multi(a.clone()));
                builder.finish()
            }
            other => other.clone(),
        }
    }

    /// The Arrow array, unless all rows are null by construction.
    pub fn array(&self) -> Option<ArrayRef> {
        Some(match self {
            Column::Null(_) => return None,
            Column::Text(a) => Arc::new(a.clone()),
            Column::Number(a) => Arc::new(a.clone()),
            Column::Bool(a) => Arc::new(a.clone()),
            Column::Multi(a) => Arc::new(a.clone()),
        })
    }

    /// The column of an Arrow array of a kind that columns have.
    pub fn from_array(array: &ArrayRef) -> Option<Column> {
        let any = array.as_any();
        if let Some(a) = any.downcast_ref::<StringViewArray>() {
            return Some(Column::Text(a.clone()));
        }
        if let Some(a) = any.downcast_ref::<Float64Array>() {
            return Some(Column::Number(a.clone()));
        }
        if let Some(a) = any.downcast_ref::<BooleanArray>() {
            return Some(Column::Bool(a.clone()));
        }
        any.downcast_ref::<ListArray>()
            .map(|a| Column::Multi(a.clone()))
    }

    /// Applies an Arrow kernel; on its (impossible) refusal the column is all null.
    fn map(&self, kernel: impl Fn(&dyn Array) -> Option<ArrayRef>) -> Column {
        let result = match self {
            Column::Null(n) => return Column::Null(*n),
            Column::Text(a) => kernel(a),
            Column::Number(a) => kernel(a),
            Column::Bool(a) => kernel(a),
            Column::Multi(a) => kernel(a),
        };
        result
            .and_then(|a| Self::from_array(&a))
            .unwrap_or(Column::Null(self.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mixed() -> Column {
        Column::from_values([
            Value::from("a"),
            Value::Null,
            Value::Multi(vec!["x".into(), "y".into()]),
            Value::Number(3.0),
        ])
    }

    #[test]
    fn kinds_that_differ_keep_their_values() {
        let column = mixed();
        assert_eq!(column.value(0), Value::from("a"));
        assert!(column.is_null(1));
        assert_eq!(column.value(2), Value::Multi(vec!["x".into(), "y".into()]));
        assert_eq!(column.number(3), Some(3.0));
    }

    #[test]
    fn take_filter_and_slice_agree() {
        let column = mixed();
        let taken = column.take(&[2, 0]);
        assert_eq!(taken.value(0), column.value(2));
        let kept = column.filter(&Mask::from(vec![true, false, false, true]));
        assert_eq!((kept.len(), kept.value(1)), (2, column.value(3)));
        assert_eq!(column.slice(2, 1).value(0), column.value(2));
    }

    #[test]
    fn concat_of_two_kinds_is_text() {
        let both = Column::concat(&[
            Column::Number(vec![1.5].into()),
            Column::constant(&Value::from("b"), 1),
        ]);
        assert_eq!(
            (both.text(0), both.text(1)),
            (Some("1.5".into()), Some("b".into()))
        );
    }
}
