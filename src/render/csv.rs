//! Rows as CSV: takes a batch, gives a header and a record a row; multivalues are joined by newlines, as Splunk does, or by
//! what `mvcombine` has set.

use crate::data::{Batch, Column};
use std::borrow::Cow;
use std::io::{self, Write};

/// Writes header and rows.
pub fn write(batch: &Batch, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = ::csv::Writer::from_writer(out);
    if batch.names().len() == 0 {
        return Ok(());
    }
    writer.write_record(batch.names().map(|n| n.as_bytes()))?;
    for row in 0..batch.rows() {
        for (name, column) in batch.fields() {
            let text = match (column, batch.join(name)) {
                (Column::Multi(_), Some(between)) => {
                    let values: Vec<Cow<'_, str>> = column.values(row).collect();
                    values.join(between).into()
                }
                _ => column.text(row).unwrap_or_default(),
            };
            writer.write_field(text.as_bytes())?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    writer.flush()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::data::Value;

    #[test]
    fn values_are_joined_by_newlines_or_as_the_batch_says() {
        let both = || Value::Multi(vec!["x".into(), "y".into()]);
        let mut batch = Batch::from_rows([vec![("a", both()), ("b", both())]]);
        batch.set_join("b", "; ");
        let mut out = Vec::new();
        write(&batch, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "a,b\n\"x\ny\",x; y\n");
    }
}
