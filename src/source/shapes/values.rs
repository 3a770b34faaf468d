//! JSON values one after the other, however they are laid out: takes a window, gives the places of the values in it. A value may be an
//! event, an envelope of one, or a container of any length, which is read element by element.

use super::container::{self, Container, container};
use super::wrapped::{Kind, Pieces};
use super::{MAX_VALUE, Reading};
use crate::diagnostic::Diagnostic;
use crate::source::morsel::{Morsel, Morsels, Supply};
use crate::source::splitter::{End, Members, skip_blank, text_end, value_end};
use std::ops::Range;

/// Where the reader stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Between values.
    Top,
    /// In the array of a container.
    Elements(Container),
    /// In a container's object, behind its array.
    Rest,
    /// Looking for the next value behind one that is broken.
    Lost(Back),
    /// At the end.
    Done,
}

/// Where values may be found again: on a line that starts with `{`, and in a container where its elements start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Back {
    within: Option<Container>,
    /// Blanks before an element that begins a line.
    indent: Option<usize>,
}

/// Bytes of what is lost that become one event of text, about.
const LOST: usize = 1 << 20;

/// Reads JSON values.
pub struct Values {
    reading: Reading,
    state: State,
    at: usize,
    /// Line at `counted`.
    line: u64,
    counted: usize,
    /// Blanks since the last line end, when there is nothing else.
    indent: Option<usize>,
    /// A value did not end: from here on only values that fill a line of their own are trusted.
    wary: bool,
    /// Where what is lost begins, and its line.
    lost: (usize, u64),
    /// The first key of a container's first element, in quotes: the others begin with it too.
    lead: Vec<u8>,
    pieces: Pieces,
}

/// Whether an array of events opens at `at`, not a line of text that starts with a bracket.
pub fn array_opens(bytes: &[u8], at: usize) -> bool {
    bytes.get(at) == Some(&b'[')
        && matches!(
            bytes.get(skip_blank(bytes, at + 1)),
            Some(b'{' | b'[' | b'"' | b']')
        )
}

impl Values {
    /// Values from byte `start` of the window on.
    pub fn new(reading: Reading, start: usize) -> Self {
        Self {
            pieces: Pieces::new(&reading),
            reading,
            state: State::Top,
            at: start,
            line: 1,
            counted: start,
            indent: Some(0),
            wary: false,
            lost: (start, 1),
            lead: Vec::new(),
        }
    }

    fn step(&mut self) -> Result<(), Diagnostic> {
        match self.state {
            State::Lost(back) => self.find(back),
            State::Done => Ok(()),
            state => {
                self.separators();
                let Some(byte) = self.reading.window.bytes().get(self.at).copied() else {
                    return self.at_end();
                };
                match state {
                    State::Elements(kind) => self.element(kind, byte),
                    State::Rest => self.rest(byte),
                    _ => self.top(byte),
                }
            }
        }
    }

    /// Goes over blanks, commas and record separators.
    fn separators(&mut self) {
        let bytes = self.reading.window.bytes();
        while let Some(byte) = bytes.get(self.at) {
            self.indent = match byte {
                b'\n' => Some(0),
                b' ' | b'\t' => self.indent.map(|n| n + 1),
                b'\r' => self.indent,
                b',' | 0x1E => None,
                _ => return,
            };
            self.at += 1;
        }
    }

    /// No byte is left in the window: moves it, or ends.
    fn at_end(&mut self) -> Result<(), Diagnostic> {
        if self.grow()? {
            return Ok(());
        }
        if self.state != State::Top && !matches!(self.state, State::Lost(_)) {
            let line = self.line();
            self.reading
                .origin
                .left_out
                .broken(line, "the list of events is not closed");
        }
        self.finish();
        Ok(())
    }

    fn finish(&mut self) {
        self.flush();
        self.state = State::Done;
    }

    fn top(&mut self, byte: u8) -> Result<(), Diagnostic> {
        let bytes = self.reading.window.bytes();
        let last = self.reading.window.is_last();
        match byte {
            b'{' if self.wary => self.line_value(),
            b'{' => match container(bytes, self.at, last) {
                container::Found::At(kind, at) => {
                    self.enter(kind, at);
                    Ok(())
                }
                container::Found::More if bytes.len() - self.at <= MAX_VALUE => {
                    self.grow().map(drop)
                }
                _ => self.value(None),
            },
            b'[' if array_opens(bytes, self.at) => {
                self.enter(Container::Array, self.at);
                Ok(())
            }
            b'[' if !last && bytes.len() - self.at < 64 => self.grow().map(drop),
            _ if self.wary => {
                self.lost = (self.at, self.line());
                self.state = State::Lost(Back::default());
                Ok(())
            }
            _ if self.indent.is_some() => self.text_line(),
            _ => {
                self.lose("text between JSON values", Back::default());
                Ok(())
            }
        }
    }

