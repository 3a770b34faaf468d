//! What tstats does to events before they count: takes batches, gives those events that fit the search, in bins of time,
//! with the fields that are made of their text.

use super::prefix::Prefix;
use crate::data::time::{TimeSpan, Timestamp, Zone};
use crate::data::{Batch, Column, Demand, Value};
use crate::diagnostic::Diagnostic;
use crate::functions::predicate;
use crate::operators::{Mergeable, Partial, Rows, Streaming};
use std::any::Any;
use std::sync::Arc;

/// What is done to a batch before its events count.
pub(super) struct Prepare {
    pub predicate: Option<Arc<predicate::Predicate>>,
    pub earliest: Option<Timestamp>,
    pub latest: Option<Timestamp>,
    pub span: Option<TimeSpan>,
    /// Fields that are made of the text.
    pub prefixes: Vec<Prefix>,
    /// A value, and the fields that take it where they have none.
    pub fill: Option<(Value, Vec<String>)>,
    pub zone: Zone,
}

impl Prepare {
    /// The events that count.
    pub fn events(&self, batch: Batch) -> Batch {
        let mut batch = match &self.predicate {
            Some(predicate) => batch.filter(&predicate.mask(&batch)),
            None => batch,
        };
        let time = batch.column("_time");
        let at = |row: usize| time.number(row).and_then(Timestamp::from_seconds);
        if self.earliest.is_some() || self.latest.is_some() {
            let inside = (0..batch.rows()).map(|row| {
                at(row).is_some_and(|t| {
                    self.earliest.is_none_or(|e| t >= e) && self.latest.is_none_or(|l| t < l)
                })
            });
            batch = batch.filter(&inside.collect::<Vec<bool>>().into());
        }
        if let Some(span) = &self.span {
            let time = batch.column("_time");
            let floor = |row: usize| {
                let time = time.number(row).and_then(Timestamp::from_seconds)?;
                Some(span.floor(time, self.zone, None).seconds())
            };
            let floors: Vec<Option<f64>> = (0..batch.rows()).map(floor).collect();
            batch.set("_time", Column::Number(floors.into()));
        }
        for prefix in &self.prefixes {
            let column = prefix.column(&batch);
            batch.set(prefix.name.clone(), column);
        }
        for field in self.fill.iter().flat_map(|(_, fields)| fields) {
            let own = batch.column(field);
            let value = |row| match (&self.fill, own.is_null(row)) {
                (Some((value, _)), true) => value.clone(),
                _ => own.value(row),
            };
            batch.set(&**field, Column::from_values((0..batch.rows()).map(value)));
        }
        batch
    }
}

/// The events themselves, for a command that computes the statistics: those that have every field after BY, with the
/// fields that tstats names and no other.
pub(super) struct Handed {
    pub prepare: Prepare,
    pub by: Vec<String>,
    pub fields: Demand,
}

impl Streaming for Handed {
    fn apply(&self, batch: Batch) -> Result<Batch, Diagnostic> {
        let batch = self.prepare.events(batch);
        let by: Vec<Column> = self.by.iter().map(|name| batch.column(name)).collect();
        let has_all = |row: usize| by.iter().all(|column| !column.is_null(row));
        let mask: Vec<bool> = (0..batch.rows()).map(has_all).collect();
        let kept = batch.filter(&mask.into());
        let mut handed = Batch::new(kept.rows());
        handed.position = kept.position;
        for (name, column) in kept.fields().filter(|(name, _)| self.fields.wants(name)) {
            handed.set(name.clone(), column.clone());
        }
        Ok(handed)
    }
}

/// A mergeable operator over prepared batches.
pub(super) struct Prepared {
    pub prepare: Arc<Prepare>,
    pub inner: Arc<dyn Mergeable>,
}

impl Mergeable for Prepared {
    fn partial(&self) -> Box<dyn Partial> {
        Box::new(Held {
            prepare: self.prepare.clone(),
            inner: self.inner.partial(),
        })
    }
}

struct Held {
    prepare: Arc<Prepare>,
    inner: Box<dyn Partial>,
}

impl Partial for Held {
    fn push(&mut self, batch: Batch) -> Result<(), Diagnostic> {
        self.inner.push(self.prepare.events(batch))
    }

    fn seal(&mut self) {
        self.inner.seal();
    }

    fn merge(&mut self, other: Box<dyn Partial>) -> Result<(), Diagnostic> {
        match other.into_any().downcast::<Self>() {
            Ok(other) => self.inner.merge(other.inner),
            Err(_) => Ok(()),
        }
    }

    fn finish(self: Box<Self>) -> Result<Vec<Batch>, Diagnostic> {
        self.inner.finish()
    }

    fn rows(self: Box<Self>) -> Result<Rows, Diagnostic> {
        self.inner.rows()
    }

    fn spill(&mut self) -> Result<bool, Diagnostic> {
        self.inner.spill()
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }

    fn size(&self) -> usize {
        self.inner.size()
    }
}
