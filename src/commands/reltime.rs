//! `reltime`: how long ago an event was, in words.

use super::arguments::Arguments;
use super::{BuildContext, Command, Example, Kind, Ordering, ParseContext, Stage};
use crate::data::{Column, Demand, Value};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Operator, streaming};
use crate::syntax::StageText;

/// The command.
pub struct Reltime;

impl Command for Reltime {
    fn name(&self) -> &'static str {
        "reltime"
    }
    fn summary(&self) -> &'static str {
        "Puts into reltime how long ago the event was, in words"
    }
    fn usage(&self) -> &'static str {
        "reltime"
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | reltime | table reltime",
                input: "{\"_time\":1699999880}\n{\"_time\":1699990000}",
                output: "{\"reltime\":\"2 minutes ago\"}\n{\"reltime\":\"2 hours ago\"}",
            },
            Example {
                query: "* | reltime | table n reltime",
                input: "{\"n\":1}",
                output: "{\"n\":1}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let arguments = Arguments::read(self, text);
        arguments.finish(|| Box::new(Told) as Box<dyn Stage>)
    }
}

/// `reltime`.
#[derive(Debug)]
struct Told;

impl Stage for Told {
    fn kind(&self) -> Kind {
        Kind::Streaming
    }
    fn ordering(&self) -> Ordering {
        Ordering::Keeps
    }
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        demand.remove("reltime");
        demand.add_exact("_time");
        demand
    }
    fn creates(&self) -> Vec<String> {
        vec!["reltime".to_owned()]
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let now = cx.context.now.seconds();
        Ok(streaming(move |mut batch| {
            let time = batch.column("_time");
            let words = (0..batch.rows()).map(|row| {
                time.number(row)
                    .map_or(Value::Null, |t| Value::Text(words(now - t)))
            });
            let column = Column::from_values(words);
            batch.set("reltime", column);
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
