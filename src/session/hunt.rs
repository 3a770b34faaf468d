//! Many queries over one scan of the data: takes compiled queries and inputs, gives each query's rows and how it ended.
//!
//! The scan looks for the literals of all queries at once and reads an event's fields once; each query then has its own
//! predicate and chain. Queries that make their own rows run by themselves.

use super::ahead::{self, Answers, Around, Built, Waiting};
use super::feed::{self, Nothing, scan};
use super::nested::Given;
use super::{Compiled, Query, Session, check};
use crate::data::{Batch, Batches, Context, Filter};
use crate::diagnostic::{Diagnostic, Diagnostics, Notice, code};
use crate::knowledge::saved;
use crate::operators::{self, Chain, Flow, Lane, Lanes, Ran, Sink};
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
        let around = Around {
            inputs,
            options: &self.settings.source,
            context: &context,
        };
        let queries: Vec<&Compiled> = readers.iter().map(|(_, query)| *query).collect();
        let built = ahead::built(&queries, around)?;
        let mut scanned = Scanned::new(&context);
        for ((number, query), built) in readers.into_iter().zip(built) {
            match built {
                Ok(built) => scanned.add(number, query, built),
                Err(error) => query.fail(error, hunt.queries.get_mut(number)),
            }
        }
        scanned.run(around, progress, compiled, &mut hunt, sink)?;
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

/// The queries of one scan, and the subsearches that run beside them.
struct Scanned {
    lanes: Vec<Lane>,
    /// The number of each query.
    numbers: Vec<usize>,
    /// By lane of a query: what it waits for, and the events that it keeps until then.
    waiting: Vec<Option<(Box<Waiting>, Batches)>>,
    beside: Vec<Lane>,
    answers: Answers,
    several: Several,
}

impl Scanned {
    fn new(context: &Context) -> Self {
        Self {
            lanes: Vec::new(),
            numbers: Vec::new(),
            waiting: Vec::new(),
            beside: Vec::new(),
            answers: Answers::new(context),
            several: Several::default(),
        }
    }

    fn add(&mut self, number: usize, query: &Compiled, built: Built) {
        let context = &query.context;
        let (wanted, chain, waiting) = match built {
            Built::Ready(wanted, chain) => (*wanted, chain, None),
            Built::Waiting(mut waiting) => {
                for wish in std::mem::take(&mut waiting.wishes) {
                    let lane = self.answers.add(wish, &mut self.several);
                    self.beside.push(lane);
                }
                (
                    waiting.wanted.clone(),
                    ahead::keeping(context),
                    Some(waiting),
                )
            }
        };
        self.lanes.push(self.several.lane(&wanted, context, chain));
        self.numbers.push(number);
        self.waiting
            .push(waiting.map(|waiting| (waiting, Batches::default())));
    }

    fn run(
        mut self,
        around: Around<'_>,
        progress: &Arc<Progress>,
        compiled: &[Compiled],
        hunt: &mut Hunt,
        sink: &mut HuntSink<'_>,
    ) -> Result<(), Diagnostics> {
        if self.lanes.is_empty() {
            return Ok(());
        }
        let mut rows = vec![0; compiled.len()];
        let mut count = |number: usize, batch: Batch| {
            if let Some(count) = rows.get_mut(number) {
                *count += batch.rows() as u64;
            }
            sink(number, batch)
        };
        let queries = self.lanes.len();
        self.lanes.append(&mut self.beside);
        let request = self.several.request();
        let feed = scan(
            request,
            around.inputs,
            around.options,
            around.context,
            progress,
        )?;
        let ran = Lanes::new(self.lanes).run(feed.as_ref(), around.context, &mut |lane, batch| {
            match (self.numbers.get(lane), self.waiting.get_mut(lane)) {
                (_, Some(Some((_, kept)))) => kept.push(batch),
                (Some(number), _) => return count(*number, batch),
                (None, _) => return self.answers.push(lane - queries, batch),
            }
            Ok(Flow::More)
        });
        drop(feed);
        let mut ran = ran.map_err(|error| vec![error])?;
        self.answers.settle(ran.split_off(queries));
        for ((number, mut ran), waiting) in self.numbers.into_iter().zip(ran).zip(self.waiting) {
            let Some(query) = compiled.get(number) else {
                continue;
            };
            if let (Some((waiting, kept)), true) = (waiting, ran.result.is_ok()) {
                let mut sink = |batch| count(number, batch);
                ran.result = late(query, &waiting, kept, around, &mut sink)?;
            }
            if let Some(hunted) = hunt.queries.get_mut(number) {
                query.ended(ran, hunted);
            }
        }
        for (hunted, rows) in hunt.queries.iter_mut().zip(rows) {
            hunted.rows += rows;
        }
        Ok(())
    }
}

/// Runs a query whose subsearches have run over the events that it kept, or over the input where these are not all.
fn late(
    query: &Compiled,
    waiting: &Waiting,
    mut kept: Batches,
    around: Around<'_>,
    sink: &mut Sink<'_>,
) -> Result<Result<(), Diagnostic>, Diagnostics> {
    let chain = match waiting.chain(query, around)? {
        Ok(chain) => chain,
        Err(error) => return Ok(Err(error)),
    };
    let kept = Batch::concat(&kept.take());
    if kept.rows() <= ahead::KEPT {
        return Ok(operators::run(
            &Given::new(kept),
            chain,
            &query.context,
            sink,
        ));
    }
    let (inputs, options) = (around.inputs, around.options);
    let feed = feed::open(
        &waiting.wanted,
        inputs,
        options,
        &query.context,
        &Arc::default(),
    )?;
    Ok(operators::run(feed.as_ref(), chain, &query.context, sink))
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
