//! `mvexpand`: takes a multivalue field, gives a row for each of its values.

use super::arguments::Arguments;
use super::{BuildContext, Command, Example, OptionDoc, ParseContext, Stage};
use crate::data::{Batch, ColumnBuilder, Demand, FieldName};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Operator, streaming};
use crate::syntax::StageText;

/// The command.
pub struct Mvexpand;

impl Command for Mvexpand {
    fn name(&self) -> &'static str {
        "mvexpand"
    }
    fn summary(&self) -> &'static str {
        "Makes a row of each value of a multivalue field"
    }
    fn usage(&self) -> &'static str {
        "mvexpand <field> [limit=<N>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[OptionDoc {
            name: "limit",
            value: "<N>",
            default: "0",
            summary: "How many values of each row to use; 0 uses all",
        }]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | mvexpand ip{} | table id ip{}",
                input: "{\"id\":1,\"ip\":[\"a\",\"b\"]}\n{\"id\":2,\"ip\":[\"c\"]}\n{\"id\":3}",
                output: "{\"id\":1,\"ip{}\":\"a\"}\n{\"id\":1,\"ip{}\":\"b\"}\n{\"id\":2,\"ip{}\":\"c\"}\n{\"id\":3}",
            },
            Example {
                query: "* | mvexpand ip{} limit=1 | table id ip{}",
                input: "{\"id\":1,\"ip\":[\"a\",\"b\"]}",
                output: "{\"id\":1,\"ip{}\":\"a\"}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let limit = arguments.count("limit").unwrap_or(0);
        let field = arguments.only("a field").map(|word| word.text);
        arguments.finish(|| {
            Box::new(Expanded {
                field: field.unwrap_or_default().into(),
                limit: if limit == 0 { usize::MAX } else { limit },
            }) as Box<dyn Stage>
        })
    }
}

/// `mvexpand` with its arguments.
#[derive(Debug)]
struct Expanded {
    field: FieldName,
    limit: usize,
}

impl Stage for Expanded {
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        demand.add_exact(&self.field);
        demand
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let (field, limit) = (self.field.clone(), self.limit);
        Ok(streaming(move |batch| expand(batch, &field, limit)))
    }
}

fn expand(batch: Batch, field: &FieldName, limit: usize) -> Batch {
    let Some(column) = batch.get(field).filter(|column| column.is_multi()) else {
        return batch;
    };
    let mut rows: Vec<u32> = Vec::with_capacity(batch.rows());
    let mut values = ColumnBuilder::default();
    for (row, number) in (0..batch.rows()).zip(0u32..) {
        if column.count(row) < 2 {
            rows.push(number);
            values.push(column.value(row));
            continue;
        }
        for text in column.values(row).take(limit) {
            rows.push(number);
            values.push_text(&text);
        }
    }
    let mut expanded = batch.take(&rows);
    expanded.set(field.clone(), values.finish());
    expanded
}

#[cfg(test)]
mod tests {
    use crate::commands::testing::{demand, refused};

    #[test]
    fn the_field_is_needed() {
        assert_eq!(refused("mvexpand")[0].0, "E0111");
        assert_eq!(refused("mvexpand a b"), [("E0103", "b".into())]);
        assert_eq!(demand("mvexpand a", &["b"]), "b, a");
    }
}
