//! The habits of this code base, checked: takes the source tree, gives every place that breaks one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};

/// Folders (or files) of `src` from the top to the bottom: a file imports only from its own row or from rows below.
const LAYERS: &[&[&str]] = &[
    &["main", "lib"],
    &["cli"],
    &["repl"],
    &["session"],
    &["plan", "knowledge"],
    &["commands"],
    &["operators", "aggregates", "functions"],
    &["syntax"],
    &["data"],
    &["diagnostic"],
];

/// What may see only these, whatever its place.
const NARROW: &[(&str, &[&str])] = &[
    ("source", &["data", "diagnostic", "source"]),
    ("render", &["data", "diagnostic", "render"]),
    ("knowledge", &["syntax", "data", "diagnostic", "knowledge"]),
];

/// Help reads the registries too.
const NARROW_EXCEPT: &[(&str, &[&str])] =
    &[("render/help", &["commands", "functions", "aggregates"])];

/// One door a package: crate, and the paths under `src` that may name it.
const DOORS: &[(&str, &[&str])] = &[
    ("nom", &["syntax/", "commands/"]),
    ("chrono", &["data/time/"]),
    ("chrono_tz", &["data/time/"]),
    ("comfy_table", &["render/table"]),
    ("rustyline", &["repl/"]),
    ("clap", &["cli/"]),
    ("indicatif", &["cli/"]),
    ("annotate_snippets", &["diagnostic/render"]),
    ("memmap2", &["source/"]),
    ("bytes", &["source/block"]),
    ("flate2", &["source/"]),
    ("zstd", &["source/"]),
    ("bzip2", &["source/"]),
    ("liblzma", &["source/"]),
    ("ignore", &["source/"]),
    ("globset", &["source/"]),
    ("serde_saphyr", &["knowledge/"]),
    ("regex", &["functions/pattern"]),
    ("fancy_regex", &["functions/pattern"]),
    ("mimalloc", &["main"]),
    ("sysinfo", &["data/memory"]),
    ("arrow_ipc", &["operators/spill"]),
    ("arrow_schema", &["data/mixed", "operators/spill"]),
    ("maxminddb", &["commands/iplocation"]),
    ("uppsala", &["functions/xml"]),
];

/// Words that no file is named.
const EMPTY_NAMES: &[&str] = &["utils", "util", "helpers", "helper", "common", "misc"];

/// Files that only tests compile.
const TESTS: &[&str] = &["tests", "testing", "properties"];

/// What may lie at the top of the repository.
const TOP: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "README.md",
    "ARCHITECTURE.md",
    "LICENSE",
    "src",
    "queries",
    "macros",
    "tests",
    "benches",
    "docs",
    "fuzz",
    ".ci",
    ".gitignore",
    ".git",
    "target",
    "proptest-regressions",
];

const LONGEST: usize = 500;

struct File {
    /// Path under `src`, without `.rs`, with `/`.
    path: String,
    text: String,
}

impl File {
    fn new(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    /// The lines outside of test modules, with their numbers.
    fn lines(&self) -> Vec<(usize, &str)> {
        let stem = self.path.rsplit('/').next().unwrap_or("");
        if TESTS.contains(&stem) {
            return Vec::new();
        }
        let end = self
            .text
            .lines()
            .position(|l| l.trim() == "#[cfg(test)]")
            .unwrap_or(usize::MAX);
        self.text
            .lines()
            .take(end)
            .enumerate()
            .map(|(i, l)| (i + 1, l))
            .collect()
    }

    fn folder(&self) -> &str {
        self.path.split('/').next().unwrap_or("")
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<File> {
    let mut found = Vec::new();
    walk(&root().join("src"), &mut |path| {
        if path.extension().is_some_and(|e| e == "rs") {
            let name = path
                .strip_prefix(root().join("src"))
                .unwrap()
                .with_extension("");
            found.push(File::new(
                &name.to_string_lossy().replace('\\', "/"),
                &std::fs::read_to_string(path).unwrap(),
            ));
        }
    });
    assert!(found.len() > 50, "the source tree was not found");
    found
}

fn walk(folder: &Path, take: &mut dyn FnMut(&Path)) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, take)
        } else {
            take(&path)
        }
    }
}