    fn enter(&mut self, kind: Container, at: usize) {
        self.state = State::Elements(kind);
        self.at = at + 1;
        self.indent = None;
        self.lead.clear();
    }

    fn element(&mut self, kind: Container, byte: u8) -> Result<(), Diagnostic> {
        match byte {
            b']' => {
                self.at += 1;
                self.indent = None;
                self.state = match kind {
                    Container::Array => State::Top,
                    _ => State::Rest,
                };
                Ok(())
            }
            b'}' | b':' => {
                self.lose("the list of events is broken off", Back::default());
                Ok(())
            }
            _ => self.value(Some(kind)),
        }
    }

    /// Goes over a member behind the events, or leaves the container.
    fn rest(&mut self, byte: u8) -> Result<(), Diagnostic> {
        if byte == b'}' {
            self.at += 1;
            self.indent = None;
            self.state = State::Top;
            return Ok(());
        }
        let mut members = Members::within(self.reading.window.bytes(), self.at);
        let (end, open) = (members.next().map(|(_, place)| place.end), members.open);
        match end {
            Some(end) => self.at = end,
            None if open && self.grow()? => {}
            None => self.lose("the end of a list is broken", Back::default()),
        }
        Ok(())
    }

    /// Takes the value at `at`, an element of a container or a value of its own.
    fn value(&mut self, within: Option<Container>) -> Result<(), Diagnostic> {
        match value_end(self.reading.window.bytes(), self.at) {
            End::At(end) => {
                if within.is_some() && self.lead.is_empty() {
                    let bytes = self.reading.window.bytes();
                    self.lead = first_key(bytes, self.at);
                }
                self.give(self.at..end, within.map_or(Kind::Value, Kind::Element));
                self.at = end;
                self.indent = None;
            }
            End::Open => {
                let length = self.reading.window.bytes().len() - self.at;
                if length <= MAX_VALUE && self.grow()? {
                    return Ok(());
                }
                // A second one would mean to look through the rest again and again.
                let within = within.filter(|_| !self.wary);
                let indent = self.indent.filter(|_| !self.wary);
                let back = Back { within, indent };
                self.wary = true;
                self.lose("a value is not closed, read as text", back);
            }
            End::Broken(_) => {
                let indent = self.indent;
                self.lose("broken JSON, read as text", Back { within, indent });
            }
        }
        Ok(())
    }

    /// Takes a value only if it fills its line.
    fn line_value(&mut self) -> Result<(), Diagnostic> {
        let Some(end) = self.line_end()? else {
            return Ok(());
        };
        let line = &self.reading.window.bytes()[..end];
        match value_end(line, self.at) {
            End::At(to) if skip_blank(line, to) == end => {
                self.give(self.at..to, Kind::Value);
                self.at = to;
            }
            _ => self.lose("broken JSON, read as text", Back::default()),
        }
        Ok(())
    }

    /// A line that is no JSON among lines that are: an event of text.
    fn text_line(&mut self) -> Result<(), Diagnostic> {
        let Some(end) = self.line_end()? else {
            return Ok(());
        };
        let text = self.reading.window.bytes()[self.at..end].trim_ascii_end();
        let to = self.at + text.len();
        self.give(self.at..to, Kind::Text);
        self.at = end;
        Ok(())
    }

    /// Where the line at `at` ends; `None` when the window moved instead.
    fn line_end(&mut self) -> Result<Option<usize>, Diagnostic> {
        let bytes = self.reading.window.bytes();
        let rest = bytes.get(self.at..).unwrap_or_default();
        if let Some(length) = memchr::memchr(b'\n', rest) {
            return Ok(Some(self.at + length));
        }
        let end = bytes.len();
        if rest.len() <= MAX_VALUE && self.grow()? {
            return Ok(None);
        }
        Ok(Some(end))
    }

    /// Keeps the place of a value for the worker that takes it apart.
    fn give(&mut self, place: Range<usize>, kind: Kind) {
        let line = self.line();
        self.pieces
            .add(place, line, kind, self.reading.window.buffer());
    }

    /// Makes a piece of the values found.
    fn flush(&mut self) {
        self.pieces.flush(self.reading.window.buffer());
    }

    /// Counts what is broken at `at` and looks for the next value behind it. What lies between is an event of text.
    fn lose(&mut self, what: &'static str, back: Back) {
        let line = self.line();
        self.reading.origin.left_out.broken(line, what);
        self.state = State::Lost(back);
        self.lost = (self.at, line);
        self.at += 1;
    }

