//! `rare`: takes fields, gives their least frequent combinations of values, with counts and percentages.

use super::arguments::Arguments;
use super::{Command, Example, OptionDoc, ParseContext, Stage, frequency};
use crate::diagnostic::Diagnostics;
use crate::syntax::StageText;

/// The command.
pub struct Rare;

impl Command for Rare {
    fn name(&self) -> &'static str {
        "rare"
    }
    fn summary(&self) -> &'static str {
        "Lists the least frequent values of fields, with their counts and percentages"
    }
    fn usage(&self) -> &'static str {
        "rare [<N>|limit=<N>] [showcount=<bool>] [showperc=<bool>] [countfield=<name>] [percentfield=<name>] \
         [useother=<bool>] [otherstr=<text>] <field>… [BY <field>…]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        frequency::OPTIONS
    }
    fn examples(&self) -> &'static [Example] {
        EXAMPLES
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        frequency::read(Arguments::read(self, text), true)
    }
}

static EXAMPLES: &[Example] = &[
    Example {
        query: "* | rare verb",
        input: "{\"verb\":\"get\"}\n{\"verb\":\"list\"}\n{\"verb\":\"list\"}\n{\"verb\":\"list\"}",
        output: "{\"verb\":\"get\",\"count\":1,\"percent\":\"25.000000\"}\n{\"verb\":\"list\",\"count\":3,\"percent\":\"75.000000\"}",
    },
    Example {
        query: "* | rare limit=1 showperc=f code by user",
        input: "{\"user\":\"al\",\"code\":1}\n{\"user\":\"al\",\"code\":1}\n{\"user\":\"al\",\"code\":3}\n{\"user\":\"bo\",\"code\":2}",
        output: "{\"user\":\"al\",\"code\":3,\"count\":1}\n{\"user\":\"bo\",\"code\":2,\"count\":1}",
    },
];
