//! Expressions of commands: takes syntax, gives programs in which `searchmatch` runs a search, and what computes the
//! `eval(…)` arguments of aggregates on a batch.

use crate::aggregates::Evaluate;
use crate::data::{Batch, Context, Demand, Filter, Mask};
use crate::diagnostic::{Diagnostic, Diagnostics, Span, code};
use crate::functions::{self, Program, SearchCompiler, predicate};
use crate::syntax::{Expr, search};
use std::sync::Arc;

/// Compiles an expression; all errors at once.
pub(super) fn program(expr: &Expr, context: &Context) -> Result<Program, Diagnostics> {
    functions::compile_with(expr, context, Some(&Searches(context)))
}

/// Compiles an expression; gives it with the fields that it reads. A Boolean result stays one: `count` counts the true.
pub(super) fn compile(expr: &Expr, context: &Context) -> Result<(Evaluate, Demand), Diagnostics> {
    let program = program(expr, context)?;
    let demand = Demand::of(program.fields().iter().map(|name| &**name));
    Ok((Arc::new(move |batch| program.evaluate(batch)), demand))
}

/// Compiles the searches inside `searchmatch`.
struct Searches<'a>(&'a Context);

impl SearchCompiler for Searches<'_> {
    fn compile(&self, text: &str, span: Span) -> Result<Arc<dyn Filter>, Diagnostics> {
        // The text had its quotes and escapes taken off: its errors point at the whole of it.
        let at_whole = |errors: Diagnostics| -> Diagnostics {
            let place = |mut error: Diagnostic| {
                error.span = Some(span);
                error
            };
            errors.into_iter().map(place).collect()
        };
        let (expr, errors) = search::parse(text, span.start);
        if !errors.is_empty() {
            return Err(at_whole(errors));
        }
        let compiled = predicate::compile(&expr, self.0).map_err(at_whole)?;
        if compiled.earliest.is_some() || compiled.latest.is_some() {
            let message = "searchmatch() takes no earliest or latest";
            return Err(vec![Diagnostic::at(&code::SYNTAX, span, message)]);
        }
        Ok(match compiled.predicate {
            Some(predicate) => predicate,
            None => Arc::new(Everything(Demand::none())),
        })
    }
}

/// Keeps every event: `searchmatch("*")`.
struct Everything(Demand);

impl Filter for Everything {
    fn demand(&self) -> &Demand {
        &self.0
    }
    fn keep(&self, batch: &Batch) -> Mask {
        Mask::from(vec![true; batch.rows()])
    }
}
