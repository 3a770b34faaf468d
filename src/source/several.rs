//! Which events may match any of several searches, told from their bytes in one pass: takes the literals of each, gives
//! lines to read; may pass too much, never too little.
//!
//! Each search is known by its rarest group of literals. The texts of all of these groups are looked for together, in any
//! letter case; the search's other groups only in a line that has one. What JSON escapes may hide is left to
//! [`Prefilter`], as for one search.

use super::grams::Grams;
use super::prefilter::Prefilter;
use super::scanner::Level;
use super::skip::lines;
use crate::data::Literals;
use aho_corasick::automaton::Automaton;
use aho_corasick::dfa::DFA;
use aho_corasick::{Input, MatchKind};
use indexmap::IndexMap;

/// The literals of several searches, ready to be looked for.
#[derive(Debug)]
pub struct Several {
    searches: Vec<Prefilter>,
    /// The searches that begin with a text that is looked for by itself, or by the automaton.
    apart: Vec<usize>,
    look: Look,
    /// All other texts, where there are too many to look for each by itself.
    grams: Option<Grams>,
    /// For each text of the grams, the searches that it may begin.
    begins: Vec<Vec<usize>>,
    /// Knows what may spell any text of any search.
    hidden: Prefilter,
}

/// How texts are looked for that are too short for grams, or few.
#[derive(Debug)]
enum Look {
    None,
    /// One by one, many bytes at a time.
    Few(Box<Prefilter>),
    /// Together, byte by byte.
    Many(Box<DFA>),
}

/// Texts up to which all are looked for one by one, however long they are.
const FEWEST: usize = 3;
/// Short texts up to which each is looked for by itself.
const FEW: usize = 16;

impl Several {
    /// A filter that passes what any of these passes; `None` when one of them has no literals.
    pub fn new(searches: &[Texts], level: Level) -> Option<Self> {
        let groups: Vec<Vec<Vec<String>>> = searches.iter().map(Texts::among_others).collect();
        let searches: Option<Vec<Prefilter>> = groups
            .iter()
            .map(|groups| Prefilter::new(groups, level))
            .collect();
        let searches = searches?;
        let mut begins: IndexMap<&[u8], Vec<usize>> = IndexMap::new();
        for (number, search) in searches.iter().enumerate() {
            for text in search.first_texts() {
                begins.entry(text).or_default().push(number);
            }
        }
        let texts_of_all = groups.iter().flatten().flatten();
        let usable = texts_of_all.filter(|text| text.len() > 1 && text.is_ascii());
        let hidden = Prefilter::new(&[usable.cloned().collect()], level)?;
        let all_few = begins.len() <= FEWEST;
        let (apart, long): (Vec<_>, Vec<_>) = begins
            .into_iter()
            .partition(|(text, _)| all_few || text.len() < Grams::SHORTEST);
        let (texts, of_apart): (Vec<&[u8]>, Vec<Vec<usize>>) = apart.into_iter().unzip();
        let look = Look::new(&texts, level, &hidden)?;
        let mut apart = of_apart.concat();
        apart.sort_unstable();
        apart.dedup();
        let (texts, begins): (Vec<&[u8]>, Vec<Vec<usize>>) = long.into_iter().unzip();
        let grams = Grams::new(&texts);
        Some(Self {
            apart,
            look,
            grams,
            begins,
            searches,
            hidden,
        })
    }

    /// Finds the lines of a buffer from a line's start on, and which of them may match one of the searches.
    pub fn lines(
        &self,
        buffer: &[u8],
        from: usize,
        found: &mut Vec<(usize, usize)>,
        candidate: &mut Vec<bool>,
    ) {
        let known = found.len();
        match &self.look {
            Look::Few(few) => few.lines(buffer, from, found, candidate),
            _ => lines(buffer, from, found),
        }
        candidate.resize(found.len(), false);
        let new = (found.get(known..), candidate.get_mut(known..));
        if let (Some(found), Some(candidate)) = new {
            self.confirm(buffer, found, candidate);
        }
    }

