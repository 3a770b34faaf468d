//! `addinfo`: gives each row the facts of the search: its time range, its id and when it ran.

use super::arguments::Arguments;
use super::{BuildContext, Command, Example, ParseContext, Stage};
use crate::data::time::Timestamp;
use crate::data::{Column, Context, Demand, Value};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Operator, streaming};
use crate::syntax::StageText;

/// The command.
pub struct Addinfo;

impl Command for Addinfo {
    fn name(&self) -> &'static str {
        "addinfo"
    }
    fn summary(&self) -> &'static str {
        "Adds info_min_time, info_max_time, info_sid and info_search_time: the search's time range, id and start"
    }
    fn usage(&self) -> &'static str {
        "addinfo"
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | addinfo | table id info_min_time info_max_time",
                input: "{\"id\":1}",
                output: "{\"id\":1,\"info_min_time\":\"0.000\",\"info_max_time\":\"+Infinity\"}",
            },
            Example {
                query: "* | addinfo | rename info_max_time as until | fields id, until",
                input: "{\"id\":1}",
                output: "{\"id\":1,\"until\":\"+Infinity\"}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        Arguments::read(self, text).finish(|| Box::new(Informed) as Box<dyn Stage>)
    }
}

const FIELDS: [&str; 4] = [
    "info_min_time",
    "info_max_time",
    "info_sid",
    "info_search_time",
];

/// The fields with their values.
pub(super) fn facts(context: &Context) -> [(&'static str, String); 4] {
    let time = |time: Timestamp| format!("{:.3}", time.seconds());
    let now = time(context.now);
    let values = [
        context.earliest.map_or_else(|| "0.000".to_owned(), time),
        context.latest.map_or_else(|| "+Infinity".to_owned(), time),
        // No server numbers searches here: the time of the start tells runs apart.
        now.clone(),
        now,
    ];
    let mut values = values.into_iter();
    FIELDS.map(|name| (name, values.next().unwrap_or_default()))
}

/// `addinfo`.
#[derive(Debug)]
struct Informed;

impl Stage for Informed {
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        for name in FIELDS {
            demand.remove(name);
        }
        demand
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let facts: Vec<(&str, Value)> = facts(cx.context)
            .into_iter()
            .filter(|(name, _)| cx.wanted.wants(name))
            .map(|(name, text)| (name, Value::Text(text)))
            .collect();
        Ok(streaming(move |mut batch| {
            for (name, value) in &facts {
                batch.set(*name, Column::constant(value, batch.rows()));
            }
            batch
        }))
    }
}
