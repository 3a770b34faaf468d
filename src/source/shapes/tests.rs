//! Every shape on small samples, and what is broken in them.

use super::*;
use crate::data::Value;
use crate::data::time::Timestamp;
use crate::source::left_out::LeftOut;
use crate::source::morsel::{Content, Metadata};
use crate::source::shape::recognise;
use proptest::prelude::*;

/// One event as a reader gave it.
#[derive(Debug, Clone, PartialEq)]
struct Event {
    text: String,
    line: u64,
    time: Option<i64>,
    source: Option<String>,
    fields: Vec<(String, Value)>,
}

fn read(parts: Vec<Vec<u8>>) -> (Vec<Event>, Vec<String>) {
    let context = Context::default();
    let whole = parts.concat();
    let shape = recognise(&whole, true, false);
    let origin = Arc::new(Origin {
        path: "x.log".into(),
        number: 0,
        defaults: Metadata::default(),
        left_out: LeftOut::new("x.log", context.notices.clone()),
        zone: context.zone,
    });
    let reading = Reading {
        window: Window::of_parts(parts),
        origin,
        context: context.clone(),
    };
    let mut events = Vec::new();
    let mut reader = reader(shape, reading, 0);
    let mut last = None;
    while let Some(morsel) = reader.next() {
        let morsel = morsel.unwrap();
        assert!(last < Some(morsel.position), "positions rise");
        last = Some(morsel.position);
        match &morsel.content {
            Content::Lines => {
                for (n, text) in morsel.buffer.split(|b| *b == b'\n').enumerate() {
                    let text = text.trim_ascii_end();
                    if !text.is_empty() {
                        let line = morsel.first_line + n as u64;
                        events.push(event(text, line, &Metadata::default()));
                    }
                }
            }
            Content::Records(records) => {
                for r in records {
                    let metadata = &morsel.metadata[r.metadata as usize];
                    events.push(event(&morsel.buffer[r.start..r.end], r.line, metadata));
                }
            }
        }
    }
    drop(reader);
    let notices = context.notices.list();
    (events, notices.into_iter().map(|n| n.text).collect())
}

fn event(text: &[u8], line: u64, metadata: &Metadata) -> Event {
    Event {
        text: String::from_utf8_lossy(text).into_owned(),
        line,
        time: metadata.time.map(|Timestamp(ns)| ns / 1_000_000),
        source: metadata.source.as_deref().map(str::to_owned),
        fields: metadata
            .fields
            .iter()
            .map(|(name, value)| (name.to_string(), value.clone()))
            .collect(),
    }
}

/// The texts, sources and times of a sample that must be read without remarks.
fn sample(text: &str) -> Vec<(String, Option<String>, Option<i64>)> {
    let (events, notices) = read(vec![text.as_bytes().to_vec()]);
    assert_eq!(notices, [""; 0], "{text}");
    let (again, _) = read(text.as_bytes().chunks(3).map(<[u8]>::to_vec).collect());
    assert_eq!(events, again, "in small blocks: {text}");
    events
        .into_iter()
        .map(|e| (e.text, e.source, e.time))
        .collect()
}

fn texts(text: &str) -> Vec<String> {
    sample(text).into_iter().map(|(text, ..)| text).collect()
}

#[test]
fn layouts_of_plain_events() {
    for text in [
        "{\"a\":1}\n{\"a\":2}\n",
        "{\"a\":1}\r\n\r\n{\"a\":2}",
        "{\"a\":1}{\"a\":2}",
        "[{\"a\":1},{\"a\":2}]",
        "[\n  {\"a\":1},\n  {\"a\":2}\n]\n",
        "{\"Records\":[{\"a\":1},{\"a\":2}]}",
        "{\"Records\":[{\"a\":1}]}\n{\"Records\":[]}\n{\"Records\":[{\"a\":2}]}\n",
        "{\"kind\":\"EventList\",\"metadata\":{},\"items\":[{\"a\":1},{\"a\":2}],\"more\":[{}]}",
        "{\"records\":[{\"a\":1},{\"a\":2}]}",
        "[\"{\\\"a\\\":1}\",\"{\\\"a\\\":2}\"]",
        "{\"results\":[{\"a\":1},{\"a\":2}]}",
        "{\"preview\":false,\"result\":{\"a\":1}}\n{\"preview\":false,\"result\":{\"a\":2}}\n{\"preview\":false,\"lastrow\":true}\n",
    ] {
        assert_eq!(texts(text), ["{\"a\":1}", "{\"a\":2}"], "{text}");
    }
    assert_eq!(
        texts("{\n \"a\": 1\n}\n{\n}\n"),
        ["{\n \"a\": 1\n}", "{\n}"]
    );
    assert_eq!(texts(""), [""; 0]);
}

