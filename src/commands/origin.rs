//! What made the values of a field: takes the stages before a stage and a field's name, gives the kind of its maker.

use super::Stage;
use std::sync::Arc;

/// What made the values of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Functions of `stats` or `eval`.
    Functions,
    /// A command, without these functions.
    Command,
    /// No stage: it came with the events, if it is there at all.
    Input,
}

impl Origin {
    /// Of a field that these stages give.
    pub fn of(name: &str, stages: &[Arc<dyn Stage>]) -> Self {
        match stages.split_last() {
            Some((last, before)) => last.origin(name, &|name| Self::of(name, before)),
            None => Self::Input,
        }
    }

    /// It, or where no stage made the field, another.
    pub(super) fn or_else(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::Input => other(),
            known => known,
        }
    }
}

/// Tells what made a field that comes to a stage.
pub type Before<'a> = dyn Fn(&str) -> Origin + 'a;
