//! Sums of rows and of columns: what `addtotals` and `addcoltotals` share.

use super::{BuildContext, Kind, Ordering, Stage};
use crate::data::{Batch, Column, ColumnBuilder, Demand, Pattern, Value};
use crate::diagnostic::Diagnostic;
use crate::operators::{Flow, Operator, Serial};
use indexmap::IndexMap;
use std::sync::Arc;

/// What is summed and where it goes.
#[derive(Debug, Clone, Default)]
pub(super) struct Totals {
    /// Put the sum of each row into this field.
    pub row: Option<String>,
    /// Add a row with the sum of each column.
    pub columns: bool,
    /// Fields to sum; empty for all that are numbers.
    pub fields: Vec<Pattern>,
    /// Where the last row says what it is.
    pub label_field: Option<String>,
    /// What it says.
    pub label: String,
}

impl Totals {
    fn sums(&self, name: &str) -> bool {
        match self.fields.as_slice() {
            [] => !name.starts_with('_'),
            some => some.iter().any(|p| p.matches(name)),
        }
    }
}

impl Stage for Totals {
    fn kind(&self) -> Kind {
        Kind::Serial
    }
    fn ordering(&self) -> Ordering {
        if self.columns {
            Ordering::Sees
        } else {
            Ordering::Keeps
        }
    }
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        if let Some(row) = &self.row {
            demand.remove(row);
        }
        if self.fields.is_empty() {
            return Demand::all();
        }
        for pattern in &self.fields {
            demand.add(pattern.as_str());
        }
        demand
    }
    fn creates(&self) -> Vec<String> {
        self.row.iter().cloned().collect()
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        Ok(Operator::Serial(Box::new(Summing {
            totals: Arc::new(self.clone()),
            sums: IndexMap::new(),
        })))
    }
}

/// The sums of the columns so far.
struct Summing {
    totals: Arc<Totals>,
    sums: IndexMap<String, Option<f64>>,
}

/// The sum of a row's numbers; nothing when it has none.
fn row_sum(columns: &[&Column], row: usize) -> Option<f64> {
    let mut numbers = columns.iter().filter_map(|column| column.number(row));
    let first = numbers.next()?;
    Some(numbers.fold(first, |sum, n| sum + n))
}

impl Serial for Summing {
    fn push(&mut self, mut batch: Batch, out: &mut Vec<Batch>) -> Result<Flow, Diagnostic> {
        let totals = self.totals.clone();
        let summed: Vec<(String, Column)> = batch
            .fields()
            .filter(|(name, _)| totals.sums(name) && totals.row.as_deref() != Some(&***name))
            .map(|(name, column)| (name.to_string(), column.clone()))
            .collect();
        if let Some(name) = &totals.row {
            let columns: Vec<&Column> = summed.iter().map(|(_, c)| c).collect();
            let mut builder = ColumnBuilder::default();
            for row in 0..batch.rows() {
                builder.push(row_sum(&columns, row).map_or(Value::Null, Value::Number));
            }
            batch.set(name.as_str(), builder.finish());
        }
        if totals.columns {
            let own = totals
                .row
                .as_ref()
                .and_then(|name| Some((name.clone(), batch.get(name)?.clone())));
            for (name, column) in summed.into_iter().chain(own) {
                // One number after the other, and a place for each field that is met, whether these rows have it or
                // not: neither depends on how the rows are cut.
                let sum = self.sums.entry(name).or_default();
                for number in (0..column.len()).filter_map(|row| column.number(row)) {
                    *sum = Some(sum.unwrap_or_default() + number);
                }
            }
        }
        out.push(batch);
        Ok(Flow::More)
    }

    fn finish(&mut self, out: &mut Vec<Batch>) -> Result<(), Diagnostic> {
        if !self.totals.columns {
            return Ok(());
        }
        let mut row: Vec<(String, Value)> = self
            .sums
            .drain(..)
            .filter_map(|(name, sum)| Some((name, Value::Number(sum?))))
            .collect();
        if let Some(field) = &self.totals.label_field {
            row.retain(|(name, _)| name != field);
            row.push((field.clone(), Value::from(self.totals.label.as_str())));
        }
        out.push(Batch::from_rows([row]));
        Ok(())
    }
}
