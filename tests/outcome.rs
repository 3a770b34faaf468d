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
