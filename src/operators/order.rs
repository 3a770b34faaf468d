//! Splunk's order of events: takes batches in any order, gives the events newest first (those without `_time` last,
//! ties in input order), all of them or the first few. With `Order::Input`, gives input order.

use super::{Collation, Sort, SortKey};
use crate::data::Memory;

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

impl TimeOrder {
    /// The sort that makes it, within a run's memory.
    pub fn sort(self, memory: &Memory) -> Sort {
        let newest = SortKey {
            field: "_time".into(),
            descending: true,
            collation: Collation::Time,
        };
        Sort {
            keys: match self.order {
                Order::Time => vec![newest],
                Order::Input => Vec::new(),
            },
            limit: self.limit,
            memory: memory.clone(),
            ..Sort::default()
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::data::{Batch, Position, Value};
    use crate::operators::Mergeable;

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
        }
        .sort(&Memory::default());
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
    fn what_is_no_time_comes_last_in_input_order() {
        let texts = ["x", "7", "b", "9.5"];
        let rows = texts.map(|t| vec![("_time", Value::from(t))]);
        let order = TimeOrder {
            order: Order::Time,
            limit: None,
        };
        let mut sorting = order.sort(&Memory::default()).partial();
        sorting.push(Batch::from_rows(rows)).unwrap();
        let out = Batch::concat(&sorting.finish().unwrap());
        let times: Vec<Value> = (0..4).map(|row| out.value("_time", row)).collect();
        assert_eq!(times, ["9.5", "7", "x", "b"].map(Value::from));
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
