//! Rows as JSON: takes batches, gives a line a row, or one document. Numbers that the query computed are JSON numbers,
//! text stays text, multivalues are arrays, fields without a value are left out.

use crate::data::{Batch, Column, Value, format_number, shown};
use serde_json::{Map, Value as Json};
use std::io::{self, Write};

/// A line a row.
pub(super) fn lines(batch: &Batch, out: &mut dyn Write) -> io::Result<()> {
    let names: Vec<String> = batch
        .names()
        .map(|n| Json::from(&**n).to_string())
        .collect();
    let columns: Vec<&Column> = batch.fields().map(|(_, c)| c).collect();
    let mut line = Vec::with_capacity(256);
    for row in 0..batch.rows() {
        line.clear();
        line.push(b'{');
        for (name, column) in names.iter().zip(&columns) {
            if column.is_null(row) {
                continue;
            }
            if line.len() > 1 {
                line.push(b',');
            }
            line.extend_from_slice(name.as_bytes());
            line.push(b':');
            value(column, row, &mut line)?;
        }
        line.extend_from_slice(b"}\n");
        out.write_all(&line)?;
    }
    Ok(())
}

fn value(column: &Column, row: usize, line: &mut Vec<u8>) -> io::Result<()> {
    match column {
        Column::Text(array) => text(array.value(row), line)?,
        Column::Number(array) => line.extend_from_slice(number(array.value(row)).as_bytes()),
        Column::Bool(array) => {
            line.extend_from_slice(if array.value(row) { b"true" } else { b"false" })
        }
        Column::Multi(_) if column.count(row) == 1 => {
            serde_json::to_writer(line, &column.text(row).unwrap_or_default())?;
        }
        Column::Multi(_) => {
            line.push(b'[');
            for (i, text) in column.values(row).enumerate() {
                if i > 0 {
                    line.push(b',');
                }
                serde_json::to_writer(&mut *line, &text)?;
            }
            line.push(b']');
        }
        Column::Mixed(mixed) => match mixed.number(row) {
            Some(n) => line.extend_from_slice(number(n).as_bytes()),
            None => value(mixed.others(), row, line)?,
        },
        Column::Null(_) => line.extend_from_slice(b"null"),
    }
    Ok(())
}

/// A text in quotes. Most have nothing to escape, which is told without a branch a byte.
fn text(text: &str, line: &mut Vec<u8>) -> io::Result<()> {
    let special = |byte: u8| (byte < b' ') | (byte == b'"') | (byte == b'\\');
    let bytes = text.as_bytes().iter();
    if bytes.fold(false, |any, byte| any | special(*byte)) {
        return Ok(serde_json::to_writer(line, text)?);
    }
    line.push(b'"');
    line.extend_from_slice(text.as_bytes());
    line.push(b'"');
    Ok(())
}

/// JSON has no word for what is no number.
fn number(n: f64) -> String {
    if n.is_finite() {
        format_number(n)
    } else {
        format!("\"{}\"", format_number(n))
    }
}

/// A row as an object, for documents and for tests.
pub fn object(batch: &Batch, row: usize) -> Map<String, Json> {
    let mut object = Map::new();
    for (name, column) in batch.fields() {
        let value = match column.value(row) {
            Value::Null => continue,
            Value::Text(text) => Json::from(text),
            Value::Number(n) => serde_json::from_str(&number(n)).unwrap_or(Json::Null),
            Value::Bool(truth) => Json::Bool(truth),
            Value::Multi(texts) => Json::from(texts),
        };
        object.insert(name.to_string(), value);
    }
    object
}

/// One document: `query` (when given), `fields`, `results`, `notices`.
pub(super) fn document(
    batches: &[Batch],
    header: Option<&Json>,
    notices: &[(String, String)],
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "{{")?;
    if let Some(header) = header {
        writeln!(out, "  \"query\": {header},")?;
    }
    let fields: Vec<Json> = shown(batches)
        .iter()
        .map(|name| serde_json::json!({ "name": &**name }))
        .collect();
    writeln!(out, "  \"fields\": {},", Json::from(fields))?;
    write!(out, "  \"results\": [")?;
    let mut first = true;
    for batch in batches {
        for row in 0..batch.rows() {
            write!(
                out,
                "{}\n    {}",
                if first { "" } else { "," },
                Json::from(object(batch, row))
            )?;
            first = false;
        }
    }
    writeln!(out, "{}],", if first { "" } else { "\n  " })?;
    let notices: Vec<Json> = notices
        .iter()
        .map(|(topic, text)| serde_json::json!({ "topic": topic, "text": text }))
        .collect();
    writeln!(out, "  \"notices\": {}\n}}", Json::from(notices))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_objects_agree() {
        let batch = Batch::from_rows([
            vec![
                ("a", Value::from("x\"y")),
                ("n", Value::Number(1.5)),
                ("m", Value::Multi(vec!["p".into(), "q".into()])),
            ],
            vec![
                ("a", Value::Null),
                ("n", Value::Number(2.0)),
                ("m", Value::from("one")),
            ],
        ]);
        let mut out = Vec::new();
        lines(&batch, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(
            text,
            "{\"a\":\"x\\\"y\",\"n\":1.5,\"m\":[\"p\",\"q\"]}\n{\"n\":2,\"m\":\"one\"}\n"
        );
        for (row, line) in text.lines().enumerate() {
            assert_eq!(
                serde_json::from_str::<Json>(line).unwrap(),
                Json::from(object(&batch, row))
            );
        }
    }
}
