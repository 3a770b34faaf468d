//! Many queries over one scan: each must give the rows that it gives by itself, however the input is spread.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::Value;
use spelunk::plan::Goal;
use spelunk::render::object;
use spelunk::session::{Query, Session, Settings};
use std::path::Path;
use std::process::{Command, Output};

const QUERIES: [&str; 30] = [
    "verb=list | stats count by user.username",
    "system:anonymous | table verb requestURI",
    "user.username=system:anonymous responseStatus.code>=400 | stats values(verb) as v by \"sourceIPs{}\"",
    "responseStatus.code=403 OR verb=create | sort 5 - responseStatus.code | table verb responseStatus.code",
    "* | stats count",
    "earliest=\"03/02/2026:08:15:00\" latest=\"03/02/2026:08:17:00\" verb=* | stats count by verb",
    "verb=get | head 3 | fields verb",
    "verb=nothing",
    "verb=list [search system:anonymous | head 1 | fields verb] | stats count",
    "verb=* | where 'responseStatus.code'>=400 | regex user.username=\"anon\" | stats count by verb",
    "| makeresults count=2 | eval x=1 | table x",
    "verb=* | stats count by verb | join verb [search responseStatus.code>=400 | stats count as failed by verb]",
    "verb=get | stats count | append [search verb=list [search system:anonymous | head 1 | fields verb] | stats count] | append [search verb=watch | stats count]",
    "verb=create | head 2 | table verb | append [search * | head 3 | table verb]",
    "| stats count | eval x=1",
    "verb=get | stats count | append [| stats count | eval x=1]",
    "| set union [search verb=get | stats count by verb] [search verb=list | stats count by verb]",
    "* | table *",
    "* | fields - _raw | table _time host verb user.*",
    "* | stats count by date_hour date_wday",
    "date_hour=8 | table verb date_* source",
    "verb=list | fields user.*, date_hour | head 4",
    "* | fieldsummary | sort field | table field count",
    "* | stats values(*) as * by verb",
    "* | foreach * [eval n=coalesce(n, 0)+1] | table n",
    "verb=watch [search date_hour=8 verb=watch | head 1 | fields user.username] | stats count(*)",
    "verb=create | append [search verb=watch | table * | fields - _*] | table source host index sourcetype verb",
    "sourcetype=aws* host=staging | stats count by sourcetype host",
    "* | eval h=date_hour | stats count by h date_minute",
    "verb=list | spath path=level output=l | stats values(date_*) as date_* count by l",
];

fn rows(batch: &spelunk::data::Batch) -> Vec<Value> {
    (0..batch.rows())
        .map(|row| Value::Object(object(batch, row)))
        .collect()
}

#[test]
fn each_query_gives_the_rows_that_it_gives_alone() {
    for threads in [1, 3] {
        let mut settings = Settings::default();
        settings.context.threads = threads;
        let session = Session::new(settings).unwrap();
        let inputs = vec!["tests/data/eks".to_owned()];
        let compiled: Vec<_> = QUERIES
            .iter()
            .map(|text| {
                session
                    .compile(&Query::typed(text), &Goal::default())
                    .unwrap()
            })
            .collect();
        let mut together = vec![Vec::new(); QUERIES.len()];
        let hunt = session
            .hunt(
                &compiled,
                &inputs,
                &Default::default(),
                &mut |number, batch| {
                    together[number].extend(rows(&batch));
                    Ok(spelunk::operators::Flow::More)
                },
            )
            .unwrap();
        for (number, query) in compiled.iter().enumerate() {
            let mut alone = Vec::new();
            let outcome = session
                .run(query, &inputs, &Default::default(), &mut |batch| {
                    alone.extend(rows(&batch));
                    Ok(spelunk::operators::Flow::More)
                })
                .unwrap();
            assert_eq!(together[number], alone, "{}", QUERIES[number]);
            assert_eq!(hunt.queries[number].rows, outcome.rows);
            assert_eq!(
                hunt.queries[number].matched,
                if query.plan.reads_input {
                    outcome.matched
                } else {
                    0
                },
                "{}",
                QUERIES[number]
            );
        }
    }
}

/// Some events hold such a field themselves: it is all that a query sees which doesn't name it.
#[test]
fn a_part_of_the_time_is_shown_to_who_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log.ndjson");
    let events = "{\"_time\":\"2024-01-02T03:04:05Z\",\"a\":1}\n\
                  {\"_time\":\"2024-01-02T04:04:05Z\",\"a\":2,\"date_hour\":\"own\"}\n";
    std::fs::write(&log, events).unwrap();
    let queries = folder.path().join("queries");
    std::fs::create_dir(&queries).unwrap();
    for (name, text) in [
        ("named", "* | table a date_hour"),
        ("all", "* | fields - _* source* index | fields *"),
        (
            "values",
            "date_hour=* | stats values(*) as * | fields - _* source* index",
        ),
    ] {
        std::fs::write(queries.join(format!("{name}.spl")), text).unwrap();
    }
    let output = spelunk(
        &["queries", "log.ndjson", "--format", "ndjson", "-q"],
        folder.path(),
    );
    let mut rows: Vec<String> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| {
            let found: Value = serde_json::from_str(line).unwrap();
            format!("{} {}", found["query"].as_str().unwrap(), found["row"])
        })
        .collect();
    rows.sort();
    assert_eq!(
        rows,
        [
            r#"all {"a":"1"}"#,
            r#"all {"a":"2","date_hour":"own"}"#,
            r#"named {"a":"1","date_hour":"3"}"#,
            r#"named {"a":"2","date_hour":"own"}"#,
            r#"values {"a":["1","2"],"date_hour":"own"}"#,
        ]
    );
}

