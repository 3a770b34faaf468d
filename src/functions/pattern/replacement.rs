//! What matches are replaced by: takes the text of a replacement, gives its parts to be written for each match.

use super::Groups;

/// Which matches to replace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Every one.
    All,
    /// Only this one, counted from 1.
    Nth(usize),
    /// This one and all after it, counted from 1.
    From(usize),
}

impl Which {
    /// Whether the match with this number, from 1, is replaced.
    pub(super) fn wants(self, number: usize) -> bool {
        match self {
            Which::All => true,
            Which::Nth(n) => number == n,
            Which::From(n) => number >= n,
        }
    }

    /// Whether no match after this one is wanted.
    pub(super) fn ends(self, number: usize) -> bool {
        matches!(self, Which::Nth(n) if number >= n)
    }
}

/// What a match is replaced by: text with `\1` for its groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Group(usize),
}

impl Replacement {
    /// Reads a replacement: `\1` to `\9` are groups and `\0` the whole match; `\n` and `\t` are a line end and a tab;
    /// a backslash before anything else stands for that character.
    pub fn parse(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            if c != '\\' {
                plain.push(c);
                continue;
            }
            match chars.peek().copied() {
                Some(digit @ '0'..='9') => {
                    chars.next();
                    if !plain.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut plain)));
                    }
                    parts.push(Part::Group(digit as usize - '0' as usize));
                }
                Some('n') => {
                    chars.next();
                    plain.push('\n');
                }
                Some('t') => {
                    chars.next();
                    plain.push('\t');
                }
                Some(other) => {
                    chars.next();
                    plain.push(other);
                }
                None => plain.push('\\'),
            }
        }
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Self(parts)
    }

    /// The text, when there is no group in it.
    pub(super) fn plain(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    pub(super) fn write(&self, groups: &Groups<'_>, out: &mut impl FnMut(&str)) {
        for part in &self.0 {
            match part {
                Part::Text(text) => out(text),
                Part::Group(group) => out(groups.get(*group).unwrap_or_default()),
            }
        }
    }
}
