//! The scanner against serde_json: takes bytes; what serde_json reads the scanner reads alike, by every kernel.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use spelunk::source::scanner::{DEPTH, Kind, Level, Trie, Walker, text};
use std::sync::Arc;

type Values = Vec<(String, String)>;

/// Every path and value of an event, by the plain rules.
fn flatten(value: &Value, path: Option<&str>, out: &mut Values) {
    let here = path.unwrap_or_default();
    match value {
        Value::Null => {}
        Value::Bool(b) => out.push((here.to_owned(), b.to_string())),
        Value::Number(n) => out.push((here.to_owned(), n.to_string())),
        Value::String(s) => out.push((here.to_owned(), s.clone())),
        Value::Array(items) => {
            for item in items {
                flatten(item, Some(&format!("{here}{{}}")), out);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                let path = path.map_or(key.clone(), |path| format!("{path}.{key}"));
                match member {
                    // A multivalue that a search gave: its values are the field's own.
                    Value::Array(items) if key.ends_with("{}") || key.ends_with(')') => {
                        items
                            .iter()
                            .for_each(|item| flatten(item, Some(&path), out));
                    }
                    _ => flatten(member, Some(&path), out),
                }
            }
        }
    }
}

fn values(level: Level, event: &[u8]) -> Option<Values> {
    let mut trie = Trie::new([]).growing(Arc::new(|_| true));
    let mut walker = Walker::default();
    if !walker.walk(level, event, 0, event.len(), &mut trie) {
        return None;
    }
    let hits = walker.hits.iter().filter(|h| h.kind != Kind::Container);
    hits.map(|hit| {
        let raw = event.get(hit.start..hit.end)?;
        let mut out = Vec::new();
        if hit.kind == Kind::Escaped {
            // An escape that is none makes the whole event text, as it makes it no JSON.
            if !text::unescape(raw, &mut out) {
                return None;
            }
        } else {
            out.extend_from_slice(raw);
        }
        let name = trie.leaves().get(hit.leaf as usize)?.to_string();
        Some((name, String::from_utf8_lossy(&out).into_owned()))
    })
    .collect()
}

/// In one order, with numbers in one spelling: serde_json writes 1e3 as 1e+3.
fn comparable(values: &Values) -> Values {
    let spelled = |text: &String| {
        text.parse::<f64>()
            .map_or(text.clone(), |n| format!("{n:?}"))
    };
    let mut values: Values = values
        .iter()
        .map(|(name, text)| (name.clone(), spelled(text)))
        .collect();
    values.sort();
    values
}

fuzz_target!(|event: &[u8]| {
    let seen: Vec<_> = Level::all()
        .into_iter()
        .map(|level| values(level, event))
        .collect();
    assert!(seen.windows(2).all(|w| w[0] == w[1]), "{seen:?}");
    let depth = event.iter().filter(|b| matches!(b, b'{' | b'[')).count();
    let Ok(value @ Value::Object(_)) = serde_json::from_slice::<Value>(event) else {
        return;
    };
    if depth >= DEPTH.min(100) {
        return;
    }
    let mut all = Vec::new();
    flatten(&value, None, &mut all);
    let walked = seen[0].as_ref().expect("serde_json reads it");
    // A key that comes twice has its last value in serde_json, and all of them in the walk.
    if walked.len() <= all.len() {
        assert_eq!(comparable(walked), comparable(&all));
    }
});
