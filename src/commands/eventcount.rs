//! `eventcount`: how many events the input has.

use super::arguments::Arguments;
use super::{
    BuildContext, Command, Example, Kind, OptionDoc, Ordering, ParseContext, Place, Stage,
};
use crate::data::{Batch, Demand};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Missing, Operator, Summarise, Summarised, Summary};
use crate::syntax::StageText;
use std::sync::Arc;

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
        "eventcount [index=<index>]… [summarize=<bool>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[
            OptionDoc {
                name: "index",
                value: "<index>",
                default: "",
                summary: "Only events of these indexes; a * is a wildcard, and one at the start stands for no _ of an internal index",
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
        let indexes = super::metadata::indexes(&arguments);
        arguments.finish(|| Box::new(Counted { indexes, summed }) as Box<dyn Stage>)
    }
}

/// `eventcount` with its arguments.
#[derive(Debug, Clone)]
struct Counted {
    indexes: Vec<String>,
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
        let by = match self.summed {
            true => Vec::new(),
            false => vec![("index".into(), Missing::Drop)],
        };
        let summary = Summary {
            by,
            distinct: false,
            calls: Arc::new(super::calls::known(&[("count", None)])),
        };
        Ok(Operator::Mergeable(Arc::new(Summarise {
            summary: Arc::new(summary),
            prepare: (!self.indexes.is_empty()).then(|| super::metadata::of_indexes(&self.indexes)),
            tabulate: Arc::new(|summarised| Ok(vec![table(summarised)])),
        })))
    }
}

/// A row an index, or one row without any.
fn table(mut summarised: Summarised) -> Batch {
    let order = summarised.groups.order();
    let mut out = Batch::new(order.len());
    for (at, name) in summarised.by().iter().enumerate() {
        out.set(name.clone(), summarised.groups.column(at, &order));
    }
    for (_, name, column) in summarised.states.finish(summarised.groups.len()) {
        out.set(name.as_str(), column.take(&order));
    }
    out
}
