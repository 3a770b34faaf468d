//! Rows that come from a saved query or a table: what `savedsearch` and `from` share.

use super::arguments::{Arguments, Word};
use super::made::Made;
use super::{ParseContext, Stage, Subplan, Tables};
use crate::data::Batch;
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use std::sync::Arc;

/// Where the rows come from.
pub(super) enum Sourced {
    Saved(Arc<dyn Subplan>),
    Table(Arc<dyn Tables>, String, Span),
}

impl Sourced {
    /// A saved query, planned; what is wrong with it goes to the arguments.
    pub(super) fn saved(
        name: &Word,
        pairs: &[(String, String)],
        arguments: &mut Arguments,
        cx: &ParseContext<'_>,
    ) -> Option<Self> {
        match cx.searches.saved(&name.text, pairs) {
            Ok(plan) => Some(Self::Saved(plan)),
            Err(errors) => {
                for error in errors {
                    arguments.error(error.or_span(name.span));
                }
                None
            }
        }
    }

    /// A table.
    pub(super) fn table(name: &Word, cx: &ParseContext<'_>) -> Self {
        Self::Table(cx.tables.clone(), name.text.clone(), name.span)
    }
}

/// The stage, or what is wrong.
pub(super) fn finish(
    arguments: Arguments,
    stage: Option<Sourced>,
) -> Result<Box<dyn Stage>, Diagnostics> {
    arguments.finish(|| ())?;
    stage
        .map(|s| Made::boxed("saved rows", move || s.rows()))
        .ok_or_else(Vec::new)
}

impl Sourced {
    fn rows(&self) -> Result<Batch, Diagnostic> {
        match self {
            Self::Saved(plan) => plan.run_whole(),
            Self::Table(tables, name, span) => {
                Ok(tables.read(name).map_err(|e| e.or_span(*span))?.rows)
            }
        }
    }
}
