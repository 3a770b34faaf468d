//! Runs a chain: takes a feed of batches and operators, gives the rows that come out at the end.
//!
//! The streaming operators at the start and the first mergeable one run on every worker over what the feed gives;
//! the partial states are merged and the rest goes on in one place, in order.

use super::account::{Account, Owner};
use super::failure::{Failure, is_of_rows, of_first_row};
use super::tail::{Tail, feed_serially};
use super::{Flow, Mergeable, Operator, Partial, Rows, Streaming};
use crate::data::{Batch, Context};
use crate::diagnostic::{Diagnostic, code};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Stack of a worker: the tallest expression that the parser accepts runs in it, unoptimised builds included.
const STACK: usize = 16 << 20;

/// Where batches come from. Shared by all workers.
pub trait Feed: Send + Sync {
    /// A worker's end of the feed.
    fn worker(&self) -> Box<dyn FeedWorker + '_>;
}

/// One worker's end of a feed.
pub trait FeedWorker {
    /// The next batches, in no order; `None` at the end.
    fn next(&mut self) -> Option<Result<Vec<Batch>, Diagnostic>>;
    /// The place among all workers' of what was given last, for feeds with several parts: they give them in the order
    /// of the input.
    fn turn(&self) -> u64 {
        0
    }
}

/// Rows that went into and came out of one operator.
#[derive(Debug, Default)]
pub struct Traffic {
    /// Rows in.
    pub rows_in: AtomicU64,
    /// Rows out.
    pub rows_out: AtomicU64,
}

impl Traffic {
    /// Counts from 0 again.
    pub fn reset(&self) {
        self.rows_in.store(0, Ordering::Relaxed);
        self.rows_out.store(0, Ordering::Relaxed);
    }
}

/// An operator in its chain.
pub struct Link {
    /// What runs.
    pub operator: Operator,
    /// Its counts.
    pub traffic: Arc<Traffic>,
    /// Whose it is.
    pub owner: Owner,
}

/// Operators in order.
#[derive(Default)]
pub struct Chain {
    /// From the source to the end.
    pub links: Vec<Link>,
}

impl Chain {
    /// Adds an operator at the end and gives its counters.
    pub fn push(&mut self, operator: Operator, owner: Owner) -> Arc<Traffic> {
        let traffic = Arc::new(Traffic::default());
        self.links.push(Link {
            operator,
            traffic: traffic.clone(),
            owner,
        });
        traffic
    }
}

/// Receives the rows at the end of a chain; gives [`Flow::Done`] when it wants no more.
pub type Sink<'a> = dyn FnMut(Batch) -> Result<Flow, Diagnostic> + 'a;

/// Runs the chain to its end.
pub fn run(
    feed: &dyn Feed,
    chain: Chain,
    context: &Context,
    sink: &mut Sink<'_>,
) -> Result<(), Diagnostic> {
    let Parts {
        prefix,
        first,
        rest,
    } = Parts::of(chain);
    let result = match first {
        Some(first) => {
            let rows: Rows = match merged(feed, &prefix, &first, context)? {
                Some(whole) => whole.rows()?,
                None => Box::new(std::iter::empty()),
            };
            feed_serially(rows, &first.traffic, rest, context, sink)
        }
        None => serial(feed, &prefix, rest, context, sink),
    };
    if context.cancel.is_cancelled() {
        return Err(Diagnostic::new(&code::CANCELLED, "the run was stopped"));
    }
    result
}

/// The mergeable operator that runs on every worker.
pub(super) struct First {
    pub mergeable: Arc<dyn Mergeable>,
    pub traffic: Arc<Traffic>,
    pub owner: Owner,
}

impl First {
    /// A batch through the operators before it into a worker's state.
    pub fn push(
        &self,
        prefix: &Prefix,
        partial: &mut dyn Partial,
        batch: Batch,
    ) -> Result<(), Diagnostic> {
        let own = batch.clone();
        let passed = prefix.apply(batch).and_then(|batch| {
            let rows = batch.rows() as u64;
            self.traffic.rows_in.fetch_add(rows, Ordering::Relaxed);
            partial.push(batch)
        });
        passed.map_err(|error| {
            let mut fresh = self.mergeable.partial();
            of_first_row(&own, error, |row| fresh.push(prefix.apply(row)?))
        })
    }
}

/// A chain by how its operators run.
pub(super) struct Parts {
    /// On every worker, on each batch.
    pub prefix: Prefix,
    /// On every worker, merged; `None` when a serial operator comes first.
    pub first: Option<First>,
    /// In one place, in order.
    pub rest: Vec<Link>,
}

impl Parts {
    pub(super) fn of(chain: Chain) -> Self {
        let mut links = chain.links;
        let split = links
            .iter()
            .position(|l| !matches!(l.operator, Operator::Streaming(_)))
            .unwrap_or(links.len());
        let mut rest = links.split_off(split);
        let first = match rest.first() {
            Some(Link {
                operator: Operator::Mergeable(mergeable),
                traffic,
                owner,
            }) => Some(First {
                mergeable: mergeable.clone(),
                traffic: traffic.clone(),
                owner: *owner,
            }),
            _ => None,
        };
        if first.is_some() {
            rest.remove(0);
        }
        Self {
            prefix: Prefix::new(links),
            first,
            rest,
        }
    }
}

