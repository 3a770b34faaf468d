//! `inputcsv`: makes rows of a CSV file in the folders of tables.

use super::inputlookup::{OPTIONS, read};
use super::{Command, Example, OptionDoc, ParseContext, Stage};
use crate::diagnostic::Diagnostics;
use crate::syntax::StageText;

/// The command.
pub struct Inputcsv;

const CSV_OPTIONS: &[OptionDoc] = &[
    OPTIONS[0],
    OPTIONS[1],
    OPTIONS[2],
    OPTIONS[3],
    OptionDoc::new(
        "dispatch",
        "false",
        "false",
        "true is refused: there are no jobs",
    ),
    OptionDoc::new(
        "events",
        "true|false",
        "false",
        "Takes the rows for events, which come newest first: the file needs the columns _time and _raw",
    ),
];

impl Command for Inputcsv {
    fn name(&self) -> &'static str {
        "inputcsv"
    }
    fn summary(&self) -> &'static str {
        "Makes rows of a CSV file in the folders of tables"
    }
    fn usage(&self) -> &'static str {
        "inputcsv [append=<bool>] [strict=<bool>] [dispatch=false] [events=<bool>] [start=<N>] [max=<N>] <file> [where <search>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        CSV_OPTIONS
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "| inputcsv users.csv | table user",
                input: "",
                output: "{\"user\":\"bob\"}\n{\"user\":\"eve\"}",
            },
            Example {
                query: "| inputcsv start=1 users.csv | table user dept",
                input: "",
                output: "{\"user\":\"eve\",\"dept\":\"HR\"}",
            },
        ]
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        let no_jobs = [("dispatch", "there are no jobs whose results could be read")];
        read(self, text, cx, ".csv", &no_jobs)
    }
}
