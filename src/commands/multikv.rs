//! `multikv`: takes events whose text is a table, gives an event a row of it.

mod tables;

use super::arguments::Arguments;
use super::fields::FieldList;
use super::{BuildContext, Command, Example, OptionDoc, ParseContext, Stage};
use crate::data::{Batch, Column, ColumnBuilder, Demand, FieldName};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Operator, streaming};
use crate::syntax::StageText;
use indexmap::IndexMap;
use std::sync::Arc;
use tables::Layout;

/// The command.
pub struct Multikv;

const OPTIONS: &[OptionDoc] = &[
    OptionDoc::new(
        "copyattrs",
        "true|false",
        "true",
        "Whether the new events have the fields of the event that they come from; else they have _raw and the table's fields only",
    ),
    OptionDoc::new(
        "forceheader",
        "<N>",
        "",
        "The line of the header, counted from 1 without empty lines; else the first line of words that begin with capitals is it, else the first line",
    ),
    OptionDoc::new(
        "multitable",
        "true|false",
        "true",
        "Whether a line of capitalized words after an empty line is the header of one more table",
    ),
    OptionDoc::new(
        "noheader",
        "true|false",
        "false",
        "There is no header: fields are named Column_1, Column_2, … as the first line has columns, and there is one table",
    ),
    OptionDoc::new(
        "rmorig",
        "true|false",
        "true",
        "Whether the events with the tables are left out; else each comes after its rows",
    ),
];

impl Command for Multikv {
    fn name(&self) -> &'static str {
        "multikv"
    }
    fn summary(&self) -> &'static str {
        "Makes an event of each row of a table in the event's text, with fields named by its header"
    }
    fn usage(&self) -> &'static str {
        "multikv [copyattrs=<bool>] [forceheader=<N>] [multitable=<bool>] [noheader=<bool>] [rmorig=<bool>] [fields <field>…] [filter <text>…]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        OPTIONS
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | multikv | table Name Age Occupation",
                input: "{\"_raw\":\"Name     Age   Occupation\\nJosh     42    SoftwareEngineer\\nFrancine 35    CEO\"}",
                output: "{\"Name\":\"Josh\",\"Age\":42,\"Occupation\":\"SoftwareEngineer\"}\n{\"Name\":\"Francine\",\"Age\":35,\"Occupation\":\"CEO\"}",
            },
            Example {
                query: "* | multikv fields pid COMMAND filter splunkd | table host pid COMMAND",
                input: "{\"host\":\"a\",\"_raw\":\"pid user COMMAND\\n7 root splunkd\\n8 root sshd\"}",
                output: "{\"host\":\"a\",\"pid\":7,\"COMMAND\":\"splunkd\"}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let refused = [("conf", "there is no multikv.conf")];
        let mut arguments = Arguments::read_refusing(self, text, &refused);
        let copies = arguments.flag("copyattrs", true);
        let layout = Layout {
            header: arguments.positive("forceheader"),
            several: arguments.flag("multitable", true),
            headless: arguments.flag("noheader", false),
        };
        if layout.headless
            && let Some(option) = arguments.option("forceheader")
        {
            let message = "forceheader= names a header, noheader=true says that there is none";
            let span = option.name.span.to(option.value.span);
            arguments.syntax(span, message);
        }
        let removes = arguments.flag("rmorig", true);
        let (mut fields, mut filter) = (None, Vec::new());
        loop {
            if arguments.takes("fields") {
                let words = arguments.rest(&["fields", "filter"]);
                if words.is_empty() {
                    arguments.missing("a field after `fields`");
                }
                let names = words.into_iter().map(|word| word.text.as_str().into());
                fields = Some(FieldList::new(names));
            } else if arguments.takes("filter") {
                let words = arguments.rest(&["fields", "filter"]);
                if words.is_empty() {
                    arguments.missing("a text after `filter`");
                }
                filter.extend(words.into_iter().map(|word| word.text));
            } else {
                break;
            }
        }
        arguments.finish(|| {
            Box::new(Tabular(Arc::new(Rows {
                layout,
                fields,
                filter,
                copies,
                removes,
            }))) as Box<dyn Stage>
        })
    }
}

/// `multikv` with its arguments.
#[derive(Debug)]
struct Rows {
    layout: Layout,
    /// The fields of tables that are set; all without a list.
    fields: Option<FieldList>,
    /// Rows hold one of these; all do without any.
    filter: Vec<String>,
    copies: bool,
    removes: bool,
}

#[derive(Debug, Clone)]
struct Tabular(Arc<Rows>);

impl Rows {
    fn takes(&self, line: &str) -> bool {
        self.filter.is_empty() || self.filter.iter().any(|text| line.contains(text.as_str()))
    }

