//! `addtotals`: puts the sum of the numbers of each row into a field, and perhaps the sum of each column into a last row.

use super::arguments::Arguments;
use super::totals::Totals;
use super::{Command, Example, OptionDoc, ParseContext, Stage};
use crate::data::Pattern;
use crate::diagnostic::Diagnostics;
use crate::syntax::StageText;

/// The command.
pub struct Addtotals;

impl Command for Addtotals {
    fn name(&self) -> &'static str {
        "addtotals"
    }
    fn summary(&self) -> &'static str {
        "Adds the sum of each row's numbers, and with col=true a last row with the sum of each column"
    }
    fn usage(&self) -> &'static str {
        "addtotals [row=<bool>] [col=<bool>] [fieldname=<name>] [labelfield=<field>] [label=<text>] [<field>…]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[
            OptionDoc {
                name: "row",
                value: "true|false",
                default: "true",
                summary: "Sum each row",
            },
            OptionDoc {
                name: "col",
                value: "true|false",
                default: "false",
                summary: "Sum each column into a last row",
            },
            OptionDoc {
                name: "fieldname",
                value: "<name>",
                default: "Total",
                summary: "Where the sum of a row goes",
            },
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
                query: "* | table host q1 q2 | addtotals",
                input: "{\"host\":\"a\",\"q1\":1,\"q2\":2}",
                output: "{\"host\":\"a\",\"q1\":1,\"q2\":2,\"Total\":3}",
            },
            Example {
                query: "* | table host q1 | addtotals row=f col=t labelfield=host",
                input: "{\"host\":\"a\",\"q1\":1}\n{\"host\":\"b\",\"q1\":2}",
                output: "{\"host\":\"a\",\"q1\":1}\n{\"host\":\"b\",\"q1\":2}\n{\"host\":\"Total\",\"q1\":3}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let name = arguments
            .text("fieldname")
            .unwrap_or_else(|| "Total".to_owned());
        let row = arguments.flag("row", true);
        let columns = arguments.flag("col", false);
        let totals = Totals {
            row: row.then_some(name),
            columns,
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
