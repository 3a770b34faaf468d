//! Interactive hunting: takes a session and inputs, reads queries and dot-commands, shows rows until Ctrl-D.
//!
//! | file | gives |
//! |---|---|
//! | `editor` | the line editor: completion, hints, highlighting, continuation lines |
//! | `catalog` | field names and frequent values of the loaded data |
//! | `dot` | the list of dot-commands |
//! | `show`, `settings`, `suppress` | what they do |
//! | `pager` | long results |

mod catalog;
mod completer;
mod dot;
mod editor;
mod highlighter;
mod pager;
mod settings;
mod show;
mod suppress;

use crate::data::{Batch, Demand};
use crate::diagnostic::{Diagnostic, Diagnostics, Notice, Style, code, render};
use crate::operators::Flow;
use crate::plan::Goal;
use crate::render::{Format, Look, RunFacts, Writer, summary};
use crate::session::{Compiled, Outcome, Query, Session};
use crate::source::Progress;
use catalog::Catalog;
use editor::{Editor, Line};
use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The last query that ran, for `.why`, `.drill`, `.suppress`, `.save`, `.fields`.
struct Last {
    query: Query,
    compiled: Compiled,
    rows: Batch,
    outcome: Outcome,
}

/// The state of a session at the prompt.
struct Repl {
    session: Session,
    inputs: Vec<String>,
    look: Look,
    goal: Goal,
    last: Option<Last>,
    catalog: Rc<RefCell<Catalog>>,
    /// Show how long each step took.
    timing: bool,
    watch: Box<Watch>,
}

/// Follows a run's progress on the terminal until what it gives is dropped.
pub type Watch = dyn Fn(Arc<Progress>) -> Box<dyn Any>;

/// Whether the loop goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Control {
    Continue,
    Leave,
}

/// Starts the loop. Errors end it only when nothing could be read at all.
pub fn start(
    session: Session,
    inputs: Vec<String>,
    look: Look,
    goal: Goal,
    watch: Box<Watch>,
) -> Result<(), Diagnostics> {
    let flag = session.settings.context.cancel.flag();
    signal_hook::flag::register(signal_hook::consts::SIGINT, flag).map_err(|e| {
        vec![Diagnostic::new(
            &code::RUNTIME,
            format!("Ctrl-C can't be caught: {e}"),
        )]
    })?;
    let catalog = Rc::new(RefCell::new(Catalog::default()));
    let mut repl = Repl {
        session,
        inputs,
        look,
        goal,
        last: None,
        catalog: catalog.clone(),
        timing: false,
        watch,
    };
    let mut editor = Editor::new(catalog, repl.look.colour).map_err(|e| {
        vec![Diagnostic::new(
            &code::RUNTIME,
            format!("the terminal can't be used: {e}"),
        )]
    })?;
    repl.greet();
    loop {
        match editor.read() {
            Line::Text(text) => {
                if repl.line(&text) == Control::Leave {
                    break;
                }
            }
            Line::Cancelled => {}
            Line::End => break,
        }
    }
    Ok(())
}

impl Repl {
    fn greet(&mut self) {
        println!(
            "spelunk {}: .help shows what can be typed, Ctrl-D leaves",
            env!("CARGO_PKG_VERSION")
        );
        if self.inputs.is_empty() {
            println!("no input yet: .open FILE…");
        } else {
            self.report(|repl| repl.load());
        }
        self.list_names();
    }

    /// Samples the inputs for completion and says what they are.
    fn load(&mut self) -> Result<(), Diagnostics> {
        let sample = catalog::sample(&self.session, &self.inputs)?;
        println!("{}", sample.describe(&self.inputs));
        *self.catalog.borrow_mut() = sample;
        self.list_names();
        Ok(())
    }

    /// Gives completion the names of macros and saved queries.
    fn list_names(&mut self) {
        let mut catalog = self.catalog.borrow_mut();
        catalog.macros = self.session.macro_names();
        catalog.queries = self.session.query_names();
    }

    /// One line typed: a dot-command or a query.
    fn line(&mut self, text: &str) -> Control {
        let text = text.trim();
        if text.is_empty() {
            return Control::Continue;
        }
        self.session
            .settings
            .context
            .cancel
            .flag()
            .store(false, Ordering::Relaxed);
        let mut control = Control::Continue;
        self.report(|repl| {
            repl.refresh();
            if let Some(command) = text.strip_prefix('.') {
                control = dot::run(repl, command)?;
                return Ok(());
            }
            repl.query(&Query::typed(text))
        });
        control
    }

