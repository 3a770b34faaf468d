//! Aggregation that gives a row a group, in the order of the keys: takes batches, gives the by-fields and the results.
//! What `stats` is.
//!
//! Each worker puts its groups in order by itself; the ordered groups are merged as lists are. Where memory is short a
//! worker writes its groups to disk in that order and starts anew: the runs are merged the same way.

use super::ordered::{self, Ordered};
use super::row_runs::{self, Runs};
use super::spill::Spill;
use super::{Mergeable, Partial, Prepare, Rows, Summarised, Summary};
use crate::aggregates::States;
use crate::data::{Batch, FieldName, Memory};
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
    /// What the run may hold.
    pub memory: Memory,
    /// What becomes of the rows.
    pub then: Option<Then>,
}

/// Makes other rows of rows that come in the order of their keys.
pub type Then = Arc<dyn Fn(Rows) -> Rows + Send + Sync>;

impl Mergeable for SummariseRows {
    fn partial(&self) -> Box<dyn Partial> {
        Box::new(Held {
            prepare: self.prepare.clone(),
            now: self.summary.start(),
            ordered: Vec::new(),
            spill: None,
            runs: Runs::default(),
            summary: self.summary.clone(),
            notices: self.notices.clone(),
            memory: self.memory.clone(),
            then: self.then.clone(),
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
    /// The file of this worker's runs.
    spill: Option<Spill>,
    /// What is on disk.
    runs: Runs,
    summary: Arc<Summary>,
    notices: Notices,
    memory: Memory,
    then: Option<Then>,
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
        whole.put(&mut batch, merged.len);
        row_runs::say(&whole, &self.notices);
        batch
    }

    /// Everything that is in memory goes to disk, a run each.
    fn write(&mut self) -> Result<(), Diagnostic> {
        for (ordered, mut states) in std::mem::take(&mut self.ordered) {
            if ordered.order().is_empty() {
                continue;
            }
            let spill = match &mut self.spill {
                Some(spill) => spill,
                none => none.insert(Spill::new()?),
            };
            self.runs.write(spill, &ordered, &mut states)?;
            row_runs::say(&states, &self.notices);
        }
        Ok(())
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

    fn spill(&mut self) -> Result<bool, Diagnostic> {
        if !self.now.states.can_save() {
            return Ok(false);
        }
        self.seal();
        self.write()?;
        Ok(true)
    }

    fn merge(&mut self, other: Box<dyn Partial>) -> Result<(), Diagnostic> {
        if let Ok(mut other) = other.into_any().downcast::<Self>() {
            self.ordered.append(&mut other.ordered);
            self.runs.append(other.runs);
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Vec<Batch>, Diagnostic> {
        self.rows()?.collect()
    }

    fn rows(mut self: Box<Self>) -> Result<Rows, Diagnostic> {
        let then = self.then.take();
        let rows: Rows = if self.runs.is_empty() {
            Box::new(std::iter::once(Ok(self.table())))
        } else {
            self.write()?;
            let (summary, notices) = (self.summary.clone(), self.notices.clone());
            Box::new(self.runs.merge(summary, notices, &self.memory)?)
        };
        Ok(match then {
            Some(then) => then(rows),
            None => rows,
        })
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }

    fn size(&self) -> usize {
        let ordered = self.ordered.iter().map(|(o, s)| o.size() + s.size());
        // To be put in order, groups need half as much again; so do tables that grow.
        self.now.size() / 4 * 7 + ordered.sum::<usize>()
    }
}
