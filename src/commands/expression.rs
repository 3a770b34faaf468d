//! The `eval(…)` arguments of aggregates: takes their text, gives expressions and what computes them on a batch.

use crate::aggregates::Evaluate;
use crate::data::{Context, Demand};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::syntax::Expr;

/// Reads an expression that starts at `offset` in the query.
pub(super) fn parse(text: &str, offset: usize) -> Result<Expr, Diagnostics> {
    let (expr, errors) = crate::syntax::expr::parse(text, offset);
    match expr {
        Some(expr) if errors.is_empty() => Ok(expr),
        _ => Err(errors),
    }
}

/// Compiles an expression; gives it with the fields that it reads.
pub(super) fn compile(expr: &Expr, _context: &Context) -> Result<(Evaluate, Demand), Diagnostics> {
    Err(unsupported(expr.span))
}

fn unsupported(span: crate::diagnostic::Span) -> Diagnostics {
    vec![Diagnostic::at(
        &code::UNSUPPORTED_FUNCTION,
        span,
        "eval() inside an aggregate is not supported yet",
    )]
}
