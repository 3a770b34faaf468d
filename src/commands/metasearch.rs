//! `metasearch`: searches the metadata of events, and gives only it.

use super::{BuildContext, Command, Example, Kind, Ordering, ParseContext, Place, Pushdown, Stage};
use crate::data::{Batch, Column, Demand, Value};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Operator, try_streaming};
use crate::syntax::StageText;

/// What is taken of an event; `splunk_server` comes to it.
const FIELDS: [&str; 5] = ["host", "index", "source", "sourcetype", "_time"];

/// The command.
pub struct Metasearch;

impl Command for Metasearch {
    fn name(&self) -> &'static str {
        "metasearch"
    }
    fn summary(&self) -> &'static str {
        "Searches events and gives only their metadata: host, index, source, sourcetype, splunk_server and time"
    }
    fn usage(&self) -> &'static str {
        "metasearch [<search>]"
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "| metasearch sourcetype=_json | stats count by index",
                input: "{\"a\":1}\n{\"a\":2}",
                output: "{\"index\":\"main\",\"count\":2}",
            },
            Example {
                query: "| metasearch host=h1 | table host a",
                input: "{\"host\":\"h1\",\"a\":1}\n{\"host\":\"h2\"}",
                output: "{\"host\":\"h1\"}",
            },
        ]
    }
    fn place(&self) -> Place {
        Place::First
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        let inner = super::search::Search.parse(text, cx)?;
        Ok(Box::new(Searched(inner)))
    }
}

/// A search whose events are cut down.
#[derive(Debug)]
struct Searched(Box<dyn Stage>);

impl Stage for Searched {
    fn kind(&self) -> Kind {
        self.0.kind()
    }
    fn ordering(&self) -> Ordering {
        self.0.ordering()
    }
    fn demand(&self, _: &Demand) -> Demand {
        self.0.demand(&Demand::of(FIELDS))
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let cut = |mut batch: Batch| {
            batch.retain(|name| FIELDS.contains(&name));
            let here = Column::constant(&Value::from("local"), batch.rows());
            batch.set("splunk_server", here);
            batch
        };
        Ok(match self.0.operator(cx)? {
            Operator::Streaming(inner) => try_streaming(move |batch| inner.apply(batch).map(cut)),
            other => other,
        })
    }
    fn pushdown(&self) -> Option<Pushdown> {
        None
    }
}
