//! Rows as CSV: takes a batch, gives a header and a record a row; multivalues are joined by newlines, as Splunk does.

use crate::data::Batch;
use std::io::{self, Write};

/// Writes header and rows.
pub fn write(batch: &Batch, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = ::csv::Writer::from_writer(out);
    if batch.names().len() == 0 {
        return Ok(());
    }
    writer.write_record(batch.names().map(|n| n.as_bytes()))?;
    for row in 0..batch.rows() {
        for (_, column) in batch.fields() {
            writer.write_field(column.text(row).unwrap_or_default().as_bytes())?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    writer.flush()
}
