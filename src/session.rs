//! One query from text to rows: takes a query, the saved knowledge and inputs, gives batches and what there is to say
//! about the run. The only file that names every stage.

mod ahead;
mod catalogue;
pub mod check;
mod drill;
mod edit;
mod explain;
mod feed;
pub mod hunt;
mod nested;
mod report;
mod suppress;
mod tables;
mod testing;
mod texts;
pub mod why;

pub use report::{Outcome, StageReport};
pub use suppress::{Preview, Wish};
pub use testing::run_for_test;

use crate::commands::{self, IMPLIED, ParseContext, Subplan};
use crate::data::time::{Modifier, Timestamp};
use crate::data::{Batch, Context, Value};
use crate::diagnostic::{Diagnostic, Diagnostics, Notice, SourceText, code};
use crate::functions;
use crate::knowledge::{self, Evaluator, Expanded, Library, Mapped, SavedQuery, Verdict};
use crate::plan::{self, Goal, Plan};
use crate::source;
use crate::syntax::{self, Pipeline};
use std::path::{Path, PathBuf};
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
    /// The folder that commands may write to: one that the user named.
    pub writable: Option<PathBuf>,
    /// The folder that `collect` may write to.
    pub collected: Option<PathBuf>,
    /// A MaxMind file that says where addresses are.
    pub locations: Option<PathBuf>,
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
    /// Its text, with the way back to the file it came from.
    pub text: Mapped,
    /// For a saved query, what its file says.
    pub saved: Option<SavedQuery>,
}

impl Query {
    /// A query as typed.
    pub fn typed(text: &str) -> Self {
        let source = SourceText {
            name: "query".to_owned(),
            text: text.to_owned(),
            first_line: 1,
        };
        Self {
            text: Mapped::whole(&Arc::new(source)),
            saved: None,
        }
    }

    /// A saved query.
    pub fn saved(saved: SavedQuery) -> Self {
        Self {
            text: saved.search.clone(),
            saved: Some(saved),
        }
    }

    /// The query's own filter macro, which may be missing.
    pub fn filter_macro(&self) -> Option<String> {
        self.saved.as_ref().map(SavedQuery::filter_name)
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
    /// Runs its subsearches.
    runner: Arc<nested::Runner>,
}

/// Knowledge loaded, ready to compile and run queries.
pub struct Session {
    /// What it was told.
    pub settings: Settings,
    library: Arc<Library>,
    remarks: Vec<Notice>,
    /// The files whose errors were told: told again only when a file changes.
    told: Option<u64>,
}

impl Session {
    /// Loads the knowledge that the settings name.
    pub fn new(settings: Settings) -> Result<Self, Diagnostics> {
        let (library, errors, remarks) = Library::load(&settings.macros);
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Self {
            settings,
            library: Arc::new(library),
            remarks: remarks.list(),
            told: None,
        })
    }

