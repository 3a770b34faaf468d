//! `tail`: takes a number, gives so many of the last rows, the last one first.

use super::arguments::Arguments;
use super::reverse::turned;
use super::{BuildContext, Command, Example, Kind, Ordering, ParseContext, Stage};
use crate::data::Batch;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Flow, Operator, Serial};
use crate::syntax::StageText;
use std::collections::VecDeque;

/// The command.
pub struct Tail;

impl Command for Tail {
    fn name(&self) -> &'static str {
        "tail"
    }
    fn summary(&self) -> &'static str {
        "Keeps the last rows, in reverse order"
    }
    fn usage(&self) -> &'static str {
        "tail [<N>]; 10 when no number is given"
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | tail 2 | table n",
                input: "{\"n\":1}\n{\"n\":2}\n{\"n\":3}",
                output: "{\"n\":3}\n{\"n\":2}",
            },
            Example {
                query: "* | tail | table n",
                input: "{\"n\":1}\n{\"n\":2}",
                output: "{\"n\":2}\n{\"n\":1}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let count = arguments.number().map_or(10, |(number, _)| number);
        arguments.finish(|| Box::new(Last { count }) as Box<dyn Stage>)
    }
}

/// `tail` with its arguments.
#[derive(Debug)]
struct Last {
    count: usize,
}

impl Stage for Last {
    fn kind(&self) -> Kind {
        Kind::Serial
    }
    fn ordering(&self) -> Ordering {
        Ordering::SeesAndMakes
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        Ok(Operator::Serial(Box::new(Held {
            count: self.count,
            rows: 0,
            bytes: 0,
            batches: VecDeque::new(),
        })))
    }
}

/// The last batches: as few as hold `count` rows.
struct Held {
    count: usize,
    rows: usize,
    bytes: usize,
    batches: VecDeque<Batch>,
}

impl Serial for Held {
    fn push(&mut self, batch: Batch, _: &mut Vec<Batch>) -> Result<Flow, Diagnostic> {
        let batch = batch.settled();
        self.rows += batch.rows();
        self.bytes += batch.bytes();
        self.batches.push_back(batch);
        while let Some(first) = self.batches.front() {
            if self.rows - first.rows() < self.count {
                break;
            }
            self.rows -= first.rows();
            self.bytes -= first.bytes();
            self.batches.pop_front();
        }
        Ok(Flow::More)
    }

    fn size(&self) -> usize {
        self.bytes
    }

    fn finish(&mut self, out: &mut Vec<Batch>) -> Result<(), Diagnostic> {
        let mut left = self.count;
        for batch in self.batches.drain(..).rev() {
            let rows = batch.rows().min(left);
            left -= rows;
            out.push(turned(&batch.slice(batch.rows() - rows, rows)));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::commands::testing::{check, refused};

    #[test]
    fn any_number_of_rows() {
        let input = "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n{\"n\":4}\n{\"n\":5}";
        check("* | tail 3", input, "{\"n\":5}\n{\"n\":4}\n{\"n\":3}");
        check("* | tail 0", input, "");
        check("* | tail 1", input, "{\"n\":5}");
        assert_eq!(refused("tail x"), [("E0103", "x".into())]);
        assert_eq!(refused("tail -1"), [("E0103", "-".into())]);
    }
}
