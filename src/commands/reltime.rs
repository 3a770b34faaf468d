//! `reltime`: how long ago an event was, or the time in a field, in words.

use super::arguments::Arguments;
use super::{BuildContext, Command, Example, OptionDoc, ParseContext, Stage};
use crate::data::{Column, Demand, FieldName, Value};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::operators::{Operator, streaming};
use crate::syntax::StageText;

/// The command.
pub struct Reltime;

const OPTIONS: &[OptionDoc] = &[
    OptionDoc {
        name: "timefield",
        value: "<field>|\"<field>, …\"",
        default: "_time",
        summary: "The fields with the times; several are told in fields of their own",
    },
    OptionDoc {
        name: "prefix",
        value: "<text>",
        default: "reltime_ for several fields",
        summary: "What stands before the names of the fields with the times; without it the one new field is reltime",
    },
];

impl Command for Reltime {
    fn name(&self) -> &'static str {
        "reltime"
    }
    fn summary(&self) -> &'static str {
        "Puts into reltime how long ago the event was, or the time in a field, in words"
    }
    fn usage(&self) -> &'static str {
        "reltime [timefield=<field>|timefield=\"<field>, …\"] [prefix=<text>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        OPTIONS
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | reltime | table reltime",
                input: "{\"_time\":1699999880}\n{\"_time\":1699990000}",
                output: "{\"reltime\":\"2 minutes ago\"}\n{\"reltime\":\"2 hours ago\"}",
            },
            Example {
                query: "* | reltime timefield=\"seen,made\" | table reltime_*",
                input: "{\"seen\":1699999880,\"made\":1699990000}",
                output: "{\"reltime_seen\":\"2 minutes ago\",\"reltime_made\":\"2 hours ago\"}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let prefix = arguments.text("prefix");
        let named = arguments.text("timefield");
        let fields: Vec<&str> = named.as_deref().map_or(vec!["_time"], |named| {
            let names = named.split(',').map(str::trim);
            names.filter(|name| !name.is_empty()).collect()
        });
        if fields.is_empty() {
            let message = "timefield names no field";
            arguments.error(Diagnostic::at(&code::OPTION_VALUE, text.span(), message));
        }
        let several = fields.len() > 1;
        let told = fields.into_iter().map(|field| {
            let name = match &prefix {
                Some(prefix) => format!("{prefix}{field}"),
                None if several => format!("reltime_{field}"),
                None => "reltime".to_owned(),
            };
            (field.into(), name.as_str().into())
        });
        let told = told.collect();
        arguments.finish(|| Box::new(Told(told)) as Box<dyn Stage>)
    }
}

/// `reltime`: the fields with times, each with the one that the words are put into.
#[derive(Debug)]
struct Told(Vec<(FieldName, FieldName)>);

impl Stage for Told {
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        for (_, name) in &self.0 {
            demand.remove(name);
        }
        for (field, _) in &self.0 {
            demand.add_exact(field);
        }
        demand
    }
    fn creates(&self) -> Vec<String> {
        self.0.iter().map(|(_, name)| name.to_string()).collect()
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let now = cx.context.now.seconds();
        let told = self.0.clone();
        Ok(streaming(move |mut batch| {
            let columns: Vec<Column> = told.iter().map(|(field, _)| batch.column(field)).collect();
            for ((_, name), time) in told.iter().zip(columns) {
                let words = (0..batch.rows()).map(|row| {
                    time.number(row)
                        .map_or(Value::Null, |t| Value::Text(words(now - t)))
                });
                batch.set(name.clone(), Column::from_values(words));
            }
            batch
        }))
    }
}

/// `2 minutes ago`, in the largest unit of which there is one at least.
fn words(seconds: f64) -> String {
    let ago = if seconds < 0.0 { "from now" } else { "ago" };
    let seconds = seconds.abs();
    let units = [
        (365.0 * 86400.0, "year"),
        (30.0 * 86400.0, "month"),
        (86400.0, "day"),
        (3600.0, "hour"),
        (60.0, "minute"),
        (1.0, "second"),
    ];
    match units.iter().find(|(length, _)| seconds >= *length) {
        Some((length, unit)) => {
            let count = (seconds / length).floor();
            let plural = if count == 1.0 { "" } else { "s" };
            format!("{count} {unit}{plural} {ago}")
        }
        None => "now".to_owned(),
    }
}
