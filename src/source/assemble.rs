//! A morsel's batch put together: takes columns of the events' texts, adds the envelopes' fields, puts all in order.

use super::morsel::Morsel;
use super::projection::Projection;
use crate::data::time::Timestamp;
use crate::data::{Batch, ColumnBuilder, FieldName, Value};

/// What was noticed in one morsel.
#[derive(Debug, Default, Clone)]
pub struct Findings {
    /// Rows whose JSON is broken.
    pub broken: Vec<u32>,
    /// Rows with bytes that are not UTF-8.
    pub invalid: Vec<u32>,
    /// Rows with values that lie too deep.
    pub too_deep: Vec<u32>,
    /// Events without a time.
    pub timeless: u64,
}

/// The columns of a morsel's events.
pub struct Built {
    /// The events.
    pub batch: Batch,
    /// Their times, when `_time` was wanted.
    pub times: Vec<Option<Timestamp>>,
    /// What was noticed.
    pub findings: Findings,
}

/// Puts the envelopes' own fields over what the events' texts hold.
pub(super) fn indexed(
    projection: &Projection,
    morsel: &Morsel,
    batch: &mut Batch,
    envelope: impl Fn(usize) -> Option<usize>,
) {
    let mut names: indexmap::IndexSet<&FieldName> = indexmap::IndexSet::new();
    for metadata in &morsel.metadata {
        names.extend(metadata.fields.iter().map(|(name, _)| name));
    }
    for name in names
        .into_iter()
        .filter(|name| projection.demand.wants(name))
    {
        let own = batch.column(name);
        let mut column = ColumnBuilder::default();
        for row in 0..batch.rows() {
            let metadata = envelope(row).and_then(|at| morsel.metadata.get(at));
            let field = metadata.and_then(|m| m.fields.iter().find(|(n, _)| n == name));
            column.push(match field {
                Some((_, value)) if *value != Value::Null => value.clone(),
                _ => own.value(row),
            });
        }
        batch.set(name.clone(), column.finish());
    }
}

/// The columns in the order of the demand's names, then the others as they came.
pub(super) fn ordered(projection: &Projection, mut batch: Batch) -> Batch {
    let mut sorted = Batch::new(batch.rows());
    sorted.position = batch.position;
    for name in &projection.demand.names {
        if let Some(column) = batch.remove(name) {
            sorted.set(name.clone(), column);
        }
    }
    for (name, column) in batch.fields() {
        sorted.set(name.clone(), column.clone());
    }
    sorted
}
