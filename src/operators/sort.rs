//! Sorting: takes batches in any order, gives the rows by their keys, all of them or the first few.

use super::sort_key::{Collation, KeyColumn, SortKey};
use super::{Mergeable, Partial};
use crate::data::{Batch, Position};
use crate::diagnostic::{Diagnostic, Notices};
use std::any::Any;
use std::cmp::Ordering;
use std::sync::Arc;

/// How to sort.
#[derive(Debug, Clone, Default)]
pub struct Sort {
    /// The keys, most important first. Equal rows keep their order.
    pub keys: Vec<SortKey>,
    /// How many rows to keep.
    pub limit: Option<usize>,
    /// Equal rows go by `_time`, newest first, before they keep their order: the rows do not come in Splunk's order.
    pub newest_first: bool,
    /// Where to say that rows were cut, when the limit was not asked for.
    pub says: Option<Notices>,
}

impl Sort {
    fn all_keys(&self) -> Vec<SortKey> {
        let time = self.newest_first.then(|| SortKey {
            field: "_time".into(),
            descending: true,
            collation: Collation::Number,
        });
        self.keys.iter().cloned().chain(time).collect()
    }
}

impl Mergeable for Sort {
    fn partial(&self) -> Box<dyn Partial> {
        Box::new(Sorting::new(self))
    }
}

/// Rows held, with their keys.
pub struct Sorting {
    keys: Arc<[SortKey]>,
    limit: Option<usize>,
    says: Option<Notices>,
    held: Vec<Held>,
    rows: usize,
    /// Rows that came in.
    seen: usize,
    /// No row whose first key is greater can be among the first `limit`.
    bound: u128,
}

/// A batch and the keys of its rows.
struct Held {
    batch: Batch,
    keys: Vec<KeyColumn>,
}

/// A row's first key and where it is.
type Place = (u128, u32, u32);

impl Sorting {
    /// Nothing held yet.
    pub fn new(spec: &Sort) -> Self {
        Self {
            keys: spec.all_keys().into(),
            limit: spec.limit,
            says: spec.says.clone(),
            held: Vec::new(),
            rows: 0,
            seen: 0,
            bound: u128::MAX,
        }
    }

    /// Adds a batch.
    pub fn add(&mut self, batch: Batch) {
        self.seen += batch.rows();
        let keys: Vec<KeyColumn> = self
            .keys
            .iter()
            .map(|key| KeyColumn::new(batch.column(&key.field), key))
            .collect();
        let mut held = Held { batch, keys };
        if self.bound < u128::MAX {
            let rows: Vec<u32> = (0..held.batch.rows())
                .filter(|&row| held.first(row) <= self.bound)
                .filter_map(|row| u32::try_from(row).ok())
                .collect();
            if rows.len() < held.batch.rows() {
                held = held.take(&rows);
            }
        }
        self.hold(held);
    }

    fn hold(&mut self, held: Held) {
        if held.batch.is_empty() {
            return;
        }
        self.rows += held.batch.rows();
        self.held.push(held);
        self.shrink();
    }

    /// Keeps only the first `limit` rows once twice as many are held: memory stays bounded.
    fn shrink(&mut self) {
        let Some(limit) = self.limit else { return };
        if self.rows < limit.saturating_mul(2).max(4096) {
            return;
        }
        let places = self.places(limit);
        if let Some(last) = places.last() {
            self.bound = last.0;
        }
        let mut rows: Vec<Vec<u32>> = vec![Vec::new(); self.held.len()];
        for (_, at, row) in places {
            if let Some(list) = rows.get_mut(at as usize) {
                list.push(row);
            }
        }
        // Rows keep their order inside their batch: position and row still tell the order of the input.
        self.held = std::mem::take(&mut self.held)
            .into_iter()
            .zip(rows)
            .filter(|(_, rows)| !rows.is_empty())
            .map(|(held, mut rows)| {
                rows.sort_unstable();
                held.take(&rows)
            })
            .collect();
        self.rows = self.held.iter().map(|h| h.batch.rows()).sum();
    }

    fn compare(&self, a: &Place, b: &Place) -> Ordering {
        let first = a.0.cmp(&b.0);
        if first.is_ne() {
            return first;
        }
        let (Some(left), Some(right)) = (self.held.get(a.1 as usize), self.held.get(b.1 as usize))
        else {
            return Ordering::Equal;
        };
        let keys = left.keys.iter().zip(&right.keys);
        keys.map(|(l, r)| l.compare(a.2 as usize, r, b.2 as usize))
            .find(|order| order.is_ne())
            .unwrap_or_else(|| {
                let place =
                    |held: &Held, row: u32| -> (Position, u32) { (held.batch.position, row) };
                place(left, a.2).cmp(&place(right, b.2))
            })
    }

    /// The places of the first `limit` rows in order.
    fn places(&self, limit: usize) -> Vec<Place> {
        let mut places: Vec<Place> = Vec::with_capacity(self.rows);
        for (held, at) in self.held.iter().zip(0u32..) {
            let rows = u32::try_from(held.batch.rows()).unwrap_or(u32::MAX);
            places.extend((0..rows).map(|row| (held.first(row as usize), at, row)));
        }
        if limit > 0 && limit < places.len() {
            places.select_nth_unstable_by(limit - 1, |a, b| self.compare(a, b));
        }
        places.truncate(limit);
        places.sort_unstable_by(|a, b| self.compare(a, b));
        places
    }

