//! Rows of subsearches put to rows that are there: what `append`, `appendcols`, `appendpipe`, `union` and `multisearch`
//! share.

use super::{
    Before, BuildContext, Kind, Limits, OptionDoc, Ordering, Origin, ParseContext, Stage, Subplan,
    Times,
};
use crate::data::{Batch, Batches, Column, ColumnBuilder, Demand, Memory};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::operators::{Flow, Mergeable, Operator, Order, Serial, TimeOrder};
use crate::syntax::Args;
use crate::syntax::arguments::Options;
use std::sync::Arc;
use std::time::Duration;

/// Where the rows of the subsearches go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    /// After the rows.
    Rows,
    /// Beside the rows.
    Columns { replace: bool },
    /// After the rows, made of them.
    Pipe,
    /// Among the rows: where these are events that no stage has put in order yet, all are put in order together.
    Among,
    /// There are no other rows. The events of the first so many searches are mixed, newest first.
    Alone { mixed: usize },
}

/// The stage.
#[derive(Debug, Clone)]
pub(super) struct Appended {
    pub plans: Vec<Arc<dyn Subplan>>,
    pub after: After,
    /// Whether the time ranges of the subsearches are part of that of the search.
    pub extends: bool,
    /// Of each subsearch but the first so many.
    pub limits: Limits,
    /// Subsearches that are the search itself, so that they have no limits.
    pub free: usize,
}

/// What may be said of the limits of a subsearch.
pub(super) const MAXOUT: OptionDoc =
    OptionDoc::new("maxout", "<N>", "50000", "Rows of the subsearch at most");
/// See [`MAXOUT`].
pub(super) const MAXTIME: OptionDoc = OptionDoc::new(
    "maxtime",
    "<seconds>",
    "60",
    "Time of the subsearch at most; what it found by then is used",
);
/// See [`MAXOUT`].
pub(super) const TIMEOUT: OptionDoc = OptionDoc::new(
    "timeout",
    "<seconds>",
    "60",
    "Time to wait for the subsearch at most: as maxtime, the shorter one counts",
);

/// The limits that options give; the shorter of these times counts.
pub(super) fn limits(args: &mut Args, options: &Options, times: &[&str]) -> Limits {
    let mut limits = Limits::ROWS;
    if let Some(rows) = positive(args, options, "maxout") {
        limits.rows = usize::try_from(rows).unwrap_or(usize::MAX);
    }
    let seconds = times
        .iter()
        .filter_map(|name| positive(args, options, name));
    if let Some(shorter) = seconds.min() {
        limits.time = Duration::from_secs(shorter);
    }
    limits
}

