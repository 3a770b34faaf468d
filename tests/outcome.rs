//! What a run says and where it writes: reports on stderr, output files, macros that are edited and suppressed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spelunk"));
    command
        .args(arguments)
        .current_dir(root())
        .stdin(Stdio::null());
    command
}

fn spelunk(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn why_names_the_fields_of_later_stages_that_no_event_has() {
    let why = |query: &str| err(&spelunk(&["search", query, "tests/data/eks"]));
    let said = why("* | stats count by user.usernam");
    let wanted =
        "fields that the query reads and no event has\n  user.usernam; there is user.username\n";
    assert!(said.contains(wanted), "{said}");
    let said = why("* | where responseStatus.code=\"403\" | stats count by verb");
    assert!(
        said.contains("  responseStatus; in an expression a name with dots stands in single quotes: 'responseStatus."),
        "{said}"
    );
    let said = why("verb=list | stats count by verb user.username | where count>1000");
    assert!(
        said.contains("where the events went") && !said.contains("no event has"),
        "{said}"
    );
}

#[test]
fn what_follows_the_search_is_asked_in_the_source() {
    let explained = |query: &str| {
        let output = spelunk(&["explain", query]);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let count = |query: &str| explained(query).matches("in the source").count();
    let asked = "verb=list | where n>1 | regex verb=\"^l\" | search n<9";
    assert_eq!(count(asked), 4, "{}", explained(asked));
    let made = "verb=list | eval n=n+1 | where n>1";
    assert_eq!(count(made), 1, "{}", explained(made));
    let why = err(&spelunk(&[
        "search",
        "verb=list | where verb=\"list\" | where verb=\"get\"",
        "tests/data/eks",
    ]));
    let lines = why
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>());
    let stages: Vec<_> = lines.filter(|l| l.get(1) == Some(&"→")).collect();
    let [search, first, second] = &stages[..] else {
        panic!("{why}")
    };
    assert_eq!([first[0], first[2], second[0]], [search[2]; 3], "{why}");
    assert!(search[2] != "0" && second[2] == "0", "{why}");
}

/// What only a second look finds to be no JSON is asked once more, as text: a stage counts it once.
#[test]
fn an_event_that_turns_out_to_be_text_is_counted_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.ndjson");
    let whole = "{\"a\":\"x\",\"n\":1,\"z\":2}\n";
    std::fs::write(&file, whole.to_owned() + "{\"a\":\"x\",\"n\":1,\"z\":}\n").unwrap();
    let stages = |query: &str| {
        let output = spelunk(&["search", "--why", query, &file.to_string_lossy()]);
        let said = err(&output);
        let lines = said.lines().filter(|line| line.contains(" → "));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let lines = stages("x | where n=1 | table *");
    let lines: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
    assert_eq!(lines, ["2 → 2  x", "2 → 1  where n=1", "1 → 1  table *"]);
}

#[cfg(unix)]
#[test]
fn output_replaces_files_and_only_files() {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt};
    let folder = tempfile::tempdir().unwrap();
    let query = |target: &Path| {
        let target = target.to_string_lossy();
        spelunk(&[
            "search",
            "| makeresults | eval a=1 | table a",
            "--format",
            "csv",
            "--output",
            &target,
        ])
    };
    let (plain, usual) = (folder.path().join("rows.csv"), folder.path().join("usual"));
    std::fs::write(&usual, "").unwrap();
    query(&plain);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&plain), mode(&usual));

    let pipe = folder.path().join("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let reader = {
        let pipe = pipe.clone();
        std::thread::spawn(move || std::fs::read_to_string(pipe).unwrap())
    };
    query(&pipe);
    // Checked before the reader is waited for: it waits for ever when the pipe was replaced.
    assert!(
        std::fs::symlink_metadata(&pipe)
            .unwrap()
            .file_type()
            .is_fifo()
    );
    assert_eq!(reader.join().unwrap(), "a\n1\n");

    let nowhere = query(Path::new("/no/such/folder/rows.csv"));
    assert_eq!(nowhere.status.code().unwrap(), 1);
    assert!(!err(&nowhere).contains("at path"), "{}", err(&nowhere));
}