    /// Goes to the next line that starts with `{` at the margin or where the elements of `back` start, or to the next
    /// element of its container in this line.
    fn find(&mut self, back: Back) -> Result<(), Diagnostic> {
        let bytes = self.reading.window.bytes();
        let rest = bytes.get(self.at..).unwrap_or_default();
        let Some(step) = memchr::memchr(b'\n', rest) else {
            if self.grow()? {
                return Ok(());
            }
            let end = self.reading.window.bytes().len();
            if !self.element_before(back, end) {
                self.found_at(end);
                return self.at_end();
            }
            return Ok(());
        };
        if self.element_before(back, self.at + step) {
            return Ok(());
        }
        let bytes = self.reading.window.bytes();
        let margin = back.indent.filter(|_| back.within.is_some()).unwrap_or(0);
        let next = self.at + step + 1;
        if bytes.len() <= next + margin && !self.reading.window.is_last() && self.grow()? {
            return Ok(());
        }
        let bytes = self.reading.window.bytes();
        let line = bytes.get(next..).unwrap_or_default();
        let blanks = line
            .iter()
            .take_while(|b| matches!(b, b' ' | b'\t'))
            .count();
        if line.get(blanks) == Some(&b'{') && (blanks == 0 || blanks == margin) {
            self.found_at(next);
            self.indent = Some(0);
            self.state = match back.within {
                Some(kind) if back.indent == Some(blanks) => State::Elements(kind),
                _ => State::Top,
            };
            return Ok(());
        }
        if next - self.lost.0 > LOST {
            self.found_at(next);
        }
        self.at = next;
        Ok(())
    }

    /// Goes to the next element before `end` of the container that something broken is in, if one can be told: an object
    /// behind a comma with the first key of the container's first element, and whole.
    fn element_before(&mut self, back: Back, end: usize) -> bool {
        let (Some(kind), false) = (back.within, self.lead.is_empty()) else {
            return false;
        };
        let bytes = self.reading.window.bytes();
        let part = bytes.get(self.at..end).unwrap_or_default();
        let found = memchr::memmem::find_iter(part, &self.lead).find_map(|key| {
            let before = part.get(..key)?.trim_ascii_end().strip_suffix(b"{")?;
            let starts = before.trim_ascii_end().ends_with(b",");
            let start = self.at + before.len();
            let whole = matches!(value_end(bytes, start), End::At(_));
            (starts && whole).then_some(start)
        });
        let Some(start) = found else {
            return false;
        };
        self.found_at(start);
        self.indent = None;
        self.state = State::Elements(kind);
        true
    }

    /// Gives what is lost before `next` as text, and stands there.
    fn found_at(&mut self, next: usize) {
        let (start, line) = self.lost;
        let bytes = self.reading.window.bytes();
        let lost = bytes.get(start..next).unwrap_or_default();
        let odd = |b: &u8| !b.is_ascii_whitespace() && *b != b',';
        let says = |b: &u8| b.is_ascii_alphanumeric() || !b.is_ascii();
        if let (Some(first), Some(last)) = (lost.iter().position(odd), lost.iter().rposition(odd))
            && lost.iter().any(says)
        {
            let place = start + first..start + last + 1;
            let buffer = self.reading.window.buffer();
            self.pieces.add(place, line, Kind::Broken, buffer);
        }
        self.at = next;
        self.lost = (next, self.line());
    }

    /// The line of the byte at `at`.
    fn line(&mut self) -> u64 {
        let bytes = self.reading.window.bytes();
        let passed = bytes.get(self.counted..self.at).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', passed).count() as u64;
        self.counted = self.at.max(self.counted);
        self.line
    }

    /// Moves the window so that it starts at `at`; `false` at the end of the input.
    fn grow(&mut self) -> Result<bool, Diagnostic> {
        self.line();
        if self.reading.window.is_last() {
            return Ok(false);
        }
        self.flush();
        // What is lost becomes an event once its end is found.
        let keep = match self.state {
            State::Lost(_) if self.at - self.lost.0 <= MAX_VALUE => self.lost.0,
            State::Lost(_) => {
                self.found_at(self.at);
                self.flush();
                self.at
            }
            _ => self.at,
        };
        if !self.reading.refill(keep)? {
            return Ok(false);
        }
        self.at -= keep;
        self.counted = self.at;
        self.lost.0 = self.lost.0.saturating_sub(keep);
        Ok(true)
    }
}

/// The first key of the object at `at`, in its quotes; empty when it has none.
fn first_key(bytes: &[u8], at: usize) -> Vec<u8> {
    let key = skip_blank(bytes, at + 1);
    match (bytes.get(at), bytes.get(key), text_end(bytes, key)) {
        (Some(b'{'), Some(b'"'), End::At(end)) => bytes.get(key..end).unwrap_or_default().to_vec(),
        _ => Vec::new(),
    }
}

impl Morsels for Values {
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
            if self.state == State::Done {
                return None;
            }
            if let Err(error) = self.step() {
                self.finish();
                return Some(Err(error));
            }
        }
    }
}
