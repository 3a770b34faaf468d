//! Keywords and phrases: takes a term of a search, gives a test of an event's text.
//!
//! Splunk finds terms by the segments of its index: a term matches where it stands between breakers (anything but
//! letters and digits), so `fail` does not find `failed`, and `fail*` does. A `*` does not run over a major breaker.

use crate::data::Column;
use crate::syntax::Term;
use arrow_array::Array;
use arrow_buffer::BooleanBuffer;

/// A keyword or phrase.
#[derive(Debug)]
pub(super) struct TermTest {
    /// The texts between wildcards, lower case unless `case`. The first and last are empty where a wildcard stands there.
    pieces: Vec<String>,
    case: bool,
    whole: bool,
    /// Everything is ASCII, so that bytes can be compared without folding whole texts.
    ascii: bool,
}

impl TermTest {
    /// The test; `None` when every event fits (`*`).
    pub fn new(term: &Term) -> Option<Self> {
        let text = if term.case {
            term.literal.text.clone()
        } else {
            term.literal.text.to_lowercase()
        };
        if text.chars().all(|c| c == '*') {
            return None;
        }
        let pieces: Vec<String> = text.split('*').map(str::to_owned).collect();
        Some(Self {
            ascii: text.is_ascii(),
            pieces,
            case: term.case,
            whole: term.whole,
        })
    }

    /// Which of these rows of the `_raw` column have it.
    pub fn keep(&self, raw: &Column, rows: &BooleanBuffer) -> BooleanBuffer {
        match raw {
            Column::Text(array) => BooleanBuffer::collect_bool(array.len(), |row| {
                rows.value(row) && !array.is_null(row) && self.found(array.value(row))
            }),
            other => BooleanBuffer::collect_bool(other.len(), |row| {
                rows.value(row) && other.text(row).is_some_and(|t| self.found(&t))
            }),
        }
    }

    fn found(&self, text: &str) -> bool {
        if self.case || self.ascii {
            return self.search(text.as_bytes());
        }
        self.search(text.to_lowercase().as_bytes())
    }

    fn search(&self, text: &[u8]) -> bool {
        // The first piece that is not empty anchors the search; pieces before it are leading wildcards.
        let Some(first) = self.pieces.iter().position(|p| !p.is_empty()) else {
            return true;
        };
        let mut from = 0;
        while let Some(at) = self.find(text, self.pieces[first].as_bytes(), from) {
            let starts = first > 0 || self.breaks_before(text, at);
            if starts
                && self.rest(
                    text,
                    at + self.pieces[first].len(),
                    &self.pieces[first + 1..],
                )
            {
                return true;
            }
            from = at + 1;
        }
        false
    }

    /// Whether the pieces after the first follow from `at`, without a major breaker between.
    fn rest(&self, text: &[u8], at: usize, pieces: &[String]) -> bool {
        let Some((piece, after)) = pieces.split_first() else {
            return self.breaks_after(text, at);
        };
        if piece.is_empty() && after.is_empty() {
            return true;
        }
        let mut from = at;
        while let Some(found) = self.find(text, piece.as_bytes(), from) {
            if text[at..found].iter().any(|b| is_major(*b)) {
                return false;
            }
            if self.rest(text, found + piece.len(), after) {
                return true;
            }
            from = found + 1;
        }
        false
    }

    fn find(&self, text: &[u8], piece: &[u8], from: usize) -> Option<usize> {
        let haystack = text.get(from..)?;
        let Some(&first) = piece.first() else {
            return Some(from);
        };
        if self.case || !first.is_ascii_alphabetic() {
            return memchr::memchr_iter(first, haystack)
                .find(|&at| self.same(&haystack[at..], piece))
                .map(|at| at + from);
        }
        memchr::memchr2_iter(first, first.to_ascii_uppercase(), haystack)
            .find(|&at| self.same(&haystack[at..], piece))
            .map(|at| at + from)
    }

    fn same(&self, text: &[u8], piece: &[u8]) -> bool {
        text.get(..piece.len()).is_some_and(|t| {
            if self.case {
                t == piece
            } else {
                t.eq_ignore_ascii_case(piece)
            }
        })
    }

    fn breaks_before(&self, text: &[u8], at: usize) -> bool {
        let edge = |b: u8| if self.whole { is_major(b) } else { !is_word(b) };
        at == 0 || text.get(at).is_some_and(|b| !is_word(*b)) && !self.whole || edge(text[at - 1])
    }

    fn breaks_after(&self, text: &[u8], at: usize) -> bool {
        let edge = |b: u8| if self.whole { is_major(b) } else { !is_word(b) };
        at >= text.len() || at > 0 && !is_word(text[at - 1]) && !self.whole || edge(text[at])
    }
}

/// Letters and digits, and all of a non-ASCII character: what stands inside a segment.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

/// Splunk's major breakers (segmenters.conf): these end every segment.
pub(crate) fn is_major(byte: u8) -> bool {
    matches!(
        byte,
        b'[' | b']'
            | b'<'
            | b'>'
            | b'('
            | b')'
            | b'{'
            | b'}'
            | b'|'
            | b'!'
            | b';'
            | b','
            | b'\''
            | b'"'
            | b'*'
            | b'\n'
            | b'\r'
            | b' '
            | b'\t'
            | b'&'
            | b'?'
            | b'+'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::Literal;

    fn finds(term: &str, text: &str) -> bool {
        let literal = Literal {
            text: term.to_owned(),
            quoted: false,
        };
        TermTest::new(&Term {
            literal,
            case: false,
            whole: false,
        })
        .is_none_or(|t| t.found(text))
    }

    #[test]
    fn terms_stand_between_breakers() {
        assert!(finds("failed", "x FAILED y"));
        assert!(!finds("fail", "failed"));
        assert!(finds("fail*", "failed"));
        assert!(finds("*led", "failed"));
        assert!(finds("f*d", "failed") && !finds("f*y", "failed y"));
        assert!(finds(
            "system:anonymous",
            r#"{"username":"system:anonymous"}"#
        ));
        assert!(finds("name", "user_name=x"));
        assert!(finds("login for", "FAILED login for bob"));
    }
}
