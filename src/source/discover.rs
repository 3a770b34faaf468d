//! Which inputs the arguments name: takes files, folders, globs and `-`, gives inputs in a stable order, each file once.
//!
//! A folder is walked whole, links followed, entries sorted by path; names that begin with a dot are skipped. Rules of
//! `.gitignore` are not looked at: a log that git ignores is still a log.

use crate::data::Context;
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use globset::{GlobBuilder, GlobMatcher};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// One file or pipe to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Where it is; `-` for standard input.
    pub path: PathBuf,
    /// Bytes on disk; 0 for a pipe.
    pub size: u64,
    /// Named by itself, not found in a folder or by a glob.
    pub explicit: bool,
}

impl Input {
    /// Whether this is standard input.
    pub fn is_stdin(&self) -> bool {
        self.path.as_os_str() == "-"
    }
}

/// The inputs that the arguments name. All that are missing are reported at once.
pub fn discover(arguments: &[String], context: &Context) -> Result<Vec<Input>, Diagnostics> {
    let mut found = Found {
        context,
        inputs: Vec::new(),
        seen: HashSet::new(),
        is_empty: false,
    };
    let missing: Diagnostics = arguments
        .iter()
        .filter_map(|argument| found.argument(argument).err())
        .collect();
    if missing.is_empty() {
        Ok(found.inputs)
    } else {
        Err(missing)
    }
}

struct Found<'a> {
    context: &'a Context,
    inputs: Vec<Input>,
    seen: HashSet<PathBuf>,
    /// Nothing was found yet in the folder that is walked.
    is_empty: bool,
}

impl Found<'_> {
    fn argument(&mut self, argument: &str) -> Result<(), Diagnostic> {
        let path = Path::new(argument);
        if argument == "-" {
            self.add(path.to_path_buf(), 0, true);
            return Ok(());
        }
        match std::fs::metadata(path) {
            Ok(about) if about.is_dir() => {
                self.is_empty = true;
                self.walk(path, None);
                if self.is_empty {
                    let text =
                        format!("there is no file in `{argument}` (hidden ones are left out)");
                    self.context.notices.push("empty", text, false);
                }
            }
            Ok(about) => {
                if about.is_file() {
                    std::fs::File::open(path).map_err(|error| missing(argument, &error))?;
                }
                self.add(path.to_path_buf(), about.len(), true);
            }
            Err(error) => self.glob(argument, &error)?,
        }
        Ok(())
    }

    fn glob(&mut self, argument: &str, error: &std::io::Error) -> Result<(), Diagnostic> {
        if !argument.contains(['*', '?', '[', '{']) {
            return Err(missing(argument, error));
        }
        let matcher = GlobBuilder::new(argument)
            .literal_separator(true)
            .build()
            .map_err(|error| {
                Diagnostic::new(
                    &code::INPUT_MISSING,
                    format!("the glob `{argument}` can't be read: {}", error.kind()),
                )
            })?
            .compile_matcher();
        let before = self.inputs.len();
        self.walk(&fixed_part(argument), Some(&matcher));
        if self.inputs.len() == before {
            return Err(Diagnostic::new(
                &code::INPUT_MISSING,
                format!("no file matches `{argument}`"),
            )
            .help("`*` stays within a folder, `**` goes into folders"));
        }
        Ok(())
    }

    fn walk(&mut self, folder: &Path, matcher: Option<&GlobMatcher>) {
        let walk = ignore::WalkBuilder::new(folder)
            .standard_filters(false)
            .hidden(true)
            .follow_links(true)
            .sort_by_file_path(Path::cmp)
            .build();
        for entry in walk {
            match entry {
                Ok(entry) => self.entry(entry.path(), matcher),
                Err(error) if matcher.is_some() && error.depth() == Some(0) => {}
                Err(error) => {
                    self.is_empty = false;
                    let text = unreadable(&error);
                    self.context.notices.push("unreadable", text, true);
                }
            }
        }
    }

    fn entry(&mut self, path: &Path, matcher: Option<&GlobMatcher>) {
        self.is_empty &= path.is_dir();
        let shown = path.strip_prefix("./").unwrap_or(path);
        if matcher.is_some_and(|m| !m.is_match(path) && !m.is_match(shown)) {
            return;
        }
        match std::fs::metadata(path) {
            Ok(about) if about.is_file() => self.add(shown.to_path_buf(), about.len(), false),
            Ok(about) if about.is_dir() => {
                if matcher.is_some() {
                    self.walk(path, None);
                }
            }
            Ok(_) => self.context.notices.push(
                "unreadable",
                format!(
                    "`{}` is a pipe or device and is left out: name it to read it",
                    path.display()
                ),
                false,
            ),
            Err(error) => self.context.notices.push(
                "unreadable",
                format!(
                    "`{}` can't be read and is left out: {error}",
                    path.display()
                ),
                true,
            ),
        }
    }

    /// Adds an input, unless it is there already by another name: an event must not count twice.
    fn add(&mut self, path: PathBuf, size: u64, explicit: bool) {
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        if self.seen.insert(real) {
            self.inputs.push(Input {
                path,
                size,
                explicit,
            });
        }
    }
}

