//! Regular expressions: takes PCRE text, gives a matcher. The one door to the regex engines.
//!
//! A pattern runs in linear time where the `regex` crate can; one with look-around, back-references or possessive
//! parts runs by backtracking, with a limit on its steps: going over it is an error, never a silent "no match".

mod replacement;

pub use replacement::{Replacement, Which};

use super::pcre::{Translated, translate};
use crate::diagnostic::{Diagnostic, code};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

/// Steps of backtracking after which a match is given up.
const STEPS: usize = 1_000_000;
/// Instructions of a pattern that calls its groups as subroutines.
const INSTRUCTIONS: usize = 200_000;
/// Bytes that a compiled pattern may take.
const SIZE: usize = 64 << 20;

/// How to read a pattern, beside its own flags.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flags {
    /// Letters match in either case.
    pub ignore_case: bool,
}

/// A compiled regular expression.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: Box<str>,
    engine: Engine,
    names: Vec<(usize, String)>,
    flags: Flags,
    /// For a pattern with `$`: the engine for texts that a line end closes, made when one comes.
    before_line_end: Option<OnceLock<Option<Engine>>>,
}

#[derive(Debug, Clone)]
enum Engine {
    Linear(regex::Regex),
    Backtracking(Box<fancy_regex::Regex>),
}

/// Where the groups of a match stand, in memory that is used again for the next text.
#[derive(Debug)]
pub enum Places {
    /// Found in linear time.
    Linear(regex::CaptureLocations),
    /// Found by backtracking.
    Backtracking(Vec<Option<Range<usize>>>),
}

impl Places {
    /// Where a group stands, in bytes.
    pub fn range(&self, group: usize) -> Option<Range<usize>> {
        match self {
            Places::Linear(places) => places.get(group).map(|(start, end)| start..end),
            Places::Backtracking(places) => places.get(group).cloned().flatten(),
        }
    }
}

/// The groups of one match.
#[derive(Debug)]
pub enum Groups<'t> {
    /// Found in linear time.
    Linear(regex::Captures<'t>),
    /// Found by backtracking.
    Backtracking(fancy_regex::Captures<'t, str>),
}

impl<'t> Groups<'t> {
    /// The text of a group, by number; 0 is the whole match.
    pub fn get(&self, group: usize) -> Option<&'t str> {
        match self {
            Groups::Linear(groups) => groups.get(group).map(|m| m.as_str()),
            Groups::Backtracking(groups) => groups.get(group).map(|m| m.as_str()),
        }
    }

    /// Where a group stands, in bytes.
    pub fn range(&self, group: usize) -> Option<Range<usize>> {
        match self {
            Groups::Linear(groups) => groups.get(group).map(|m| m.range()),
            Groups::Backtracking(groups) => groups.get(group).map(|m| m.range()),
        }
    }

    /// How many groups there are, the whole included.
    pub fn count(&self) -> usize {
        match self {
            Groups::Linear(groups) => groups.len(),
            Groups::Backtracking(groups) => groups.len(),
        }
    }
}

/// All matches of a pattern in a text, with their groups; one that takes too many steps is an error.
pub enum GroupsIter<'p, 't> {
    /// In linear time.
    Linear(regex::CaptureMatches<'p, 't>),
    /// By backtracking; with the pattern, for its error.
    Backtracking(fancy_regex::CaptureMatches<'p, 't, str>, &'p Pattern),
}

impl<'t> Iterator for GroupsIter<'_, 't> {
    type Item = Result<Groups<'t>, Diagnostic>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            GroupsIter::Linear(matches) => matches.next().map(|m| Ok(Groups::Linear(m))),
            GroupsIter::Backtracking(matches, pattern) => matches
                .next()
                .map(|m| m.map(Groups::Backtracking).map_err(|_| pattern.too_long())),
        }
    }
}

