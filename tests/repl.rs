//! The prompt through a pseudo-terminal: what an analyst types, and what the screen then shows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use rexpect::session::{Options, PtySession, spawn_with_options};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const DETECTION: &str = "amazon_eks_kubernetes_pod_scan_detection";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A folder with the shipped queries and macros, to be changed by tests.
fn copy_of_project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for part in ["queries", "macros"] {
        std::fs::create_dir(folder.path().join(part)).unwrap();
        for entry in std::fs::read_dir(root().join(part)).unwrap().flatten() {
            std::fs::copy(
                entry.path(),
                folder.path().join(part).join(entry.file_name()),
            )
            .unwrap();
        }
    }
    folder
}

fn start(folder: &Path, arguments: &[&str]) -> PtySession {
    // A pseudo-terminal has no size until somebody gives it one.
    let mut command = Command::new("sh");
    command.args([
        "-c",
        "stty cols 150 rows 50; exec \"$0\" repl \"$@\"",
        env!("CARGO_BIN_EXE_spelunk"),
    ]);
    command.args(arguments).current_dir(folder);
    command
        .env("SPELUNK_HISTORY", folder.join("history"))
        .env("TERM", "xterm")
        .env("NO_COLOR", "1")
        .env("PAGER", "cat");
    let options = Options::new()
        .timeout_ms(Some(20_000))
        .strip_ansi_escape_codes(true);
    let mut session = spawn_with_options(command, options).unwrap();
    session.exp_string("spelunk> ").unwrap();
    session
}

/// Types a line at the next prompt: keys that come while no line is read are not the editor's. The prompt stands behind
/// the line end of what came before; one that stands elsewhere is the echo of what was typed.
fn enter(session: &mut PtySession, line: &str) {
    session.exp_string("\r\n").unwrap();
    session.exp_string("spelunk> ").unwrap();
    session.send_line(line).unwrap();
}

fn data() -> String {
    root().join("tests/data/eks").to_string_lossy().into_owned()
}

#[test]
fn queries_and_dot_commands_answer() {
    let folder = copy_of_project();
    let mut repl = start(folder.path(), &[&data()]);
    repl.send_line("verb=list | stats count by user.username")
        .unwrap();
    repl.exp_string("system:anonymous").unwrap();
    repl.exp_string("events scanned").unwrap();
    enter(&mut repl, ".fields user.*");
    repl.exp_string("user.username").unwrap();
    enter(&mut repl, ".timeline");
    repl.exp_string("2026-03-02 08:00:00").unwrap();
    enter(&mut repl, &format!(".run {DETECTION}"));
    repl.exp_string("risk score 25").unwrap();
    repl.exp_string("198.51.100.23").unwrap();
    enter(&mut repl, ".drill 1");
    repl.exp_string("behind row 1").unwrap();
    enter(&mut repl, ".expand `security_content_ctime(x)`");
    repl.exp_string("convert timeformat").unwrap();
    enter(&mut repl, ".why");
    repl.exp_string("where the events went").unwrap();
    enter(&mut repl, ".explain");
    repl.exp_string("literals").unwrap();
    enter(&mut repl, ".queries");
    repl.exp_string(DETECTION).unwrap();
    enter(&mut repl, ".set timezone Europe/Paris");
    enter(&mut repl, ".set");
    repl.exp_string("timezone  Europe/Paris").unwrap();
    repl.exp_string("order     time").unwrap();
    repl.exp_string("spelunk> ").unwrap();
    repl.send_control('d').unwrap();
    repl.exp_eof().unwrap();
    assert!(
        std::fs::read_to_string(folder.path().join("history"))
            .unwrap()
            .contains("stats count by user.username")
    );
}

#[test]
fn a_dot_command_says_what_it_takes() {
    let folder = copy_of_project();
    let mut repl = start(folder.path(), &[&data()]);
    repl.send_line(".run").unwrap();
    repl.exp_string("`.run` lacks its argument").unwrap();
    repl.exp_string(".run NAME: Run a saved query").unwrap();
    enter(&mut repl, ".timeline hourly");
    repl.exp_string("`.timeline` takes no argument, and got `hourly`")
        .unwrap();
}