/// What a walk could not read, and why; the path once.
fn unreadable(error: &ignore::Error) -> String {
    match error {
        ignore::Error::WithPath { path, err } => {
            let why = match err.io_error() {
                // Its text names the path again.
                Some(error) => error.kind().to_string(),
                None => err.to_string(),
            };
            format!("`{}` can't be read and is left out: {why}", path.display())
        }
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            unreadable(err)
        }
        ignore::Error::Loop { child, ancestor } => format!(
            "`{}` leads back to `{}` and is left out",
            child.display(),
            ancestor.display()
        ),
        other => format!("a folder or file can't be read and is left out: {other}"),
    }
}

/// The folder of a glob before its first wildcard.
fn fixed_part(glob: &str) -> PathBuf {
    let wild = glob.find(['*', '?', '[', '{']).unwrap_or(glob.len());
    let fixed = glob[..wild].rfind('/').map_or("", |at| &glob[..=at]);
    PathBuf::from(if fixed.is_empty() { "." } else { fixed })
}

fn missing(argument: &str, error: &std::io::Error) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        &code::INPUT_MISSING,
        format!("the input `{argument}` can't be opened: {error}"),
    );
    let path = Path::new(argument);
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let names: Vec<String> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .take(10_000)
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match crate::diagnostic::nearest(&name, names.iter().map(String::as_str)) {
        Some(near) if near != name => {
            diagnostic.help(format!("`{}` has a file `{near}`", folder.display()))
        }
        _ => diagnostic.help("an input is a file, a folder, a glob, or `-` for standard input"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn tree() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for name in [
            "b.log",
            "a.log",
            ".hidden",
            "sub/c.log",
            "sub/.git/x",
            "sub/d.txt",
        ] {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        }
        dir
    }

    fn names(dir: &tempfile::TempDir, arguments: &[&str]) -> Vec<String> {
        let arguments: Vec<String> = arguments
            .iter()
            .map(|a| format!("{}/{a}", dir.path().display()))
            .collect();
        discover(&arguments, &Context::default())
            .unwrap()
            .iter()
            .map(|i| {
                let inside = i.path.strip_prefix(dir.path()).unwrap();
                inside.display().to_string()
            })
            .collect()
    }

    #[test]
    fn folders_are_walked_in_order_without_hidden_names() {
        let dir = tree();
        assert_eq!(
            names(&dir, &[""]),
            ["a.log", "b.log", "sub/c.log", "sub/d.txt"]
        );
    }

    #[test]
    fn globs_stay_in_their_folder_and_files_come_once() {
        let dir = tree();
        assert_eq!(names(&dir, &["*.log", "a.log"]), ["a.log", "b.log"]);
        assert_eq!(names(&dir, &["**/*.log"]), ["a.log", "b.log", "sub/c.log"]);
        assert_eq!(names(&dir, &["s*"]), ["sub/c.log", "sub/d.txt"]);
    }

    #[test]
    fn all_missing_inputs_are_named() {
        let dir = tree();
        let arguments: Vec<String> = ["a.logg", "*.none", "b.log"]
            .iter()
            .map(|a| format!("{}/{a}", dir.path().display()))
            .collect();
        let errors = discover(&arguments, &Context::default()).unwrap_err();
        assert_eq!(errors.len(), 2);
        assert!(errors[0].help.as_ref().unwrap().contains("a.log"));
        assert!(errors[1].message.contains("*.none"));
    }
}
