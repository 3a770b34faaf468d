//! Things that a run says although it goes on: takes notices from any thread, gives them back in order, each once.

use std::sync::{Arc, Mutex};

/// One remark of a run, in one sentence without a final period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// A stable word for tests and JSON: `broken-input`, `list-cap`, `no-time`, …
    pub topic: &'static str,
    /// The sentence.
    pub text: String,
    /// Whether `--strict` makes the run fail because of it.
    pub strict: bool,
}

/// The notices of one run, shared by all its threads. Cloning shares.
#[derive(Debug, Clone, Default)]
pub struct Notices(Arc<Mutex<Vec<Notice>>>);

impl Notices {
    /// Adds a notice, unless one with the same topic and text is there.
    pub fn push(&self, topic: &'static str, text: impl Into<String>, strict: bool) {
        let notice = Notice {
            topic,
            text: text.into(),
            strict,
        };
        let mut list = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if !list.contains(&notice) {
            list.push(notice);
        }
    }

    /// The notices so far.
    pub fn list(&self) -> Vec<Notice> {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }
}
