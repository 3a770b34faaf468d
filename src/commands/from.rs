//! `from`: rows of a saved query or of a lookup table.

use super::arguments::Arguments;
use super::{Command, Example, ParseContext, Place, Stage};
use crate::diagnostic::Diagnostics;
use crate::syntax::StageText;

/// The command.
pub struct From;

impl Command for From {
    fn name(&self) -> &'static str {
        "from"
    }
    fn summary(&self) -> &'static str {
        "Takes the rows of a saved query or of a lookup table"
    }
    fn usage(&self) -> &'static str {
        "from savedsearch:<name> | lookup:<table>"
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "| from lookup:users.csv | table user dept",
                input: "",
                output: "{\"user\":\"bob\",\"dept\":\"IT\"}\n{\"user\":\"eve\",\"dept\":\"HR\"}",
            },
            Example {
                query: "| from savedsearch:by_user | table user n",
                input: "{\"user\":\"$who$\",\"n\":1}\n{\"user\":\"eve\",\"n\":2}",
                output: "{\"user\":\"$who$\",\"n\":1}",
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
        let mut arguments = Arguments::plain(self, text);
        let mut words = arguments.rest_of("savedsearch:<name> or lookup:<table>");
        let stage = match words.as_mut_slice() {
            [] => None,
            [first, rest @ ..] => {
                let (kind, name) = first.text.split_once(':').unwrap_or((&first.text, ""));
                let (kind, mut name) = (kind.to_owned(), name.to_owned());
                for word in rest {
                    name.push_str(&word.text);
                    first.span = first.span.to(word.span);
                }
                first.text = name.trim_matches('"').to_owned();
                Some(super::sourced::named(&kind, first, cx))
            }
        };
        super::sourced::finish(arguments, stage)
    }
}
