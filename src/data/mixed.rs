//! A field that holds numbers in some rows and other values in others: takes both as columns, gives each row's own.
//!
//! Which rows hold computed numbers is a matter of the rows, never of how the input was cut: a row of such a column is
//! worth the same as in a column of numbers alone or of texts alone.

use super::Column;
use arrow_array::{Array, ArrayRef, Float64Array, StructArray};
use arrow_schema::{Field, Fields};
use std::sync::Arc;

/// Two columns of equal length. A row has its value in one of them, or in none.
#[derive(Debug, Clone)]
pub struct Mixed {
    numbers: Float64Array,
    others: Box<Column>,
}

impl Mixed {
    /// The column of these numbers and of text or multivalues; a plain one when either part has no row's value.
    pub fn column(numbers: Float64Array, others: Column) -> Column {
        if numbers.null_count() == numbers.len() {
            return others;
        }
        if matches!(others, Column::Null(_)) {
            return Column::Number(numbers);
        }
        Column::Mixed(Self {
            numbers,
            others: Box::new(others),
        })
    }

    /// The numbers, null in the rows that hold none.
    pub fn numbers(&self) -> &Float64Array {
        &self.numbers
    }

    /// The other values, null in the rows that hold a number or nothing.
    pub fn others(&self) -> &Column {
        &self.others
    }

    /// The number that the row holds.
    pub fn number(&self, row: usize) -> Option<f64> {
        self.numbers.is_valid(row).then(|| self.numbers.value(row))
    }

    /// Rows from `offset` on; shares memory.
    pub(super) fn slice(&self, offset: usize, length: usize) -> Column {
        let numbers = self.numbers.slice(offset, length);
        Self::column(numbers, self.others.slice(offset, length))
    }

    /// The same with the others in buffers of their own.
    pub(super) fn compact(&self) -> Column {
        Self::column(self.numbers.clone(), self.others.compact())
    }

    /// Both parts as one Arrow array.
    pub(super) fn array(&self) -> Option<StructArray> {
        let parts: [ArrayRef; 2] = [Arc::new(self.numbers.clone()), self.others.array()?];
        let names = ["numbers", "others"];
        let fields = names.iter().zip(&parts);
        let fields = fields.map(|(name, part)| Field::new(*name, part.data_type().clone(), true));
        StructArray::try_new(fields.collect::<Fields>(), parts.to_vec(), None).ok()
    }

    /// The column of what [`Mixed::array`] gave.
    pub(super) fn from_array(array: &StructArray) -> Option<Column> {
        let [numbers, others] = array.columns() else {
            return None;
        };
        let numbers = numbers.as_any().downcast_ref::<Float64Array>()?;
        Some(Self::column(numbers.clone(), Column::from_array(others)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Mask, Value};

    fn rows() -> Vec<Value> {
        vec![
            Value::Number(0.1 + 0.2),
            Value::from("0.3"),
            Value::Null,
            Value::Number(4.0),
        ]
    }

    fn values(column: &Column) -> Vec<Value> {
        (0..column.len()).map(|row| column.value(row)).collect()
    }

    #[test]
    fn each_row_keeps_its_kind_through_every_operation() {
        let several = Value::Multi(vec!["a".into(), "b".into()]);
        for last in [Value::from("x"), several] {
            let mut rows = rows();
            rows.push(last);
            let column = Column::from_values(rows.clone());
            assert!(matches!(column, Column::Mixed(_)));
            assert_eq!(values(&column), rows);
            assert_eq!(values(&column.compact()), rows);
            assert_eq!(values(&column.slice(1, 3)), rows[1..4]);
            assert_eq!(
                values(&column.take(&[4, 0])),
                [rows[4].clone(), rows[0].clone()]
            );
            let mask = Mask::from(vec![true, false, true, true, false]);
            assert_eq!(values(&column.filter(&mask))[2], rows[3]);
            let array = column.array();
            let back = array.and_then(|array| Column::from_array(&array));
            assert_eq!(back.as_ref().map(values), Some(rows.clone()));
            let twice = Column::concat(&[column.clone(), column]);
            assert_eq!(values(&twice)[5..], rows);
        }
    }

    #[test]
    fn columns_of_two_kinds_are_put_together_row_by_row() {
        let parts = rows().into_iter().map(|value| Column::from_values([value]));
        let whole = Column::concat(&parts.collect::<Vec<_>>());
        assert_eq!(values(&whole), rows());
    }
}
