//! `eventcount`: how many events the input has.

use super::arguments::Arguments;
use super::{
    BuildContext, Command, Example, Kind, OptionDoc, Ordering, ParseContext, Place, Stage,
};
use crate::data::{Batch, Demand, Value};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::functions::WildcardMatcher;
use crate::operators::{Operator, gathered};
use crate::syntax::StageText;
use std::collections::BTreeMap;

/// The command.
pub struct Eventcount;

impl Command for Eventcount {
    fn name(&self) -> &'static str {
        "eventcount"
    }
    fn summary(&self) -> &'static str {
        "Counts the events of the input, in all or by index"
    }
    fn usage(&self) -> &'static str {
        "eventcount [index=<index>] [summarize=<bool>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[
            OptionDoc {
                name: "index",
                value: "<index>",
                default: "*",
                summary: "Only events of this index; a * is a wildcard",
            },
            OptionDoc {
                name: "summarize",
                value: "true|false",
                default: "true",
                summary: "Whether all indexes are one row",
            },
        ]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "| eventcount",
                input: "{\"a\":1}\n{\"a\":2}",
                output: "{\"count\":2}",
            },
            Example {
                query: "| eventcount summarize=false index=w* | table index count",
                input: "{\"index\":\"web\"}\n{\"index\":\"main\"}",
                output: "{\"index\":\"web\",\"count\":1}",
            },
        ]
    }
    fn place(&self) -> Place {
        Place::First
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let refused = [
            ("report_size", "there is no index whose size could be told"),
            ("list_vix", "there are no virtual indexes"),
            ("list_federated_remote", "there are no other servers"),
        ];
        let mut arguments = Arguments::read_refusing(self, text, &refused);
        let summed = arguments.flag("summarize", true);
        let index = arguments.text("index").unwrap_or_else(|| "*".to_owned());
        arguments.finish(|| Box::new(Counted { index, summed }) as Box<dyn Stage>)
    }
}

/// `eventcount` with its arguments.
#[derive(Debug, Clone)]
struct Counted {
    index: String,
    summed: bool,
}

impl Stage for Counted {
    fn kind(&self) -> Kind {
        Kind::Mergeable
    }
    fn ordering(&self) -> Ordering {
        Ordering::Makes
    }
    fn demand(&self, _: &Demand) -> Demand {
        Demand::of(["index"])
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let counted = self.clone();
        let work = move |batches: Vec<Batch>| {
            let matcher = WildcardMatcher::new(&counted.index, false);
            let mut counts: BTreeMap<String, u64> = BTreeMap::new();
            for batch in &batches {
                let index = batch.column("index");
                for name in (0..batch.rows()).filter_map(|row| index.text(row)) {
                    if matcher.matches(&name) {
                        *counts.entry(name.into_owned()).or_insert(0) += 1;
                    }
                }
            }
            let rows: Vec<Vec<(&str, Value)>> = match counted.summed {
                true => vec![vec![(
                    "count",
                    Value::Number(counts.values().sum::<u64>() as f64),
                )]],
                false => counts
                    .into_iter()
                    .map(|(index, count)| {
                        vec![
                            ("index", Value::Text(index)),
                            ("count", Value::Number(count as f64)),
                        ]
                    })
                    .collect(),
            };
            Ok(vec![Batch::from_rows(rows)])
        };
        Ok(gathered(work))
    }
}
