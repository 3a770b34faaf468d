//! Text that knows where each of its bytes came from: takes slices of named texts, gives them joined, and places back.

use crate::diagnostic::{Label, SourceText, Span};
use std::sync::Arc;

/// A macro call that brought text in: where it stands, and the call that brought in the text around it.
#[derive(Debug)]
pub struct Call {
    /// The macro as `name` or `name(count)`.
    pub macro_name: String,
    /// The text that the call stands in.
    pub source: Arc<SourceText>,
    /// The call itself, backticks included.
    pub span: Span,
    /// The call that brought in the text that this call stands in; none when that is the query.
    pub parent: Option<Arc<Call>>,
}

/// A run of text from one place. `span` is as long as the run unless the run was computed, not copied.
#[derive(Debug, Clone)]
struct Piece {
    at: usize,
    len: usize,
    source: Arc<SourceText>,
    span: Span,
    call: Option<Arc<Call>>,
}

impl Piece {
    fn end(&self) -> usize {
        self.at + self.len
    }

    /// The place of the bytes `start..end` of the whole text that lie in this piece.
    fn place(&self, start: usize, end: usize) -> Place {
        let mut span = self.span;
        if span.len() == self.len {
            let from = start.clamp(self.at, self.end()) - self.at;
            let to = end.clamp(self.at, self.end()) - self.at;
            span = Span::new(self.span.start + from, self.span.start + to.max(from));
        }
        Place {
            source: self.source.clone(),
            span,
            call: self.call.clone(),
        }
    }
}

/// Bytes of one text, as one call brought them in.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub source: Arc<SourceText>,
    pub span: Span,
    pub call: Option<Arc<Call>>,
}

impl Place {
    /// The call that this place came from, as a place in the caller's text.
    fn caller(&self) -> Option<Place> {
        let call = self.call.as_ref()?;
        Some(Place {
            source: call.source.clone(),
            span: call.span,
            call: call.parent.clone(),
        })
    }

    /// This place, then its callers, innermost first.
    fn chain(&self) -> impl Iterator<Item = Place> {
        std::iter::successors(Some(self.clone()), Place::caller)
    }

    fn same_text(&self, other: &Place) -> bool {
        let same_call = match (&self.call, &other.call) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        };
        same_call && Arc::ptr_eq(&self.source, &other.source)
    }

    /// The smallest place in one text that covers both: in the innermost text that they share.
    fn hull(&self, other: &Place) -> Option<Place> {
        self.chain().find_map(|a| {
            let b = other.chain().find(|b| a.same_text(b))?;
            Some(Place {
                span: a.span.to(b.span),
                ..a
            })
        })
    }

    /// This place as the primary label, then each call site.
    pub(super) fn labels(&self) -> Vec<Label> {
        let mut labels = vec![Label {
            source: self.source.clone(),
            span: self.span,
            note: String::new(),
        }];
        let calls = std::iter::successors(self.call.as_ref(), |call| call.parent.as_ref());
        labels.extend(calls.map(|call| Label {
            source: call.source.clone(),
            span: call.span,
            note: format!("called here as `{}`", call.macro_name),
        }));
        if labels.len() > SHOWN {
            let left_out = labels.drain(SHOWN - 1..labels.len() - 1).count();
            if let Some(last) = labels.last_mut() {
                last.note += &format!("; {left_out} calls between are left out");
            }
        }
        labels
    }
}

/// Places that an error shows at most: the innermost ones, and the query's own call.
const SHOWN: usize = 6;

/// Text with its origin. An empty piece marks a place where a macro gave nothing.
#[derive(Debug, Clone, Default)]
pub struct Mapped {
    text: String,
    pieces: Vec<Piece>,
}

