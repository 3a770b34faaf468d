//! What the source does of the leading stages: takes stages, marks those, gives their predicates, literals and bounds.
//!
//! A search drops events before they are parsed. A `where` or `regex` behind it is asked of the events that are left,
//! before any field but those that it reads is extracted.

use super::{Planned, Wanted};
use crate::data::{Batch, Demand, Filter, Mask, narrow};
use crate::diagnostic::Diagnostic;
use crate::operators::Traffic;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Marks the leading stages whose work the source can do, and joins their predicates.
pub(super) fn push_down(stages: &mut [Planned], reads_input: bool) -> Wanted {
    let mut wanted = Wanted::default();
    let mut filters: Vec<Link> = Vec::new();
    let mut further: Vec<Link> = Vec::new();
    if !reads_input {
        return wanted;
    }
    for planned in stages.iter_mut() {
        if planned.order.is_some() {
            break;
        }
        let pushdown = planned.stage.pushdown();
        if let (Some(pushdown), true) = (&pushdown, further.is_empty()) {
            filters.extend(pushdown.filter.clone().map(|filter| (filter, None)));
            wanted.literals.and(&pushdown.literals);
            wanted.earliest = wanted.earliest.max(pushdown.earliest);
            wanted.latest = match (wanted.latest, pushdown.latest) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
        } else {
            // Behind a stage that may fail, nothing may keep events from it: no literals, no bounds.
            let unbounded = pushdown.filter(|p| p.earliest.is_none() && p.latest.is_none());
            let filter = unbounded.and_then(|p| p.filter);
            let Some(filter) = filter.or_else(|| planned.stage.predicate()) else {
                break;
            };
            let traffic = Arc::new(Traffic::default());
            planned.asked = Some(traffic.clone());
            further.push((filter, Some(traffic)));
        }
        planned.pushed = true;
    }
    wanted.filter = All::of(filters);
    wanted.further = All::of(further);
    wanted
}

/// A predicate, with the counters of its stage.
pub(super) type Link = (Arc<dyn Filter>, Option<Arc<Traffic>>);

/// Several predicates that must all hold; each is asked of the rows that those before it keep.
pub(super) struct All {
    links: Vec<Link>,
    demand: Demand,
}

impl All {
    /// The predicates joined; `None` of none.
    pub(super) fn of(links: Vec<Link>) -> Option<Arc<dyn Filter>> {
        let mut demand = Demand::none();
        for (filter, _) in &links {
            demand.union(filter.demand());
        }
        (!links.is_empty()).then(|| Arc::new(Self { links, demand }) as _)
    }
}

impl Filter for All {
    fn demand(&self) -> &Demand {
        &self.demand
    }

    fn keep(&self, batch: &Batch) -> Result<Mask, Diagnostic> {
        let mut kept: Option<Mask> = None;
        for (filter, traffic) in &self.links {
            let before = kept.as_ref().map_or(batch.rows(), Mask::true_count);
            let mask = narrow(filter.as_ref(), batch, kept.as_ref())?;
            if let Some(traffic) = traffic {
                let count = |rows: usize| rows as u64;
                traffic.rows_in.fetch_add(count(before), Ordering::Relaxed);
                let after = count(mask.true_count());
                traffic.rows_out.fetch_add(after, Ordering::Relaxed);
            }
            kept = Some(mask);
        }
        Ok(kept.unwrap_or_else(|| Mask::from(vec![true; batch.rows()])))
    }

    fn recall(&self, rows: usize) {
        for traffic in self
            .links
            .iter()
            .filter_map(|(_, traffic)| traffic.as_ref())
        {
            for counter in [&traffic.rows_in, &traffic.rows_out] {
                counter.fetch_sub(rows as u64, Ordering::Relaxed);
            }
        }
    }
}