    /// Sets `candidate[i]` for each of the events (ascending ranges of `buffer`) that may match one of the searches.
    pub fn mark(&self, buffer: &[u8], events: &[(usize, usize)], candidate: &mut [bool]) {
        if let Look::Few(few) = &self.look {
            few.mark(buffer, events, candidate);
        }
        self.confirm(buffer, events, candidate);
    }

    /// Takes back the marks of events that have one of the few texts, but not all that a search looks for, and sets those
    /// of events that have all.
    fn confirm(&self, buffer: &[u8], events: &[(usize, usize)], candidate: &mut [bool]) {
        for (flag, &(start, end)) in candidate.iter_mut().zip(events) {
            let event = buffer.get(start..end).unwrap_or_default();
            let apart = match &self.look {
                Look::Many(automaton) => {
                    let input = Input::new(event).earliest(true);
                    !matches!(automaton.try_find(&input), Ok(None))
                }
                _ => *flag,
            };
            let may_hide = apart || !matches!(self.look, Look::Few(_));
            *flag = apart && self.has_all_of_one(event)
                || self.grams.as_ref().is_some_and(|grams| {
                    grams.find(event, |text| self.goes_on(text, event))
                })
                // The few also mark what may hide a text.
                || may_hide && self.hidden.may_hide(event);
        }
    }

    /// Whether an event has all texts of one of the searches that are looked for apart.
    fn has_all_of_one(&self, event: &[u8]) -> bool {
        let mut searches = self.apart.iter().filter_map(|at| self.searches.get(*at));
        searches.any(|search| search.has_first(event) && search.has_others(event))
    }

    /// Whether an event that has a text of the grams has all that one of its searches looks for.
    fn goes_on(&self, text: usize, event: &[u8]) -> bool {
        let mut begun = self.begins.get(text).into_iter().flatten();
        begun.any(|at| self.searches.get(*at).is_none_or(|s| s.has_others(event)))
    }
}

impl Look {
    fn new(texts: &[&[u8]], level: Level, hidden: &Prefilter) -> Option<Self> {
        if texts.is_empty() {
            return Some(Self::None);
        }
        if texts.len() <= FEW {
            let texts = texts
                .iter()
                .map(|text| String::from_utf8_lossy(text).into_owned());
            let few = Prefilter::new(&[texts.collect()], level)?;
            return Some(Self::Few(Box::new(few.hiding(hidden))));
        }
        let automaton = DFA::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .build(texts);
        Some(Self::Many(Box::new(automaton.ok()?)))
    }
}

/// Texts shorter than this are in too many events: `20` is in every date of the century, `4720` in many numbers.
const SHORT: usize = 5;
/// Texts shorter than this are less rare than a kind of events, where there are several kinds: `create`, `user`.
const COMMON: usize = 7;
/// Names of fields that tell a kind of events are this long: `status` is in many kinds, `eventcode` is not.
const TELLING: usize = 8;

/// What one search looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Texts {
    literals: Literals,
    /// The texts that tell events of its sourcetype.
    kind: Option<Vec<String>>,
}

impl Texts {
    /// The literals of a search, and the texts that tell events of its sourcetype.
    pub fn new(literals: &Literals, kind: Option<Vec<String>>) -> Self {
        Self {
            literals: literals.clone(),
            kind,
        }
    }

    /// The groups to look for when there is no other search: what every event of a kind has only where there is nothing
    /// else.
    pub fn of_one(self) -> Vec<Vec<String>> {
        match self.kind {
            Some(kind) if self.literals.groups.is_empty() => vec![kind],
            _ => self.literals.looked_for(),
        }
    }