impl Engine {
    fn new(translated: &Translated, flags: Flags) -> Result<Self, String> {
        let linear = (!translated.backtracks).then(|| {
            regex::RegexBuilder::new(&translated.text)
                .case_insensitive(flags.ignore_case)
                .size_limit(SIZE)
                .build()
        });
        if let Some(Ok(regex)) = linear {
            return Ok(Engine::Linear(regex));
        }
        let backtracking = fancy_regex::RegexBuilder::new(&translated.text)
            .case_insensitive(flags.ignore_case)
            .backtrack_limit(STEPS)
            .delegate_size_limit(SIZE)
            .max_prog_size(INSTRUCTIONS)
            .build();
        match (linear, backtracking) {
            (_, Ok(regex)) => Ok(Engine::Backtracking(Box::new(regex))),
            (Some(Err(error)), _) => Err(in_a_line(&error.to_string())),
            (_, Err(error)) => Err(in_a_line(&error.to_string())),
        }
    }
}

impl Pattern {
    /// Compiles a pattern; the error is what is wrong with it, in a few words.
    pub fn compile(text: &str, flags: Flags) -> Result<Self, String> {
        let translated = translate(text, false)?;
        let engine = Engine::new(&translated, flags)?;
        let names = match &engine {
            Engine::Linear(regex) => named(regex.capture_names()),
            Engine::Backtracking(regex) => named(regex.capture_names()),
        };
        Ok(Self {
            text: text.into(),
            engine,
            names,
            flags,
            before_line_end: translated.ends.then(OnceLock::new),
        })
    }

