//! Expressions of commands: takes syntax, gives programs that may read lookup tables, and what computes the `eval(…)`
//! arguments of aggregates on a batch.

use super::{ParseContext, Tables, lookup};
use crate::aggregates::Evaluate;
use crate::data::{Context, Demand};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::functions::{self, ColumnPair, Finder, Lookups, Program};
use crate::syntax::Expr;
use std::sync::Arc;

/// Compiles an expression; all errors at once.
pub(super) fn program(expr: &Expr, cx: &ParseContext<'_>) -> Result<Program, Diagnostics> {
    functions::compile_with(expr, cx.context, Arc::new(Tabled(cx.tables.clone())))
}

/// Compiles an expression; gives it with the fields that it reads. A Boolean result stays one: `count` counts the true.
pub(super) fn compile(
    expr: &Expr,
    cx: &ParseContext<'_>,
) -> Result<(Evaluate, Demand), Diagnostics> {
    let program = program(expr, cx)?;
    let mut demand = Demand::none();
    program.add_to(&mut demand);
    Ok((Arc::new(move |batch| program.evaluate(batch)), demand))
}

/// The tables of a run as the function `lookup` reads them.
#[derive(Debug)]
struct Tabled(Arc<dyn Tables>);

impl Lookups for Tabled {
    fn open(
        &self,
        table: &str,
        keys: Vec<ColumnPair>,
        outputs: Vec<ColumnPair>,
        context: &Context,
    ) -> Result<Finder, Diagnostic> {
        lookup::finder(self.0.as_ref(), table, (keys, outputs), context)
    }
}
