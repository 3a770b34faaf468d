//! `append`: adds the rows of a subsearch after the rows.

use super::appended::{After, Appended};
use super::{Command, Example, OptionDoc, ParseContext, Stage};
use crate::diagnostic::Diagnostics;
use crate::syntax::{Args, StageText};

/// The command.
pub struct Append;

impl Command for Append {
    fn name(&self) -> &'static str {
        "append"
    }
    fn summary(&self) -> &'static str {
        "Adds the rows of a subsearch after the rows that are there"
    }
    fn usage(&self) -> &'static str {
        "append [maxout=<N>] [<subsearch>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[OptionDoc {
            name: "maxout",
            value: "<N>",
            default: "10000",
            summary: "Rows of the subsearch at most",
        }]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "kind=a | table n | append [search kind=b | table n]",
                input: "{\"kind\":\"a\",\"n\":1}\n{\"kind\":\"b\",\"n\":2}",
                output: "{\"n\":1}\n{\"n\":2}",
            },
            Example {
                query: "* | stats count as n | append [| makeresults | eval n=9 | table n]",
                input: "{\"a\":1}",
                output: "{\"n\":1}\n{\"n\":9}",
            },
        ]
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut args = Args::new(text, self.usage());
        let options = args.options(&["maxout"]);
        let most = options.count("maxout", 10_000);
        let most = args.or_report(most, 10_000);
        let plan = super::appended::required(&mut args, cx);
        let stage = plan.map(|plan| Appended {
            plans: vec![plan],
            after: After::Rows,
            most,
        });
        super::appended::finish(args, stage)
    }
}