    /// The engine for a text: `$` also matches before a line end that closes it.
    fn engine(&self, text: &str) -> &Engine {
        let Some(made) = self
            .before_line_end
            .as_ref()
            .filter(|_| text.ends_with('\n'))
        else {
            return &self.engine;
        };
        let other = made.get_or_init(|| {
            let translated = translate(&self.text, true).ok()?;
            Engine::new(&translated, self.flags).ok()
        });
        other.as_ref().unwrap_or(&self.engine)
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The named groups in order, with their numbers.
    pub fn names(&self) -> &[(usize, String)] {
        &self.names
    }

    /// How many groups there are, the whole match included.
    pub fn groups(&self) -> usize {
        match &self.engine {
            Engine::Linear(regex) => regex.captures_len(),
            Engine::Backtracking(regex) => regex.captures_len(),
        }
    }

    /// Whether the pattern matches somewhere in the text.
    pub fn is_match(&self, text: &str) -> Result<bool, Diagnostic> {
        match self.engine(text) {
            Engine::Linear(regex) => Ok(regex.is_match(text)),
            Engine::Backtracking(regex) => regex.is_match(text).map_err(|_| self.too_long()),
        }
    }

    /// Where the first match stands, in bytes.
    pub fn find(&self, text: &str) -> Result<Option<Range<usize>>, Diagnostic> {
        match self.engine(text) {
            Engine::Linear(regex) => Ok(regex.find(text).map(|m| m.range())),
            Engine::Backtracking(regex) => match regex.find(text) {
                Ok(found) => Ok(found.map(|m| m.range())),
                Err(_) => Err(self.too_long()),
            },
        }
    }

    /// The groups of the first match.
    pub fn captures<'t>(&self, text: &'t str) -> Result<Option<Groups<'t>>, Diagnostic> {
        match self.engine(text) {
            Engine::Linear(regex) => Ok(regex.captures(text).map(Groups::Linear)),
            Engine::Backtracking(regex) => match regex.captures(text) {
                Ok(found) => Ok(found.map(Groups::Backtracking)),
                Err(_) => Err(self.too_long()),
            },
        }
    }

    /// All matches with their groups.
    pub fn captures_iter<'p, 't>(&'p self, text: &'t str) -> GroupsIter<'p, 't> {
        match self.engine(text) {
            Engine::Linear(regex) => GroupsIter::Linear(regex.captures_iter(text)),
            Engine::Backtracking(regex) => {
                GroupsIter::Backtracking(regex.captures_iter(text), self)
            }
        }
    }

    /// The text with every match replaced.
    pub fn replace_all<'t>(
        &self,
        text: &'t str,
        by: &Replacement,
    ) -> Result<Cow<'t, str>, Diagnostic> {
        self.replace(text, by, Which::All)
    }

    /// The text with the matches replaced that `which` names.
    pub fn replace<'t>(
        &self,
        text: &'t str,
        by: &Replacement,
        which: Which,
    ) -> Result<Cow<'t, str>, Diagnostic> {
        let mut out = String::new();
        match self.replace_into(text, by, which, |piece| out.push_str(piece))? {
            true => Ok(Cow::Owned(out)),
            false => Ok(Cow::Borrowed(text)),
        }
    }

    /// Gives the pieces of that text to `out`; `false`, and no piece, when no match is replaced.
    pub fn replace_into(
        &self,
        text: &str,
        by: &Replacement,
        which: Which,
        mut out: impl FnMut(&str),
    ) -> Result<bool, Diagnostic> {
        let (mut done, mut replaced) = (0, false);
        let mut before = |range: Range<usize>, out: &mut dyn FnMut(&str)| {
            out(text.get(done..range.start).unwrap_or_default());
            (done, replaced) = (range.end, true);
        };
        if let (Engine::Linear(regex), Some(plain)) = (self.engine(text), by.plain()) {
            for (i, found) in regex.find_iter(text).enumerate() {
                if which.wants(i + 1) {
                    before(found.range(), &mut out);
                    out(plain);
                }
                if which.ends(i + 1) {
                    break;
                }
            }
        } else {
            for (i, groups) in self.captures_iter(text).enumerate() {
                let groups = groups?;
                if let Some(range) = groups.range(0).filter(|_| which.wants(i + 1)) {
                    before(range, &mut out);
                    by.write(&groups, &mut out);
                }
                if which.ends(i + 1) {
                    break;
                }
            }
        }
        if replaced {
            out(text.get(done..).unwrap_or_default());
        }
        Ok(replaced)
    }

    /// Memory for [`Pattern::read`].
    pub fn places(&self) -> Places {
        match &self.engine {
            Engine::Linear(regex) => Places::Linear(regex.capture_locations()),
            Engine::Backtracking(_) => Places::Backtracking(Vec::new()),
        }
    }

    /// Finds the first match and where its groups stand; `false` when there is none. Takes no memory of its own.
    pub fn read(&self, text: &str, places: &mut Places) -> Result<bool, Diagnostic> {
        let engine = self.engine(text);
        if let (Engine::Backtracking(_), Places::Linear(_)) = (engine, &*places) {
            *places = Places::Backtracking(Vec::new());
        }
        match (engine, places) {
            (Engine::Linear(regex), Places::Linear(places)) => {
                Ok(regex.captures_read(places, text).is_some())
            }
            (_, Places::Linear(_)) => Ok(false),
            (_, Places::Backtracking(places)) => {
                places.clear();
                if let Some(groups) = self.captures(text)? {
                    places.extend((0..groups.count()).map(|group| groups.range(group)));
                }
                Ok(!places.is_empty())
            }
        }
    }

    fn too_long(&self) -> Diagnostic {
        Diagnostic::new(
            &code::REGEX_LIMIT,
            format!(
                "the regular expression `{}` takes too many steps on a value",
                self.text
            ),
        )
        .help("make nested repeats such as (a+)+ simple, or anchor the pattern")
    }
}

fn named<'a>(names: impl Iterator<Item = Option<&'a str>>) -> Vec<(usize, String)> {
    names
        .enumerate()
        .filter_map(|(i, name)| name.map(|n| (i, n.to_owned())))
        .collect()
}

