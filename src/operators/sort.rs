//! Sorting: takes batches in any order, gives the rows by their keys, all of them or the first few. Where memory is
//! short the rows held are sorted and go to disk; the runs are merged at the end.

use super::names::Names;
use super::sort_key::{Collation, KeyColumn, SortKey};
use super::sort_runs::{RECORD, Runs};
use super::spill::Place as Origin;
use super::{Mergeable, Partial, Rows};
use crate::data::{Batch, FieldName, Kept, Memory};
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
    /// What the run may hold.
    pub memory: Memory,
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
    /// Bytes of the batches held.
    kept: Kept,
    memory: Memory,
    /// What is on disk.
    runs: Runs,
    /// Rows that came in.
    seen: usize,
    /// No row whose first key is greater can be among the first `limit`.
    bound: u128,
}

/// A batch and the keys of its rows.
pub(super) struct Held {
    pub batch: Batch,
    pub keys: Vec<KeyColumn>,
    /// Where its rows stood in the input, when that is not the batch's position and their numbers.
    pub origins: Option<Vec<Origin>>,
}

/// Rows of a batch that comes of sorting.
const BLOCK: usize = 8192;

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
            kept: Kept::default(),
            memory: spec.memory.clone(),
            runs: Runs::default(),
            seen: 0,
            bound: u128::MAX,
        }
    }

    /// Adds a batch.
    pub fn add(&mut self, batch: Batch) {
        self.seen += batch.rows();
        let mut held = Held::new(batch.settled(), &self.keys, None);
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

    pub(super) fn hold(&mut self, held: Held) {
        if held.batch.is_empty() {
            return;
        }
        self.rows += held.batch.rows();
        self.kept.add(&held.batch);
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
        self.kept = Kept::default();
        self.held.iter().for_each(|h| self.kept.add(&h.batch));
    }

    /// Bytes held, about; those that sorting takes are counted in.
    pub fn size(&self) -> usize {
        self.kept.bytes() + self.rows * (64 + 16 * self.keys.len())
    }

    /// The rows at these places as one batch, and where each stood in the input.
    fn block(&self, places: &[Place], names: &[FieldName]) -> (Batch, Vec<Origin>) {
        let origin = |(_, at, row): &Place| {
            let held = self.held.get(*at as usize);
            held.map_or_else(Origin::default, |held| held.origin(*row))
        };
        let batches: Vec<&Batch> = self.held.iter().map(|held| &held.batch).collect();
        let rows = places.iter();
        let rows: Vec<_> = rows
            .map(|place| (place.1 as usize, place.2 as usize))
            .collect();
        let batch = Batch::gather(&batches, &rows, names);
        (batch, places.iter().map(origin).collect())
    }

    /// All rows held, sorted, with these fields.
    pub(super) fn all(&self, names: &[FieldName]) -> Batch {
        self.block(&self.places(usize::MAX), names).0
    }

    /// The fields of the rows held.
    fn names(&self) -> Names {
        Names::of(self.held.iter().map(|held| &held.batch))
    }

    /// Says that rows were cut when that was not asked for.
    fn say(&self) {
        let limit = self.limit.unwrap_or(usize::MAX);
        if let Some(notices) = self.says.as_ref().filter(|_| self.seen > limit) {
            let text = format!(
                "sort kept the first {limit} of {} rows; `sort 0` keeps all",
                self.seen
            );
            notices.push("sort-limit", text, false);
        }
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
        left.compare(a.2, right, b.2)
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
    pub fn sorted(self) -> Batch {
        let blocks: Vec<Batch> = self.blocks().collect();
        Batch::concat(&blocks)
    }

    /// The rows in order, some at a time.
    fn blocks(self) -> impl Iterator<Item = Batch> {
        self.say();
        let places = self.places(self.limit.unwrap_or(usize::MAX));
        let names = self.names().list();
        let starts = (0..places.len()).step_by(BLOCK);
        starts.map(move |start| {
            let end = (start + BLOCK).min(places.len());
            let block = places.get(start..end).unwrap_or_default();
            self.block(block, &names).0
        })
    }
}

impl Held {
    pub fn new(batch: Batch, keys: &[SortKey], origins: Option<Vec<Origin>>) -> Self {
        let keys = keys.iter();
        Self {
            keys: keys
                .map(|key| KeyColumn::new(batch.column(&key.field), key))
                .collect(),
            batch,
            origins,
        }
    }

    fn first(&self, row: usize) -> u128 {
        self.keys.first().map_or(0, |key| key.prefix(row))
    }

    fn origin(&self, row: u32) -> Origin {
        let origins = self.origins.as_ref();
        let given = origins.and_then(|list| list.get(row as usize));
        given.copied().unwrap_or((self.batch.position, row))
    }

    /// The order of a row and a row of another: by the keys, then as they stood in the input.
    pub fn compare(&self, row: u32, other: &Held, other_row: u32) -> Ordering {
        let keys = self.keys.iter().zip(&other.keys);
        keys.map(|(a, b)| a.compare(row as usize, b, other_row as usize))
            .find(|order| order.is_ne())
            .unwrap_or_else(|| self.origin(row).cmp(&other.origin(other_row)))
    }

    pub fn take(&self, rows: &[u32]) -> Self {
        let some = |list: &Vec<Origin>| {
            let rows = rows.iter();
            rows.filter_map(|row| list.get(*row as usize).copied())
                .collect()
        };
        Self {
            batch: self.batch.take(rows),
            keys: self.keys.iter().map(|key| key.take(rows)).collect(),
            origins: self.origins.as_ref().map(some),
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
            self.runs.append(other.runs);
            for held in other.held {
                self.hold(held);
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Vec<Batch>, Diagnostic> {
        self.rows()?.collect()
    }

    fn rows(mut self: Box<Self>) -> Result<Rows, Diagnostic> {
        if self.runs.is_empty() {
            return Ok(Box::new(self.blocks().map(Ok)));
        }
        self.spill()?;
        self.say();
        let limit = self.limit.unwrap_or(usize::MAX);
        Ok(Box::new(self.runs.merge(self.keys, limit, &self.memory)?))
    }

    fn spill(&mut self) -> Result<bool, Diagnostic> {
        if self.rows > 0 {
            let mut runs = std::mem::take(&mut self.runs);
            let places = self.places(self.limit.unwrap_or(usize::MAX));
            let names = self.names();
            let list = names.list();
            runs.write(
                names,
                places.chunks(RECORD).map(|rows| self.block(rows, &list)),
            )?;
            self.runs = runs;
            (self.held, self.kept, self.rows) = (Vec::new(), Kept::default(), 0);
        }
        Ok(true)
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }

    fn size(&self) -> usize {
        Sorting::size(self)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::data::{Column, Position, Value};

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
