//! Events that a shape's reader found, on their way out: takes places in the window and copied texts, gives morsels.

use crate::data::Position;
use crate::source::morsel::{Content, Metadata, Morsel, Origin, Record};
use arrow_buffer::Buffer;
use std::collections::VecDeque;
use std::sync::Arc;

/// Bytes of event text after which a morsel is full.
const FULL: usize = 1 << 20;
/// Events after which it is.
const MANY: usize = 8192;

/// Collects events into morsels. Texts that lie in the window as they are stay there; unescaped ones go to a buffer of
/// their own. A morsel has one buffer, so a change between the two starts a new one.
#[derive(Debug)]
pub struct Gather {
    origin: Arc<Origin>,
    window: Buffer,
    copied: Vec<u8>,
    is_copy: bool,
    records: Vec<Record>,
    metadata: Vec<Metadata>,
    bytes: usize,
    first_line: u64,
    part: u64,
    ready: VecDeque<Morsel>,
}

impl Gather {
    /// No events yet; the first morsel gets the number `part`.
    pub fn new(origin: Arc<Origin>, part: u64) -> Self {
        Self {
            origin,
            window: Buffer::default(),
            copied: Vec::new(),
            is_copy: false,
            records: Vec::new(),
            metadata: Vec::new(),
            bytes: 0,
            first_line: 0,
            part,
            ready: VecDeque::new(),
        }
    }

    /// The window moved: places from now on are places in this buffer.
    pub fn set_window(&mut self, window: Buffer) {
        if !self.is_copy {
            self.flush();
        }
        self.window = window;
    }

    /// Adds the event at `start..end` of the window. `None` metadata is the empty one.
    pub fn place(&mut self, start: usize, end: usize, line: u64, metadata: Option<Metadata>) {
        if self.is_copy {
            let bytes = self.window.get(start..end).unwrap_or_default();
            let at = self.copied.len();
            self.copied.extend_from_slice(bytes);
            self.push(at, self.copied.len(), line, metadata);
        } else {
            self.push(start, end, line, metadata);
        }
    }

    /// Adds the text at `start..end` of the window, which is told to be broken.
    pub fn broken(&mut self, start: usize, end: usize, line: u64) {
        self.place(start, end, line, None);
        let flushed = self.ready.back_mut().map(|morsel| &mut morsel.content);
        let records = match flushed {
            Some(Content::Records(records)) if self.records.is_empty() => records,
            _ => &mut self.records,
        };
        if let Some(record) = records.last_mut() {
            record.is_text = true;
        }
    }

    /// Adds an event whose text `write` appends; its line ends at the end are cut off. `false` when it is empty.
    pub fn copy(
        &mut self,
        line: u64,
        metadata: Metadata,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> bool {
        if !self.is_copy {
            self.flush();
            self.is_copy = true;
        }
        let start = self.copied.len();
        write(&mut self.copied);
        while self.copied.len() > start && matches!(self.copied.last(), Some(b'\n' | b'\r')) {
            self.copied.pop();
        }
        let end = self.copied.len();
        if start == end {
            return false;
        }
        self.push(start, end, line, Some(metadata));
        true
    }

    fn push(&mut self, start: usize, end: usize, line: u64, metadata: Option<Metadata>) {
        if self.records.is_empty() {
            self.first_line = line;
        }
        if metadata.is_some() || self.metadata.is_empty() {
            self.metadata.push(metadata.clone().unwrap_or_default());
        }
        let metadata = match metadata {
            Some(_) => self.metadata.len() - 1,
            None => self.plain(),
        };
        self.records.push(Record {
            start,
            end,
            line,
            metadata: metadata as u32,
            is_text: false,
        });
        self.bytes += end - start;
        if self.bytes >= FULL || self.records.len() >= MANY {
            self.flush();
        }
    }

    /// The entry without any metadata, at the front or added.
    fn plain(&mut self) -> usize {
        let is_plain = |m: &Metadata| {
            m.time.is_none()
                && m.source.is_none()
                && m.sourcetype.is_none()
                && m.host.is_none()
                && m.index.is_none()
                && m.fields.is_empty()
        };
        if let Some(at) = self.metadata.iter().take(1).position(is_plain) {
            return at;
        }
        if !self.metadata.last().is_some_and(is_plain) {
            self.metadata.push(Metadata::default());
        }
        self.metadata.len() - 1
    }

    /// Makes a morsel of what is there.
    pub fn flush(&mut self) {
        let records = std::mem::take(&mut self.records);
        let metadata = std::mem::take(&mut self.metadata);
        let copied = std::mem::take(&mut self.copied);
        let buffer = if std::mem::take(&mut self.is_copy) {
            Buffer::from_vec(copied)
        } else {
            self.window.clone()
        };
        self.bytes = 0;
        if records.is_empty() {
            return;
        }
        self.ready.push_back(Morsel {
            buffer,
            origin: self.origin.clone(),
            position: Position {
                file: self.origin.number,
                part: self.part,
            },
            first_line: self.first_line,
            content: Content::Records(records),
            metadata,
            disk_bytes: 0,
        });
        self.part += 1;
    }

    /// A full morsel, if there is one.
    pub fn pop(&mut self) -> Option<Morsel> {
        self.ready.pop_front()
    }
}
