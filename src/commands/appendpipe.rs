//! `appendpipe`: adds what a pipeline makes of the rows after the rows themselves.

use super::appended::{After, Appended};
use super::{Command, Example, Limits, OptionDoc, ParseContext, Stage};
use crate::diagnostic::Diagnostics;
use crate::syntax::{Args, StageText};

/// The command.
pub struct Appendpipe;

impl Command for Appendpipe {
    fn name(&self) -> &'static str {
        "appendpipe"
    }
    fn summary(&self) -> &'static str {
        "Adds what a pipeline makes of the rows after the rows themselves"
    }
    fn usage(&self) -> &'static str {
        "appendpipe [run_in_preview=<bool>] [<pipeline>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[OptionDoc {
            name: "run_in_preview",
            value: "true|false",
            default: "true",
            summary: "Has no meaning here: there are no previews",
        }]
    }
    fn nests(&self) -> bool {
        true
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | table u n | appendpipe [stats sum(n) as n | eval u=\"all\"]",
                input: "{\"u\":\"a\",\"n\":1}\n{\"u\":\"b\",\"n\":2}",
                output: "{\"u\":\"a\",\"n\":1}\n{\"u\":\"b\",\"n\":2}\n{\"u\":\"all\",\"n\":3}",
            },
            Example {
                query: "nothing=here | stats count by u | appendpipe [stats count | where count=0]",
                input: "{\"u\":\"a\"}",
                output: "{\"count\":0}",
            },
        ]
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut args = Args::new(text, self.usage());
        let options = args.options(&["run_in_preview"]);
        let preview = options.boolean("run_in_preview", true);
        args.or_report(preview, true);
        let plan = super::appended::required(&mut args, cx);
        let stage = plan.map(|plan| Appended {
            extends: false,
            plans: vec![plan],
            after: After::Pipe,
            free: 0,
            limits: Limits::NONE,
        });
        super::appended::finish(args, stage)
    }
}
