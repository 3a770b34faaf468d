//! Rows that come from a saved query or a table: what `savedsearch` and `from` share.

use super::arguments::{Arguments, Word};
use super::made;
use super::{BuildContext, Kind, Ordering, ParseContext, Stage, Subplan, Tables};
use crate::data::Demand;
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::operators::Operator;
use std::sync::Arc;

/// Where the rows come from.
#[derive(Debug)]
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
        .map(|s| Box::new(s) as Box<dyn Stage>)
        .ok_or_else(Vec::new)
}

impl Stage for Sourced {
    fn kind(&self) -> Kind {
        Kind::Serial
    }
    fn ordering(&self) -> Ordering {
        Ordering::Makes
    }
    fn demand(&self, _: &Demand) -> Demand {
        Demand::none()
    }
    fn generates(&self) -> bool {
        true
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let rows = match self {
            Self::Saved(plan) => plan.run_whole()?,
            Self::Table(tables, name, span) => {
                tables.read(name).map_err(|e| e.or_span(*span))?.rows
            }
        };
        let count = rows.rows();
        Ok(made::rows(rows, count, cx))
    }
}
