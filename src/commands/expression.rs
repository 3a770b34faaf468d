//! The `eval(…)` arguments of aggregates: takes expressions, gives what computes them on a batch.

use crate::aggregates::Evaluate;
use crate::data::{Context, Demand};
use crate::diagnostic::Diagnostics;
use crate::functions;
use crate::syntax::Expr;
use std::sync::Arc;

/// Compiles an expression; gives it with the fields that it reads. A Boolean result stays one: `count` counts the true.
pub(super) fn compile(expr: &Expr, context: &Context) -> Result<(Evaluate, Demand), Diagnostics> {
    let program = functions::compile(expr, context)?;
    let demand = Demand::of(program.fields().iter().map(|name| &**name));
    Ok((Arc::new(move |batch| program.evaluate(batch)), demand))
}