/// A whole number from 1 on, if it was given.
fn positive(args: &mut Args, options: &Options, name: &str) -> Option<u64> {
    let option = options.get(name)?;
    match option.value.node.text.parse() {
        Ok(number) if number > 0 => Some(number),
        _ => {
            let refused = option.refused("a whole number from 1 on");
            args.report(refused);
            None
        }
    }
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

/// All subsearches and datasets.
pub(super) fn datasets(args: &mut Args, cx: &ParseContext<'_>) -> Vec<Arc<dyn Subplan>> {
    let mut plans = Vec::new();
    while let Some(plan) = super::sourced::dataset(args, cx) {
        plans.push(plan);
    }
    plans
}

/// All subsearches, which may only have commands that take each event by itself.
pub(super) fn streaming(args: &mut Args, cx: &ParseContext<'_>) -> Vec<Arc<dyn Subplan>> {
    let mut plans = Vec::new();
    let mut span = args.here();
    while let Some(plan) = cx.subsearch(args) {
        if let Some(name) = plan.not_streaming() {
            let message = format!("`{name}` needs all events, and multisearch mixes them first");
            let error = Diagnostic::at(&code::POSITION, span, message);
            args.report(error.help("put it after multisearch, or use append or union"));
        }
        plans.push(plan);
        span = args.here();
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
        match self.after {
            After::Among => Ordering::Keeps,
            _ => Ordering::SeesAndMakes,
        }
    }
    fn demand(&self, after: &Demand) -> Demand {
        match self.after {
            After::Alone { .. } => Demand::none(),
            After::Pipe => Demand::all(),
            After::Rows | After::Among | After::Columns { .. } => after.clone(),
        }
    }
    fn origin(&self, name: &str, before: &Before<'_>) -> Origin {
        match self.after {
            After::Alone { .. } => {
                let plans = self.plans.iter();
                plans.fold(Origin::Input, |known, plan| {
                    known.or_else(|| plan.origin(name))
                })
            }
            _ => before(name),
        }
    }
    fn generates(&self) -> bool {
        matches!(self.after, After::Alone { .. })
    }
    fn adds_rows(&self) -> bool {
        true
    }
    fn times(&self) -> Option<Times> {
        let times = self.plans.iter().map(|plan| plan.times());
        times.filter(|_| self.extends).reduce(|(a, b), (c, d)| {
            (
                a.zip(c).map(|(a, c)| a.min(c)),
                b.zip(d).map(|(b, d)| b.max(d)),
            )
        })
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let mut rows = Vec::new();
        if self.after != After::Pipe {
            for (at, plan) in self.plans.iter().enumerate() {
                let limits = match at < self.free {
                    true => Limits::NONE,
                    false => self.limits,
                };
                rows.push(plan.run(limits)?);
            }
        }
        Ok(Operator::Serial(Box::new(Appending {
            stage: self.clone(),
            rows,
            held: Batches::default(),
            size: cx.context.batch_size.max(1),
            memory: cx.context.memory.clone(),
        })))
    }
}

struct Appending {
    stage: Appended,
    /// What the subsearches gave.
    rows: Vec<Batch>,
    /// The rows so far, where they are needed whole.
    held: Batches,
    size: usize,
    memory: Memory,
}

impl Appending {
    /// Rows in batches of the usual size.
    fn cut(&self, whole: Batch, out: &mut Vec<Batch>) {
        let offsets = (0..whole.rows()).step_by(self.size);
        out.extend(offsets.map(|offset| whole.slice(offset, self.size)));
    }

    /// Events of several searches, newest first.
    fn mixed(&self, rows: Vec<Batch>) -> Result<Vec<Batch>, Diagnostic> {
        let order = TimeOrder {
            order: Order::Time,
            limit: None,
        };
        let mut order = order.sort(&self.memory).partial();
        for (mut batch, part) in rows.into_iter().zip(0..) {
            batch.position.part = part;
            order.push(batch)?;
        }
        order.finish()
    }
}

impl Serial for Appending {
    fn push(&mut self, batch: Batch, out: &mut Vec<Batch>) -> Result<Flow, Diagnostic> {
        match self.stage.after {
            After::Alone { .. } => return Ok(Flow::Done),
            After::Rows | After::Among => out.push(batch),
            After::Pipe => {
                self.held.push(batch.clone());
                out.push(batch);
            }
            After::Columns { .. } => self.held.push(batch),
        }
        Ok(Flow::More)
    }

    fn size(&self) -> usize {
        self.held.size()
    }

    fn finish(&mut self, out: &mut Vec<Batch>) -> Result<(), Diagnostic> {
        let rows = std::mem::take(&mut self.rows);
        match self.stage.after {
            After::Rows => rows.into_iter().for_each(|whole| self.cut(whole, out)),
            After::Among => {
                // Of equal times the rows that were there come first.
                for (whole, number) in rows.into_iter().zip(0u64..) {
                    for offset in (0..whole.rows()).step_by(self.size) {
                        let mut batch = whole.slice(offset, self.size);
                        batch.position.file = u32::MAX;
                        batch.position.part = (number << 32) + offset as u64;
                        out.push(batch);
                    }
                }
            }
            After::Alone { mixed } => {
                let mut rest = rows;
                let together = rest.drain(..mixed.min(rest.len())).collect();
                for whole in self.mixed(together)? {
                    self.cut(whole, out);
                }
                rest.into_iter().for_each(|whole| self.cut(whole, out));
            }
            After::Pipe => {
                let whole = Batch::concat(&self.held.take());
                for plan in &self.stage.plans {
                    out.push(plan.run_over(&whole)?);
                }
            }
            After::Columns { replace } => {
                let mut whole = Batch::concat(&self.held.take());
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
        // Internal fields stay those of the rows.
        if name.starts_with('_') {
            continue;
        }
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
