//! What a stage tells the planner: the fields it needs, what it has to do with order, how it may run, its operator.

use super::{Before, Origin, Times};
use crate::data::time::Timestamp;
use crate::data::{Context, Demand, Filter, Literals};
use crate::diagnostic::Diagnostic;
use crate::operators::{Operator, Streaming, streaming};
use std::sync::Arc;

/// How a stage may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any batch by itself, on any core.
    Streaming,
    /// Partial states, merged.
    Mergeable,
    /// One place, in order.
    Serial,
}

/// What a stage has to do with the order of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ordering {
    /// Rows come out in the order in which they came in; which rows does not depend on it (eval, where, fields).
    Keeps,
    /// The result depends on the order of the rows that come in; they come out in order (head, dedup, streamstats).
    Sees,
    /// The rows come out in an order of its own, whatever came in (stats, top, sort).
    Makes,
    /// Depends on the order that comes in, and makes one of its own (stats with first() or list()).
    SeesAndMakes,
}

/// What the planner may do with a leading search.
#[derive(Clone, Default)]
pub struct Pushdown {
    /// The predicate.
    pub filter: Option<Arc<dyn Filter>>,
    /// Literals that every kept event's text contains.
    pub literals: Literals,
    /// Bounds on `_time` from the search's own modifiers.
    pub earliest: Option<Timestamp>,
    /// Exclusive.
    pub latest: Option<Timestamp>,
}

/// A command with its arguments read. One that says nothing of itself passes its rows on.
pub trait Stage: Send + Sync + std::fmt::Debug {
    /// How it may run.
    fn kind(&self) -> Kind {
        Kind::Streaming
    }
    /// What it has to do with order.
    fn ordering(&self) -> Ordering {
        Ordering::Keeps
    }
    /// The fields that it needs from before, when `after` is wanted of what it gives.
    fn demand(&self, after: &Demand) -> Demand {
        after.clone()
    }
    /// Its operator.
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        Ok(streaming(|batch| batch))
    }
    /// At most so many of the first rows that come in matter (`head 5`: 5).
    fn limit(&self) -> Option<usize> {
        None
    }
    /// A stage that keeps or drops events by their own fields gives its predicate, for the source.
    fn pushdown(&self) -> Option<Pushdown> {
        None
    }
    /// For a stage that holds subsearches whose results become part of it: the stage with them in it. Runs them.
    fn resolved(&self, _: &Context) -> Result<Option<Box<dyn Stage>>, Diagnostic> {
        Ok(None)
    }
    /// A stage that does nothing but keep or drop rows by their own fields gives what it asks of each: behind a search
    /// that the source does, the source asks it too.
    fn predicate(&self) -> Option<Arc<dyn Filter>> {
        None
    }
    /// For generating commands: takes nothing from the input.
    fn generates(&self) -> bool {
        false
    }
    /// Whether it gives rows of its own beside those that come in.
    fn adds_rows(&self) -> bool {
        false
    }
    /// Whether what it gives is for a command that reads what `tstats prestats=true` gives, and for no other.
    fn prestats(&self) -> bool {
        false
    }
    /// For a stage whose rows come of searches of other times too, these times: they are part of the time range of the
    /// stages after it.
    fn times(&self) -> Option<Times> {
        None
    }
    /// The fields that it puts into events by name (eval, rex); shown beside the event's text.
    fn creates(&self) -> Vec<String> {
        Vec::new()
    }
    /// What made the values of a field that it gives; `before` tells it of the fields that come to it.
    fn origin(&self, name: &str, before: &Before<'_>) -> Origin {
        match self.creates().iter().any(|created| created == name) {
            true => Origin::Command,
            false => before(name),
        }
    }
    /// For a stage that goes by what made its fields: the stage, with the stages before it.
    fn placed(&self, _before: &[Arc<dyn Stage>]) -> Option<Arc<dyn Stage>> {
        None
    }
    /// For grouping stages, the fields that say which events a row stands for (stats … by).
    fn groups(&self) -> Vec<String> {
        Vec::new()
    }
    /// For search-like stages, their terms: for the report why no row came.
    fn terms(&self) -> Vec<ExplainedTerm> {
        Vec::new()
    }
    /// What changes how the rows look in a table, after all stages; no stage sees it.
    fn rendering(&self) -> Option<Arc<dyn Streaming>> {
        None
    }
    /// Texts that are marked where rows are shown in colour.
    fn marks(&self) -> Vec<String> {
        Vec::new()
    }
    /// Its arguments as understood, for `explain`; empty when they say nothing beyond the text.
    fn describe(&self) -> String {
        String::new()
    }
}

/// One conjunct of a search, for the report why no row came.
#[derive(Clone)]
pub struct ExplainedTerm {
    /// As printed.
    pub text: String,
    /// Field that it tests, if one.
    pub field: Option<String>,
    /// It alone, as a predicate.
    pub filter: Arc<dyn Filter>,
}

/// What building an operator may ask for.
pub struct BuildContext<'a> {
    /// The facts of the run.
    pub context: &'a Context,
    /// The fields wanted of what this stage gives.
    pub wanted: &'a Demand,
    /// Whether the rows come in Splunk's order already; if not, ties are broken by `_time`, newest first.
    pub ordered: bool,
}