    /// This session as it would be with another text of a macro file.
    pub(crate) fn with_macro_file(&self, path: &Path, text: &str) -> Result<Self, Diagnostics> {
        let source = SourceText {
            name: path.display().to_string(),
            text: text.to_owned(),
            first_line: 1,
        };
        let (library, errors, remarks) =
            Library::load_with(&self.settings.macros, path, Arc::new(source));
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Self {
            settings: self.settings.clone(),
            library: Arc::new(library),
            remarks: remarks.list(),
            told: None,
        })
    }

    /// As [`Session::new`], going on with the macros that can be read.
    pub(crate) fn with_errors(settings: Settings) -> (Self, Diagnostics) {
        let (library, errors, remarks) = Library::load(&settings.macros);
        let remarks = remarks.list();
        (
            Self {
                settings,
                library: Arc::new(library),
                remarks,
                told: None,
            },
            errors,
        )
    }

    /// The macros.
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// Loads the macros again when a file changed. On errors the old ones stay, and the errors are told once.
    pub fn refresh(&mut self) -> Result<bool, Diagnostics> {
        if !self.library.is_stale() {
            return Ok(false);
        }
        let (library, errors, remarks) = Library::load(&self.settings.macros);
        if !errors.is_empty() {
            let found = Some(library.fingerprint());
            let is_told = found == self.told;
            self.told = found;
            return if is_told { Ok(false) } else { Err(errors) };
        }
        self.told = None;
        (self.library, self.remarks) = (Arc::new(library), remarks.list());
        Ok(true)
    }

    /// The saved query of a name or path.
    pub fn find_query(&self, name: &str) -> Result<Query, Diagnostic> {
        knowledge::saved::find(name, &self.settings.queries).map(Query::saved)
    }

    /// The facts of a run that starts now.
    pub fn context(&self) -> Result<Context, Diagnostics> {
        let mut context = self.settings.context.clone();
        context.notices = crate::diagnostic::Notices::default();
        context.memory = context.memory.anew();
        if !self.settings.fixed_now {
            context.now = Timestamp::now();
        }
        let mut errors = Diagnostics::new();
        let mut read = |name: &str, text: &Option<String>| {
            let text = text.as_deref()?;
            match Modifier::parse(text) {
                Ok(modifier) => modifier.apply(context.now, context.zone),
                Err(why) => {
                    let (what, help) = why.split_once(". ").unwrap_or((&why, ""));
                    let message = format!("{name} can't be read as a time: {what}");
                    let error = Diagnostic::new(&code::TIME_FORMAT, message);
                    errors.push(match help.trim_end_matches('.') {
                        "" => error,
                        help => error.help(help),
                    });
                    None
                }
            }
        };
        let earliest = read("--earliest", &self.settings.earliest);
        let latest = read("--latest", &self.settings.latest);
        (context.earliest, context.latest) = (earliest, latest);
        if errors.is_empty() {
            Ok(context)
        } else {
            Err(errors)
        }
    }

    /// Expands macros and comments only.
    pub fn expand(&self, query: &Query, context: &Context) -> Result<Expanded, Diagnostics> {
        let (expanded, errors) = expanded(&self.library, query, context);
        if errors.is_empty() {
            Ok(expanded)
        } else {
            Err(errors)
        }
    }

    /// From text to plan. All errors at once, placed in the query or the macro file.
    pub fn compile(&self, query: &Query, goal: &Goal) -> Result<Compiled, Diagnostics> {
        let context = self.context()?;
        let (expanded, unexpanded) = expanded(&self.library, query, &context);
        let runner = nested::Runner::new(self.settings.source.clone(), context.clone());
        let folders = Arc::new(tables::Folders {
            folders: self.settings.lookups.clone(),
            writable: self.settings.writable.clone(),
            collected: self.settings.collected.clone(),
            locations: self.settings.locations.clone(),
        });
        let tables: Arc<dyn commands::Tables> = folders.clone();
        let searches: Arc<dyn commands::Searches> = Arc::new(texts::Texts {
            library: self.library.clone(),
            queries: self.settings.queries.clone(),
            context: context.clone(),
            runner: runner.clone(),
            tables: folders,
            depth: 0,
        });
        let around = Around {
            context: &context,
            runner: &runner,
            tables: &tables,
            searches: &searches,
        };
        let planned = plan_text(&expanded, goal, &around).map_err(|mut errors| {
            expanded.map.resolve(&mut errors);
            errors
        });
        if !unexpanded.is_empty() {
            return Err(and_unknown_names(
                unexpanded,
                planned.err().unwrap_or_default(),
            ));
        }
        let plan = planned?;
        let mut remarks = self.remarks_for(&expanded);
        remarks.extend(plan.unfed(false));
        remarks.extend(expanded.remarks.iter().map(|text| Notice {
            topic: "macros",
            text: text.clone(),
            strict: false,
        }));
        Ok(Compiled {
            expanded,
            plan,
            remarks,
            context,
            runner,
        })
    }

    /// The library's remarks about macros that this query uses (a lapsed suppression).
    fn remarks_for(&self, expanded: &Expanded) -> Vec<Notice> {
        let used = |r: &&Notice| expanded.used.iter().any(|m| r.text.contains(&m.name));
        self.remarks.iter().filter(used).cloned().collect()
    }
}

/// The errors of an expansion, and those of the text without the calls that failed that can't come from the gaps: names
/// that are unknown or refused.
fn and_unknown_names(mut errors: Diagnostics, of_the_rest: Diagnostics) -> Diagnostics {
    let names = [
        &code::UNKNOWN_COMMAND,
        &code::UNSUPPORTED_COMMAND,
        &code::UNKNOWN_FUNCTION,
        &code::UNSUPPORTED_OPTION,
        &code::UNSUPPORTED_FUNCTION,
        &code::UNKNOWN_AGGREGATE,
    ];
    let is_name = |error: &Diagnostic| names.iter().any(|code| code.id == error.code.id);
    errors.extend(of_the_rest.into_iter().filter(is_name));
    errors
}

