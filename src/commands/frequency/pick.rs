//! The most or least frequent combinations out of all: takes combinations with their counts in the order of their keys,
//! batch by batch, gives the rows of each group as soon as it is over.
//!
//! Only what can still be a row is held: of the group that goes on the best so far, and the count of what was cut off.

use super::{COUNT, Frequency};
use crate::data::{Batch, Column, ColumnBuilder, FieldName, Share};
use crate::diagnostic::Diagnostic;
use crate::operators::Rows;
use std::ops::Range;

/// Combinations that are looked at together at least, where there are so many.
const CHUNK: usize = 8192;

/// A row of the result: a combination, or the rest of a group.
struct Row {
    /// Its place among the combinations that are looked at.
    at: u32,
    is_other: bool,
    count: f64,
    total: f64,
}

/// An iterator over the batches of rows.
pub(super) struct Picks {
    stage: Frequency,
    /// The combinations to come; none when all were looked at.
    rows: Option<Rows>,
    /// Of the group that goes on: what may become rows, in their order.
    kept: Batch,
    /// The count of what was cut off of that group.
    rest: f64,
    share: Share,
    is_first: bool,
}

impl Picks {
    pub(super) fn new(stage: Frequency, rows: Rows, share: Share) -> Self {
        Self {
            stage,
            rows: Some(rows),
            kept: Batch::new(0),
            rest: 0.0,
            share,
            is_first: true,
        }
    }

    /// The next rows; `None` at the end.
    fn batch(&mut self) -> Result<Option<Batch>, Diagnostic> {
        while let Some(rows) = &mut self.rows {
            let mut parts = vec![std::mem::take(&mut self.kept)];
            // As much again as is held, so that no combination is looked at too often.
            let held: usize = parts.iter().map(Batch::rows).sum();
            let wanted = CHUNK.max(2 * held);
            let (mut count, mut is_over) = (0, false);
            while count < wanted && !is_over {
                match rows.next().transpose()? {
                    Some(batch) => {
                        count += batch.rows();
                        parts.push(batch);
                    }
                    None => is_over = true,
                }
                // A chunk or two there may always be.
                if held + count > 2 * CHUNK {
                    let bytes = parts.iter().map(Batch::bytes).sum();
                    self.share.hold(bytes, self.stage.name())?;
                }
            }
            if is_over {
                self.rows = None;
            }
            if parts.len() > 1 {
                parts.retain(|part| !part.is_empty());
            }
            let made = self.look(&Batch::concat(&parts), is_over);
            if !made.is_empty() || (is_over && self.is_first) {
                self.is_first = false;
                return Ok(Some(made));
            }
        }
        Ok(None)
    }

    /// The rows of all groups that are over; what the last one may still need is kept.
    fn look(&mut self, whole: &Batch, is_over: bool) -> Batch {
        let counts = whole.column(COUNT);
        let count = |at: u32| counts.number(at as usize).unwrap_or_default();
        let groups = groups(whole, self.stage.by_fields());
        let last = groups.len().checked_sub(1).filter(|_| !is_over);
        let mut rows = Vec::new();
        let mut kept = Vec::new();
        for (number, group) in groups.into_iter().enumerate() {
            let (best, rest) = self.best(group, count);
            self.rest += rest;
            if last == Some(number) {
                // In the order of their keys, as those that are to come.
                kept = best;
                kept.sort_unstable();
                break;
            }
            let total = best.iter().map(|at| count(*at)).sum::<f64>() + self.rest;
            let row = |at, is_other, count| Row {
                at,
                is_other,
                count,
                total,
            };
            rows.extend(best.iter().map(|&at| row(at, false, count(at))));
            if let (true, Some(first), true) =
                (self.stage.other.is_some(), best.first(), self.rest > 0.0)
            {
                rows.push(row(*first, true, self.rest));
            }
            self.rest = 0.0;
        }
        self.kept = match kept.len() {
            all if all == whole.rows() => whole.clone(),
            _ => whole.take(&kept).settled(),
        };
        self.table(whole, &rows)
    }

    /// The best combinations of a group in the order of their counts, and the count of the others. `top` turns the whole
    /// order round: of equal counts the last text is the first.
    fn best(&self, group: Range<u32>, count: impl Fn(u32) -> f64) -> (Vec<u32>, f64) {
        let mut order: Vec<(f64, u32)> = group.map(|at| (count(at), at)).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0));
        if !self.stage.rare {
            order.reverse();
        }
        let cut = order.split_off(self.stage.limit.min(order.len()));
        let rest = cut.iter().map(|(count, _)| count).sum();
        (order.into_iter().map(|(_, at)| at).collect(), rest)
    }

    /// The result's columns.
    fn table(&self, whole: &Batch, rows: &[Row]) -> Batch {
        let stage = &self.stage;
        let places: Vec<u32> = rows.iter().map(|row| row.at).collect();
        let mut batch = Batch::new(rows.len());
        for (at, name) in stage.summary.fields().enumerate() {
            let keys = whole.column(name).take(&places);
            let other = stage.other.as_deref().filter(|_| at >= stage.by);
            batch.set(name.clone(), or_other(keys, rows, other));
        }
        if let Some(name) = &stage.count {
            let counts: Vec<f64> = rows.iter().map(|row| row.count).collect();
            batch.set(
                FieldName::from(name.as_str()),
                Column::Number(counts.into()),
            );
        }
        if let Some(name) = &stage.percent {
            let mut builder = ColumnBuilder::default();
            for row in rows {
                builder.push_text(&format!("{:.6}", row.count / row.total * 100.0));
            }
            batch.set(FieldName::from(name.as_str()), builder.finish());
        }
        batch
    }
}

/// The keys, with the text that stands for all others in the rows of these.
fn or_other(keys: Column, rows: &[Row], other: Option<&str>) -> Column {
    let Some(other) = other.filter(|_| rows.iter().any(|row| row.is_other)) else {
        return keys;
    };
    let mut builder = ColumnBuilder::default();
    for (at, row) in rows.iter().enumerate() {
        match row.is_other {
            true => builder.push_text(other),
            false => builder.push_option(keys.text(at).as_deref()),
        }
    }
    builder.finish()
}

/// The rows cut where a by-field changes.
fn groups<'a>(whole: &Batch, by: impl Iterator<Item = &'a FieldName>) -> Vec<Range<u32>> {
    let columns: Vec<Column> = by.map(|name| whole.column(name)).collect();
    let same = |a: usize, b: usize| columns.iter().all(|c| c.text(a) == c.text(b));
    let rows = whole.rows();
    let mut groups = Vec::new();
    let mut start = 0;
    for row in 1..=rows {
        if row == rows || !same(row - 1, row) {
            groups.push(start as u32..row as u32);
            start = row;
        }
    }
    groups
}

impl Iterator for Picks {
    type Item = Result<Batch, Diagnostic>;

    fn next(&mut self) -> Option<Self::Item> {
        let made = self.batch().transpose();
        if matches!(made, Some(Err(_))) {
            self.rows = None;
        }
        made
    }
}