fn heads(files: &[File]) -> Vec<String> {
    files
        .iter()
        .filter(|f| !f.text.starts_with("//! "))
        .map(|f| format!("{}: does not open with //!", f.path))
        .collect()
}

fn sizes(files: &[File]) -> Vec<String> {
    let long = files.iter().filter(|f| f.text.lines().count() >= LONGEST);
    long.map(|f| format!("{}: {} lines", f.path, f.text.lines().count()))
        .collect()
}

fn names(files: &[File]) -> Vec<String> {
    let bad = |f: &&File| f.path.split('/').any(|part| EMPTY_NAMES.contains(&part));
    files
        .iter()
        .filter(bad)
        .map(|f| format!("{}: a name that says nothing", f.path))
        .collect()
}

/// The folder that a line of code reaches into by `crate::…`.
fn reached(line: &str) -> Vec<String> {
    let code = line.split("//").next().unwrap_or("");
    let words = code.split("crate::").skip(1);
    let name = |rest: &str| -> String {
        rest.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    words
        .flat_map(|rest| match rest.strip_prefix('{') {
            Some(list) => list.split(',').map(|part| name(part.trim())).collect(),
            None => vec![name(rest)],
        })
        .filter(|n| !n.is_empty())
        .collect()
}

fn level(folder: &str) -> Option<usize> {
    LAYERS.iter().position(|row| row.contains(&folder))
}

fn imports(files: &[File]) -> Vec<String> {
    let mut findings = Vec::new();
    for file in files {
        let folder = file.folder();
        for (number, line) in file.lines() {
            for target in reached(line) {
                let narrow = NARROW
                    .iter()
                    .find(|(name, _)| *name == folder)
                    .map(|(_, seen)| *seen);
                let extra = NARROW_EXCEPT
                    .iter()
                    .find(|(path, _)| file.path.starts_with(path))
                    .map_or(&[][..], |(_, seen)| *seen);
                let allowed = match narrow {
                    Some(seen) => {
                        seen.contains(&target.as_str()) || extra.contains(&target.as_str())
                    }
                    None => match (level(folder), level(&target)) {
                        (Some(from), Some(to)) => from <= to,
                        (Some(from), None) => {
                            from <= 3 || !matches!(target.as_str(), "source" | "render")
                        }
                        _ => true,
                    },
                };
                if !allowed {
                    findings.push(format!("{}:{number}: imports {target}", file.path));
                }
            }
        }
    }
    findings
}

fn doors(files: &[File]) -> Vec<String> {
    let mut findings = Vec::new();
    for file in files {
        for (number, line) in file.lines() {
            let code = line.split("//").next().unwrap_or("");
            for (package, places) in DOORS {
                let named = code.match_indices(&format!("{package}::")).any(|(at, _)| {
                    !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
                        || code[..at].ends_with(" ::")
                });
                if named && !places.iter().any(|p| file.path.starts_with(p)) {
                    findings.push(format!(
                        "{}:{number}: {package} has its door in {}",
                        file.path,
                        places.join(", ")
                    ));
                }
            }
        }
    }
    findings
}

fn panics(files: &[File]) -> Vec<String> {
    let words = [
        ".unwrap()",
        ".expect(",
        "panic!(",
        "todo!(",
        "unimplemented!(",
        "unreachable!(",
        "dbg!(",
    ];
    let mut findings = Vec::new();
    for file in files {
        for (number, line) in file.lines() {
            let code = line.split("//").next().unwrap_or("");
            if let Some(word) = words.iter().find(|w| code.contains(*w)) {
                findings.push(format!("{}:{number}: {word}", file.path));
            }
        }
    }
    findings
}

fn unsafety(files: &[File]) -> Vec<String> {
    let mut findings = Vec::new();
    for file in files {
        let lines: Vec<&str> = file.text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let code = line.split("//").next().unwrap_or("");
            let block = code.contains("unsafe {") || code.contains("unsafe impl");
            let told = lines[at.saturating_sub(8)..=at]
                .iter()
                .any(|l| l.contains("SAFETY:"));
            if block && !told {
                findings.push(format!("{}:{}: unsafe without SAFETY:", file.path, at + 1));
            }
        }
    }
    findings
}

