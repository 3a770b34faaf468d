//! Paths into JSON as the JSON functions and spath write them: takes `a.b`, `a{}`, `a{2}.c`, finds and changes values.

use serde_json::Value;

/// One step of a path.
#[derive(Debug, Clone, PartialEq)]
enum Step {
    Key(String),
    Every,
    At(usize),
}

/// A path.
#[derive(Debug, Clone, PartialEq)]
pub struct Path(Vec<Step>);

impl Path {
    /// Reads a path; `None` when its braces are no place in an array.
    pub fn parse(text: &str) -> Option<Self> {
        let mut steps = Vec::new();
        for part in text.split('.') {
            let (key, mut places) = part.split_at(part.find('{').unwrap_or(part.len()));
            if !key.is_empty() {
                steps.push(Step::Key(key.to_owned()));
            }
            while let Some((inside, rest)) =
                places.strip_prefix('{').and_then(|p| p.split_once('}'))
            {
                steps.push(match inside {
                    "" => Step::Every,
                    number => Step::At(number.parse().ok()?),
                });
                places = rest;
            }
            if !places.is_empty() {
                return None;
            }
        }
        Some(Self(steps))
    }

    /// A path of one key, whatever it looks like.
    pub fn key(key: &str) -> Self {
        Self(vec![Step::Key(key.to_owned())])
    }

    /// Whether it may name several values.
    pub fn is_plural(&self) -> bool {
        self.0.contains(&Step::Every)
    }

    /// The values at the path, in order.
    pub fn find<'v>(&self, root: &'v Value) -> Vec<&'v Value> {
        let mut found = vec![root];
        for step in &self.0 {
            let mut next = Vec::with_capacity(found.len());
            for value in found {
                match (step, value) {
                    (Step::Key(key), Value::Object(members)) => next.extend(members.get(key)),
                    (Step::Every, Value::Array(items)) => next.extend(items),
                    // `{}` of an object is the object: the reference has it of a whole text, detections that pass
                    // Splunk's tests write it of members too (`requestParameters{}.bucketName`).
                    (Step::Every, Value::Object(_)) => next.push(value),
                    (Step::At(at), Value::Array(items)) => next.extend(items.get(*at)),
                    _ => {}
                }
            }
            found = next;
        }
        found
    }

    /// Changes each value at the path that is there.
    pub fn change(&self, root: &mut Value, change: &mut dyn FnMut(&mut Value)) {
        walk(&self.0, root, change);
    }

    /// Puts a value at the path; members of objects that are missing are made, what does not fit is left alone.
    pub fn set(&self, root: &mut Value, new: &Value) {
        put(&self.0, root, new);
    }

    /// Takes the members of objects and the elements of arrays away that the path names.
    pub fn delete(&self, root: &mut Value) {
        let Some((last, parents)) = self.0.split_last() else {
            return;
        };
        walk(parents, root, &mut |value| match (last, value) {
            (Step::Key(key), Value::Object(members)) => {
                members.shift_remove(key);
            }
            (Step::At(at), Value::Array(items)) if *at < items.len() => {
                items.remove(*at);
            }
            (Step::Every, Value::Array(items)) => items.clear(),
            _ => {}
        });
    }
}

fn walk(steps: &[Step], value: &mut Value, change: &mut dyn FnMut(&mut Value)) {
    let Some((step, rest)) = steps.split_first() else {
        return change(value);
    };
    match (step, value) {
        (Step::Key(key), Value::Object(members)) => {
            if let Some(member) = members.get_mut(key) {
                walk(rest, member, change);
            }
        }
        (Step::Every, Value::Array(items)) => {
            for item in items {
                walk(rest, item, change);
            }
        }
        (Step::At(at), Value::Array(items)) => {
            if let Some(item) = items.get_mut(*at) {
                walk(rest, item, change);
            }
        }
        _ => {}
    }
}

fn put(steps: &[Step], value: &mut Value, new: &Value) {
    let Some((step, rest)) = steps.split_first() else {
        *value = new.clone();
        return;
    };
    match (step, value) {
        (Step::Key(key), Value::Object(members)) => {
            if rest.first().is_some_and(|s| !matches!(s, Step::Key(_)))
                && !members.contains_key(key)
            {
                return;
            }
            let member = members
                .entry(key.clone())
                .or_insert_with(|| Value::Object(serde_json::Map::new()));
            put(rest, member, new);
        }
        (Step::Every, Value::Array(items)) => {
            for item in items {
                put(rest, item, new);
            }
        }
        (Step::At(at), Value::Array(items)) => {
            if let Some(item) = items.get_mut(*at) {
                put(rest, item, new);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_values() {
        let json: Value =
            serde_json::from_str(r#"{"a":[{"b":1},{"b":2}],"c":{"d":[[3]]}}"#).unwrap();
        for (path, expected) in [
            ("a{}.b", "1 2"),
            ("a{1}.b", "2"),
            ("c.d{0}{0}", "3"),
            ("x", ""),
            ("c", r#"{"d":[[3]]}"#),
        ] {
            let found: Vec<String> = Path::parse(path)
                .unwrap()
                .find(&json)
                .iter()
                .map(ToString::to_string)
                .collect();
            assert_eq!(found.join(" "), expected, "{path}");
        }
        assert_eq!(Path::parse("a{x}"), None);
    }
}
