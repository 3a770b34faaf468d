//! Kernels that several commands share, and the driver that runs a chain: takes batches, gives batches.
//!
//! An operator is one of three kinds. *Streaming* ones take any batch by itself, on any core. *Mergeable* ones keep a
//! partial state a worker; the states are merged and finished once. *Serial* ones see all batches in order in one place.

mod account;
mod driver;
mod failure;
mod gathered;
mod group;
mod names;
mod order;
mod ordered;
mod row_key;
mod row_runs;
mod rows;
mod sort;
mod sort_key;
mod sort_runs;
mod spill;
mod summary;
mod tail;
mod together;

pub use account::Owner;
pub use driver::{Chain, Feed, FeedWorker, Link, Sink, Traffic, fold, run};
pub use gathered::gathered;
pub use group::{Assigned, Groups, Missing};
pub use order::{Order, TimeOrder};
pub use row_key::RowKey;
pub use rows::SummariseRows;
pub use sort::{Sort, Sorting};
pub use sort_key::{Collation, KeyColumn, SortKey};
pub use summary::{Prepare, Summarise, Summarised, Summary, Tabulate};
pub use together::{Lane, Lanes, Ran};

use crate::data::Batch;
use crate::diagnostic::Diagnostic;
use std::any::Any;
use std::sync::Arc;

/// A stage ready to run.
pub enum Operator {
    /// Any batch by itself.
    Streaming(Arc<dyn Streaming>),
    /// Partial states, merged.
    Mergeable(Arc<dyn Mergeable>),
    /// One place, in order.
    Serial(Box<dyn Serial>),
}

/// Takes a batch, gives a batch; keeps nothing between them.
pub trait Streaming: Send + Sync {
    /// The rows that come of this batch, in the order of the rows that they come from. `position` must be kept.
    fn apply(&self, batch: Batch) -> Result<Batch, Diagnostic>;
}

/// Makes partial states.
pub trait Mergeable: Send + Sync {
    /// An empty state, for one worker.
    fn partial(&self) -> Box<dyn Partial>;
}

/// What one worker knows so far. Batches come in any order; an event's place is its batch's `position`, then its row.
pub trait Partial: Send {
    /// Adds a batch.
    fn push(&mut self, batch: Batch) -> Result<(), Diagnostic>;
    /// No more batches come: does what can be done before the merge, on the worker's own core.
    fn seal(&mut self) {}
    /// Adds what another worker knows; both are sealed. `other` is of the same type (see [`Partial::into_any`]).
    fn merge(&mut self, other: Box<dyn Partial>) -> Result<(), Diagnostic>;
    /// The rows.
    fn finish(self: Box<Self>) -> Result<Vec<Batch>, Diagnostic>;
    /// As `finish`, for states whose rows may be more than memory holds: they are made one batch after the other.
    fn rows(self: Box<Self>) -> Result<Rows, Diagnostic> {
        Ok(Box::new(self.finish()?.into_iter().map(Ok)))
    }
    /// Memory is short: puts what is held on disk. `false` for states that can't.
    fn spill(&mut self) -> Result<bool, Diagnostic> {
        Ok(false)
    }
    /// For `merge`: the concrete state.
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
    /// Bytes held, about; for the memory limit. Asked after every batch, so it must not count anew.
    fn size(&self) -> usize;
}

/// Rows made one batch after the other.
pub type Rows = Box<dyn Iterator<Item = Result<Batch, Diagnostic>>>;

/// Whether a serial operator wants more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// More batches may change the rows.
    More,
    /// No further batch can: the stages before may stop.
    Done,
}

/// Sees the batches in order, one after the other.
pub trait Serial: Send {
    /// Takes a batch, puts rows that are ready into `out`.
    fn push(&mut self, batch: Batch, out: &mut Vec<Batch>) -> Result<Flow, Diagnostic>;
    /// Bytes held, about; for the memory limit. 0 for operators that keep a row or two.
    fn size(&self) -> usize {
        0
    }
    /// No more batches come: the rest of the rows.
    fn finish(&mut self, out: &mut Vec<Batch>) -> Result<(), Diagnostic>;
    /// Whether it must see every batch even when nothing after it wants more rows: it writes them somewhere.
    fn needs_all(&self) -> bool {
        false
    }
    /// As `finish`, for operators that have many rows left: some of them, and whether to ask again. The rows go on
    /// before the next ones are made, and a run that is stopped asks no more.
    fn finish_some(&mut self, out: &mut Vec<Batch>) -> Result<Flow, Diagnostic> {
        self.finish(out)?;
        Ok(Flow::Done)
    }
}

/// A streaming operator from a function.
pub struct Apply<F>(pub F);

impl<F: Fn(Batch) -> Result<Batch, Diagnostic> + Send + Sync> Streaming for Apply<F> {
    fn apply(&self, batch: Batch) -> Result<Batch, Diagnostic> {
        (self.0)(batch)
    }
}

/// A streaming operator from a function from batch to batch that can't fail.
pub fn streaming(f: impl Fn(Batch) -> Batch + Send + Sync + 'static) -> Operator {
    Operator::Streaming(Arc::new(Apply(move |batch| Ok(f(batch)))))
}

/// A streaming operator from a function that can fail.
pub fn try_streaming(
    f: impl Fn(Batch) -> Result<Batch, Diagnostic> + Send + Sync + 'static,
) -> Operator {
    Operator::Streaming(Arc::new(Apply(f)))
}
