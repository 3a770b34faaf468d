//! One query from text to rows: takes a query, the saved knowledge and inputs, gives batches and what there is to say
//! about the run. The only file that names every stage.

mod drill;
mod explain;
mod feed;
mod report;
mod testing;
pub mod why;

pub use report::{Outcome, StageReport};
pub use testing::run_for_test;

use crate::commands::{IMPLIED, ParseContext, Subplan};
use crate::data::Context;
use crate::data::time::{Modifier, Timestamp};
use crate::diagnostic::{Diagnostic, Diagnostics, Notice, SourceText, code};
use crate::functions;
use crate::knowledge::{self, Evaluator, Expanded, Library, SavedQuery};
use crate::plan::{self, Goal, Plan};
use crate::source;
use crate::syntax::{self, Pipeline};
use std::path::PathBuf;
use std::sync::Arc;

/// What a session is told at its start; the REPL's `.set` changes it.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Folders of macros, later ones win.
    pub macros: Vec<PathBuf>,
    /// Folders of saved queries.
    pub queries: Vec<PathBuf>,
    /// Folders of lookup tables.
    pub lookups: Vec<PathBuf>,
    /// What the user says of the input.
    pub source: source::Options,
    /// Earliest `_time` as typed.
    pub earliest: Option<String>,
    /// Latest `_time` as typed.
    pub latest: Option<String>,
    /// Zone, threads, batch size, `now`; notices and cancellation are made anew for each run.
    pub context: Context,
    /// Whether `now` is fixed rather than the clock's.
    pub fixed_now: bool,
}

/// A query to run.
#[derive(Debug, Clone)]
pub struct Query {
    /// Its text, with the file it came from.
    pub text: Arc<SourceText>,
    /// For a saved query, what its file says.
    pub saved: Option<SavedQuery>,
}

impl Query {
    /// A query as typed.
    pub fn typed(text: &str) -> Self {
        let text = SourceText { name: "query".to_owned(), text: text.to_owned(), first_line: 1 };
        Self { text: Arc::new(text), saved: None }
    }

    /// A saved query.
    pub fn saved(saved: SavedQuery) -> Self {
        Self { text: saved.text.clone(), saved: Some(saved) }
    }

    /// The query's own filter macro, which may be missing.
    pub fn filter_macro(&self) -> Option<String> {
        self.saved.as_ref().map(SavedQuery::filter_macro)
    }
}

/// A query that can run.
pub struct Compiled {
    /// The expanded text, with the map back.
    pub expanded: Expanded,
    /// The plan.
    pub plan: Plan,
    /// What compiling has to say (a missing filter macro, a lapsed suppression).
    pub remarks: Vec<Notice>,
    /// The facts that it was compiled with.
    pub context: Context,
}

/// Knowledge loaded, ready to compile and run queries.
pub struct Session {
    /// What it was told.
    pub settings: Settings,
    library: Library,
    remarks: Vec<Notice>,
}

impl Session {
    /// Loads the knowledge that the settings name.
    pub fn new(settings: Settings) -> Result<Self, Diagnostics> {
        let (library, errors, remarks) = Library::load(&settings.macros);
        if errors.is_empty() { Ok(Self { settings, library, remarks }) } else { Err(errors) }
    }

    /// The macros.
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// Loads the macros again when a file changed. On errors the old ones stay.
    pub fn refresh(&mut self) -> Result<bool, Diagnostics> {
        if !self.library.is_stale() {
            return Ok(false);
        }
        let (library, errors, remarks) = Library::load(&self.settings.macros);
        if !errors.is_empty() {
            return Err(errors);
        }
        (self.library, self.remarks) = (library, remarks);
        Ok(true)
    }

    /// The saved query of a name or path.
    pub fn find_query(&self, name: &str) -> Result<Query, Diagnostic> {
        knowledge::find(name, &self.settings.queries).map(Query::saved)
    }

    /// The facts of a run that starts now.
    pub fn context(&self) -> Result<Context, Diagnostics> {
        let mut context = self.settings.context.clone();
        context.notices = crate::diagnostic::Notices::default();
        if !self.settings.fixed_now {
            context.now = Timestamp::now();
        }
        let mut errors = Diagnostics::new();
        let mut read = |name: &str, text: &Option<String>| {
            let text = text.as_deref()?;
            match Modifier::parse(text) {
                Ok(modifier) => modifier.apply(context.now, context.zone),
                Err(why) => {
                    errors.push(Diagnostic::new(&code::TIME_FORMAT, format!("{name} can't be read as a time: {why}")));
                    None
                }
            }
        };
        let earliest = read("--earliest", &self.settings.earliest);
        let latest = read("--latest", &self.settings.latest);
        (context.earliest, context.latest) = (earliest, latest);
        if errors.is_empty() { Ok(context) } else { Err(errors) }
    }

