//! What kind of log an event is, when nobody says: a table of rules on a few top-level keys. A new kind is a new entry.

use crate::data::{Pattern, may_be_escaped};
use std::borrow::Cow;

/// What the value of a key must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Test {
    /// Any value.
    Present,
    /// A text that starts like this.
    Prefix(&'static str),
    /// This text.
    Equals(&'static str),
}

impl Test {
    /// Whether a value passes.
    pub fn passes(self, value: &[u8]) -> bool {
        match self {
            Test::Present => true,
            Test::Prefix(prefix) => value.starts_with(prefix.as_bytes()),
            Test::Equals(text) => value == text.as_bytes(),
        }
    }
}

/// How events of one sourcetype are told, and where they keep their time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourcetypeRule {
    /// The sourcetype.
    pub name: &'static str,
    /// Field paths that must be there, with what their values must be; all of them.
    pub keys: &'static [(&'static str, Test)],
    /// Field paths that hold the event's time, best first.
    pub times: &'static [&'static str],
}

/// The rules, in the order in which they are tried.
pub static RULES: &[SourcetypeRule] = &[
    SourcetypeRule {
        name: "aws:cloudwatchlogs:eks",
        keys: &[("apiVersion", Test::Prefix("audit.k8s.io/"))],
        times: &["requestReceivedTimestamp", "stageTimestamp", "timestamp"],
    },
    SourcetypeRule {
        name: "aws:cloudtrail",
        keys: &[
            ("eventVersion", Test::Present),
            ("eventName", Test::Present),
            ("userIdentity", Test::Present),
        ],
        times: &["eventTime"],
    },
    SourcetypeRule {
        name: "google:gcp:pubsub:message",
        keys: &[
            ("insertId", Test::Present),
            ("logName", Test::Present),
            ("resource", Test::Present),
        ],
        times: &["timestamp", "receiveTimestamp"],
    },
    SourcetypeRule {
        name: "OktaIM2:log",
        keys: &[
            ("eventType", Test::Present),
            ("published", Test::Present),
            ("actor", Test::Present),
        ],
        times: &["published"],
    },
    SourcetypeRule {
        name: "github:cloud:audit",
        keys: &[
            ("@timestamp", Test::Present),
            ("_document_id", Test::Present),
            ("action", Test::Present),
        ],
        times: &["@timestamp", "created_at"],
    },
];

/// The sourcetype of other JSON events.
pub const JSON: &str = "_json";
/// The sourcetype of other text.
pub const TEXT: &str = "text";
/// The sourcetype of rows of a CSV file.
pub const CSV: &str = "csv";
/// The sourcetype of VPC flow records.
const FLOW: &str = "aws:cloudwatchlogs:vpcflow";

/// Fields that hold the time of events of no known sourcetype, in the order in which they are tried.
pub static USUAL_TIMES: &[&str] = &[
    "_time",
    "time",
    "timestamp",
    "@timestamp",
    "eventTime",
    "event_time",
    "datetime",
    "date",
    "ts",
    "created_at",
    "published",
];

/// The rule for an event whose values (as text; anything for an object or array) `lookup` gives by field path.
pub fn recognise<'a>(
    mut lookup: impl FnMut(&str) -> Option<Cow<'a, str>>,
) -> Option<&'static SourcetypeRule> {
    RULES.iter().find(|rule| {
        rule.keys
            .iter()
            .all(|(path, test)| lookup(path).is_some_and(|value| test.passes(value.as_bytes())))
    })
}

/// The sourcetype of a line that is no JSON.
pub fn recognise_text(line: &str) -> &'static str {
    if is_vpc_flow(line) { FLOW } else { TEXT }
}

/// Texts, lower case, of which every event has one whose sourcetype fits one of the patterns (lower case, `*` for any
/// text): it says the sourcetype itself, or has what a rule tells it by. `given` is the sourcetype of all that say nothing.
/// `None` where an event may be of that sourcetype and show it by no text.
pub fn told_by(patterns: &[String], given: Option<&str>) -> Option<Vec<String>> {
    let known: Vec<Pattern> = patterns.iter().map(Pattern::new).collect();
    let fits = |name: &str| {
        let name = name.to_lowercase();
        known.iter().any(|pattern| pattern.matches(&name))
    };
    let silent = given.map_or(vec![JSON, TEXT, CSV, FLOW], |given| vec![given]);
    if silent.into_iter().any(fits) {
        return None;
    }
    let own = patterns.iter().map(|pattern| longest(pattern.split('*')));
    let rules = RULES
        .iter()
        .filter(|rule| given.is_none() && fits(rule.name))
        .map(|rule| longest(rule.keys.iter().flat_map(|key| key_texts(*key))));
    own.chain(rules).collect()
}