#[test]
fn a_failing_query_leaves_the_session_as_it_was() {
    let folder = copy_of_project();
    let mut repl = start(folder.path(), &[&data()]);
    repl.send_line("verb=list | stats count as hits").unwrap();
    repl.exp_string("hits").unwrap();
    enter(&mut repl, "verb=list | stast count");
    repl.exp_string("E0101").unwrap();
    enter(&mut repl, ".fields");
    repl.exp_string("fields of the last result").unwrap();
    repl.exp_string("hits").unwrap();
    enter(&mut repl, ".save my_list");
    repl.exp_string("saved as").unwrap();
    enter(&mut repl, ".run my_list");
    repl.exp_string("hits").unwrap();
}

#[test]
fn a_query_goes_on_until_it_is_whole() {
    let folder = copy_of_project();
    let mut repl = start(folder.path(), &[&data()]);
    repl.send_line("verb=list |").unwrap();
    repl.send_line("stats count as \"two").unwrap();
    repl.send_line("words\"").unwrap();
    repl.exp_string("events scanned").unwrap();
}

#[test]
fn tab_completes_commands_fields_and_values() {
    let folder = copy_of_project();
    let mut repl = start(folder.path(), &[&data()]);
    // A burst is taken for a paste, in which Tab completes nothing.
    for keys in [
        "verb=li",
        "\t",
        " | stat",
        "\t",
        "cou",
        "\t",
        " by user.user",
        "\t",
        "\r",
    ] {
        repl.send(keys).unwrap();
        repl.flush().unwrap();
        std::thread::sleep(Duration::from_millis(150));
    }
    repl.exp_string("system:anonymous").unwrap();
    repl.exp_string("events scanned").unwrap();
}

#[test]
fn ctrl_c_stops_a_query_and_keeps_the_session() {
    let folder = copy_of_project();
    let mut repl = start(folder.path(), &[&data()]);
    repl.send_line("| makeresults count=100000000 | eval x=random() | stats sum(x)")
        .unwrap();
    // The bar is there: the query runs.
    repl.exp_string("1s").unwrap();
    let pressed = Instant::now();
    repl.send_control('c').unwrap();
    repl.exp_string("E0403").unwrap();
    let took = pressed.elapsed();
    enter(&mut repl, "| makeresults | eval answer=6*7 | table answer");
    repl.exp_string("42").unwrap();
    // The promise is 0.2 s on a quiet machine; a loaded one must still stop within the patience of a person.
    assert!(took < Duration::from_secs(2), "Ctrl-C took {took:?}");
}

#[test]
fn a_macro_changed_on_disk_is_used_by_the_next_query() {
    let folder = copy_of_project();
    let file = folder.path().join("macros/mine.conf");
    std::fs::write(&file, "[mine]\ndefinition = verb=list\n").unwrap();
    let mut repl = start(folder.path(), &[&data()]);
    repl.send_line("`mine` | stats values(verb) as v").unwrap();
    repl.exp_string("list").unwrap();
    repl.exp_string("events scanned").unwrap();
    std::fs::write(&file, "[mine]\ndefinition = verb=watch OR verb=create\n").unwrap();
    enter(&mut repl, "`mine` | stats values(verb) as v");
    repl.exp_string("create").unwrap();
}

#[test]
fn a_row_is_suppressed_with_its_reason() {
    let folder = copy_of_project();
    let mut repl = start(folder.path(), &[&data()]);
    repl.send_line(&format!(".run {DETECTION}")).unwrap();
    repl.exp_string("events scanned").unwrap();
    enter(&mut repl, ".suppress 1 src_ip because known scanner");
    repl.exp_string("suppressed").unwrap();
    enter(
        &mut repl,
        ".macros amazon_eks_kubernetes_pod_scan_detection_filter",
    );
    repl.exp_string("known scanner").unwrap();
}

#[test]
fn history_is_kept_while_the_session_goes_on() {
    let folder = copy_of_project();
    let mut repl = start(folder.path(), &[&data()]);
    repl.send_line("verb=list | stats count as hits").unwrap();
    repl.exp_string("events scanned").unwrap();
    // The session is still open: nothing waits for its end.
    let kept = std::fs::read_to_string(folder.path().join("history")).unwrap();
    assert!(kept.contains("stats count as hits"), "{kept}");
}

