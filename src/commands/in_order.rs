//! Stages that go through the rows in order and add fields: what `accum`, `delta`, `autoregress` and `trendline` share.

use super::arguments::Arguments;
use super::{BuildContext, Kind, Ordering, Stage};
use crate::data::{Batch, Demand, FieldName};
use crate::diagnostic::Diagnostic;
use crate::operators::{Flow, Operator, Serial};

/// The field after `AS`, if it is next.
pub(super) fn target(arguments: &mut Arguments) -> Option<FieldName> {
    if !arguments.takes("as") {
        return None;
    }
    arguments
        .only("a field after AS")
        .map(|word| word.text.into())
}

/// A stage that reads some fields and makes others, row after row.
pub(super) struct InOrder<F> {
    reads: Vec<FieldName>,
    makes: Vec<FieldName>,
    operator: F,
}

impl<F: Fn() -> Operator + Send + Sync + 'static> InOrder<F> {
    /// The stage; `operator` makes its operator, with an empty memory.
    pub(super) fn boxed(
        reads: Vec<FieldName>,
        makes: Vec<FieldName>,
        operator: F,
    ) -> Box<dyn Stage> {
        Box::new(Self {
            reads,
            makes,
            operator,
        })
    }
}

impl<F> std::fmt::Debug for InOrder<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("InOrder")
            .field(&self.reads)
            .field(&self.makes)
            .finish()
    }
}

impl<F: Fn() -> Operator + Send + Sync> Stage for InOrder<F> {
    fn kind(&self) -> Kind {
        Kind::Serial
    }
    fn ordering(&self) -> Ordering {
        Ordering::Sees
    }
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        for name in &self.makes {
            demand.remove(name);
        }
        for name in &self.reads {
            demand.add_exact(name);
        }
        demand
    }
    fn creates(&self) -> Vec<String> {
        self.makes.iter().map(ToString::to_string).collect()
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        Ok((self.operator)())
    }
}

/// An operator from a function that sees the batches in order.
pub(super) fn in_order(
    f: impl FnMut(Batch) -> Result<Batch, Diagnostic> + Send + 'static,
) -> Operator {
    Operator::Serial(Box::new(Each(f)))
}

struct Each<F>(F);

impl<F: FnMut(Batch) -> Result<Batch, Diagnostic> + Send> Serial for Each<F> {
    fn push(&mut self, batch: Batch, out: &mut Vec<Batch>) -> Result<Flow, Diagnostic> {
        out.push((self.0)(batch)?);
        Ok(Flow::More)
    }

    fn finish(&mut self, _: &mut Vec<Batch>) -> Result<(), Diagnostic> {
        Ok(())
    }
}
