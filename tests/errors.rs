//! Errors that need more than a query: takes files and arguments, checks the whole text that a user reads. And: every
//! code has a test that shows its text.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;
use std::process::{Command, Stdio};

/// The standard error of the program, run in a folder with these files, and its exit code.
fn told(files: &[(&str, &str)], arguments: &[&str]) -> (String, i32) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let output = Command::new(env!("CARGO_BIN_EXE_spelunk"))
        .args(arguments)
        .current_dir(folder.path())
        .env("EDITOR", "cp broken")
        .env_remove("VISUAL")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    (
        lines.join("\n").trim().to_owned(),
        output.status.code().unwrap_or(-1),
    )
}

const EVENT: (&str, &str) = ("log", "{\"a\":1}\n");

fn check(files: &[(&str, &str)], arguments: &[&str], exit: i32, text: &str) {
    let (told, code) = told(files, arguments);
    assert_eq!(told, text.trim(), "{arguments:?}");
    assert_eq!(code, exit, "{arguments:?}");
}

#[test]
fn macro_calls_too_deep() {
    let macros: String = (0..102)
        .map(|n| format!("[m{n}]\ndefinition = `m{}`\n", n + 1))
        .collect();
    let (text, code) = told(
        &[EVENT, ("macros/m.conf", &macros)],
        &["search", "`m0`", "log"],
    );
    assert!(
        text.starts_with("error[E0204]: macro calls are nested over 100 deep\n"),
        "{text}"
    );
    assert!(text.contains("95 calls between are left out"), "{text}");
    assert!(
        text.ends_with("= help: call fewer macros from macros"),
        "{text}"
    );
    assert_eq!(code, 2);
}

#[test]
fn a_macro_file_that_is_none() {
    let text = r"
error[E0206]: a setting stands before the first stanza
 --> macros/m.conf:1:1
  |
1 | definition = a=1
  | ^^^^^^^^^^
  |
  = help: write the macro's name above it, as `[name]`";
    let macros = ("macros/m.conf", "definition = a=1\n");
    check(&[EVENT, macros], &["search", "a=1", "log"], 2, text);
}

#[test]
fn an_argument_that_a_macro_refuses() {
    let text = r"
error[E0207]: n is a number
 --> query:1:1
  |
1 | `m(x)`
  | ^^^^^^
  |
 ::: macros/m.conf:4:14
  |
4 | validation = isnum(n)
  |              -------- validated here
  |
  = help: the macro's validation is `isnum(n)`";
    let macros =
        "[m(1)]\nargs = n\ndefinition = a=$n$\nvalidation = isnum(n)\nerrormsg = n is a number\n";
    check(
        &[EVENT, ("macros/m.conf", macros)],
        &["search", "`m(x)`", "log"],
        2,
        text,
    );
}

#[test]
fn an_eval_macro_that_gives_no_text() {
    let text = r"
error[E0208]: eval-based macro `m(1)` gives no text: it gives 3 and not a text
 --> macros/m.conf:3:14
  |
3 | definition = $n$ + 1
  |              ^^^^^^^
  |
 ::: query:1:1
  |
1 | `m(2)`
  | ------ called here as `m(1)`
  |
  = help: the definition of an `iseval` macro is an eval expression that gives a string";
    let macros = "[m(1)]\nargs = n\ndefinition = $n$ + 1\niseval = 1\n";
    check(
        &[EVENT, ("macros/m.conf", macros)],
        &["search", "`m(2)`", "log"],
        2,
        text,
    );
}

#[test]
fn an_edit_that_would_break_a_macro() {
    let macros = ("macros/m.conf", "[m]\ndefinition = a=1\n");
    let broken = ("broken", "[m]\ndefinition = `m`\n");
    let (text, code) = told(&[macros, broken], &["macros", "edit", "m"]);
    let wanted = r"
error[E0203]: macro `m` calls itself: m -> m
 --> macros/m.conf:2:14
  |
2 | definition = `m`
  |              ^^^
  |
  = help: take one of these calls out of its macro

error[E0209]: macros/m.conf is unchanged
 |
 = help: the draft is kept in ";
    assert!(text.starts_with(wanted.trim_start()), "{text}");
    assert_eq!(code, 2);
    if let Some((_, draft)) = text.rsplit_once("kept in ") {
        let _ = std::fs::remove_file(draft.trim());
    }
}

#[test]
fn a_suppression_of_everything() {
    let text = r"
error[E0210]: the condition would drop every row
 |
 = help: narrow it, or --force adds it all the same";
    let query = "name: q\nsearch: a=* | table a | `q_filter`\n";
    let filter = (
        "macros/q_filter.conf",
        "[q_filter]\ndefinition = search *\n",
    );
    check(
        &[EVENT, ("queries/q.yml", query), filter],
        &[
            "macros", "suppress", "q", "--where", "a=1", "--reason", "r", "log",
        ],
        2,
        text,
    );
}

#[test]
fn names_and_files_that_are_not_there() {
    let text = r"
error[E0301]: there is no help on `lokup`
 |
 = help: there is help on `lookup`; `spelunk help` lists all topics";
    check(&[], &["help", "lokup"], 2, text);
    let text = r"
error[E0302]: there is no saved query `find_pod`
 |
 = help: the nearest name is `find_pods`";
    let query = ("queries/find_pods.spl", "a=1");
    check(&[EVENT, query], &["run", "find_pod", "log"], 2, text);
    let text = r"
error[E0303]: the input `lag` can't be opened: No such file or directory (os error 2)
 |
 = help: `.` has a file `log`";
    check(&[EVENT], &["search", "a=1", "lag"], 1, text);
    let text = r"
error[E0304]: `no/such/out` can't be written: No such file or directory (os error 2)
 |
 = help: name a file in a folder that is there and may be written to";
    check(
        &[EVENT],
        &["search", "a=1", "log", "-o", "no/such/out"],
        1,
        text,
    );
}

/// Codes without a test of their whole text: a disk that fails while it is read, Ctrl-C (tests/repl.rs presses it), and
/// operators whose memory is not bounded yet.
const UNSHOWN: &[&str] = &["E0401", "E0403", "E0405"];

/// Every code is shown by a case in `tests/cases/_errors` with its whole text, or by one of the tests in Rust.
#[test]
fn every_error_code_is_shown_by_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let texts = |folder: &Path, end: &str| -> String {
        let entries = std::fs::read_dir(folder).unwrap().flatten();
        let paths = entries.map(|entry| entry.path());
        paths
            .filter(|path| path.extension().is_some_and(|e| e == end))
            .map(|path| std::fs::read_to_string(path).unwrap())
            .collect()
    };
    let cases = texts(&root.join("cases/_errors"), "case");
    let tests = texts(&root, "rs");
    let missing: Vec<&str> = spelunk::diagnostic::CODES
        .iter()
        .map(|code| code.id)
        .filter(|id| {
            let whole = cases.contains(&format!("--- error {id} whole\nerror[{id}]"));
            let in_test = tests.contains(&format!("[{id}]"));
            !whole && !in_test && !UNSHOWN.contains(id)
        })
        .collect();
    assert!(missing.is_empty(), "no test shows the text of {missing:?}");
}
