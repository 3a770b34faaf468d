//! Subsearches of many queries, beside the queries: takes compiled queries, builds their chains, tells what must be run
//! before a chain can be built.
//!
//! A chain is built as for one query, but a subsearch that reads the input only says what it would run, and the building
//! stops there. One whose rows become a search is run before the scan of the queries, with all others of that kind. One
//! whose rows are joined or appended runs as a lane of that scan; its query keeps its events until then. When the rows
//! are there, the building starts anew and finds them.

use super::Compiled;
use super::feed::scan;
use super::hunt::Several;
use super::nested::{Found, Wish};
use crate::commands::Limits;
use crate::data::{Batch, Batches, Context, Share};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Chain, Flow, Lane, Lanes, Operator, Order, Owner, Ran, TimeOrder};
use crate::plan::{Plan, Wanted};
use crate::source;
use std::sync::Arc;
use std::time::Instant;

/// Events that a query keeps at most; one with more reads the input again.
pub(super) const KEPT: usize = 100_000;

/// How far a query could be built.
pub(super) enum Built {
    /// What it wants of the source, and its chain.
    Ready(Box<Wanted>, Chain),
    /// What it wants, and what its subsearches would run.
    Waiting(Box<Waiting>),
}

/// A query whose chain needs rows of subsearches.
pub(super) struct Waiting {
    /// The plan with what leading subsearches found, if there are any.
    resolved: Option<Plan>,
    pub(super) wanted: Wanted,
    pub(super) wishes: Vec<Wish>,
}

/// Where the input is, how it is read, and the run's facts.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    pub(super) inputs: &'a [String],
    pub(super) options: &'a source::Options,
    pub(super) context: &'a Context,
}

/// Builds queries as far as that goes without a scan but those of leading subsearches; in the order of the queries.
pub(super) fn built(
    queries: &[&Compiled],
    around: Around<'_>,
) -> Result<Vec<Result<Built, Diagnostic>>, Diagnostics> {
    let mut done: Vec<Option<Result<Built, Diagnostic>>> = queries.iter().map(|_| None).collect();
    loop {
        let mut wishes = Vec::new();
        for (slot, query) in done.iter_mut().zip(queries) {
            if slot.is_some() {
                continue;
            }
            query.runner.gather();
            let resolved = query.plan.resolved(&query.context);
            let leading = query.runner.wishes();
            match leading.is_empty() {
                true => *slot = Some(resolved.and_then(|resolved| begun(query, resolved))),
                false => wishes.extend(leading),
            }
        }
        if wishes.is_empty() {
            return Ok(done.into_iter().flatten().collect());
        }
        fulfil(wishes, around)?;
    }
}

fn begun(query: &Compiled, resolved: Option<Plan>) -> Result<Built, Diagnostic> {
    let plan = resolved.as_ref().unwrap_or(&query.plan);
    let wanted = plan.wanted.clone();
    let (chain, wishes) = gathered(query, plan);
    if wishes.is_empty() {
        return Ok(Built::Ready(Box::new(wanted), chain?));
    }
    Ok(Built::Waiting(Box::new(Waiting {
        wanted,
        wishes,
        resolved,
    })))
}

/// The chain of a plan, and what subsearches would have run while it was built.
fn gathered(query: &Compiled, plan: &Plan) -> (Result<Chain, Diagnostic>, Vec<Wish>) {
    query.runner.gather();
    let chain = plan.chain(&query.context).map(|(chain, _)| chain);
    (chain, query.runner.wishes())
}

impl Waiting {
    /// The chain when the rows that were wished for are there. A subsearch that was not reached before is run now.
    pub(super) fn chain(
        &self,
        query: &Compiled,
        around: Around<'_>,
    ) -> Result<Result<Chain, Diagnostic>, Diagnostics> {
        let plan = self.resolved.as_ref().unwrap_or(&query.plan);
        loop {
            let (chain, wishes) = gathered(query, plan);
            if wishes.is_empty() {
                return Ok(chain);
            }
            fulfil(wishes, around)?;
        }
    }
}

/// A chain that keeps some events, in the order of the input.
pub(super) fn keeping(context: &Context) -> Chain {
    let order = TimeOrder {
        order: Order::Input,
        limit: Some(KEPT + 1),
    };
    let mut chain = Chain::default();
    let sort = order.sort(&context.memory);
    let owner = Owner {
        name: "keeping events for a subsearch",
        span: None,
    };
    chain.push(Operator::Mergeable(Arc::new(sort)), owner);
    chain
}

/// Runs subsearches over one scan.
fn fulfil(wishes: Vec<Wish>, around: Around<'_>) -> Result<(), Diagnostics> {
    let mut several = Several::default();
    let mut answers = Answers::new(around.context);
    let add = |wish| answers.add(wish, &mut several);
    let lanes: Vec<Lane> = wishes.into_iter().map(add).collect();
    let request = several.request();
    let feed = scan(
        request,
        around.inputs,
        around.options,
        around.context,
        &Arc::default(),
    )?;
    let ran = Lanes::new(lanes).run(feed.as_ref(), around.context, &mut |lane, batch| {
        answers.push(lane, batch)
    });
    answers.settle(ran.map_err(|error| vec![error])?);
    Ok(())
}

/// The rows of subsearches that run as lanes.
pub(super) struct Answers {
    list: Vec<Answer>,
    share: Share,
    start: Instant,
}

struct Answer {
    found: Found,
    limits: Limits,
    held: Batches,
    count: usize,
}

impl Answers {
    pub(super) fn new(context: &Context) -> Self {
        Self {
            list: Vec::new(),
            share: context.memory.share(),
            start: Instant::now(),
        }
    }

    /// The lane of a subsearch; it is known by the number of those before it.
    pub(super) fn add(&mut self, wish: Wish, several: &mut Several) -> Lane {
        self.list.push(Answer {
            found: wish.found,
            limits: wish.limits,
            held: Batches::default(),
            count: 0,
        });
        several.lane(&wish.wanted, &wish.context, wish.chain)
    }

    /// Rows of a subsearch.
    pub(super) fn push(&mut self, number: usize, batch: Batch) -> Result<Flow, Diagnostic> {
        let Some(answer) = self.list.get_mut(number) else {
            return Ok(Flow::Done);
        };
        answer.count += batch.rows();
        if answer.count > answer.limits.rows {
            answer.held = Batches::default();
            return Ok(Flow::Done);
        }
        answer.held.push(batch);
        let size = self.list.iter().map(|answer| answer.held.size()).sum();
        self.share.hold(size, "a search inside the query")?;
        Ok(Flow::More)
    }

    /// Hands the rows over. A subsearch that took longer than it may, or gave more rows, is left to run by itself: what
    /// it then gives and tells is what it gives in `run`.
    pub(super) fn settle(self, ran: Vec<Ran>) {
        let elapsed = self.start.elapsed();
        for (ran, mut answer) in ran.into_iter().zip(self.list) {
            let is_whole = answer.count <= answer.limits.rows && elapsed <= answer.limits.time;
            answer.found.set(match ran.result {
                Err(error) => Some(Err(error)),
                Ok(()) => is_whole.then(|| Ok(Batch::concat(&answer.held.take()))),
            });
        }
    }
}
