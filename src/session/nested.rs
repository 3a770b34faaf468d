//! Subsearches: takes planned pipelines, runs them over the inputs of the search that they stand in.

use super::feed::{self, Nothing};
use crate::commands::{Kind, Limits, Origin, Subplan, Times};
use crate::data::{Batch, Batches, Context};
use crate::diagnostic::{Diagnostic, code};
use crate::operators::{self, Chain, Feed, FeedWorker, Flow};
use crate::plan::{Plan, Wanted};
use crate::source;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// What subsearches of one query share: the inputs, known when it runs.
#[derive(Debug)]
pub(super) struct Runner {
    options: source::Options,
    context: Context,
    inputs: Mutex<Vec<String>>,
    /// What subsearches would run, while that is gathered.
    wishes: Mutex<Option<Vec<Wish>>>,
}

/// A subsearch that is to be run over the input.
pub(super) struct Wish {
    pub(super) wanted: Wanted,
    pub(super) chain: Chain,
    pub(super) context: Context,
    pub(super) limits: Limits,
    /// Where its rows go.
    pub(super) found: Found,
}

impl std::fmt::Debug for Wish {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wish")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// What a subsearch gave before it was asked.
#[derive(Debug, Clone, Default)]
pub(super) struct Found(Arc<Mutex<Option<Answer>>>);

/// Rows, an error, or nothing that can be used: then it has to run by itself.
type Answer = Option<Result<Batch, Diagnostic>>;

impl Found {
    pub(super) fn set(&self, answer: Answer) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer);
    }

    fn take(&self) -> Option<Answer> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Runner {
    pub(super) fn new(options: source::Options, context: Context) -> Arc<Self> {
        Arc::new(Self {
            options,
            context,
            inputs: Mutex::default(),
            wishes: Mutex::default(),
        })
    }

    /// From now on subsearches say what they would run, until [`Runner::wishes`] is asked.
    pub(super) fn gather(&self) {
        *self.wishes.lock().unwrap_or_else(PoisonError::into_inner) = Some(Vec::new());
    }

    /// What subsearches would have run.
    pub(super) fn wishes(&self) -> Vec<Wish> {
        let mut wishes = self.wishes.lock().unwrap_or_else(PoisonError::into_inner);
        wishes.take().unwrap_or_default()
    }

    /// Takes a wish where wishes are gathered; gives it back elsewhere.
    fn wish(&self, wish: Wish) -> Result<(), Wish> {
        let mut wishes = self.wishes.lock().unwrap_or_else(PoisonError::into_inner);
        match wishes.as_mut() {
            Some(list) => {
                list.push(wish);
                Ok(())
            }
            None => Err(wish),
        }
    }

    fn inputs(&self) -> Vec<String> {
        self.inputs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Tells the inputs of the run that begins.
    pub(super) fn set(&self, inputs: &[String]) {
        *self.inputs.lock().unwrap_or_else(PoisonError::into_inner) = inputs.to_vec();
    }
}

/// A planned subsearch.
pub(super) struct Nested {
    plan: Plan,
    runner: Arc<Runner>,
    found: Found,
}

impl std::fmt::Debug for Nested {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.plan.stages.iter().map(|s| &s.text))
            .finish()
    }
}

impl Nested {
    pub(super) fn new(plan: Plan, runner: Arc<Runner>) -> Arc<Self> {
        Arc::new(Self {
            plan,
            runner,
            found: Found::default(),
        })
    }

    fn rows(&self, feed: &dyn Feed, chain: Chain, limits: Limits) -> Result<Batch, Diagnostic> {
        let context = &self.runner.context;
        let end = Instant::now().checked_add(limits.time);
        let feed = Timed {
            feed,
            end,
            is_over: AtomicBool::new(false),
        };
        let mut held = Batches::default();
        let mut share = context.memory.share();
        let mut count = 0;
        operators::run(&feed, chain, context, &mut |batch: Batch| {
            count += batch.rows();
            held.push(batch);
            share.hold(held.size(), "a search inside the query")?;
            // Rows that come of a feed that ended are all there; a search that makes rows has no other end.
            let enough = count > limits.rows || (!self.plan.reads_input && feed.is_over());
            Ok(if enough { Flow::Done } else { Flow::More })
        })?;
        if feed.is_over.load(Ordering::Relaxed) {
            let seconds = limits.time.as_secs_f64();
            let text = format!(
                "a subsearch was stopped after {seconds} seconds; what it found by then is used"
            );
            context.notices.push("subsearch-cap", text, false);
        }
        let whole = Batch::concat(&held.take());
        if whole.rows() > limits.rows {
            let most = limits.rows;
            let text = format!("a subsearch gave over {most} rows; the first {most} are used");
            context.notices.push("subsearch-cap", text, false);
            return Ok(whole.slice(0, most));
        }
        Ok(whole)
    }

