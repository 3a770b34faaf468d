//! CSV with a header row: takes a window, gives the places of its rows.

use super::rows::row_end;
use super::table::Table;
use super::wrapped::{Kind, Pieces, Task};
use super::{MAX_VALUE, Reading};
use crate::diagnostic::Diagnostic;
use crate::source::morsel::{Morsel, Morsels, Supply};
use std::sync::Arc;

/// Finds rows.
pub struct Csv {
    reading: Reading,
    pieces: Pieces,
    has_header: bool,
    at: usize,
    line: u64,
    /// A quote was not closed: from here on a row is a line.
    wary: bool,
    done: bool,
}

impl Csv {
    /// Rows from byte `start` of the window on, the first one being the header.
    pub fn new(reading: Reading, start: usize) -> Self {
        Self {
            pieces: Pieces::new(&reading),
            reading,
            has_header: false,
            at: start,
            line: 1,
            wary: false,
            done: false,
        }
    }

    fn step(&mut self) -> Result<(), Diagnostic> {
        let window = &self.reading.window;
        let rest = window.bytes().get(self.at..).unwrap_or_default();
        match row_end(window.bytes(), self.at, self.wary) {
            Some(end) => self.row(end),
            None if !window.is_last() && rest.len() <= MAX_VALUE => {
                self.pieces.flush(window.buffer());
                if self.reading.refill(self.at)? {
                    self.at = 0;
                }
            }
            None if rest.is_empty() => {
                self.pieces.flush(window.buffer());
                self.done = true;
            }
            None => self.open_row(),
        }
        Ok(())
    }

    /// Takes the last row when no line end comes. After a quote that is not closed, its line is an event of text.
    fn open_row(&mut self) {
        let bytes = self.reading.window.bytes();
        let rest = bytes.get(self.at..).unwrap_or_default();
        if row_end(&[rest, b"\n"].concat(), 0, self.wary).is_some() {
            self.row(bytes.len());
            return;
        }
        self.reading.origin.left_out.broken(
            self.line,
            "a quoted cell is not closed, its line read as text",
        );
        self.wary = true;
        let length = memchr::memchr(b'\n', rest).map_or(rest.len(), |length| length + 1);
        let place = self.at..self.at + rest[..length].trim_ascii_end().len();
        let buffer = self.reading.window.buffer();
        self.pieces.add(place, self.line, Kind::Broken, buffer);
        self.line += 1;
        self.at += length;
    }

    /// Takes the row from `at` to `end`, where its line ends.
    fn row(&mut self, end: usize) {
        let bytes = self.reading.window.bytes();
        let with_end = bytes.get(self.at..end).unwrap_or_default();
        let row = with_end.strip_suffix(b"\r").unwrap_or(with_end);
        let passed = memchr::memchr_iter(b'\n', with_end).count() as u64 + 1;
        let place = self.at..self.at + row.len();
        if row.is_empty() {
            // An empty line is no row.
        } else if self.has_header {
            let buffer = self.reading.window.buffer();
            self.pieces.add(place, self.line, Kind::Value, buffer);
        } else {
            let table = Table::new(row);
            if table.has_repeated() {
                self.reading.origin.left_out.broken(
                    self.line,
                    "a column's name comes twice, and the second column is left out",
                );
            }
            self.pieces.task = Task::Rows(Arc::new(table));
            self.has_header = true;
        }
        self.line += passed;
        self.at = (end + 1).min(bytes.len());
    }
}

impl Morsels for Csv {
    fn next(&mut self) -> Option<Result<Morsel, Diagnostic>> {
        loop {
            if let Some(morsel) = self.pieces.unwrapped() {
                return Some(Ok(morsel));
            }
            match self.supply()? {
                Ok(supply) => self.pieces.unwrap(supply),
                Err(error) => return Some(Err(error)),
            }
        }
    }

    fn supply(&mut self) -> Option<Result<Supply, Diagnostic>> {
        loop {
            if let Some(mut wrapped) = self.pieces.pop() {
                wrapped.disk_bytes = self.reading.window.take_disk(self.at);
                return Some(Ok(Supply::Wrapped(wrapped)));
            }
            if self.done {
                return None;
            }
            if let Err(error) = self.step() {
                self.done = true;
                self.pieces.flush(self.reading.window.buffer());
                return Some(Err(error));
            }
        }
    }
}