    /// The groups to look for among others: most searches are about other kinds of events, which the kind or else the
    /// names tell better than short texts do.
    fn among_others(&self) -> Vec<Vec<String>> {
        let literals = &self.literals;
        let shortest = |group: &Vec<String>| group.iter().map(String::len).min();
        let longest = literals
            .groups
            .iter()
            .filter_map(shortest)
            .max()
            .unwrap_or(0);
        let mut groups = literals.groups.clone();
        match &self.kind {
            Some(kind) if longest < COMMON => groups.push(kind.clone()),
            _ if longest < SHORT && shortest(&literals.names) >= Some(TELLING) => {
                groups.push(literals.names.clone());
            }
            _ => {}
        }
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(searches: &[&[&[&str]]], text: &str) -> Vec<bool> {
        let texts = |groups: &&[&[&str]]| {
            let owned = |group: &&[&str]| group.iter().map(|t| (*t).to_owned()).collect();
            let literals = Literals {
                groups: groups.iter().map(owned).collect(),
                ..Literals::default()
            };
            Texts::new(&literals, None)
        };
        let searches: Vec<Texts> = searches.iter().map(texts).collect();
        let mut lines = Vec::new();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            lines.push((start, start + line.trim_end().len()));
            start += line.len();
        }
        let mut candidate = vec![false; lines.len()];
        let several = Several::new(&searches, Level::best()).unwrap();
        several.mark(text.as_bytes(), &lines, &mut candidate);
        let (mut found, mut marked) = (Vec::new(), Vec::new());
        several.lines(text.as_bytes(), 0, &mut found, &mut marked);
        assert_eq!((&found, &marked), (&lines, &candidate));
        candidate
    }

    #[test]
    fn a_line_passes_that_any_search_passes() {
        let searches: &[&[&[&str]]] = &[&[&["anonymous"], &["list"]], &[&["deletetrail", "stop"]]];
        assert_eq!(
            marked(
                searches,
                "system:ANONYMOUS list\nanonymous\nDeleteTrail\nlist\nfull stop\n"
            ),
            [true, false, true, false, true]
        );
    }

    #[test]
    fn texts_that_overlap_are_all_found() {
        let searches: &[&[&[&str]]] =
            &[&[&["bc"], &["nowhere"]], &[&["abcd"]], &[&["cde"], &["zz"]]];
        assert_eq!(
            marked(searches, "xabcdx\nabcde zz\nxbcdex\n"),
            [true, true, false]
        );
    }

    #[test]
    fn names_stand_beside_short_texts_only() {
        let literals = |group: &str| Literals {
            groups: vec![vec![group.to_owned()]],
            names: vec!["eventcode".to_owned()],
            ..Literals::default()
        };
        let texts = ["20", "4104"].map(|group| Texts::new(&literals(group), None));
        let several = Several::new(&texts, Level::best()).unwrap();
        let lines = [(0, 4), (5, 9), (10, 22)];
        let mut candidate = [false; 3];
        several.mark(b"2026\n4104\neventcode=20", &lines, &mut candidate);
        assert_eq!(candidate, [false, false, true]);
    }

    #[test]
    fn many_texts_are_found_as_few_are() {
        let names: Vec<String> = (0..20).map(|n| format!("eventname{n:02}")).collect();
        let groups: Vec<[&str; 1]> = names.iter().map(|name| [name.as_str()]).collect();
        let groups: Vec<[&[&str]; 1]> = groups.iter().map(|group| [&group[..]]).collect();
        let mut searches: Vec<&[&[&str]]> = groups.iter().map(|groups| &groups[..]).collect();
        searches.push(&[&["get"], &["secrets"]]);
        let text = "x EventName07\nget secrets\nget\nnothing of it all here\n\\u0065ventname07\n";
        assert_eq!(marked(&searches, text), [true, true, false, false, true]);
    }

    #[test]
    fn a_kind_stands_beside_texts_that_are_common() {
        let literals = |group: &str| Literals {
            groups: vec![vec![group.to_owned()]],
            ..Literals::default()
        };
        let kind = || Some(vec!["aws:cloudtrail".to_owned(), "eventversion".to_owned()]);
        let texts = Texts::new(&literals("create"), kind());
        assert_eq!(texts.among_others().len(), 2);
        assert_eq!(texts.of_one().len(), 1);
        let texts = Texts::new(&literals("deletetrail"), kind());
        assert_eq!(texts.among_others().len(), 1);
        assert_eq!(Texts::new(&Literals::default(), kind()).of_one().len(), 1);
    }

    #[test]
    fn escapes_are_seen_through() {
        assert_eq!(
            marked(
                &[&[&["stop"]], &[&["other"]]],
                "{\"a\":\"\\u0073top\"}\n{}\n"
            ),
            [true, false]
        );
    }
}
