//! `concurrency`: how many events go on when each one starts.

use super::arguments::Arguments;
use super::{BuildContext, Command, Example, Kind, OptionDoc, ParseContext, Stage};
use crate::data::{Batch, ColumnBuilder, Demand, FieldName};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Operator, gathered};
use crate::syntax::StageText;

/// The command.
pub struct Concurrency;

impl Command for Concurrency {
    fn name(&self) -> &'static str {
        "concurrency"
    }
    fn summary(&self) -> &'static str {
        "Counts how many events go on when each one starts, itself included"
    }
    fn usage(&self) -> &'static str {
        "concurrency duration=<field> [start=<field>] [output=<field>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[
            OptionDoc {
                name: "duration",
                value: "<field>",
                default: "",
                summary: "The field with the length of the event",
            },
            OptionDoc {
                name: "start",
                value: "<field>",
                default: "_time",
                summary: "The field with its start",
            },
            OptionDoc {
                name: "output",
                value: "<field>",
                default: "concurrency",
                summary: "The field that takes the count",
            },
        ]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | concurrency duration=d | table _time concurrency",
                input: "{\"_time\":3,\"d\":1}\n{\"_time\":2,\"d\":5}\n{\"_time\":1,\"d\":1}",
                output: "{\"_time\":3,\"concurrency\":2}\n{\"_time\":2,\"concurrency\":1}\n{\"_time\":1,\"concurrency\":1}",
            },
            Example {
                query: "* | sort s | concurrency start=s duration=d output=c | table s c",
                input: "{\"s\":1,\"d\":10}\n{\"s\":2,\"d\":1}",
                output: "{\"s\":1,\"c\":1}\n{\"s\":2,\"c\":2}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        if arguments.option("duration").is_none() {
            arguments.missing("duration=<field>");
        }
        let name = |option: &str, default: &str| -> FieldName {
            arguments
                .text(option)
                .unwrap_or_else(|| default.to_owned())
                .into()
        };
        let counted = Counted {
            duration: name("duration", ""),
            start: name("start", "_time"),
            output: name("output", "concurrency"),
        };
        arguments.finish(|| Box::new(counted) as Box<dyn Stage>)
    }
}

/// `concurrency` with its arguments.
#[derive(Debug, Clone)]
struct Counted {
    duration: FieldName,
    start: FieldName,
    output: FieldName,
}

impl Counted {
    fn apply(&self, mut batches: Vec<Batch>) -> Vec<Batch> {
        let spans = |batch: &Batch| -> Vec<Option<(f64, f64)>> {
            let (start, duration) = (batch.column(&self.start), batch.column(&self.duration));
            let span = |row| {
                Some((
                    start.number(row)?,
                    start.number(row)? + duration.number(row)?,
                ))
            };
            (0..batch.rows()).map(span).collect()
        };
        let all: Vec<(f64, f64)> = batches.iter().flat_map(&spans).flatten().collect();
        let (mut starts, mut ends): (Vec<f64>, Vec<f64>) = all.into_iter().unzip();
        starts.sort_by(f64::total_cmp);
        ends.sort_by(f64::total_cmp);
        for batch in &mut batches {
            let mut column = ColumnBuilder::default();
            for span in spans(batch) {
                match span {
                    Some((start, _)) => {
                        let begun = starts.partition_point(|s| *s <= start);
                        let over = ends.partition_point(|e| *e <= start);
                        // An event without length is over when it starts, and yet it goes on then.
                        column.push_number((begun.saturating_sub(over)).max(1) as f64);
                    }
                    None => column.push_null(),
                }
            }
            batch.set(self.output.clone(), column.finish());
        }
        batches
    }
}

impl Stage for Counted {
    fn kind(&self) -> Kind {
        Kind::Mergeable
    }
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        demand.remove(&self.output);
        demand.add_exact(&self.duration);
        demand.add_exact(&self.start);
        demand
    }
    fn creates(&self) -> Vec<String> {
        vec![self.output.to_string()]
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let counted = self.clone();
        let work = move |batches: Vec<Batch>| Ok(counted.apply(batches));
        Ok(gathered(work))
    }
}
