//! `untable`: turns columns into rows, a row for each value.

use super::arguments::Arguments;
use super::{Before, BuildContext, Command, Example, Ordering, Origin, ParseContext, Stage};
use crate::data::{Batch, Column, ColumnBuilder, Demand, Value};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Operator, streaming};
use crate::syntax::StageText;

/// The command.
pub struct Untable;

impl Command for Untable {
    fn name(&self) -> &'static str {
        "untable"
    }
    fn summary(&self) -> &'static str {
        "Turns columns into rows: for each row and each other field, one row with the field's name and value"
    }
    fn usage(&self) -> &'static str {
        "untable <row-field> <name-field> <value-field>"
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | table host get list | untable host verb n",
                input: "{\"host\":\"a\",\"get\":1,\"list\":2}",
                output: "{\"host\":\"a\",\"verb\":\"get\",\"n\":1}\n{\"host\":\"a\",\"verb\":\"list\",\"n\":2}",
            },
            Example {
                query: "* | table host get list | untable host verb n | where n>1",
                input: "{\"host\":\"a\",\"get\":1,\"list\":2}",
                output: "{\"host\":\"a\",\"verb\":\"list\",\"n\":2}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let mut names = Vec::new();
        for what in ["a row field", "a name field", "a value field"] {
            match arguments.next() {
                Some(word) => names.push(word.text),
                None => arguments.missing(what),
            }
        }
        arguments.finish(|| Box::new(Long { names }) as Box<dyn Stage>)
    }
}

/// `untable` with its arguments: row field, name field, value field.
#[derive(Debug, Clone)]
struct Long {
    names: Vec<String>,
}

impl Long {
    fn turn(&self, batch: &Batch) -> Batch {
        let [row_field, name_field, value_field] = self.names.as_slice() else {
            return batch.clone();
        };
        let rows = batch.column(row_field);
        let fields: Vec<(&str, &Column)> = batch
            .fields()
            .map(|(name, column)| (&**name, column))
            .filter(|(name, _)| *name != row_field.as_str() && !name.starts_with('_'))
            .collect();
        let mut builders = [(); 3].map(|()| ColumnBuilder::default());
        for row in 0..batch.rows() {
            for (name, column) in fields.iter().filter(|(_, column)| !column.is_null(row)) {
                let [keys, names, values] = &mut builders;
                keys.push(rows.value(row));
                names.push(Value::from(*name));
                values.push(column.value(row));
            }
        }
        let mut out = Batch::new(builders[0].len());
        out.position = batch.position;
        for (name, builder) in [row_field, name_field, value_field]
            .into_iter()
            .zip(builders)
        {
            out.set(name.as_str(), builder.finish());
        }
        out
    }
}

impl Stage for Long {
    fn ordering(&self) -> Ordering {
        // The rows no longer carry a time: order is made before.
        Ordering::Sees
    }
    fn origin(&self, name: &str, before: &Before<'_>) -> Origin {
        match self.names.get(1) {
            Some(names) if names == name => Origin::Command,
            _ => before(name),
        }
    }
    fn demand(&self, _: &Demand) -> Demand {
        Demand::all()
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let long = self.clone();
        Ok(streaming(move |batch| long.turn(&batch)))
    }
}
