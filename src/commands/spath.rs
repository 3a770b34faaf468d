//! `spath`: takes JSON or XML texts, gives their members as fields.

mod members;

use super::{BuildContext, Command, Example, OptionDoc, ParseContext, Stage};
use crate::data::{Batch, Column, Demand, FieldName, Value};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::functions::{self, Program, xml};
use crate::operators::{Operator, try_streaming};
use crate::syntax::{Args, Expr, ExprKind, Spanned, StageText};
use indexmap::IndexMap;

/// The command.
pub struct Spath;

impl Command for Spath {
    fn name(&self) -> &'static str {
        "spath"
    }
    fn summary(&self) -> &'static str {
        "Extracts members of a JSON or XML text: one by its path, or all of them"
    }
    fn usage(&self) -> &'static str {
        "spath [input=<field>] [output=<field>] [[path=]<path>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[
            OptionDoc {
                name: "input",
                value: "<field>",
                default: "_raw",
                summary: "The field that holds the JSON or XML text",
            },
            OptionDoc {
                name: "output",
                value: "<field>",
                default: "the path",
                summary: "The field that the value goes to",
            },
            OptionDoc {
                name: "path",
                value: "<path>",
                default: "",
                summary: "Where the value is: a.b, list{}.x, list{0} from 0 in JSON, and a.b, item{1} from 1, item{@attribute} in XML; without it all members of the first 5000 characters become fields",
            },
        ]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | spath input=p path=a.b | table a.b",
                input: "{\"p\":\"{\\\"a\\\":{\\\"b\\\":7}}\"}",
                output: "{\"a.b\":7}",
            },
            Example {
                query: "* | spath input=p | table a.b c{}",
                input: "{\"p\":\"{\\\"a\\\":{\\\"b\\\":7},\\\"c\\\":[1,2]}\"}",
                output: "{\"a.b\":7,\"c{}\":[\"1\",\"2\"]}",
            },
            Example {
                query: "* | spath input=p output=id path=set.item{@id} | table id",
                input: "{\"p\":\"<set><item id='1'>x</item><item id='2'>y</item></set>\"}",
                output: "{\"id\":[\"1\",\"2\"]}",
            },
        ]
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut args = Args::new(text, self.usage());
        let options = args.options(&["input", "output", "path"]);
        let option = options.get("path");
        let path = match option {
            Some(option) => Some((option.value.node.text.clone(), option.value.span)),
            None => args.word().map(|word| (word.node.text, word.span)),
        };
        if let Some((path, span)) = &path
            && !functions::is_spath(path)
        {
            let message =
                format!("`{path}` is no path: its braces hold neither a number nor @ and a name");
            let error = Diagnostic::at(&code::FIELD_NAME, *span, message);
            args.report(error.help("a path is written a.b, list{}.x, list{0}, item{@attribute}"));
        }
        let path = path.map(|(path, _)| path);
        let input = options.text("input").unwrap_or("_raw").to_owned();
        let output = options.text("output").map(str::to_owned);
        if path.is_none() && output.is_some() {
            let error = args.missing("a path for output=");
            args.report(error);
        }
        args.finish()?;
        let one = match &path {
            Some(path) => {
                let span = text.arguments.span;
                let part = |kind| Expr { kind, span };
                let arguments = vec![
                    part(ExprKind::Field(input.clone())),
                    part(ExprKind::Text(path.clone())),
                ];
                let call = ExprKind::Call(Spanned::new("spath".to_owned(), span), arguments);
                let program = functions::compile(&part(call), cx.context)?;
                Some((
                    output.unwrap_or_else(|| path.clone()).as_str().into(),
                    program,
                ))
            }
            None => None,
        };
        Ok(Box::new(Extracted {
            input: input.as_str().into(),
            one,
        }))
    }
}

/// `spath` with its arguments.
#[derive(Debug, Clone)]
struct Extracted {
    input: FieldName,
    /// The one value wanted, and where it goes; else all members.
    one: Option<(FieldName, Program)>,
}

/// Characters of a text from which all members are taken; with a path there is no limit.
const CUTOFF: usize = 5000;

/// The start of a text that members are taken from.
fn start(text: &str) -> &str {
    let end = text.char_indices().nth(CUTOFF);
    end.and_then(|(at, _)| text.get(..at)).unwrap_or(text)
}

/// Sets the members of each row's JSON or XML; rows without either keep what they have.
fn extract(batch: &mut Batch, input: &str) {
    let source = batch.column(input);
    let mut fields: IndexMap<String, Vec<(usize, Value)>> = IndexMap::new();
    for row in 0..batch.rows() {
        let Some(text) = source.text(row) else {
            continue;
        };
        let text = start(&text);
        let found = match xml::looks_like(text) {
            true => xml::members(text),
            false => members::members(text),
        };
        for (name, values) in found {
            fields
                .entry(name)
                .or_default()
                .push((row, Value::multi(values)));
        }
    }
    batch.finding();
    for (name, values) in fields {
        let old = batch.column(&name);
        let mut column: Vec<Value> = (0..batch.rows()).map(|row| old.value(row)).collect();
        for (row, value) in values {
            if let Some(cell) = column.get_mut(row) {
                *cell = value;
            }
        }
        batch.set(name, Column::from_values(column));
    }
}

impl Stage for Extracted {
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        if let Some((output, _)) = &self.one {
            demand.remove(output);
        }
        demand.add(&self.input);
        demand
    }
    fn creates(&self) -> Vec<String> {
        self.one
            .iter()
            .map(|(output, _)| output.to_string())
            .collect()
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let extracted = self.clone();
        Ok(try_streaming(move |mut batch| {
            match &extracted.one {
                Some((output, program)) => {
                    let column = program.evaluate(&batch)?;
                    batch.set(output.clone(), column);
                }
                None => extract(&mut batch, &extracted.input),
            }
            Ok(batch)
        }))
    }
}
