//! Batches as bytes, by Arrow's own format: takes a batch with the places of its rows, gives it back.

use crate::data::{Batch, Column, Position};
use arrow_array::cast::AsArray;
use arrow_array::types::{UInt32Type, UInt64Type};
use arrow_array::{Array, ArrayRef, NullArray, RecordBatch, UInt32Array, UInt64Array};
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{Field, Schema};
use std::io;
use std::sync::Arc;

/// Where a row stood in the input: its batch's position and its number there.
pub type Place = (Position, u32);

/// A batch whose rows stood at these places.
pub fn write_batch(batch: &Batch, places: &[Place]) -> io::Result<Vec<u8>> {
    let files = places.iter().map(|(position, _)| position.file);
    let parts = places.iter().map(|(position, _)| position.part);
    let rows = places.iter().map(|(_, row)| *row);
    let mut arrays: Vec<ArrayRef> = vec![
        Arc::new(UInt32Array::from_iter_values(files)),
        Arc::new(UInt64Array::from_iter_values(parts)),
        Arc::new(UInt32Array::from_iter_values(rows)),
    ];
    let mut fields: Vec<Field> = ["file", "part", "row"]
        .iter()
        .zip(&arrays)
        .map(|(name, array)| Field::new(*name, array.data_type().clone(), false))
        .collect();
    for (name, column) in batch.fields() {
        let array = column.compact().array();
        let array = array.unwrap_or_else(|| Arc::new(NullArray::new(batch.rows())));
        fields.push(Field::new(&**name, array.data_type().clone(), true));
        arrays.push(array);
    }
    let schema = Arc::new(Schema::new(fields));
    let mut bytes = Vec::new();
    let written = || -> Result<(), arrow_schema::ArrowError> {
        let mut writer = StreamWriter::try_new(&mut bytes, &schema)?;
        writer.write(&RecordBatch::try_new(schema.clone(), arrays)?)?;
        writer.finish()
    };
    written().map_err(io::Error::other)?;
    Ok(bytes)
}

/// The batch and the places of its rows; `None` for bytes that are none.
pub fn read_batch(bytes: &[u8]) -> Option<(Batch, Vec<Place>)> {
    let mut reader = StreamReader::try_new(bytes, None).ok()?;
    let record = reader.next()?.ok()?;
    let schema = record.schema();
    let files = record.column(0).as_primitive_opt::<UInt32Type>()?;
    let parts = record.column(1).as_primitive_opt::<UInt64Type>()?;
    let rows = record.column(2).as_primitive_opt::<UInt32Type>()?;
    let places = files.values().iter().zip(parts.values()).zip(rows.values());
    let places = places.map(|((&file, &part), &row)| (Position { file, part }, row));
    let places: Vec<Place> = places.collect();
    let mut batch = Batch::new(record.num_rows());
    for (field, array) in schema.fields().iter().zip(record.columns()).skip(3) {
        let column = Column::from_array(array).unwrap_or(Column::Null(array.len()));
        batch.set(field.name().as_str(), column);
    }
    Some((batch, places))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::data::Value;

    #[test]
    fn every_kind_of_column_comes_back() {
        let long = "a text that is longer than a view";
        let mut batch = Batch::from_rows([
            vec![
                ("t", Value::from("a")),
                ("n", Value::Number(1.5)),
                ("m", Value::Multi(vec![long.into(), "y".into()])),
            ],
            vec![("t", Value::from(long)), ("m", Value::from("one"))],
            vec![("t", Value::Null), ("n", Value::Number(-2.0))],
        ]);
        batch.set("none", Column::Null(3));
        let place = |row| {
            (
                Position {
                    file: 1,
                    part: 1 << 40,
                },
                row,
            )
        };
        let places = [place(7), place(0), place(2)];
        let bytes = write_batch(&batch, &places).unwrap();
        let (back, found) = read_batch(&bytes).unwrap();
        assert_eq!(found, places);
        assert!(back.names().eq(batch.names()));
        for name in ["t", "n", "m", "none"] {
            for row in 0..3 {
                assert_eq!(
                    back.value(name, row),
                    batch.value(name, row),
                    "{name} {row}"
                );
            }
        }
        // Rows of a slice bring no others with them.
        let slice = write_batch(&batch.slice(1, 1), &places[..1]).unwrap();
        assert_eq!(
            read_batch(&slice).unwrap().0.value("t", 0),
            Value::from(long)
        );
        assert!(read_batch(b"?").is_none());
    }
}
