//! `addcoltotals`: adds a last row with the sum of each column.

use super::arguments::Arguments;
use super::totals::Totals;
use super::{Command, Example, OptionDoc, ParseContext, Stage};
use crate::data::Pattern;
use crate::diagnostic::Diagnostics;
use crate::syntax::StageText;

/// The command.
pub struct Addcoltotals;

impl Command for Addcoltotals {
    fn name(&self) -> &'static str {
        "addcoltotals"
    }
    fn summary(&self) -> &'static str {
        "Adds a last row with the sum of each column's numbers"
    }
    fn usage(&self) -> &'static str {
        "addcoltotals [labelfield=<field>] [label=<text>] [<field>…]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[
            OptionDoc {
                name: "labelfield",
                value: "<field>",
                default: "",
                summary: "The field in which the last row says what it is",
            },
            OptionDoc {
                name: "label",
                value: "<text>",
                default: "Total",
                summary: "What it says",
            },
        ]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | stats count by u | addcoltotals labelfield=u label=ALL",
                input: "{\"u\":\"a\"}\n{\"u\":\"b\"}\n{\"u\":\"a\"}",
                output: "{\"u\":\"a\",\"count\":2}\n{\"u\":\"b\",\"count\":1}\n{\"u\":\"ALL\",\"count\":3}",
            },
            Example {
                query: "* | table a b | addcoltotals a",
                input: "{\"a\":1,\"b\":2}\n{\"a\":3,\"b\":4}",
                output: "{\"a\":1,\"b\":2}\n{\"a\":3,\"b\":4}\n{\"a\":4}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let totals = Totals {
            row: None,
            columns: true,
            label_field: arguments.text("labelfield"),
            label: arguments
                .text("label")
                .unwrap_or_else(|| "Total".to_owned()),
            fields: arguments
                .rest(&[])
                .into_iter()
                .map(|w| Pattern::new(w.text))
                .collect(),
        };
        arguments.finish(|| Box::new(totals) as Box<dyn Stage>)
    }
}
