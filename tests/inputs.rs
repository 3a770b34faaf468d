//! Input as a user meets it: pipes and packings, times, metadata, results fed back, and what can't be read.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

const DETECTION: &str = "amazon_eks_kubernetes_pod_scan_detection";

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spelunk"));
    command
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn spelunk(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

/// Runs over standard input, given in pieces with a pause after each.
fn piped(arguments: &[&str], pieces: &[&[u8]]) -> Output {
    let mut child = command(arguments).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    for piece in pieces {
        // A program that stops reading early closes the pipe.
        let _ = stdin.write_all(piece);
        let _ = stdin.flush();
        std::thread::sleep(Duration::from_millis(20));
    }
    drop(stdin);
    child.wait_with_output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The files of `tests/data/shapes`, in order.
fn shapes() -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/shapes");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() > 12);
    files
}

/// The detection's rows, cluster aside: the one thing in which shapes differ.
fn findings(output: &Output) -> Vec<serde_json::Value> {
    out(output)
        .lines()
        .map(|line| {
            let mut row: serde_json::Value = serde_json::from_str(line).unwrap();
            row.as_object_mut().unwrap().remove("cluster_name").unwrap();
            row
        })
        .collect()
}

#[test]
fn every_shape_gives_the_same_findings() {
    let mut all = shapes().into_iter().map(|file| {
        let path = file.display().to_string();
        let output = spelunk(&["run", DETECTION, &path, "--format", "ndjson"]);
        (path, findings(&output))
    });
    let (_, first) = all.next().unwrap();
    assert_eq!(first.len(), 2);
    for (path, rows) in all {
        assert_eq!(rows, first, "{path}");
    }
}

#[test]
fn how_a_pipe_is_cut_does_not_show() {
    for file in shapes() {
        let bytes = std::fs::read(&file).unwrap();
        let whole = spelunk(&[
            "run",
            DETECTION,
            &file.display().to_string(),
            "--format",
            "ndjson",
        ]);
        for cut in [1, 16, 300] {
            let (start, end) = bytes.split_at(cut);
            let output = piped(
                &["run", DETECTION, "-", "--format", "ndjson"],
                &[start, end],
            );
            assert_eq!(findings(&output), findings(&whole), "{file:?} at {cut}");
        }
    }
}

/// A folder with these files.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(dir.path().join(name), bytes).unwrap();
    }
    dir
}

