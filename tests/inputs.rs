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