/// A query's text with its macros expanded; calls that can't be are left out, beside the errors.
fn expanded(library: &Library, query: &Query, context: &Context) -> (Expanded, Diagnostics) {
    let optional = query.filter_macro();
    let request = knowledge::Request {
        library,
        evaluator: &Evaluated { context },
        optional: optional.as_deref(),
        generating: &generates,
    };
    knowledge::expand_known(&query.text, &request)
}

/// Whether a command generates its own events.
fn generates(name: &str) -> bool {
    commands::find(name).is_some_and(|c| c.place() == commands::Place::First)
}

/// What a plan is made with, subsearches included.
struct Around<'a> {
    context: &'a Context,
    runner: &'a Arc<nested::Runner>,
    tables: &'a Arc<dyn commands::Tables>,
    searches: &'a Arc<dyn commands::Searches>,
}

/// From expanded text to plan.
fn plan_text(expanded: &Expanded, goal: &Goal, around: &Around<'_>) -> Result<Plan, Diagnostics> {
    let (pipeline, mut errors) = syntax::parse_pipeline(&expanded.text, 0);
    let Some(pipeline) = pipeline else {
        return Err(errors);
    };
    let leading_pipe = pipeline
        .stages
        .first()
        .is_none_or(|s| !s.name.span.is_empty() && s.name.node != IMPLIED);
    match plan_pipeline(&pipeline, leading_pipe, goal, around) {
        Ok(plan) if errors.is_empty() => match plan.stages.last() {
            Some(last) if last.stage.prestats() => Err(vec![plan::no_reader(last.span)]),
            _ => Ok(plan),
        },
        Ok(_) => Err(errors),
        Err(more) => {
            for error in more {
                if !errors
                    .iter()
                    .any(|e| e.span == error.span && e.message == error.message)
                {
                    errors.push(error);
                }
            }
            errors.sort_by_key(|e| e.span);
            Err(errors)
        }
    }
}

/// Plans a pipeline and the subsearches in it.
fn plan_pipeline(
    pipeline: &Pipeline,
    leading_pipe: bool,
    goal: &Goal,
    around: &Around<'_>,
) -> Result<Plan, Diagnostics> {
    let subplan = |inner: &Pipeline| -> Result<Arc<dyn Subplan>, Diagnostics> {
        let plan = plan_pipeline(inner, false, &Goal::default(), around)?;
        let subplan: Arc<dyn Subplan> = nested::Nested::new(plan, around.runner.clone());
        Ok(subplan)
    };
    let cx = ParseContext {
        context: around.context,
        tables: around.tables,
        searches: around.searches,
        subplan: &subplan,
        leading_pipe,
        first: true,
    };
    plan::parse(pipeline, &cx).map(|stages| plan::plan(stages, goal))
}

/// Evaluates `iseval` definitions and validations of macros.
struct Evaluated<'a> {
    context: &'a Context,
}

impl Evaluated<'_> {
    /// The value, and whether the expression is a Boolean one.
    fn value(&self, text: &str, arguments: &[(String, String)]) -> Result<(Value, bool), String> {
        let first = |errors: Diagnostics| {
            errors
                .first()
                .map_or_else(|| "it is no expression".to_owned(), |e| e.message.clone())
        };
        let (expr, errors) = syntax::expr::parse(text, 0);
        let Some(expr) = expr.filter(|_| errors.is_empty()) else {
            return Err(first(errors));
        };
        let program = functions::compile(&expr, self.context).map_err(first)?;
        let row = arguments
            .iter()
            .map(|(name, value)| (name.as_str(), Value::from(value.as_str())))
            .collect();
        let column = program
            .evaluate(&Batch::from_rows([row]))
            .map_err(|e| e.message)?;
        Ok((column.value(0), program.gives_boolean()))
    }
}

impl Evaluator for Evaluated<'_> {
    fn text(&self, expression: &str, arguments: &[(String, String)]) -> Result<String, String> {
        match self.value(expression, arguments)?.0 {
            Value::Text(text) => Ok(text),
            other => Err(format!(
                "it gives {} and not a text",
                other.to_text().unwrap_or("nothing".into())
            )),
        }
    }

    fn truth(&self, expression: &str, arguments: &[(String, String)]) -> Result<Verdict, String> {
        match self.value(expression, arguments)? {
            (Value::Bool(truth), _) => Ok(truth.into()),
            (Value::Null, boolean) => Ok(if boolean {
                Verdict::Refused
            } else {
                Verdict::Accepted
            }),
            (other, _) => Ok(Verdict::Says(
                other.to_text().unwrap_or_default().into_owned(),
            )),
        }
    }
}
