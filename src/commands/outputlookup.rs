//! `outputlookup`: writes the rows to a lookup table, and passes them on.

use super::arguments::Arguments;
use super::written::{APPEND, EMPTY, FORMAT, MAX, OVERRIDE, only, read};
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
    OptionDoc::new(
        "createinapp",
        "true",
        "true",
        "false is refused: tables lie in the folder named by --lookups",
    ),
    OptionDoc::new(
        "create_context",
        "app",
        "app",
        "Where the table lies: in the folder named by --lookups",
    ),
];

impl Command for Outputlookup {
    fn name(&self) -> &'static str {
        "outputlookup"
    }
    fn summary(&self) -> &'static str {
        "Writes the rows to a lookup table below the folder named by --lookups, and passes them on"
    }
    fn usage(&self) -> &'static str {
        "outputlookup [append=<bool>] [create_empty=<bool>] [override_if_empty=<bool>] [max=<N>] [output_format=splunk_sv_csv|splunk_mv_csv] [createinapp=true] [create_context=app] <table>"
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
        let no_store = "tables are files, not collections of a store";
        let refused = [("key_field", no_store), ("allow_updates", no_store)];
        let mut arguments = Arguments::read_refusing(self, text, &refused);
        let one_folder = "tables lie in the folder named by --lookups";
        only(&mut arguments, "createinapp", true, one_folder);
        arguments.choice("create_context", &["app"]);
        read(arguments, cx, "", true)
    }
}
