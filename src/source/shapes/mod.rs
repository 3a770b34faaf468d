//! Readers of the carriers that events come in, a file each family: take a window on an input, give morsels.

mod azure;
mod cloudtrail;
mod cloudwatch;
mod container;
mod csv;
mod envelope;
mod gather;
mod lines;
mod rows;
mod splunk;
mod stamped;
mod table;
mod values;
mod wrapped;

pub use container::{Found, container};

pub use envelope::is_wrapped;
pub use rows::looks_like_csv;
pub use stamped::is_stamped;
pub use values::array_opens;
pub use wrapped::Wrapped;

use super::morsel::{Morsels, Origin};
use super::shape::Shape;
use super::window::Window;
use crate::data::Context;
use crate::diagnostic::{Diagnostic, code};
use std::collections::HashMap;
use std::sync::Arc;

/// A value or line longer than this is broken: memory is bounded.
pub const MAX_VALUE: usize = 256 << 20;

/// What every reader works on.
pub struct Reading {
    /// The bytes.
    pub window: Window,
    /// Where they come from.
    pub origin: Arc<Origin>,
    /// The run.
    pub context: Context,
}

impl Reading {
    /// Moves the window on; see [`Window::refill`]. An input that stops early is told in a notice: what was read is used.
    pub fn refill(&mut self, keep: usize) -> Result<bool, Diagnostic> {
        let path = &self.origin.path;
        let more = self.window.refill(keep).map_err(|error| {
            Diagnostic::new(
                &code::INPUT_BROKEN,
                format!("`{path}` can't be read on: {error}"),
            )
        })?;
        if !more && let Some(what) = self.window.failed() {
            self.context.notices.push(
                "broken-input",
                format!(
                    "`{path}` is cut or damaged ({what}); what comes before the damage is used"
                ),
                true,
            );
        }
        Ok(more)
    }
}

/// The reader of a shape; `start` is the first byte after a byte order mark.
pub fn reader(shape: Shape, reading: Reading, start: usize) -> Box<dyn Morsels> {
    match shape {
        Shape::Lines => Box::new(lines::Lines::new(reading, start)),
        Shape::Stamped => Box::new(stamped::Stamped::new(reading, start)),
        Shape::Csv => Box::new(csv::Csv::new(reading, start)),
        Shape::Values => Box::new(values::Values::new(reading, start)),
    }
}

/// Texts that come again and again (sources, hosts, field names), each kept once.
#[derive(Debug, Default)]
pub struct Names {
    texts: HashMap<Box<[u8]>, Arc<str>>,
}

impl Names {
    /// Names kept before the table starts anew.
    const MOST: usize = 4096;

    /// The text for these bytes, made by `make` when it is new.
    pub fn get(&mut self, key: &[u8], make: impl FnOnce() -> Option<String>) -> Option<Arc<str>> {
        if let Some(text) = self.texts.get(key) {
            return Some(text.clone());
        }
        let text: Arc<str> = make()?.into();
        if self.texts.len() >= Self::MOST {
            self.texts.clear();
        }
        self.texts.insert(key.into(), text.clone());
        Some(text)
    }

    /// The text of a JSON text value; `None` for other values and for the empty text.
    pub fn text(&mut self, value: &[u8]) -> Option<Arc<str>> {
        self.get(value, || {
            super::unescape::text(value).filter(|t| !t.is_empty())
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
