//! `outputlookup`: writes the rows to a lookup table, and passes them on.

use super::arguments::Arguments;
use super::written::{APPEND, EMPTY, FORMAT, MAX, OVERRIDE, read};
use super::{Command, Example, OptionDoc, ParseContext, Stage};
use crate::diagnostic::Diagnostics;
use crate::syntax::StageText;

/// The command.
pub struct Outputlookup;

const OPTIONS: &[OptionDoc] = &[
    APPEND,
    OptionDoc::new("create_empty", "true|false", "true", EMPTY),
    OVERRIDE,
    MAX,
    FORMAT,
];

impl Command for Outputlookup {
    fn name(&self) -> &'static str {
        "outputlookup"
    }
    fn summary(&self) -> &'static str {
        "Writes the rows to a lookup table below the folder named by --lookups, and passes them on"
    }
    fn usage(&self) -> &'static str {
        "outputlookup [append=<bool>] [create_empty=<bool>] [override_if_empty=<bool>] [max=<N>] [output_format=splunk_sv_csv|splunk_mv_csv] <table>"
    }
    fn options(&self) -> &'static [OptionDoc] {
        OPTIONS
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | table user | outputlookup seen.csv",
                input: "{\"user\":\"bob\",\"n\":1}",
                output: "{\"user\":\"bob\"}",
            },
            Example {
                query: "* | stats count by user | outputlookup append=true seen.csv | stats count",
                input: "{\"user\":\"bob\"}\n{\"user\":\"eve\"}",
                output: "{\"count\":2}",
            },
        ]
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        let refused = [
            ("key_field", "tables are files, not collections of a store"),
            (
                "createinapp",
                "there are no apps: a table lies in the folder named by --lookups",
            ),
            (
                "create_context",
                "there are no apps: a table lies in the folder named by --lookups",
            ),
        ];
        read(Arguments::read_refusing(self, text, &refused), cx, "", true)
    }
}
