//! Macro expansion, textual as in Splunk: takes a query and the macros, gives the text without calls and comments, with
//! the way back to every source.

use super::arguments::{self, Bound};
use super::calls::{self, CallText, Token};
use super::definition::{Macro, plural, signature};
use super::library::Library;
use super::mapped::{Call, Mapped, Place};
use super::stages;
use crate::diagnostic::{Diagnostic, Diagnostics, Label, Span, code, nearest};
use std::sync::Arc;

/// The macro that every Splunk has, and that is nothing: how searches were commented before ``` was.
const COMMENT: (&str, usize) = ("comment", 1);

/// How deep calls may be nested.
const MAX_DEPTH: usize = 100;
/// How long the expanded text may grow, in bytes.
const MAX_SIZE: usize = 1 << 20;
/// How many calls one query may make: empty macros could else multiply without ever growing the text.
const MAX_CALLS: usize = 50_000;

/// What a validation expression says of the arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// True, or null for an expression that gives text: the arguments are accepted.
    Accepted,
    /// False, or null for a Boolean expression: refused with the macro's `errormsg`.
    Refused,
    /// The expression gave this text: refused with it.
    Says(String),
}

impl From<bool> for Verdict {
    fn from(truth: bool) -> Self {
        if truth { Self::Accepted } else { Self::Refused }
    }
}

/// The eval expressions of macros. `arguments` can be read in the expression as fields, besides as `$name$`.
pub trait Evaluator {
    /// The text that an `iseval` definition gives; an error when it gives none.
    fn text(&self, expression: &str, arguments: &[(String, String)]) -> Result<String, String>;
    /// Whether a `validation` holds.
    fn truth(&self, expression: &str, arguments: &[(String, String)]) -> Result<Verdict, String>;
}

/// What an expansion works with.
pub struct Request<'a> {
    /// The macros.
    pub library: &'a Library,
    /// Evaluates `iseval` and `validation`.
    pub evaluator: &'a dyn Evaluator,
    /// The one macro that may be missing: the saved query's own `<name>_filter`.
    pub optional: Option<&'a str>,
    /// Whether a command generates its own events, and so may stand first after a pipe.
    pub generating: &'a dyn Fn(&str) -> bool,
}

/// A text without macro calls and comments.
#[derive(Debug, Clone, Default)]
pub struct Expanded {
    /// The text.
    pub text: String,
    /// Where its bytes came from.
    pub map: SourceMap,
    /// What the user should know, in sentences: the optional macro is missing.
    pub remarks: Vec<String>,
    /// The macros that were called, each once, in order of their first call.
    pub used: Vec<Arc<Macro>>,
}

/// The way back from expanded text to the query and the macro files.
#[derive(Debug, Clone, Default)]
pub struct SourceMap(Mapped);

impl SourceMap {
    /// The places of a span: in the innermost text that holds all of it, then each call site.
    pub fn locate(&self, span: Span) -> Vec<Label> {
        self.0.locate(span)
    }

    /// Gives diagnostics at spans of the expanded text their labels.
    pub fn resolve(&self, diagnostics: &mut [Diagnostic]) {
        for diagnostic in diagnostics {
            let Some(span) = diagnostic.span.take() else {
                continue;
            };
            let mut labels = self.locate(span);
            if let Some(first) = labels.first_mut() {
                first.note = diagnostic.note.clone();
            }
            labels.append(&mut diagnostic.labels);
            diagnostic.labels = labels;
        }
    }
}

/// Expands all calls, removes comments, and drops stages that came out empty. All errors are reported.
pub fn expand(query: &Mapped, request: &Request<'_>) -> Result<Expanded, Diagnostics> {
    let (expanded, errors) = expand_known(query, request);
    if errors.is_empty() {
        Ok(expanded)
    } else {
        Err(errors)
    }
}

/// The same, with calls that can't be expanded left out, beside the errors.
pub fn expand_known(query: &Mapped, request: &Request<'_>) -> (Expanded, Diagnostics) {
    let mut expander = Expander {
        request,
        errors: Vec::new(),
        remarks: Vec::new(),
        used: Vec::new(),
        stack: Vec::new(),
        depth: 0,
        calls: 0,
        stopped: false,
    };
    let text = expander.text(query);
    let mapped = stages::drop_empty(&text, request.generating);
    let expanded = Expanded {
        text: mapped.text().to_string(),
        map: SourceMap(mapped),
        remarks: expander.remarks,
        used: expander.used,
    };
    (expanded, expander.errors)
}

struct Expander<'a> {
    request: &'a Request<'a>,
    errors: Diagnostics,
    remarks: Vec<String>,
    used: Vec<Arc<Macro>>,
    /// The macros whose definitions are being expanded, outermost first.
    stack: Vec<Arc<Macro>>,
    /// Nesting of definitions and of arguments.
    depth: usize,
    calls: usize,
    /// Set once a limit is passed: going on would only repeat it.
    stopped: bool,
}

