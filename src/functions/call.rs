//! One call of a function on one batch: takes what the compiler prepared, gives kernels their context and a place for
//! errors.

use super::pattern::{Flags, Pattern};
use super::wildcard::LikeMatcher;
use super::{Cidr, Kind};
use crate::data::Context;
use crate::data::time::{Format, Modifier};
use crate::diagnostic::{Diagnostic, Span, code};
use std::collections::HashMap;
use std::sync::Arc;

/// What was made of constant arguments before any event came.
#[derive(Debug, Clone)]
pub enum Prepared {
    /// Nothing.
    Nothing,
    /// A regular expression.
    Pattern(Arc<Pattern>),
    /// A pattern of `like`.
    Like(LikeMatcher),
    /// A network.
    Cidr(Cidr),
    /// A time format.
    Format(Arc<Format>),
    /// A relative time.
    Modifier(Modifier),
}

/// Prepared things of arguments that are no constants are kept, but never more than this.
const KEPT: usize = 1024;

/// A call in progress.
pub struct Call<'a> {
    /// The facts of the run.
    pub context: &'a Context,
    /// How many events the batch has.
    pub rows: usize,
    /// The event at hand, for row kernels.
    pub row: usize,
    /// What the compiler prepared.
    pub prepared: &'a Prepared,
    /// The kinds of the arguments.
    pub kinds: &'a [Kind],
    span: Span,
    patterns: HashMap<String, Option<Arc<Pattern>>>,
    formats: HashMap<String, Arc<Format>>,
    error: Option<Diagnostic>,
}

impl<'a> Call<'a> {
    /// A call that has not begun.
    pub fn new(
        context: &'a Context,
        rows: usize,
        prepared: &'a Prepared,
        kinds: &'a [Kind],
        span: Span,
    ) -> Self {
        Self {
            context,
            rows,
            row: 0,
            prepared,
            kinds,
            span,
            patterns: HashMap::new(),
            formats: HashMap::new(),
            error: None,
        }
    }

    /// The kind of an argument.
    pub fn kind(&self, argument: usize) -> Kind {
        self.kinds.get(argument).copied().unwrap_or(Kind::Any)
    }

    /// The regular expression of a text: the prepared one, or one compiled now. A text that is none stops the run.
    pub fn pattern(&mut self, text: &str) -> Option<Arc<Pattern>> {
        if let Prepared::Pattern(pattern) = self.prepared {
            return Some(pattern.clone());
        }
        if let Some(pattern) = self.patterns.get(text) {
            return pattern.clone();
        }
        let pattern = match Pattern::compile(text, Flags::default()) {
            Ok(pattern) => Some(Arc::new(pattern)),
            Err(error) => {
                self.fail(Diagnostic::new(
                    &code::RUNTIME,
                    format!("`{text}`, the value of an event, is no regular expression: {error}"),
                ));
                None
            }
        };
        if self.patterns.len() >= KEPT {
            self.patterns.clear();
        }
        self.patterns.insert(text.to_owned(), pattern.clone());
        pattern
    }

    /// The time format of a text.
    pub fn format(&mut self, text: &str) -> Arc<Format> {
        if let Prepared::Format(format) = self.prepared {
            return format.clone();
        }
        if let Some(format) = self.formats.get(text) {
            return format.clone();
        }
        if self.formats.len() >= KEPT {
            self.formats.clear();
        }
        let format = Arc::new(Format::parse(text));
        self.formats.insert(text.to_owned(), format.clone());
        format
    }

    /// Stops the run with an error at this call; the first one counts.
    pub fn fail(&mut self, mut error: Diagnostic) {
        error.span.get_or_insert(self.span);
        self.error.get_or_insert(error);
    }

    /// The result of something that may stop the run.
    pub fn check<T>(&mut self, result: Result<T, Diagnostic>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.fail(error);
                None
            }
        }
    }

    /// Whether an error came up.
    pub fn failed(&self) -> bool {
        self.error.is_some()
    }

    /// The error, if one came up.
    pub fn finish(self) -> Result<(), Diagnostic> {
        self.error.map_or(Ok(()), Err)
    }
}
