//! Bytes to batches: takes paths (files, folders, globs, `-`), gives batches of events with the wanted fields.
//!
//! | file | takes | gives |
//! |---|---|---|
//! | `discover` | arguments | the inputs, in order |
//! | `open` | an input | its bytes: a window on a mapped file, or on a stream that a thread unpacks |
//! | `shape` | the first bytes | which carrier the events come in |
//! | `shapes/` | bytes of one carrier | morsels of event texts with their metadata |
//! | `inputs` | all of these | the morsels of all inputs, in order |
//! | `sourcetype` | a few keys of an event | its sourcetype, and where its time is |
//! | `event`, `metadata`, `columns`, `assemble` | the values of each event | columns |
//! | `named` | an event's text | the fields that it names, `user=bob` |
//! | `dates` | the time as each event writes it | the columns `date_hour` and its like |
//! | `left_out` | what can't be read as meant | a notice a file and kind |
//! | `skip` | a request | what tells the events that need no reading |
//! | `prefilter`, `several` | a morsel, and one search or several | the events that may match, found by `places` |
//! | `runs` | texts | where they stand, all of them looked for together |
//! | `hidden` | texts | what may spell them by other characters |
//! | `scanner` | an event's text | the wanted values, without building the rest |
//! | `extract` | a morsel | a batch |
//! | `scan` | inputs and a request | batches, on any number of threads |

mod assemble;
mod block;
mod columns;
mod dates;
mod decode;
mod discover;
mod event;
mod extract;
mod hidden;
mod inputs;
mod instant;
mod left_out;
mod metadata;
mod morsel;
mod named;
mod open;
mod places;
mod prefilter;
mod projection;
mod runs;
mod scan;
pub mod scanner;
mod several;
mod shape;
mod shapes;
mod skip;
pub mod sourcetype;
mod splitter;
mod stream;
mod unescape;
mod utf16;
mod window;

pub use inputs::{Inputs, open_all};
pub use morsel::{Content, Metadata, Morsel, Morsels, Origin, Record, Supply};
pub use scan::{Scan, Worker};
pub use shapes::Wrapped;
pub use skip::{LookedFor, looked_for};
pub use window::line_at;

use crate::data::time::Timestamp;
use crate::data::{Demand, Filter, Literals};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// A whole file, unpacked.
pub fn read_whole(path: &std::path::Path) -> std::io::Result<Vec<u8>> {
    let file = std::fs::File::open(path)?;
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut decode::unpack(Box::new(file)), &mut bytes)?;
    Ok(bytes)
}

/// The bytes packed as gzip.
pub fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut encoder, bytes)?;
    encoder.finish()
}

/// What a query wants of its input.
#[derive(Clone, Default)]
pub struct Request {
    /// The fields that stages after the source read.
    pub demand: Demand,
    /// Drops events by some fields before the others are extracted.
    pub filter: Option<Arc<dyn Filter>>,
    /// Asked of the events that the filter and the bounds keep; it may fail.
    pub further: Option<Arc<dyn Filter>>,
    /// Texts that every kept event contains; used to skip events unread.
    pub literals: Literals,
    /// The literals of each of several searches, of which a kept event matches any; empty for one search. The fields of
    /// the demand are then read only of what the filter keeps, since there are many of them.
    pub any_of: Vec<Literals>,
    /// Earliest `_time`, inclusive. An event without `_time` fails a bound.
    pub earliest: Option<Timestamp>,
    /// Latest `_time`, exclusive.
    pub latest: Option<Timestamp>,
}

/// What the user said of the input.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// `source` of events whose envelope has none.
    pub source: Option<String>,
    /// `sourcetype` likewise.
    pub sourcetype: Option<String>,
    /// `host` likewise.
    pub host: Option<String>,
    /// `index` likewise; `main` when absent.
    pub index: Option<String>,
    /// Check every line whole, also those that the query could skip.
    pub strict: bool,
}

/// Counters of a running scan; any thread may read them.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bytes on disk of all inputs (compressed size); 0 for a pipe.
    pub bytes_total: AtomicU64,
    /// Bytes on disk done.
    pub bytes_done: AtomicU64,
    /// Events seen, skipped ones included.
    pub events: AtomicU64,
    /// Events kept by the request's filter.
    pub matched: AtomicU64,
}
