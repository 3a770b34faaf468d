//! `noop`: passes the rows on: its switches are for a Splunk server's log and optimiser, and change no row.

use super::arguments::Arguments;
use super::passed::Passed;
use super::{Command, Example, ParseContext, Stage};
use crate::diagnostic::Diagnostics;
use crate::syntax::StageText;

/// The command.
pub struct Noop;

impl Command for Noop {
    fn name(&self) -> &'static str {
        "noop"
    }
    fn summary(&self) -> &'static str {
        "Passes the rows on: its switches are for a Splunk server's log and optimiser, and change no row"
    }
    fn usage(&self) -> &'static str {
        "noop [search_optimization[.<name>]=<bool>]… [log_<name>=<level>]… [set_ttl=<span>] [remove_display_only_fields=<bool>]"
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | noop search_optimization=false | table a",
                input: "{\"a\":1}",
                output: "{\"a\":1}",
            },
            Example {
                query: "* | noop log_DEBUG=* | stats count",
                input: "{\"a\":1}\n{\"a\":2}",
                output: "{\"count\":2}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::plain(self, text);
        for word in arguments.rest(&[]) {
            let name = word.text.split('=').next().unwrap_or_default();
            let known = [
                "search_optimization",
                "log_",
                "set_ttl",
                "remove_display_only_fields",
            ];
            let is_switch = known.iter().any(|switch| name.starts_with(switch));
            if !is_switch || !word.text.contains('=') {
                arguments.syntax(word.span, format!("noop has no switch `{}`", word.text));
            }
        }
        arguments.finish(|| Box::new(Passed) as Box<dyn Stage>)
    }
}
