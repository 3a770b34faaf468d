//! Subsearches in a search: takes the expression, plans what stands in brackets, and puts what came of it in its place.

use super::super::format::handed_on;
use super::{Diagnostics, Limits, ParseContext, Subplan};
use crate::data::Batch;
use crate::diagnostic::{Diagnostic, code};
use crate::syntax::{SearchExpr, StageText, brackets, search};
use std::sync::Arc;

/// Whether a subsearch stands where a value does: `field=[…]`, `field IN ([…])`. What it gives is part of the text then.
pub(super) fn are_values(text: &StageText) -> bool {
    let arguments = &text.arguments;
    let found = brackets(&arguments.node, arguments.span.start);
    found.iter().any(|inside| {
        let before = &arguments.node[..inside.span.start - arguments.span.start];
        let before = before.trim_end();
        let list = before.strip_suffix('(').map_or("", str::trim_end);
        before.ends_with(['=', '<', '>', ','])
            || list
                .rsplit(char::is_whitespace)
                .next()
                .is_some_and(|word| word.eq_ignore_ascii_case("in"))
    })
}

/// Plans the subsearches, in the order in which they stand.
pub(super) fn plan(
    expr: &mut SearchExpr,
    cx: &ParseContext<'_>,
    plans: &mut Vec<Arc<dyn Subplan>>,
    errors: &mut Diagnostics,
) {
    match expr {
        SearchExpr::And(parts) | SearchExpr::Or(parts) => {
            parts.iter_mut().for_each(|p| plan(p, cx, plans, errors));
        }
        SearchExpr::Not(part) => plan(part, cx, plans, errors),
        SearchExpr::Subsearch(inner) => match (cx.subplan)(&inner.node) {
            Ok(found) => plans.push(found),
            Err(more) => errors.extend(more),
        },
        _ => {}
    }
}

/// The expression with something that holds for every event in the place of each subsearch.
pub(super) fn without(expr: &SearchExpr) -> SearchExpr {
    replaced(expr, &mut |_| Ok(SearchExpr::And(Vec::new()))).unwrap_or(SearchExpr::And(Vec::new()))
}

/// The expression with the results of the subsearches in their places.
pub(super) fn resolve(
    expr: &SearchExpr,
    plans: &[Arc<dyn Subplan>],
) -> Result<SearchExpr, Diagnostic> {
    let mut plans = plans.iter();
    replaced(expr, &mut |span| match plans.next() {
        Some(plan) => parsed(&plan.run(Limits::SEARCH)?, span),
        None => Ok(SearchExpr::And(Vec::new())),
    })
}

fn replaced(
    expr: &SearchExpr,
    of: &mut dyn FnMut(crate::diagnostic::Span) -> Result<SearchExpr, Diagnostic>,
) -> Result<SearchExpr, Diagnostic> {
    let mut all = |parts: &[SearchExpr]| -> Result<Vec<SearchExpr>, Diagnostic> {
        parts.iter().map(|p| replaced(p, &mut *of)).collect()
    };
    Ok(match expr {
        SearchExpr::And(parts) => SearchExpr::And(all(parts)?),
        SearchExpr::Or(parts) => SearchExpr::Or(all(parts)?),
        SearchExpr::Not(part) => SearchExpr::Not(Box::new(replaced(part, of)?)),
        SearchExpr::Subsearch(inner) => of(inner.span)?,
        other => other.clone(),
    })
}

/// The rows of a subsearch as an expression; no rows match nothing, an empty text matches everything.
fn parsed(rows: &Batch, span: crate::diagnostic::Span) -> Result<SearchExpr, Diagnostic> {
    let text = handed_on(rows);
    if text.trim().is_empty() {
        return Ok(SearchExpr::And(Vec::new()));
    }
    if text.replace(' ', "") == "NOT()" {
        return Ok(SearchExpr::Or(Vec::new()));
    }
    let (expr, errors) = search::parse(&text, 0);
    match errors.into_iter().next() {
        None => Ok(expr),
        Some(error) => Err(Diagnostic::at(
            &code::RUNTIME,
            span,
            format!("what the subsearch gave is no search: {}", error.message),
        )
        .help(format!("it gave {text}"))),
    }
}
