//! `outputcsv`: writes the rows to a CSV file, and passes them on.

use super::arguments::Arguments;
use super::written::{OPTIONS, read};
use super::{Command, Example, OptionDoc, ParseContext, Stage};
use crate::diagnostic::Diagnostics;
use crate::syntax::StageText;

/// The command.
pub struct Outputcsv;

impl Command for Outputcsv {
    fn name(&self) -> &'static str {
        "outputcsv"
    }
    fn summary(&self) -> &'static str {
        "Writes the rows to a CSV file below the folder named by --lookups, and passes them on"
    }
    fn usage(&self) -> &'static str {
        "outputcsv [append=<bool>] [create_empty=<bool>] [override_if_empty=<bool>] [max=<N>] [output_format=splunk_sv_csv|splunk_mv_csv] <file>"
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
        let refused = [
            (
                "dispatch",
                "there are no jobs whose folder could be written to",
            ),
            ("usexml", "only CSV is written"),
            ("singlefile", "one file is written in any case"),
        ];
        read(Arguments::read_refusing(self, text, &refused), cx, ".csv")
    }
}