fn spelunk(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_spelunk"))
        .arg("hunt")
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

/// A folder with two queries that find something, one that is refused, one that lacks its table, and a log.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("queries/lists.spl", "verb=list | stats count by user");
    write(
        "queries/deletes.yml",
        "name: Deletes\nsearch: verb=delete | table user\ntags:\n  risk_score: 40\n  mitre_attack_id:\n    - T1485\n",
    );
    write("queries/wrong.spl", "verb=list | stast count");
    write("queries/table.spl", "verb=list | lookup nowhere user");
    write(
        "log",
        "{\"verb\":\"list\",\"user\":\"eve\"}\n{\"verb\":\"delete\",\"user\":\"bob\"}\n{\"verb\":\"list\",\"user\":\"ann\"}\n",
    );
    folder
}

#[test]
fn a_line_a_query_the_riskiest_first() {
    let folder = folder();
    let out = spelunk(&["queries", "log", "--quiet"], folder.path());
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let at = |name: &str| text.find(name).unwrap_or_else(|| panic!("{name}: {text}"));
    assert!(at("deletes") < at("lists"), "{text}");
    assert!(
        text.contains("T1485") && !text.contains("no rows"),
        "{text}"
    );
    let errors = String::from_utf8_lossy(&out.stderr);
    assert!(
        errors.contains("E0101") && errors.contains("E0406"),
        "{errors}"
    );
    assert_eq!(out.status.code(), Some(1));
}

#[test]
fn json_has_the_rows_of_each() {
    let folder = folder();
    let named = [
        "queries/lists.spl",
        "deletes",
        "log",
        "--format",
        "json",
        "--limit",
        "1",
    ];
    let out = spelunk(&named, folder.path());
    let document: Value = serde_json::from_slice(&out.stdout).unwrap();
    let query = |n: usize, key: &str| document["queries"][n][key].clone();
    assert_eq!((query(0, "rows"), query(1, "rows")), (2.into(), 1.into()));
    assert_eq!(query(0, "results").as_array().unwrap().len(), 1);
    assert_eq!(query(1, "results"), serde_json::json!([{ "user": "bob" }]));
    assert_eq!(query(1, "detection")["risk_score"], 40);
    assert_eq!(out.status.code(), Some(0));
}

#[test]
fn a_refused_query_is_told_by_the_exit_code() {
    let folder = folder();
    let out = spelunk(&["queries/wrong.spl", "lists", "log"], folder.path());
    assert_eq!(out.status.code(), Some(2));
    let lines = spelunk(
        &["lists", "log", "--format", "ndjson", "--fail-on-results"],
        folder.path(),
    );
    assert_eq!(lines.status.code(), Some(3));
    let first = String::from_utf8_lossy(&lines.stdout);
    assert_eq!(
        first.lines().next(),
        Some("{\"query\":\"lists\",\"risk_score\":null,\"row\":{\"user\":\"ann\",\"count\":1}}")
    );
    let none = spelunk(&["log"], folder.path());
    assert_eq!(none.status.code(), Some(2));
}

#[test]
fn a_query_that_keeps_too_many_events_for_its_subsearch_reads_them_again() {
    let folder = folder();
    let events: String = (0..100_002).map(|n| format!("{{\"n\":{n}}}\n")).collect();
    std::fs::write(folder.path().join("many"), events).unwrap();
    let query = "n=* | stats count max(n) as top | append [search n=7 | stats count]";
    std::fs::write(folder.path().join("queries/many.spl"), query).unwrap();
    let streaming = "n=* | join n [search n<3 | eval low=1] | stats count sum(low) as low";
    std::fs::write(folder.path().join("queries/low.spl"), streaming).unwrap();
    let named = ["queries/many.spl", "queries/low.spl", "many"];
    let options = ["--format", "json", "--quiet"];
    let out = spelunk(&[&named[..], &options].concat(), folder.path());
    let hunt: Value = serde_json::from_slice(&out.stdout).unwrap();
    let results = |at: usize| hunt["queries"][at]["results"].to_string();
    let both = [results(0), results(1)];
    assert!(
        both.contains(&r#"[{"count":100002,"top":100001},{"count":1}]"#.to_owned()),
        "{both:?}"
    );
    assert!(
        both.contains(&r#"[{"count":3,"low":3}]"#.to_owned()),
        "{both:?}"
    );
}
