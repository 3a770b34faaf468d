//! Rows held until all have come: takes batches in any order, gives them in input order to a function that makes rows.
//! For stages that must know the range of the data before they can start.

use super::{Mergeable, Operator, Partial};
use crate::data::{Batch, Batches};
use crate::diagnostic::Diagnostic;
use std::any::Any;
use std::sync::Arc;

/// Makes rows of all batches.
type Work = Arc<dyn Fn(Vec<Batch>) -> Result<Vec<Batch>, Diagnostic> + Send + Sync>;

/// The mergeable operator.
struct Gather(Work);

impl Mergeable for Gather {
    fn partial(&self) -> Box<dyn Partial> {
        Box::new(Held {
            batches: Batches::default(),
            work: self.0.clone(),
        })
    }
}

/// The mergeable operator from a function of all batches.
pub fn gathered(
    work: impl Fn(Vec<Batch>) -> Result<Vec<Batch>, Diagnostic> + Send + Sync + 'static,
) -> Operator {
    Operator::Mergeable(Arc::new(Gather(Arc::new(work))))
}

struct Held {
    batches: Batches,
    work: Work,
}

impl Partial for Held {
    fn push(&mut self, batch: Batch) -> Result<(), Diagnostic> {
        if !batch.is_empty() {
            self.batches.push(batch);
        }
        Ok(())
    }

    fn merge(&mut self, other: Box<dyn Partial>) -> Result<(), Diagnostic> {
        if let Ok(other) = other.into_any().downcast::<Self>() {
            self.batches.append(other.batches);
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<Batch>, Diagnostic> {
        (self.work)(self.batches.in_order())
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }

    fn size(&self) -> usize {
        self.batches.size()
    }
}
