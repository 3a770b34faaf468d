//! `union`: puts the rows of several searches together.

use super::appended::{After, Appended};
use super::{Command, Example, ParseContext, Stage};
use crate::diagnostic::Diagnostics;
use crate::syntax::{Args, StageText};

/// The command.
pub struct Union;

impl Command for Union {
    fn name(&self) -> &'static str {
        "union"
    }
    fn summary(&self) -> &'static str {
        "Puts the rows of subsearches together, and those that are there when it stands after a pipe"
    }
    fn usage(&self) -> &'static str {
        "union [<subsearch>] [<subsearch>]…"
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "| union [search kind=a] [search kind=b] | stats count by kind",
                input: "{\"kind\":\"a\"}\n{\"kind\":\"b\"}\n{\"kind\":\"c\"}",
                output: "{\"kind\":\"a\",\"count\":1}\n{\"kind\":\"b\",\"count\":1}",
            },
            Example {
                query: "kind=a | union [search kind=b] | stats count",
                input: "{\"kind\":\"a\"}\n{\"kind\":\"b\"}",
                output: "{\"count\":2}",
            },
        ]
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut args = Args::new(text, self.usage());
        let plans = super::appended::several(&mut args, cx);
        let first = cx.leading_pipe && cx.first;
        if plans.len() < if first { 2 } else { 1 } {
            let error = args.missing(if first {
                "two subsearches"
            } else {
                "a subsearch"
            });
            args.report(error);
        }
        let after = if first { After::Alone } else { After::Rows };
        super::appended::finish(
            args,
            Some(Appended {
                plans,
                after,
                most: usize::MAX,
            }),
        )
    }
}
