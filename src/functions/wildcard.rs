//! Wildcards: takes the patterns of `search` (`*`) and of `like` (`%`, `_`), tells which texts fit as a whole.
//!
//! The usual shapes (exact, prefix, suffix, part) need no general matching.

use std::borrow::Cow;

/// A text with `*` for any run of characters, as `search` compares values.
#[derive(Debug, Clone)]
pub struct WildcardMatcher {
    shape: Shape,
    case_sensitive: bool,
    /// Letters beyond ASCII: the text must be lowered before it is compared.
    wide: bool,
}

#[derive(Debug, Clone, PartialEq)]
enum Shape {
    Anything,
    Exact(String),
    Prefix(String),
    Suffix(String),
    Part(String),
    /// What it starts with, what follows in order, what it ends with.
    Parts(String, Vec<String>, String),
}

impl Shape {
    fn of(pattern: &str, wildcard: char) -> Self {
        let mut parts: Vec<String> = pattern.split(wildcard).map(str::to_owned).collect();
        let last = parts.pop().unwrap_or_default();
        if parts.is_empty() {
            return Shape::Exact(last);
        }
        let first = parts.remove(0);
        parts.retain(|part| !part.is_empty());
        match (first.is_empty(), parts.len(), last.is_empty()) {
            (true, 0, true) => Shape::Anything,
            (false, 0, true) => Shape::Prefix(first),
            (true, 0, false) => Shape::Suffix(last),
            (true, 1, true) => Shape::Part(parts.remove(0)),
            _ => Shape::Parts(first, parts, last),
        }
    }

    fn fits(&self, text: &str, fold: bool) -> bool {
        match self {
            Shape::Anything => true,
            Shape::Exact(whole) => same(text.as_bytes(), whole.as_bytes(), fold),
            Shape::Prefix(part) => starts(text.as_bytes(), part.as_bytes(), fold),
            Shape::Suffix(part) => ends(text.as_bytes(), part.as_bytes(), fold),
            Shape::Part(part) => find(text, part, fold).is_some(),
            Shape::Parts(first, middle, last) => {
                if text.len() < first.len() + last.len()
                    || !starts(text.as_bytes(), first.as_bytes(), fold)
                    || !ends(text.as_bytes(), last.as_bytes(), fold)
                {
                    return false;
                }
                let Some(mut rest) = text.get(first.len()..text.len() - last.len()) else {
                    return false;
                };
                for part in middle {
                    let Some(at) = find(rest, part, fold) else {
                        return false;
                    };
                    rest = rest.get(at + part.len()..).unwrap_or_default();
                }
                true
            }
        }
    }
}

fn same(a: &[u8], b: &[u8], fold: bool) -> bool {
    if fold {
        a.eq_ignore_ascii_case(b)
    } else {
        a == b
    }
}

fn starts(text: &[u8], part: &[u8], fold: bool) -> bool {
    text.get(..part.len())
        .is_some_and(|start| same(start, part, fold))
}

fn ends(text: &[u8], part: &[u8], fold: bool) -> bool {
    let Some(at) = text.len().checked_sub(part.len()) else {
        return false;
    };
    text.get(at..).is_some_and(|end| same(end, part, fold))
}

