//! One event a line (NDJSON, plain text): takes a window, gives it cut at line ends and otherwise untouched.

use super::{MAX_VALUE, Reading};
use crate::data::Position;
use crate::diagnostic::Diagnostic;
use crate::source::left_out::Place;
use crate::source::morsel::{Content, Morsel, Morsels};

/// Cuts at line ends; the scanner finds the lines.
pub struct Lines {
    reading: Reading,
    at: usize,
    line: u64,
}

impl Lines {
    /// Lines from byte `start` of the window on.
    pub fn new(reading: Reading, start: usize) -> Self {
        Self {
            reading,
            at: start,
            line: 1,
        }
    }

    /// Where the next morsel ends; `None` when the window must grow first.
    fn cut(&mut self) -> Option<usize> {
        let window = &self.reading.window;
        let rest = window.bytes().get(self.at..).unwrap_or_default();
        let near = &rest[..rest.len().min(window.piece_size())];
        if let Some(end) = memchr::memrchr(b'\n', near) {
            return Some(self.at + end + 1);
        }
        if let Some(end) = memchr::memchr(b'\n', &rest[near.len()..]) {
            return Some(self.at + near.len() + end + 1);
        }
        if window.is_last() {
            return Some(self.at + rest.len());
        }
        let place = match window.is_stream() {
            true => Place::Line(self.line),
            false => Place::Offset(window.base() + self.at as u64),
        };
        (rest.len() > MAX_VALUE).then(|| {
            self.reading
                .origin
                .left_out
                .broken_at(place, "a line is longer than 256 MiB and is cut");
            self.at + MAX_VALUE
        })
    }
}

impl Morsels for Lines {
    fn next(&mut self) -> Option<Result<Morsel, Diagnostic>> {
        let end = loop {
            if self.at < self.reading.window.bytes().len()
                && let Some(end) = self.cut()
            {
                break end;
            }
            match self.reading.refill(self.at) {
                Ok(true) => self.at = 0,
                Ok(false) if self.at < self.reading.window.bytes().len() => {}
                Ok(false) => return None,
                Err(error) => return Some(Err(error)),
            }
        };
        let window = &mut self.reading.window;
        let part = window.base() + self.at as u64;
        let buffer = window.buffer().slice_with_length(self.at, end - self.at);
        let counted = window.is_stream();
        let first_line = if counted { self.line } else { 0 };
        if counted {
            self.line += memchr::memchr_iter(b'\n', &buffer).count() as u64;
        }
        self.at = end;
        Some(Ok(Morsel {
            buffer,
            origin: self.reading.origin.clone(),
            position: Position {
                file: self.reading.origin.number,
                part,
            },
            first_line,
            content: Content::Lines,
            metadata: Vec::new(),
            disk_bytes: window.take_disk(end),
        }))
    }
}
