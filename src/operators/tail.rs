//! The part of a chain that runs in one place, in order: takes batches one after the other, gives rows to the sink.

use super::account::Account;
use super::failure::{is_of_rows, of_first_row};
use super::{Flow, Link, Mergeable, Operator, Partial, Rows, Sink, Traffic};
use crate::data::{Batch, Context, Position};
use crate::diagnostic::Diagnostic;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The rows of the parallel part through the rest of the chain, in batches of at most `batch_size`.
pub(super) fn feed_serially(
    rows: Rows,
    traffic: &Traffic,
    rest: Vec<Link>,
    context: &Context,
    sink: &mut Sink<'_>,
) -> Result<(), Diagnostic> {
    let mut tail = Tail::new(rest, context, sink);
    let size = match tail.links.is_empty() {
        true => usize::MAX,
        false => context.batch_size.max(1),
    };
    for batch in rows {
        let batch = batch?;
        if batch.is_empty() && !tail.links.is_empty() {
            continue;
        }
        traffic
            .rows_out
            .fetch_add(batch.rows() as u64, Ordering::Relaxed);
        for offset in (0..batch.rows().max(1)).step_by(size) {
            let piece = batch.slice(offset, size);
            if context.cancel.is_cancelled() || tail.push(0, piece)? == Flow::Done {
                return tail.finish(0);
            }
        }
    }
    tail.finish(0)
}

/// The serial part of a chain.
pub(super) struct Tail<'a, 'b> {
    links: Vec<TailLink>,
    context: &'a Context,
    sink: &'a mut Sink<'b>,
    /// The sink wants no more.
    is_full: bool,
}

struct TailLink {
    operator: TailOperator,
    traffic: Arc<Traffic>,
    account: Account,
    /// Batches so far: in this part, the order of arrival is the order of events.
    sequence: u64,
    done: bool,
}

enum TailOperator {
    Plain(Operator),
    Partial(Arc<dyn Mergeable>, Option<Box<dyn Partial>>),
}

impl<'a, 'b> Tail<'a, 'b> {
    pub fn new(rest: Vec<Link>, context: &'a Context, sink: &'a mut Sink<'b>) -> Self {
        let links = rest.into_iter().map(|link| TailLink {
            operator: match link.operator {
                Operator::Mergeable(m) => {
                    let partial = m.partial();
                    TailOperator::Partial(m, Some(partial))
                }
                other => TailOperator::Plain(other),
            },
            traffic: link.traffic,
            account: Account::new(context, link.owner),
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
    pub fn push(&mut self, at: usize, mut batch: Batch) -> Result<Flow, Diagnostic> {
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
            TailOperator::Plain(Operator::Streaming(operator)) => {
                match operator.apply(batch.clone()) {
                    Ok(batch) => out.push(batch),
                    Err(error) if batch.rows() < 2 || !is_of_rows(&error) => return Err(error),
                    Err(error) => return self.row_by_row(at, &batch, error),
                }
            }
            TailOperator::Plain(Operator::Serial(operator)) => {
                flow = operator.push(batch, &mut out)?;
                needs_all = operator.needs_all();
                link.account.hold(operator.size())?;
            }
            TailOperator::Partial(mergeable, Some(partial)) => {
                partial.push(batch.clone()).map_err(|error| {
                    let mut fresh = mergeable.partial();
                    of_first_row(&batch, error, |row| fresh.push(row))
                })?;
                link.account.partial(partial.as_mut())?;
            }
            TailOperator::Plain(Operator::Mergeable(_)) | TailOperator::Partial(_, None) => {}
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

    /// As [`Tail::push`], for a batch that link `at` has no rows of: those before the first that fails go on.
    fn row_by_row(
        &mut self,
        at: usize,
        batch: &Batch,
        error: Diagnostic,
    ) -> Result<Flow, Diagnostic> {
        if let Some(link) = self.links.get(at) {
            let rows = batch.rows() as u64;
            link.traffic.rows_in.fetch_sub(rows, Ordering::Relaxed);
        }
        for row in 0..batch.rows() {
            if self.push(at, batch.slice(row, 1))? == Flow::Done {
                return Ok(Flow::Done);
            }
        }
        Err(error)
    }

    /// Ends link `at` and all after it.
    pub fn finish(&mut self, at: usize) -> Result<(), Diagnostic> {
        loop {
            let Some(link) = self.links.get_mut(at) else {
                return Ok(());
            };
            let mut out = Vec::new();
            let flow = match &mut link.operator {
                TailOperator::Plain(Operator::Serial(operator)) => {
                    operator.finish_some(&mut out)?
                }
                TailOperator::Partial(_, partial) => {
                    let Some(mut partial) = partial.take() else {
                        return self.finish(at + 1);
                    };
                    partial.seal();
                    for batch in partial.rows()? {
                        if self.hand_on(at, vec![batch?])? == Flow::Done {
                            break;
                        }
                    }
                    return self.finish(at + 1);
                }
                TailOperator::Plain(_) => Flow::Done,
            };
            let wanted = self.hand_on(at, out)?;
            if flow == Flow::Done || wanted == Flow::Done {
                return self.finish(at + 1);
            }
        }
    }

    /// Rows of link `at` into those after it.
    fn hand_on(&mut self, at: usize, batches: Vec<Batch>) -> Result<Flow, Diagnostic> {
        let mut flow = Flow::More;
        for batch in batches {
            if let Some(link) = self.links.get(at) {
                let rows = batch.rows() as u64;
                link.traffic.rows_out.fetch_add(rows, Ordering::Relaxed);
            }
            if self.push(at + 1, batch)? == Flow::Done {
                flow = Flow::Done;
            }
        }
        if self.context.cancel.is_cancelled() {
            flow = Flow::Done;
        }
        Ok(flow)
    }
}
