//! `transpose`: turns rows into columns.

use super::arguments::Arguments;
use super::{
    Before, BuildContext, Command, Example, Kind, OptionDoc, Ordering, Origin, ParseContext, Stage,
};
use crate::data::{Batch, Column, Demand, Value};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Operator, gathered};
use crate::syntax::StageText;

/// The command.
pub struct Transpose;

impl Command for Transpose {
    fn name(&self) -> &'static str {
        "transpose"
    }
    fn summary(&self) -> &'static str {
        "Turns rows into columns: one row a field, one column a row"
    }
    fn usage(&self) -> &'static str {
        "transpose [<N>] [column_name=<name>] [header_field=<field>] [include_empty=<bool>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[
            OptionDoc {
                name: "column_name",
                value: "<name>",
                default: "column",
                summary: "The column that holds the names of the fields",
            },
            OptionDoc {
                name: "header_field",
                value: "<field>",
                default: "",
                summary: "The field whose values name the columns, instead of `row 1`, `row 2`, …",
            },
            OptionDoc {
                name: "include_empty",
                value: "true|false",
                default: "true",
                summary: "Whether fields without any value get a row",
            },
        ]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | table host n | transpose",
                input: "{\"host\":\"a\",\"n\":1}\n{\"host\":\"b\",\"n\":2}",
                output: "{\"column\":\"host\",\"row 1\":\"a\",\"row 2\":\"b\"}\n{\"column\":\"n\",\"row 1\":1,\"row 2\":2}",
            },
            Example {
                query: "* | table host n | transpose header_field=host column_name=what",
                input: "{\"host\":\"a\",\"n\":1}\n{\"host\":\"b\",\"n\":2}",
                output: "{\"what\":\"n\",\"a\":1,\"b\":2}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let turned = Turned {
            rows: arguments.number().map_or(5, |(n, _)| n),
            column: arguments
                .text("column_name")
                .unwrap_or_else(|| "column".to_owned()),
            header: arguments.text("header_field"),
            empty: arguments.flag("include_empty", true),
        };
        arguments.finish(|| Box::new(turned) as Box<dyn Stage>)
    }
}

/// `transpose` with its arguments.
#[derive(Debug, Clone)]
struct Turned {
    /// Rows at most; 0 for all.
    rows: usize,
    column: String,
    header: Option<String>,
    empty: bool,
}

impl Turned {
    fn turn(&self, batch: &Batch) -> Batch {
        let count = if self.rows == 0 {
            batch.rows()
        } else {
            batch.rows().min(self.rows)
        };
        let header = self.header.as_ref().map(|name| batch.column(name));
        let fields: Vec<(&str, &Column)> = batch
            .fields()
            .map(|(name, column)| (&**name, column))
            .filter(|(name, column)| {
                self.header.as_deref() != Some(*name) && (self.empty || !column.is_all_null())
            })
            .collect();
        let names = fields.iter().map(|(name, _)| Value::from(*name));
        let mut out = Batch::new(fields.len());
        out.set(self.column.as_str(), Column::from_values(names));
        for row in 0..count {
            let name = header
                .as_ref()
                .and_then(|h| h.text(row))
                .map_or_else(|| format!("row {}", row + 1), |text| text.into_owned());
            let values = fields.iter().map(|(_, column)| column.value(row));
            out.set(name, Column::from_values(values));
        }
        out
    }
}

impl Stage for Turned {
    fn kind(&self) -> Kind {
        Kind::Mergeable
    }
    fn ordering(&self) -> Ordering {
        Ordering::SeesAndMakes
    }
    /// The names of fields, and columns that hold values of all fields.
    fn origin(&self, _: &str, _: &Before<'_>) -> Origin {
        Origin::Command
    }
    fn demand(&self, _: &Demand) -> Demand {
        Demand::all()
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let turned = self.clone();
        Ok(gathered(move |batches| {
            Ok(vec![turned.turn(&Batch::concat(&batches))])
        }))
    }
}
