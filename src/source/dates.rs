//! The fields that tell the parts of an event's time as its text writes it: takes what was written, gives the columns that
//! are asked for by name. A field of that name that the event has itself stands.

use super::projection::Projection;
use crate::data::time::{DATE_FIELDS, Written, own_date};
use crate::data::{Batch, ColumnBuilder, Demand, Value};

/// Whether one of the fields is asked for by its name: a pattern asks for what events have themselves.
pub(super) fn are_named(demand: &Demand) -> bool {
    DATE_FIELDS.iter().any(|name| demand.names.contains(*name))
}

/// Gives the events that have no such field themselves the ones asked for.
pub(super) fn given(projection: &Projection, written: &[Option<Written>], batch: &mut Batch) {
    let named = |name: &&str| projection.demand.names.contains(*name);
    for name in DATE_FIELDS.into_iter().filter(named) {
        let own = batch.column(name);
        let mut column = ColumnBuilder::default();
        for (row, written) in written.iter().enumerate() {
            column.push(match own.value(row) {
                Value::Null => written
                    .and_then(|written| written.field(name))
                    .map_or(Value::Null, Value::Text),
                value => value,
            });
        }
        batch.set(name, column.finish());
        if projection.is_shared {
            batch.set(own_date(name), own);
        }
    }
}
