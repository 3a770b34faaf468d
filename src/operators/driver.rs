//! Runs a chain: takes a feed of batches and operators, gives the rows that come out at the end.
//!
//! The streaming operators at the start and the first mergeable one run on every worker over what the feed gives;
//! the partial states are merged and the rest goes on in one place, in order.

use super::{Flow, Mergeable, Operator, Partial, Streaming};
use crate::data::{Batch, Context, Position};
use crate::diagnostic::{Diagnostic, code};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

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
}

/// Operators in order.
#[derive(Default)]
pub struct Chain {
    /// From the source to the end.
    pub links: Vec<Link>,
}

impl Chain {
    /// Adds an operator at the end and gives its counters.
    pub fn push(&mut self, operator: Operator) -> Arc<Traffic> {
        let traffic = Arc::new(Traffic::default());
        self.links.push(Link {
            operator,
            traffic: traffic.clone(),
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
        Some((mergeable, traffic)) => {
            let batches = parallel(feed, &prefix, mergeable.as_ref(), &traffic, context)?;
            feed_serially(batches, rest, context, sink)
        }
        None => serial(feed, &prefix, rest, context, sink),
    };
    if context.cancel.is_cancelled() {
        return Err(Diagnostic::new(&code::CANCELLED, "the run was stopped"));
    }
    result
}

/// A chain by how its operators run.
pub(super) struct Parts {
    /// On every worker, on each batch.
    pub prefix: Prefix,
    /// On every worker, merged; `None` when a serial operator comes first.
    pub first: Option<(Arc<dyn Mergeable>, Arc<Traffic>)>,
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
            }) => Some((mergeable.clone(), traffic.clone())),
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
    mergeable: &dyn Mergeable,
    context: &Context,
) -> Result<Option<Box<dyn Partial>>, Diagnostic> {
    merged(
        feed,
        &Prefix(Vec::new()),
        mergeable,
        &Traffic::default(),
        context,
    )
}

/// The parallel part: streaming operators and the first mergeable one, on every worker.
fn parallel(
    feed: &dyn Feed,
    prefix: &Prefix,
    mergeable: &dyn Mergeable,
    traffic: &Traffic,
    context: &Context,
) -> Result<Vec<Batch>, Diagnostic> {
    let Some(whole) = merged(feed, prefix, mergeable, traffic, context)? else {
        return Ok(Vec::new());
    };
    let batches = whole.finish()?;
    let rows: usize = batches.iter().map(Batch::rows).sum();
    traffic.rows_out.fetch_add(rows as u64, Ordering::Relaxed);
    Ok(batches)
}

/// The workers' partial states as one; `None` when the run was cancelled.
fn merged(
    feed: &dyn Feed,
    prefix: &Prefix,
    mergeable: &dyn Mergeable,
    traffic: &Traffic,
    context: &Context,
) -> Result<Option<Box<dyn Partial>>, Diagnostic> {
    let failure: Mutex<Option<Diagnostic>> = Mutex::new(None);
    let work = || -> Option<Box<dyn Partial>> {
        let mut partial = mergeable.partial();
        let mut worker = feed.worker();
        while let Some(batches) = worker.next() {
            let done = batches.and_then(|batches| {
                for batch in batches {
                    let batch = prefix.apply(batch)?;
                    traffic
                        .rows_in
                        .fetch_add(batch.rows() as u64, Ordering::Relaxed);
                    partial.push(batch)?;
                }
                Ok(())
            });
            if let Err(diagnostic) = done {
                let mut slot = failure.lock().unwrap_or_else(PoisonError::into_inner);
                slot.get_or_insert(diagnostic);
                return None;
            }
            let failed = failure
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .is_some();
            if failed || context.cancel.is_cancelled() {
                return None;
            }
        }
        partial.seal();
        Some(partial)
    };
    let mut partials = spread(context.threads, work);
    if let Some(diagnostic) = failure
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take()
    {
        return Err(diagnostic);
    }
    if partials.len() < context.threads.max(1) && !context.cancel.is_cancelled() {
        return Err(stopped());
    }
    if partials.is_empty() {
        return Ok(None);
    }
    let mut whole = partials.swap_remove(0);
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
            if context.cancel.is_cancelled() || tail.push(0, prefix.apply(batch)?)? == Flow::Done {
                return tail.finish(0);
            }
        }
    }
    tail.finish(0)
}