/// The streaming operators at the start of a chain; shared by all workers.
pub(super) struct Prefix(Vec<(Arc<dyn Streaming>, Arc<Traffic>)>);

impl Prefix {
    fn new(links: Vec<Link>) -> Self {
        let streaming = links.into_iter().filter_map(|link| match link.operator {
            Operator::Streaming(operator) => Some((operator, link.traffic)),
            _ => None,
        });
        Self(streaming.collect())
    }

    /// A batch through all of them.
    pub(super) fn apply(&self, mut batch: Batch) -> Result<Batch, Diagnostic> {
        for (operator, traffic) in &self.0 {
            traffic
                .rows_in
                .fetch_add(batch.rows() as u64, Ordering::Relaxed);
            batch = operator.apply(batch)?;
            traffic
                .rows_out
                .fetch_add(batch.rows() as u64, Ordering::Relaxed);
        }
        Ok(batch)
    }
}

/// Runs one mergeable operator over a feed on every worker; gives the merged state before it is finished.
pub fn fold(
    feed: &dyn Feed,
    mergeable: Arc<dyn Mergeable>,
    context: &Context,
) -> Result<Option<Box<dyn Partial>>, Diagnostic> {
    let first = First {
        mergeable,
        traffic: Arc::default(),
        owner: Owner::default(),
    };
    merged(feed, &Prefix(Vec::new()), &first, context)
}

/// The workers' partial states as one; `None` when the run was cancelled.
fn merged(
    feed: &dyn Feed,
    prefix: &Prefix,
    first: &First,
    context: &Context,
) -> Result<Option<Box<dyn Partial>>, Diagnostic> {
    let failure = Failure::default();
    let work = || -> Option<(Box<dyn Partial>, Account)> {
        let mut partial = first.mergeable.partial();
        let mut account = Account::new(context, first.owner);
        let mut worker = feed.worker();
        while let Some(batches) = worker.next() {
            let done = batches.and_then(|batches| {
                for batch in batches {
                    first.push(prefix, partial.as_mut(), batch)?;
                }
                account.partial(partial.as_mut())
            });
            if let Err(diagnostic) = done {
                failure.add(worker.turn(), diagnostic);
            }
            if failure.is_any() || context.cancel.is_cancelled() {
                return None;
            }
        }
        partial.seal();
        Some((partial, account))
    };
    let partials = spread(context.threads, work);
    failure.into_result()?;
    if partials.len() < context.threads.max(1) && !context.cancel.is_cancelled() {
        return Err(stopped());
    }
    let (partials, _accounts): (Vec<_>, Vec<_>) = partials.into_iter().unzip();
    joined(partials)
}

/// The states of several workers as one; `None` of none.
pub(super) fn joined(
    partials: Vec<Box<dyn Partial>>,
) -> Result<Option<Box<dyn Partial>>, Diagnostic> {
    let mut partials = partials.into_iter();
    let Some(mut whole) = partials.next() else {
        return Ok(None);
    };
    for partial in partials {
        whole.merge(partial)?;
    }
    Ok(Some(whole))
}

/// Runs the same work on so many threads; gives what each came to.
pub(super) fn spread<T: Send>(threads: usize, work: impl Fn() -> Option<T> + Sync) -> Vec<T> {
    if threads <= 1 {
        return work().into_iter().collect();
    }
    std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads)
            .filter_map(|_| {
                std::thread::Builder::new()
                    .stack_size(STACK)
                    .spawn_scoped(scope, &work)
                    .ok()
            })
            .collect();
        handles
            .into_iter()
            .filter_map(|handle| handle.join().ok().flatten())
            .collect()
    })
}

/// The error for a thread that gave nothing although nothing went wrong that it could tell.
pub(super) fn stopped() -> Diagnostic {
    Diagnostic::new(&code::RUNTIME, "a worker thread stopped unexpectedly")
}

/// No mergeable operator comes first: one worker, in the order of the feed.
fn serial(
    feed: &dyn Feed,
    prefix: &Prefix,
    rest: Vec<Link>,
    context: &Context,
    sink: &mut Sink<'_>,
) -> Result<(), Diagnostic> {
    let mut tail = Tail::new(rest, context, sink);
    let mut worker = feed.worker();
    while let Some(batches) = worker.next() {
        for batch in batches? {
            if context.cancel.is_cancelled() || passed(prefix, batch, &mut tail)? == Flow::Done {
                return tail.finish(0);
            }
        }
    }
    tail.finish(0)
}

/// A batch through all operators. The rows before one that fails go on.
fn passed(prefix: &Prefix, batch: Batch, tail: &mut Tail<'_, '_>) -> Result<Flow, Diagnostic> {
    match prefix.apply(batch.clone()) {
        Ok(batch) => tail.push(0, batch),
        Err(error) if batch.rows() < 2 || !is_of_rows(&error) => Err(error),
        Err(error) => {
            for row in 0..batch.rows() {
                if tail.push(0, prefix.apply(batch.slice(row, 1))?)? == Flow::Done {
                    return Ok(Flow::Done);
                }
            }
            Err(error)
        }
    }
}