const FILTER: &str = "amazon_eks_kubernetes_pod_scan_detection_filter";

/// The shipped queries and macros, to be changed.
fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for part in ["queries", "macros"] {
        std::fs::create_dir(folder.path().join(part)).unwrap();
        for entry in std::fs::read_dir(root().join(part)).unwrap().flatten() {
            let to = folder.path().join(part).join(entry.file_name());
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
    folder
}

/// Edits a macro by a `sed` script.
#[cfg(unix)]
fn edit(folder: &Path, name: &str, script: &str) -> Output {
    use std::os::unix::fs::PermissionsExt;
    let editor = folder.join("editor.sh");
    std::fs::write(&editor, format!("#!/bin/sh\nsed -i '{script}' \"$1\"\n")).unwrap();
    std::fs::set_permissions(&editor, std::fs::Permissions::from_mode(0o755)).unwrap();
    command(&["macros", "edit", name])
        .current_dir(folder)
        .env_remove("VISUAL")
        .env("EDITOR", "./editor.sh")
        .output()
        .unwrap()
}

#[cfg(unix)]
#[test]
fn an_edit_that_takes_the_macro_away_is_refused_and_the_draft_kept() {
    let folder = project();
    for script in ["d", "s/^\\[.*/[another]/"] {
        let output = edit(folder.path(), FILTER, script);
        let said = err(&output);
        assert_eq!(output.status.code(), Some(2), "{script}: {said}");
        assert!(
            said.contains(&format!("the draft has no macro `{FILTER}`")),
            "{said}"
        );
        let draft = said.split("the draft is kept in ").nth(1).unwrap();
        let draft = Path::new(draft.lines().next().unwrap());
        assert!(draft.exists());
        std::fs::remove_file(draft).unwrap();
    }
    let renamed = edit(
        folder.path(),
        "aws_cloudwatchlogs_eks",
        "s/^.aws.*/[elsewhere]/",
    );
    assert_eq!(renamed.status.code(), Some(2));
    let kept = std::fs::read_to_string(folder.path().join("macros/aws_cloudwatchlogs_eks.conf"));
    assert!(kept.unwrap().contains("[aws_cloudwatchlogs_eks]"));
}

#[cfg(unix)]
#[test]
fn a_local_layer_that_says_only_the_definition_is_edited() {
    let folder = project();
    let macros = folder.path().join("macros");
    std::fs::create_dir(macros.join("local")).unwrap();
    let local = macros.join("local/ctime.conf");
    std::fs::write(
        &local,
        "[security_content_ctime(1)]\ndefinition = convert ctime($field$)\n",
    )
    .unwrap();
    let output = edit(
        folder.path(),
        "security_content_ctime",
        "s/ctime(.field.)/mktime($field$)/",
    );
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(
        std::fs::read_to_string(local)
            .unwrap()
            .contains("mktime($field$)")
    );
}

#[test]
fn check_finds_unknown_commands_in_macros_with_arguments() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("m.conf");
    let text = "[good(2)]\nargs = n, what\ndefinition = head $n$ | $what$ x\n\
                [bad(1)]\nargs = f\ndefinition = stats count by $f$ | wher count>1\n";
    std::fs::write(&file, text).unwrap();
    let output = spelunk(&["check", "--format", "ndjson", &file.to_string_lossy()]);
    let rows = String::from_utf8_lossy(&output.stdout).into_owned();
    let row = |name: &str| rows.lines().find(|l| l.contains(name)).unwrap().to_owned();
    assert!(row("good(2)").contains("\"ok\":true"), "{rows}");
    assert!(row("bad(1)").contains("\"line\":6,\"column\":35"), "{rows}");
}

#[test]
fn a_misspelt_field_in_a_suppression_is_named() {
    let folder = project();
    let condition = "src_ipp=\"203.0.113.7\"";
    let output = command(&["macros", "suppress"])
        .arg(FILTER.trim_end_matches("_filter"))
        .args(["--where", condition, "--reason", "vendor scanner"])
        .arg(root().join("tests/data/eks"))
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = err(&output);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said.contains("no row has the field src_ipp; there is src_ip"),
        "{said}"
    );
}
