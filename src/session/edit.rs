//! Editing a macro: takes its name, opens its file in the user's editor, and keeps the change only when it holds.

use super::{Query, Session};
use crate::diagnostic::{Diagnostic, Diagnostics, Span, code};
use crate::knowledge::edit::check_macro;
use crate::knowledge::{Macro, saved, write_atomically};
use crate::plan::Goal;
use std::fmt::Display;
use std::path::Path;
use std::process::Command;

fn cannot(what: &str, why: &dyn Display) -> Diagnostics {
    vec![Diagnostic::new(&code::MACRO_EDIT, format!("{what}: {why}"))]
}

impl Session {
    /// Opens a macro's file in `$VISUAL`, `$EDITOR` or vi; gives what to tell. A file that would be broken is not kept.
    pub fn edit_macro(&self, name: &str) -> Result<String, Diagnostics> {
        let found = self.find_macros(name).map_err(|e| vec![e])?;
        let Some(first) = found.first() else {
            return Ok(String::new());
        };
        let path = &first.file;
        let before =
            std::fs::read_to_string(path).map_err(|e| cannot("the file can't be read", &e))?;
        let after = edited(path, &before)?;
        if after == before {
            return Ok(format!("{} is unchanged\n", path.display()));
        }
        self.check_replacement(path, &after)?;
        write_atomically(path, &after, &code::MACRO_EDIT).map_err(|e| vec![e])?;
        Ok(format!("{} is changed\n", path.display()))
    }

    /// Whether the macros and the saved queries still hold when a macro file has another text.
    fn check_replacement(&self, path: &Path, text: &str) -> Result<(), Diagnostics> {
        let session = self.with_macro_file(path, text)?;
        let changed = session.library().iter().filter(|m| m.file == path);
        let mut errors: Diagnostics = changed.flat_map(|m| session.check_macro(m)).collect();
        for (_, file) in self.settings.queries.iter().flat_map(|f| saved::list(f)) {
            let Ok(query) = saved::read(&file).map(Query::saved) else {
                continue;
            };
            // A query that was broken before is not this edit's doing.
            if self.compile(&query, &Goal::default()).is_ok() {
                errors.extend(
                    session
                        .compile(&query, &Goal::default())
                        .err()
                        .unwrap_or_default(),
                );
            }
        }
        if errors.is_empty() {
            Ok(())
        } else {
            Err(errors)
        }
    }

    /// What is wrong with a macro by itself: its arguments, its brackets, its parsing as a stage or as search terms.
    pub fn check_macro(&self, found: &Macro) -> Diagnostics {
        check_macro(found, &|m: &Macro| {
            let text = m.definition.text();
            if !m.arguments.is_empty() || m.iseval {
                return Diagnostics::new();
            }
            let as_terms = self.compile(
                &Query {
                    text: m.definition.clone(),
                    saved: None,
                },
                &Goal::default(),
            );
            let as_stage = self.compile(&Query::typed(&format!("* | {text}")), &Goal::default());
            let as_generator = self.compile(&Query::typed(&format!("| {text}")), &Goal::default());
            match (as_terms, as_stage, as_generator) {
                (Err(errors), Err(staged), Err(_)) => {
                    // The stage's errors are told when the text begins with a command's name.
                    let word = text.split_whitespace().next().unwrap_or("");
                    let mut errors = if crate::commands::find(word).is_some() {
                        staged
                    } else {
                        errors
                    };
                    for error in &mut errors {
                        error.labels = m.definition.locate(Span::new(0, text.len()));
                    }
                    errors
                }
                _ => Diagnostics::new(),
            }
        })
    }
}

/// The text as the editor leaves it.
fn edited(path: &Path, before: &str) -> Result<String, Diagnostics> {
    let ending = path
        .extension()
        .map_or(".conf".to_owned(), |e| format!(".{}", e.to_string_lossy()));
    let draft = tempfile::Builder::new()
        .prefix("spelunk-")
        .suffix(&ending)
        .tempfile()
        .map_err(|e| cannot("no temporary file", &e))?;
    std::fs::write(draft.path(), before).map_err(|e| cannot("no temporary file", &e))?;
    let editor = ["VISUAL", "EDITOR"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.trim().is_empty()));
    let editor = editor.unwrap_or_else(|| "vi".to_owned());
    let mut words = editor.split_whitespace();
    let status = Command::new(words.next().unwrap_or("vi"))
        .args(words)
        .arg(draft.path())
        .status()
        .map_err(|e| cannot(&format!("the editor `{editor}` can't be started"), &e))?;
    if !status.success() {
        return Err(cannot(
            "the file is unchanged",
            &format!("the editor ended with {status}"),
        ));
    }
    std::fs::read_to_string(draft.path()).map_err(|e| cannot("the draft can't be read", &e))
}