    fn apply(&self, batch: &Batch) -> Batch {
        let texts = batch.column("_raw");
        // The event that each new one comes from, its line (none for the event itself) and its cells.
        let mut from = Vec::new();
        let mut lines: Vec<Option<String>> = Vec::new();
        let mut cells: IndexMap<String, Vec<(usize, Vec<String>)>> = IndexMap::new();
        for (row, number) in (0..batch.rows()).zip(0u32..) {
            let text = texts.text(row).unwrap_or_default();
            for table in tables::read(&text, self.layout) {
                let wanted = |name: &&String| {
                    let list = self.fields.as_ref();
                    list.is_none_or(|list| list.contains(name))
                };
                for (line, values) in table.rows.into_iter().filter(|(line, _)| self.takes(line)) {
                    let named = table.names.iter().zip(values);
                    for (name, value) in named.filter(|(name, _)| wanted(name)) {
                        let column = cells.entry(name.clone()).or_default();
                        if column.last().is_none_or(|(at, _)| *at != lines.len()) {
                            column.push((lines.len(), Vec::new()));
                        }
                        // Columns of one name are one field.
                        let values = column.last_mut().map(|(_, values)| values);
                        values.into_iter().for_each(|values| {
                            values.extend(Some(value.clone()).filter(|value| !value.is_empty()));
                        });
                    }
                    from.push(number);
                    lines.push(Some(line));
                }
            }
            if !self.removes {
                from.push(number);
                lines.push(None);
            }
        }
        let mut made = match (self.copies, self.removes) {
            (false, true) => Batch::new(from.len()),
            _ => batch.take(&from),
        };
        made.position = batch.position;
        if !self.copies && !self.removes {
            let names: Vec<FieldName> = made.names().cloned().collect();
            for name in names {
                let old = made.column(&name);
                let kept = lines.iter().enumerate().map(|(row, line)| match line {
                    Some(_) => crate::data::Value::Null,
                    None => old.value(row),
                });
                made.set(name, Column::from_values(kept));
            }
        }
        self.set(&mut made, "_raw", |row, old, column| match lines.get(row) {
            Some(Some(line)) => column.push_text(line),
            _ => column.push(old.value(row)),
        });
        made.finding();
        for (name, values) in cells {
            let mut values = values.into_iter().peekable();
            self.set(&mut made, &name, |row, old, column| {
                match values.next_if(|(at, _)| *at == row) {
                    Some((_, values)) => column.push_texts(values),
                    None => column.push(old.value(row)),
                }
            });
        }
        made
    }

    /// Makes a column anew, row by row.
    fn set(
        &self,
        batch: &mut Batch,
        name: &str,
        mut value: impl FnMut(usize, &Column, &mut ColumnBuilder),
    ) {
        let old = batch.column(name);
        let mut column = ColumnBuilder::default();
        for row in 0..batch.rows() {
            value(row, &old, &mut column);
        }
        batch.set(name, column.finish());
    }
}

impl Stage for Tabular {
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = match self.0.copies || !self.0.removes {
            true => after.clone(),
            false => Demand::none(),
        };
        demand.add_exact("_raw");
        demand
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let rows = self.0.clone();
        Ok(streaming(move |batch| rows.apply(&batch)))
    }
}

#[cfg(test)]
mod tests {
    use crate::commands::testing::{check, demand, refused};

    const INPUT: &str = "{\"h\":\"x\",\"_raw\":\"A B\\n1 2\\n3 4\"}\n{\"h\":\"y\",\"_raw\":\"no\"}";

    #[test]
    fn events_without_a_table_give_nothing_unless_originals_stay() {
        check(
            "multikv | table h A B _raw",
            INPUT,
            "{\"h\":\"x\",\"A\":1,\"B\":2,\"_raw\":\"1 2\"}\n{\"h\":\"x\",\"A\":3,\"B\":4,\"_raw\":\"3 4\"}",
        );
        check(
            "multikv rmorig=f filter 3 | table h A _raw",
            INPUT,
            "{\"h\":\"x\",\"A\":3,\"_raw\":\"3 4\"}\n{\"h\":\"x\",\"_raw\":\"A B\\n1 2\\n3 4\"}\n{\"h\":\"y\",\"_raw\":\"no\"}",
        );
        check(
            "multikv copyattrs=f fields B | table h A B",
            INPUT,
            "{\"B\":2}\n{\"B\":4}",
        );
    }

    #[test]
    fn arguments_are_checked() {
        assert_eq!(refused("multikv conf=x"), [("E0116", "conf=x".into())]);
        assert_eq!(refused("multikv fields")[0].0, "E0111");
        assert_eq!(refused("multikv forceheader=0")[0].1, "0");
        assert_eq!(
            refused("multikv noheader=t forceheader=2")[0].1,
            "forceheader=2"
        );
        assert_eq!(demand("multikv copyattrs=f", &["a"]), "_raw");
    }
}
