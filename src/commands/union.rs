//! `union`: puts the rows of several searches together.

use super::appended::{After, Appended, MAXOUT, MAXTIME};
use super::{Command, Example, Limits, OptionDoc, ParseContext, Stage};
use crate::diagnostic::Diagnostics;
use crate::syntax::{Args, OptionText, StageText};

/// The command.
pub struct Union;

const OPTIONS: &[OptionDoc] = &[
    MAXTIME,
    MAXOUT,
    OptionDoc::new(
        "timeout",
        "<seconds>",
        "300",
        "How long Splunk keeps the rows for a second use; they are not kept here",
    ),
];

impl Command for Union {
    fn name(&self) -> &'static str {
        "union"
    }
    fn summary(&self) -> &'static str {
        "Puts the rows of subsearches together, and those that are there when it stands after a pipe"
    }
    fn usage(&self) -> &'static str {
        "union [maxtime=<seconds>] [maxout=<N>] [timeout=<seconds>] ([<subsearch>] | savedsearch:<name> | lookup:<table>)…"
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
        let options = args.options(&["maxtime", "maxout", "timeout"]);
        let mut limits = super::appended::limits(&mut args, &options, &["maxtime"]);
        // More can't be asked for.
        limits.rows = limits.rows.min(Limits::ROWS.rows);
        let kept = options.get("timeout").map(OptionText::count).transpose();
        args.or_report(kept, None);
        let plans = super::appended::datasets(&mut args, cx);
        let first = cx.leading_pipe && cx.first;
        if args.is_done() && plans.len() < if first { 2 } else { 1 } {
            let error = args.missing(if first {
                "two subsearches or datasets"
            } else {
                "a subsearch or dataset"
            });
            args.report(error);
        }
        // As in multisearch, events that are taken one by one are mixed and have no limit: up to the first search that
        // is none of those. From there on each is appended.
        let taken = plans
            .iter()
            .take_while(|plan| plan.not_streaming().is_none());
        let mixed = taken.count();
        let (after, free) = match (first, mixed == plans.len()) {
            (true, _) => (After::Alone { mixed }, mixed.max(1)),
            (false, true) => (After::Among, mixed),
            (false, false) => (After::Rows, 0),
        };
        super::appended::finish(
            args,
            Some(Appended {
                extends: false,
                plans,
                after,
                limits,
                free,
            }),
        )
    }
}
