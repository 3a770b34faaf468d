//! Runs a compiled query: takes inputs, gives rows to a sink, and the outcome.

use super::report::{Outcome, StageReport};
use super::why::{Counts, TermCounter, Terms};
use super::{Compiled, Session};
use crate::data::{Batch, Context};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{self, Feed, FeedWorker, Flow, Sink};
use crate::plan::Wanted;
use crate::source::{self, Progress, Request, Scan};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// A scan as a feed of the chain.
struct ScanFeed(Scan);

impl Feed for ScanFeed {
    fn worker(&self) -> Box<dyn FeedWorker + '_> {
        Box::new(ScanWorker {
            scan: &self.0,
            worker: self.0.worker(),
        })
    }
}

struct ScanWorker<'a> {
    scan: &'a Scan,
    worker: source::Worker,
}

impl FeedWorker for ScanWorker<'_> {
    fn next(&mut self) -> Option<Result<Vec<Batch>, Diagnostic>> {
        self.scan.next(&mut self.worker)
    }

    fn turn(&self) -> u64 {
        self.worker.turn
    }
}

/// No events at all, for queries that make their own.
pub(super) struct Nothing;

impl Feed for Nothing {
    fn worker(&self) -> Box<dyn FeedWorker + '_> {
        Box::new(Nothing)
    }
}

impl FeedWorker for Nothing {
    fn next(&mut self) -> Option<Result<Vec<Batch>, Diagnostic>> {
        None
    }
}

impl Session {
    /// Runs a compiled query over inputs. `progress` may be watched meanwhile.
    pub fn run(
        &self,
        compiled: &Compiled,
        inputs: &[String],
        progress: &Arc<Progress>,
        sink: &mut Sink<'_>,
    ) -> Result<Outcome, Diagnostics> {
        let start = Instant::now();
        let context = &compiled.context;
        compiled.runner.set(inputs);
        let resolved = |error: Diagnostic| {
            let mut errors = vec![error];
            compiled.expanded.map.resolve(&mut errors);
            errors
        };
        let of_subsearches = compiled.plan.resolved(context).map_err(resolved)?;
        let plan = of_subsearches.as_ref().unwrap_or(&compiled.plan);
        let (chain, traffic) = plan.chain(context).map_err(resolved)?;
        let mut rows = 0;
        let mut counted = |batch: Batch| -> Result<Flow, Diagnostic> {
            rows += batch.rows() as u64;
            sink(batch)
        };
        let feed = self.feed(&plan.wanted, plan.reads_input, inputs, context, progress)?;
        operators::run(feed.as_ref(), chain, context, &mut counted).map_err(resolved)?;
        drop(feed);
        let stages = plan.stages.iter().zip(&traffic).map(|(planned, traffic)| {
            let count = |f: fn(&operators::Traffic) -> u64, pushed: u64| {
                traffic.as_ref().map_or(pushed, |t| f(t))
            };
            StageReport {
                text: planned.text.clone(),
                rows_in: count(
                    |t| t.rows_in.load(Ordering::Relaxed),
                    progress.events.load(Ordering::Relaxed),
                ),
                rows_out: count(
                    |t| t.rows_out.load(Ordering::Relaxed),
                    progress.matched.load(Ordering::Relaxed),
                ),
            }
        });
        Ok(Outcome {
            scanned: progress.events.load(Ordering::Relaxed),
            matched: progress.matched.load(Ordering::Relaxed),
            rows,
            bytes: progress.bytes_done.load(Ordering::Relaxed),
            elapsed: start.elapsed(),
            notices: compiled
                .remarks
                .iter()
                .cloned()
                .chain(context.notices.list())
                .collect(),
            stages: stages.collect(),
        })
    }

    /// The feed of a plan's source.
    pub(super) fn feed(
        &self,
        wanted: &Wanted,
        reads_input: bool,
        inputs: &[String],
        context: &Context,
        progress: &Arc<Progress>,
    ) -> Result<Box<dyn Feed>, Diagnostics> {
        if !reads_input {
            return Ok(Box::new(Nothing));
        }
        open(wanted, inputs, &self.settings.source, context, progress)
    }
}

/// A scan of the inputs as a feed.
pub(super) fn open(
    wanted: &Wanted,
    inputs: &[String],
    options: &source::Options,
    context: &Context,
    progress: &Arc<Progress>,
) -> Result<Box<dyn Feed>, Diagnostics> {
    let (earliest, latest) = wanted.times(context);
    let request = Request {
        demand: wanted.demand.clone(),
        filter: wanted.filter.clone(),
        further: wanted.further.clone(),
        literals: wanted.literals.clone(),
        any_of: Vec::new(),
        earliest,
        latest,
    };
    scan(request, inputs, options, context, progress)
}

/// A scan of the inputs for a request, as a feed.
pub(super) fn scan(
    request: Request,
    inputs: &[String],
    options: &source::Options,
    context: &Context,
    progress: &Arc<Progress>,
) -> Result<Box<dyn Feed>, Diagnostics> {
    let morsels = source::open_all(inputs, options, context, progress)?;
    let scan = Scan::new(
        Box::new(morsels),
        request,
        options,
        context,
        progress.clone(),
    );
    Ok(Box::new(ScanFeed(scan)))
}

/// Gives batches of the inputs, in no order, to a function, until about `most` events were seen.
pub(super) fn drain(
    session: &Session,
    wanted: &Wanted,
    inputs: &[String],
    context: &Context,
    most: usize,
    take: &mut dyn FnMut(Batch),
) -> Result<(), Diagnostics> {
    let context = Context {
        notices: crate::diagnostic::Notices::default(),
        ..context.clone()
    };
    let feed = session.feed(wanted, true, inputs, &context, &Arc::default())?;
    let mut worker = feed.worker();
    let mut seen = 0;
    while let Some(batches) = worker.next() {
        for batch in batches.map_err(|e| vec![e])? {
            seen += batch.rows();
            take(batch);
        }
        if seen >= most || context.cancel.is_cancelled() {
            break;
        }
    }
    Ok(())
}

/// Counts terms over all events of the inputs, on all cores.
pub(super) fn count(
    session: &Session,
    wanted: &Wanted,
    counter: TermCounter,
    inputs: &[String],
    context: &Context,
) -> Result<Terms, Diagnostics> {
    let context = Context {
        notices: crate::diagnostic::Notices::default(),
        ..context.clone()
    };
    let feed = session.feed(wanted, true, inputs, &context, &Arc::default())?;
    let merged =
        operators::fold(feed.as_ref(), Arc::new(counter), &context).map_err(|e| vec![e])?;
    let counts = merged.and_then(|m| m.into_any().downcast::<Counts>().ok());
    Ok(counts.map(|c| c.report()).unwrap_or_default())
}

impl Session {
    /// Gives a sample of the inputs' events to a function; stops after about `most` events.
    pub fn sample(
        &self,
        inputs: &[String],
        demand: &crate::data::Demand,
        most: usize,
        take: &mut dyn FnMut(Batch),
    ) -> Result<(), Diagnostics> {
        let wanted = Wanted {
            demand: demand.clone(),
            ..Wanted::default()
        };
        drain(self, &wanted, inputs, &self.context()?, most, take)
    }

    /// Gives the events that a compiled query's source gives, with other fields, to a function.
    pub fn events(
        &self,
        compiled: &Compiled,
        wanted: &Wanted,
        inputs: &[String],
        take: &mut dyn FnMut(Batch),
    ) -> Result<(), Diagnostics> {
        drain(self, wanted, inputs, &compiled.context, usize::MAX, take)
    }
}
