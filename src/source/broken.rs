//! What of an input could not be read: takes places, gives one notice a file.

use crate::diagnostic::Notices;

/// The broken places of one file: counted, the first one named.
#[derive(Debug)]
pub struct Broken {
    path: String,
    count: u64,
    first: Option<(u64, &'static str)>,
    notices: Notices,
}

impl Broken {
    /// Nothing broken yet in the file at `path`.
    pub fn new(path: &str, notices: Notices) -> Self {
        Self {
            path: path.to_owned(),
            count: 0,
            first: None,
            notices,
        }
    }

    /// Counts a place that was skipped, with its line (from 1) and what is wrong there.
    pub fn add(&mut self, line: u64, what: &'static str) {
        self.count += 1;
        if self.first.is_none() {
            self.first = Some((line, what));
        }
    }
}

/// The notice is given when the file's reader is done with it, also when it stops early.
impl Drop for Broken {
    fn drop(&mut self) {
        let Some((line, what)) = self.first else {
            return;
        };
        let text = match self.count {
            1 => format!("`{}` line {line}: {what}", self.path),
            n => format!(
                "`{}` line {line}: {what}, and {} more places after it",
                self.path,
                n - 1
            ),
        };
        self.notices.push("broken-input", text, true);
    }
}
