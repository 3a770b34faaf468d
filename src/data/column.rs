//! One field of a batch: takes Arrow arrays, gives typed access by row and whole-column operations.

use super::number::{format_number, parse_number};
use super::{ColumnBuilder, Mixed, TextWriter, Value};
use arrow_array::cast::AsArray;
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, ListArray, StringViewArray, StructArray,
    UInt32Array,
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
    /// Numbers in some rows, text or multivalues in others.
    Mixed(Mixed),
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
            Column::Mixed(m) => m.numbers().len(),
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

    /// A column of any values (see [`ColumnBuilder`]).
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
            Column::Mixed(m) => m.numbers().is_null(row) && m.others().is_null(row),
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
            Column::Mixed(m) if m.numbers().is_null(row) => m.others().count(row),
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
            Column::Mixed(m) => match m.number(row) {
                Some(number) => Value::Number(number),
                None => m.others().value(row),
            },
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
            Column::Mixed(m) => match m.number(row) {
                Some(number) => Cow::Owned(format_number(number)),
                None => return m.others().text(row),
            },
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
            Column::Mixed(m) => m.number(row).or_else(|| m.others().number(row)),
            _ => None,
        }
    }

    /// The number that the row holds, computed and not spelled by a text.
    pub fn computed(&self, row: usize) -> Option<f64> {
        match self {
            Column::Number(a) => a.is_valid(row).then(|| a.value(row)),
            Column::Mixed(m) => m.number(row),
            _ => None,
        }
    }

    /// Whether a row may have several values.
    pub fn is_multi(&self) -> bool {
        match self {
            Column::Multi(_) => true,
            Column::Mixed(m) => m.others().is_multi(),
            _ => false,
        }
    }

    /// All values of the row as texts.
    pub fn values(&self, row: usize) -> Values<'_> {
        match self {
            Column::Multi(a) if !a.is_null(row) => {
                let (child, start, end) = Self::list(a, row);
                Box::new((start..end).map(move |i| Cow::Borrowed(child.value(i))))
            }
            Column::Mixed(m) if m.numbers().is_null(row) => m.others().values(row),
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
            Column::Mixed(m) => m.slice(offset, length),
        }
    }

    /// The columns one after the other; every row keeps its value.
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
        let long = |views: &[u128]| {
            let lengths = views.iter().map(|view| *view as u32 as usize);
            lengths.filter(|length| *length > 12).sum::<usize>()
        };
        let texts = match self {
            Column::Text(a) => long(a.views()),
            Column::Multi(a) => long(list_views(a)),
            Column::Mixed(m) => m.others().bytes() - m.others().fixed_bytes(),
            _ => 0,
        };
        texts + self.fixed_bytes()
    }

    /// Bytes of the values without those of long texts, which lie in [`Column::buffers`].
    pub(super) fn fixed_bytes(&self) -> usize {
        match self {
            Column::Null(_) => 0,
            Column::Text(a) => size_of_val(&a.views()[..]),
            Column::Number(a) => a.len() * size_of::<f64>(),
            Column::Bool(a) => a.len() / 8,
            Column::Multi(a) => size_of_val(list_views(a)) + size_of_val(a.value_offsets()),
            Column::Mixed(m) => m.numbers().len() * size_of::<f64>() + m.others().fixed_bytes(),
        }
    }

    /// The buffers that long texts lie in.
    pub fn buffers(&self) -> &[Buffer] {
        match self {
            Column::Text(a) => a.data_buffers(),
            Column::Multi(a) => a.values().as_string_view().data_buffers(),
            Column::Mixed(m) => m.others().buffers(),
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
            Column::Mixed(m) => m.compact(),
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
            Column::Mixed(m) => Arc::new(m.array()?),
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
        if let Some(a) = any.downcast_ref::<StructArray>() {
            return Mixed::from_array(a);
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
            Column::Mixed(m) => m.array().and_then(|a| kernel(&a)),
        };
        result
            .and_then(|a| Self::from_array(&a))
            .unwrap_or(Column::Null(self.len()))
    }
}

/// The views of the texts of a list's rows.
fn list_views(array: &ListArray) -> &[u128] {
    let offsets = array.value_offsets();
    let range = offsets.first().zip(offsets.last());
    let range = range.map(|(first, last)| *first as usize..*last as usize);
    let views = array.values().as_string_view().views();
    range.and_then(|range| views.get(range)).unwrap_or_default()
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
