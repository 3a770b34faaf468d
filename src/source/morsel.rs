//! A piece of input that one worker handles by itself: takes bytes of one buffer, gives the events that lie in it.

use super::left_out::LeftOut;
use super::shapes::Wrapped;
use crate::data::time::{Timestamp, Written, Zone};
use crate::data::{FieldName, Position, Value};
use crate::diagnostic::Diagnostic;
use arrow_buffer::Buffer;
use std::sync::Arc;

/// The file (or pipe) that events come from.
#[derive(Debug)]
pub struct Origin {
    /// Path as the user would write it; `-` for a pipe.
    pub path: String,
    /// Its number among the inputs of the run.
    pub number: u32,
    /// What its events have where they say nothing themselves.
    pub defaults: Metadata,
    /// Counts what of it can't be read as meant.
    pub left_out: LeftOut,
    /// The zone of times without one, where the carrier does not fix it.
    pub zone: Zone,
}

/// Metadata of an event that its envelope gave. `None` fields fall back: event's own keys, options, origin's defaults.
#[derive(Debug, Clone, Default)]
pub struct Metadata {
    /// `_time`.
    pub time: Option<Timestamp>,
    /// Where that time is written.
    pub clock: Clock,
    /// `source`.
    pub source: Option<Arc<str>>,
    /// `sourcetype`.
    pub sourcetype: Option<Arc<str>>,
    /// `host`.
    pub host: Option<Arc<str>>,
    /// `index`.
    pub index: Option<Arc<str>>,
    /// Indexed fields of the envelope (HEC `fields`, exported columns), in order.
    pub fields: Vec<(FieldName, Value)>,
}

/// Where the time that an envelope gave is written, which is what the fields `date_hour` and its like tell.
#[derive(Debug, Clone, Copy, Default)]
pub enum Clock {
    /// In the envelope only: the event's text says nothing of it.
    #[default]
    Envelope,
    /// In the event's text too, from which the time was told when the event was first read.
    Text,
    /// In a cell of the row that is the event.
    Cell(Written),
}

/// One event in a buffer.
#[derive(Debug, Clone)]
pub struct Record {
    /// Bytes of the event's text in the morsel's buffer.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    /// Line in the file where it starts, from 1.
    pub line: u64,
    /// Index into [`Morsel::metadata`].
    pub metadata: u32,
    /// It is text whatever it looks like: what is wrong with it is told already.
    pub is_text: bool,
}

/// How the events lie in the buffer.
#[derive(Debug, Clone)]
pub enum Content {
    /// Each line is an event (NDJSON, or plain text): the scanner finds the line ends itself.
    Lines,
    /// The events, found by a shape's reader.
    Records(Vec<Record>),
}

/// A piece of one input: whole events only.
#[derive(Debug, Clone)]
pub struct Morsel {
    /// The bytes; a memory map or a decompressed block, shared with the columns made from it.
    pub buffer: Buffer,
    /// Where it comes from.
    pub origin: Arc<Origin>,
    /// Its place in the input: the part is the offset of the first byte for `Content::Lines`, a running number else.
    pub position: Position,
    /// Line in the file of the buffer's first byte, from 1; 0 when not counted: then `position.part` is the offset
    /// of that byte in the file, and [`super::line_at`] counts when somebody asks.
    pub first_line: u64,
    /// The events.
    pub content: Content,
    /// Metadata that records point to; for `Content::Lines` the first entry (if any) holds for all.
    pub metadata: Vec<Metadata>,
    /// Bytes on disk that this morsel stands for (progress).
    pub disk_bytes: u64,
}

/// A supply of morsels, in input order.
pub trait Morsels: Send {
    /// The next morsel; `None` at the end.
    fn next(&mut self) -> Option<Result<Morsel, Diagnostic>>;

    /// The same for several workers: what is left to do for a piece of input is left to the worker that gets it. A
    /// supply is read by this or by [`Morsels::next`], not by both.
    fn supply(&mut self) -> Option<Result<Supply, Diagnostic>> {
        self.next().map(|morsel| morsel.map(Supply::Ready))
    }
}

/// A morsel, or what makes some.
#[derive(Debug)]
pub enum Supply {
    /// A morsel.
    Ready(Morsel),
    /// Values to take apart.
    Wrapped(Wrapped),
}

impl Supply {
    /// The morsels, in order of position. This is where a worker takes envelopes apart.
    pub fn morsels(self) -> Vec<Morsel> {
        match self {
            Supply::Ready(morsel) => vec![morsel],
            Supply::Wrapped(wrapped) => wrapped.take_apart(),
        }
    }
}
