//! Expressions of commands: takes syntax, gives programs in which `searchmatch` runs a search, and what computes the
//! `eval(…)` arguments of aggregates on a batch.

use crate::aggregates::Evaluate;
use crate::data::{Context, Demand};
use crate::diagnostic::Diagnostics;
use crate::functions::{self, Program};
use crate::syntax::Expr;
use std::sync::Arc;

/// Compiles an expression; all errors at once.
pub(super) fn program(expr: &Expr, context: &Context) -> Result<Program, Diagnostics> {
    functions::compile(expr, context)
}

/// Compiles an expression; gives it with the fields that it reads. A Boolean result stays one: `count` counts the true.
pub(super) fn compile(expr: &Expr, context: &Context) -> Result<(Evaluate, Demand), Diagnostics> {
    let program = program(expr, context)?;
    let demand = Demand::of(program.fields().iter().map(|name| &**name));
    Ok((Arc::new(move |batch| program.evaluate(batch)), demand))
}
