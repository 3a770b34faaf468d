//! Events whose fields were chosen: takes the fields of rows, gives those that rows are compared by.

use crate::data::FieldName;

/// The fields that rows are compared by: all. Of events whose fields were chosen (`fields url`) it is the chosen ones,
/// without `_time` and `_raw`, which stay whatever is chosen.
pub(super) fn compared(mut names: Vec<FieldName>) -> Vec<FieldName> {
    let has = |name: &str| names.iter().any(|n| **n == *name);
    let whole = has("source") && has("sourcetype");
    if !whole && names.iter().any(|name| !name.starts_with('_')) {
        names.retain(|name| !name.starts_with('_'));
    }
    names
}
