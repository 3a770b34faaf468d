//! The program as a user meets it: arguments, exit codes, formats, broken input, every shape of logs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const DETECTION: &str = "amazon_eks_kubernetes_pod_scan_detection";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn spelunk(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_spelunk"))
        .args(arguments)
        .current_dir(root())
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn piped(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_spelunk"))
        .args(arguments)
        .current_dir(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that stops reading early closes the pipe.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or(-1)
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, content: &[u8]) -> String {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path.to_string_lossy().into_owned()
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

#[test]
fn the_shipped_detection_finds_the_scans() {
    let output = spelunk(&["run", DETECTION, "tests/data/eks", "--format", "ndjson"]);
    let want = std::fs::read_to_string(root().join("tests/data/eks.rows.ndjson")).unwrap();
    assert_eq!(out(&output), want, "{}", err(&output));
    assert_eq!(code(&output), 0);
    let said = err(&output);
    for part in [
        "Amazon EKS Kubernetes Pod scan detection",
        "risk score 25",
        "T1526",
        "events scanned",
    ] {
        assert!(said.contains(part), "stderr lacks {part}:\n{said}");
    }
}

#[test]
fn json_carries_the_detection() {
    let output = spelunk(&["run", DETECTION, "tests/data/eks", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!(document["query"]["risk_score"].to_string(), "25");
    assert_eq!(
        document["query"]["id"],
        "dbfca1dd-b8e5-4ba4-be0e-e565e5d62002"
    );
    assert_eq!(document["query"]["mitre_attack_id"][0], "T1526");
    assert!(document["results"].as_array().unwrap().len() > 2);
}

#[test]
fn exit_codes_tell_how_it_went() {
    let folder = Folder::new();
    let file = folder.file("a.log", b"{\"a\":1}\n");
    assert_eq!(code(&spelunk(&["search", "a=1", &file])), 0);
    assert_eq!(
        code(&spelunk(&["search", "a=1", &file, "--fail-on-results"])),
        3
    );
    assert_eq!(
        code(&spelunk(&["search", "a=2", &file, "--fail-on-results"])),
        0
    );
    assert_eq!(code(&spelunk(&["search", "a=1 | nosuch", &file])), 2);
    assert_eq!(code(&spelunk(&["search", "`nosuch`", &file])), 2);
    assert_eq!(code(&spelunk(&["search", "a=1", "no/such/file"])), 1);
    assert_eq!(
        code(&spelunk(&["search", "a=1", &file, "--format", "xml"])),
        2
    );
    assert_eq!(code(&spelunk(&["--nosuch"])), 2);
    assert_eq!(code(&spelunk(&["--help"])), 0);
}

#[test]
fn a_pipe_is_read() {
    let output = piped(
        &["search", "bob | table n", "--format", "ndjson"],
        b"{\"n\":1,\"u\":\"bob\"}\n{\"n\":2,\"u\":\"al\"}\n",
    );
    assert_eq!(out(&output), "{\"n\":\"1\"}\n");
    let named = piped(
        &["search", "bob | table n", "-", "--format", "csv"],
        b"{\"n\":1,\"u\":\"bob\"}\n",
    );
    assert_eq!(out(&named), "n\n1\n");
}

#[test]
fn results_feed_the_next_search() {
    let first = spelunk(&[
        "search",
        "verb=list",
        "tests/data/eks",
        "--format",
        "ndjson",
    ]);
    let second = piped(
        &[
            "search",
            "user.username=\"system:anonymous\" | stats count by sourcetype",
            "--format",
            "ndjson",
        ],
        &first.stdout,
    );
    let direct = spelunk(&[
        "search",
        "verb=list user.username=\"system:anonymous\" | stats count by sourcetype",
        "tests/data/eks",
        "--format",
        "ndjson",
    ]);
    assert_eq!(out(&second), out(&direct));
    assert!(out(&direct).contains("aws:cloudwatchlogs:eks"));
}

#[test]
fn all_errors_of_a_query_come_at_once_with_their_places() {
    let output = spelunk(&[
        "search",
        "a=1 | stast count | eval x=nosuch(y) | `missing`",
        "tests/data/eks",
    ]);
    let text = err(&output);
    assert!(text.contains("E0201") && text.contains("missing"), "{text}");
    let output = spelunk(&[
        "search",
        "a=1 | stast count | eval x=nosuch(y) | head zz yy",
        "tests/data/eks",
    ]);
    let text = err(&output);
    for part in [
        "E0101",
        "stast",
        "there is a command `stats`",
        "E0107",
        "nosuch",
    ] {
        assert!(text.contains(part), "stderr lacks {part}:\n{text}");
    }
}

#[test]
fn an_empty_result_says_where_the_events_went() {
    let output = spelunk(&[
        "search",
        "sourcetype=aws:cloudtrail verb=list | stats count by verb",
        "tests/data/eks",
    ]);
    let text = err(&output);
    assert_eq!(code(&output), 0);
    for part in [
        "where the events went",
        "sourcetype=aws:cloudtrail",
        "the events have sourcetype aws:cloudwatchlogs:eks",
        "the nearest event",
    ] {
        assert!(text.contains(part), "stderr lacks {part}:\n{text}");
    }
}

#[test]
fn broken_input_is_counted_and_named() {
    let folder = Folder::new();
    let mut lines = Vec::new();
    for i in 0..2000 {
        lines.extend_from_slice(format!("{{\"n\":{i}}}\n").as_bytes());
    }
    lines.extend_from_slice(b"{\"n\":1,\"broken\n");
    lines.extend_from_slice(b"{\"n\":1}\n");
    let file = folder.file("a.log", &lines);
    let output = spelunk(&["search", "n=1 | stats count", &file, "--format", "ndjson"]);
    assert_eq!(out(&output), "{\"count\":2}\n");
    assert_eq!(code(&output), 0);
    assert!(
        err(&output).contains("a.log") && err(&output).contains("2001"),
        "{}",
        err(&output)
    );
    assert_eq!(
        code(&spelunk(&[
            "search",
            "n=1 | stats count",
            &file,
            "--strict"
        ])),
        1
    );
}

#[test]
fn odd_bytes_are_read() {
    let folder = Folder::new();
    let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
    let inputs: Vec<(&str, Vec<u8>)> = vec![
        ("empty.log", Vec::new()),
        (
            "bom.log",
            b"\xef\xbb\xbf{\"a\":\"x\"}\r\n{\"a\":\"x\"}\r\n".to_vec(),
        ),
        (
            "latin.log",
            b"{\"a\":\"x\",\"b\":\"caf\xe9\"}\n{\"a\":\"x\"}\n".to_vec(),
        ),
        (
            "nul.log",
            b"{\"a\":\"x\"}\n\0\0\0\n{\"a\":\"x\"}\n".to_vec(),
        ),
        (
            "deep.log",
            [
                b"{\"a\":\"x\"}\n".to_vec(),
                b"{\"d\":".to_vec(),
                deep,
                b"}\n{\"a\":\"x\"}\n".to_vec(),
            ]
            .concat(),
        ),
    ];
    for (name, bytes) in inputs {
        let empty = bytes.is_empty();
        let file = folder.file(name, &bytes);
        let output = spelunk(&["search", "a=x | stats count", &file, "--format", "ndjson"]);
        let want = if empty {
            "{\"count\":0}\n"
        } else {
            "{\"count\":2}\n"
        };
        assert_eq!(out(&output), want, "{name}: {}", err(&output));
        assert_eq!(code(&output), 0, "{name}: {}", err(&output));
    }
}

#[test]
fn a_truncated_gzip_gives_what_it_holds() {
    let folder = Folder::new();
    let whole = std::fs::read(root().join("tests/data/eks/prod-west.audit.log.gz")).unwrap();
    let file = folder.file("cut.gz", &whole[..whole.len() / 2]);
    let output = spelunk(&["search", "* | stats count", &file, "--format", "ndjson"]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    assert!(err(&output).contains("cut.gz"), "{}", err(&output));
    assert_eq!(
        code(&spelunk(&["search", "* | stats count", &file, "--strict"])),
        1
    );
}

#[test]
fn check_compiles_what_is_saved() {
    let output = spelunk(&["check", "--format", "ndjson"]);
    assert_eq!(code(&output), 0, "{}", out(&output));
    assert!(out(&output).contains("\"ok\":true"));
    let folder = Folder::new();
    folder.file("queries/bad.spl", b"a=1\n| stats count by\n| nosuch");
    let bad = spelunk(&[
        "check",
        folder.path().join("queries").to_str().unwrap(),
        "--format",
        "ndjson",
    ]);
    assert_eq!(code(&bad), 2);
    let row: serde_json::Value = serde_json::from_str(out(&bad).lines().next().unwrap()).unwrap();
    assert_eq!(row["ok"], false);
    assert!(
        row["errors"]
            .as_array()
            .unwrap()
            .iter()
            .any(|e| e["code"] == "E0101" && e["line"] == 3),
        "{row}"
    );
}

#[test]
fn a_query_that_is_given_no_events_says_so() {
    let told = "`rex` comes first after a leading pipe and is given no events";
    let query = "\n| rex field=verb \"(?<a>.)\" | search a=*";
    let output = spelunk(&["search", query, "tests/data/eks"]);
    assert_eq!((code(&output), out(&output).as_str()), (0, ""));
    let said = err(&output);
    assert_eq!(said.matches("no events").count(), 1, "{said}");
    assert!(said.contains(told), "{said}");
    assert!(said.contains("begin with `* | rex …`"), "{said}");
    let inner = "verb=get | stats count | append [stats count | eval x=1]";
    let inner = err(&spelunk(&["search", inner, "tests/data/eks"]));
    assert!(inner.contains("`search * | stats …`"), "{inner}");
    let explained = spelunk(&["explain", query]);
    assert!(out(&explained).contains("the first command is given no events"));
    let folder = Folder::new();
    let saved = folder.file("q/a.spl", query.as_bytes());
    let checked = spelunk(&["check", &saved]);
    assert_eq!(code(&checked), 0);
    assert!(out(&checked).contains("`rex` comes first"));
    let row = out(&spelunk(&["check", "--format", "ndjson", &saved]));
    assert!(row.contains("\"ok\":true") && row.contains(told), "{row}");
    let hunted = spelunk(&["hunt", &saved, "tests/data/eks"]);
    assert!(err(&hunted).contains(told) || out(&hunted).contains(told));
    for quiet in [
        "| search verb=get | stats count",
        "| append [| makeresults]",
    ] {
        let output = spelunk(&["search", quiet, "tests/data/eks"]);
        assert!(!err(&output).contains("no events"), "{quiet}");
    }
}

#[test]
fn explain_shows_fields_kinds_and_literals() {
    let output = spelunk(&["explain", DETECTION]);
    let text = out(&output);
    assert_eq!(code(&output), 0, "{}", err(&output));
    for part in [
        "sourcetype=\"aws:cloudwatchlogs:eks\"",
        "system:anonymous",
        "mergeable",
        "streaming",
        "user.groups{}",
    ] {
        assert!(text.contains(part), "explain lacks {part}:\n{text}");
    }
}

#[test]
fn explain_says_what_the_sourcetype_is_told_by() {
    for (query, options, literals) in [
        (
            "sourcetype=aws:cloudtrail eventName=*",
            &[][..],
            "aws:cloudtrail or eventversion, which tell the sourcetype",
        ),
        (
            "sourcetype=aws:cloudtrail eventName=Get*",
            &[],
            "literals     get\n",
        ),
        ("sourcetype=csv", &[], "none: every line is read"),
        (
            "sourcetype=mine",
            &["--sourcetype", "mine"],
            "none: every line is read",
        ),
        (
            "eventName=Get*",
            &["--strict"],
            "none: --strict reads every line",
        ),
    ] {
        let arguments = [&["explain", query], options].concat();
        let text = out(&spelunk(&arguments));
        assert!(text.contains(literals), "{query}\n{text}");
    }
}

#[test]
fn an_output_file_appears_whole() {
    let folder = Folder::new();
    let target = folder.path().join("rows.csv");
    let output = spelunk(&[
        "search",
        "* | stats count by verb",
        "tests/data/eks",
        "--format",
        "csv",
        "--output",
        target.to_str().unwrap(),
    ]);
    assert_eq!((code(&output), out(&output)), (0, String::new()));
    assert!(
        std::fs::read_to_string(target)
            .unwrap()
            .starts_with("verb,count\n")
    );
}

#[test]
fn suppressing_drops_a_finding_and_keeps_the_reason() {
    let folder = Folder::new();
    for part in ["queries", "macros"] {
        for entry in std::fs::read_dir(root().join(part)).unwrap().flatten() {
            folder.file(
                &format!("{part}/{}", entry.file_name().to_string_lossy()),
                &std::fs::read(entry.path()).unwrap(),
            );
        }
    }
    let data = root().join("tests/data/eks");
    let data = data.to_str().unwrap();
    let here = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_spelunk"))
            .args(arguments)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .output()
            .unwrap()
    };
    let rows = |output: &Output| out(output).lines().count();
    let before = here(&["run", DETECTION, data, "--format", "ndjson"]);
    let suppress = [
        "macros",
        "suppress",
        DETECTION,
        "--where",
        "src_ip=\"203.0.113.7\"",
        "--reason",
        "vendor scanner",
    ];
    let dry = here(&[&suppress[..], &["--dry-run", data]].concat());
    assert_eq!(code(&dry), 0, "{}", err(&dry));
    assert_eq!(
        rows(&here(&["run", DETECTION, data, "--format", "ndjson"])),
        rows(&before),
        "a dry run writes nothing"
    );
    let done = here(&[&suppress[..], &[data]].concat());
    assert_eq!(code(&done), 0, "{}", err(&done));
    let after = here(&["run", DETECTION, data, "--format", "ndjson"]);
    assert!(
        rows(&after) < rows(&before) && !out(&after).contains("203.0.113.7"),
        "{}",
        out(&after)
    );
    let show = here(&["macros", "show", &format!("{DETECTION}_filter")]);
    assert!(
        out(&show).contains("vendor scanner") && out(&show).contains("203.0.113.7"),
        "{}",
        out(&show)
    );
    let all = here(&[
        "macros", "suppress", DETECTION, "--where", "src_ip=*", "--reason", "all", data,
    ]);
    assert_eq!(
        code(&all),
        2,
        "a filter that drops everything is refused: {}",
        out(&all)
    );
}

#[test]
fn help_knows_every_name() {
    for topic in [
        "",
        "commands",
        "stats",
        "dc",
        "if",
        "E0101",
        "input",
        "macros",
        "exit codes",
        "mv",
    ] {
        let output = spelunk(&["help", topic]);
        assert_eq!(code(&output), 0, "help {topic}: {}", err(&output));
        assert!(out(&output).len() > 40, "help {topic}");
    }
    assert_eq!(code(&spelunk(&["help", "nosuchthing"])), 2);
    let near = spelunk(&["help", "lookupz"]);
    assert!(
        err(&near).contains("there is help on `lookup"),
        "{}",
        err(&near)
    );
}

#[test]
fn the_reference_is_current() {
    let folder = Folder::new();
    assert_eq!(
        code(&spelunk(&[
            "help",
            "--markdown",
            folder.path().to_str().unwrap()
        ])),
        0
    );
    let pages = spelunk::render::help::pages();
    for (page, _) in pages {
        let fresh = std::fs::read_to_string(folder.path().join(page)).unwrap();
        let kept = std::fs::read_to_string(root().join("docs").join(page)).unwrap_or_default();
        assert!(
            fresh == kept,
            "docs/{page} is stale: run `cargo run --release -- help --markdown docs`"
        );
    }
}

#[test]
fn the_readme_names_every_command() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let table = spelunk::render::help::commands_table();
    assert!(
        readme.contains(&table),
        "README.md has to hold this line:\n{table}"
    );
}

#[test]
fn a_run_keeps_to_its_memory_or_says_who_can_not() {
    let folder = Folder::new();
    let events: String = (0..3000)
        .map(|n| format!("{{\"a\":{}}}\n", n % 1500))
        .collect();
    let file = folder.file("a.ndjson", events.as_bytes());
    let run = |query: &str, limit: &str| {
        let limit = format!("--memory-limit={limit}");
        spelunk(&["search", query, &file, "--format", "ndjson", "-q", &limit])
    };
    let (short, enough) = (
        run("* | stats count by a", "1KB"),
        run("* | stats count by a", "1GB"),
    );
    assert_eq!((code(&short), out(&short)), (0, out(&enough)));
    let stopped = run("* | eventstats count by a", "20kb");
    assert_eq!(code(&stopped), 1);
    let text = err(&stopped);
    assert!(
        text.contains("E0405") && text.contains("eventstats needs"),
        "{text}"
    );
    assert!(
        text.contains("the limit is 20 kB") && text.contains("--memory-limit"),
        "{text}"
    );
    let refused = run("* | stats count", "much");
    assert_eq!(code(&refused), 2);
    assert!(err(&refused).contains("512MiB"), "{}", err(&refused));
}

#[test]
fn a_type_of_transaction_has_its_settings_in_a_file() {
    let folder = Folder::new();
    folder.file(
        "transactiontypes.conf",
        b"[visit]\nfields = user\nmaxspan = 1h\nstartswith = \"in\"\nsearch = x\n",
    );
    let events = folder.file(
        "events.ndjson",
        b"{\"_time\":90,\"user\":\"a\",\"act\":\"out\"}\n{\"_time\":20,\"user\":\"a\",\"act\":\"in\"}\n",
    );
    let macros = folder.path().to_str().unwrap().to_owned();
    let found = |query: &str| {
        let options = ["--format", "ndjson", "--macros", &macros];
        spelunk(&[&["search", query, &events], &options[..]].concat())
    };
    let rows = "| table user eventcount transactiontype";
    assert_eq!(
        out(&found(&format!("* | transaction name=visit {rows}"))),
        "{\"user\":\"a\",\"eventcount\":2,\"transactiontype\":\"visit\"}\n"
    );
    let shorter = found(&format!("* | transaction name=visit maxspan=5s {rows}"));
    assert_eq!(
        out(&shorter),
        "{\"user\":\"a\",\"eventcount\":1,\"transactiontype\":\"visit\"}\n",
        "the search goes before the file"
    );
    let unknown = found("* | transaction name=vist");
    assert!(
        err(&unknown).contains("transactiontypes.conf has visit"),
        "{}",
        err(&unknown)
    );
}

#[test]
fn what_is_not_there_is_said_by_what_it_was_taken_for() {
    let folder = Folder::new();
    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    let empty = empty.to_str().unwrap();
    for (arguments, exit, said) in [
        (&["search", "*", empty][..], 0, "there is no file in `"),
        (
            &["check", empty],
            2,
            "there are no saved queries or macros in ",
        ),
        (
            &["hunt", "detections/", "tests/data/eks"],
            2,
            "there is no file or folder `detections/`",
        ),
        (
            &["run", "README.md", "tests/data/eks"],
            2,
            "`README.md` is no file of a saved query",
        ),
        (
            &["search", "*", "tests/data/eks", "--earliest", "yesterday"],
            2,
            "'yesterday' is no time modifier\n",
        ),
    ] {
        let output = spelunk(arguments);
        assert_eq!(code(&output), exit, "{arguments:?}");
        assert!(err(&output).contains(said), "{}", err(&output));
    }
}
