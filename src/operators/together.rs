//! Several chains over one feed: takes lanes (a predicate and a chain each), gives each lane's rows and how it ended.
//!
//! Every batch of the feed goes through every lane on the worker that got it: the lane's own events, its streaming
//! operators, and the partial state of its first mergeable one. The states are merged and finished lane by lane. What
//! goes wrong in one lane ends that lane only.

use super::account::Account;
use super::driver::{First, Parts, Prefix, joined, spread, stopped};
use super::failure::Failure;
use super::tail::feed_serially;
use super::{Chain, Feed, Link, Order, Owner, Partial, Rows, Sink, TimeOrder};
use crate::data::time::{DATE_FIELDS, own_date};
use crate::data::{Batch, Context, Demand, Filter, Mask, narrow};
use crate::diagnostic::{Diagnostic, code};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// One query among several.
pub struct Lane {
    /// Which events of the feed are its own; all when there is none.
    pub filter: Option<Arc<dyn Filter>>,
    /// Drops more of its own events.
    pub further: Option<Arc<dyn Filter>>,
    /// The fields that its chain reads.
    pub demand: Demand,
    /// Its operators.
    pub chain: Chain,
    /// Its facts and notices.
    pub context: Context,
}

/// How a lane ended.
#[derive(Debug)]
pub struct Ran {
    /// Events that were its own.
    pub matched: u64,
    /// What went wrong, if something did.
    pub result: Result<(), Diagnostic>,
}

/// Lanes ready to run.
pub struct Lanes {
    shared: Vec<Shared>,
    /// What of each runs in one place.
    rests: Vec<Vec<Link>>,
}

/// What of a lane runs on every worker.
struct Shared {
    filter: Option<Arc<dyn Filter>>,
    further: Option<Arc<dyn Filter>>,
    demand: Demand,
    prefix: Prefix,
    first: First,
    context: Context,
    matched: AtomicU64,
    failure: Failure,
}

impl Shared {
    fn of(lane: Lane) -> (Self, Vec<Link>) {
        let Parts {
            prefix,
            first,
            rest,
        } = Parts::of(lane.chain);
        // A chain that begins with a serial operator gets its events as they came.
        let first = first.unwrap_or_else(|| {
            let order = TimeOrder {
                order: Order::Input,
                limit: None,
            };
            First {
                mergeable: Arc::new(order.sort(&lane.context.memory)),
                traffic: Arc::default(),
                owner: Owner {
                    name: "keeping the order of events",
                    span: None,
                },
            }
        });
        let shared = Self {
            filter: lane.filter,
            further: lane.further,
            demand: lane.demand,
            prefix,
            first,
            context: lane.context,
            matched: AtomicU64::new(0),
            failure: Failure::default(),
        };
        (shared, rest)
    }

    /// The lane's own events of a batch, with its fields.
    fn own(&self, batch: &Batch) -> Result<Batch, Diagnostic> {
        let filter = self.filter.as_ref();
        let mut mask = filter.map(|filter| filter.keep(batch)).transpose()?;
        let matched = mask.as_ref().map_or(batch.rows(), Mask::true_count);
        self.matched.fetch_add(matched as u64, Ordering::Relaxed);
        if let (Some(further), true) = (&self.further, matched > 0) {
            mask = Some(narrow(further.as_ref(), batch, mask.as_ref())?);
        }
        if matched == 0 {
            return Ok(Batch::new(0));
        }
        let own = fields_of(batch, &self.demand);
        Ok(match mask {
            Some(mask) => own.filter(&mask),
            None => own,
        })
    }

    fn push(&self, (partial, account): &mut Part, batch: &Batch) -> Result<(), Diagnostic> {
        let own = self.own(batch)?;
        if own.is_empty() {
            return Ok(());
        }
        self.first.push(&self.prefix, partial.as_mut(), own)?;
        account.partial(partial.as_mut())
    }

