//! `check`: compiles saved queries and macros without data, prints a row for each.

use super::arguments::{CheckArguments, When};
use super::exit::Exit;
use super::{output, run};
use crate::diagnostic::{Diagnostic, code};
use crate::render::{count, grid};
use crate::session::check::{Finding, check as findings, place};
use std::path::{Path, PathBuf};

/// `spelunk check`
pub fn check(arguments: &CheckArguments) -> Exit {
    let settings = run::knowledge(&arguments.knowledge);
    let paths = if arguments.paths.is_empty() {
        settings
            .queries
            .iter()
            .chain(&settings.macros)
            .cloned()
            .collect()
    } else {
        arguments.paths.clone()
    };
    let missing: Vec<Diagnostic> = paths
        .iter()
        .filter(|p| !p.exists())
        .map(|p| absent(p))
        .collect();
    if !missing.is_empty() {
        return output::errors(&missing, When::Auto);
    }
    let found = findings(settings, &paths);
    if found.is_empty() {
        return output::errors(&[nothing(&paths)], When::Auto);
    }
    match arguments.format.as_str() {
        "ndjson" => found
            .iter()
            .for_each(|f| output::print(&format!("{}\n", f.row()))),
        "table" => output::print(&table(&found)),
        other => {
            let error = Diagnostic::new(
                &code::ARGUMENT,
                format!("there is no format `{other}` of check"),
            )
            .help("table or ndjson");
            return output::errors(&[error], When::Auto);
        }
    }
    if found.iter().all(|f| f.errors.is_empty()) {
        Exit::Ran
    } else {
        Exit::Refused
    }
}

/// For a run that would find everything well since it looked in the wrong place.
fn nothing(paths: &[PathBuf]) -> Diagnostic {
    let paths: Vec<String> = paths.iter().map(|p| p.display().to_string()).collect();
    let message = format!(
        "there are no saved queries or macros in {}",
        paths.join(", ")
    );
    Diagnostic::new(&code::QUERY_FILE, message)
        .help("saved queries are .yml and .spl files, macros .conf and .yml files")
}

fn absent(path: &Path) -> Diagnostic {
    Diagnostic::new(
        &code::QUERY_FILE,
        format!("{} does not exist", path.display()),
    )
}

/// The findings for people: those with errors in full, then how many are well.
fn table(found: &[Finding]) -> String {
    let mut rows = Vec::new();
    for finding in found {
        for error in &finding.errors {
            let (line, column) = place(error).unwrap_or((0, 0));
            let file = format!("{}:{line}:{column}", finding.file.display());
            rows.push(vec![
                finding.name.clone(),
                file,
                error.code.id.to_owned(),
                error.message.clone(),
            ]);
        }
    }
    for finding in found {
        rows.extend(finding.unfed.iter().map(|notice| {
            let file = finding.file.display().to_string();
            let code = "note".to_owned();
            vec![finding.name.clone(), file, code, notice.text.clone()]
        }));
    }
    let bad = found.iter().filter(|f| !f.errors.is_empty()).count();
    let well = count(
        (found.len() - bad) as u64,
        "query or macro compiles",
        "queries and macros compile",
    );
    if rows.is_empty() {
        return format!("{well}\n");
    }
    let lines = grid(
        &["name", "place", "code", "error"],
        &rows,
        output::width(),
        false,
    );
    format!("{lines}\n{well}, {bad} with errors\n")
}