#[test]
fn cloudwatch_listings() {
    let (text, source, time) = (
        "{\"a\":\"b\"}".to_owned(),
        Some("s".to_owned()),
        Some(1_700_000_000_125),
    );
    let message = r#""message":"{\"a\":\"b\"}\n""#;
    for sample_text in [
        format!(r#"{{"events":[{{"logStreamName":"s","timestamp":1700000000125,{message},"eventId":"1"}}],"searchedLogStreams":[]}}"#),
        format!(r#"[{{"logStreamName":"s","timestamp":1700000000125,{message},"eventId":"1"}}]"#),
        r#"{"results":[[{"field":"@timestamp","value":"2023-11-14 22:13:20.125"},{"field":"@message","value":"{\"a\":\"b\"}"},{"field":"@logStream","value":"s"},{"field":"@ptr","value":"x"}]],"status":"Complete"}"#.into(),
    ] {
        assert_eq!(sample(&sample_text), [(text.clone(), source.clone(), time)]);
    }
    let get = format!(
        r#"{{"events":[{{"timestamp":1700000000125,{message},"ingestionTime":1}}],"nextForwardToken":"f"}}"#
    );
    assert_eq!(sample(&get), [(text, None, time)]);
}

#[test]
fn subscription_records() {
    let control = r#"{"messageType":"CONTROL_MESSAGE","logGroup":"","logStream":"","logEvents":[{"id":"","timestamp":1,"message":"CWL"}]}"#;
    let data = |group: &str| {
        format!(
            r#"{{"messageType":"DATA_MESSAGE","owner":"1","logGroup":"{group}","logStream":"s","logEvents":[{{"id":"1","timestamp":1000,"message":"{{\"a\":1}}"}},{{"id":"2","timestamp":2000,"message":"I0 not json"}}]}}"#
        )
    };
    let text = format!(
        "{control}{}{}",
        data("/g"),
        data("arn:aws:logs:us-east-1:1:log-group:/g:*")
    );
    let got: Vec<(String, String)> = sample(&text)
        .into_iter()
        .map(|(text, source, _)| (text, source.unwrap_or_default()))
        .collect();
    let expected = [
        ("{\"a\":1}", "/g:s"),
        ("I0 not json", "/g:s"),
        ("{\"a\":1}", "us-east-1:/g:s"),
        ("I0 not json", "us-east-1:/g:s"),
    ];
    assert!(
        got.iter()
            .map(|(t, s)| (t.as_str(), s.as_str()))
            .eq(expected)
    );
}

#[test]
fn stamped_lines() {
    let text =
        "2023-11-14T22:13:20.125Z {\"a\":1}\nplain\n2023-11-14T22:13:20.125000+00:00 s {\"a\":2}";
    let time = Some(1_700_000_000_125);
    assert_eq!(
        sample(text),
        [
            ("{\"a\":1}".into(), None, time),
            ("plain".into(), None, None),
            ("{\"a\":2}".into(), Some("s".into()), time)
        ]
    );
}

#[test]
fn splunk_carriers() {
    let hec = r#"{"time":1.5,"source":"s","event":{"a":1},"fields":{"c":"x","d":["1","2"],"e":""}}{"event":"{\"a\":2}","source":"s","time":"1.5"}
plain line
{"time":"2023-11-14","event":"login"}
"#;
    let (events, _) = read(vec![hec.into()]);
    let got: Vec<&str> = events.iter().map(|e| e.text.as_str()).collect();
    let plain = r#"{"time":"2023-11-14","event":"login"}"#;
    assert_eq!(got, ["{\"a\":1}", "{\"a\":2}", "plain line", plain]);
    assert_eq!(events[0].fields.len(), 2);
    assert_eq!(
        events[0].fields[1].1,
        Value::Multi(vec!["1".into(), "2".into()])
    );
    assert!(
        events[..2]
            .iter()
            .all(|e| e.time == Some(1500) && e.source.as_deref() == Some("s"))
    );
    assert_eq!(
        events.iter().map(|e| e.line).collect::<Vec<_>>(),
        [1, 1, 2, 3]
    );

    let row = r#"{"_raw":"{\"a\":1}","_time":"1970-01-01T00:00:01.500+00:00","source":"s","m":["x","y"]}"#;
    for text in [
        format!(r#"{{"preview":false,"offset":0,"result":{row}}}"#),
        format!(
            r#"{{"preview":false,"messages":[],"fields":[{{"name":"_raw"}}],"results":[{row}]}}"#
        ),
        "\"_time\",source,\"_raw\",m\n1.5,s,\"{\"\"a\"\":1}\",\"x\ny\"\n".into(),
    ] {
        assert_eq!(
            sample(&text),
            [("{\"a\":1}".into(), Some("s".into()), Some(1500))]
        );
        let (events, _) = read(vec![text.into_bytes()]);
        let m = Value::Multi(vec!["x".into(), "y".into()]);
        assert_eq!(events[0].fields, [("m".to_owned(), m)]);
    }
    let (events, notices) = read(vec![
        format!(r#"{{"preview":true,"offset":0,"result":{row}}}"#).into(),
    ]);
    assert!(events.is_empty() && notices[0].contains("1 preview row"));
}

#[test]
fn other_clouds() {
    let aks = r#"{"category":"kube-audit","properties":{"log":"{\"a\":1}\n","pod":"p"},"resourceId":"/R","time":"1970-01-01T00:00:01Z"}"#;
    let expected = ("{\"a\":1}".to_owned(), Some("/R".to_owned()), Some(1000));
    assert_eq!(sample(aks), std::slice::from_ref(&expected));
    assert_eq!(sample(&format!("{{\"records\":[{aks}]}}")), [expected]);
    let lookup = r#"{"Events":[{"EventId":"e","EventTime":"1970-01-01T00:00:01+00:00","CloudTrailEvent":"{\"a\":1}"}]}"#;
    assert_eq!(sample(lookup), [("{\"a\":1}".into(), None, Some(1000))]);
}

#[test]
fn plain_csv_rows_are_events() {
    let (events, _) = read(vec![b"time,user,note\n1,ann,\"a\nb\"\n2,,x\n".to_vec()]);
    assert_eq!(events[0].text, "1,ann,\"a\nb\"");
    assert_eq!((events[0].time, events[1].line), (Some(1000), 4));
    assert_eq!(events[0].fields[2].1, Value::from("a\nb"));
    assert_eq!(events[1].fields.len(), 2, "an empty cell is no value");
}

#[test]
fn broken_places_are_named_and_passed_over() {
    for (text, expected, notice) in [
        (
            "{\"a\":1}{\"b\":\n{\"a\":2}\n{\"a\":3}",
            &["{\"a\":1}", "{\"b\":", "{\"a\":2}", "{\"a\":3}"][..],
            "line 1: broken JSON",
        ),
        (
            "{\"a\":1}{\"a\":2}\n{\"b\":\"x\n{\"a\":3}\n",
            &["{\"a\":1}", "{\"a\":2}", "{\"b\":\"x", "{\"a\":3}"],
            "line 2: broken JSON",
        ),
        (
            "{\"a\":1}{\"a\":2}\n{\"a\":[3,",
            &["{\"a\":1}", "{\"a\":2}", "{\"a\":[3"],
            "line 2: a value is not closed",
        ),
        (
            "{\"Records\":[{\"a\":1},{\"a\"",
            &["{\"a\":1}", "{\"a\""],
            "a value is not closed",
        ),
        (
            "{\"Records\":[{\"a\":1},",
            &["{\"a\":1}"],
            "the list of events is not closed",
        ),
        (
            "{\"Records\":[{\"a\":1},{\"a\":\"x},{\"a\":\"y\"},\n{ \"a\":3}]}",
            &["{\"a\":1}", "{\"a\":\"x}", "{\"a\":\"y\"}", "{ \"a\":3}"],
            "line 1: broken JSON",
        ),
        (
            "[\n {\"a\":1},\n {\"b\":\"x},\n {\"a\":2}\n]",
            &["{\"a\":1}", "{\"b\":\"x}", "{\"a\":2}"],
            "line 3: broken JSON",
        ),
        (
            "{\"a\":1}{\"a\":2} rubbish\n{\"a\":3}",
            &["{\"a\":1}", "{\"a\":2}", "rubbish", "{\"a\":3}"],
            "line 1: text between",
        ),
        (
            "[{\"a\":1}}\n",
            &["{\"a\":1}"],
            "line 1: the list of events is broken off",
        ),
        (
            "a,b\n1,\"x\n2,y\n",
            &["1,\"x", "2,y"],
            "line 2: a quoted cell",
        ),
        (
            "a,b\n1,y\n2,\"x",
            &["1,y", "2,\"x"],
            "line 3: a quoted cell",
        ),
    ] {
        for size in [1, 4, 1000] {
            let (events, notices) =
                read(text.as_bytes().chunks(size).map(<[u8]>::to_vec).collect());
            let got: Vec<&str> = events.iter().map(|e| e.text.as_str()).collect();
            assert_eq!(got, expected, "{text}");
            assert_eq!(notices.len(), 1, "{notices:?}");
            assert!(notices[0].contains(notice), "{notices:?}");
        }
    }
}

#[test]
fn depth_and_length_cost_no_more_than_their_bytes() {
    let deep = format!(
        "{{\"a\":{}{}}}{{\"b\":1}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert_eq!(read(vec![deep.into_bytes()]).0.len(), 2);
    let long = format!("{{\"a\":1}}{{\"b\":\"{}\"}}", "x".repeat(8 << 20));
    let (events, _) = read(
        long.as_bytes()
            .chunks(1 << 20)
            .map(<[u8]>::to_vec)
            .collect(),
    );
    assert_eq!(events.len(), 2);
}

#[test]
fn of_two_things_in_one_line_the_same_is_told_however_it_is_cut() {
    let text = b"{\"time\":1,\"event\":\"\"}{\"time\":1,\"event\":";
    let (_, cut) = read(text.chunks(1).map(<[u8]>::to_vec).collect());
    let (_, whole) = read(vec![text.to_vec()]);
    assert_eq!(cut, whole);
}

proptest! {
    #[test]
    fn all_values_are_found_at_any_block_size(
        values in proptest::collection::vec("[a-z\\\\\"{}\\[\\], \\n:\u{e9}]{0,12}", 1..12),
        layout in 0..5usize,
        size in 1..40usize,
    ) {
        let objects: Vec<String> = values
            .iter()
            .map(|v| serde_json::json!({"k": v, "l": [{"m": v}]}).to_string())
            .collect();
        let text = match layout {
            0 => objects.join("\n"),
            1 => objects.concat(),
            2 => format!("[{}]", objects.join(", ")),
            3 => format!("{{\"Records\":[\n{}\n]}}\n", objects.join(",\n")),
            _ => format!("[\n\n{}]", objects.join("\r\n,\r\n")),
        };
        let (events, notices) = read(text.as_bytes().chunks(size).map(<[u8]>::to_vec).collect());
        prop_assert_eq!(notices, Vec::<String>::new());
        let got: Vec<String> = events.into_iter().map(|e| e.text).collect();
        prop_assert_eq!(got, objects);
    }

    #[test]
    fn nothing_makes_a_reader_fail(
        text in "(\\{\"time\":1,\"event\":|\\{\"Records\":\\[|\\{\"a\":|\"|\\}|\\]|\\[|,|\n|1|x|\\\\|a,b\n| ){0,30}",
        size in 1..20usize,
    ) {
        let (events, notices) = read(text.as_bytes().chunks(size).map(<[u8]>::to_vec).collect());
        let (whole, whole_notices) = read(vec![text.into_bytes()]);
        prop_assert_eq!(events, whole);
        prop_assert_eq!(notices, whole_notices);
    }
}
