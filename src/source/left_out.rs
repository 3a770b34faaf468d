//! What of an input is left out: takes places from any thread, gives one notice a file and kind.

use crate::diagnostic::Notices;
use std::sync::{Arc, Mutex, PoisonError};

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
    broken: u64,
    first: Option<(u64, &'static str)>,
    previews: u64,
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
        self.count(|counts| {
            counts.broken += 1;
            // Of two things in one line the same one is told whoever comes first: threads and blocks must not show.
            if counts.first.is_none_or(|first| (line, what) < first) {
                counts.first = Some((line, what));
            }
        });
    }

    /// Counts a row that a search gave before it was done.
    pub fn preview(&self) {
        self.count(|counts| counts.previews += 1);
    }

    fn count(&self, add: impl FnOnce(&mut Counts)) {
        add(&mut self.0.counts.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        let counts = self
            .counts
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        let path = &self.path;
        if let Some((line, what)) = counts.first {
            let text = match counts.broken {
                1 => format!("`{path}` line {line}: {what}"),
                n => format!(
                    "`{path}` line {line}: {what}, and {} more places after it",
                    n - 1
                ),
            };
            self.notices.push("broken-input", text, true);
        }
        if counts.previews > 0 {
            let text = format!(
                "`{path}`: {} preview rows are left out (the final rows hold them again)",
                counts.previews
            );
            self.notices.push("preview-rows", text, false);
        }
    }
}