impl Expander<'_> {
    /// The text with its calls expanded.
    fn text(&mut self, text: &Mapped) -> Mapped {
        let mut out = Mapped::default();
        let mut at = 0;
        while let Some((start, end, token)) = calls::next(text.text(), at) {
            out.push_slice(text, at, start);
            at = end;
            let place = text.place(start, end);
            match (token, place) {
                (Token::Comment, Some(place)) => out.push_at(" ", &place),
                (Token::Call(call), Some(place)) => {
                    let brought = self.call(text, &call, &place);
                    if brought.text().trim().is_empty() {
                        out.push_at("", &place);
                    } else {
                        out.push(&brought);
                    }
                }
                (Token::Unclosed { open }, _) => self.unclosed(text, start, open),
                (_, None) => {}
            }
            if out.text().len() > MAX_SIZE {
                self.too_big(text, start, end);
            }
            if self.stopped {
                return Mapped::default();
            }
        }
        out.push_slice(text, at, text.text().len());
        if out.text().len() > MAX_SIZE && !self.stack.is_empty() {
            self.too_big(text, 0, text.text().len());
        }
        out
    }

    /// Keeps an error, unless the same one was met at the same place by another way.
    fn error(&mut self, diagnostic: Diagnostic, place: &Place) {
        let mut diagnostic = diagnostic;
        let mut labels = place.labels();
        if let Some(first) = labels.first_mut() {
            first.note = std::mem::take(&mut diagnostic.note);
        }
        labels.append(&mut diagnostic.labels);
        diagnostic.labels = labels;
        let known = self.errors.iter().any(|error| {
            let same = |(a, b): (&Label, &Label)| a.span == b.span && a.source == b.source;
            error.message == diagnostic.message
                && error
                    .labels
                    .first()
                    .zip(diagnostic.labels.first())
                    .is_some_and(same)
        });
        if !known {
            self.errors.push(diagnostic);
        }
    }

    fn unclosed(&mut self, text: &Mapped, start: usize, open: &str) {
        let Some(place) = text.place(start, start + 1) else {
            return;
        };
        let (message, help) = match open {
            "```" => (
                "this comment is not closed",
                "close it with three backticks",
            ),
            "(" => (
                "the arguments of this macro call are not closed",
                "close them with `)` and the call with a backtick",
            ),
            _ => ("this macro call is not closed", "close it with a backtick"),
        };
        self.error(Diagnostic::new(&code::UNCLOSED, message).help(help), &place);
    }

    fn too_big(&mut self, text: &Mapped, start: usize, end: usize) {
        self.stopped = true;
        if let Some(place) = text.place(start, end) {
            let message = "macro expansion grows over 1 MiB";
            self.error(
                Diagnostic::new(&code::MACRO_SIZE, message)
                    .help("a macro that calls another twice doubles its text at each level"),
                &place,
            );
        }
    }

    /// What a call stands for; nothing when it is wrong.
    fn call(&mut self, text: &Mapped, call: &CallText, place: &Place) -> Mapped {
        self.calls += 1;
        if self.depth >= MAX_DEPTH {
            let message = format!("macro calls are nested over {MAX_DEPTH} deep");
            self.error(
                Diagnostic::new(&code::MACRO_DEPTH, message).help("call fewer macros from macros"),
                place,
            );
            return Mapped::default();
        }
        if self.calls > MAX_CALLS {
            self.stopped = true;
            let message = format!("the query makes over {MAX_CALLS} macro calls");
            self.error(
                Diagnostic::new(&code::MACRO_SIZE, message)
                    .help("a macro that calls another twice doubles the calls at each level"),
                place,
            );
            return Mapped::default();
        }
        self.depth += 1;
        let brought = self.call_inside(text, call, place).unwrap_or_default();
        self.depth -= 1;
        brought
    }

    fn call_inside(&mut self, text: &Mapped, call: &CallText, place: &Place) -> Option<Mapped> {
        let name = text.text().get(call.name.0..call.name.1)?;
        let given = call.arguments.iter();
        // Arguments are expanded where they are written, so that a macro may stand in its own argument.
        let given: Vec<Mapped> = given.map(|&(a, b)| self.text(&text.slice(a, b))).collect();
        let Some(found) = self.request.library.get(name, given.len()).cloned() else {
            self.undefined(name, given.len(), place);
            return None;
        };
        if let Some(from) = self.stack.iter().position(|open| Arc::ptr_eq(open, &found)) {
            self.cycle(from, &found, place);
            return None;
        }
        if !self.used.iter().any(|used| Arc::ptr_eq(used, &found)) {
            self.used.push(found.clone());
        }
        let bound = match arguments::bind(&found.arguments, given) {
            Ok(bound) => bound,
            Err(message) => {
                let message = format!("macro `{}`: {message}", found.signature());
                let help = format!("its arguments are {}", found.arguments.join(", "));
                self.error(
                    Diagnostic::new(&code::MACRO_ARGUMENTS, message).help(help),
                    place,
                );
                return None;
            }
        };
        let site = Arc::new(Call {
            macro_name: found.signature(),
            source: place.source.clone(),
            span: place.span,
            parent: place.call.clone(),
        });
        self.validate(&found, &bound, &site, place)?;
        let mut body = self.substituted(&found.definition, &bound, &site, place)?;
        if found.iseval {
            body = self.evaluated(&found, &body, &bound, &site, place)?;
        }
        self.stack.push(found);
        let expanded = self.text(&body);
        self.stack.pop();
        Some(expanded)
    }

    fn substituted(
        &mut self,
        template: &Mapped,
        bound: &[Bound],
        site: &Arc<Call>,
        place: &Place,
    ) -> Option<Mapped> {
        let body = arguments::substitute(&template.called(site), bound, MAX_SIZE);
        if body.is_none() {
            self.stopped = true;
            self.error(
                Diagnostic::new(&code::MACRO_SIZE, "macro expansion grows over 1 MiB")
                    .help("give the macro shorter arguments"),
                place,
            );
        }
        body
    }

    /// Lets the macro's own validation judge the arguments.
    fn validate(
        &mut self,
        found: &Macro,
        bound: &[Bound],
        site: &Arc<Call>,
        place: &Place,
    ) -> Option<()> {
        let Some(validation) = &found.validation else {
            return Some(());
        };
        let expression = self.substituted(validation, bound, site, place)?;
        let fields = arguments::fields(bound);
        let verdict = self.request.evaluator.truth(expression.text(), &fields);
        let message = match verdict {
            Ok(Verdict::Accepted) => return Some(()),
            Ok(Verdict::Says(text)) => text,
            Ok(Verdict::Refused) => found.errormsg.clone().unwrap_or_else(|| {
                format!(
                    "the arguments of `{}` do not pass its validation",
                    found.signature()
                )
            }),
            Err(problem) => format!(
                "the validation of `{}` can't be evaluated: {problem}",
                found.signature()
            ),
        };
        let mut error = Diagnostic::new(&code::MACRO_VALIDATION, message)
            .help(format!("the macro's validation is `{}`", validation.text()));
        let whole = Span::new(0, validation.text().len());
        error.labels = validation.locate(whole);
        if let Some(first) = error.labels.first_mut() {
            first.note = "validated here".into();
        }
        self.error(error, place);
        None
    }

    /// The text that an eval-based definition gives.
    fn evaluated(
        &mut self,
        found: &Macro,
        body: &Mapped,
        bound: &[Bound],
        site: &Arc<Call>,
        place: &Place,
    ) -> Option<Mapped> {
        let definition = found.definition.called(site);
        let whole = definition
            .place(0, definition.text().len())
            .unwrap_or_else(|| place.clone());
        match self
            .request
            .evaluator
            .text(body.text(), &arguments::fields(bound))
        {
            Ok(text) => {
                let mut given = Mapped::default();
                given.push_at(&text, &whole);
                Some(given)
            }
            Err(problem) => {
                let message = format!(
                    "eval-based macro `{}` gives no text: {problem}",
                    found.signature()
                );
                let error = Diagnostic::new(&code::MACRO_EVAL, message).help(
                    "the definition of an `iseval` macro is an eval expression that gives a string",
                );
                self.error(error, &whole);
                None
            }
        }
    }

    /// Says that no macro has this name, or none of this count.
    fn undefined(&mut self, name: &str, count: usize, place: &Place) {
        let library = self.request.library;
        if (name, count) == COMMENT {
            return;
        }
        let overloads: Vec<String> = library.overloads(name).map(|m| m.signature()).collect();
        if !overloads.is_empty() {
            let message = format!(
                "macro `{name}` is called with {}",
                plural(count, "argument")
            );
            let help = format!("defined: {}", overloads.join(", "));
            self.error(
                Diagnostic::new(&code::MACRO_ARGUMENTS, message).help(help),
                place,
            );
            return;
        }
        if count == 0 && self.request.optional == Some(name) {
            let remark = format!("macro `{name}` is not defined and taken as empty");
            if !self.remarks.contains(&remark) {
                self.remarks.push(remark);
            }
            return;
        }
        let help = match nearest(name, library.iter().map(|m| m.name.as_str())) {
            Some(near) => {
                let counts: Vec<String> = library.overloads(near).map(|m| m.signature()).collect();
                format!("the nearest name is {}", counts.join(", "))
            }
            None if library.folders().is_empty() => "no macro folder was given".to_string(),
            None => {
                let folders = library.folders().iter().map(|f| f.display().to_string());
                format!(
                    "macros were read from {}",
                    folders.collect::<Vec<_>>().join(", ")
                )
            }
        };
        let message = format!("macro `{}` is not defined", signature(name, count));
        self.error(
            Diagnostic::new(&code::UNKNOWN_MACRO, message).help(help),
            place,
        );
    }

    fn cycle(&mut self, from: usize, found: &Macro, place: &Place) {
        let open = self.stack.iter().skip(from).map(|open| open.signature());
        let names: Vec<String> = open.chain([found.signature()]).collect();
        let message = format!(
            "macro `{}` calls itself: {}",
            found.signature(),
            names.join(" -> ")
        );
        self.error(
            Diagnostic::new(&code::MACRO_CYCLE, message)
                .help("take one of these calls out of its macro"),
            place,
        );
    }
}
