//! Predicates made of predicates: takes several, gives any of them, or one within bounds of `_time`.

use super::Wanted;
use super::push_down::{All, Link};
use crate::data::time::Timestamp;
use crate::data::{Batch, Context, Demand, Filter, Mask};
use crate::diagnostic::Diagnostic;
use std::sync::Arc;

/// Several predicates of which one must hold.
pub struct Any {
    filters: Vec<Arc<dyn Filter>>,
    demand: Demand,
}

impl Any {
    /// Joins predicates; of none, nothing passes.
    pub fn new(filters: Vec<Arc<dyn Filter>>) -> Self {
        let mut demand = Demand::none();
        for filter in &filters {
            demand.union(filter.demand());
        }
        Self { filters, demand }
    }
}

impl Filter for Any {
    fn demand(&self) -> &Demand {
        &self.demand
    }

    /// One that fails passes all: who asks it again tells the error.
    fn keep(&self, batch: &Batch) -> Result<Mask, Diagnostic> {
        let mut kept = Mask::from(vec![false; batch.rows()]);
        for filter in &self.filters {
            match filter.keep(batch) {
                Ok(mask) => kept = Mask::new(kept.values() | mask.values(), None),
                Err(_) => return Ok(vec![true; batch.rows()].into()),
            }
        }
        Ok(kept)
    }
}

/// Bounds on `_time`; an event without it is outside.
struct Within {
    earliest: Option<Timestamp>,
    latest: Option<Timestamp>,
    demand: Demand,
}

impl Filter for Within {
    fn demand(&self) -> &Demand {
        &self.demand
    }

    fn keep(&self, batch: &Batch) -> Result<Mask, Diagnostic> {
        let times = batch.column("_time");
        let inside = (0..batch.rows()).map(|row| {
            let time = times.number(row).and_then(Timestamp::from_seconds);
            time.is_some_and(|t| {
                self.earliest.is_none_or(|e| t >= e) && self.latest.is_none_or(|l| t < l)
            })
        });
        Ok(inside.collect::<Vec<bool>>().into())
    }
}

impl Wanted {
    /// The predicate and the bounds as one predicate, without what is asked further; `None` when every event passes.
    pub fn predicate(&self, context: &Context) -> Option<Arc<dyn Filter>> {
        let (earliest, latest) = self.times(context);
        let own = self.filter.iter();
        let mut filters: Vec<Link> = own.map(|filter| (filter.clone(), None)).collect();
        if earliest.is_some() || latest.is_some() {
            let within = Within {
                earliest,
                latest,
                demand: Demand::of(["_time"]),
            };
            filters.push((Arc::new(within), None));
        }
        All::of(filters)
    }
}
