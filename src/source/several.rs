//! Which events may match any of several searches, told from their bytes in one pass: takes the literals of each, gives
//! lines to read; may pass too much, never too little.
//!
//! Each search is known by its rarest group of literals. The texts of all of these groups are looked for together, in any
//! letter case; the search's other groups only in a line that has one.

use super::hidden::{self, Hidden};
use super::places::{self, Found, Seen, Signs, Verdict, block, ended};
use super::prefilter::Prefilter;
use super::runs::Runs;
use super::scanner::Level;
use super::scanner::kernel::{BLOCK, Kernel, dispatch};
use crate::data::Literals;
use indexmap::IndexMap;

/// The literals of several searches, ready to be looked for.
#[derive(Debug)]
pub struct Several {
    searches: Vec<Prefilter>,
    runs: Runs,
    /// For each text of the runs, the searches that it may begin.
    begins: Vec<Vec<usize>>,
    /// Knows what may spell any text of any search.
    hidden: Hidden,
    level: Level,
}

impl Several {
    /// A filter that passes what any search passes that looks for these groups; `None` when one of them has none.
    pub fn new(groups: &[Vec<Vec<String>>], level: Level) -> Option<Self> {
        let searches = groups.iter().map(|groups| Prefilter::new(groups, level));
        let searches: Vec<Prefilter> = searches.collect::<Option<_>>()?;
        let mut begins: IndexMap<&[u8], Vec<usize>> = IndexMap::new();
        for (number, search) in searches.iter().enumerate() {
            for text in search.first_texts() {
                begins.entry(text).or_default().push(number);
            }
        }
        let (texts, begins): (Vec<&[u8]>, Vec<Vec<usize>>) = begins.into_iter().unzip();
        let runs = Runs::new(&texts);
        let hidden = searches.iter().map(|search| search.hidden());
        Some(Self {
            hidden: hidden.reduce(Hidden::or)?,
            runs,
            begins,
            searches,
            level,
        })
    }

    /// Finds the lines of a buffer from a line's start on that may match one of the searches.
    pub fn lines(&self, buffer: &[u8], from: usize, found: &mut Found) {
        let several = self;
        dispatch!(self.level, lines(several: &Several, buffer: &[u8], from: usize, found: &mut Found) -> ())
    }

    /// Sets `candidate[i]` for each of the events (ascending ranges of `buffer`) that may match one of the searches.
    pub fn mark(&self, buffer: &[u8], events: &[(usize, usize)], candidate: &mut [bool]) {
        let several = self;
        dispatch!(
            self.level,
            mark(several: &Several, buffer: &[u8], events: &[(usize, usize)], candidate: &mut [bool]) -> ()
        )
    }

    /// Whether an event that has a text has all that one of its searches looks for.
    fn goes_on(&self, text: usize, event: &[u8]) -> bool {
        let mut begun = self.begins.get(text).into_iter().flatten();
        begun.any(|at| self.searches.get(*at).is_none_or(|s| s.has_others(event)))
    }
}

impl Signs for Several {
    #[inline(always)]
    fn find<K: Kernel, const LINES: bool>(&self, kernel: K, buffer: &[u8], at: usize) -> Seen {
        let mut seen = Seen::from(at);
        let mut ended = ended(buffer, at);
        while let Some(bytes) = buffer.get(seen.block..).and_then(<[u8]>::first_chunk) {
            let Some(here) = block(bytes, 0) else { break };
            let bits = kernel.patterns(&self.runs.patterns, bytes) | hidden::places(kernel, bytes);
            if seen.add::<K, LINES>(kernel, here, bits, &mut ended) {
                break;
            }
            seen.block += BLOCK;
        }
        seen
    }

    #[inline]
    fn judge(
        &self,
        buffer: &[u8],
        place: usize,
        start: usize,
        end: &mut dyn FnMut() -> usize,
    ) -> Verdict {
        let passes = self.hidden.is_at(buffer.get(place..).unwrap_or_default())
            || self.runs.at(buffer, place, |text, from| {
                from >= start && {
                    let event = buffer.get(start..end()).unwrap_or_default();
                    self.goes_on(text, event)
                }
            });
        if passes {
            Verdict::Passes
        } else {
            Verdict::Nothing
        }
    }
}

#[inline(always)]
fn lines<K: Kernel>(kernel: K, several: &Several, buffer: &[u8], from: usize, found: &mut Found) {
    places::lines(kernel, several, buffer, from, found);
}

#[inline(always)]
fn mark<K: Kernel>(
    kernel: K,
    several: &Several,
    buffer: &[u8],
    events: &[(usize, usize)],
    candidate: &mut [bool],
) {
    places::mark(kernel, several, buffer, events, candidate);
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
    pub fn among_others(&self) -> Vec<Vec<String>> {
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
        let searches: Vec<_> = searches.iter().map(|s| texts(s).among_others()).collect();
        let mut lines = Vec::new();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            lines.push((start, start + line.trim_end().len()));
            start += line.len();
        }
        let mut candidate = vec![false; lines.len()];
        let several = Several::new(&searches, Level::best()).unwrap();
        several.mark(text.as_bytes(), &lines, &mut candidate);
        let mut found = Found::default();
        several.lines(text.as_bytes(), 0, &mut found);
        let kept = lines.iter().zip(&candidate).filter(|(_, kept)| **kept);
        let kept: Vec<_> = kept.map(|(line, _)| *line).collect();
        assert_eq!(
            (&found.events, found.unread as usize),
            (&kept, lines.len() - kept.len())
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
            ..Literals::default()
        };
        let texts = ["20", "4104"].map(|group| Texts::new(&literals(group), None).among_others());
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
