//! Places in texts: takes byte offsets, gives spans and labels.

use std::sync::Arc;

/// A range of bytes in the expanded query text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The span `start..end`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The place of `part` inside `whole`. `part` must be a slice of `whole`; else the empty span at 0.
    pub fn of(part: &str, whole: &str) -> Self {
        let (p, w) = (part.as_ptr() as usize, whole.as_ptr() as usize);
        if p < w || p + part.len() > w + whole.len() {
            return Self::default();
        }
        Self {
            start: p - w,
            end: p - w + part.len(),
        }
    }

    /// The smallest span that holds both.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        Span {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// The span moved to the right by `by` bytes.
    #[must_use]
    pub fn shift(self, by: usize) -> Span {
        Span {
            start: self.start + by,
            end: self.end + by,
        }
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.end - self.start
    }

    /// Whether the span holds no byte.
    pub fn is_empty(&self) -> bool {
        self.end <= self.start
    }
}

/// A text that places can point into: the query as typed, a saved query's search, or a macro file.
#[derive(Debug, PartialEq, Eq)]
pub struct SourceText {
    /// What to call it: `query`, or a path.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// The line number of the text's first line in the file it came from (1 unless it is an excerpt).
    pub first_line: usize,
}

/// A place in a named text, with what to say there.
#[derive(Debug, Clone)]
pub struct Label {
    /// The text.
    pub source: Arc<SourceText>,
    /// Bytes in it.
    pub span: Span,
    /// A few words; may be empty.
    pub note: String,
}
