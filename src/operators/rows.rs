//! Aggregation that gives a row a group, in the order of the keys: takes batches, gives the by-fields and the results.
//! What `stats` is.
//!
//! Each worker puts its groups in order by itself; the ordered groups are merged as lists are.

use super::ordered::{self, Ordered};
use super::{Mergeable, Partial, Prepare, Summarised, Summary};
use crate::aggregates::States;
use crate::data::{Batch, FieldName};
use crate::diagnostic::{Diagnostic, Notices};
use std::any::Any;
use std::sync::Arc;

/// The mergeable operator.
pub struct SummariseRows {
    /// Changes each batch before it is added.
    pub prepare: Option<Prepare>,
    /// What is computed.
    pub summary: Arc<Summary>,
    /// Where the states' remarks go.
    pub notices: Notices,
}

impl Mergeable for SummariseRows {
    fn partial(&self) -> Box<dyn Partial> {
        Box::new(Held {
            prepare: self.prepare.clone(),
            now: self.summary.start(),
            ordered: Vec::new(),
            summary: self.summary.clone(),
            notices: self.notices.clone(),
        })
    }
}

/// The groups of one worker, or of several.
struct Held {
    prepare: Option<Prepare>,
    /// What batches are added to.
    now: Summarised,
    /// What gets no more batches.
    ordered: Vec<(Ordered, States)>,
    summary: Arc<Summary>,
    notices: Notices,
}

impl Held {
    /// All rows, from what is in memory.
    fn table(self) -> Batch {
        let (ordered, states): (Vec<Ordered>, Vec<States>) = self.ordered.into_iter().unzip();
        let merged = ordered::merge(ordered);
        let names: Vec<FieldName> = self.summary.fields().cloned().collect();
        let mut whole = self.summary.calls.states(&names);
        for (states, places) in states.into_iter().zip(&merged.places) {
            whole.merge(states, places, merged.len);
        }
        let mut batch = Batch::new(merged.len);
        for (name, column) in names.into_iter().zip(merged.keys) {
            batch.set(name, column);
        }
        for (_, name, column) in whole.finish(merged.len) {
            batch.set(name, column);
        }
        for (topic, text) in whole.remarks() {
            self.notices.push(topic, text, false);
        }
        batch
    }
}

impl Partial for Held {
    fn push(&mut self, mut batch: Batch) -> Result<(), Diagnostic> {
        if batch.is_empty() {
            return Ok(());
        }
        if let Some(prepare) = &self.prepare {
            prepare(&mut batch);
        }
        self.now.push(&batch)
    }

    fn seal(&mut self) {
        let now = std::mem::replace(&mut self.now, self.summary.start());
        self.ordered.push((Ordered::new(now.groups), now.states));
    }

    fn merge(&mut self, other: Box<dyn Partial>) -> Result<(), Diagnostic> {
        if let Ok(mut other) = other.into_any().downcast::<Self>() {
            self.ordered.append(&mut other.ordered);
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Vec<Batch>, Diagnostic> {
        Ok(vec![self.table()])
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }

    fn size(&self) -> usize {
        let ordered = self.ordered.iter().map(|(o, s)| o.size() + s.size());
        self.now.size() + ordered.sum::<usize>()
    }
}
