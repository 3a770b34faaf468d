//! The walk against the whole parse: random JSON, random paths, every kernel.

use super::*;
use proptest::prelude::*;
use serde_json::Value;
use std::sync::Arc;

/// Every path and value of an event, by the plain rules.
fn flatten(value: &Value, path: String, out: &mut Vec<(String, String)>) {
    match value {
        Value::Null => {}
        Value::Bool(b) => out.push((path, b.to_string())),
        Value::Number(n) => out.push((path, n.to_string())),
        Value::String(s) => out.push((path, s.clone())),
        Value::Array(items) => {
            for item in items {
                flatten(item, format!("{path}{{}}"), out);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                flatten(member, path, out);
            }
        }
    }
}

fn values(level: Level, text: &[u8], trie: &mut Trie) -> Option<Vec<(String, String)>> {
    let mut walker = Walker::default();
    if !walker.walk(level, text, 0, text.len(), trie) {
        return None;
    }
    let hits = walker.hits.iter().filter(|h| h.kind != Kind::Container);
    Some(
        hits.map(|hit| {
            let raw = &text[hit.start..hit.end];
            let mut out = Vec::new();
            if hit.kind == Kind::Escaped {
                assert!(text::unescape(raw, &mut out));
            } else {
                out.extend_from_slice(raw);
            }
            (
                trie.leaves()[hit.leaf as usize].to_string(),
                String::from_utf8(out).unwrap(),
            )
        })
        .collect(),
    )
}

