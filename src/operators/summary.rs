//! Aggregation by groups: takes batches, by-fields and calls, gives the groups with their states to whoever makes rows
//! of them. What `stats`, `top`, `chart`, `timechart` and `eventstats` have in common.

use super::{Groups, Mergeable, Missing, Partial};
use crate::aggregates::{Calls, States};
use crate::data::{Batch, Column, FieldName};
use crate::diagnostic::Diagnostic;
use std::any::Any;
use std::sync::Arc;

/// What is grouped and what is computed.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// The by-fields, with what a missing value means.
    pub by: Vec<(FieldName, Missing)>,
    /// Whether a value that comes twice in a multivalue by-field counts once.
    pub distinct: bool,
    /// The aggregates.
    pub calls: Arc<Calls>,
}

/// Groups and states so far.
pub struct Summarised {
    by: Vec<FieldName>,
    /// The groups.
    pub groups: Groups,
    /// The states of the calls.
    pub states: States,
}

impl Summary {
    /// The names of the fields that rows are grouped by.
    pub fn by_names(&self) -> Vec<String> {
        self.by.iter().map(|(name, _)| name.to_string()).collect()
    }

    /// The fields that rows are grouped by.
    pub fn fields(&self) -> impl Iterator<Item = &FieldName> {
        self.by.iter().map(|(name, _)| name)
    }

    /// Nothing yet.
    pub fn start(&self) -> Summarised {
        let names: Vec<FieldName> = self.by.iter().map(|(name, _)| name.clone()).collect();
        let missing: Vec<Missing> = self.by.iter().map(|(_, missing)| *missing).collect();
        let groups = Groups::with_missing(&missing);
        Summarised {
            states: self.calls.states(&names),
            groups: if self.distinct {
                groups.distinct()
            } else {
                groups
            },
            by: names,
        }
    }
}

impl Summarised {
    /// The by-fields.
    pub fn by(&self) -> &[FieldName] {
        &self.by
    }

    /// Adds a batch.
    pub fn push(&mut self, batch: &Batch) -> Result<(), Diagnostic> {
        let columns: Vec<Column> = self.by.iter().map(|name| batch.column(name)).collect();
        let count = {
            self.groups.assign(&columns, batch.rows());
            self.groups.len()
        };
        let assigned = self.groups.assigned();
        self.states
            .update(batch, &assigned.rows, &assigned.groups, count)
    }

    /// Adds what another worker has.
    pub fn merge(&mut self, other: Summarised) {
        let map = self.groups.merge(&other.groups);
        self.states.merge(other.states, &map, self.groups.len());
    }

    /// Bytes held, about.
    pub fn size(&self) -> usize {
        self.groups.size() + self.states.size()
    }
}

/// Makes rows of what was summarised.
pub type Tabulate = Arc<dyn Fn(Summarised) -> Result<Vec<Batch>, Diagnostic> + Send + Sync>;

/// Changes a batch.
pub type Prepare = Arc<dyn Fn(&mut Batch) + Send + Sync>;

/// The mergeable operator: a summary, and what becomes of it.
pub struct Summarise {
    /// What is computed.
    pub summary: Arc<Summary>,
    /// Changes each batch before it is added.
    pub prepare: Option<Prepare>,
    /// Makes the rows.
    pub tabulate: Tabulate,
}

impl Mergeable for Summarise {
    fn partial(&self) -> Box<dyn Partial> {
        Box::new(Held {
            summarised: self.summary.start(),
            prepare: self.prepare.clone(),
            tabulate: self.tabulate.clone(),
        })
    }
}

struct Held {
    summarised: Summarised,
    prepare: Option<Prepare>,
    tabulate: Tabulate,
}

impl Partial for Held {
    fn push(&mut self, mut batch: Batch) -> Result<(), Diagnostic> {
        if !batch.is_empty() {
            if let Some(prepare) = &self.prepare {
                prepare(&mut batch);
            }
            self.summarised.push(&batch)?;
        }
        Ok(())
    }

    fn merge(&mut self, other: Box<dyn Partial>) -> Result<(), Diagnostic> {
        if let Ok(other) = other.into_any().downcast::<Self>() {
            self.summarised.merge(other.summarised);
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Vec<Batch>, Diagnostic> {
        (self.tabulate)(self.summarised)
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }

    fn size(&self) -> usize {
        // The workers' tables are merged into one, and tables double as they grow.
        self.summarised.size() / 2 * 3
    }
}
