//! `redistribute`: passes the rows on: there are no indexers to share the work among.

use super::arguments::Arguments;
use super::passed::Passed;
use super::{Command, Example, OptionDoc, ParseContext, Stage};
use crate::diagnostic::Diagnostics;
use crate::syntax::StageText;

/// The command.
pub struct Redistribute;

impl Command for Redistribute {
    fn name(&self) -> &'static str {
        "redistribute"
    }
    fn summary(&self) -> &'static str {
        "Passes the rows on: there are no indexers to share the work among"
    }
    fn usage(&self) -> &'static str {
        "redistribute [num_of_reducers=<N>] [by <field>…]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[OptionDoc {
            name: "num_of_reducers",
            value: "<N>",
            default: "4",
            summary: "Has no meaning here: --threads says how many workers there are",
        }]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | redistribute by a | stats count by a",
                input: "{\"a\":1}\n{\"a\":1}",
                output: "{\"a\":1,\"count\":2}",
            },
            Example {
                query: "* | redistribute num_of_reducers=2 | table a",
                input: "{\"a\":1}",
                output: "{\"a\":1}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        arguments.count("num_of_reducers");
        if arguments.takes("by") {
            arguments.rest_of("a field after BY");
        }
        arguments.finish(|| Box::new(Passed) as Box<dyn Stage>)
    }
}
