//! `appendcols`: adds the columns of a subsearch, first row to first row.

use super::appended::{After, Appended, MAXOUT, MAXTIME, TIMEOUT};
use super::{Command, Example, OptionDoc, ParseContext, Stage};
use crate::diagnostic::Diagnostics;
use crate::syntax::{Args, StageText};

/// The command.
pub struct Appendcols;

impl Command for Appendcols {
    fn name(&self) -> &'static str {
        "appendcols"
    }
    fn summary(&self) -> &'static str {
        "Adds the columns of a subsearch: its first row to the first row, its second to the second"
    }
    fn usage(&self) -> &'static str {
        "appendcols [override=<bool>] [maxtime=<seconds>] [maxout=<N>] [timeout=<seconds>] [<subsearch>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[
            OptionDoc {
                name: "override",
                value: "true|false",
                default: "false",
                summary: "Whether the subsearch's values replace those that are there",
            },
            MAXTIME,
            MAXOUT,
            TIMEOUT,
        ]
    }
    fn nests(&self) -> bool {
        true
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "kind=a | stats count as a | appendcols [search kind=b | stats count as b]",
                input: "{\"kind\":\"a\"}\n{\"kind\":\"b\"}\n{\"kind\":\"b\"}",
                output: "{\"a\":1,\"b\":2}",
            },
            Example {
                query: "kind=a | table n | appendcols override=true [search kind=b | table n]",
                input: "{\"kind\":\"a\",\"n\":1}\n{\"kind\":\"b\",\"n\":2}",
                output: "{\"n\":2}",
            },
        ]
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut args = Args::new(text, self.usage());
        let options = args.options(&["override", "maxtime", "maxout", "timeout"]);
        let limits = super::appended::limits(&mut args, &options, &["maxtime", "timeout"]);
        let replace = options.boolean("override", false);
        let replace = args.or_report(replace, false);
        let plan = super::appended::required(&mut args, cx);
        let stage = plan.map(|plan| Appended {
            extends: false,
            plans: vec![plan],
            after: After::Columns { replace },
            free: 0,
            limits,
        });
        super::appended::finish(args, stage)
    }
}
