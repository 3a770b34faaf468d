//! `outputcsv`: writes the rows to a CSV file, and passes them on.

use super::arguments::Arguments;
use super::written::{APPEND, EMPTY, FORMAT, MAX, OVERRIDE, only, read};
use super::{Command, Example, OptionDoc, ParseContext, Stage};
use crate::diagnostic::Diagnostics;
use crate::syntax::StageText;

/// The command.
pub struct Outputcsv;

const OPTIONS: &[OptionDoc] = &[
    APPEND,
    OptionDoc::new("create_empty", "true|false", "false", EMPTY),
    OVERRIDE,
    OptionDoc::new(
        "dispatch",
        "false",
        "false",
        "true is refused: there are no jobs",
    ),
    OptionDoc::new(
        "usexml",
        "false",
        "false",
        "true is refused: only CSV is written",
    ),
    OptionDoc::new(
        "singlefile",
        "true",
        "true",
        "false is refused: one file is written",
    ),
    MAX,
    FORMAT,
];

impl Command for Outputcsv {
    fn name(&self) -> &'static str {
        "outputcsv"
    }
    fn summary(&self) -> &'static str {
        "Writes the rows to a CSV file below the folder named by --lookups, and passes them on"
    }
    fn usage(&self) -> &'static str {
        "outputcsv [append=<bool>] [create_empty=<bool>] [override_if_empty=<bool>] [dispatch=false] [usexml=false] [singlefile=true] [max=<N>] [output_format=splunk_sv_csv|splunk_mv_csv] <file>"
    }
    fn options(&self) -> &'static [OptionDoc] {
        OPTIONS
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | table user | outputcsv users_seen",
                input: "{\"user\":\"bob\"}",
                output: "{\"user\":\"bob\"}",
            },
            Example {
                query: "user=nobody | outputcsv create_empty=false users_seen | stats count",
                input: "{\"user\":\"bob\"}",
                output: "{\"count\":0}",
            },
        ]
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let reason = "there are no jobs whose folder could be written to";
        only(&mut arguments, "dispatch", false, reason);
        only(&mut arguments, "usexml", false, "only CSV is written");
        only(
            &mut arguments,
            "singlefile",
            true,
            "one file is written in any case",
        );
        read(arguments, cx, ".csv", false)
    }
}
