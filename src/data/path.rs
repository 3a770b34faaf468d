//! Splunk's JSON field paths: takes names such as `a.b`, `a{}`, `a{}.b`, gives their steps.

/// One step from a JSON value to a value inside it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    /// The member of an object.
    Key(String),
    /// Every element of an array.
    Elements,
}

/// A field name read as a path. A key that itself holds a dot spells the same path, so a name may be reached in
/// several ways; the JSON scanner walks all of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FieldPath {
    /// From the event's object to the value.
    pub steps: Vec<Step>,
}

impl FieldPath {
    /// Reads a field name. Never fails: a name that is no path is one key.
    pub fn parse(name: &str) -> Self {
        let mut steps = Vec::new();
        for part in name.split('.') {
            let key = part.trim_end_matches("{}");
            if !key.is_empty() || part.is_empty() {
                steps.push(Step::Key(key.to_owned()));
            }
            for _ in 0..(part.len() - key.len()) / 2 {
                steps.push(Step::Elements);
            }
        }
        Self { steps }
    }
}

impl std::fmt::Display for FieldPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, step) in self.steps.iter().enumerate() {
            match step {
                Step::Key(key) if i == 0 => write!(f, "{key}")?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Elements => write!(f, "{{}}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_print_as_they_were_written() {
        for name in ["a", "a.b", "a{}", "a{}.b", "a{}{}.b.c{}", "{}.x", "a..b"] {
            assert_eq!(
                FieldPath::parse(name).to_string().trim_start_matches('.'),
                name,
                "{name}"
            );
        }
    }
}