    /// Macro files that changed on disk are read again; when they are broken, the old ones stay and that is said.
    fn refresh(&mut self) {
        match self.session.refresh() {
            Ok(true) => {
                println!("macros read again");
                self.list_names();
            }
            Ok(false) => {}
            Err(errors) => {
                self.errors(&errors);
                println!("the macros stay as they were before");
            }
        }
    }

    fn report(&mut self, work: impl FnOnce(&mut Self) -> Result<(), Diagnostics>) {
        if let Err(errors) = work(self) {
            self.errors(&errors);
        }
    }

    fn errors(&self, errors: &[Diagnostic]) {
        let style = if self.look.colour {
            Style::Colour
        } else {
            Style::Plain
        };
        for error in errors {
            println!("{}", render(error, style).trim_end());
        }
    }

    /// Runs a query and shows its rows. A query that fails leaves the last result as it was.
    fn query(&mut self, query: &Query) -> Result<(), Diagnostics> {
        let started = std::time::Instant::now();
        let mut goal = self.goal.clone();
        let mut compiled = self.session.compile(query, &goal)?;
        let compiling = started.elapsed();
        let mut look = self.look();
        if compiled.plan.shows_events() {
            look.events = true;
            look.columns = compiled.plan.created();
            if look.format == Format::Table {
                goal.shown = Demand::of(
                    ["_time", "_raw"]
                        .into_iter()
                        .chain(look.columns.iter().map(String::as_str)),
                );
                compiled = self.session.compile(query, &goal)?;
            }
        }
        if compiled.plan.reads_input && self.inputs.is_empty() {
            return Err(vec![
                Diagnostic::new(&code::ARGUMENT, "there is no input")
                    .help(".open FILE… names some"),
            ]);
        }
        let mut held = Vec::new();
        let progress = Arc::<Progress>::default();
        let watched = (self.watch)(progress.clone());
        let outcome = self
            .session
            .run(&compiled, &self.inputs, &progress, &mut |batch| {
                held.push(batch);
                Ok(Flow::More)
            });
        // The bar goes before anything is printed.
        drop(watched);
        let outcome = outcome?;
        let rows = Batch::concat(&held);
        let rows = goal
            .limit
            .map_or_else(|| rows.clone(), |limit| rows.slice(0, limit));
        let shown = std::time::Instant::now();
        look.marks = compiled.plan.marks();
        let pictured = match look.format {
            Format::Table => compiled.plan.rendered(rows.clone()).map_err(|e| vec![e])?,
            _ => rows.clone(),
        };
        self.show(&pictured, look, &outcome.notices)?;
        notices(&outcome.notices);
        if rows.is_empty() && compiled.plan.reads_input {
            print!(
                "{}",
                self.session
                    .why(&compiled, &self.inputs, &outcome, self.look.width)?
            );
        }
        println!(
            "{}",
            summary(&facts(&compiled, &outcome, rows.rows() as u64))
        );
        if self.timing {
            println!(
                "compiled in {compiling:.1?}, ran in {:.1?}, shown in {:.1?}",
                outcome.elapsed,
                shown.elapsed()
            );
        }
        self.last = Some(Last {
            query: query.clone(),
            compiled,
            rows,
            outcome,
        });
        Ok(())
    }

    /// How rows look now: the terminal may have changed its size.
    fn look(&self) -> Look {
        Look {
            width: pager::width(),
            zone: self.session.settings.context.zone,
            ..self.look.clone()
        }
    }

    /// Shows rows, through a pager when they are longer than the screen.
    fn show(&self, rows: &Batch, look: Look, notices: &[Notice]) -> Result<(), Diagnostics> {
        let said: Vec<(String, String)> = notices
            .iter()
            .map(|n| (n.topic.to_owned(), n.text.clone()))
            .collect();
        let mut text = Vec::new();
        let mut writer = Writer::new(look, &mut text);
        let written = writer
            .batch(rows.clone())
            .and_then(|()| writer.finish(&said));
        written.map_err(|e| {
            vec![Diagnostic::new(
                &code::OUTPUT,
                format!("rows can't be shown: {e}"),
            )]
        })?;
        pager::show(&String::from_utf8_lossy(&text));
        Ok(())
    }
}

fn notices(notices: &[Notice]) {
    for notice in notices {
        println!("note: {}", notice.text);
    }
}

fn facts(compiled: &Compiled, outcome: &Outcome, rows: u64) -> RunFacts {
    RunFacts {
        scanned: outcome.scanned,
        matched: outcome.matched,
        rows,
        bytes: outcome.bytes,
        elapsed: outcome.elapsed,
        reads_input: compiled.plan.reads_input,
    }
}
