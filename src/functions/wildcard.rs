//! Patterns with `*`: takes a pattern, tests texts against it, in any letter case or not.

/// A pattern in which `*` stands for any run of characters and `\*` for a star.
#[derive(Debug, Clone)]
pub struct Wildcard {
    shape: Shape,
    case: bool,
}

#[derive(Debug, Clone)]
enum Shape {
    /// No star: the whole text.
    Exact(String),
    /// One star or more: the texts before the first, between, and after the last.
    Parts(String, Vec<String>, String),
}

impl Wildcard {
    /// A pattern; `case` makes letter case matter.
    pub fn new(pattern: &str, case: bool) -> Self {
        let pattern = if case {
            pattern.to_owned()
        } else {
            pattern.to_lowercase()
        };
        let mut parts = vec![String::new()];
        let mut chars = pattern.chars().peekable();
        while let Some(c) = chars.next() {
            let literal = if c == '\\' && chars.peek() == Some(&'*') {
                chars.next()
            } else {
                Some(c).filter(|c| *c != '*')
            };
            match (literal, parts.last_mut()) {
                (Some(c), Some(last)) => last.push(c),
                _ => parts.push(String::new()),
            }
        }
        let last = parts.pop().unwrap_or_default();
        let shape = if parts.is_empty() {
            Shape::Exact(last)
        } else {
            let first = parts.remove(0);
            parts.retain(|p| !p.is_empty());
            Shape::Parts(first, parts, last)
        };
        Self { shape, case }
    }

    /// Whether the whole text fits.
    pub fn matches(&self, text: &str) -> bool {
        if self.case {
            return self.fits(text, str::eq);
        }
        if text.is_ascii() {
            return self.fits(text, str::eq_ignore_ascii_case);
        }
        self.fits(&text.to_lowercase(), str::eq)
    }

    fn fits(&self, text: &str, same: fn(&str, &str) -> bool) -> bool {
        let (first, middle, last) = match &self.shape {
            Shape::Exact(whole) => return text.len() == whole.len() && same(text, whole),
            Shape::Parts(first, middle, last) => (first, middle, last),
        };
        let Some(end) = text.len().checked_sub(last.len()) else {
            return false;
        };
        if end < first.len() {
            return false;
        }
        let starts = text.get(..first.len()).is_some_and(|t| same(t, first));
        let ends = text.get(end..).is_some_and(|t| same(t, last));
        if !starts || !ends {
            return false;
        }
        let Some(mut rest) = text.get(first.len()..end) else {
            return false;
        };
        for part in middle {
            match find(rest, part, same) {
                Some(at) => rest = &rest[at + part.len()..],
                None => return false,
            }
        }
        true
    }
}

/// Where `part` first stands in `text`.
fn find(text: &str, part: &str, same: fn(&str, &str) -> bool) -> Option<usize> {
    (0..=text.len().checked_sub(part.len())?)
        .find(|&at| text.get(at..at + part.len()).is_some_and(|t| same(t, part)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_anything() {
        let fits = |pattern: &str, text: &str| Wildcard::new(pattern, false).matches(text);
        assert!(fits("a*n", "ADMIN") && !fits("a*n", "administrator"));
        assert!(fits("*", "") && fits("**", "x") && fits("*b*", "abc") && !fits("a*a", "a"));
        assert!(fits("*-enc*", "powershell -EncodedCommand"));
        assert!(fits(r"a\*b", "a*b") && !fits(r"a\*b", "axb"));
        assert!(fits("É*", "éa") && !Wildcard::new("A*", true).matches("ab"));
        assert!(fits("*a*b*c", "xaybzc") && !fits("*a*b*c", "xaybz"));
    }
}
