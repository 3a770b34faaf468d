//! Which events need no reading: takes what a request says of their texts, gives for a morsel what tells events that can't
//! match by their bytes.

use super::morsel::Morsel;
use super::prefilter::{Prefilter, trimmed};
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

/// The texts of which every matching event has one since its sourcetype is told by them.
fn kind(literals: &Literals, options: &Options) -> Option<Vec<String>> {
    let lists = literals.sourcetypes.iter();
    let told = lists.filter_map(|list| sourcetype::told_by(list, options.sourcetype.as_deref()));
    told.max_by_key(|texts| texts.iter().map(String::len).min())
}

impl Look {
    fn new(mut searches: Vec<Texts>, level: Level) -> Option<Self> {
        match searches.len() {
            1 => Prefilter::new(&searches.swap_remove(0).of_one(), level).map(Self::One),
            _ => Several::new(&searches, level).map(|several| Self::Any(Box::new(several))),
        }
    }

    /// Finds the lines of a buffer, and which of them may match.
    pub fn lines(&self, buffer: &[u8], lines: &mut Vec<(usize, usize)>, candidate: &mut Vec<bool>) {
        match self {
            Self::One(one) => one.lines(buffer, lines, candidate),
            Self::Any(any) => any.lines(buffer, lines, candidate),
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

/// The lines that are not blank, without line ends and blanks around them.
pub fn lines(bytes: &[u8], out: &mut Vec<(usize, usize)>) {
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', bytes).chain([bytes.len()]) {
        out.extend(trimmed(bytes, start, end));
        start = end + 1;
    }
}
