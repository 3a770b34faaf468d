//! `convert auto()`: takes all rows, gives a field as numbers when every value of it is one in the same way; else the
//! field stays as it is.

use super::Spec;
use super::kernel::{Function, number_column};
use crate::data::{Batch, Batches};
use crate::diagnostic::Diagnostic;
use crate::operators::{Mergeable, Partial};
use std::any::Any;
use std::sync::Arc;

/// All conversions of a stage that has an auto().
pub(super) struct ConvertAll(pub(super) Arc<Spec>);

impl Mergeable for ConvertAll {
    fn partial(&self) -> Box<dyn Partial> {
        Box::new(Held {
            spec: self.0.clone(),
            held: Batches::default(),
            batches: Vec::new(),
        })
    }
}

struct Held {
    spec: Arc<Spec>,
    held: Batches,
    /// All of them, once they have come.
    batches: Vec<Batch>,
}

impl Held {
    /// Converts a field in all batches, by the first conversion that no value fails.
    fn auto(&mut self, conversion: &super::Conversion) {
        let whole: Vec<_> = self
            .batches
            .iter()
            .flat_map(|batch| self.spec.targets(conversion, batch))
            .collect::<indexmap::IndexSet<_>>()
            .into_iter()
            .collect();
        for (from, to) in whole {
            let fits = |convert: &&fn(&str) -> Option<f64>| {
                let mut columns = self.batches.iter().filter_map(|batch| batch.get(&from));
                columns.all(|column| {
                    (0..column.len())
                        .all(|row| column.values(row).all(|text| convert(&text).is_some()))
                })
            };
            let found = Function::TO_NUMBER.iter().find(fits).copied();
            for batch in &mut self.batches {
                if let (Some(convert), Some(column)) = (found, batch.get(&from)) {
                    let converted = number_column(column, true, convert);
                    let converted = super::over(batch, &to, column, converted);
                    batch.set(to.clone(), converted);
                }
            }
        }
    }
}

impl Partial for Held {
    fn push(&mut self, batch: Batch) -> Result<(), Diagnostic> {
        self.held.push(batch);
        Ok(())
    }

    fn merge(&mut self, other: Box<dyn Partial>) -> Result<(), Diagnostic> {
        if let Ok(other) = other.into_any().downcast::<Self>() {
            self.held.append(other.held);
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<Batch>, Diagnostic> {
        self.batches = self.held.in_order();
        let spec = self.spec.clone();
        for conversion in &spec.conversions {
            if conversion.function == Function::Auto {
                self.auto(conversion);
            } else {
                for batch in &mut self.batches {
                    spec.apply(conversion, batch);
                }
            }
        }
        Ok(self.batches)
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }

    fn size(&self) -> usize {
        self.held.size()
    }
}
