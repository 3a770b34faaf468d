//! `metadata`: the hosts, sources or sourcetypes of the input, with their times and counts.

use super::arguments::Arguments;
use super::{
    BuildContext, Command, Example, Kind, OptionDoc, Ordering, ParseContext, Place, Stage,
};
use crate::data::{Batch, Column, Demand, Value};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::functions::WildcardMatcher;
use crate::operators::{Operator, gathered};
use crate::syntax::StageText;
use indexmap::IndexMap;

/// The command.
pub struct Metadata;

impl Command for Metadata {
    fn name(&self) -> &'static str {
        "metadata"
    }
    fn summary(&self) -> &'static str {
        "Lists the hosts, sources or sourcetypes of the input with their first and last times and counts"
    }
    fn usage(&self) -> &'static str {
        "metadata type=hosts|sources|sourcetypes [index=<index>]… [datatype=event]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[
            OptionDoc {
                name: "type",
                value: "hosts|sources|sourcetypes",
                default: "",
                summary: "What is listed",
            },
            OptionDoc {
                name: "index",
                value: "<index>",
                default: "*",
                summary: "Only events of this index; a * is a wildcard",
            },
            OptionDoc {
                name: "datatype",
                value: "event",
                default: "event",
                summary: "Which data: there are only events",
            },
        ]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "| metadata type=hosts | table host totalCount firstTime lastTime",
                input: "{\"host\":\"h1\",\"_time\":1}\n{\"host\":\"h2\",\"_time\":2}\n{\"host\":\"h1\",\"_time\":3}",
                output: "{\"host\":\"h1\",\"totalCount\":2,\"firstTime\":1,\"lastTime\":3}\n{\"host\":\"h2\",\"totalCount\":1,\"firstTime\":2,\"lastTime\":2}",
            },
            Example {
                query: "| metadata type=sourcetypes index=main | table sourcetype type totalCount",
                input: "{\"a\":1}",
                output: "{\"sourcetype\":\"_json\",\"type\":\"sourcetypes\",\"totalCount\":1}",
            },
        ]
    }
    fn place(&self) -> Place {
        Place::First
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let refused = [
            ("splunk_server", "there are no servers"),
            ("splunk_server_group", "there are no servers"),
        ];
        let mut arguments = Arguments::read_refusing(self, text, &refused);
        let kind = arguments.choice("type", &["hosts", "sources", "sourcetypes"]);
        arguments.choice("datatype", &["event"]);
        if kind.is_none() && arguments.option("type").is_none() {
            arguments.missing("type=hosts, type=sources or type=sourcetypes");
        }
        let index = arguments.text("index");
        let kind = kind.unwrap_or("hosts");
        arguments.finish(|| Box::new(Listed { kind, index }) as Box<dyn Stage>)
    }
}

/// `metadata` with its arguments.
#[derive(Debug, Clone)]
struct Listed {
    kind: &'static str,
    index: Option<String>,
}

impl Stage for Listed {
    fn kind(&self) -> Kind {
        Kind::Mergeable
    }
    fn ordering(&self) -> Ordering {
        Ordering::Makes
    }
    fn demand(&self, _: &Demand) -> Demand {
        Demand::of([self.kind.trim_end_matches('s'), "_time", "index"])
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let listed = self.clone();
        let work = move |batches: Vec<Batch>| Ok(vec![listed.rows(&batches)]);
        Ok(gathered(work))
    }
}

impl Listed {
    fn rows(&self, batches: &[Batch]) -> Batch {
        let field = self.kind.trim_end_matches('s');
        let index = self
            .index
            .as_ref()
            .map(|text| WildcardMatcher::new(text, false));
        // First, last, count.
        let mut found: IndexMap<String, (f64, f64, u64)> = IndexMap::new();
        for batch in batches {
            let (own, time, indexes) = (
                batch.column(field),
                batch.column("_time"),
                batch.column("index"),
            );
            for row in 0..batch.rows() {
                let Some(value) = own.text(row) else { continue };
                let of_index =
                    |m: &WildcardMatcher| indexes.text(row).is_some_and(|i| m.matches(&i));
                if index.as_ref().is_some_and(|m| !of_index(m)) {
                    continue;
                }
                let entry = found.entry(value.into_owned()).or_insert((
                    f64::INFINITY,
                    f64::NEG_INFINITY,
                    0,
                ));
                entry.2 += 1;
                if let Some(time) = time.number(row) {
                    entry.0 = entry.0.min(time);
                    entry.1 = entry.1.max(time);
                }
            }
        }
        found.sort_keys();
        let mut out = Batch::new(found.len());
        let number = |n: f64| {
            if n.is_finite() {
                Value::Number(n)
            } else {
                Value::Null
            }
        };
        out.set(
            field,
            Column::from_values(found.keys().map(|k| Value::from(k.as_str()))),
        );
        out.set(
            "firstTime",
            Column::from_values(found.values().map(|v| number(v.0))),
        );
        out.set(
            "lastTime",
            Column::from_values(found.values().map(|v| number(v.1))),
        );
        // An index knows when it took an event last; here that is the event's own time.
        out.set(
            "recentTime",
            Column::from_values(found.values().map(|v| number(v.1))),
        );
        out.set(
            "totalCount",
            Column::from_values(found.values().map(|v| Value::Number(v.2 as f64))),
        );
        out.set(
            "type",
            Column::constant(&Value::from(self.kind), found.len()),
        );
        out
    }
}