    /// Expands macros and comments only.
    pub fn expand(&self, query: &Query, context: &Context) -> Result<Expanded, Diagnostics> {
        let optional = query.filter_macro();
        knowledge::expand(&query.text, &self.library, optional.as_deref(), &ExprEvaluator { context })
    }

    /// From text to plan. All errors at once, placed in the query or the macro file.
    pub fn compile(&self, query: &Query, goal: &Goal) -> Result<Compiled, Diagnostics> {
        let context = self.context()?;
        let expanded = self.expand(query, &context)?;
        let plan = self.plan(&expanded, goal, &context).map_err(|errors| place(errors, &expanded))?;
        let mut remarks = self.remarks_for(&expanded);
        remarks.extend(expanded.remarks.iter().cloned());
        Ok(Compiled { expanded, plan, remarks, context })
    }

    fn plan(&self, expanded: &Expanded, goal: &Goal, context: &Context) -> Result<Plan, Diagnostics> {
        let (pipeline, mut errors) = syntax::parse_pipeline(&expanded.text, 0);
        let Some(pipeline) = pipeline else { return Err(errors) };
        let subplan = |_: &Pipeline| -> Result<Arc<dyn Subplan>, Diagnostics> {
            Err(vec![Diagnostic::new(&code::UNSUPPORTED_COMMAND, "subsearches are not run yet")])
        };
        let leading_pipe = pipeline.stages.first().is_none_or(|s| !s.name.span.is_empty() && s.name.node != IMPLIED);
        let cx = ParseContext { context, subplan: &subplan, leading_pipe };
        match plan::parse(&pipeline, &cx) {
            Ok(stages) if errors.is_empty() => Ok(plan::plan(stages, goal)),
            Ok(_) => Err(errors),
            Err(more) => {
                for error in more {
                    if !errors.iter().any(|e| e.span == error.span && e.message == error.message) {
                        errors.push(error);
                    }
                }
                errors.sort_by_key(|e| e.span);
                Err(errors)
            }
        }
    }

    /// The library's remarks about macros that this query uses.
    fn remarks_for(&self, expanded: &Expanded) -> Vec<Notice> {
        self.remarks.iter().filter(|r| expanded.uses.iter().any(|name| r.text.contains(name.as_str()))).cloned().collect()
    }
}

/// Gives each error its places in the query and the macro files.
fn place(mut errors: Diagnostics, expanded: &Expanded) -> Diagnostics {
    for error in &mut errors {
        if let (Some(span), true) = (error.span, error.labels.is_empty()) {
            error.labels = expanded.map.locate(span);
            if let Some(first) = error.labels.first_mut() {
                first.note = std::mem::take(&mut error.note);
            }
        }
    }
    errors
}

/// Evaluates `iseval` definitions and validations of macros.
struct ExprEvaluator<'a> {
    context: &'a Context,
}

impl ExprEvaluator<'_> {
    fn value(&self, text: &str) -> Result<crate::data::Value, String> {
        let first = |errors: Diagnostics| errors.first().map_or_else(|| "not an expression".to_owned(), |e| e.message.clone());
        let (expr, errors) = syntax::expr::parse(text, 0);
        let Some(expr) = expr.filter(|_| errors.is_empty()) else { return Err(first(errors)) };
        let program = functions::compile(&expr, self.context).map_err(first)?;
        let column = program.evaluate(&crate::data::Batch::new(1)).map_err(|e| e.message)?;
        Ok(column.value(0))
    }
}

impl Evaluator for ExprEvaluator<'_> {
    fn text(&self, expr: &str) -> Result<String, String> {
        match self.value(expr)? {
            crate::data::Value::Text(text) => Ok(text),
            other => Err(format!("it gives {} and not a text", other.to_text().unwrap_or("nothing".into()))),
        }
    }

    fn truth(&self, expr: &str) -> Result<bool, String> {
        match self.value(expr)? {
            crate::data::Value::Bool(truth) => Ok(truth),
            crate::data::Value::Null => Ok(false),
            _ => Err("a validation has to be true or false".to_owned()),
        }
    }
}
