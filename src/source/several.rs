//! Which events may match any of several searches, told from their bytes in one pass: takes the literals of each, gives
//! lines to read; may pass too much, never too little.
//!
//! Each search is known by its rarest group of literals. One automaton looks for the texts of all of these groups in any
//! letter case; the search's other groups are looked for only in a line that has one. What JSON escapes may hide is left
//! to [`Prefilter`], as for one search.

use super::prefilter::Prefilter;
use super::scanner::Level;
use crate::data::Literals;
use aho_corasick::automaton::{Automaton, OverlappingState};
use aho_corasick::dfa::DFA;
use aho_corasick::{Input, MatchKind};

/// The literals of several searches, ready to be looked for.
#[derive(Debug)]
pub struct Several {
    automaton: DFA,
    /// For each text of the automaton, the searches that it may begin.
    begins: Vec<Vec<usize>>,
    searches: Vec<Prefilter>,
    /// Knows what may spell any text of any search.
    hidden: Prefilter,
}

impl Several {
    /// A filter that passes what any of these passes; `None` when one of them has no literals.
    pub fn new(literals: &[Literals], level: Level) -> Option<Self> {
        let literals: Vec<Literals> = literals.iter().map(rare).collect();
        let searches: Option<Vec<Prefilter>> = literals
            .iter()
            .map(|literals| Prefilter::new(literals, level))
            .collect();
        let searches = searches?;
        let mut texts: Vec<&[u8]> = Vec::new();
        let mut begins: Vec<Vec<usize>> = Vec::new();
        for (number, search) in searches.iter().enumerate() {
            for text in search.first_texts() {
                let at = texts.iter().position(|known| *known == text);
                let at = at.unwrap_or_else(|| {
                    texts.push(text);
                    begins.push(Vec::new());
                    texts.len() - 1
                });
                if let Some(list) = begins.get_mut(at) {
                    list.push(number);
                }
            }
        }
        let texts_of_all = literals.iter().flat_map(|l| l.groups.iter().flatten());
        let usable = texts_of_all.filter(|text| text.len() > 1 && text.is_ascii());
        let hidden = Literals {
            groups: vec![usable.cloned().collect()],
            names: Vec::new(),
        };
        let automaton = DFA::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .build(&texts)
            .ok()?;
        Some(Self {
            automaton,
            begins,
            searches,
            hidden: Prefilter::new(&hidden, level)?,
        })
    }

    /// Sets `candidate[i]` for each of the events (ascending ranges of `buffer`) that may match one of the searches.
    pub fn mark(&self, buffer: &[u8], events: &[(usize, usize)], candidate: &mut [bool]) {
        for (flag, &(start, end)) in candidate.iter_mut().zip(events) {
            let event = buffer.get(start..end).unwrap_or_default();
            *flag = self.has_one(event) || self.hidden.may_hide(event);
        }
    }

    fn has_one(&self, line: &[u8]) -> bool {
        // Most lines have no text of any search: this is told faster than which they have.
        let any = Input::new(line).earliest(true);
        if let Ok(None) = self.automaton.try_find(&any) {
            return false;
        }
        let input = Input::new(line);
        let mut state = OverlappingState::start();
        loop {
            if self
                .automaton
                .try_find_overlapping(&input, &mut state)
                .is_err()
            {
                return true;
            }
            let Some(found) = state.get_match() else {
                return false;
            };
            let searches = self.begins.get(found.pattern().as_usize());
            let mut searches = searches.into_iter().flatten();
            if searches.any(|at| self.searches.get(*at).is_none_or(|s| s.has_others(line))) {
                return true;
            }
        }
    }
}

/// Texts shorter than this are in too many events: `20` is in every date of the century.
const SHORT: usize = 4;

/// The literals of a search, its names among them where all other texts are short: of many searches most are about
/// other kinds of events, which the names tell.
fn rare(literals: &Literals) -> Literals {
    let shortest = |group: &Vec<String>| group.iter().map(String::len).min();
    let longest = literals.groups.iter().filter_map(shortest).max();
    let mut groups = literals.groups.clone();
    if longest.is_none_or(|length| length < SHORT) && !literals.names.is_empty() {
        groups.push(literals.names.clone());
    }
    Literals {
        groups,
        names: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(searches: &[&[&[&str]]], text: &str) -> Vec<bool> {
        let literals: Vec<Literals> = searches
            .iter()
            .map(|groups| Literals {
                names: Vec::new(),
                groups: groups
                    .iter()
                    .map(|g| g.iter().map(|t| (*t).to_owned()).collect())
                    .collect(),
            })
            .collect();
        let mut lines = Vec::new();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            lines.push((start, start + line.trim_end().len()));
            start += line.len();
        }
        let mut candidate = vec![false; lines.len()];
        Several::new(&literals, Level::best()).unwrap().mark(
            text.as_bytes(),
            &lines,
            &mut candidate,
        );
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
        };
        let several = Several::new(&[literals("20"), literals("4104")], Level::best()).unwrap();
        let lines = [(0, 4), (5, 9), (10, 22)];
        let mut candidate = [false; 3];
        several.mark(b"2026\n4104\neventcode=20", &lines, &mut candidate);
        assert_eq!(candidate, [false, true, true]);
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
