//! What of an input is left out or read otherwise than meant: takes places from any thread, gives one notice a file and kind.

use super::line_at;
use crate::diagnostic::Notices;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Where in a file something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In this line, from 1.
    Line(u64),
    /// Bytes from the start of the file: its line is counted when it is told.
    Offset(u64),
}

/// What is wrong with an event that is read all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flaw {
    /// It begins like JSON and is none.
    NotJson,
    /// It has bytes that are not UTF-8.
    NotUtf8,
    /// It has values nested too deep to be extracted.
    TooDeep,
}

/// The kinds of notices, in the order in which a file's are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Broken,
    Flaw(Flaw),
}

impl Kind {
    fn code(self) -> &'static str {
        match self {
            Kind::Broken | Kind::Flaw(Flaw::NotJson) => "broken-input",
            Kind::Flaw(Flaw::NotUtf8) => "invalid-utf8",
            Kind::Flaw(Flaw::TooDeep) => "too-deep",
        }
    }
}

impl Flaw {
    fn text(self) -> &'static str {
        match self {
            Flaw::NotJson => "not whole JSON, read as text",
            Flaw::NotUtf8 => "bytes that are not UTF-8, read as U+FFFD",
            Flaw::TooDeep => "values nested over 512 deep, not extracted",
        }
    }
}

/// What is left out of one file. Cloning shares. The notices are given when the last clone goes: then all of the file
/// that anybody wanted was read.
#[derive(Debug, Clone)]
pub struct LeftOut(Arc<Tally>);

#[derive(Debug)]
struct Tally {
    path: String,
    counts: Mutex<Counts>,
    notices: Notices,
}

#[derive(Debug, Default)]
struct Counts {
    found: BTreeMap<Kind, Found>,
    previews: u64,
}

/// How often, and where first.
#[derive(Debug, Clone, Copy)]
struct Found {
    count: u64,
    first: (Place, &'static str),
}

impl LeftOut {
    /// Nothing yet of the file at `path`.
    pub fn new(path: &str, notices: Notices) -> Self {
        Self(Arc::new(Tally {
            path: path.to_owned(),
            counts: Mutex::default(),
            notices,
        }))
    }

    /// Counts a place that can't be read, with its line (from 1) and what is wrong there.
    pub fn broken(&self, line: u64, what: &'static str) {
        self.broken_at(Place::Line(line), what);
    }

    /// The same, where the line is not known yet.
    pub fn broken_at(&self, place: Place, what: &'static str) {
        self.add(Kind::Broken, 1, (place, what));
    }

    /// Counts events that have a flaw; the first of them is at `place`.
    pub fn flawed(&self, flaw: Flaw, count: u64, place: Place) {
        self.add(Kind::Flaw(flaw), count, (place, flaw.text()));
    }

    /// Counts a row that a search gave before it was done.
    pub fn preview(&self) {
        self.counts().previews += 1;
    }

    fn counts(&self) -> std::sync::MutexGuard<'_, Counts> {
        self.0.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, kind: Kind, count: u64, first: (Place, &'static str)) {
        let mut counts = self.counts();
        let found = counts
            .found
            .entry(kind)
            .or_insert(Found { count: 0, first });
        found.count += count;
        // Of two things in one line the same one is told whoever comes first: threads and blocks must not show.
        found.first = found.first.min(first);
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        let counts = self
            .counts
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        let path = &self.path;
        for (kind, found) in &counts.found {
            let (place, what) = found.first;
            let line = match place {
                Place::Line(line) => Some(line).filter(|line| *line > 0),
                Place::Offset(offset) => line_at(path, offset),
            };
            let line = line.map_or(String::new(), |line| format!(" line {line}"));
            let more = match found.count {
                1 => String::new(),
                2 => ", and one more place after it".to_owned(),
                n => format!(", and {} more places after it", n - 1),
            };
            let text = format!("`{path}`{line}: {what}{more}");
            self.notices.push(kind.code(), text, true);
        }
        if counts.previews > 0 {
            let rows = match counts.previews {
                1 => "1 preview row is".to_owned(),
                n => format!("{n} preview rows are"),
            };
            let text = format!("`{path}`: {rows} left out (the final rows hold them again)");
            self.notices.push("preview-rows", text, false);
        }
    }
}
