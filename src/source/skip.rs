//! Which events need no reading: takes what a request says of their texts, gives for a morsel what tells events that can't
//! match by their bytes.

use super::morsel::Morsel;
use super::places::{Found, trimmed};
use super::prefilter::Prefilter;
use super::scanner::Level;
use super::several::{Several, Texts};
use super::{Options, Request, sourcetype};
use crate::data::Literals;

/// What tells events that can't match, for any morsel.
pub struct Skip {
    /// For events that tell their sourcetype by their text.
    telling: Option<Look>,
    /// For those whose envelope may say it, where that makes a difference.
    enveloped: Option<Option<Look>>,
}

/// What tells by its bytes that an event can't match.
pub enum Look {
    /// For one search.
    One(Prefilter),
    /// For several.
    Any(Box<Several>),
}

impl Skip {
    /// Compiles what a request says of the texts of its events.
    pub fn new(request: &Request, options: &Options, level: Level) -> Self {
        let searches = match request.any_of.as_slice() {
            [] => std::slice::from_ref(&request.literals),
            any_of => any_of,
        };
        if options.strict {
            return Self {
                telling: None,
                enveloped: None,
            };
        }
        let texts = |telling: bool| -> Vec<Texts> {
            let kind = |literals| kind(literals, options).filter(|_| telling);
            searches.iter().map(|s| Texts::new(s, kind(s))).collect()
        };
        let (telling, enveloped) = (texts(true), texts(false));
        Self {
            enveloped: (telling != enveloped).then(|| Look::new(enveloped, level)),
            telling: Look::new(telling, level),
        }
    }

    /// What tells events of a morsel; `None` when all have to be read.
    pub fn of(&self, morsel: &Morsel) -> Option<&Look> {
        match &self.enveloped {
            Some(look) if morsel.metadata.iter().any(|m| m.sourcetype.is_some()) => look.as_ref(),
            _ => self.telling.as_ref(),
        }
    }

    /// Whether all events of any morsel have to be read.
    pub fn is_none(&self) -> bool {
        self.telling.is_none() && self.enveloped.iter().all(Option::is_none)
    }
}

/// What one search alone looks for in the lines, for people: one text of each group.
pub fn looked_for(literals: &Literals, options: &Options) -> LookedFor {
    if options.strict {
        return LookedFor::default();
    }
    let kind = kind(literals, options);
    let groups = Texts::new(literals, kind.clone()).of_one();
    LookedFor {
        is_kind: kind.is_some_and(|kind| groups == [kind]),
        groups,
    }
}

/// Texts that lines are told by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LookedFor {
    /// A line that may match has one text of each group.
    pub groups: Vec<Vec<String>>,
    /// Whether they are what the sourcetype is told by: events whose envelope says it need not have them.
    pub is_kind: bool,
}

/// The texts of which every matching event has one since its sourcetype is told by them.
fn kind(literals: &Literals, options: &Options) -> Option<Vec<String>> {
    let lists = literals.sourcetypes.iter();
    let told = lists.filter_map(|list| sourcetype::told_by(list, options.sourcetype.as_deref()));
    told.max_by_key(|texts| texts.iter().map(String::len).min())
}

impl Look {
    fn new(mut searches: Vec<Texts>, level: Level) -> Option<Self> {
        let groups: Vec<Vec<Vec<String>>> = match searches.len() {
            1 => vec![searches.swap_remove(0).of_one()],
            _ => searches.iter().map(Texts::among_others).collect(),
        };
        if let [groups] = groups.as_slice() {
            let one = Prefilter::new(groups, level)?;
            if one.first_texts().count() <= FEW {
                return Some(Self::One(one));
            }
        }
        Several::new(&groups, level).map(|several| Self::Any(Box::new(several)))
    }

    /// Finds the lines of a buffer that may match. Where most of the first pass, the others are not looked at: to read
    /// them costs less. (What the rest of a buffer is like is told by its own start, so that it does not depend on who
    /// read what before: lines that are read are checked whole.)
    pub fn lines(&self, buffer: &[u8], found: &mut Found) {
        let near = buffer.get(..SAMPLE.min(buffer.len())).unwrap_or_default();
        let end = memchr::memrchr(b'\n', near).map_or(buffer.len(), |end| end + 1);
        self.look(buffer.get(..end).unwrap_or_default(), 0, found);
        if end == buffer.len() {
            return;
        }
        if found.are_most() {
            lines(buffer, end, &mut found.events);
        } else {
            self.look(buffer, end, found);
        }
    }

    fn look(&self, buffer: &[u8], from: usize, found: &mut Found) {
        match self {
            Self::One(one) => one.lines(buffer, from, found),
            Self::Any(any) => any.lines(buffer, from, found),
        }
    }

    /// Sets `candidate[i]` for each of the events (ascending ranges of `buffer`) that may match.
    pub fn mark(&self, buffer: &[u8], events: &[(usize, usize)], candidate: &mut [bool]) {
        match self {
            Self::One(one) => one.mark(buffer, events, candidate),
            Self::Any(any) => any.mark(buffer, events, candidate),
        }
    }
}

/// Bytes of a buffer that are looked at before it is decided how to go on.
const SAMPLE: usize = 64 << 10;

/// Texts of one search up to which each is looked for by itself.
const FEW: usize = 3;

/// The lines from a line's start on that are not blank, without line ends and blanks around them.
pub fn lines(bytes: &[u8], from: usize, out: &mut Vec<(usize, usize)>) {
    let rest = bytes.get(from..).unwrap_or_default();
    let mut start = from;
    for end in memchr::memchr_iter(b'\n', rest).chain([rest.len()]) {
        out.extend(trimmed(bytes, start, from + end));
        start = from + end + 1;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn marked(text: &str, lines: usize) -> (usize, usize) {
        let request = Request {
            literals: Literals {
                groups: vec![vec!["verb".to_owned()]],
                ..Literals::default()
            },
            ..Request::default()
        };
        let skip = Skip::new(&request, &Options::default(), Level::best());
        let buffer = text.repeat(lines);
        let mut found = Found::default();
        let look = skip.telling.as_ref().unwrap();
        look.lines(buffer.as_bytes(), &mut found);
        (
            found.events.len() + found.unread as usize,
            found.events.len(),
        )
    }

    #[test]
    fn where_most_lines_pass_the_rest_is_not_looked_at() {
        let eight = "{\"verb\":1}\n".repeat(7) + "{\"other\":1}\n";
        assert_eq!(marked(&eight, 10), (80, 70));
        let (lines, passed) = marked(&eight, 4000);
        assert!(lines == 32_000 && passed > 31_000, "{lines} {passed}");
        let seven = "{\"verb\":1}\n".repeat(6) + "{\"other\":1}\n";
        assert_eq!(marked(&seven, 4000), (28_000, 24_000));
    }
}
