//! Batches to text: takes rows, gives a table, JSON, NDJSON, CSV or raw lines, and the lines around them.

mod csv;
mod explain;
pub mod help;
mod json;
mod record;
mod summary;
mod table;
mod terminal;
mod text;
mod timeline;
mod why;
mod widths;

pub use csv::write as write_csv;
pub use explain::{ExplainRow, explain};
pub use json::object;
pub use summary::{Header, RunFacts, count, header, summary};
pub use table::grid;
pub use terminal::size;
pub use text::{clean, number_text, time_text};
pub use timeline::timeline;
pub use why::{StageLine, TermLine, WhyNear, why};

use crate::data::time::Zone;
use crate::data::{Batch, Batches};
use std::io::{self, Write};

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// A table for people.
    #[default]
    Table,
    /// One JSON object with the fields, the rows and what the run has to say.
    Json,
    /// A JSON object a row, a line each.
    Ndjson,
    /// Comma-separated values with a header; multivalues joined by newlines.
    Csv,
    /// The text of each event.
    Raw,
}

impl Format {
    /// All names.
    pub const NAMES: [&'static str; 5] = ["table", "json", "ndjson", "csv", "raw"];

    /// The format of a name, in any letter case.
    pub fn parse(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "table" => Some(Self::Table),
            "json" => Some(Self::Json),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "csv" => Some(Self::Csv),
            "raw" => Some(Self::Raw),
            _ => None,
        }
    }
}

/// What rows are shown as.
#[derive(Debug, Clone)]
pub struct Look {
    /// The format.
    pub format: Format,
    /// The rows are events: a table shows `_time`, `columns` and `_raw` of them.
    pub events: bool,
    /// Fields that the query put into events; shown beside the text.
    pub columns: Vec<String>,
    /// Characters a line.
    pub width: usize,
    /// Whether to colour.
    pub colour: bool,
    /// Texts that are marked when there is colour, in any letter case.
    pub marks: Vec<String>,
    /// The zone of times in a table.
    pub zone: Zone,
    /// What a JSON document carries above its rows.
    pub header: Option<serde_json::Value>,
}

impl Look {
    /// Plain, for 100 columns.
    pub fn new(format: Format) -> Self {
        Self {
            format,
            events: false,
            columns: Vec::new(),
            width: 100,
            colour: false,
            marks: Vec::new(),
            zone: Zone::utc(),
            header: None,
        }
    }
}

/// Writes rows as they come. NDJSON and raw lines are written at once; the other formats need all rows first.
pub struct Writer<'a> {
    look: Look,
    out: &'a mut dyn Write,
    held: Batches,
}

impl<'a> Writer<'a> {
    /// A writer to `out`.
    pub fn new(look: Look, out: &'a mut dyn Write) -> Self {
        Self {
            look,
            out,
            held: Batches::default(),
        }
    }

    /// Takes rows.
    pub fn batch(&mut self, batch: Batch) -> io::Result<()> {
        match self.look.format {
            Format::Ndjson => json::lines(&batch, self.out),
            Format::Raw => text::raw(&batch, &self.look, self.out),
            _ => {
                self.held.push(batch);
                Ok(())
            }
        }
    }

    /// Bytes of the rows that wait for the others.
    pub fn held(&self) -> usize {
        self.held.size()
    }

    /// Writes what is left. `notices` are what the run has to say, for JSON.
    pub fn finish(self, notices: &[(String, String)]) -> io::Result<()> {
        match self.look.format {
            Format::Ndjson | Format::Raw => {}
            Format::Json => json::document(
                self.held.list(),
                self.look.header.as_ref(),
                notices,
                self.out,
            )?,
            Format::Csv => csv::write(&Batch::concat(self.held.list()), self.out)?,
            Format::Table => table::write(&Batch::concat(self.held.list()), &self.look, self.out)?,
        }
        self.out.flush()
    }
}
