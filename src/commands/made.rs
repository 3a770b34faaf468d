//! Rows that a command makes itself: takes them, gives the operator that hands them out a batch at a time.

use super::{Before, BuildContext, Kind, Limits, Ordering, Origin, Stage, Subplan};
use crate::data::{Batch, Demand};
use crate::diagnostic::Diagnostic;
use crate::operators::{Flow, Operator, Serial};
use std::sync::Arc;

/// The operator that gives these rows; `count` of them, the one row again and again where there is only one.
pub(super) fn rows(rows: Batch, count: usize, cx: &BuildContext<'_>) -> Operator {
    Operator::Serial(Box::new(Rows {
        rows,
        made: 0,
        count,
        size: cx.context.batch_size.max(1),
    }))
}

/// A stage that makes all of its rows itself, when its operator is built.
pub(super) struct Made<F> {
    name: String,
    rows: F,
    plan: Option<Arc<dyn Subplan>>,
}

/// A stage that gives the rows of a search that is known by name.
pub(super) fn saved(plan: Arc<dyn Subplan>) -> Box<dyn Stage> {
    let search = plan.clone();
    Box::new(Made {
        name: "saved rows".to_owned(),
        rows: move || search.run(Limits::NONE),
        plan: Some(plan),
    })
}

impl<F: Fn() -> Result<Batch, Diagnostic> + Send + Sync + 'static> Made<F> {
    /// The stage; `name` says what the rows come from.
    pub(super) fn boxed(name: impl Into<String>, rows: F) -> Box<dyn Stage> {
        let (name, plan) = (name.into(), None);
        Box::new(Self { name, rows, plan })
    }
}

impl<F> std::fmt::Debug for Made<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Made").field(&self.name).finish()
    }
}

impl<F: Fn() -> Result<Batch, Diagnostic> + Send + Sync> Stage for Made<F> {
    fn kind(&self) -> Kind {
        Kind::Serial
    }
    fn ordering(&self) -> Ordering {
        Ordering::Makes
    }
    fn demand(&self, _: &Demand) -> Demand {
        Demand::none()
    }
    fn generates(&self) -> bool {
        true
    }
    fn origin(&self, name: &str, _: &Before<'_>) -> Origin {
        let plan = self.plan.as_ref();
        plan.map_or(Origin::Input, |plan| plan.origin(name))
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let made = (self.rows)()?;
        let count = made.rows();
        Ok(rows(made, count, cx))
    }
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
