//! `xmlunescape`: XML's named and numbered characters as what they stand for.

use super::arguments::Arguments;
use super::{BuildContext, Command, Example, OptionDoc, ParseContext, Stage};
use crate::data::{Column, Value};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Operator, streaming};
use crate::syntax::StageText;

/// The command.
pub struct Xmlunescape;

impl Command for Xmlunescape {
    fn name(&self) -> &'static str {
        "xmlunescape"
    }
    fn summary(&self) -> &'static str {
        "Puts characters in place of XML's &amp;, &lt; and the like, in the event's text"
    }
    fn usage(&self) -> &'static str {
        "xmlunescape [<field>] [maxinputs=<N>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        super::xmlkv::OPTIONS
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | xmlunescape x | table x",
                input: "{\"x\":\"a &lt; b &#38; c\"}",
                output: "{\"x\":\"a < b & c\"}",
            },
            Example {
                query: "* | xmlunescape | table _raw",
                input: "{\"_raw\":\"&quot;x&quot; &unknown;\"}",
                output: "{\"_raw\":\"\\\"x\\\" &unknown;\"}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        arguments.count("maxinputs");
        let field = arguments
            .next()
            .map_or_else(|| "_raw".to_owned(), |word| word.text);
        arguments.finish(|| Box::new(Plain { field }) as Box<dyn Stage>)
    }
}

/// `xmlunescape` with its field.
#[derive(Debug)]
struct Plain {
    field: String,
}

impl Stage for Plain {
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let field = self.field.clone();
        Ok(streaming(move |mut batch| {
            if let Some(own) = batch.get(&field) {
                let texts = (0..own.len()).map(|row| {
                    let values = own.values(row).map(|text| super::xmlkv::unescaped(&text));
                    Value::multi(values.collect())
                });
                let column = Column::from_values(texts);
                batch.set(field.as_str(), column);
            }
            batch
        }))
    }
}