/// The answer of a search over these bytes, as a line a row without the quotes of CSV, and what was said beside it.
fn answer(query: &str, bytes: &[u8], more: &[&str]) -> (String, String) {
    let dir = folder(&[("x.log", bytes)]);
    let output = command(&["search", query, "x.log", "--format", "csv"])
        .args(more)
        .current_dir(dir.path())
        .output()
        .unwrap();
    let rows = out(&output).replace('"', "");
    let rows = rows.lines().skip(1).collect::<Vec<_>>().join("|");
    (rows, String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn results_of_every_format_feed_the_next_search() {
    let dir = tempfile::tempdir().unwrap();
    let query =
        "* | table src_ip values(userAgent) user.groups{} count firstTime | sort 0 src_ip count";
    let mut all = ["json", "ndjson", "csv"].map(|format| {
        let file = dir.path().join(format).display().to_string();
        let arguments = ["tests/data/eks", "--format", format, "--output", &file];
        let run = spelunk(&[&["run", DETECTION][..], &arguments].concat());
        assert!(run.status.success());
        out(&spelunk(&["search", query, &file, "--format", "ndjson"]))
    });
    assert!(all[0].contains("[\"Mozilla/5.0 zgrab/0.x\",\"masscan/1.3\"]"));
    all.rotate_left(1);
    assert_eq!(all[0], all[2]);
    assert_eq!(all[1], all[2]);
}

#[test]
fn every_form_of_time_gives_the_same_instant() {
    for time in [
        "\"2024-10-17T09:15:02.125Z\"",
        "\"2024-10-17T09:15:02.125000000Z\"",
        "\"2024-10-17T09:15:02.1250+00:00\"",
        "\"2024-10-17T11:15:02,125+0200\"",
        "\"2024-10-17T03:45:02.125-05:30\"",
        "\"2024-10-17T10:15:02.125+01\"",
        "\"2024-10-17 09:15:02.125\"",
        "1729156502.125",
        "\"1729156502.125\"",
        "1729156502125",
        "1729156502125000",
        "1729156502125000000",
    ] {
        for key in [
            "_time",
            "timestamp",
            "@timestamp",
            "time",
            "requestReceivedTimestamp",
        ] {
            let event = format!(
                "{{\"{key}\":{time},\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\"}}\n"
            );
            let (rows, _) = answer("* | stats max(_time) as t", event.as_bytes(), &[]);
            assert_eq!(rows, "1729156502.125", "{event}");
        }
    }
    for (digits, seconds) in [
        ("", "1729156502"),
        (".1", "1729156502.1"),
        (".123456789", "1729156502.123456"),
    ] {
        let event = format!("{{\"time\":\"2024-10-17T09:15:02{digits}Z\"}}\n");
        let (rows, _) = answer("* | eval t=_time | table t", event.as_bytes(), &[]);
        assert!(rows.starts_with(seconds), "{rows} {seconds}");
    }
    let zoneless = b"{\"time\":\"2024-10-17 11:15:02.125\"}\n";
    let (rows, _) = answer(
        "* | stats max(_time) as t",
        zoneless,
        &["--timezone", "Europe/Berlin"],
    );
    assert_eq!(rows, "1729156502.125");
}

#[test]
fn bounds_of_time_hold_for_every_shape() {
    for file in shapes() {
        let path = file.display().to_string();
        let times = |more: &[&str]| {
            let query = "* | eval t=_time | table t | sort 0 t";
            let output = command(&["search", query, &path, "--format", "csv"])
                .args(more)
                .output()
                .unwrap();
            let times: Vec<f64> = out(&output)
                .lines()
                .skip(1)
                .map(|t| t.parse().unwrap())
                .collect();
            times
        };
        let all = times(&[]);
        let Some(middle) = all.get(all.len() / 2) else {
            continue;
        };
        let bound = format!("{middle}");
        let (before, after): (Vec<f64>, Vec<f64>) = all.iter().partition(|t| *t < middle);
        assert_eq!(times(&["--latest", &bound]), before, "{path}");
        assert_eq!(times(&["--earliest", &bound]), after, "{path}");
    }
}

#[test]
fn options_give_metadata_where_the_carrier_does_not() {
    let options = [
        "--source",
        "s1",
        "--sourcetype",
        "st1",
        "--host",
        "h1",
        "--index",
        "i1",
    ];
    let query = "* | table source sourcetype host index";
    let (plain, _) = answer(query, b"{\"a\":1}\n", &options);
    assert_eq!(plain, "s1,st1,h1,i1");
    let (text, _) = answer(query, b"some text\n", &options);
    assert_eq!(text, "s1,st1,h1,i1");
    let hec = b"{\"time\":1,\"host\":\"h\",\"source\":\"s\",\"sourcetype\":\"t\",\"index\":\"i\",\"event\":{\"a\":1}}\n";
    assert_eq!(answer(query, hec, &options).0, "s,t,h,i");
    let own = b"{\"source\":\"s\",\"sourcetype\":\"t\",\"host\":\"h\",\"index\":\"i\",\"a\":1}\n";
    assert_eq!(answer(query, own, &options).0, "s,t,h,i");
    assert_eq!(answer(query, own, &[]).0, "s,t,h,i");
}

#[test]
fn flaws_are_named_with_file_and_line_in_every_shape() {
    let latin = b"{\"a\":\"x\"}\n{\"a\":\"caf\xe9\"}\n{\"a\":\"y\"}\n{\"a\":\"\xe9\"}\n";
    for strict in [&[][..], &["--strict"]] {
        let (rows, said) = answer("a=* | table a", latin, strict);
        assert_eq!(rows, "x|caf\u{FFFD}|y|\u{FFFD}");
        assert!(
            said.contains(
                "`x.log` line 2: bytes that are not UTF-8, read as U+FFFD, and one more place"
            ),
            "{said}"
        );
    }
    let broken = "{\"time\":1,\"event\":{\"a\":1}}\n{\"time\":2,\"event\":{\"a\":\"needle}}\n{\"time\":3,\"event\":{\"a\":3}}\n";
    let (rows, said) = answer("needle | table _raw", broken.as_bytes(), &[]);
    assert_eq!(rows, "{time:2,event:{a:needle}}");
    assert_eq!(said.matches("x.log").count(), 1, "{said}");
    assert!(
        said.contains("`x.log` line 2: broken JSON, read as text"),
        "{said}"
    );
    let records = b"{\"Records\":[{\"a\":\"1\"},{\"a\":\"x},{\"a\":\"3\"},\n{\"a\":\"4\"}]}";
    assert_eq!(answer("a=* | table a", records, &[]).0, "1|3|4");
}

#[test]
fn an_event_that_is_no_json_further_on_is_judged_as_text() {
    // The walk to `a` finds no fault; the walk to all fields does.
    let event = b"{\"a\":1,\"b\":\"\\q\"}\n{\"a\":1}\n";
    assert_eq!(answer("a=1", event, &[]).0.matches('|').count(), 0);
    let (rows, said) = answer("a=1 | table a", event, &["--strict"]);
    assert_eq!(rows, "1");
    assert!(said.contains("line 1: not whole JSON"), "{said}");
    let (rows, _) = answer("b | table _raw", event, &["--strict"]);
    assert_eq!(rows, "{a:1,b:\\q}");
}