    fn inputs(&self) -> Result<Vec<String>, Diagnostic> {
        let inputs = self.runner.inputs();
        let refused = |message: &str, help: &str| {
            Err(Diagnostic::new(&code::RUNTIME, message).help(help.to_owned()))
        };
        if inputs.is_empty() {
            return refused(
                "a search inside the query reads the input, and none is named",
                "name files, folders or globs",
            );
        }
        if inputs.iter().any(|i| i == "-") {
            return refused(
                "a subsearch reads the input a second time, which a pipe can't give",
                "name a file",
            );
        }
        Ok(inputs)
    }
}

impl Subplan for Nested {
    fn run(&self, limits: Limits) -> Result<Batch, Diagnostic> {
        let context = &self.runner.context;
        let resolved = self.plan.resolved(context)?;
        let plan = resolved.as_ref().unwrap_or(&self.plan);
        let (chain, _) = plan.chain(context)?;
        if let Some(notice) = plan.unfed(true) {
            context
                .notices
                .push(notice.topic, notice.text, notice.strict);
        }
        if !plan.reads_input {
            return self.rows(&Nothing, chain, limits);
        }
        let inputs = self.inputs()?;
        let chain = match self.found.take() {
            Some(Some(answer)) => return answer,
            Some(None) => chain,
            None => {
                let wish = Wish {
                    wanted: plan.wanted.clone(),
                    chain,
                    context: context.clone(),
                    limits,
                    found: self.found.clone(),
                };
                match self.runner.wish(wish) {
                    Ok(()) => return Err(Diagnostic::new(&code::RUNTIME, "a subsearch waits")),
                    Err(wish) => wish.chain,
                }
            }
        };
        let options = &self.runner.options;
        let feed = feed::open(&plan.wanted, &inputs, options, context, &Arc::default());
        let feed = feed.map_err(|mut errors| errors.swap_remove(0))?;
        self.rows(feed.as_ref(), chain, limits)
    }

    fn run_over(&self, rows: &Batch) -> Result<Batch, Diagnostic> {
        let chain = self.plan.chain_over_rows(&self.runner.context)?;
        let rows = Given::new(rows.clone());
        self.rows(&rows, chain, Limits::NONE)
    }

    fn times(&self) -> Times {
        self.plan.wanted.times(&self.runner.context)
    }

    fn origin(&self, name: &str) -> Origin {
        self.plan.origin(name)
    }

    fn not_streaming(&self) -> Option<String> {
        let mut stages = self.plan.stages.iter();
        let found = stages.find(|s| s.stage.kind() != Kind::Streaming && !s.stage.generates());
        found.map(|planned| planned.name.to_owned())
    }
}

/// A feed that ends when its time is over.
struct Timed<'a> {
    feed: &'a dyn Feed,
    end: Option<Instant>,
    is_over: AtomicBool,
}

impl Timed<'_> {
    /// Whether the time is over; that it was is kept.
    fn is_over(&self) -> bool {
        let over = self.end.is_some_and(|end| Instant::now() >= end);
        if over {
            self.is_over.store(true, Ordering::Relaxed);
        }
        over
    }
}

impl Feed for Timed<'_> {
    fn worker(&self) -> Box<dyn FeedWorker + '_> {
        Box::new(TimedWorker {
            feed: self,
            worker: self.feed.worker(),
        })
    }
}

struct TimedWorker<'a> {
    feed: &'a Timed<'a>,
    worker: Box<dyn FeedWorker + 'a>,
}

impl FeedWorker for TimedWorker<'_> {
    fn next(&mut self) -> Option<Result<Vec<Batch>, Diagnostic>> {
        let next = self.worker.next()?;
        // A worker that has nothing left is not stopped by the time.
        (!self.feed.is_over()).then_some(next)
    }

    fn turn(&self) -> u64 {
        self.worker.turn()
    }
}

/// Rows as a feed.
pub(super) struct Given(Mutex<Option<Batch>>);

impl Given {
    pub(super) fn new(rows: Batch) -> Self {
        Self(Mutex::new(Some(rows)))
    }
}

impl Feed for Given {
    fn worker(&self) -> Box<dyn FeedWorker + '_> {
        Box::new(self)
    }
}

impl FeedWorker for &Given {
    fn next(&mut self) -> Option<Result<Vec<Batch>, Diagnostic>> {
        let batch = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()?;
        Some(Ok(vec![batch]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn left(time: Duration) -> (usize, bool) {
        let rows = Given::new(Batch::new(3));
        let feed = Timed {
            feed: &rows,
            end: Instant::now().checked_add(time),
            is_over: AtomicBool::new(false),
        };
        let mut worker = feed.worker();
        let mut count = 0;
        while let Some(Ok(batches)) = worker.next() {
            count += batches.iter().map(Batch::rows).sum::<usize>();
        }
        drop(worker);
        (count, feed.is_over.into_inner())
    }

    #[test]
    fn a_feed_ends_when_its_time_is_over() {
        assert_eq!(left(Duration::ZERO), (0, true));
        assert_eq!(left(Duration::MAX), (3, false));
    }
}
