//! `uniq`: gives the rows without those that equal the row before them.

use super::arguments::Arguments;
use super::{BuildContext, Command, Example, Kind, Ordering, ParseContext, Stage};
use crate::data::{Batch, Demand, Mask};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Flow, Operator, RowKey, Serial};
use crate::syntax::StageText;

/// The command.
pub struct Uniq;

impl Command for Uniq {
    fn name(&self) -> &'static str {
        "uniq"
    }
    fn summary(&self) -> &'static str {
        "Drops rows that equal the row before in every field"
    }
    fn usage(&self) -> &'static str {
        "uniq"
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | uniq",
                input: "{\"a\":1}\n{\"a\":1}\n{\"a\":2}\n{\"a\":1}",
                output: "{\"a\":1}\n{\"a\":2}\n{\"a\":1}",
            },
            Example {
                query: "* | table a | uniq",
                input: "{\"a\":1,\"b\":1}\n{\"a\":1,\"b\":2}",
                output: "{\"a\":1}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        Arguments::read(self, text).finish(|| Box::new(Unrepeated) as Box<dyn Stage>)
    }
}

/// `uniq`.
#[derive(Debug)]
struct Unrepeated;

impl Stage for Unrepeated {
    fn kind(&self) -> Kind {
        Kind::Serial
    }
    fn ordering(&self) -> Ordering {
        Ordering::Sees
    }
    fn demand(&self, _: &Demand) -> Demand {
        // Which rows are equal depends on every field.
        Demand::all()
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        Ok(Operator::Serial(Box::new(Before::default())))
    }
}

/// The row before.
#[derive(Default)]
struct Before(Option<Vec<u8>>);

impl Serial for Before {
    fn push(&mut self, batch: Batch, out: &mut Vec<Batch>) -> Result<Flow, Diagnostic> {
        let mut key = RowKey::of_all(&batch, |_| true);
        let keep: Vec<bool> = (0..batch.rows())
            .map(|row| {
                let bytes = key.bytes(row);
                let new = self.0.as_deref() != Some(bytes);
                if new {
                    let before = self.0.get_or_insert_default();
                    before.clear();
                    before.extend_from_slice(bytes);
                }
                new
            })
            .collect();
        out.push(batch.filter(&Mask::from(keep)));
        Ok(Flow::More)
    }

    fn finish(&mut self, _: &mut Vec<Batch>) -> Result<(), Diagnostic> {
        Ok(())
    }
}