/// What stands in the text of an event that has a key of a rule.
fn key_texts((path, test): (&str, Test)) -> impl Iterator<Item = &str> {
    let value = match test {
        Test::Present => "",
        Test::Prefix(text) | Test::Equals(text) => text,
    };
    path.split('.').chain([value])
}

/// The longest piece of these texts that stands in JSON as it is, lower case.
fn longest<'t>(texts: impl Iterator<Item = &'t str>) -> Option<String> {
    let pieces: Vec<&str> = texts.flat_map(|text| text.split(may_be_escaped)).collect();
    // Of several that are as long, the first: rules name what is rarest first.
    let longest = pieces.iter().rev().max_by_key(|piece| piece.len())?;
    (longest.len() > 1).then(|| longest.to_ascii_lowercase())
}

/// A VPC flow record of the default format: 14 columns, version and account first, an interface third.
fn is_vpc_flow(line: &str) -> bool {
    let mut columns = line.split(' ');
    let number = |c: Option<&str>| c.is_some_and(|c| c.bytes().all(|b| b.is_ascii_digit()));
    number(columns.next())
        && number(columns.next())
        && columns.next().is_some_and(|c| c.starts_with("eni-"))
        && columns.count() == 11
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(event: &str) -> Option<&'static str> {
        let event: serde_json::Value = serde_json::from_str(event).unwrap_or_default();
        recognise(|path| {
            event.get(path).map(|v| match v {
                serde_json::Value::String(s) => Cow::Owned(s.clone()),
                other => Cow::Owned(other.to_string()),
            })
        })
        .map(|rule| rule.name)
    }

    #[test]
    fn events_are_told_by_a_few_keys() {
        for (event, expected) in [
            (
                r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1"}"#,
                Some("aws:cloudwatchlogs:eks"),
            ),
            (r#"{"kind":"Event","apiVersion":"v1"}"#, None),
            (
                r#"{"eventVersion":"1.09","eventName":"x","userIdentity":{}}"#,
                Some("aws:cloudtrail"),
            ),
            (
                r#"{"logName":"projects/p","insertId":"0","resource":{}}"#,
                Some("google:gcp:pubsub:message"),
            ),
            (r#"{"a":1}"#, None),
        ] {
            assert_eq!(name(event), expected, "{event}");
        }
    }

    #[test]
    fn a_sourcetype_is_told_by_texts() {
        let told = |patterns: &[&str], given| {
            let patterns: Vec<String> = patterns.iter().map(|p| (*p).to_owned()).collect();
            told_by(&patterns, given)
        };
        let texts = |list: &[&str]| Some(list.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>());
        assert_eq!(
            told(&["aws:cloudtrail"], None),
            texts(&["aws:cloudtrail", "eventversion"])
        );
        assert_eq!(
            told(&["aws:cloudwatchlogs:e*"], None),
            texts(&["aws:cloudwatchlogs:e", "audit.k8s.io"])
        );
        assert_eq!(told(&["wineventlog"], None), texts(&["wineventlog"]));
        assert_eq!(told(&["wineventlog"], Some("WinEventLog")), None);
        assert_eq!(
            told(&["aws:cloudtrail"], Some("x")),
            texts(&["aws:cloudtrail"])
        );
        for open in [&["aws:*"][..], &["*"], &["a", "_json"], &["*c*v*"], &["T"]] {
            let open: Vec<&str> = open
                .iter()
                .map(|p| if *p == "T" { "text" } else { p })
                .collect();
            assert_eq!(told(&open, None), None, "{open:?}");
        }
    }

    #[test]
    fn flow_records_are_told_from_text() {
        let flow = "2 111122223333 eni-0a1 10.0.0.1 10.0.0.2 443 49152 6 10 840 1729156502 1729156562 ACCEPT OK";
        assert_eq!(recognise_text(flow), "aws:cloudwatchlogs:vpcflow");
        assert_eq!(recognise_text("2 x y"), TEXT);
    }
}
