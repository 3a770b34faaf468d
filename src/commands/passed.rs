//! A stage that passes its rows on as they are: what `localop`, `noop` and `redistribute` share.

use super::{BuildContext, Kind, Ordering, Stage};
use crate::data::Demand;
use crate::diagnostic::Diagnostic;
use crate::operators::{Operator, streaming};

/// The stage.
#[derive(Debug)]
pub(super) struct Passed;

impl Stage for Passed {
    fn kind(&self) -> Kind {
        Kind::Streaming
    }
    fn ordering(&self) -> Ordering {
        Ordering::Keeps
    }
    fn demand(&self, after: &Demand) -> Demand {
        after.clone()
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        Ok(streaming(|batch| batch))
    }
}
