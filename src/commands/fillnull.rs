//! `fillnull`: takes a value and fields, gives the value where the fields have none.

use super::arguments::Arguments;
use super::fields::FieldList;
use super::{BuildContext, Command, Example, Kind, OptionDoc, ParseContext, Stage};
use crate::data::{
    Batch, Batches, Column, ColumnBuilder, FieldName, Value, filled, format_number, parse_number,
};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Mergeable, Operator, Partial, streaming};
use crate::syntax::StageText;
use indexmap::IndexSet;
use std::any::Any;
use std::sync::Arc;

/// The command.
pub struct Fillnull;

impl Command for Fillnull {
    fn name(&self) -> &'static str {
        "fillnull"
    }
    fn summary(&self) -> &'static str {
        "Gives missing values a value"
    }
    fn usage(&self) -> &'static str {
        "fillnull [value=<text>] [<field>[, <field>]…]; without fields, every field that any row has"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[OptionDoc {
            name: "value",
            value: "<text>",
            default: "0",
            summary: "What stands for a missing value",
        }]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | fillnull value=NULL",
                input: "{\"a\":5}\n{\"b\":6}",
                output: "{\"a\":5,\"b\":\"NULL\"}\n{\"a\":\"NULL\",\"b\":6}",
            },
            Example {
                query: "* | fillnull a, new",
                input: "{\"a\":5}\n{\"b\":6}",
                output: "{\"a\":5,\"new\":0}\n{\"a\":0,\"b\":6,\"new\":0}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let value = arguments.text("value");
        let words = arguments.rest(&[]);
        let all = words.is_empty();
        let (wild, named): (Vec<_>, Vec<_>) = words
            .into_iter()
            .map(|word| FieldName::from(word.text))
            .partition(|name| name.contains('*'));
        arguments.finish(|| {
            Box::new(Filled {
                value: Filler::new(value.unwrap_or_else(|| "0".to_owned())),
                named: named.into(),
                wild: (!wild.is_empty()).then(|| FieldList::new(wild)),
                all,
            }) as Box<dyn Stage>
        })
    }
}

/// The value that fills: the number that it is, when it prints as one.
#[derive(Debug, Clone)]
struct Filler {
    text: Arc<str>,
    number: Option<f64>,
}

impl Filler {
    fn new(text: String) -> Self {
        Self {
            number: parse_number(&text).filter(|n| format_number(*n) == text),
            text: text.into(),
        }
    }

    fn value(&self) -> Value {
        self.number
            .map_or_else(|| Value::from(&*self.text), Value::Number)
    }

    fn fill(&self, column: &Column) -> Column {
        if !(0..column.len()).any(|row| column.is_null(row)) {
            return column.clone();
        }
        match (column, self.number) {
            (Column::Null(rows), _) => Column::constant(&self.value(), *rows),
            (Column::Number(numbers), Some(n)) => {
                Column::Number(numbers.iter().map(|v| Some(v.unwrap_or(n))).collect())
            }
            (Column::Text(texts), None) => Column::Text(
                texts
                    .iter()
                    .map(|text| Some(text.unwrap_or(&self.text)))
                    .collect(),
            ),
            _ => {
                let mut filled = ColumnBuilder::default();
                for row in 0..column.len() {
                    filled.push(if column.is_null(row) {
                        self.value()
                    } else {
                        column.value(row)
                    });
                }
                filled.finish()
            }
        }
    }
}

/// `fillnull` with its arguments.
#[derive(Debug)]
struct Filled {
    value: Filler,
    named: Arc<[FieldName]>,
    wild: Option<FieldList>,
    /// No field was given.
    all: bool,
}

impl Filled {
    /// Whether the fields to fill are known only when all rows are.
    fn sees_all(&self) -> bool {
        self.all || self.wild.is_some()
    }
}

impl Stage for Filled {
    fn kind(&self) -> Kind {
        if self.sees_all() {
            Kind::Mergeable
        } else {
            Kind::Streaming
        }
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let (value, wanted) = (self.value.clone(), cx.wanted.clone());
        let named: Vec<FieldName> = self
            .named
            .iter()
            .filter(|n| wanted.wants(n))
            .cloned()
            .collect();
        if self.sees_all() {
            return Ok(Operator::Mergeable(Arc::new(FillAll {
                value,
                named,
                wild: self.wild.clone(),
            })));
        }
        Ok(streaming(move |mut batch| {
            for name in &named {
                let filled = value.fill(&batch.column(name));
                batch.set(name.clone(), filled);
            }
            batch
        }))
    }
}

/// Fills every field that any row has, so it holds all rows.
#[derive(Clone)]
struct FillAll {
    value: Filler,
    named: Vec<FieldName>,
    wild: Option<FieldList>,
}

impl Mergeable for FillAll {
    fn partial(&self) -> Box<dyn Partial> {
        Box::new(Held {
            spec: self.clone(),
            batches: Batches::default(),
        })
    }
}

struct Held {
    spec: FillAll,
    batches: Batches,
}

impl Partial for Held {
    fn push(&mut self, batch: Batch) -> Result<(), Diagnostic> {
        self.batches.push(batch);
        Ok(())
    }

    fn merge(&mut self, other: Box<dyn Partial>) -> Result<(), Diagnostic> {
        if let Ok(other) = other.into_any().downcast::<Self>() {
            self.batches.append(other.batches);
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<Batch>, Diagnostic> {
        let mut batches = self.batches.in_order();
        let wild = self.spec.wild.as_ref();
        let chosen = |name: &FieldName| wild.is_none_or(|list| list.contains(name));
        let named = self.spec.named.iter().cloned();
        let filled = filled(&batches).into_iter().filter(chosen);
        let fields: IndexSet<FieldName> = named.chain(filled).collect();
        for batch in &mut batches {
            for name in &fields {
                let filled = self.spec.value.fill(&batch.column(name));
                batch.set(name.clone(), filled);
            }
        }
        Ok(batches)
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }

    fn size(&self) -> usize {
        self.batches.size()
    }
}

#[cfg(test)]
mod tests {
    use crate::commands::testing::{check, refused};

    #[test]
    fn a_field_that_no_row_has_is_not_filled_unless_named() {
        check("* | fillnull", "{\"a\":1,\"z\":null}", "{\"a\":1}");
        check(
            "* | fillnull z*",
            "{\"a\":1}\n{\"z1\":2}",
            "{\"a\":1,\"z1\":0}\n{\"z1\":2}",
        );
        check(
            "* | fillnull value=\"a b\" z",
            "{\"a\":1}",
            "{\"a\":1,\"z\":\"a b\"}",
        );
    }

    #[test]
    fn multivalues_stay() {
        check(
            "* | fillnull value=x a",
            "{\"a\":[\"1\",\"2\"]}\n{}",
            "{\"a\":[\"1\",\"2\"]}\n{\"a\":\"x\"}",
        );
        assert_eq!(refused("fillnull valu=1"), [("E0109", "valu".into())]);
    }
}
