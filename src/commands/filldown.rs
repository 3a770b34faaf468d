//! `filldown`: takes fields, gives missing values the last value that a row before had.

use super::arguments::Arguments;
use super::fields::FieldList;
use super::{BuildContext, Command, Example, Kind, Ordering, ParseContext, Stage};
use crate::data::{Batch, Column, FieldName};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Flow, Operator, Serial};
use crate::syntax::StageText;
use indexmap::IndexMap;

/// The command.
pub struct Filldown;

impl Command for Filldown {
    fn name(&self) -> &'static str {
        "filldown"
    }
    fn summary(&self) -> &'static str {
        "Fills missing values with the last value before them"
    }
    fn usage(&self) -> &'static str {
        "filldown [<field>[, <field>]…]; all fields when none is given; * stands for any text"
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | filldown",
                input: "{\"a\":\"x\",\"b\":1}\n{\"b\":2}\n{\"a\":\"y\"}",
                output: "{\"a\":\"x\",\"b\":1}\n{\"a\":\"x\",\"b\":2}\n{\"a\":\"y\",\"b\":2}",
            },
            Example {
                query: "* | filldown a",
                input: "{\"a\":null,\"b\":1}\n{\"a\":\"x\"}\n{\"a\":null}",
                output: "{\"b\":1}\n{\"a\":\"x\"}\n{\"a\":\"x\"}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let words = arguments.rest(&[]);
        arguments.finish(|| {
            let names: Vec<FieldName> = words.into_iter().map(|word| word.text.into()).collect();
            let list = (!names.is_empty()).then(|| FieldList::new(names));
            Box::new(Filled { list }) as Box<dyn Stage>
        })
    }
}

/// `filldown` with its arguments.
#[derive(Debug)]
struct Filled {
    list: Option<FieldList>,
}

impl Stage for Filled {
    fn kind(&self) -> Kind {
        Kind::Serial
    }
    fn ordering(&self) -> Ordering {
        Ordering::Sees
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        Ok(Operator::Serial(Box::new(Carried {
            list: self.list.clone(),
            last: IndexMap::new(),
        })))
    }
}

/// The last value of each field, as a column of one row.
struct Carried {
    list: Option<FieldList>,
    last: IndexMap<FieldName, Column>,
}

impl Serial for Carried {
    fn push(&mut self, mut batch: Batch, out: &mut Vec<Batch>) -> Result<Flow, Diagnostic> {
        if !batch.is_empty() {
            let chosen = |name: &FieldName| self.list.as_ref().is_none_or(|l| l.contains(name));
            let names: Vec<FieldName> = batch.names().filter(|n| chosen(n)).cloned().collect();
            for name in names {
                self.last.entry(name).or_insert(Column::Null(1));
            }
            for (name, last) in &mut self.last {
                let filled = fill(&batch.column(name), last);
                *last = filled.slice(batch.rows() - 1, 1);
                batch.set(name.clone(), filled);
            }
        }
        out.push(batch);
        Ok(Flow::More)
    }

    fn finish(&mut self, _: &mut Vec<Batch>) -> Result<(), Diagnostic> {
        Ok(())
    }
}

/// The column with each missing value replaced by the one before, and at its start by `last`.
fn fill(column: &Column, last: &Column) -> Column {
    if (0..column.len()).all(|row| !column.is_null(row)) {
        return column.clone();
    }
    let mut from = 0u32;
    let rows: Vec<u32> = (0..column.len())
        .zip(1u32..)
        .map(|(row, number)| {
            if !column.is_null(row) {
                from = number;
            }
            from
        })
        .collect();
    Column::concat(&[last.clone(), column.clone()]).take(&rows)
}

#[cfg(test)]
mod tests {
    use crate::commands::testing::check;

    #[test]
    fn a_pattern_limits_it_and_multivalues_are_carried() {
        check(
            "* | filldown a*",
            "{\"a1\":[\"x\",\"y\"],\"b\":1}\n{\"c\":1}\n{\"a1\":\"z\"}",
            "{\"a1\":[\"x\",\"y\"],\"b\":1}\n{\"a1\":[\"x\",\"y\"],\"c\":1}\n{\"a1\":\"z\"}",
        );
    }
}
