//! `mvfilter` and `mvmap`: takes the values of a field for all events at once, evaluates an expression for each, and
//! puts what comes back together by event.

use super::logic;
use super::node::PerValue;
use super::operand::Operand;
use super::program::run;
use crate::data::{Batch, Column, ColumnBuilder, Context, TextBuilder};
use crate::diagnostic::Diagnostic;

/// Evaluates one `mvfilter` or `mvmap` for all events of a batch.
pub(super) fn run_each(
    each: &PerValue,
    batch: &Batch,
    context: &Context,
) -> Result<Operand, Diagnostic> {
    let values = run(&each.values, batch, context)?;
    let (mut texts, mut owners) = (TextBuilder::new(), Vec::new());
    for row in 0..batch.rows() {
        for text in values.texts(row) {
            texts.append_value(text);
            owners.push(row as u32);
        }
    }
    let mut flat = Batch::new(owners.len());
    let column = Column::Text(texts.finish());
    for name in &each.others {
        if *name != each.field {
            flat.set(name.clone(), batch.column(name).take(&owners));
        }
    }
    flat.set(each.field.clone(), column.clone());
    let results = run(&each.body, &flat, context)?;
    let kept = each
        .keeps
        .then(|| logic::certain(&results.truths(flat.rows())));
    let source = if each.keeps {
        column
    } else {
        results.into_column(flat.rows())
    };
    let mut builder = ColumnBuilder::default();
    let mut next = 0;
    for row in 0..batch.rows() {
        let first = next;
        while owners.get(next).is_some_and(|owner| *owner as usize == row) {
            next += 1;
        }
        let texts = (first..next)
            .filter(|i| kept.as_ref().is_none_or(|kept| kept.value(*i)))
            .flat_map(|i| source.values(i));
        builder.push_texts(texts);
    }
    Ok(Operand::Column(builder.finish()))
}
