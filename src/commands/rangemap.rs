//! `rangemap`: names the ranges that a number lies in.

use super::arguments::Arguments;
use super::{BuildContext, Command, Example, OptionDoc, ParseContext, Stage};
use crate::data::{Column, Demand, FieldName, Value};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::operators::{Operator, streaming};
use crate::syntax::{OptionText, StageText};

/// The command.
pub struct Rangemap;

impl Command for Rangemap {
    fn name(&self) -> &'static str {
        "rangemap"
    }
    fn summary(&self) -> &'static str {
        "Puts the names of the ranges that a number lies in into the field range"
    }
    fn usage(&self) -> &'static str {
        "rangemap field=<field> [<name>=<from>-<to>]… [default=<name>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[
            OptionDoc {
                name: "field",
                value: "<field>",
                default: "",
                summary: "The field with the number",
            },
            OptionDoc {
                name: "default",
                value: "<name>",
                default: "None",
                summary: "The name for a number in no range",
            },
        ]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | rangemap field=n low=0-30 elevated=31-50 default=severe | table n range",
                input: "{\"n\":7}\n{\"n\":50}\n{\"n\":51}",
                output: "{\"n\":7,\"range\":\"low\"}\n{\"n\":50,\"range\":\"elevated\"}\n{\"n\":51,\"range\":\"severe\"}",
            },
            Example {
                query: "* | rangemap field=n cold=-10-5 mild=0-20 | table range",
                input: "{\"n\":3}\n{\"n\":40}",
                output: "{\"range\":[\"cold\",\"mild\"]}\n{\"range\":\"None\"}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let (mut arguments, options) = Arguments::with_any_options(self, text);
        let (mut field, mut default) = (None, "None".to_owned());
        let mut ranges = Vec::new();
        for option in &options {
            let (name, value) = (option.name.node.as_str(), option.value.node.text.clone());
            match name {
                "field" => field = Some(FieldName::from(value)),
                "default" => default = value,
                _ => match range(option) {
                    Ok(range) => ranges.push(range),
                    Err(error) => arguments.error(error),
                },
            }
        }
        if field.is_none() {
            arguments.missing("field=<field>");
        }
        let field = field.unwrap_or_else(|| "".into());
        arguments.finish(|| {
            Box::new(Mapped {
                field,
                ranges,
                default,
            }) as Box<dyn Stage>
        })
    }
}

/// `low=0-30`; either bound may be negative.
fn range(option: &OptionText) -> Result<(String, f64, f64), Diagnostic> {
    let text = option.value.node.text.trim();
    let dash = text
        .char_indices()
        .skip(1)
        .find(|(_, c)| *c == '-')
        .map(|(at, _)| at);
    let bounds = dash.and_then(|at| {
        let (from, to) = (text.get(..at)?, text.get(at + 1..)?);
        Some((
            from.trim().parse::<f64>().ok()?,
            to.trim().parse::<f64>().ok()?,
        ))
    });
    match bounds {
        Some((from, to)) if from > to => {
            let message = format!("`{text}` begins above its end");
            Err(
                Diagnostic::at(&code::OPTION_VALUE, option.value.span, message)
                    .help("the lower number of a range stands first: -5--1"),
            )
        }
        // The name as typed: options are read in lower case.
        Some((from, to)) => Ok((option.name.node.clone(), from, to)),
        None => {
            let message = format!("`{}` is no range", option.value.node.text);
            Err(
                Diagnostic::at(&code::OPTION_VALUE, option.value.span, message)
                    .help("a range is written 0-30"),
            )
        }
    }
}

/// `rangemap` with its arguments.
#[derive(Debug, Clone)]
struct Mapped {
    field: FieldName,
    ranges: Vec<(String, f64, f64)>,
    default: String,
}

impl Mapped {
    fn name(&self, number: Option<f64>) -> Value {
        let inside =
            |(_, from, to): &&(String, f64, f64)| number.is_some_and(|n| n >= *from && n <= *to);
        let names: Vec<String> = self
            .ranges
            .iter()
            .filter(inside)
            .map(|r| r.0.clone())
            .collect();
        match names.is_empty() {
            true => Value::Text(self.default.clone()),
            false => Value::multi(names),
        }
    }
}

impl Stage for Mapped {
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        demand.remove("range");
        demand.add_exact(&self.field);
        demand
    }
    fn creates(&self) -> Vec<String> {
        vec!["range".to_owned()]
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let mapped = self.clone();
        Ok(streaming(move |mut batch| {
            let own = batch.column(&mapped.field);
            let names = (0..batch.rows()).map(|row| mapped.name(own.number(row)));
            batch.set("range", Column::from_values(names));
            batch
        }))
    }
}
