//! Rows of subsearches put to rows that are there: what `append`, `appendcols`, `appendpipe`, `union` and `multisearch`
//! share.

use super::{BuildContext, Kind, Ordering, ParseContext, Stage, Subplan};
use crate::data::{Batch, Column, ColumnBuilder, Demand};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Flow, Mergeable, Operator, Order, Serial, TimeOrder};
use crate::syntax::Args;
use std::sync::Arc;

/// Where the rows of the subsearches go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    /// After the rows.
    Rows,
    /// Beside the rows.
    Columns { replace: bool },
    /// After the rows, made of them.
    Pipe,
    /// There are no other rows.
    Alone,
}

/// The stage.
#[derive(Debug, Clone)]
pub(super) struct Appended {
    pub plans: Vec<Arc<dyn Subplan>>,
    pub after: After,
    /// Rows of a subsearch at most.
    pub most: usize,
}

/// The one subsearch that must be there.
pub(super) fn required(args: &mut Args, cx: &ParseContext<'_>) -> Option<Arc<dyn Subplan>> {
    args.here();
    if args.is_done() {
        let error = args.missing("a subsearch in square brackets");
        args.report(error);
        return None;
    }
    cx.subsearch(args)
}

/// All subsearches.
pub(super) fn several(args: &mut Args, cx: &ParseContext<'_>) -> Vec<Arc<dyn Subplan>> {
    let mut plans = Vec::new();
    while let Some(plan) = cx.subsearch(args) {
        plans.push(plan);
    }
    plans
}

/// The stage, or what is wrong.
pub(super) fn finish(args: Args, stage: Option<Appended>) -> Result<Box<dyn Stage>, Diagnostics> {
    args.finish()?;
    stage
        .map(|s| Box::new(s) as Box<dyn Stage>)
        .ok_or_else(Vec::new)
}

impl Stage for Appended {
    fn kind(&self) -> Kind {
        Kind::Serial
    }
    fn ordering(&self) -> Ordering {
        Ordering::SeesAndMakes
    }
    fn demand(&self, after: &Demand) -> Demand {
        match self.after {
            After::Alone => Demand::none(),
            After::Pipe => Demand::all(),
            After::Rows | After::Columns { .. } => after.clone(),
        }
    }
    fn generates(&self) -> bool {
        self.after == After::Alone
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let mut rows = Vec::new();
        if self.after != After::Pipe {
            for plan in &self.plans {
                rows.push(plan.run()?.slice(0, self.most));
            }
        }
        Ok(Operator::Serial(Box::new(Appending {
            stage: self.clone(),
            rows,
            held: Vec::new(),
            size: cx.context.batch_size.max(1),
        })))
    }
}

struct Appending {
    stage: Appended,
    /// What the subsearches gave.
    rows: Vec<Batch>,
    /// The rows so far, where they are needed whole.
    held: Vec<Batch>,
    size: usize,
}

impl Serial for Appending {
    fn push(&mut self, batch: Batch, out: &mut Vec<Batch>) -> Result<Flow, Diagnostic> {
        match self.stage.after {
            After::Alone => return Ok(Flow::Done),
            After::Rows => out.push(batch),
            After::Pipe => {
                self.held.push(batch.clone());
                out.push(batch);
            }
            After::Columns { .. } => self.held.push(batch),
        }
        Ok(Flow::More)
    }

    fn finish(&mut self, out: &mut Vec<Batch>) -> Result<(), Diagnostic> {
        let rows = std::mem::take(&mut self.rows);
        match self.stage.after {
            After::Rows => out.extend(rows),
            After::Alone => {
                let mut order = TimeOrder {
                    order: Order::Time,
                    limit: None,
                }
                .partial();
                for (batch, part) in rows.into_iter().zip(0..) {
                    let mut batch = batch;
                    batch.position.part = part;
                    order.push(batch)?;
                }
                for whole in order.finish()? {
                    let offsets = (0..whole.rows()).step_by(self.size);
                    out.extend(offsets.map(|offset| whole.slice(offset, self.size)));
                }
            }
            After::Pipe => {
                let whole = Batch::concat(&self.held);
                for plan in &self.stage.plans {
                    out.push(plan.run_over(&whole)?);
                }
            }
            After::Columns { replace } => {
                let mut whole = Batch::concat(&self.held);
                for added in &rows {
                    whole = beside(&whole, added, replace);
                }
                out.push(whole);
            }
        }
        Ok(())
    }
}

/// The rows with the columns of others beside them; the longer of the two says how many rows there are.
fn beside(rows: &Batch, added: &Batch, replace: bool) -> Batch {
    let count = rows.rows().max(added.rows());
    let padded =
        |column: &Column| Column::concat(&[column.clone(), Column::Null(count - column.len())]);
    let mut out = Batch::new(count);
    for (name, column) in rows.fields() {
        out.set(name.clone(), padded(column));
    }
    for (name, column) in added.fields() {
        let column = padded(column);
        let merged = match out.get(name) {
            None => column,
            Some(own) => {
                let (first, second) = if replace {
                    (&column, own)
                } else {
                    (own, &column)
                };
                let mut builder = ColumnBuilder::default();
                for row in 0..count {
                    let from = if first.is_null(row) { second } else { first };
                    builder.push(from.value(row));
                }
                builder.finish()
            }
        };
        out.set(name.clone(), merged);
    }
    out
}
