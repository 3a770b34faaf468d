//! `metadata`: the hosts, sources or sourcetypes of the input, with their times and counts.

use super::arguments::Arguments;
use super::{
    BuildContext, Command, Example, Kind, OptionDoc, Ordering, ParseContext, Place, Stage,
};
use crate::data::{Batch, Column, Demand, Value};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::functions::WildcardMatcher;
use crate::operators::{Missing, Operator, Prepare, Summarise, Summarised, Summary};
use crate::syntax::StageText;
use std::sync::Arc;

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
        "metadata type=hosts|sources|sourcetypes [index=<index>]… [splunk_server=local|*] [datatype=event]"
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
                default: "",
                summary: "Only events of these indexes; a * is a wildcard, and one at the start stands for no _ of an internal index",
            },
            OptionDoc {
                name: "splunk_server",
                value: "local|*",
                default: "*",
                summary: "Whose events: there is one machine",
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
        let refused = [("splunk_server_group", "there are no servers")];
        let mut arguments = Arguments::read_refusing(self, text, &refused);
        let kind = arguments.choice("type", &["hosts", "sources", "sourcetypes"]);
        arguments.choice("datatype", &["event"]);
        arguments.choice("splunk_server", &["local", "*"]);
        if kind.is_none() && arguments.option("type").is_none() {
            arguments.missing("type=hosts, type=sources or type=sourcetypes");
        }
        let indexes = indexes(&arguments);
        let kind = kind.unwrap_or("hosts");
        arguments.finish(|| Box::new(Listed { kind, indexes }) as Box<dyn Stage>)
    }
}

/// `metadata` with its arguments.
#[derive(Debug, Clone)]
struct Listed {
    kind: &'static str,
    /// Patterns of which an event's index fits one; all do without any.
    indexes: Vec<String>,
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
        let field = self.kind.trim_end_matches('s');
        let calls = [
            ("count", None),
            ("min", Some("_time")),
            ("max", Some("_time")),
        ];
        let summary = Summary {
            by: vec![(field.into(), Missing::Drop)],
            distinct: false,
            calls: Arc::new(super::calls::known(&calls)),
        };
        let kind = self.kind;
        Ok(Operator::Mergeable(Arc::new(Summarise {
            summary: Arc::new(summary),
            prepare: (!self.indexes.is_empty()).then(|| of_indexes(&self.indexes)),
            tabulate: Arc::new(move |summarised| Ok(vec![table(summarised, kind)])),
        })))
    }
}

/// The patterns of all `index=` options.
pub(super) fn indexes(arguments: &Arguments) -> Vec<String> {
    let options = arguments.every("index");
    options
        .map(|option| option.value.node.text.clone())
        .collect()
}

/// Leaves the events whose index fits one of the patterns. `*` at the start of a pattern stands for no `_`, with which
/// the names of internal indexes begin.
pub(super) fn of_indexes(patterns: &[String]) -> Prepare {
    let matchers: Vec<(bool, WildcardMatcher)> = patterns
        .iter()
        .map(|pattern| {
            (
                pattern.starts_with('*'),
                WildcardMatcher::new(pattern, false),
            )
        })
        .collect();
    Arc::new(move |batch| {
        let indexes = batch.column("index");
        let fits = |row: usize| {
            indexes.text(row).is_some_and(|index| {
                matchers.iter().any(|(wild, matcher)| {
                    !(*wild && index.starts_with('_')) && matcher.matches(&index)
                })
            })
        };
        let mask: Vec<bool> = (0..batch.rows()).map(fits).collect();
        *batch = batch.filter(&mask.into());
    })
}

/// A row a value, in the order of their bytes.
fn table(mut summarised: Summarised, kind: &'static str) -> Batch {
    let order = summarised.groups.order();
    let mut columns: Vec<Column> = Vec::new();
    for (_, _, column) in summarised.states.finish(summarised.groups.len()) {
        columns.push(column.take(&order));
    }
    let mut columns = columns.into_iter();
    let mut next = || columns.next().unwrap_or(Column::Null(order.len()));
    let (count, first, last) = (next(), next(), next());
    let mut out = Batch::new(order.len());
    out.set(
        kind.trim_end_matches('s'),
        summarised.groups.column(0, &order),
    );
    out.set("firstTime", first);
    out.set("lastTime", last.clone());
    // An index knows when it took an event last; here that is the event's own time.
    out.set("recentTime", last);
    out.set("totalCount", count);
    out.set("type", Column::constant(&Value::from(kind), order.len()));
    out
}
