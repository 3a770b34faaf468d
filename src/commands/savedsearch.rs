//! `savedsearch`: runs a saved query by name.

use super::arguments::Arguments;
use super::{Command, Example, OptionDoc, ParseContext, Place, Stage};
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
        "savedsearch <name> [nosubstitution=<bool>] [<name>=<value>]…"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[OptionDoc {
            name: "nosubstitution",
            value: "true|false",
            default: "false",
            summary: "Whether $name$ in the query stays as it is, whatever values are given",
        }]
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
        let mut pairs: Vec<(String, String)> = Vec::new();
        let mut replaces = true;
        for option in options {
            if option.name.node.eq_ignore_ascii_case("nosubstitution") {
                match option.boolean() {
                    Ok(none) => replaces = !none,
                    Err(errors) => errors.into_iter().for_each(|e| arguments.error(e)),
                }
            } else {
                pairs.push((option.name.node, option.value.node.text));
            }
        }
        if !replaces {
            pairs.clear();
        }
        let name = arguments.only("the name of a saved query");
        let plan = name.map(|word| super::sourced::saved(&word, &pairs, cx));
        super::sourced::finish(arguments, plan)
    }
}
