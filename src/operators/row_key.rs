//! Rows as bytes: takes columns and a row, gives bytes that are equal when the values are, to hash and compare rows by.

use crate::data::{Batch, Column, FieldName};
use arrow_array::Array;

/// The fields that rows are told apart by. The bytes are kept between rows: no allocation a row.
#[derive(Debug, Default)]
pub struct RowKey {
    columns: Vec<Column>,
    /// Set when rows of batches with other fields are compared: a value is written after its field's name.
    names: Vec<FieldName>,
    bytes: Vec<u8>,
}

impl RowKey {
    /// Keys of the named fields of a batch. A field that it lacks is missing in every row.
    pub fn new(batch: &Batch, fields: &[FieldName]) -> Self {
        Self::of(fields.iter().map(|field| batch.column(field)).collect())
    }

    /// Keys of these columns.
    pub fn of(columns: Vec<Column>) -> Self {
        Self {
            columns,
            ..Self::default()
        }
    }

    /// Keys of all fields of a batch that `keep` accepts. A missing value is as good as no such field.
    pub fn of_all(batch: &Batch, keep: impl Fn(&str) -> bool) -> Self {
        let mut fields: Vec<_> = batch.fields().filter(|(name, _)| keep(name)).collect();
        fields.sort_by(|a, b| a.0.cmp(b.0));
        Self {
            columns: fields.iter().map(|(_, column)| (*column).clone()).collect(),
            names: fields.into_iter().map(|(name, _)| name.clone()).collect(),
            bytes: Vec::new(),
        }
    }

    /// Whether the row has a value in every field.
    pub fn is_whole(&self, row: usize) -> bool {
        self.columns.iter().all(|column| !column.is_null(row))
    }

    /// The row's bytes. A number is equal to the text that prints it; a multivalue is equal when all its values are.
    pub fn bytes(&mut self, row: usize) -> &[u8] {
        self.bytes.clear();
        for (at, column) in self.columns.iter().enumerate() {
            let name = self.names.get(at);
            if column.is_null(row) {
                if name.is_none() {
                    self.bytes.push(0);
                }
                continue;
            }
            if let Some(name) = name {
                put(&mut self.bytes, [name].into_iter());
            }
            match column {
                Column::Text(texts) if !texts.is_null(row) => {
                    put(&mut self.bytes, [texts.value(row)].into_iter());
                }
                other => put(&mut self.bytes, other.values(row)),
            }
        }
        &self.bytes
    }
}

/// Writes how many texts there are, then each after its length: no value can look like two.
fn put<T: AsRef<str>>(bytes: &mut Vec<u8>, texts: impl Iterator<Item = T>) {
    let at = bytes.len();
    bytes.push(0);
    let mut count = 0usize;
    for text in texts {
        let text = text.as_ref();
        bytes.extend_from_slice(&(text.len() as u32).to_le_bytes());
        bytes.extend_from_slice(text.as_bytes());
        count += 1;
    }
    // A multivalue of 255 or more ends with its count, so that the byte in front need not hold it.
    if let Some(first) = bytes.get_mut(at) {
        *first = count.min(255) as u8;
    }
    if count >= 255 {
        bytes.extend_from_slice(&(count as u32).to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Value;

    #[test]
    fn numbers_equal_their_text_and_parts_do_not_run_together() {
        let number = Column::constant(&Value::Number(1.0), 1);
        let text = Column::constant(&Value::from("1"), 1);
        assert_eq!(
            RowKey::of(vec![number]).bytes(0),
            RowKey::of(vec![text]).bytes(0)
        );
        let pair = |a: &str, b: &str| {
            let columns = [a, b].map(|t| Column::constant(&Value::from(t), 1));
            RowKey::of(columns.to_vec()).bytes(0).to_vec()
        };
        assert_ne!(pair("ab", "c"), pair("a", "bc"));
        let two = Column::from_values([Value::Multi(vec!["a".into(), "b".into()])]);
        assert_ne!(
            RowKey::of(vec![two]).bytes(0),
            RowKey::of(vec![Column::constant(&Value::from("a"), 1)]).bytes(0)
        );
    }
}
