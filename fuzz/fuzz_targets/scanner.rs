//! The scanner against serde_json: takes bytes; what both read they read alike, by every kernel.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use spelunk::source::scanner::{DEPTH, Kind, Level, Trie, Walker, text};
use std::sync::Arc;

/// Every path and value of an event, by the plain rules.
fn flatten(value: &Value, path: &str, out: &mut Vec<(String, String)>) {
    match value {
        Value::Null => {}
        Value::Bool(b) => out.push((path.to_owned(), b.to_string())),
        Value::Number(n) => out.push((path.to_owned(), n.to_string())),
        Value::String(s) => out.push((path.to_owned(), s.clone())),
        Value::Array(items) => {
            for item in items {
                flatten(item, &format!("{path}{{}}"), out);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                let path = match path {
                    "" => key.clone(),
                    path => format!("{path}.{key}"),
                };
                flatten(member, &path, out);
            }
        }
    }
}

fn values(level: Level, event: &[u8]) -> Option<Vec<(String, String)>> {
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
            assert!(text::unescape(raw, &mut out));
        } else {
            out.extend_from_slice(raw);
        }
        let name = trie.leaves().get(hit.leaf as usize)?.to_string();
        Some((name, String::from_utf8_lossy(&out).into_owned()))
    })
    .collect()
}

fuzz_target!(|event: &[u8]| {
    let seen: Vec<_> = Level::all().into_iter().map(|level| values(level, event)).collect();
    assert!(seen.windows(2).all(|w| w[0] == w[1]), "{seen:?}");
    let depth = event.iter().filter(|b| matches!(b, b'{' | b'[')).count();
    // serde_json merges keys that come twice, and the walk gives both.
    let is_whole = |value: &Value| {
        let mut all = Vec::new();
        flatten(value, "", &mut all);
        serde_json::to_vec(value).is_ok_and(|text| {
            let bare = |text: &[u8]| text.iter().filter(|b| **b == b':').count();
            bare(&text) == bare(event)
        })
        .then_some(all)
    };
    match (serde_json::from_slice::<Value>(event), &seen[0]) {
        (Ok(value @ Value::Object(_)), walked) if depth < DEPTH.min(100) => {
            if let Some(all) = is_whole(&value) {
                assert_eq!(walked.as_ref(), Some(&all));
            }
        }
        _ => {}
    }
});
