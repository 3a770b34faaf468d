//! `savedsearch`: runs a saved query by name.

use super::arguments::Arguments;
use super::{Command, Example, ParseContext, Place, Stage};
use crate::diagnostic::Diagnostics;
use crate::syntax::StageText;

/// The command.
pub struct Savedsearch;

impl Command for Savedsearch {
    fn name(&self) -> &'static str {
        "savedsearch"
    }
    fn summary(&self) -> &'static str {
        "Runs a saved query by its name; $name$ in it stands for a value that is given"
    }
    fn usage(&self) -> &'static str {
        "savedsearch <name> [<name>=<value>]…"
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "| savedsearch by_user who=bob | table user n",
                input: "{\"user\":\"bob\",\"n\":1}\n{\"user\":\"eve\",\"n\":2}",
                output: "{\"user\":\"bob\",\"n\":1}",
            },
            Example {
                query: "| savedsearch by_user who=\"*\" | stats count",
                input: "{\"user\":\"bob\"}\n{\"user\":\"eve\"}",
                output: "{\"count\":2}",
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
        let (mut arguments, options) = Arguments::with_any_options(self, text);
        let pairs: Vec<(String, String)> = options
            .into_iter()
            .map(|option| (option.name.node, option.value.node.text))
            .collect();
        let name = arguments.only("the name of a saved query");
        let plan = name.map(|word| super::sourced::saved(&word, &pairs, cx));
        super::sourced::finish(arguments, plan)
    }
}