/// The last line of an engine's report, without its label.
fn in_a_line(error: &str) -> String {
    let line = error
        .lines()
        .rfind(|l| !l.trim().is_empty())
        .unwrap_or(error)
        .trim();
    let line = line.strip_prefix("error: ").unwrap_or(line);
    let line = line.strip_prefix("Error compiling regex: ").unwrap_or(line);
    // A place in the translated text says nothing to who wrote the pattern.
    match line.strip_prefix("Parsing error at position ") {
        Some(rest) => rest.split_once(": ").map_or(rest, |(_, what)| what),
        None => line,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        Pattern::compile(text, Flags::default()).unwrap()
    }

    #[test]
    fn both_engines_match() {
        for (text, subject, matches) in [
            (r"^/api/v\d+", "/api/v2", true),
            (r"(?i)powershell", "PowerShell", true),
            (r"foo(?!bar)", "foobar", false),
            (r"(?<=a)b", "ab", true),
            (r"(\w)\1", "abba", true),
            (r"a++b", "aaab", true),
            (r"(?<q>['\x22]).*\k<q>", "'x'", true),
            (r"\bcmd\.exe\b", "cmd.exe /c", true),
            (r"a{,2}b{", "a{,2}b{", true),
            (r"c$", "abc\n", true),
            (r"c$", "abc\n\n", false),
            (r"(?m)a$", "a\nb", true),
            (r"c\z", "abc\n", false),
            (r"^c\Z", "c\n", true),
            (r"^(?<n>\d)-(?&n)$", "1-2", true),
            (r"(?(DEFINE)(?<o>\d+))^(?&o)\.(?P>o)$", "10.2", true),
            (r"^(<)?a(?(1)>)$", "<a>", true),
            (r"^(?<q>')?a(?(<q>)')$", "'a", false),
            (r"(?i)a(?-i)b", "AB", false),
            (r"a(?#c)b\o{143}\N{U+64}", "abcd", true),
            (r"^\X$", "e\u{301}", true),
            (r"[^\w\s]", "a b", false),
            (r"(?i:A)b", "ab", true),
            (r"x(?i)y", "xY", true),
            (r"(?s)a.b", "a\nb", true),
            (r"^.$", "ü", true),
            (r#"(?<!\\)""#, "a\"", true),
            (r"^[^\[]+\[[\[\]]", "a[]", true),
            (r"^\d{1,3}(?:\.\d{1,3}){3}$", "10.0.0.1", true),
            (r"[\x00-\x1f]", "a\tb", true),
            (r"^\s*+foo", "  foo", true),
            (r"(?x) a b # c", "ab", true),
            (r"(?x)[ ]b", " b", true),
            (r"^[\s\S]*?$", "a\nb", true),
            (r"^\p{L}+$", "äb", true),
            (r"^[a-z\-_.]+$", "a-b_c.", true),
            (r"^(?:a|b|)$", "", true),
            (r"\AC:\\Windows\\.*\.exe\Z", "C:\\Windows\\x.exe\n", true),
            (r"(?<year>\d{4})-(?<month>\d\d)", "2024-01", true),
            (r"^(?>a+)b", "aab", true),
            (r"(?i)\bAdmin\b(?!istrator)", "an admin", true),
            (r"^\w+@[\w.-]+\.\w+$", "a@b-c.de", true),
        ] {
            assert_eq!(
                pattern(text).is_match(subject).unwrap(),
                matches,
                "{text} on {subject}"
            );
        }
    }

    #[test]
    fn groups_have_names_and_texts() {
        let p = pattern(r"(?<user>\w+);(?P<app>\w+)");
        let names: Vec<&str> = p.names().iter().map(|(_, n)| n.as_str()).collect();
        assert_eq!(names, ["user", "app"]);
        let all: Vec<_> = p
            .captures_iter("a;b c;d")
            .map(|g| g.unwrap().get(2).unwrap())
            .collect();
        assert_eq!(all, ["b", "d"]);
    }

    #[test]
    fn replacing_names_its_groups() {
        let p = pattern(r"(\d)-(\d)");
        let by = Replacement::parse(r"\2/\1");
        assert_eq!(p.replace_all("1-2 3-4", &by).unwrap(), "2/1 4/3");
        assert_eq!(p.replace("1-2 3-4", &by, Which::Nth(2)).unwrap(), "1-2 4/3");
        assert_eq!(
            pattern("a")
                .replace_all("aa", &Replacement::parse(""))
                .unwrap(),
            ""
        );
        assert_eq!(
            pattern("x*")
                .replace_all("ab", &Replacement::parse("-"))
                .unwrap(),
            "-a-b-"
        );
    }

    #[test]
    fn an_explosion_is_an_error_not_a_miss() {
        let p = pattern(r"^(?:(?=a)a+)+$");
        let error = p.is_match(&format!("{}b", "a".repeat(40))).unwrap_err();
        assert_eq!(error.code.id, "E0404");
        assert!(Pattern::compile("(?<a>[", Flags::default()).is_err());
    }
}
