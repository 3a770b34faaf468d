//! A scan by any number of threads: takes inputs and a request, gives batches, and at its end what was noticed.

use super::extract::{Extracted, Extractor, Scratch};
use super::left_out::Place;
use super::morsel::{Morsel, Morsels, Supply};
use super::{Options, Progress, Request};
use crate::data::{Batch, Context};
use crate::diagnostic::Diagnostic;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A running scan, shared by its workers.
pub struct Scan {
    /// What is left, and how often something was taken.
    inputs: Mutex<(Box<dyn Morsels>, u64)>,
    extractor: Extractor,
    context: Context,
    progress: Arc<Progress>,
    timeless: AtomicU64,
    wants_time: bool,
}

/// What one worker keeps between morsels.
pub struct Worker {
    scratch: Scratch,
    /// The place among all workers' of what was taken last.
    pub turn: u64,
}

impl Scan {
    /// A scan of these inputs.
    pub fn new(
        inputs: Box<dyn Morsels>,
        request: Request,
        options: &Options,
        context: &Context,
        progress: Arc<Progress>,
    ) -> Self {
        Self {
            inputs: Mutex::new((inputs, 0)),
            extractor: Extractor::new(&request, options, context),
            context: context.clone(),
            progress,
            timeless: AtomicU64::new(0),
            wants_time: request.demand.names.contains("_time")
                || request.earliest.is_some()
                || request.latest.is_some(),
        }
    }

    /// A worker's memory.
    pub fn worker(&self) -> Worker {
        Worker {
            scratch: self.extractor.scratch(),
            turn: 0,
        }
    }

    /// The next batches, in no order among workers; `None` at the end or when the run was cancelled.
    pub fn next(&self, worker: &mut Worker) -> Option<Result<Vec<Batch>, Diagnostic>> {
        if self.context.cancel.is_cancelled() {
            return None;
        }
        let supply = {
            let mut inputs = self.inputs.lock().unwrap_or_else(PoisonError::into_inner);
            inputs.1 += 1;
            worker.turn = inputs.1;
            inputs.0.supply()?
        };
        Some(supply.and_then(|supply| self.batches(supply, worker)))
    }

    fn batches(&self, supply: Supply, worker: &mut Worker) -> Result<Vec<Batch>, Diagnostic> {
        let mut batches = Vec::new();
        for morsel in supply.morsels() {
            let extracted = self.extractor.extract(&morsel, &mut worker.scratch)?;
            self.progress
                .events
                .fetch_add(extracted.events, Ordering::Relaxed);
            self.progress
                .matched
                .fetch_add(extracted.matched, Ordering::Relaxed);
            self.progress
                .bytes_done
                .fetch_add(morsel.disk_bytes, Ordering::Relaxed);
            self.note(&morsel, &extracted);
            batches.extend(extracted.batches);
            if self.context.cancel.is_cancelled() {
                break;
            }
        }
        Ok(batches)
    }

    /// Tells the file what is wrong with its events.
    fn note(&self, morsel: &Morsel, extracted: &Extracted) {
        self.timeless
            .fetch_add(extracted.timeless, Ordering::Relaxed);
        for (flaw, events) in &extracted.flawed {
            if let Some(first) = events.iter().min() {
                let place = place(morsel, *first);
                let count = events.len() as u64;
                morsel.origin.left_out.flawed(*flaw, count, place);
            }
        }
    }
}

/// Where the event at an offset of the morsel stands in its file.
fn place(morsel: &Morsel, offset: usize) -> Place {
    if let super::Content::Records(records) = &morsel.content {
        return Place::Line(
            records
                .iter()
                .find(|r| r.start == offset)
                .map_or(0, |r| r.line),
        );
    }
    let before = morsel.buffer.as_slice().get(..offset).unwrap_or_default();
    match morsel.first_line {
        0 => Place::Offset(morsel.position.part + offset as u64),
        line => Place::Line(line + memchr::memchr_iter(b'\n', before).count() as u64),
    }
}

impl Drop for Scan {
    /// Says once, at the end, how many events have no time.
    fn drop(&mut self) {
        let timeless = *self.timeless.get_mut();
        if timeless > 0 && self.wants_time {
            let events = match timeless {
                1 => "1 event has".to_owned(),
                n => format!("{n} events have"),
            };
            let text = format!("{events} no time, and so no _time");
            self.context.notices.push("no-time", text, false);
        }
    }
}
