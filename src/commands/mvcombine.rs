//! `mvcombine`: takes a field, gives the rows that differ only in it as one, with its values as a multivalue.

use super::arguments::Arguments;
use super::chosen::compared;
use super::{BuildContext, Command, Example, Kind, OptionDoc, Ordering, ParseContext, Stage};
use crate::data::{Batch, Batches, ColumnBuilder, Demand, FieldName};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Flow, Operator, RowKey, Serial};
use crate::syntax::StageText;
use hashbrown::HashMap;
use std::sync::Arc;

/// The command.
pub struct Mvcombine;

impl Command for Mvcombine {
    fn name(&self) -> &'static str {
        "mvcombine"
    }
    fn summary(&self) -> &'static str {
        "Merges rows that differ in one field only, with its values as a multivalue"
    }
    fn usage(&self) -> &'static str {
        "mvcombine [delim=<text>] <field>"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[OptionDoc {
            name: "delim",
            value: "<text>",
            default: "\" \"",
            summary: "What nomv and CSV join the values by",
        }]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | table host max | mvcombine host",
                input: "{\"host\":\"a\",\"max\":9}\n{\"host\":\"b\",\"max\":9}\n{\"host\":\"c\",\"max\":5}",
                output: "{\"host\":[\"a\",\"b\"],\"max\":9}\n{\"host\":\"c\",\"max\":5}",
            },
            Example {
                query: "* | table host max | mvcombine delim=\",\" host | nomv host",
                input: "{\"host\":\"a\",\"max\":9}\n{\"host\":\"b\",\"max\":9}",
                output: "{\"host\":\"a,b\",\"max\":9}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let delim = arguments.text("delim");
        let field = arguments.only("a field").map(|word| word.text);
        arguments.finish(|| {
            Box::new(Combined {
                field: field.unwrap_or_default().into(),
                delim: delim.unwrap_or_else(|| " ".to_owned()).into(),
            }) as Box<dyn Stage>
        })
    }
}

/// `mvcombine` with its arguments.
#[derive(Debug)]
struct Combined {
    field: FieldName,
    delim: Arc<str>,
}

impl Stage for Combined {
    fn kind(&self) -> Kind {
        Kind::Serial
    }
    fn ordering(&self) -> Ordering {
        Ordering::Sees
    }
    fn demand(&self, _: &Demand) -> Demand {
        // Which rows are equal depends on every field.
        Demand::all()
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        Ok(Operator::Serial(Box::new(Groups {
            field: self.field.clone(),
            delim: self.delim.clone(),
            groups: HashMap::default(),
            firsts: Batches::default(),
            values: Vec::new(),
            held: 0,
        })))
    }
}

/// The groups of rows so far.
struct Groups {
    field: FieldName,
    delim: Arc<str>,
    groups: HashMap<Box<[u8]>, usize, foldhash::fast::RandomState>,
    /// The first row of each group.
    firsts: Batches,
    /// The values of each group.
    values: Vec<Vec<String>>,
    /// Bytes of keys and values.
    held: usize,
}

impl Serial for Groups {
    fn push(&mut self, batch: Batch, _: &mut Vec<Batch>) -> Result<Flow, Diagnostic> {
        let names = compared(batch.names().cloned().collect());
        let tells = |name: &str| name != &*self.field && names.iter().any(|n| **n == *name);
        let mut key = RowKey::of_all(&batch, tells);
        let column = batch.column(&self.field);
        let mut firsts: Vec<u32> = Vec::new();
        for (row, number) in (0..batch.rows()).zip(0u32..) {
            let bytes = key.bytes(row);
            // A row without the field has nothing to merge and stays as it is.
            let group = match self.groups.get(bytes) {
                Some(&group) if !column.is_null(row) => group,
                _ => {
                    let group = self.values.len();
                    self.values.push(Vec::new());
                    if !column.is_null(row) {
                        self.held += bytes.len() + 64;
                        self.groups.insert(bytes.into(), group);
                    }
                    firsts.push(number);
                    group
                }
            };
            if let Some(values) = self.values.get_mut(group) {
                for text in column.values(row) {
                    self.held += text.len() + size_of::<String>();
                    values.push(text.into_owned());
                }
            }
        }
        self.firsts.push(batch.take(&firsts));
        Ok(Flow::More)
    }

    fn size(&self) -> usize {
        self.firsts.size() + self.held
    }

    fn finish(&mut self, out: &mut Vec<Batch>) -> Result<(), Diagnostic> {
        let mut combined = Batch::concat(&self.firsts.take());
        let mut column = ColumnBuilder::default();
        for values in self.values.drain(..) {
            column.push_texts(values);
        }
        if !combined.is_empty() {
            combined.set(self.field.clone(), column.finish());
            combined.set_join(self.field.clone(), self.delim.clone());
            out.push(combined);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::commands::testing::{check, refused};

    #[test]
    fn rows_without_the_field_stay_and_empty_values_do_not_tell_rows_apart() {
        check(
            "* | mvcombine h",
            "{\"h\":\"a\",\"x\":1,\"y\":null}\n{\"x\":1}\n{\"h\":[\"b\",\"c\"],\"x\":1}\n{\"x\":1}",
            "{\"h\":[\"a\",\"b\",\"c\"],\"x\":1}\n{\"x\":1}\n{\"x\":1}",
        );
        assert_eq!(refused("mvcombine delim=,")[0].0, "E0111");
    }
}
