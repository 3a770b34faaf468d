//! `fromjson`: the members of a JSON object as fields.

use super::arguments::Arguments;
use super::{BuildContext, Command, Example, OptionDoc, ParseContext, Stage};
use crate::data::{Batch, ColumnBuilder, Demand, FieldName, Value};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Operator, streaming};
use crate::syntax::StageText;
use indexmap::IndexMap;
use serde_json::Value as Json;

/// The command.
pub struct Fromjson;

impl Command for Fromjson {
    fn name(&self) -> &'static str {
        "fromjson"
    }
    fn summary(&self) -> &'static str {
        "Makes fields of the members of the JSON object in a field"
    }
    fn usage(&self) -> &'static str {
        "fromjson <field> [prefix=<text>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[OptionDoc {
            name: "prefix",
            value: "<text>",
            default: "",
            summary: "What stands before the members' names",
        }]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | eval o=\"{\\\"a\\\":1,\\\"b\\\":[\\\"x\\\",2]}\" | fromjson o | table a b",
                input: "{\"n\":1}",
                output: "{\"a\":1,\"b\":[\"x\",\"2\"]}",
            },
            Example {
                query: "* | fromjson o prefix=json_ | table json_a",
                input: "{\"o\":\"{\\\"a\\\":{\\\"b\\\":1}}\"}",
                output: "{\"json_a\":\"{\\\"b\\\":1}\"}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let prefix = arguments.text("prefix").unwrap_or_default();
        let field = arguments.field("a field");
        arguments.finish(|| Box::new(Parsed { field, prefix }) as Box<dyn Stage>)
    }
}

/// `fromjson` with its arguments.
#[derive(Debug, Clone)]
struct Parsed {
    field: FieldName,
    prefix: String,
}

impl Stage for Parsed {
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        demand.add_exact(&self.field);
        demand
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let parsed = self.clone();
        Ok(streaming(move |batch| parsed.apply(batch)))
    }
}

impl Parsed {
    fn apply(&self, mut batch: Batch) -> Batch {
        let own = batch.column(&self.field);
        let mut made: IndexMap<String, ColumnBuilder> = IndexMap::new();
        for row in 0..batch.rows() {
            let object = own
                .text(row)
                .and_then(|text| serde_json::from_str(&text).ok());
            let Some(Json::Object(members)) = object else {
                continue;
            };
            for (name, json) in members {
                let name = format!("{}{name}", self.prefix);
                let column = made.entry(name).or_default();
                column.push_nulls(row - column.len());
                column.push(value(json));
            }
        }
        let count = batch.rows();
        batch.finding();
        for (name, mut column) in made {
            column.push_nulls(count - column.len());
            let column = column.finish();
            // A row without the member keeps the field that it has.
            let old = batch.column(&name);
            let kept = (0..count).map(|row| match column.is_null(row) {
                true => old.value(row),
                false => column.value(row),
            });
            let kept = crate::data::Column::from_values(kept);
            batch.set(name, kept);
        }
        batch
    }
}

/// A member as a field: an array of simple values is a multivalue, what nests deeper stays JSON.
fn value(json: Json) -> Value {
    let simple = |json: &Json| match json {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(truth) => Some(truth.to_string()),
        _ => None,
    };
    match &json {
        Json::Null => Value::Null,
        Json::Array(list) if !list.is_empty() => match list.iter().map(simple).collect() {
            Some(values) => Value::multi(values),
            None => Value::Text(json.to_string()),
        },
        other => Value::Text(simple(other).unwrap_or_else(|| other.to_string())),
    }
}
