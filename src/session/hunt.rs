//! Many queries over one scan of the data: takes compiled queries and inputs, gives each query's rows and how it ended.
//!
//! The scan looks for the literals of all queries at once and reads an event's fields once; each query then has its own
//! predicate and chain. Queries that make their own rows run by themselves.

use super::feed::{Nothing, scan};
use super::{Compiled, Query, Session, ahead, check};
use crate::data::{Batch, Context, Filter};
use crate::diagnostic::{Diagnostic, Diagnostics, Notice, code};
use crate::knowledge::saved;
use crate::operators::{self, Chain, Flow, Lane, Lanes, Ran};
use crate::plan::{Any, Wanted};
use crate::source::{Progress, Request};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// How a hunt went.
#[derive(Debug, Default)]
pub struct Hunt {
    /// Events seen by the source.
    pub scanned: u64,
    /// Bytes on disk read.
    pub bytes: u64,
    /// From opening the inputs to the last row.
    pub elapsed: Duration,
    /// What was said of the input.
    pub notices: Vec<Notice>,
    /// The queries, as they were given.
    pub queries: Vec<Hunted>,
}

/// How one query of a hunt went.
#[derive(Debug, Default)]
pub struct Hunted {
    /// Events that its leading search kept.
    pub matched: u64,
    /// Rows that came out.
    pub rows: u64,
    /// What it said on the way.
    pub notices: Vec<Notice>,
    /// Why it did not end.
    pub errors: Diagnostics,
}

/// Takes the rows of a hunt, with the number of their query.
pub type HuntSink<'a> = dyn FnMut(usize, Batch) -> Result<Flow, Diagnostic> + 'a;

/// The saved queries of a file, a folder or a name; each that can't be read is an error in its place.
pub fn queries(session: &Session, target: &str) -> Vec<Result<Query, Diagnostic>> {
    let path = Path::new(target);
    if !path.is_dir() {
        return vec![session.find_query(target)];
    }
    let found: Vec<_> = check::files(path)
        .iter()
        .filter(|file| check::is_query(file))
        .map(|file| saved::read(file).map(Query::saved))
        .collect();
    if found.is_empty() {
        let message = format!("there are no saved queries in {target}");
        let help = "the queries come first, then the inputs: spelunk hunt QUERIES INPUT";
        return vec![Err(Diagnostic::new(&code::QUERY_FILE, message).help(help))];
    }
    found
}

impl Session {
    /// Runs compiled queries over one scan of the inputs. An error of the input ends the hunt; one of a query ends
    /// that query.
    pub fn hunt(
        &self,
        compiled: &[Compiled],
        inputs: &[String],
        progress: &Arc<Progress>,
        sink: &mut HuntSink<'_>,
    ) -> Result<Hunt, Diagnostics> {
        let start = Instant::now();
        let context = self.context()?;
        let mut hunt = Hunt::default();
        hunt.queries.resize_with(compiled.len(), Hunted::default);
        let mut readers = Vec::new();
        for (number, query) in compiled.iter().enumerate() {
            query.runner.set(inputs);
            match query.plan.reads_input {
                true => readers.push((number, query)),
                false => alone(number, query, &mut hunt, sink),
            }
        }
        let source = &self.settings.source;
        let queries: Vec<&Compiled> = readers.iter().map(|(_, query)| *query).collect();
        let built = ahead::built(&queries, inputs, source, &context)?;
        let mut lanes = Vec::new();
        // The number of each lane's query.
        let mut numbers = Vec::new();
        let mut several = Several::default();
        for ((number, query), built) in readers.into_iter().zip(built) {
            match built {
                Ok((wanted, chain)) => {
                    lanes.push(several.lane(&wanted, &query.context, chain));
                    numbers.push(number);
                }
                Err(error) => query.fail(error, hunt.queries.get_mut(number)),
            }
        }
        if !lanes.is_empty() {
            let feed = scan(several.request(), inputs, source, &context, progress)?;
            let mut rows = vec![0; compiled.len()];
            let ran = Lanes::new(lanes).run(feed.as_ref(), &context, &mut |lane, batch| {
                let number = numbers.get(lane).copied().unwrap_or(lane);
                if let Some(count) = rows.get_mut(number) {
                    *count += batch.rows() as u64;
                }
                sink(number, batch)
            });
            for (number, ran) in numbers.iter().zip(ran.map_err(|e| vec![e])?) {
                if let (Some(query), Some(hunted)) =
                    (compiled.get(*number), hunt.queries.get_mut(*number))
                {
                    query.ended(ran, hunted);
                    hunted.rows = rows.get(*number).copied().unwrap_or(0);
                }
            }
        }
        hunt.scanned = progress.events.load(Ordering::Relaxed);
        hunt.bytes = progress.bytes_done.load(Ordering::Relaxed);
        hunt.elapsed = start.elapsed();
        hunt.notices = context.notices.list();
        Ok(hunt)
    }
}

/// A query that makes its own rows.
fn alone(number: usize, query: &Compiled, hunt: &mut Hunt, sink: &mut HuntSink<'_>) {
    let Some(hunted) = hunt.queries.get_mut(number) else {
        return;
    };
    let mut rows = 0;
    let result = query.plan.resolved(&query.context).and_then(|resolved| {
        let plan = resolved.as_ref().unwrap_or(&query.plan);
        let (chain, _) = plan.chain(&query.context)?;
        operators::run(&Nothing, chain, &query.context, &mut |batch| {
            rows += batch.rows() as u64;
            sink(number, batch)
        })
    });
    hunted.rows = rows;
    let ran = Ran { matched: 0, result };
    query.ended(ran, hunted);
}

impl Compiled {
    fn ended(&self, ran: Ran, hunted: &mut Hunted) {
        hunted.matched = ran.matched;
        hunted.notices = self.remarks.clone();
        hunted.notices.extend(self.context.notices.list());
        if let Err(error) = ran.result {
            self.fail(error, Some(hunted));
        }
    }

    fn fail(&self, error: Diagnostic, hunted: Option<&mut Hunted>) {
        let mut errors = vec![error];
        self.expanded.map.resolve(&mut errors);
        if let Some(hunted) = hunted {
            hunted.errors = errors;
        }
    }
}

/// What several queries want of one scan.
#[derive(Default)]
pub(super) struct Several {
    request: Request,
    filters: Vec<Arc<dyn Filter>>,
    /// Some query wants every event.
    all: bool,
}

impl Several {
    /// Adds a query's wishes; gives its lane.
    pub(super) fn lane(&mut self, wanted: &Wanted, context: &Context, chain: Chain) -> Lane {
        let filter = wanted.predicate(context);
        self.request.demand.union(&wanted.demand);
        self.request.any_of.push(wanted.literals.clone());
        match &filter {
            Some(filter) => {
                self.request.demand.union(filter.demand());
                self.filters.push(filter.clone());
            }
            None => self.all = true,
        }
        if let Some(further) = &wanted.further {
            self.request.demand.union(further.demand());
        }
        Lane {
            filter,
            further: wanted.further.clone(),
            demand: wanted.demand.clone(),
            chain,
            context: context.clone(),
        }
    }

    pub(super) fn request(self) -> Request {
        let filter: Option<Arc<dyn Filter>> = match self.all {
            true => None,
            false => Some(Arc::new(Any::new(self.filters))),
        };
        Request {
            filter,
            ..self.request
        }
    }
}