    /// The rows in order.
    pub fn sorted(mut self) -> Batch {
        // Concatenating in the order of the input makes `row` a number in the whole.
        self.held.sort_by_key(|held| held.batch.position);
        let limit = self.limit.unwrap_or(usize::MAX);
        let places = self.places(limit);
        if let Some(notices) = self.says.as_ref().filter(|_| self.seen > limit) {
            let text = format!(
                "sort kept the first {limit} of {} rows; `sort 0` keeps all",
                self.seen
            );
            notices.push("sort-limit", text, false);
        }
        let mut starts = Vec::with_capacity(self.held.len());
        let mut sum = 0u32;
        for held in &self.held {
            starts.push(sum);
            sum += u32::try_from(held.batch.rows()).unwrap_or(u32::MAX);
        }
        let rows: Vec<u32> = places
            .iter()
            .map(|&(_, at, row)| starts.get(at as usize).copied().unwrap_or(0) + row)
            .collect();
        let batches: Vec<Batch> = self.held.into_iter().map(|held| held.batch).collect();
        Batch::concat(&batches).take(&rows)
    }
}

impl Held {
    fn first(&self, row: usize) -> u128 {
        self.keys.first().map_or(0, |key| key.prefix(row))
    }

    fn take(&self, rows: &[u32]) -> Self {
        Self {
            batch: self.batch.take(rows),
            keys: self.keys.iter().map(|key| key.take(rows)).collect(),
        }
    }
}

impl Partial for Sorting {
    fn push(&mut self, batch: Batch) -> Result<(), Diagnostic> {
        self.add(batch);
        Ok(())
    }

    fn merge(&mut self, other: Box<dyn Partial>) -> Result<(), Diagnostic> {
        if let Ok(other) = other.into_any().downcast::<Self>() {
            self.seen += other.seen;
            self.bound = self.bound.min(other.bound);
            for held in other.held {
                self.hold(held);
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Vec<Batch>, Diagnostic> {
        let sorted = self.sorted();
        Ok(if sorted.is_empty() {
            Vec::new()
        } else {
            vec![sorted]
        })
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }

    fn size(&self) -> usize {
        self.rows * (64 + 48 * self.keys.len())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::data::{Column, Value};

    fn spec(limit: Option<usize>) -> Sort {
        let key = |field: &str, descending| SortKey {
            field: field.into(),
            descending,
            collation: Collation::Auto,
        };
        Sort {
            keys: vec![key("a", false), key("b", true)],
            limit,
            says: Some(Notices::default()),
            ..Sort::default()
        }
    }

    /// Numbers that look random and repeat.
    fn rows(count: u64) -> Vec<(u64, u64, u64)> {
        (0..count)
            .map(|i| (i * 7919 % 50, i * 104_729 % 7, i))
            .collect()
    }

    fn batch(rows: &[(u64, u64, u64)], part: u64) -> Batch {
        let mut batch = Batch::new(rows.len());
        let column = |f: fn(&(u64, u64, u64)) -> u64| {
            Column::from_values(rows.iter().map(|r| Value::text(f(r).to_string())))
        };
        batch.set("a", column(|r| r.0));
        batch.set("b", column(|r| r.1));
        batch.set("id", column(|r| r.2));
        batch.position = Position { file: 0, part };
        batch
    }

    #[test]
    fn any_cut_and_any_limit_gives_the_same_rows() {
        let all = rows(20_000);
        let mut expected = all.clone();
        expected.sort_by_key(|r| (r.0, u64::MAX - r.1, r.2));
        for (limit, size) in [
            (None, 999),
            (Some(100), 999),
            (Some(3000), 4096),
            (Some(1), 1),
        ] {
            let spec = spec(limit);
            let mut workers = [spec.partial(), spec.partial()];
            for (at, part) in all
                .chunks(size)
                .enumerate()
                .take(if size == 1 { 5000 } else { 99 })
            {
                workers[at % 2].push(batch(part, at as u64)).unwrap();
            }
            let [mut first, second] = workers;
            first.merge(second).unwrap();
            let out = Batch::concat(&first.finish().unwrap());
            let ids: Vec<String> = (0..out.rows())
                .map(|row| out.column("id").text(row).unwrap().into_owned())
                .collect();
            let want = expected.iter().filter(|r| size != 1 || r.2 < 5000);
            let want: Vec<String> = want
                .take(limit.unwrap_or(usize::MAX))
                .map(|r| r.2.to_string())
                .collect();
            assert_eq!(ids, want, "{limit:?}");
        }
    }

    #[test]
    fn a_cut_that_was_not_asked_for_is_said() {
        let spec = spec(Some(2));
        let mut partial = spec.partial();
        partial.push(batch(&rows(3), 0)).unwrap();
        partial.finish().unwrap();
        assert_eq!(spec.says.unwrap().list()[0].topic, "sort-limit");
    }
}
