//! `highlight`: marks texts where events are shown.

use super::arguments::Arguments;
use super::{Command, Example, ParseContext, Stage};
use crate::diagnostic::Diagnostics;
use crate::syntax::StageText;

/// The command.
pub struct Highlight;

impl Command for Highlight {
    fn name(&self) -> &'static str {
        "highlight"
    }
    fn aliases(&self) -> &'static [&'static str] {
        &["hilite"]
    }
    fn summary(&self) -> &'static str {
        "Marks texts, in any letter case, where rows are shown in colour"
    }
    fn usage(&self) -> &'static str {
        "highlight <text>[, <text>]…"
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | highlight bob, \"log in\" | table user",
                input: "{\"user\":\"bob\"}",
                output: "{\"user\":\"bob\"}",
            },
            Example {
                query: "* | table n | highlight 1",
                input: "{\"n\":1}",
                output: "{\"n\":1}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::plain(self, text);
        let words = arguments.rest_of("a text");
        arguments.finish(|| {
            Box::new(Marked(words.into_iter().map(|word| word.text).collect())) as Box<dyn Stage>
        })
    }
}

/// `highlight` with its texts.
#[derive(Debug)]
struct Marked(Vec<String>);

impl Stage for Marked {
    fn marks(&self) -> Vec<String> {
        self.0.clone()
    }
}