    /// Merges the workers' states and runs the rest.
    fn finish(self, parts: Vec<Part>, rest: Vec<Link>, sink: &mut Sink<'_>) -> Ran {
        let (context, traffic) = (self.context, self.first.traffic);
        let (partials, _accounts): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        let whole = self.failure.into_result().and_then(|()| joined(partials));
        let result = whole.and_then(|whole| {
            let rows: Rows = match whole {
                Some(whole) => whole.rows()?,
                None => Box::new(std::iter::empty()),
            };
            feed_serially(rows, &traffic, rest, &context, sink)
        });
        Ran {
            matched: self.matched.into_inner(),
            result,
        }
    }
}

/// The fields of a batch as one query alone would have them: those that it names first, and the parts of the time only
/// where it names them.
fn fields_of(batch: &Batch, demand: &Demand) -> Batch {
    let mut own = Batch::new(batch.rows());
    own.join_as(batch);
    own.position = batch.position;
    let named = demand.names.iter();
    for (name, column) in named.filter_map(|name| Some((name, batch.get(name)?))) {
        own.set(name.clone(), column.clone());
    }
    if demand.is_exact() {
        return own;
    }
    for (name, column) in batch.fields().filter(|(name, _)| demand.wants(name)) {
        if !demand.names.contains(name) {
            own.set(name.clone(), column.clone());
        }
    }
    for name in DATE_FIELDS {
        let held = own.remove(&own_date(name));
        if let (Some(held), false) = (held, demand.names.contains(name)) {
            match held.is_all_null() {
                true => drop(own.remove(name)),
                false => own.set(name, held),
            }
        }
    }
    own
}

/// One worker's state of a lane, and what it holds of the memory of all lanes.
type Part = (Box<dyn Partial>, Account);

impl Lanes {
    /// Splits each lane's chain.
    pub fn new(lanes: Vec<Lane>) -> Self {
        let (shared, rests) = lanes.into_iter().map(Shared::of).unzip();
        Self { shared, rests }
    }

    /// Runs all lanes over the feed. `sink` gets the rows with the number of their lane, lane after lane; what comes
    /// back has a place for each lane. An error of the feed itself ends everything.
    pub fn run(
        self,
        feed: &dyn Feed,
        context: &Context,
        sink: &mut dyn FnMut(usize, Batch) -> Result<super::Flow, Diagnostic>,
    ) -> Result<Vec<Ran>, Diagnostic> {
        let broken = Failure::default();
        let lanes = &self.shared;
        let work = || -> Option<Vec<Part>> {
            let part = |lane: &Shared| {
                let partial = lane.first.mergeable.partial();
                (partial, Account::new(context, lane.first.owner))
            };
            let mut partials: Vec<Part> = lanes.iter().map(part).collect();
            let mut worker = feed.worker();
            while let Some(batches) = worker.next() {
                match batches {
                    Ok(batches) => {
                        let turn = worker.turn();
                        let each = batches.iter();
                        each.for_each(|batch| push(lanes, &mut partials, batch, turn));
                    }
                    Err(diagnostic) => broken.add(worker.turn(), diagnostic),
                }
                if broken.is_any() || context.cancel.is_cancelled() {
                    return None;
                }
            }
            partials.iter_mut().for_each(|(partial, _)| partial.seal());
            Some(partials)
        };
        let workers = spread(context.threads, work);
        broken.into_result()?;
        if context.cancel.is_cancelled() {
            return Err(Diagnostic::new(&code::CANCELLED, "the run was stopped"));
        }
        if workers.len() < context.threads.max(1) {
            return Err(stopped());
        }
        let mut states: Vec<_> = workers.into_iter().map(Vec::into_iter).collect();
        let lanes = self.shared.into_iter().zip(self.rests).enumerate();
        let ran = lanes.map(|(number, (lane, rest))| {
            let partials = states.iter_mut().filter_map(Iterator::next).collect();
            lane.finish(partials, rest, &mut |batch| sink(number, batch))
        });
        Ok(ran.collect())
    }
}

/// A batch through all lanes that have not failed before its turn.
fn push(lanes: &[Shared], partials: &mut [Part], batch: &Batch, turn: u64) {
    for (lane, partial) in lanes.iter().zip(partials) {
        if lane.failure.is_before(turn) {
            continue;
        }
        if let Err(diagnostic) = lane.push(partial, batch) {
            lane.failure.add(turn, diagnostic);
        }
    }
}
