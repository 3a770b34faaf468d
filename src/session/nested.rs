//! Subsearches: takes planned pipelines, runs them over the inputs of the search that they stand in.

use super::feed::{self, Nothing};
use crate::commands::Subplan;
use crate::data::{Batch, Context};
use crate::diagnostic::{Diagnostic, code};
use crate::operators::{self, Chain, Feed, FeedWorker, Flow};
use crate::plan::Plan;
use crate::source;
use std::sync::{Arc, Mutex, PoisonError};

/// Rows that a subsearch gives at most, as in Splunk (limits.conf, `maxout`).
const ROWS: usize = 10_000;

/// What subsearches of one query share: the inputs, known when it runs.
#[derive(Debug)]
pub(super) struct Runner {
    options: source::Options,
    context: Context,
    inputs: Mutex<Vec<String>>,
}

impl Runner {
    pub(super) fn new(options: source::Options, context: Context) -> Arc<Self> {
        Arc::new(Self {
            options,
            context,
            inputs: Mutex::default(),
        })
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
    pub(super) plan: Plan,
    pub(super) runner: Arc<Runner>,
}

impl std::fmt::Debug for Nested {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.plan.stages.iter().map(|s| &s.text))
            .finish()
    }
}

impl Nested {
    fn rows(&self, feed: &dyn Feed, chain: Chain, most: usize) -> Result<Batch, Diagnostic> {
        let context = &self.runner.context;
        let mut held = Vec::new();
        let mut count = 0;
        operators::run(feed, chain, context, &mut |batch: Batch| {
            count += batch.rows();
            held.push(batch);
            Ok(if count > most { Flow::Done } else { Flow::More })
        })?;
        let whole = Batch::concat(&held);
        if count > most {
            let text = format!("a subsearch gave over {most} rows; the first {most} are used");
            context.notices.push("subsearch-cap", text, false);
            return Ok(whole.slice(0, most));
        }
        Ok(whole)
    }

    fn run_up_to(&self, most: usize) -> Result<Batch, Diagnostic> {
        let context = &self.runner.context;
        let (chain, _) = self.plan.chain(context)?;
        if !self.plan.reads_input {
            return self.rows(&Nothing, chain, most);
        }
        let inputs = self.runner.inputs();
        if inputs.is_empty() {
            let message = "a search inside the query reads the input, and none is named";
            return Err(
                Diagnostic::new(&code::RUNTIME, message).help("name files, folders or globs")
            );
        }
        if inputs.iter().any(|i| i == "-") {
            return Err(Diagnostic::new(
                &code::RUNTIME,
                "a subsearch reads the input a second time, which a pipe can't give",
            )
            .help("name a file"));
        }
        let first = |mut errors: Vec<Diagnostic>| errors.remove(0);
        let feed = feed::open(
            &self.plan.wanted,
            &inputs,
            &self.runner.options,
            context,
            &Arc::default(),
        )
        .map_err(first)?;
        self.rows(feed.as_ref(), chain, most)
    }
}

impl Subplan for Nested {
    fn run(&self) -> Result<Batch, Diagnostic> {
        self.run_up_to(ROWS)
    }

    fn run_whole(&self) -> Result<Batch, Diagnostic> {
        self.run_up_to(usize::MAX)
    }

    fn run_over(&self, rows: &Batch) -> Result<Batch, Diagnostic> {
        let chain = self.plan.chain_over_rows(&self.runner.context)?;
        self.rows(&Given(Mutex::new(Some(rows.clone()))), chain, ROWS)
    }
}

/// Rows as a feed.
struct Given(Mutex<Option<Batch>>);

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
