//! Compiling what is saved without data: takes files and folders, gives a finding for every query and macro.

use super::{Query, Session, Settings};
use crate::diagnostic::{Diagnostic, Diagnostics, Notice};
use crate::knowledge::saved;
use crate::plan::Goal;
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};

/// What was found of one saved query or macro.
#[derive(Debug)]
pub struct Finding {
    /// `query` or `macro`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// The file.
    pub file: PathBuf,
    /// What is wrong; empty when all is well.
    pub errors: Diagnostics,
    /// That a query which compiles is given no events.
    pub unfed: Option<Notice>,
}

impl Finding {
    /// The finding as a row: name, file, ok, errors with code, message, line and column from 1, notices.
    pub fn row(&self) -> Json {
        let errors: Vec<Json> = self
            .errors
            .iter()
            .map(|e| {
                let (line, column) = place(e).unwrap_or((0, 0));
                json!({ "code": e.code.id, "message": e.message, "line": line, "column": column })
            })
            .collect();
        json!({
            "kind": self.kind,
            "name": self.name,
            "file": self.file.display().to_string(),
            "ok": self.errors.is_empty(),
            "errors": errors,
            "notices": self.unfed.iter().map(|n| &n.text).collect::<Vec<_>>(),
        })
    }
}

/// Line and column, from 1, of an error's first place.
pub fn place(error: &Diagnostic) -> Option<(usize, usize)> {
    let label = error.labels.first()?;
    let before = label.source.text.get(..label.span.start)?;
    let line = before.matches('\n').count();
    let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count());
    Some((label.source.first_line + line, column + 1))
}

/// Compiles every saved query and macro found at the paths, with the macros of the settings and of the paths.
/// Macro files that can't be read are findings too.
pub fn check(mut settings: Settings, paths: &[PathBuf]) -> Vec<Finding> {
    let files: Vec<PathBuf> = paths.iter().flat_map(|p| files(p)).collect();
    let (queries, macros): (Vec<PathBuf>, Vec<PathBuf>) =
        files.into_iter().partition(|f| is_query(f));
    let known: Vec<PathBuf> = settings
        .macros
        .iter()
        .flat_map(|p| self::files(p))
        .collect();
    settings
        .macros
        .extend(macros.iter().filter(|m| !known.contains(m)).cloned());
    let (session, broken) = Session::with_errors(settings);
    let mut findings: Vec<Finding> = broken.into_iter().map(unreadable).collect();
    for file in queries {
        let compiled = saved::read(&file)
            .map_err(|error| vec![error])
            .and_then(|query| session.compile(&Query::saved(query), &Goal::default()));
        findings.push(Finding {
            kind: "query",
            name: stem(&file),
            file,
            unfed: compiled.as_ref().ok().and_then(|c| c.plan.unfed(false)),
            errors: compiled.err().unwrap_or_default(),
        });
    }
    for found in session
        .library()
        .iter()
        .filter(|m| macros.contains(&m.file))
    {
        let errors = session.check_macro(found);
        findings.push(Finding {
            kind: "macro",
            name: found.signature(),
            file: found.file.clone(),
            errors,
            unfed: None,
        });
    }
    findings
}

/// A finding of its own for an error in a macro file.
fn unreadable(error: Diagnostic) -> Finding {
    let file = error
        .labels
        .first()
        .map(|l| PathBuf::from(&l.source.name))
        .unwrap_or_default();
    Finding {
        kind: "macro",
        name: stem(&file),
        file,
        errors: vec![error],
        unfed: None,
    }
}

fn stem(file: &Path) -> String {
    file.file_stem()
        .map(|s| s.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// The file itself, or all `.yml`, `.yaml`, `.spl` and `.conf` files of the folder and those under it.
pub(super) fn files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let mut found = Vec::new();
    let mut entries: Vec<PathBuf> = std::fs::read_dir(path)
        .into_iter()
        .flatten()
        .flatten()
        .map(|e| e.path())
        .collect();
    entries.sort();
    for entry in entries {
        let hidden = entry
            .file_name()
            .is_some_and(|n| n.to_string_lossy().starts_with('.'));
        if entry.is_dir() && !entry.is_symlink() && !hidden {
            found.extend(files(&entry));
        } else if !hidden
            && entry.is_file()
            && (saved::is_query(&entry) || entry.extension().is_some_and(|e| e == "conf"))
        {
            found.push(entry);
        }
    }
    found
}

/// Whether a file is a saved query; else it is a macro file. YAML is a macro when it has a definition and no search.
pub(super) fn is_query(file: &Path) -> bool {
    if !saved::is_query(file) {
        return false;
    }
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let has = |key: &str| text.lines().any(|line| line.starts_with(key));
    !has("definition:") || has("search:")
}
