//! `nomv`: takes a multivalue field, gives its values as one text.

use super::arguments::Arguments;
use super::{BuildContext, Command, Example, ParseContext, Stage};
use crate::data::{Column, ColumnBuilder, FieldName};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Operator, streaming};
use crate::syntax::StageText;
use std::borrow::Cow;

/// The command.
pub struct Nomv;

impl Command for Nomv {
    fn name(&self) -> &'static str {
        "nomv"
    }
    fn summary(&self) -> &'static str {
        "Joins the values of a multivalue field into one, by line breaks or by the delim of mvcombine"
    }
    fn usage(&self) -> &'static str {
        "nomv <field>"
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | nomv ip{} | table ip{}",
                input: "{\"ip\":[\"a\",\"b\"]}",
                output: "{\"ip{}\":\"a\\nb\"}",
            },
            Example {
                query: "* | table ip | mvcombine delim=\", \" ip | nomv ip",
                input: "{\"ip\":\"a\"}\n{\"ip\":\"b\"}",
                output: "{\"ip\":\"a, b\"}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let field = arguments.only("a field").map(|word| word.text);
        arguments.finish(|| {
            Box::new(Joined {
                field: field.unwrap_or_default().into(),
            }) as Box<dyn Stage>
        })
    }
}

/// `nomv` with its argument.
#[derive(Debug)]
struct Joined {
    field: FieldName,
}

impl Stage for Joined {
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let field = self.field.clone();
        Ok(streaming(move |mut batch| {
            if let Some(column) = batch.get(&field).filter(|column| column.is_multi()) {
                let joined = join(column, batch.join(&field).unwrap_or("\n"));
                batch.set(field.clone(), joined);
            }
            batch
        }))
    }
}

/// The values of each row as one text.
pub(super) fn join(column: &Column, delim: &str) -> Column {
    let mut joined = ColumnBuilder::default();
    for row in 0..column.len() {
        if column.count(row) < 2 {
            joined.push(column.value(row));
        } else {
            let values: Vec<Cow<'_, str>> = column.values(row).collect();
            joined.push_text(&values.join(delim));
        }
    }
    joined.finish()
}
