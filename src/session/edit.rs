//! Editing a macro: takes its name, opens its file in the user's editor, and keeps the change only when it holds.

use super::{Query, Session};
use crate::diagnostic::{Diagnostic, Diagnostics, Span, code};
use crate::knowledge::edit::check_macro;
use crate::knowledge::{Macro, saved, write_atomically};
use crate::plan::Goal;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::process::Command;

fn cannot(what: &str, why: &dyn Display) -> Diagnostics {
    vec![Diagnostic::new(&code::MACRO_EDIT, format!("{what}: {why}"))]
}

impl Session {
    /// Opens a macro's file in `$VISUAL`, `$EDITOR` or vi; gives what to tell. A file that would be broken is not kept.
    pub fn edit_macro(&self, name: &str) -> Result<String, Diagnostics> {
        let (path, bare, before, new) = self.place_of(name)?;
        let path = path.as_path();
        let (after, draft) = edited(path, &before)?;
        if after == before && !new {
            return Ok(format!("{} is unchanged\n", path.display()));
        }
        if let Err(mut errors) = self.check_replacement(path, &bare, &after) {
            let (_, kept) = draft
                .keep()
                .map_err(|e| cannot("the draft can't be kept", &e))?;
            errors.push(
                Diagnostic::new(
                    &code::MACRO_EDIT,
                    match new {
                        true => format!("{} is not written", path.display()),
                        false => format!("{} is unchanged", path.display()),
                    },
                )
                .help(format!("the draft is kept in {}", kept.display())),
            );
            return Err(errors);
        }
        write_atomically(path, &after, &code::MACRO_EDIT).map_err(|e| vec![e])?;
        let done = if new { "written" } else { "changed" };
        Ok(format!("{} is {done}\n", path.display()))
    }

    /// The file of a macro, the macro's name, the file's text, and whether it is to be made: the filter of a saved query need
    /// not be there yet.
    fn place_of(&self, name: &str) -> Result<(PathBuf, String, String, bool), Diagnostics> {
        let read = |path: &Path| {
            std::fs::read_to_string(path).map_err(|e| cannot("the file can't be read", &e))
        };
        match self.find_macros(name) {
            Ok(found) => {
                let Some(first) = found.first() else {
                    return Err(cannot("nothing to edit", &name));
                };
                let text = read(&first.file)?;
                Ok((first.file.clone(), first.name.clone(), text, false))
            }
            Err(error) => {
                let query = name.strip_suffix("_filter");
                if !query.is_some_and(|query| self.query_names().iter().any(|n| n == query)) {
                    return Err(vec![error]);
                }
                let path = self.macro_folder().join(format!("{name}.conf"));
                let before = if path.exists() {
                    read(&path)?
                } else {
                    String::new()
                };
                let stanza = format!("{before}[{name}]\ndefinition =\n");
                Ok((path, name.to_owned(), stanza, true))
            }
        }
    }

    /// Whether the macros and the saved queries still hold when the file of a macro has another text.
    fn check_replacement(&self, path: &Path, name: &str, text: &str) -> Result<(), Diagnostics> {
        let session = self.with_macro_file(path, text)?;
        if session.library().overloads(name).next().is_none() {
            return Err(vec![
                Diagnostic::new(
                    &code::MACRO_EDIT,
                    format!("the draft has no macro `{name}`"),
                )
                .help("an empty definition keeps a macro that does nothing"),
            ]);
        }
        let changed = session.library().iter().filter(|m| m.file == path);
        let mut errors: Diagnostics = changed.flat_map(|m| session.check_macro(m)).collect();
        if !errors.is_empty() {
            return Err(errors);
        }
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
            if m.iseval {
                return Diagnostics::new();
            }
            if !m.arguments.is_empty() {
                return self.unknown_commands(m);
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

    /// The unknown commands of a macro with arguments. What its arguments will be is not known, so that other errors
    /// may come from those that stand in for them.
    fn unknown_commands(&self, m: &Macro) -> Diagnostics {
        let call = format!("`{}({})`", m.name, m.arguments.join(", "));
        let tried = |before: &str| {
            let query = Query::typed(&format!("{before}{call}"));
            self.compile(&query, &Goal::default()).err()
        };
        let (Some(_), Some(mut errors), Some(_)) = (tried(""), tried("* | "), tried("| ")) else {
            return Diagnostics::new();
        };
        for error in &mut errors {
            error
                .labels
                .retain(|l| std::path::Path::new(&l.source.name) == m.file);
        }
        let by_itself = |e: &Diagnostic| {
            let word = e
                .labels
                .first()
                .and_then(|l| l.source.text.get(l.span.start..l.span.end));
            e.code.id == code::UNKNOWN_COMMAND.id && word.is_some_and(|w| !w.contains('$'))
        };
        errors.retain(by_itself);
        errors
    }
}

/// The text as the editor leaves it, and the file that it was edited in.
fn edited(path: &Path, before: &str) -> Result<(String, tempfile::NamedTempFile), Diagnostics> {
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
            &format!(
                "the editor `{editor}` {}",
                status
                    .code()
                    .map_or("was killed".to_owned(), |code| format!("ended with {code}"))
            ),
        ));
    }
    let text =
        std::fs::read_to_string(draft.path()).map_err(|e| cannot("the draft can't be read", &e))?;
    Ok((text, draft))
}