fn registered(files: &[File]) -> Vec<String> {
    let mut findings = Vec::new();
    for file in files {
        let public = |word: &str| file.text.contains(&format!("impl {word} for "));
        let Some((folder, stem)) = file.path.rsplit_once('/') else {
            continue;
        };
        if folder == "commands" && public("Command") && spelunk::commands::find(stem).is_none() {
            findings.push(format!(
                "{}: not in the list of commands under its name",
                file.path
            ));
        }
        if folder == "aggregates"
            && public("Aggregate")
            && spelunk::aggregates::find(stem).is_none()
        {
            findings.push(format!(
                "{}: not in the list of aggregates under its name",
                file.path
            ));
        }
    }
    findings
}

fn assert_none(what: &str, findings: &[String]) {
    assert!(findings.is_empty(), "{what}:\n{}", findings.join("\n"));
}

#[test]
fn the_code_keeps_its_habits() {
    let files = sources();
    assert_none("file heads", &heads(&files));
    assert_none("sizes", &sizes(&files));
    assert_none("names", &names(&files));
    assert_none("imports", &imports(&files));
    assert_none("doors", &doors(&files));
    assert_none("panics", &panics(&files));
    assert_none("unsafe", &unsafety(&files));
    assert_none("registries", &registered(&files));
    let mut sizes: Vec<usize> = files.iter().map(|f| f.text.lines().count()).collect();
    sizes.sort_unstable();
    assert!(
        sizes[sizes.len() / 2] < 220,
        "the median file has {} lines",
        sizes[sizes.len() / 2]
    );
}

#[test]
fn the_top_level_holds_only_what_belongs_there() {
    let names = std::fs::read_dir(root())
        .unwrap()
        .flatten()
        .map(|e| e.file_name().to_string_lossy().into_owned());
    let stray: Vec<String> = names.filter(|n| !TOP.contains(&n.as_str())).collect();
    assert_none("top level", &stray);
}

#[test]
fn cases_are_short() {
    let mut long = Vec::new();
    walk(&root().join("tests/cases"), &mut |path| {
        let lines = std::fs::read_to_string(path)
            .unwrap_or_default()
            .lines()
            .count();
        if lines >= 30 {
            long.push(format!("{}: {lines} lines", path.display()));
        }
    });
    assert_none("cases of 30 lines or more", &long);
}

#[test]
fn each_check_finds_what_breaks_it() {
    let one = |path: &str, text: &str| vec![File::new(path, text)];
    assert_eq!(heads(&one("data/x", "use a;\n")).len(), 1);
    assert_eq!(sizes(&one("data/x", &"\n".repeat(600))).len(), 1);
    assert_eq!(names(&one("data/utils", "")).len(), 1);
    assert_eq!(imports(&one("data/x", "use crate::plan::Plan;\n")).len(), 1);
    assert_eq!(
        imports(&one("source/x", "use crate::{data::A, syntax::B};\n")).len(),
        1
    );
    assert_eq!(
        imports(&one("commands/x", "use crate::source::Scan;\n")).len(),
        1
    );
    assert_eq!(
        imports(&one("plan/mod", "use crate::commands::Command;\n")).len(),
        0
    );
    assert_eq!(
        doors(&one("data/column", "let x = regex::Regex::new(a);\n")).len(),
        1
    );
    assert_eq!(
        doors(&one("functions/pattern", "use regex::Regex;\n")).len(),
        0
    );
    assert_eq!(
        panics(&one(
            "data/x",
            "x.unwrap();\n// y.unwrap()\n#[cfg(test)]\nz.unwrap();\n"
        ))
        .len(),
        1
    );
    assert_eq!(unsafety(&one("data/x", "unsafe { a() }\n")).len(), 1);
    assert_eq!(
        registered(&one("commands/nosuch", "impl Command for X {\n")).len(),
        1
    );
}
