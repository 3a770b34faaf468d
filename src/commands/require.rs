//! `require`: fails the search when no row comes.

use super::arguments::Arguments;
use super::{BuildContext, Command, Example, Kind, Ordering, ParseContext, Stage};
use crate::data::Batch;
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::operators::{Flow, Operator, Serial};
use crate::syntax::StageText;

/// The command.
pub struct Require;

impl Command for Require {
    fn name(&self) -> &'static str {
        "require"
    }
    fn summary(&self) -> &'static str {
        "Fails the search when no row comes"
    }
    fn usage(&self) -> &'static str {
        "require"
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | require | table n",
                input: "{\"n\":1}",
                output: "{\"n\":1}",
            },
            Example {
                query: "n=1 | require | stats count",
                input: "{\"n\":1}\n{\"n\":2}",
                output: "{\"count\":1}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let arguments = Arguments::read(self, text);
        arguments.finish(|| Box::new(Required) as Box<dyn Stage>)
    }
}

/// `require`.
#[derive(Debug)]
struct Required;

impl Stage for Required {
    fn kind(&self) -> Kind {
        Kind::Serial
    }
    fn ordering(&self) -> Ordering {
        Ordering::Sees
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        Ok(Operator::Serial(Box::new(Seen(false))))
    }
}

/// Whether a row came.
struct Seen(bool);

impl Serial for Seen {
    fn push(&mut self, batch: Batch, out: &mut Vec<Batch>) -> Result<Flow, Diagnostic> {
        self.0 |= !batch.is_empty();
        out.push(batch);
        Ok(Flow::More)
    }

    fn finish(&mut self, _: &mut Vec<Batch>) -> Result<(), Diagnostic> {
        match self.0 {
            true => Ok(()),
            false => Err(Diagnostic::new(&code::RUNTIME, "require: no row came")),
        }
    }
}
