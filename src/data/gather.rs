//! Rows of many batches put together in any order, without making one batch of all first.

use super::{Batch, Column, ColumnBuilder, FieldName};
use arrow_array::{Array, ArrayRef};

/// The number of a batch, and of a row in it.
pub type RowPlace = (usize, usize);

impl Batch {
    /// The rows at these places of the batches, with the fields named.
    pub fn gather(batches: &[&Batch], places: &[RowPlace], names: &[FieldName]) -> Batch {
        let mut whole = Batch::new(places.len());
        if let Some(joined) = batches.iter().find(|batch| batch.has_joins()) {
            whole.join_as(joined);
        }
        // Of many batches few may have one of these rows.
        let mut numbers = vec![usize::MAX; batches.len()];
        let mut used: Vec<&Batch> = Vec::new();
        let mut own = Vec::with_capacity(places.len());
        for (at, row) in places {
            if let (Some(number), Some(batch)) = (numbers.get_mut(*at), batches.get(*at)) {
                if *number == usize::MAX {
                    *number = used.len();
                    used.push(*batch);
                }
                own.push((*number, *row));
            }
        }
        for name in names {
            let parts: Vec<Column> = used.iter().map(|batch| batch.column(name)).collect();
            whole.set(name.clone(), Column::gather(&parts, &own));
        }
        whole.with_found_of(batches.iter().copied())
    }
}

impl Column {
    /// The rows at these places of the columns.
    fn gather(columns: &[Column], places: &[RowPlace]) -> Column {
        let is_null = |column: &Column| matches!(column, Column::Null(_));
        let mut kinds = columns.iter().filter(|column| !is_null(column));
        let Some(first) = kinds.next() else {
            return Column::Null(places.len());
        };
        let same =
            |column: &Column| std::mem::discriminant(column) == std::mem::discriminant(first);
        if kinds.all(same)
            && let Some(column) = interleaved(first, columns, places)
        {
            return column;
        }
        let mut builder = ColumnBuilder::default();
        for (at, row) in places {
            match columns.get(*at) {
                Some(column) => builder.push(column.value(*row)),
                None => builder.push_null(),
            }
        }
        builder.finish()
    }
}

/// The rows of columns that are all of one kind, or null.
fn interleaved(like: &Column, columns: &[Column], places: &[RowPlace]) -> Option<Column> {
    let kind = like.array()?;
    let array = |column: &Column| -> Option<ArrayRef> {
        match column {
            Column::Null(rows) => Some(arrow_array::new_null_array(kind.data_type(), *rows)),
            other => other.array(),
        }
    };
    let arrays = columns.iter().map(array).collect::<Option<Vec<_>>>()?;
    let parts: Vec<&dyn Array> = arrays.iter().map(AsRef::as_ref).collect();
    let array = arrow_select::interleave::interleave(&parts, places).ok()?;
    Column::from_array(&array)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Value;

    #[test]
    fn rows_come_in_the_order_asked_for_whatever_their_kinds() {
        let long = "a text that is longer than a view";
        let several = Value::Multi(vec!["p".into(), "q".into()]);
        let first = Batch::from_rows([
            vec![("a", Value::from(long)), ("n", Value::Number(1.0))],
            vec![("a", Value::Null), ("n", Value::Number(2.0))],
        ]);
        let second = Batch::from_rows([vec![
            ("b", several.clone()),
            ("a", Value::from("x")),
            ("n", Value::from("y")),
        ]]);
        let places = [(2, 0), (1, 1), (1, 0), (2, 0)];
        let names = ["b", "a", "n"].map(FieldName::from);
        let whole = Batch::gather(&[&Batch::new(0), &first, &second], &places, &names);
        assert!(whole.names().eq(&names));
        let values = |name: &str| (0..4).map(|row| whole.value(name, row)).collect::<Vec<_>>();
        let x = Value::from("x");
        assert_eq!(values("a"), [x.clone(), Value::Null, long.into(), x]);
        let y = Value::from("y");
        assert_eq!(
            values("n"),
            [y.clone(), Value::Number(2.0), Value::Number(1.0), y]
        );
        assert_eq!(
            values("b"),
            [several.clone(), Value::Null, Value::Null, several]
        );
    }
}
