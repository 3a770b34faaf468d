//! Which fields a stage wants of the stage before it: takes names and wildcard patterns, gives membership.

use super::FieldName;
use indexmap::IndexSet;

/// A pattern of names (of fields, of sourcetypes) with `*` for any run of characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pattern {
    text: String,
}

impl Pattern {
    /// Reads a pattern; every text is one.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it has a wildcard.
    pub fn is_wild(&self) -> bool {
        self.text.contains('*')
    }

    /// Whether a name fits.
    pub fn matches(&self, name: &str) -> bool {
        self.captures(name).is_some()
    }

    /// What each `*` stands for when the name fits, leftmost wildcards shortest.
    pub fn captures<'n>(&self, name: &'n str) -> Option<Vec<&'n str>> {
        let mut parts = self.text.split('*');
        let mut rest = name.strip_prefix(parts.next().unwrap_or(""))?;
        let tail: Vec<&str> = parts.collect();
        let mut found = Vec::with_capacity(tail.len());
        for (i, part) in tail.iter().enumerate() {
            let at = if i + 1 == tail.len() {
                rest.ends_with(part).then(|| rest.len() - part.len())?
            } else {
                rest.find(part)?
            };
            found.push(&rest[..at]);
            rest = &rest[at + part.len()..];
        }
        rest.is_empty().then_some(found)
    }
}

/// A set of fields: names, patterns, or all but some.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Demand {
    /// Every field is wanted, except those in `without`.
    pub all: bool,
    /// Wanted by name (also when `all`: then only to keep their order).
    pub names: IndexSet<FieldName>,
    /// Wanted by pattern.
    pub patterns: Vec<Pattern>,
    /// Not wanted although `all` or a pattern asks for it.
    pub without: IndexSet<FieldName>,
}

impl Demand {
    /// No field at all (a count needs none).
    pub fn none() -> Self {
        Self::default()
    }

    /// Every field.
    pub fn all() -> Self {
        Self {
            all: true,
            ..Self::default()
        }
    }

    /// The named fields; a name with `*` is a pattern.
    pub fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut demand = Self::none();
        for name in names {
            demand.add(name);
        }
        demand
    }

    /// Adds a name or pattern.
    pub fn add(&mut self, name: &str) {
        if name.contains('*') {
            if name == "*" {
                self.all = true;
                return;
            }
            let pattern = Pattern::new(name);
            if !self.patterns.contains(&pattern) {
                self.patterns.push(pattern);
            }
        } else {
            self.without.shift_remove(name);
            self.names.insert(name.into());
        }
    }

    /// Adds a field by its name, a `*` in it included.
    pub fn add_exact(&mut self, name: &str) {
        self.without.shift_remove(name);
        self.names.insert(name.into());
    }

    /// Takes a name out: it is not wanted, for instance because the stage makes it itself.
    pub fn remove(&mut self, name: &str) {
        self.names.shift_remove(name);
        if self.all || self.patterns.iter().any(|p| p.matches(name)) {
            self.without.insert(name.into());
        }
    }

    /// Adds all that `other` wants.
    pub fn union(&mut self, other: &Demand) {
        self.without = self
            .without
            .iter()
            .filter(|name| !other.wants(name))
            .cloned()
            .collect();
        for name in &other.without {
            if !self.wants(name) {
                self.without.insert(name.clone());
            }
        }
        self.all |= other.all;
        for name in &other.names {
            self.names.insert(name.clone());
        }
        for pattern in &other.patterns {
            if !self.patterns.contains(pattern) {
                self.patterns.push(pattern.clone());
            }
        }
    }

    /// Whether a field is wanted.
    pub fn wants(&self, name: &str) -> bool {
        self.names.contains(name)
            || (!self.without.contains(name)
                && (self.all || self.patterns.iter().any(|p| p.matches(name))))
    }

    /// Whether the wanted fields are known by name: no pattern, not all.
    pub fn is_exact(&self) -> bool {
        !self.all && self.patterns.is_empty()
    }
}

impl std::fmt::Display for Demand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut parts: Vec<&str> = Vec::new();
        if self.all {
            parts.push("*");
        } else {
            parts.extend(self.names.iter().map(|n| &**n));
            parts.extend(self.patterns.iter().map(Pattern::as_str));
        }
        f.write_str(&if parts.is_empty() {
            "none".to_owned()
        } else {
            parts.join(", ")
        })?;
        if !self.without.is_empty() {
            let names: Vec<&str> = self.without.iter().map(|n| &**n).collect();
            write!(f, " without {}", names.join(", "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captures_give_what_each_star_stands_for() {
        assert_eq!(
            Pattern::new("user.*").captures("user.name"),
            Some(vec!["name"])
        );
        assert_eq!(
            Pattern::new("*a*").captures("banana"),
            Some(vec!["b", "nana"])
        );
        assert_eq!(Pattern::new("a*b").captures("ac"), None);
        assert_eq!(Pattern::new("plain").captures("plain"), Some(vec![]));
    }

    #[test]
    fn a_removed_name_is_not_wanted_until_added() {
        let mut demand = Demand::all();
        demand.remove("x");
        assert!(!demand.wants("x") && demand.wants("y"));
        demand.union(&Demand::of(["x"]));
        assert!(demand.wants("x"));
    }
}
