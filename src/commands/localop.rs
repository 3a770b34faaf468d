//! `localop`: passes the rows on: all commands run in one place here.

use super::arguments::Arguments;
use super::passed::Passed;
use super::{Command, Example, ParseContext, Stage};
use crate::diagnostic::Diagnostics;
use crate::syntax::StageText;

/// The command.
pub struct Localop;

impl Command for Localop {
    fn name(&self) -> &'static str {
        "localop"
    }
    fn summary(&self) -> &'static str {
        "Passes the rows on: all commands run in one place here"
    }
    fn usage(&self) -> &'static str {
        "localop"
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | localop | table a",
                input: "{\"a\":1}",
                output: "{\"a\":1}",
            },
            Example {
                query: "* | localop | stats count",
                input: "{\"a\":1}\n{\"a\":2}",
                output: "{\"count\":2}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        Arguments::read(self, text).finish(|| Box::new(Passed) as Box<dyn Stage>)
    }
}
