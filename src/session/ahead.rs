//! Subsearches of many queries, over one scan: takes compiled queries, gives each its chain and what it wants of the source.
//!
//! A chain is built as for one query, but a subsearch that reads the input only says what it would run, and the building
//! stops there. What was said runs over one scan, a lane each; then the building starts anew and finds the rows there. A
//! query with one subsearch behind another takes a round more.

use super::Compiled;
use super::feed::scan;
use super::hunt::Several;
use super::nested::Wish;
use crate::data::{Batch, Batches, Context};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Chain, Flow, Lanes};
use crate::plan::Wanted;
use crate::source;
use std::sync::Arc;
use std::time::Instant;

/// A chain, what it wants, or why there is none.
pub(super) type Built = Result<(Wanted, Chain), Diagnostic>;

/// The chains of queries, in their order.
pub(super) fn built(
    queries: &[&Compiled],
    inputs: &[String],
    options: &source::Options,
    context: &Context,
) -> Result<Vec<Built>, Diagnostics> {
    let mut done: Vec<Option<Built>> = queries.iter().map(|_| None).collect();
    loop {
        let mut wishes = Vec::new();
        for (slot, query) in done.iter_mut().zip(queries) {
            if slot.is_some() {
                continue;
            }
            query.runner.gather();
            let built = chain(query);
            let wished = query.runner.wishes();
            match wished.is_empty() {
                true => *slot = Some(built),
                false => wishes.extend(wished),
            }
        }
        if wishes.is_empty() {
            return Ok(done.into_iter().flatten().collect());
        }
        fulfil(wishes, inputs, options, context)?;
    }
}

fn chain(query: &Compiled) -> Built {
    let resolved = query.plan.resolved(&query.context)?;
    let plan = resolved.as_ref().unwrap_or(&query.plan);
    let (chain, _) = plan.chain(&query.context)?;
    Ok((plan.wanted.clone(), chain))
}

/// Runs subsearches over one scan. One that takes longer than it may, or gives more rows, is left to run by itself: what
/// it then gives and tells is what it gives in `run`.
fn fulfil(
    wishes: Vec<Wish>,
    inputs: &[String],
    options: &source::Options,
    context: &Context,
) -> Result<(), Diagnostics> {
    let start = Instant::now();
    let mut several = Several::default();
    let (mut lanes, mut slots) = (Vec::new(), Vec::new());
    for wish in wishes {
        lanes.push(several.lane(&wish.wanted, &wish.context, wish.chain));
        slots.push((wish.found, wish.limits, Batches::default(), 0));
    }
    let mut share = context.memory.share();
    let feed = scan(several.request(), inputs, options, context, &Arc::default())?;
    let ran = Lanes::new(lanes).run(feed.as_ref(), context, &mut |lane, batch: Batch| {
        let Some((_, limits, held, count)) = slots.get_mut(lane) else {
            return Ok(Flow::Done);
        };
        *count += batch.rows();
        if *count > limits.rows {
            return Ok(Flow::Done);
        }
        held.push(batch);
        let size = slots.iter().map(|(_, _, held, _)| held.size()).sum();
        share.hold(size, "a search inside the query")?;
        Ok(Flow::More)
    });
    let ran = ran.map_err(|error| vec![error])?;
    for (ran, (found, limits, mut held, count)) in ran.into_iter().zip(slots) {
        let is_whole = count <= limits.rows && start.elapsed() <= limits.time;
        found.set(match ran.result {
            Err(error) => Some(Err(error)),
            Ok(()) => is_whole.then(|| Ok(Batch::concat(&held.take()))),
        });
    }
    Ok(())
}
