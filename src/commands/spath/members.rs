//! The members of a JSON text for spath: takes the text, gives each value under its path, as far as the text can be read.
//!
//! A text that is cut or wrong somewhere gives what stands before that place, as in Splunk.

use indexmap::IndexMap;

/// Values by path, in order of first appearance.
pub(super) type Members = IndexMap<String, Vec<String>>;

/// Arrays and objects inside each other at most, as for all JSON here.
const DEEPEST: usize = 128;

/// All members of a JSON object or array under their paths.
pub(super) fn members(text: &str) -> Members {
    let mut reader = Reader {
        rest: text.trim_start(),
        found: Members::new(),
    };
    if reader.rest.starts_with(['{', '[']) {
        reader.value("", 0);
    }
    reader.found
}

struct Reader<'t> {
    rest: &'t str,
    found: Members,
}

impl<'t> Reader<'t> {
    /// Reads a value and keeps what it holds; `None` where the text can't be read on.
    fn value(&mut self, path: &str, depth: usize) -> Option<()> {
        if depth > DEEPEST {
            return None;
        }
        let value = match self.peek()? {
            '{' => return self.object(path, depth),
            '[' => return self.array(path, depth),
            '"' => Some(self.string()?),
            _ => self.scalar()?,
        };
        if let Some(value) = value {
            self.found.entry(path.to_owned()).or_default().push(value);
        }
        Some(())
    }

    fn object(&mut self, path: &str, depth: usize) -> Option<()> {
        self.take('{')?;
        if self.take('}').is_some() {
            return Some(());
        }
        loop {
            self.peek().filter(|c| *c == '"')?;
            let key = self.string()?;
            self.take(':')?;
            match path {
                "" => self.value(&key, depth + 1)?,
                _ => self.value(&format!("{path}.{key}"), depth + 1)?,
            }
            if self.take(',').is_none() {
                return self.take('}');
            }
        }
    }

    fn array(&mut self, path: &str, depth: usize) -> Option<()> {
        self.take('[')?;
        if self.take(']').is_some() {
            return Some(());
        }
        let inside = format!("{path}{{}}");
        loop {
            self.value(&inside, depth + 1)?;
            if self.take(',').is_none() {
                return self.take(']');
            }
        }
    }

    /// A quoted text, its escapes resolved.
    fn string(&mut self) -> Option<String> {
        let mut escaped = false;
        let inside = self.rest.get(1..)?;
        let end = inside.char_indices().find(|(_, c)| {
            let ends = *c == '"' && !escaped;
            escaped = *c == '\\' && !escaped;
            ends
        });
        let (whole, rest) = self.rest.split_at(end?.0 + 2);
        self.rest = rest;
        serde_json::from_str(whole).ok()
    }

    /// A number, `true`, `false` or `null`, of which the last is no value. One that the end of the text may have cut
    /// is not read.
    fn scalar(&mut self) -> Option<Option<String>> {
        let end = self
            .rest
            .find(|c: char| c.is_whitespace() || ",]}".contains(c))?;
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        match serde_json::from_str(word).ok()? {
            serde_json::Value::Null => Some(None),
            other => Some(Some(other.to_string())),
        }
    }

    fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        self.rest.chars().next()
    }

    fn take(&mut self, wanted: char) -> Option<()> {
        self.peek().filter(|c| *c == wanted)?;
        self.rest = self.rest.get(wanted.len_utf8()..)?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::members;

    fn shown(text: &str) -> String {
        let found = members(text).into_iter();
        let found = found.map(|(path, values)| format!("{path}={}", values.join("|")));
        found.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn paths_name_members_and_places() {
        assert_eq!(
            shown(r#" {"a":{"b":1.50,"c":[true,null,"x\"y"]},"d":[[1],[2]],"e":{},"f":[]} "#),
            "a.b=1.50 a.c{}=true|x\"y d{}{}=1|2"
        );
        assert_eq!(shown(r#"[{"a":1},{"a":2}]"#), "{}.a=1|2");
        assert_eq!(shown("12"), "");
    }

    #[test]
    fn what_stands_before_a_fault_is_found() {
        assert_eq!(shown(r#"{"a":[{"b":1},{"b":2},]}"#), "a{}.b=1|2");
        assert_eq!(shown(r#"{"a":1,"b":12"#), "a=1");
        assert_eq!(shown(r#"{"a":1,"b":"tex"#), "a=1");
        assert_eq!(shown(r#"{"a":1,"b":x,"c":2}"#), "a=1");
        assert_eq!(shown(r#"{"a":1} more"#), "a=1");
    }
}
