//! `correlate`: how often two fields are there together.

use super::arguments::Arguments;
use super::{BuildContext, Command, Example, Kind, Ordering, ParseContext, Stage};
use crate::data::{Batch, Column, Demand, FieldName, Value};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Operator, gathered};
use crate::syntax::StageText;

/// Fields at most, as in Splunk (limits.conf).
const MOST: usize = 1000;

/// The command.
pub struct Correlate;

impl Command for Correlate {
    fn name(&self) -> &'static str {
        "correlate"
    }
    fn summary(&self) -> &'static str {
        "Tells for each two fields how many of the events that have either have both"
    }
    fn usage(&self) -> &'static str {
        "correlate"
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | fields a b | fields - _* | correlate",
                input: "{\"a\":1,\"b\":2}\n{\"a\":1}",
                output: "{\"RowField\":\"a\",\"a\":\"1.00\",\"b\":\"0.50\"}\n{\"RowField\":\"b\",\"a\":\"0.50\",\"b\":\"1.00\"}",
            },
            Example {
                query: "* | fields a c | fields - _* | correlate | table RowField c",
                input: "{\"a\":1}\n{\"c\":1}",
                output: "{\"RowField\":\"a\",\"c\":\"0.00\"}\n{\"RowField\":\"c\",\"c\":\"1.00\"}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let arguments = Arguments::read(self, text);
        arguments.finish(|| Box::new(Correlated) as Box<dyn Stage>)
    }
}

/// `correlate`.
#[derive(Debug)]
struct Correlated;

impl Stage for Correlated {
    fn kind(&self) -> Kind {
        Kind::Mergeable
    }
    fn ordering(&self) -> Ordering {
        Ordering::Makes
    }
    fn demand(&self, _: &Demand) -> Demand {
        Demand::all()
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let context = cx.context.clone();
        let work = move |batches: Vec<Batch>| {
            let mut names = crate::data::filled(&batches);
            names.retain(|name| !name.starts_with('_'));
            names.sort();
            if names.len() > MOST {
                let text = format!(
                    "correlate looks at the first {MOST} fields of {}",
                    names.len()
                );
                context.notices.push("correlate-cap", text, false);
                names.truncate(MOST);
            }
            let present: Vec<Vec<bool>> = names.iter().map(|name| there(name, &batches)).collect();
            let mut out = Batch::new(names.len());
            out.set(
                "RowField",
                Column::from_values(names.iter().map(|n| Value::from(&**n))),
            );
            for (name, column) in names.iter().zip(&present) {
                let shares = present.iter().map(|row| Value::Text(share(row, column)));
                out.set(name.clone(), Column::from_values(shares));
            }
            Ok(vec![out])
        };
        Ok(gathered(work))
    }
}

/// Which rows have a field.
fn there(name: &FieldName, batches: &[Batch]) -> Vec<bool> {
    let rows = |batch: &Batch| {
        let column = batch.column(name);
        (0..batch.rows())
            .map(|row| !column.is_null(row))
            .collect::<Vec<bool>>()
    };
    batches.iter().flat_map(rows).collect()
}

fn share(a: &[bool], b: &[bool]) -> String {
    let (mut both, mut either) = (0u64, 0u64);
    for (a, b) in a.iter().zip(b) {
        both += u64::from(*a && *b);
        either += u64::from(*a || *b);
    }
    format!("{:.2}", both as f64 / either.max(1) as f64)
}
