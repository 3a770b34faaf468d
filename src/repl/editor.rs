//! The line editor: takes keys, gives whole queries. Completion, hints, highlighting and continuation lines meet here.

use super::catalog::Catalog;
use super::{completer, highlighter};
use crate::commands;
use crate::syntax::highlight::{Completeness, is_complete};
use rustyline::completion::{Completer, FilenameCompleter, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Config, Context, Helper, Result};
use std::borrow::Cow;
use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

/// What was read.
pub enum Line {
    /// A whole query or dot-command.
    Text(String),
    /// Ctrl-C at the prompt: the line is dropped.
    Cancelled,
    /// Ctrl-D.
    End,
}

/// The editor with its history.
pub struct Editor {
    inner: rustyline::Editor<Assistant, FileHistory>,
    history: Option<PathBuf>,
}

impl Editor {
    /// An editor that completes from the catalog. History lies in the user's state folder.
    pub fn new(catalog: Rc<RefCell<Catalog>>, colour: bool) -> Result<Self> {
        let config = Config::builder()
            .history_ignore_space(true)
            .history_ignore_dups(true)?
            .max_history_size(10_000)?
            .completion_type(CompletionType::List)
            .completion_show_all_if_ambiguous(true)
            .build();
        let mut inner = rustyline::Editor::with_config(config)?;
        inner.set_helper(Some(Assistant {
            catalog,
            files: FilenameCompleter::new(),
            colour,
        }));
        let history = history_file();
        if let Some(path) = &history {
            // The first session has none.
            let _ = inner.load_history(path);
        }
        Ok(Self { inner, history })
    }

    /// Reads one query; it goes on over lines until it is whole.
    pub fn read(&mut self) -> Line {
        match self.inner.readline("spelunk> ") {
            Ok(text) => {
                // A line that can't be remembered is still run.
                let _ = self.inner.add_history_entry(text.as_str());
                // Kept at once: a closed terminal or a kill must not take a day's queries along.
                self.save();
                Line::Text(text)
            }
            Err(ReadlineError::Interrupted) => Line::Cancelled,
            Err(_) => Line::End,
        }
    }

    /// Keeps what was typed since the last call.
    fn save(&mut self) {
        if let Some(path) = &self.history {
            if let Some(folder) = path.parent() {
                let _ = std::fs::create_dir_all(folder);
            }
            let _ = self.inner.append_history(path);
        }
    }
}

/// `$SPELUNK_HISTORY`, else `spelunk/history` in the state folder of the user.
fn history_file() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("SPELUNK_HISTORY") {
        return Some(PathBuf::from(path));
    }
    let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|h| PathBuf::from(h).join(".local/state"));
    Some(state.or_else(home)?.join("spelunk/history"))
}

/// What the editor asks while a line is typed.
struct Assistant {
    catalog: Rc<RefCell<Catalog>>,
    files: FilenameCompleter,
    colour: bool,
}

impl Helper for Assistant {}

impl Completer for Assistant {
    type Candidate = Pair;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> Result<(usize, Vec<Pair>)> {
        Ok(completer::complete(
            line,
            at,
            &self.catalog.borrow(),
            &self.files,
        ))
    }
}

impl Hinter for Assistant {
    type Hint = String;

    /// The usage of the command that was just named, or of a dot-command.
    fn hint(&self, line: &str, at: usize, _: &Context<'_>) -> Option<String> {
        if at < line.len() || !line.ends_with(' ') {
            return None;
        }
        if let Some(command) = line.strip_prefix('.') {
            let dot = super::dot::find(command.trim())?;
            return Some(dot.usage.to_owned()).filter(|u| !u.is_empty());
        }
        let stage = line.rsplit('|').next().filter(|_| line.contains('|'))?;
        let name = stage.trim();
        let usage = commands::find(name)?.usage();
        let rest = usage.split_once(' ').map_or("", |(_, rest)| rest);
        Some(rest.to_owned()).filter(|r| !r.is_empty())
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, at: usize) -> Cow<'l, str> {
        if self.colour {
            Cow::Owned(highlighter::paint(line, at))
        } else {
            Cow::Borrowed(line)
        }
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        if self.colour {
            Cow::Owned(format!("\x1b[1;32m{prompt}\x1b[0m"))
        } else {
            Cow::Borrowed(prompt)
        }
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        if self.colour {
            Cow::Owned(format!("\x1b[2m{hint}\x1b[0m"))
        } else {
            Cow::Borrowed(hint)
        }
    }

    fn highlight_char(&self, _: &str, _: usize, _: CmdKind) -> bool {
        self.colour
    }
}

impl Validator for Assistant {
    fn validate(&self, cx: &mut ValidationContext<'_>) -> Result<ValidationResult> {
        let line = cx.input();
        // A blank last line gives up on closing what is open: the error then says what it is.
        let forced = line.contains('\n') && line.ends_with('\n');
        if line.starts_with('.') || forced || is_complete(line) == Completeness::Whole {
            return Ok(ValidationResult::Valid(None));
        }
        Ok(ValidationResult::Incomplete)
    }
}