impl Mapped {
    /// The whole of a named text.
    pub fn whole(source: &Arc<SourceText>) -> Self {
        let mut mapped = Self::default();
        mapped.push_part(source, Span::new(0, source.text.len()));
        mapped
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Appends the bytes `span` of a named text.
    pub fn push_part(&mut self, source: &Arc<SourceText>, span: Span) {
        if let Some(part) = source.text.get(span.start..span.end) {
            self.push_as(part, source, span);
        }
    }

    /// The same text with neighbouring pieces of one text made one.
    pub(super) fn joined(mut self) -> Self {
        let mut joined: Vec<Piece> = Vec::new();
        for piece in std::mem::take(&mut self.pieces) {
            match joined.last_mut() {
                Some(last)
                    if last.len == last.span.len()
                        && piece.len == piece.span.len()
                        && piece.len > 0
                        && last.len > 0
                        && last.span.end == piece.span.start
                        && last.place(0, 0).same_text(&piece.place(0, 0)) =>
                {
                    last.len += piece.len;
                    last.span.end = piece.span.end;
                }
                _ => joined.push(piece),
            }
        }
        self.pieces = joined;
        self
    }

    /// Appends a text that stands for the bytes `span` of a named text.
    pub fn push_as(&mut self, text: &str, source: &Arc<SourceText>, span: Span) {
        // An empty piece would be taken for an empty macro.
        if !text.is_empty() {
            self.push_computed(text, source, span, None);
        }
    }

    fn push_computed(
        &mut self,
        text: &str,
        source: &Arc<SourceText>,
        span: Span,
        call: Option<Arc<Call>>,
    ) {
        self.pieces.push(Piece {
            at: self.text.len(),
            len: text.len(),
            source: source.clone(),
            span,
            call,
        });
        self.text.push_str(text);
    }

    /// Appends a text that stands for a place; an empty text marks the place.
    pub(super) fn push_at(&mut self, text: &str, place: &Place) {
        self.push_computed(text, &place.source, place.span, place.call.clone());
    }

    /// Appends another mapped text.
    pub(super) fn push(&mut self, other: &Mapped) {
        self.push_slice(other, 0, other.text.len());
    }

    /// Appends the bytes `start..end` of another mapped text, marks inside included.
    pub(super) fn push_slice(&mut self, other: &Mapped, start: usize, end: usize) {
        let Some(part) = other.text.get(start..end) else {
            return;
        };
        let base = self.text.len();
        let first = other.pieces.partition_point(|piece| piece.end() < start);
        for piece in other.pieces.get(first..).unwrap_or_default() {
            if piece.at > end {
                break;
            }
            let (from, to) = (piece.at.max(start), piece.end().min(end));
            if from == to && piece.len > 0 {
                continue;
            }
            let place = piece.place(from, to);
            self.pieces.push(Piece {
                at: base + from - start,
                len: to - from,
                source: place.source,
                span: place.span,
                call: place.call,
            });
        }
        self.text.push_str(part);
    }

    /// The bytes `start..end`.
    pub(super) fn slice(&self, start: usize, end: usize) -> Mapped {
        let mut part = Mapped::default();
        part.push_slice(self, start, end);
        part
    }

    /// The same text, as brought in by a call. Only for text that no call has brought in yet.
    pub(super) fn called(&self, call: &Arc<Call>) -> Mapped {
        let mut text = self.clone();
        for piece in &mut text.pieces {
            piece.call = Some(call.clone());
        }
        text
    }

    /// Whether an empty macro stands in `start..=end`.
    pub(super) fn marked(&self, start: usize, end: usize) -> Option<Place> {
        let first = self.pieces.partition_point(|piece| piece.end() < start);
        self.pieces
            .iter()
            .skip(first)
            .take_while(|piece| piece.at <= end)
            .find(|piece| piece.len == 0)
            .map(|piece| piece.place(piece.at, piece.at))
    }

    /// The place of `start..end` in the innermost text that holds all of it.
    pub(super) fn place(&self, start: usize, end: usize) -> Option<Place> {
        let end = end.min(self.text.len());
        let start = start.min(end);
        let last_byte = end.saturating_sub(1).max(start);
        let first = self.piece_at(start)?;
        let last = self.piece_at(last_byte)?;
        let (a, b) = (first.place(start, end), last.place(start, end));
        Some(a.hull(&b).unwrap_or(a))
    }

    /// The piece that holds a byte; the last one for the end of the text.
    fn piece_at(&self, at: usize) -> Option<&Piece> {
        let first = self.pieces.partition_point(|piece| piece.end() <= at);
        let mut after = self.pieces.iter().skip(first);
        after
            .find(|piece| piece.len > 0)
            .or_else(|| self.pieces.iter().rev().find(|piece| piece.len > 0))
            .or_else(|| self.pieces.last())
    }

    /// The labels of `start..end`: the innermost text first, then each call site.
    pub fn locate(&self, span: Span) -> Vec<Label> {
        self.place(span.start, span.end)
            .map(|place| place.labels())
            .unwrap_or_default()
    }

    /// Whether every piece lies within its text, and the pieces cover the whole text in order.
    #[cfg(test)]
    pub(super) fn is_sound(&self) -> bool {
        let mut at = 0;
        let covered = self.pieces.iter().all(|piece| {
            let joined = piece.at == at;
            at += piece.len;
            joined
                && piece
                    .source
                    .text
                    .get(piece.span.start..piece.span.end)
                    .is_some()
        });
        covered && at == self.text.len()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn source(name: &str, text: &str) -> Arc<SourceText> {
        Arc::new(SourceText {
            name: name.into(),
            text: text.into(),
            first_line: 1,
        })
    }

    #[test]
    fn places_survive_slicing_and_joining() {
        let text = source("a", "0123456789");
        let whole = Mapped::whole(&text);
        let mut joined = whole.slice(5, 8);
        joined.push(&whole.slice(0, 2));
        assert_eq!(joined.text(), "56701");
        assert!(joined.is_sound());
        let label = &joined.locate(Span::new(3, 5))[0];
        assert_eq!(label.span, Span::new(0, 2));
    }

    #[test]
    fn a_span_over_a_call_is_told_in_the_callers_text() {
        let query = source("query", "a `m` b");
        let call = Arc::new(Call {
            macro_name: "m".into(),
            source: query.clone(),
            span: Span::new(2, 5),
            parent: None,
        });
        let body = Mapped::whole(&source("m.conf", "xyz")).called(&call);
        let whole = Mapped::whole(&query);
        let mut text = whole.slice(0, 2);
        text.push(&body);
        text.push(&whole.slice(5, 7));
        let inside = text.locate(Span::new(3, 4));
        assert_eq!((inside.len(), inside[0].span), (2, Span::new(1, 2)));
        assert_eq!(inside[1].note, "called here as `m`");
        let across = text.locate(Span::new(0, 4));
        assert_eq!((across.len(), across[0].span), (1, Span::new(0, 5)));
    }
}