/// The rows of the parallel part through the rest of the chain, in batches of at most `batch_size`.
pub(super) fn feed_serially(
    batches: Vec<Batch>,
    rest: Vec<Link>,
    context: &Context,
    sink: &mut Sink<'_>,
) -> Result<(), Diagnostic> {
    let mut tail = Tail::new(rest, context, sink);
    if !tail.links.is_empty() {
        for batch in batches {
            for offset in (0..batch.rows()).step_by(context.batch_size.max(1)) {
                let piece = batch.slice(offset, context.batch_size.max(1));
                if context.cancel.is_cancelled() || tail.push(0, piece)? == Flow::Done {
                    return tail.finish(0);
                }
            }
        }
    } else {
        for batch in batches {
            if (tail.sink)(batch)? == Flow::Done {
                return Ok(());
            }
        }
    }
    tail.finish(0)
}

/// The serial part of a chain.
struct Tail<'a, 'b> {
    links: Vec<TailLink>,
    context: &'a Context,
    sink: &'a mut Sink<'b>,
    /// The sink wants no more.
    is_full: bool,
}

struct TailLink {
    operator: TailOperator,
    traffic: Arc<Traffic>,
    /// Batches so far: in this part, the order of arrival is the order of events.
    sequence: u64,
    done: bool,
}

enum TailOperator {
    Plain(Operator),
    Partial(Option<Box<dyn Partial>>),
}

impl<'a, 'b> Tail<'a, 'b> {
    fn new(rest: Vec<Link>, context: &'a Context, sink: &'a mut Sink<'b>) -> Self {
        let links = rest.into_iter().map(|link| TailLink {
            operator: match link.operator {
                Operator::Mergeable(m) => TailOperator::Partial(Some(m.partial())),
                other => TailOperator::Plain(other),
            },
            traffic: link.traffic,
            sequence: 0,
            done: false,
        });
        Self {
            links: links.collect(),
            context,
            sink,
            is_full: false,
        }
    }

    /// Pushes a batch into link `at` and what comes out into the links after it.
    fn push(&mut self, at: usize, mut batch: Batch) -> Result<Flow, Diagnostic> {
        let Some(link) = self.links.get_mut(at) else {
            if !self.is_full {
                self.is_full = (self.sink)(batch)? == Flow::Done;
            }
            return Ok(match self.is_full {
                true => Flow::Done,
                false => Flow::More,
            });
        };
        if link.done {
            return Ok(Flow::Done);
        }
        link.sequence += 1;
        batch.position = Position {
            file: 0,
            part: link.sequence,
        };
        link.traffic
            .rows_in
            .fetch_add(batch.rows() as u64, Ordering::Relaxed);
        let mut out = Vec::new();
        let mut flow = Flow::More;
        let mut needs_all = false;
        match &mut link.operator {
            TailOperator::Plain(Operator::Streaming(operator)) => out.push(operator.apply(batch)?),
            TailOperator::Plain(Operator::Serial(operator)) => {
                flow = operator.push(batch, &mut out)?;
                needs_all = operator.needs_all();
            }
            TailOperator::Partial(Some(partial)) => partial.push(batch)?,
            TailOperator::Plain(Operator::Mergeable(_)) | TailOperator::Partial(None) => {}
        }
        link.done = flow == Flow::Done;
        let rows: usize = out.iter().map(Batch::rows).sum();
        link.traffic
            .rows_out
            .fetch_add(rows as u64, Ordering::Relaxed);
        for batch in out {
            if self.push(at + 1, batch)? == Flow::Done && !needs_all {
                flow = Flow::Done;
            }
        }
        Ok(flow)
    }

    /// Ends link `at` and all after it.
    fn finish(&mut self, at: usize) -> Result<(), Diagnostic> {
        loop {
            let Some(link) = self.links.get_mut(at) else {
                return Ok(());
            };
            let mut out = Vec::new();
            let flow = match &mut link.operator {
                TailOperator::Plain(Operator::Serial(operator)) => {
                    operator.finish_some(&mut out)?
                }
                TailOperator::Partial(partial) => {
                    if let Some(mut partial) = partial.take() {
                        partial.seal();
                        out = partial.finish()?;
                    }
                    Flow::Done
                }
                TailOperator::Plain(_) => Flow::Done,
            };
            let rows: usize = out.iter().map(Batch::rows).sum();
            link.traffic
                .rows_out
                .fetch_add(rows as u64, Ordering::Relaxed);
            let mut wanted = Flow::More;
            for batch in out {
                if self.push(at + 1, batch)? == Flow::Done {
                    wanted = Flow::Done;
                }
            }
            if flow == Flow::Done || wanted == Flow::Done || self.context.cancel.is_cancelled() {
                return self.finish(at + 1);
            }
        }
    }
}
