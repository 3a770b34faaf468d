//! Rows that a command makes itself: takes them, gives the operator that hands them out a batch at a time.

use super::BuildContext;
use crate::data::Batch;
use crate::diagnostic::Diagnostic;
use crate::operators::{Flow, Operator, Serial};

/// The operator that gives these rows; `count` of them, the one row again and again where there is only one.
pub(super) fn rows(rows: Batch, count: usize, cx: &BuildContext<'_>) -> Operator {
    Operator::Serial(Box::new(Rows {
        rows,
        made: 0,
        count,
        size: cx.context.batch_size.max(1),
    }))
}

/// Gives the rows when the empty input ends, a batch at a time: there may be more than memory holds.
struct Rows {
    rows: Batch,
    made: usize,
    count: usize,
    size: usize,
}

impl Serial for Rows {
    fn push(&mut self, _: Batch, _: &mut Vec<Batch>) -> Result<Flow, Diagnostic> {
        Ok(Flow::Done)
    }

    fn finish(&mut self, out: &mut Vec<Batch>) -> Result<(), Diagnostic> {
        while self.finish_some(out)? == Flow::More {}
        Ok(())
    }

    fn finish_some(&mut self, out: &mut Vec<Batch>) -> Result<Flow, Diagnostic> {
        let wanted = self.size.min(self.count - self.made);
        if wanted > 0 {
            out.push(match self.rows.rows() {
                1 => self.rows.take(&vec![0; wanted]),
                _ => self.rows.slice(self.made, wanted),
            });
        }
        self.made += wanted;
        Ok(if self.made < self.count {
            Flow::More
        } else {
            Flow::Done
        })
    }
}
