//! `multisearch`: runs several searches and puts their events together, newest first.

use super::appended::{After, Appended};
use super::{Command, Example, Limits, ParseContext, Place, Stage};
use crate::diagnostic::Diagnostics;
use crate::syntax::{Args, StageText};

/// The command.
pub struct Multisearch;

impl Command for Multisearch {
    fn name(&self) -> &'static str {
        "multisearch"
    }
    fn summary(&self) -> &'static str {
        "Runs two or more searches and puts their events together, newest first"
    }
    fn usage(&self) -> &'static str {
        "multisearch [<subsearch>] [<subsearch>]…"
    }
    fn nests(&self) -> bool {
        true
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "| multisearch [search kind=a | eval t=\"A\"] [search kind=b | eval t=\"B\"] | table t",
                input: "{\"kind\":\"a\",\"_time\":1}\n{\"kind\":\"b\",\"_time\":2}",
                output: "{\"t\":\"B\"}\n{\"t\":\"A\"}",
            },
            Example {
                query: "| multisearch [search kind=a] [search n>1] | stats count",
                input: "{\"kind\":\"a\",\"n\":2}\n{\"kind\":\"b\",\"n\":1}",
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
        let mut args = Args::new(text, self.usage());
        let plans = super::appended::streaming(&mut args, cx);
        if plans.len() < 2 {
            let error = args.missing("two subsearches");
            args.report(error);
        }
        let mixed = plans.len();
        super::appended::finish(
            args,
            Some(Appended {
                extends: false,
                plans,
                after: After::Alone { mixed },
                free: 0,
                limits: Limits::NONE,
            }),
        )
    }
}