#[test]
fn the_start_of_an_object_does_not_go_on_with_another() {
    for level in Level::all() {
        let mut trie = Trie::new(["b", "a"]);
        // Members are only recognised where so many bytes follow.
        let more = " ".repeat(40);
        let mut read = |text: &str| values(level, format!("{text}{more}").as_bytes(), &mut trie);
        assert!(read(r#"{"b":[1]}"#).is_some());
        assert!(read(r#"{"a":{},"b":2}"#).is_some());
        assert_eq!(read(r#"{"a":{}{"b":[1]}"#), None, "{level:?}");
        assert_eq!(read(r#"{"a":{"b":[1]}{"b":[1]}}"#), None, "{level:?}");
    }
}

fn json() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>()
            .prop_filter("finite", |f| f.is_finite())
            .prop_map(Value::from),
        "[a-z\"\\\\{}\\[\\],:é😀\n]{0,80}".prop_map(Value::from),
    ];
    scalar.prop_recursive(6, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec(("[ab](\\.[ab\"é])?", inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn the_walk_sees_what_a_whole_parse_sees(
        members in prop::collection::vec(("[abc]", json()), 0..5), pretty in any::<bool>(), pick in any::<u64>()
    ) {
        let event = Value::Object(members.into_iter().collect());
        let text = if pretty { serde_json::to_string_pretty(&event) } else { serde_json::to_string(&event) }.unwrap();
        let mut all = Vec::new();
        flatten(&event, String::new(), &mut all);
        let mut names: Vec<String> = all.iter().map(|(name, _)| name.clone()).collect();
        names.sort();
        names.dedup();
        let some: Vec<String> = names.into_iter().enumerate().filter(|(i, _)| pick >> (i % 64) & 1 == 1).map(|(_, n)| n).collect();
        let wanted: Vec<_> = all.iter().filter(|(name, _)| some.contains(name)).cloned().collect();
        for level in Level::all() {
            let mut growing = Trie::new([]).growing(Arc::new(|_| true));
            prop_assert_eq!(values(level, text.as_bytes(), &mut growing), Some(all.clone()));
            // A second time, with what was learnt.
            prop_assert_eq!(values(level, text.as_bytes(), &mut growing), Some(all.clone()));
            let mut exact = Trie::new(some.iter().map(String::as_str));
            prop_assert_eq!(values(level, text.as_bytes(), &mut exact), Some(wanted.clone()));
        }
    }

    #[test]
    fn what_was_met_before_changes_nothing(
        events in prop::collection::vec(
            (prop::collection::vec(("[abc]|a\\.b|b\\{\\}|a key of more than thirty-two bytes, to be sure", json()), 0..5), any::<u8>()),
            1..8,
        ),
        edits in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(b"{}[]\",:\\ab1 \n".to_vec())), 0..3),
        wide in any::<bool>(),
    ) {
        let new = || match wide {
            true => Trie::new(["b"]).growing(Arc::new(|path| path != "a")),
            false => Trie::new(["a", "a.b", "b{}", "c.a", "c{}.b"]),
        };
        for level in Level::all() {
            let mut met = new();
            for (members, form) in &events {
                let event = Value::Object(members.iter().cloned().collect());
                let mut text = match form % 3 {
                    0 => serde_json::to_string_pretty(&event).unwrap(),
                    1 => serde_json::to_string(&event).unwrap().replace("\":", "\": "),
                    _ => serde_json::to_string(&event).unwrap(),
                }.into_bytes();
                if form & 64 != 0 {
                    for (place, byte) in &edits {
                        let at = place.index(text.len());
                        text[at] = *byte;
                    }
                }
                let end = text.len();
                // The walk may look at what follows the event, but not be led by it.
                text.extend_from_slice(b"\n{\"a\":1}, \"b\": 2}                                        ");
                let walk = |trie: &mut Trie| {
                    let mut walker = Walker::default();
                    let whole = walker.walk(level, &text, 0, end, trie);
                    let name = |hit: &Hit| trie.leaves()[hit.leaf as usize].to_string();
                    let hits: Vec<_> = walker.hits.iter().map(|h| (name(h), h.kind, h.start, h.end)).collect();
                    whole.then_some(hits)
                };
                prop_assert_eq!(walk(&mut met), walk(&mut new()), "{:?}", String::from_utf8_lossy(&text));
            }
        }
    }

    #[test]
    fn a_cut_event_is_broken(value in json(), cut in any::<prop::sample::Index>()) {
        let text = serde_json::json!({ "a": value }).to_string();
        let at = cut.index(text.len());
        let (cut, mut trie) = (&text.as_bytes()[..at], Trie::new(["b"]));
        for level in Level::all() {
            prop_assert_eq!(values(level, cut, &mut trie), None);
        }
    }

    #[test]
    fn bytes_never_panic(text in prop::collection::vec(prop::sample::select(b"{}[]\",:\\a1e-.tnu \n\xff".to_vec()), 0..200)) {
        let mut seen = Vec::new();
        for level in Level::all() {
            let mut walker = Walker::default();
            let mut trie = Trie::new(["a", "a{}", "a.a"]);
            let whole = walker.walk(level, &text, 0, text.len(), &mut trie);
            seen.push((whole, walker.hits));
        }
        prop_assert!(seen.windows(2).all(|w| w[0] == w[1]));
    }
}

#[test]
fn errors_of_structure_are_seen() {
    for bad in [
        "{",
        "{\"a\"}",
        "{\"a\" 1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1}}",
        "{\"a\":1} x",
        "{\"a\":tru}",
        "{\"a\":01}",
        "{\"a\":1,}",
        "{\"a\":[1,]}",
        "{\"a\":[}",
        "{\"a\":\"}",
        "{'a':1}",
        "{\"a\":nullx}",
        "{,}",
        "",
    ] {
        let mut trie = Trie::new(["a", "a{}"]);
        assert_eq!(
            values(Level::best(), bad.as_bytes(), &mut trie),
            None,
            "{bad}"
        );
    }
}

#[test]
fn deep_nesting_is_skipped_and_said() {
    let deep = format!(
        "{{\"a\":{}{},\"b\":1}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let mut trie = Trie::new(["b"]);
    assert_eq!(
        values(Level::best(), deep.as_bytes(), &mut trie)
            .unwrap()
            .len(),
        1
    );
    let mut all = Trie::new([]).growing(Arc::new(|_| true));
    let mut walker = Walker::default();
    assert!(walker.walk(Level::best(), deep.as_bytes(), 0, deep.len(), &mut all));
    assert!(walker.too_deep);
    assert!(is_valid(deep.as_bytes()) && !is_valid(b"{\"a\":[}"));
}