#[test]
fn a_long_run_shows_its_progress() {
    let folder = copy_of_project();
    let event = "{\"verb\":\"list\",\"user\":{\"username\":\"someone\"}}\n";
    let file = folder.path().join("long.ndjson");
    std::fs::write(&file, event.repeat(1_200_000)).unwrap();
    let mut repl = start(folder.path(), &[&file.to_string_lossy()]);
    repl.send_line("* | eval x=md5(verb) | stats dc(x) by user.username")
        .unwrap();
    repl.exp_string("events/s").unwrap();
}

#[test]
fn a_suppression_may_lapse_and_its_fields_are_checked() {
    let folder = copy_of_project();
    let mut repl = start(folder.path(), &[&data()]);
    repl.send_line(&format!(".run {DETECTION}")).unwrap();
    repl.exp_string("events scanned").unwrap();
    enter(&mut repl, ".suppress 1 src_ip until someday because x");
    repl.exp_string("`someday` is no day").unwrap();
    enter(
        &mut repl,
        ".suppress 1 src_ip until 2099-01-31 because known scanner",
    );
    repl.exp_string("suppressed src_ip=").unwrap();
    enter(
        &mut repl,
        ".macros amazon_eks_kubernetes_pod_scan_detection_filter",
    );
    repl.exp_string("(until 2099-01-31)").unwrap();
}

#[test]
fn ctrl_c_at_the_reason_suppresses_nothing() {
    let folder = copy_of_project();
    let mut repl = start(folder.path(), &[&data()]);
    repl.send_line(&format!(".run {DETECTION}")).unwrap();
    repl.exp_string("events scanned").unwrap();
    enter(&mut repl, ".suppress 1 src_ip");
    repl.exp_string("reason: ").unwrap();
    repl.send_control('c').unwrap();
    repl.exp_string("nothing is written").unwrap();
    enter(&mut repl, "verb=list | stats count as hits");
    repl.exp_string("events scanned").unwrap();
}

#[test]
fn tab_quotes_what_an_expression_needs_quoted() {
    let folder = copy_of_project();
    let mut repl = start(folder.path(), &[&data()]);
    for keys in [
        "* | where like(user.user",
        "\t",
        ", \"system:an%\") AND verb=li",
        "\t",
        " | stats count by user.username",
        "\r",
    ] {
        repl.send(keys).unwrap();
        repl.flush().unwrap();
        std::thread::sleep(Duration::from_millis(150));
    }
    repl.exp_string("76 events scanned, 76 matched, 1 row")
        .unwrap();
}

#[test]
fn the_progress_bar_stays_on_one_line_of_a_narrow_terminal() {
    let folder = copy_of_project();
    let event = "{\"verb\":\"list\",\"user\":{\"username\":\"someone\"}}\n";
    let file = folder.path().join("long.ndjson");
    std::fs::write(&file, event.repeat(1_200_000)).unwrap();
    let mut command = Command::new("sh");
    command.args([
        "-c",
        "stty cols 60 rows 20; exec \"$0\" search '* | eval x=md5(verb) | stats dc(x) by verb' long.ndjson",
        env!("CARGO_BIN_EXE_spelunk"),
    ]);
    command.current_dir(folder.path()).env("TERM", "xterm");
    let options = Options::new()
        .timeout_ms(Some(20_000))
        .strip_ansi_escape_codes(true);
    let mut run = spawn_with_options(command, options).unwrap();
    let shown = run.exp_string("events scanned").unwrap();
    let bars: Vec<&str> = shown
        .split(['\r', '\n'])
        .filter(|line| line.contains("s left"))
        .collect();
    assert!(!bars.is_empty(), "{shown}");
    // What was read is bytes, each given as a character.
    let width = |bar: &&str| {
        let bytes: Vec<u8> = bar.chars().map(|c| c as u8).collect();
        String::from_utf8_lossy(&bytes).chars().count()
    };
    let widest = bars.iter().map(width).max();
    assert!(widest <= Some(60), "{widest:?}");
}
