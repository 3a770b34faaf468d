//! Everything that a user is told when something is wrong: takes places and words, gives one shape of error.
//!
//! A [`Diagnostic`] is refused work (query, macro, argument) or failed work (run time). A [`Notice`] is something
//! that a run must say although it went on: unreadable lines, a cap that was hit, a lapsed suppression.

mod codes;
mod notice;
mod render;
mod span;

pub use codes::{ALL as CODES, Class, Code};
pub use notice::{Notice, Notices};
pub use render::{Style, render};
pub use span::{Label, SourceText, Span};

/// The codes of the errors, by name.
pub mod code {
    pub use super::codes::*;
}

/// One thing that is wrong, with the place in the query (or macro file) that shows it.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// The stable code, one of [`CODES`].
    pub code: &'static Code,
    /// What was found, in one sentence without a final period.
    pub message: String,
    /// Where, in bytes of the *expanded* query text; the session turns it into `labels`.
    pub span: Option<Span>,
    /// What stands at the caret, a few words; may be empty.
    pub note: String,
    /// Places in named texts (query, macro file), primary first. Filled by the session, or by whoever knows the file.
    pub labels: Vec<Label>,
    /// One line of help: what is available, what would have been right.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A diagnostic without a place.
    pub fn new(code: &'static Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            span: None,
            note: String::new(),
            labels: Vec::new(),
            help: None,
        }
    }

    /// A diagnostic at a span of the expanded query.
    pub fn at(code: &'static Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            span: Some(span),
            ..Self::new(code, message)
        }
    }

    /// Adds the words beside the caret.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// Gives it a place in the query, unless it has one.
    #[must_use]
    pub fn or_span(mut self, span: Span) -> Self {
        if self.span.is_none() && self.labels.is_empty() {
            self.span = Some(span);
        }
        self
    }

    /// Adds the line of help.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds a resolved place.
    #[must_use]
    pub fn label(mut self, label: Label) -> Self {
        self.labels.push(label);
        self
    }
}

impl std::fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code.id, self.message)
    }
}

impl std::error::Error for Diagnostic {}

/// One or more diagnostics: what a stage that can report several errors returns as its error.
pub type Diagnostics = Vec<Diagnostic>;

/// The name among `known` that is nearest to `word` (edit distance at most a third of its length), for "did you mean".
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let limit = (word.chars().count() / 3).max(1);
    let known: Vec<&str> = known.into_iter().collect();
    // `lowercase` is no slip of the finger, and yet `lower` is meant.
    let shared = |name: &str| {
        let name = name.to_lowercase();
        let within = lower.contains(&name) || name.contains(&lower);
        let (short, long) = (name.len().min(lower.len()), name.len().max(lower.len()));
        (within && short >= 3 && 2 * short >= long).then_some(short)
    };
    let part = known
        .iter()
        .filter_map(|name| Some((shared(name)?, *name)))
        .max_by_key(|(length, _)| *length)
        .map(|(_, name)| name);
    known
        .into_iter()
        .map(|name| (distance(&lower, &name.to_lowercase()), name))
        .filter(|(d, _)| *d <= limit)
        .min_by_key(|(d, _)| *d)
        .map(|(_, name)| name)
        .or(part)
}

/// Edit distance with transpositions of neighbours (optimal string alignment), in characters.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: [Vec<usize>; 3] = [
        vec![0; b.len() + 1],
        (0..=b.len()).collect(),
        vec![0; b.len() + 1],
    ];
    for i in 1..=a.len() {
        let [before, previous, current] = &mut rows;
        current[0] = i;
        for j in 1..=b.len() {
            let change = usize::from(a[i - 1] != b[j - 1]);
            current[j] = (previous[j] + 1)
                .min(current[j - 1] + 1)
                .min(previous[j - 1] + change);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                current[j] = current[j].min(before[j - 2] + 1);
            }
        }
        rows.rotate_left(1);
    }
    rows[1][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_finds_a_slip_of_the_finger() {
        let names = ["stats", "sort", "eventstats", "where"];
        assert_eq!(nearest("stast", names), Some("stats"));
        assert_eq!(nearest("wher", names), Some("where"));
        assert_eq!(nearest("whereas", names), Some("where"));
        assert_eq!(nearest("zzz", names), None);
    }
}
