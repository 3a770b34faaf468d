//! `append`: adds the rows of a subsearch after the rows.

use super::appended::{After, Appended, MAXOUT, MAXTIME, TIMEOUT};
use super::{Command, Example, OptionDoc, ParseContext, Stage};
use crate::diagnostic::Diagnostics;
use crate::syntax::{Args, StageText};

/// The command.
pub struct Append;

const OPTIONS: &[OptionDoc] = &[
    OptionDoc::new(
        "extendtimerange",
        "true|false",
        "false",
        "Whether the time range of the subsearch is part of that of the search: for timechart and the like after it",
    ),
    MAXTIME,
    MAXOUT,
    TIMEOUT,
];

impl Command for Append {
    fn name(&self) -> &'static str {
        "append"
    }
    fn summary(&self) -> &'static str {
        "Adds the rows of a subsearch after the rows that are there"
    }
    fn usage(&self) -> &'static str {
        "append [extendtimerange=<bool>] [maxtime=<seconds>] [maxout=<N>] [timeout=<seconds>] [<subsearch>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        OPTIONS
    }
    fn nests(&self) -> bool {
        true
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
        let options = args.options(&["extendtimerange", "maxtime", "maxout", "timeout"]);
        let limits = super::appended::limits(&mut args, &options, &["maxtime", "timeout"]);
        let extends = options.boolean("extendtimerange", false);
        let extends = args.or_report(extends, false);
        let plan = super::appended::required(&mut args, cx);
        let stage = plan.map(|plan| Appended {
            plans: vec![plan],
            // There are no rows before the first command.
            after: match cx.leading_pipe && cx.first {
                true => After::Alone { mixed: 0 },
                false => After::Rows,
            },
            extends,
            free: 0,
            limits,
        });
        super::appended::finish(args, stage)
    }
}
