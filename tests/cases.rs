//! Runs every case under `tests/cases`: takes query, events and rows from a file, checks them at several batch sizes
//! and thread counts. `UPDATE=1 cargo test --test cases` rewrites the outputs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::{Map, Value};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Batch sizes and threads at which every case must give the same.
const CUTS: [(usize, usize); 4] = [(4096, 1), (1, 1), (3, 2), (4096, 3)];

#[derive(Debug, Default, PartialEq)]
struct Case {
    query: String,
    options: Vec<String>,
    macros: Vec<(String, String)>,
    input: String,
    kind: Kind,
    output: String,
}

#[derive(Debug, Default, PartialEq, Clone)]
enum Kind {
    #[default]
    InOrder,
    AnyOrder,
    /// This code, and these lines among others.
    Error(String),
    /// This code, and this text.
    WholeError(String),
}

/// Reads a case file; see any of them for the form.
fn parse(text: &str) -> Result<Case, String> {
    let mut case = Case::default();
    let mut section = "head";
    for line in text.lines() {
        if let Some(head) = line.strip_prefix("--- ") {
            section = match head.trim() {
                "input" => "input",
                table if table.starts_with("table ") => {
                    let name = table["table ".len()..].trim();
                    case.options.push(format!("--table={name}\n"));
                    "table"
                }
                "output" => "output",
                "output any-order" => {
                    case.kind = Kind::AnyOrder;
                    "output"
                }
                error if error.starts_with("error ") => {
                    let code = error["error ".len()..].trim();
                    case.kind = match code.strip_suffix(" whole") {
                        Some(code) => Kind::WholeError(code.to_owned()),
                        None => Kind::Error(code.to_owned()),
                    };
                    "output"
                }
                other => return Err(format!("no section is named {other}")),
            };
            continue;
        }
        match section {
            "head" => head_line(&mut case, line)?,
            "input" => case.input += &format!("{line}\n"),
            "table" => {
                let table = case.options.last_mut().ok_or("no table")?;
                *table += &format!("{line}\n");
            }
            _ => case.output += &format!("{line}\n"),
        }
    }
    if case.query.is_empty() {
        Err("there is no query".to_owned())
    } else {
        Ok(case)
    }
}

fn head_line(case: &mut Case, line: &str) -> Result<(), String> {
    if let Some(query) = line.strip_prefix("query: ") {
        case.query = query.to_owned();
    } else if let Some(more) = line.strip_prefix("     | ") {
        let _ = write!(case.query, "\n| {more}");
    } else if let Some(option) = line.strip_prefix("option: ") {
        case.options.push(option.to_owned());
    } else if let Some(definition) = line.strip_prefix("macro: ") {
        let (name, text) = definition
            .split_once(" =")
            .ok_or("a macro is `name(a) = definition`")?;
        case.macros
            .push((name.trim().to_owned(), text.trim().to_owned()));
    } else if !line.starts_with('#') && !line.trim().is_empty() {
        return Err(format!("what is `{line}`?"));
    }
    Ok(())
}

type Rows = Vec<Map<String, Value>>;

/// Events so far apart that each is in a piece of its own: with several threads every one gets some.
fn apart(input: &str) -> String {
    let blanks = " ".repeat(1 << 20);
    let lines: Vec<&str> = input.lines().collect();
    let group = lines.len().div_ceil(3).max(1);
    let groups: Vec<String> = lines.chunks(group).map(|g| g.join("\n") + "\n").collect();
    groups.join(&(blanks + "\n"))
}

fn run(case: &Case, cut: (usize, usize)) -> Result<Rows, String> {
    let is_lines = case.input.lines().all(|line| line.starts_with('{'));
    let input = match is_lines && cut.1 > 1 {
        true => apart(&case.input),
        false => case.input.clone(),
    };
    spelunk::session::run_for_test(
        &case.query,
        input.as_bytes(),
        &case.macros,
        &case.options,
        cut.0,
        cut.1,
    )
}

/// What the case gives, as its file would say it, and whether that is rows.
fn actual(case: &Case, cut: (usize, usize)) -> (String, bool) {
    match run(case, cut) {
        Ok(rows) => {
            let lines = rows
                .into_iter()
                .map(|row| Value::Object(row).to_string() + "\n");
            (lines.collect(), true)
        }
        Err(text) => {
            let lines = text.lines().map(|l| l.trim_end().to_owned() + "\n");
            (lines.collect(), false)
        }
    }
}

/// Whether what came is what the case wants.
fn fits(case: &Case, cut: (usize, usize)) -> Result<(), String> {
    let (got, is_rows) = actual(case, cut);
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let same = match &case.kind {
        Kind::InOrder => is_rows && got == case.output,
        Kind::AnyOrder => is_rows && sorted(&got) == sorted(&case.output),
        Kind::WholeError(code) => {
            !is_rows && got == case.output && got.contains(&format!("[{code}]"))
        }
        Kind::Error(code) => {
            !is_rows
                && got.contains(code.as_str())
                && case
                    .output
                    .lines()
                    .all(|line| got.lines().any(|g| g.trim() == line.trim()))
        }
    };
    if same {
        Ok(())
    } else {
        Err(format!("wanted:\n{}got:\n{got}", case.output))
    }
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|e| e == "case") {
            found.push(path);
        }
    }
    found.sort();
}

fn rewrite(path: &Path, text: &str, case: &Case) {
    let head: Vec<&str> = text
        .lines()
        .take_while(|l| !l.starts_with("--- output") && !l.starts_with("--- error"))
        .collect();
    let section = text
        .lines()
        .find(|l| l.starts_with("--- output") || l.starts_with("--- error"))
        .unwrap_or("--- output");
    let body = format!(
        "{}\n{section}\n{}",
        head.join("\n"),
        actual(case, CUTS[0]).0
    );
    std::fs::write(path, body).unwrap();
}

/// What is wrong with a case, however it is cut; none when nothing is.
fn failure(path: &Path, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let case = match parse(&text) {
        Ok(case) => case,
        Err(why) => return Some(format!("{name}: {why}")),
    };
    if std::env::var_os("UPDATE").is_some() && !matches!(case.kind, Kind::Error(_)) {
        rewrite(path, &text, &case);
        return None;
    }
    CUTS.iter().find_map(|cut| {
        let why = fits(&case, *cut).err()?;
        let (batch, threads) = cut;
        Some(format!(
            "{name} (batches of {batch}, {threads} threads)\n{why}"
        ))
    })
}

#[test]
fn every_case_gives_its_rows_however_it_is_cut() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut found = Vec::new();
    files(&root, &mut found);
    assert!(found.len() > 20, "cases are missing: {} found", found.len());
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(path) = found.get(next.fetch_add(1, Ordering::Relaxed)) {
            let name = path.strip_prefix(&root).unwrap().display().to_string();
            failures.lock().unwrap().extend(failure(path, &name));
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let mut failures = failures.into_inner().unwrap();
    failures.sort();
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn a_wrong_case_fails() {
    let text = "query: * | table a\n--- input\n{\"a\":\"1\"}\n--- output\n{\"a\":\"2\"}\n";
    let case = parse(text).unwrap();
    assert!(fits(&case, CUTS[0]).is_err());
    assert!(parse("--- output\n").is_err());
}
