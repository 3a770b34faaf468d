//! A scan by any number of threads: takes inputs and a request, gives batches, and at its end what was noticed.

use super::extract::{Extracted, Extractor, Scratch};
use super::morsel::{Morsel, Morsels, Supply};
use super::{Options, Progress, Request, line_at};
use crate::data::{Batch, Context, Position};
use crate::diagnostic::Diagnostic;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

/// A running scan, shared by its workers.
pub struct Scan {
    inputs: Mutex<Box<dyn Morsels>>,
    extractor: Extractor,
    context: Context,
    progress: Arc<Progress>,
    noticed: Mutex<Noticed>,
    wants_time: bool,
}

/// What one worker keeps between morsels.
pub struct Worker {
    scratch: Scratch,
}

/// What was noticed so far.
#[derive(Default)]
struct Noticed {
    /// A file's broken events: how many, and where the first is.
    broken: BTreeMap<String, (u64, Position, Place)>,
    invalid: u64,
    too_deep: u64,
    timeless: u64,
}

/// Where an event starts.
#[derive(Clone, Copy)]
enum Place {
    Line(u64),
    /// Bytes from the start of the file: its line is counted when it is told.
    Offset(u64),
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
            inputs: Mutex::new(inputs),
            extractor: Extractor::new(&request, options, context),
            context: context.clone(),
            progress,
            noticed: Mutex::new(Noticed::default()),
            wants_time: request.demand.names.contains("_time")
                || request.earliest.is_some()
                || request.latest.is_some(),
        }
    }

    /// A worker's memory.
    pub fn worker(&self) -> Worker {
        Worker {
            scratch: self.extractor.scratch(),
        }
    }

    /// The next batches, in no order among workers; `None` at the end or when the run was cancelled.
    pub fn next(&self, worker: &mut Worker) -> Option<Result<Vec<Batch>, Diagnostic>> {
        if self.context.cancel.is_cancelled() {
            return None;
        }
        let supply = self
            .inputs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .supply()?;
        Some(supply.map(|supply| self.batches(supply, worker)))
    }

    fn batches(&self, supply: Supply, worker: &mut Worker) -> Vec<Batch> {
        let mut batches = Vec::new();
        for morsel in supply.morsels() {
            let extracted = self.extractor.extract(&morsel, &mut worker.scratch);
            let matched: usize = extracted.batches.iter().map(Batch::rows).sum();
            self.progress
                .events
                .fetch_add(extracted.events, Ordering::Relaxed);
            self.progress
                .matched
                .fetch_add(matched as u64, Ordering::Relaxed);
            self.progress
                .bytes_done
                .fetch_add(morsel.disk_bytes, Ordering::Relaxed);
            self.note(&morsel, &extracted);
            batches.extend(extracted.batches);
            if self.context.cancel.is_cancelled() {
                break;
            }
        }
        batches
    }

    fn note(&self, morsel: &Morsel, extracted: &Extracted) {
        let findings = &extracted.findings;
        if extracted.broken.is_empty()
            && findings.invalid + findings.too_deep + findings.timeless == 0
        {
            return;
        }
        let mut noticed = self.noticed.lock().unwrap_or_else(PoisonError::into_inner);
        noticed.invalid += findings.invalid;
        noticed.too_deep += findings.too_deep;
        noticed.timeless += findings.timeless;
        let Some(&first) = extracted.broken.iter().min() else {
            return;
        };
        let place = place(morsel, first);
        let entry =
            noticed
                .broken
                .entry(morsel.origin.path.clone())
                .or_insert((0, morsel.position, place));
        entry.0 += extracted.broken.len() as u64;
        if morsel.position < entry.1 {
            (entry.1, entry.2) = (morsel.position, place);
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
    /// Says once, at the end, what was noticed on the way.
    fn drop(&mut self) {
        let noticed =
            std::mem::take(&mut *self.noticed.lock().unwrap_or_else(PoisonError::into_inner));
        let notices = &self.context.notices;
        for (path, (count, _, place)) in &noticed.broken {
            let line = match place {
                Place::Line(line) => Some(*line),
                Place::Offset(offset) => line_at(path, *offset),
            };
            let line = line
                .filter(|l| *l > 0)
                .map(|l| format!(", the first in line {l}"))
                .unwrap_or_default();
            let what = if *count == 1 {
                "event is"
            } else {
                "events are"
            };
            notices.push(
                "broken-input",
                format!("{path}: {count} {what} not whole JSON and read as text{line}"),
                true,
            );
        }
        let count =
            |n: u64, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
        if noticed.invalid > 0 {
            let events = count(noticed.invalid, "event has", "events have");
            notices.push(
                "invalid-utf8",
                format!("{events} bytes that are not UTF-8, replaced by U+FFFD"),
                true,
            );
        }
        if noticed.too_deep > 0 {
            let events = count(noticed.too_deep, "event nests", "events nest");
            notices.push(
                "too-deep",
                format!("{events} values over 512 deep; fields below are not extracted"),
                true,
            );
        }
        if noticed.timeless > 0 && self.wants_time {
            let events = count(noticed.timeless, "event has", "events have");
            notices.push(
                "no-time",
                format!("{events} no time, and so no _time"),
                false,
            );
        }
    }
}
