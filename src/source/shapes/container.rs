//! An object that holds its events in one array, which may be long: takes the object's first bytes, gives the array.

use super::cloudwatch;
use super::envelope::Fields;
use crate::source::splitter::{End, Members, skip_blank, value_end};

/// What an array holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// A top-level array: anything, each told by itself.
    Array,
    /// Events as they are: CloudTrail's `Records`, `items` of a Kubernetes list.
    Plain,
    /// CloudWatch log events, CloudTrail lookups, Azure `records`: each told by itself.
    Wrapped,
    /// Rows of a search: Splunk's, or Logs Insights'.
    Results,
}

/// Where the array of a container opens, if the object is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// The array's opening bracket.
    At(Container, usize),
    /// The object is no container.
    No,
    /// More bytes are needed to tell.
    More,
}

/// A key that holds events, and the keys that may stand before it.
struct Rule {
    key: &'static [u8],
    beside: &'static [&'static str],
    container: Container,
    /// Whether an element of the array looks right.
    element: fn(&[u8], usize) -> bool,
}

static RULES: [Rule; 6] = [
    Rule {
        key: b"Records",
        beside: &[],
        container: Container::Plain,
        element: is_object,
    },
    Rule {
        key: b"items",
        beside: &["apiVersion", "kind", "metadata"],
        container: Container::Plain,
        element: is_object,
    },
    Rule {
        key: b"events",
        beside: &[
            "searchedLogStreams",
            "nextToken",
            "nextForwardToken",
            "nextBackwardToken",
        ],
        container: Container::Wrapped,
        element: |bytes, at| {
            let fields = Fields::new(bytes, at);
            fields.starts("message", b'"') && fields.place("timestamp").is_some()
        },
    },
    Rule {
        key: b"Events",
        beside: &["NextToken"],
        container: Container::Wrapped,
        element: |bytes, at| Fields::new(bytes, at).starts("CloudTrailEvent", b'"'),
    },
    Rule {
        key: b"records",
        beside: &[],
        container: Container::Wrapped,
        element: is_object,
    },
    Rule {
        key: b"results",
        beside: &[
            "query",
            "notices",
            "preview",
            "init_offset",
            "post_process_count",
            "messages",
            "fields",
            "highlighted",
            "queryLanguage",
            "encryptionKey",
            "statistics",
            "status",
        ],
        container: Container::Results,
        element: |bytes, at| is_object(bytes, at) || cloudwatch::is_insights_row(bytes, at),
    },
];

fn is_object(bytes: &[u8], at: usize) -> bool {
    bytes.get(at) == Some(&b'{')
}

/// Whether the object that opens at `start` holds its events in an array. `last`: no more bytes will come.
pub fn container(bytes: &[u8], start: usize, last: bool) -> Found {
    let mut members = Members::new(bytes, start);
    let mut before: Vec<&[u8]> = Vec::new();
    let mut empty = None;
    while let Some((key, at)) = members.next_key() {
        if let Some(rule) = RULES.iter().find(|rule| rule.key == key) {
            if bytes.get(at) != Some(&b'[') || !fits(rule, &before) {
                return Found::No;
            }
            match first_element(bytes, at, rule, last) {
                Some(Found::At(..)) if is_list(rule, bytes, start) => {
                    return Found::At(rule.container, at);
                }
                Some(Found::More) => return Found::More,
                Some(_) => return Found::No,
                None => empty = Some((rule, at)),
            }
        } else if !RULES.iter().any(|rule| is_beside(rule, key)) {
            return Found::No;
        }
        before.push(key);
        if members.past(at).is_none() {
            break;
        }
    }
    if members.open {
        return if last { Found::No } else { Found::More };
    }
    match empty {
        Some((rule, at)) if fits(rule, &before) => Found::At(rule.container, at),
        _ => Found::No,
    }
}

fn is_beside(rule: &Rule, key: &[u8]) -> bool {
    rule.beside.iter().any(|k| k.as_bytes() == key)
}

fn fits(rule: &Rule, before: &[&[u8]]) -> bool {
    before
        .iter()
        .all(|key| *key == rule.key || is_beside(rule, key))
}

/// A Kubernetes list says so in its kind, or has its kind after its items.
fn is_list(rule: &Rule, bytes: &[u8], start: usize) -> bool {
    if rule.key != b"items" {
        return true;
    }
    let mut members = Members::new(bytes, start);
    while let Some((key, at)) = members.next_key() {
        if key == rule.key {
            break;
        }
        let value = members.past(at).and_then(|place| bytes.get(place));
        if key == b"kind" && !value.is_some_and(|v| v.ends_with(b"List\"")) {
            return false;
        }
    }
    true
}

/// Whether the first element of the array at `at` looks right; `None` when there is no element.
fn first_element(bytes: &[u8], at: usize, rule: &Rule, last: bool) -> Option<Found> {
    let first = skip_blank(bytes, at + 1);
    match bytes.get(first) {
        Some(b']') => None,
        None => Some(if last { Found::No } else { Found::More }),
        Some(_) => {
            let whole = matches!(value_end(bytes, first), End::At(_)) || last;
            Some(if (rule.element)(bytes, first) {
                Found::At(rule.container, at)
            } else if whole {
                Found::No
            } else {
                Found::More
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<(Container, usize)> {
        match container(text.as_bytes(), 0, true) {
            Found::At(container, at) => Some((container, at)),
            _ => None,
        }
    }

    #[test]
    fn containers_are_told_from_events_that_have_such_keys() {
        assert_eq!(of(r#"{"Records":[{"a":1}]}"#), Some((Container::Plain, 11)));
        assert_eq!(of(r#"{"Records":[]}"#), Some((Container::Plain, 11)));
        assert_eq!(
            of(r#"{"kind":"EventList","items":[{}]}"#),
            Some((Container::Plain, 28))
        );
        assert_eq!(
            of(r#"{"results":[[{"field":"@message","value":"x"}]]}"#),
            Some((Container::Results, 11))
        );
        for plain in [
            r#"{"kind":"Event","items":[{}]}"#,
            r#"{"user":"x","Records":[{}]}"#,
            r#"{"events":[{"a":1}]}"#,
            r#"{"events":[],"user":"x"}"#,
            r#"{"items":["a","b"]}"#,
            r#"{"results":"none"}"#,
            r#"{}"#,
        ] {
            assert_eq!(of(plain), None, "{plain}");
        }
    }

    #[test]
    fn a_cut_head_asks_for_more() {
        let text = br#"{"kind":"EventList","items":[{"a""#;
        for length in 1..28 {
            assert_eq!(
                container(&text[..length], 0, false),
                Found::More,
                "{length}"
            );
        }
        assert_eq!(container(text, 0, false), Found::At(Container::Plain, 28));
    }
}
