//! The columns of a CSV file: takes rows, gives events. In Splunk's exports `_raw` is the event and line ends in a cell part
//! the values of a multivalue; in other files the row is the event. The other columns are its fields.

use super::gather::Gather;
use super::rows::cells;
use super::wrapped::Found;
use crate::data::time::{Written, Zone};
use crate::data::{FieldName, Value};
use crate::source::morsel::{Clock, Metadata, Origin};
use crate::source::sourcetype::USUAL_TIMES;
use std::borrow::Cow;
use std::sync::Arc;

/// What a column is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Column {
    Raw,
    Time,
    Source,
    Sourcetype,
    Host,
    Index,
    Field(FieldName),
    /// `__mv_NAME` of Splunk's result files: all values of a multivalue, as `$a$;$b$`.
    Multi(FieldName),
    /// A name that was there before.
    Repeated,
}

/// What the header says of the rows.
#[derive(Debug)]
pub struct Table {
    columns: Vec<Column>,
    raw: Option<usize>,
    /// The column that gives the time when there is no `_time`.
    usual_time: Option<usize>,
    /// A search gave these rows: its columns are metadata, multivalues or aggregates.
    is_export: bool,
}

impl Table {
    /// The table under a header.
    pub fn new(header: &[u8]) -> Self {
        let names: Vec<String> = cells(header).iter().map(|name| text(name)).collect();
        let column = |(at, name): (usize, &String)| match name.as_str() {
            _ if names[..at].contains(name) => Column::Repeated,
            "_raw" => Column::Raw,
            "_time" => Column::Time,
            "source" => Column::Source,
            "sourcetype" => Column::Sourcetype,
            "host" => Column::Host,
            "index" => Column::Index,
            name => match name.strip_prefix("__mv_") {
                Some(name) => Column::Multi(name.into()),
                None => Column::Field(name.into()),
            },
        };
        let columns: Vec<Column> = names.iter().enumerate().map(column).collect();
        Self {
            raw: columns.iter().position(|c| *c == Column::Raw),
            usual_time: USUAL_TIMES
                .iter()
                .find_map(|usual| names.iter().position(|name| name == usual)),
            is_export: columns.iter().any(|column| match column {
                Column::Raw | Column::Time | Column::Multi(_) => true,
                Column::Field(name) => name.ends_with("{}") || name.ends_with(')'),
                _ => false,
            }),
            columns,
        }
    }

    /// Whether a name comes twice; the first column of that name counts.
    pub fn has_repeated(&self) -> bool {
        self.columns.contains(&Column::Repeated)
    }

    /// Gives the event of a row.
    pub fn row(&self, bytes: &[u8], found: &Found, gather: &mut Gather, origin: &Origin) {
        let cells = cells(bytes.get(found.start..found.end).unwrap_or_default());
        if cells.len() > self.columns.len() {
            origin
                .left_out
                .broken(found.line, "a row has more cells than the header");
        }
        let metadata = self.metadata(&cells, origin.zone);
        match self.raw.and_then(|raw| cells.get(raw)) {
            Some(raw) => {
                if !gather.copy(found.line, metadata, |out| out.extend_from_slice(raw)) {
                    origin.left_out.broken(found.line, "an event without text");
                }
            }
            None => gather.place(found.start, found.end, found.line, Some(metadata)),
        }
    }

    fn metadata(&self, cells: &[Cow<'_, [u8]>], zone: Zone) -> Metadata {
        let time = |cell: &[u8]| Written::parse(&text(cell), zone);
        let mut written = None;
        let mut metadata = Metadata::default();
        for (column, cell) in self.columns.iter().zip(cells) {
            if cell.is_empty() {
                continue;
            }
            let shared = || Some(Arc::from(text(cell)));
            match column {
                Column::Raw | Column::Repeated => {}
                Column::Time => written = time(cell),
                Column::Source => metadata.source = shared(),
                Column::Sourcetype => metadata.sourcetype = shared(),
                Column::Host => metadata.host = shared(),
                Column::Index => metadata.index = shared(),
                Column::Field(name) => {
                    let value = match self.is_export {
                        true => Value::multi(text(cell).split('\n').map(str::to_owned).collect()),
                        false => Value::Text(text(cell)),
                    };
                    metadata.fields.push((name.clone(), value));
                }
                Column::Multi(name) => {
                    metadata.fields.retain(|(known, _)| known != name);
                    metadata
                        .fields
                        .push((name.clone(), Value::from_marked(&text(cell))));
                }
            }
        }
        if written.is_none() {
            let cell = self.usual_time.and_then(|at| cells.get(at));
            written = cell.and_then(|cell| time(cell));
        }
        metadata.time = written.map(|written| written.time);
        metadata.clock = match written {
            _ if self.raw.is_some() => Clock::Text,
            Some(written) => Clock::Cell(written),
            None => Clock::Envelope,
        };
        metadata
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splunk_multivalues_are_read() {
        let expected = Value::Multi(vec!["a$b".into(), "c;d".into()]);
        assert_eq!(Value::from_marked("$a$$b$;$c;d$"), expected);
    }
}
