//! `outputtext`: copies the text of each event into `_xml`.

use super::arguments::Arguments;
use super::{BuildContext, Command, Example, OptionDoc, ParseContext, Stage};
use crate::data::{Column, Demand, Value};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Operator, streaming};
use crate::syntax::StageText;

/// The command.
pub struct Outputtext;

impl Command for Outputtext {
    fn name(&self) -> &'static str {
        "outputtext"
    }
    fn summary(&self) -> &'static str {
        "Copies the text of each event into _xml, escaped as XML"
    }
    fn usage(&self) -> &'static str {
        "outputtext [usexml=<bool>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[OptionDoc {
            name: "usexml",
            value: "true|false",
            default: "true",
            summary: "Whether the copy is escaped; else it is exact",
        }]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | outputtext | table _xml",
                input: "{\"_raw\":\"<a b='1'> & \\\"c\\\"\"}",
                output: "{\"_xml\":\"&lt;a b=&apos;1&apos;&gt; &amp; &quot;c&quot;\"}",
            },
            Example {
                query: "* | outputtext usexml=false | table _xml",
                input: "{\"_raw\":\"1 < 2\"}",
                output: "{\"_xml\":\"1 < 2\"}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let escapes = arguments.flag("usexml", true);
        arguments.finish(|| Box::new(Copied { escapes }) as Box<dyn Stage>)
    }
}

/// `outputtext` with its argument.
#[derive(Debug)]
struct Copied {
    escapes: bool,
}

impl Stage for Copied {
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        demand.remove("_xml");
        demand.add_exact("_raw");
        demand
    }
    fn creates(&self) -> Vec<String> {
        vec!["_xml".to_owned()]
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let escapes = self.escapes;
        Ok(streaming(move |mut batch| {
            let mut copy = batch.column("_raw");
            if escapes {
                let escaped = |row: usize| match copy.text(row) {
                    Some(text) => Value::Text(escaped(&text)),
                    None => Value::Null,
                };
                copy = Column::from_values((0..batch.rows()).map(escaped));
            }
            batch.set("_xml", copy);
            batch
        }))
    }
}

/// A text as it stands in XML.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            c => out.push(c),
        }
    }
    out
}
