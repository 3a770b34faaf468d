//! Rows that come from a saved query or a table: what `savedsearch`, `from`, `union` and `join` share.

use super::arguments::{Arguments, Word};
use super::{Limits, ParseContext, Stage, Subplan, Tables, Times, lookup};
use crate::data::{Batch, Context};
use crate::diagnostic::{Diagnostic, Diagnostics, Span, code};
use crate::syntax::Args;
use std::sync::Arc;

/// A saved query, planned.
pub(super) fn saved(
    name: &Word,
    pairs: &[(String, String)],
    cx: &ParseContext<'_>,
) -> Result<Arc<dyn Subplan>, Diagnostics> {
    let planned = cx.searches.saved(&name.text, pairs);
    planned.map_err(|errors| errors.into_iter().map(|e| e.or_span(name.span)).collect())
}

/// A dataset of a kind (`savedsearch`, `lookup`, `inputlookup`) and a name.
pub(super) fn named(
    kind: &str,
    name: &Word,
    cx: &ParseContext<'_>,
) -> Result<Arc<dyn Subplan>, Diagnostics> {
    match kind.to_ascii_lowercase().as_str() {
        "savedsearch" => saved(name, &[], cx),
        "lookup" | "inputlookup" => Ok(Arc::new(Table {
            tables: cx.tables.clone(),
            name: name.text.clone(),
            span: name.span,
            context: cx.context.clone(),
        })),
        "datamodel" => {
            let message = "datamodel: is not done here: data models are not read yet";
            Err(vec![Diagnostic::at(
                &code::UNSUPPORTED_OPTION,
                name.span,
                message,
            )])
        }
        other => {
            let message = format!("there is no dataset of the kind `{other}`");
            let error = Diagnostic::at(&code::SYNTAX, name.span, message);
            Err(vec![
                error.help("there are savedsearch:<name> and lookup:<table>"),
            ])
        }
    }
}

/// Whether a word begins as `<kind>:<name>` does.
pub(super) fn is_dataset(word: &str) -> bool {
    let kinds = ["savedsearch", "lookup", "inputlookup", "datamodel"];
    word.split_once(':')
        .is_some_and(|(kind, _)| kinds.iter().any(|k| k.eq_ignore_ascii_case(kind)))
}

/// The next argument as a subsearch, or as a dataset `<kind>:<name>`; what is wrong with it is reported to `args`.
pub(super) fn dataset(args: &mut Args, cx: &ParseContext<'_>) -> Option<Arc<dyn Subplan>> {
    let mut ahead = args.clone();
    let Some(word) = ahead.word().filter(|word| is_dataset(&word.node.text)) else {
        return cx.subsearch(args);
    };
    *args = ahead;
    let (kind, name) = word.node.text.split_once(':')?;
    let (mut text, mut span) = (name.to_owned(), word.span);
    if text.is_empty()
        && let Some(more) = args.word()
    {
        text = more.node.text;
        span = span.to(more.span);
    }
    let name = Word {
        text,
        quoted: false,
        span,
    };
    match named(kind, &name, cx) {
        Ok(plan) => Some(plan),
        Err(errors) => {
            errors.into_iter().for_each(|error| args.report(error));
            None
        }
    }
}

/// As [`dataset`]; that there is none is reported.
pub(super) fn required(args: &mut Args, cx: &ParseContext<'_>) -> Option<Arc<dyn Subplan>> {
    if args.is_done() {
        let error = args.missing("a subsearch in square brackets");
        args.report(error);
        return None;
    }
    dataset(args, cx)
}

/// The stage that gives the rows, or what is wrong.
pub(super) fn finish(
    mut arguments: Arguments,
    plan: Option<Result<Arc<dyn Subplan>, Diagnostics>>,
) -> Result<Box<dyn Stage>, Diagnostics> {
    let plan = plan.and_then(|plan| match plan {
        Ok(plan) => Some(plan),
        Err(errors) => {
            errors.into_iter().for_each(|error| arguments.error(error));
            None
        }
    });
    arguments.finish(|| ())?;
    plan.map(super::made::saved).ok_or_else(Vec::new)
}

/// A lookup table as a search that gives its rows.
#[derive(Debug)]
struct Table {
    tables: Arc<dyn Tables>,
    name: String,
    span: Span,
    context: Context,
}

impl Subplan for Table {
    fn run(&self, _: Limits) -> Result<Batch, Diagnostic> {
        let table = lookup::table(self.tables.as_ref(), &self.name, &self.context);
        Ok(table.map_err(|e| e.or_span(self.span))?.rows)
    }
    fn run_over(&self, _: &Batch) -> Result<Batch, Diagnostic> {
        self.run(Limits::NONE)
    }
    fn times(&self) -> Times {
        (None, None)
    }

    fn not_streaming(&self) -> Option<String> {
        Some("inputlookup".to_owned())
    }
}
