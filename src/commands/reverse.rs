//! `reverse`: gives the rows from last to first.

use super::arguments::Arguments;
use super::{BuildContext, Command, Example, Kind, Ordering, ParseContext, Stage};
use crate::data::{Batch, Batches};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Flow, Operator, Serial};
use crate::syntax::StageText;

/// The command.
pub struct Reverse;

impl Command for Reverse {
    fn name(&self) -> &'static str {
        "reverse"
    }
    fn summary(&self) -> &'static str {
        "Turns the order of the rows around"
    }
    fn usage(&self) -> &'static str {
        "reverse"
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | reverse | table n",
                input: "{\"n\":1}\n{\"n\":2}\n{\"n\":3}",
                output: "{\"n\":3}\n{\"n\":2}\n{\"n\":1}",
            },
            Example {
                query: "* | sort n | reverse | table n",
                input: "{\"n\":10}\n{\"n\":9}",
                output: "{\"n\":10}\n{\"n\":9}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        Arguments::read(self, text).finish(|| Box::new(Reversed) as Box<dyn Stage>)
    }
}

/// `reverse`.
#[derive(Debug)]
struct Reversed;

impl Stage for Reversed {
    fn kind(&self) -> Kind {
        Kind::Serial
    }
    fn ordering(&self) -> Ordering {
        Ordering::SeesAndMakes
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        Ok(Operator::Serial(Box::new(Held::default())))
    }
}

/// A batch with its rows from last to first.
pub(super) fn turned(batch: &Batch) -> Batch {
    let rows = u32::try_from(batch.rows()).unwrap_or(u32::MAX);
    batch.take(&(0..rows).rev().collect::<Vec<u32>>())
}

/// The batches so far.
#[derive(Default)]
struct Held(Batches);

impl Serial for Held {
    fn push(&mut self, batch: Batch, _: &mut Vec<Batch>) -> Result<Flow, Diagnostic> {
        self.0.push(batch);
        Ok(Flow::More)
    }

    fn size(&self) -> usize {
        self.0.size()
    }

    fn finish(&mut self, out: &mut Vec<Batch>) -> Result<(), Diagnostic> {
        out.extend(self.0.take().into_iter().rev().map(|batch| turned(&batch)));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::commands::testing::refused;

    #[test]
    fn it_takes_no_arguments() {
        assert_eq!(refused("reverse x"), [("E0103", "x".into())]);
    }
}