fn find(text: &str, part: &str, fold: bool) -> Option<usize> {
    if !fold {
        return text.find(part);
    }
    let (text, part) = (text.as_bytes(), part.as_bytes());
    let Some(&first) = part.first() else {
        return Some(0);
    };
    let last = text.len().checked_sub(part.len())?;
    let (low, high) = (first.to_ascii_lowercase(), first.to_ascii_uppercase());
    let mut from = 0;
    while from <= last {
        let at = from
            + text
                .get(from..=last)?
                .iter()
                .position(|b| *b == low || *b == high)?;
        if same(text.get(at..at + part.len())?, part, true) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

impl WildcardMatcher {
    /// Reads a pattern; every text is one.
    pub fn new(pattern: &str, case_sensitive: bool) -> Self {
        let wide = !case_sensitive && !pattern.is_ascii();
        let pattern: Cow<'_, str> = if wide {
            pattern.to_lowercase().into()
        } else {
            pattern.into()
        };
        Self {
            shape: Shape::of(&pattern, '*'),
            case_sensitive,
            wide,
        }
    }

    /// Whether the whole text fits.
    pub fn matches(&self, text: &str) -> bool {
        if self.wide && !text.is_ascii() {
            return self.shape.fits(&text.to_lowercase(), false);
        }
        self.shape.fits(text, !self.case_sensitive)
    }

    /// Whether every text fits.
    pub fn is_anything(&self) -> bool {
        self.shape == Shape::Anything
    }

    /// The text that fits in any letter case, when the pattern has no wildcard and is ASCII.
    pub fn exact_ascii(&self) -> Option<&str> {
        match &self.shape {
            Shape::Exact(text) if !self.case_sensitive && text.is_ascii() => Some(text),
            _ => None,
        }
    }

    /// Whether the pattern has no wildcard.
    pub fn is_exact(&self) -> bool {
        matches!(self.shape, Shape::Exact(_))
    }
}

/// A pattern of `like`: `%` for any run of characters, `_` for one; letter case counts, a backslash is a backslash.
#[derive(Debug, Clone)]
pub struct LikeMatcher(Like);

#[derive(Debug, Clone)]
enum Like {
    Shape(Shape),
    Pattern(Box<str>),
}

impl LikeMatcher {
    /// Reads a pattern; every text is one.
    pub fn new(pattern: &str) -> Self {
        Self(if pattern.contains('_') {
            Like::Pattern(pattern.into())
        } else {
            Like::Shape(Shape::of(pattern, '%'))
        })
    }

    /// Whether the whole text fits.
    pub fn matches(&self, text: &str) -> bool {
        match &self.0 {
            Like::Shape(shape) => shape.fits(text, false),
            Like::Pattern(pattern) => like(pattern, text),
        }
    }
}

/// Matches greedily; after a mismatch the last `%` takes one character more.
fn like(pattern: &str, text: &str) -> bool {
    let (mut pattern, mut text) = (pattern.chars(), text.chars());
    let mut retry: Option<(std::str::Chars<'_>, std::str::Chars<'_>)> = None;
    loop {
        let before = text.clone();
        match (pattern.next(), text.next()) {
            (Some('%'), _) => {
                retry = Some((pattern.clone(), before.clone()));
                text = before;
            }
            (Some('_'), Some(_)) => {}
            (Some(p), Some(t)) if p == t => {}
            (None, None) => return true,
            _ => {
                let Some((after, from)) = &mut retry else {
                    return false;
                };
                if from.next().is_none() {
                    return false;
                }
                pattern = after.clone();
                text = from.clone();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_wildcards_ignore_case() {
        for (pattern, text, fits) in [
            ("*", "", true),
            ("abc", "ABC", true),
            ("abc", "abcd", false),
            ("ab*", "ABcd", true),
            ("*cd", "abCD", true),
            ("*b*", "aBc", true),
            ("a*b*c", "aXbYbc", true),
            ("a*b*c", "acb", false),
            ("a*a", "a", false),
            ("**a**", "xAx", true),
            ("ÄÖ*", "äöü", true),
            ("*ö*", "ÄÖÜ", true),
            ("*ö", "abc", false),
            ("", "", true),
            ("", "x", false),
        ] {
            assert_eq!(
                WildcardMatcher::new(pattern, false).matches(text),
                fits,
                "{pattern} {text}"
            );
        }
        assert!(!WildcardMatcher::new("ab*", true).matches("ABc"));
    }

    #[test]
    fn like_takes_percent_and_underscore() {
        for (pattern, text, fits) in [
            ("a%", "abc", true),
            ("a_", "abc", false),
            ("%b_", "aXYZbQ", true),
            ("a%b_", "aXYZb", false),
            ("a%b_", "abc", true),
            ("_", "ü", true),
            ("__", "ü", false),
            ("%_%", "", false),
            ("%a_c%", "xxabcx", true),
            ("%_", "ab", true),
            ("a.c", "abc", false),
            ("C:\\Windows\\%", "C:\\Windows\\x", true),
            ("%", "", true),
            ("A%", "abc", false),
            ("_%_b", "aab", true),
        ] {
            assert_eq!(
                LikeMatcher::new(pattern).matches(text),
                fits,
                "{pattern} {text}"
            );
        }
    }
}
