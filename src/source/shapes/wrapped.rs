//! Values that were found and not yet taken apart: the finding is one thread's work, the taking apart any thread's.
//! Takes places of values, gives morsels of the events in them.

use super::container::Container;
use super::envelope::{Outlet, unwrap};
use super::gather::Gather;
use super::table::Table;
use super::{Names, Reading, cloudwatch, splunk};
use crate::source::morsel::{Metadata, Morsel, Origin, Supply};
use crate::source::unescape::unescape;
use arrow_buffer::Buffer;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

/// Bytes, and values, after which a piece is full.
const FULL: usize = 1 << 20;
const MANY: usize = 8192;

/// Numbers of morsels that one piece may become.
const PARTS: u64 = 1 << 16;

/// What a found value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A line of text: an event.
    Text,
    /// What is left of something broken: an event of text.
    Broken,
    /// A value of its own, perhaps an envelope.
    Value,
    /// An element of a container.
    Element(Container),
}

/// How values are taken apart.
#[derive(Debug, Clone)]
pub enum Task {
    /// As JSON.
    Json,
    /// As rows of a table.
    Rows(Arc<Table>),
}

/// Where a value lies.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    /// Its first byte.
    pub start: usize,
    /// One past its last.
    pub end: usize,
    /// Its line in the file.
    pub line: u64,
    /// What it is.
    pub kind: Kind,
}

/// A piece of an input whose values were found.
#[derive(Debug)]
pub struct Wrapped {
    /// The bytes.
    pub buffer: Buffer,
    /// Where they come from.
    pub origin: Arc<Origin>,
    /// Number of the piece in the input.
    pub part: u64,
    /// The values, in order.
    pub values: Vec<Found>,
    /// How to take them apart.
    pub task: Task,
    /// Bytes on disk that the piece stands for.
    pub disk_bytes: u64,
}

impl Wrapped {
    /// Takes the values apart. The morsels have positions in the order of the input, also against other pieces' morsels.
    pub fn take_apart(self) -> Vec<Morsel> {
        let mut gather = Gather::new(self.origin.clone(), self.part * PARTS);
        gather.set_window(self.buffer.clone());
        let mut names = Names::default();
        for found in &self.values {
            if let (Task::Rows(table), Kind::Value) = (&self.task, found.kind) {
                table.row(&self.buffer, found, &mut gather, &self.origin);
                continue;
            }
            let mut outlet = Outlet {
                gather: &mut gather,
                names: &mut names,
                origin: &self.origin,
                line: found.line,
            };
            give(&self.buffer, found, &mut outlet);
        }
        gather.flush();
        let mut morsels: Vec<Morsel> = std::iter::from_fn(|| gather.pop()).collect();
        if let Some(first) = morsels.first_mut() {
            first.disk_bytes = self.disk_bytes;
        }
        morsels
    }
}

/// Collects the places of values into pieces.
pub struct Pieces {
    /// How the values of the next pieces are taken apart.
    pub task: Task,
    origin: Arc<Origin>,
    found: Vec<Found>,
    bytes: usize,
    part: u64,
    ready: VecDeque<Wrapped>,
    unwrapped: VecDeque<Morsel>,
}

impl Pieces {
    /// No pieces yet of this input.
    pub fn new(reading: &Reading) -> Self {
        Self {
            task: Task::Json,
            origin: reading.origin.clone(),
            found: Vec::new(),
            bytes: 0,
            part: 0,
            ready: VecDeque::new(),
            unwrapped: VecDeque::new(),
        }
    }

    /// Adds a value at its place in the window.
    pub fn add(&mut self, place: Range<usize>, line: u64, kind: Kind, window: &Buffer) {
        self.bytes += place.len();
        self.found.push(Found {
            start: place.start,
            end: place.end,
            line,
            kind,
        });
        if self.bytes >= FULL || self.found.len() >= MANY {
            self.flush(window);
        }
    }

    /// Makes a piece of the values added; needed before the window moves.
    pub fn flush(&mut self, window: &Buffer) {
        self.bytes = 0;
        if self.found.is_empty() {
            return;
        }
        self.ready.push_back(Wrapped {
            buffer: window.clone(),
            origin: self.origin.clone(),
            part: self.part,
            values: std::mem::take(&mut self.found),
            task: self.task.clone(),
            disk_bytes: 0,
        });
        self.part += 1;
    }

    /// A full piece, if there is one.
    pub fn pop(&mut self) -> Option<Wrapped> {
        self.ready.pop_front()
    }

    /// Takes a piece apart here, for a reader that is asked for morsels.
    pub fn unwrap(&mut self, supply: Supply) {
        self.unwrapped.extend(supply.morsels());
    }

    /// A morsel of a piece that was taken apart here.
    pub fn unwrapped(&mut self) -> Option<Morsel> {
        self.unwrapped.pop_front()
    }
}

/// Gives the events of a value.
fn give(bytes: &[u8], found: &Found, outlet: &mut Outlet<'_>) {
    let (start, end) = (found.start, found.end);
    match (bytes.get(start), found.kind) {
        (_, Kind::Broken) => outlet.gather.broken(start, end, found.line),
        (_, Kind::Text) | (Some(b'{'), Kind::Element(Container::Plain)) => {
            outlet.gather.place(start, end, found.line, None);
        }
        (Some(b'{'), Kind::Element(Container::Results)) => splunk::row(bytes, start..end, outlet),
        (Some(b'{'), _) => unwrap(bytes, start..end, outlet),
        (Some(b'['), _) if cloudwatch::is_insights_row(bytes, start) => {
            cloudwatch::insights_row(bytes, start..end, outlet);
        }
        (Some(b'"'), _) => {
            let raw = bytes.get(start + 1..end - 1).unwrap_or_default();
            let write = |out: &mut Vec<u8>| unescape(raw, out);
            outlet.gather.copy(found.line, Metadata::default(), write);
        }
        _ => outlet.gather.place(start, end, found.line, None),
    }
}
