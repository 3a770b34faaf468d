//! Splunk's order of events: takes batches in any order, gives the events newest first (those without `_time` last,
//! ties in input order), all of them or the first few. With `Order::Input`, gives input order.

use super::{Mergeable, Partial};
use crate::data::{Batch, Position};
use crate::diagnostic::Diagnostic;
use std::any::Any;

/// Which order events are put into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Newest first.
    #[default]
    Time,
    /// As in the input.
    Input,
}

/// Puts events in order.
#[derive(Debug, Clone, Copy)]
pub struct TimeOrder {
    /// Which order.
    pub order: Order,
    /// Only the first so many are needed.
    pub limit: Option<usize>,
}

impl Mergeable for TimeOrder {
    fn partial(&self) -> Box<dyn Partial> {
        Box::new(Held {
            spec: *self,
            batches: Vec::new(),
            rows: 0,
        })
    }
}

/// The events of one worker.
struct Held {
    spec: TimeOrder,
    batches: Vec<Batch>,
    rows: usize,
}

/// Sorts before `_time` of any event: `None` last, then larger first.
fn key(batch: &Batch, order: Order) -> Vec<f64> {
    match (order, batch.get("_time")) {
        (Order::Time, Some(time)) => (0..batch.rows())
            .map(|r| time.number(r).map_or(f64::INFINITY, |t| -t))
            .collect(),
        _ => vec![f64::INFINITY; batch.rows()],
    }
}

/// One event's place in the order: key, batch position, row, then where to find it.
type Place = (f64, Position, u32, usize);

impl Held {
    /// Keeps only the first `limit` events when twice as many are held: memory stays within a few batches.
    fn shrink(&mut self) {
        let Some(limit) = self.spec.limit else { return };
        if self.rows < limit.saturating_mul(2).max(8192) {
            return;
        }
        let places = self.places(limit);
        let mut rows: Vec<Vec<u32>> = vec![Vec::new(); self.batches.len()];
        for (_, _, row, at) in places {
            if let Some(list) = rows.get_mut(at) {
                list.push(row);
            }
        }
        // Rows keep their order inside their batch, so that position and row still tell the input order.
        self.batches = std::mem::take(&mut self.batches)
            .into_iter()
            .zip(rows)
            .filter(|(_, rows)| !rows.is_empty())
            .map(|(batch, mut rows)| {
                rows.sort_unstable();
                batch.take(&rows)
            })
            .collect();
        self.rows = self.batches.iter().map(Batch::rows).sum();
    }

    fn places(&self, limit: usize) -> Vec<Place> {
        let mut places: Vec<Place> = Vec::with_capacity(self.rows);
        for (at, batch) in self.batches.iter().enumerate() {
            let keys = key(batch, self.spec.order);
            places.extend(
                keys.into_iter()
                    .zip(0u32..)
                    .map(|(key, row)| (key, batch.position, row, at)),
            );
        }
        let compare =
            |a: &Place, b: &Place| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2));
        if limit < places.len() && limit > 0 {
            places.select_nth_unstable_by(limit - 1, compare);
        }
        places.truncate(limit);
        places.sort_unstable_by(compare);
        places
    }
}

impl Partial for Held {
    fn push(&mut self, batch: Batch) -> Result<(), Diagnostic> {
        self.rows += batch.rows();
        if !batch.is_empty() {
            self.batches.push(batch);
            self.shrink();
        }
        Ok(())
    }

    fn merge(&mut self, other: Box<dyn Partial>) -> Result<(), Diagnostic> {
        if let Ok(other) = other.into_any().downcast::<Self>() {
            self.rows += other.rows;
            self.batches.extend(other.batches);
            self.shrink();
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<Batch>, Diagnostic> {
        // Concatenating in input order first makes `row` a number in the whole.
        self.batches.sort_by_key(|b| b.position);
        let limit = self.spec.limit.unwrap_or(usize::MAX);
        let places = self.places(limit);
        let mut starts = Vec::with_capacity(self.batches.len());
        let mut sum = 0u32;
        for batch in &self.batches {
            starts.push(sum);
            sum += u32::try_from(batch.rows()).unwrap_or(u32::MAX);
        }
        let rows: Vec<u32> = places
            .iter()
            .map(|&(_, _, row, at)| starts.get(at).copied().unwrap_or(0) + row)
            .collect();
        let whole = Batch::concat(&self.batches);
        let sorted = rows.windows(2).all(|w| w[0] < w[1]) && rows.len() == whole.rows();
        let whole = if sorted { whole } else { whole.take(&rows) };
        Ok(if whole.is_empty() {
            Vec::new()
        } else {
            vec![whole]
        })
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }

    fn size(&self) -> usize {
        self.rows * 64
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::data::Value;

    fn batch(part: u64, times: &[f64]) -> Batch {
        let rows = times.iter().map(|t| {
            vec![(
                "_time",
                if *t < 0.0 {
                    Value::Null
                } else {
                    Value::Number(*t)
                },
            )]
        });
        let mut batch = Batch::from_rows(rows);
        batch.position = Position { file: 0, part };
        batch
    }

    fn times(limit: Option<usize>) -> Vec<Option<f64>> {
        let spec = TimeOrder {
            order: Order::Time,
            limit,
        };
        let (mut a, mut b) = (spec.partial(), spec.partial());
        a.push(batch(1, &[5.0, 1.0])).unwrap();
        b.push(batch(0, &[3.0, -1.0, 9.0])).unwrap();
        a.merge(b).unwrap();
        let out = Batch::concat(&a.finish().unwrap());
        (0..out.rows())
            .map(|r| out.column("_time").number(r))
            .collect()
    }

    #[test]
    fn newest_come_first_and_timeless_last() {
        assert_eq!(
            times(None),
            [Some(9.0), Some(5.0), Some(3.0), Some(1.0), None]
        );
        assert_eq!(times(Some(2)), [Some(9.0), Some(5.0)]);
    }
}
