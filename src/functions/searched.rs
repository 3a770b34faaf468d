//! `searchmatch` of a value: takes the search that each event holds, gives whether the event matches it.

use super::node::Node;
use super::operand::Operand;
use super::predicate::Searches;
use super::program::run;
use crate::data::{Batch, Context, Mask};
use crate::diagnostic::{Diagnostic, code};
use arrow_array::BooleanArray;
use std::collections::HashMap;

/// Whether each event matches the search that its value is; null where it has none. Each search is compiled once a
/// batch; a text that is no search stops the run.
pub(super) fn run_each(
    value: &Node,
    batch: &Batch,
    context: &Context,
) -> Result<Operand, Diagnostic> {
    let texts = run(value, batch, context)?;
    let mut known: HashMap<String, Mask> = HashMap::new();
    let mut matched = Vec::with_capacity(batch.rows());
    for row in 0..batch.rows() {
        let Some(text) = texts.text(row) else {
            matched.push(None);
            continue;
        };
        if !known.contains_key(&*text) {
            let failed = |errors: Vec<Diagnostic>| {
                let reason = errors.first().map_or("", |error| error.message.as_str());
                let message = format!("`{text}`, the value of an event, is no search: {reason}");
                Diagnostic::at(&code::RUNTIME, value.span, message)
            };
            let filter = Searches(context).compile(&text, value.span);
            known.insert(text.to_string(), filter.map_err(failed)?.keep(batch)?);
        }
        matched.push(known.get(&*text).map(|mask| mask.value(row)));
    }
    Ok(Operand::bools(BooleanArray::from(matched)))
}
