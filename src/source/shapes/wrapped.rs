//! Values that were found and not yet taken apart: the finding is one thread's work, the taking apart any thread's.
//! Takes places of values, gives morsels of the events in them.

use super::container::Container;
use super::envelope::{Outlet, unwrap};
use super::gather::Gather;
use super::{Names, cloudwatch, splunk};
use crate::data::Position;
use crate::source::left_out::LeftOut;
use crate::source::morsel::{Metadata, Morsel, Origin};
use crate::source::unescape::unescape;
use arrow_buffer::Buffer;
use std::sync::Arc;

/// Numbers of morsels that one piece may become.
const PARTS: u64 = 1 << 16;

/// What a found value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A line of text: an event.
    Text,
    /// A value of its own, perhaps an envelope.
    Value,
    /// An element of a container.
    Element(Container),
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
    /// Counts what can't be read.
    pub left_out: LeftOut,
    /// Bytes on disk that the piece stands for.
    pub disk_bytes: u64,
}

impl Wrapped {
    /// Takes the values apart. The morsels have positions in the order of the input, also against other pieces' morsels.
    pub fn unwrap(self) -> Vec<Morsel> {
        let mut gather = Gather::new(self.origin, self.part * PARTS);
        gather.set_window(self.buffer.clone());
        let mut names = Names::default();
        for found in &self.values {
            let mut outlet = Outlet {
                gather: &mut gather,
                names: &mut names,
                left_out: &self.left_out,
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

    /// Where its first morsel stands.
    pub fn position(&self) -> Position {
        Position {
            file: self.origin.number,
            part: self.part * PARTS,
        }
    }
}

/// Gives the events of a value.
fn give(bytes: &[u8], found: &Found, outlet: &mut Outlet<'_>) {
    let (start, end) = (found.start, found.end);
    match (bytes.get(start), found.kind) {
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
