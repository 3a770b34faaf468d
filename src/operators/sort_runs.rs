//! Sorted rows on disk: takes sorted batches, gives the rows of all runs merged. A record is a block of rows, with where
//! each stood in the input.
//!
//! Blocks are merged whole: the rows up to the smallest of the blocks' last rows are sorted as they would be in memory.

use super::names::Names;
use super::sort::{Held, Sort, Sorting};
use super::sort_key::SortKey;
use super::spill::{Place as Origin, Run, RunReader, Spill, read_batch, write_batch};
use crate::data::{Batch, FieldName, Memory};
use crate::diagnostic::{Diagnostic, code};
use std::sync::Arc;

/// Rows of a record.
pub(super) const RECORD: usize = 2048;

/// Runs of sorted rows.
#[derive(Debug, Default)]
pub(super) struct Runs {
    /// The file of this worker's.
    spill: Option<Spill>,
    list: Vec<Run>,
    /// A batch without rows that knows what multivalues are joined by, and which fields were found in the rows.
    like: Option<Batch>,
    names: Names,
}

impl Runs {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Adds another worker's.
    pub fn append(&mut self, mut other: Runs) {
        self.list.append(&mut other.list);
        self.like = match (self.like.take(), other.like) {
            (Some(like), other) => Some(like.with_found_of(other.iter())),
            (None, other) => other,
        };
        self.names.append(other.names);
    }

    /// Writes sorted rows as a run, with their fields.
    pub fn write(
        &mut self,
        names: Names,
        records: impl Iterator<Item = (Batch, Vec<Origin>)>,
    ) -> Result<(), Diagnostic> {
        let spill = match &mut self.spill {
            Some(spill) => spill,
            none => none.insert(Spill::new()?),
        };
        self.names.append(names);
        let like = &mut self.like;
        let run = spill.run(|put| {
            for (rows, origins) in records {
                put(&write_batch(&rows, &origins)?)?;
                let known = like.take().unwrap_or_else(|| rows.slice(0, 0));
                *like = Some(known.with_found_of(std::iter::once(&rows)));
            }
            Ok(())
        })?;
        self.list.push(run);
        Ok(())
    }

    /// The first `limit` rows of all runs.
    pub fn merge(
        self,
        keys: Arc<[SortKey]>,
        limit: usize,
        memory: &Memory,
    ) -> Result<Merge, Diagnostic> {
        let count = self.list.len();
        let mut heads = Vec::with_capacity(count);
        for run in self.list {
            let mut head = Head {
                reader: run.reader(count, memory.limit() / 4),
                block: Held::new(Batch::new(0), &keys, None),
                at: 0,
            };
            if head.next(&keys)? {
                heads.push(head);
            }
        }
        Ok(Merge {
            heads,
            keys,
            left: limit,
            like: self.like.unwrap_or_default(),
            names: self.names.list(),
            memory: memory.clone(),
        })
    }
}

/// A run at one of its blocks.
struct Head {
    reader: RunReader,
    block: Held,
    /// The first row that is left.
    at: u32,
}

impl Head {
    /// Reads the next block; `false` at the end.
    fn next(&mut self, keys: &[SortKey]) -> Result<bool, Diagnostic> {
        if !self.reader.step()? {
            return Ok(false);
        }
        let Some((batch, origins)) = read_batch(self.reader.record()) else {
            let message = "a temporary file was changed while the run read it";
            return Err(Diagnostic::new(&code::RUNTIME, message));
        };
        self.block = Held::new(batch, keys, Some(origins));
        self.at = 0;
        Ok(true)
    }

    fn rows(&self) -> u32 {
        u32::try_from(self.block.batch.rows()).unwrap_or(u32::MAX)
    }
}

/// Merges runs: an iterator over batches of rows.
pub(super) struct Merge {
    heads: Vec<Head>,
    keys: Arc<[SortKey]>,
    left: usize,
    like: Batch,
    names: Vec<FieldName>,
    memory: Memory,
}

impl Merge {
    fn batch(&mut self) -> Result<Option<Batch>, Diagnostic> {
        let last = |head: &Head| head.rows().saturating_sub(1);
        let heads = self.heads.iter();
        let bound = heads.min_by(|a, b| a.block.compare(last(a), &b.block, last(b)));
        let Some(bound) = bound.filter(|_| self.left > 0) else {
            return Ok(None);
        };
        let within = |head: &Head, row: u32| {
            let order = head.block.compare(row, &bound.block, last(bound));
            order.is_le()
        };
        let ends: Vec<u32> = self
            .heads
            .iter()
            .map(|head| {
                let (mut low, mut high) = (head.at, head.rows());
                while low < high {
                    let middle = low + (high - low) / 2;
                    match within(head, middle) {
                        true => low = middle + 1,
                        false => high = middle,
                    }
                }
                low
            })
            .collect();
        let mut sorting = Sorting::new(&Sort {
            keys: self.keys.to_vec(),
            memory: self.memory.clone(),
            ..Sort::default()
        });
        for (head, end) in self.heads.iter_mut().zip(ends) {
            let rows: Vec<u32> = (head.at..end).collect();
            sorting.hold(head.block.take(&rows));
            head.at = end;
        }
        let mut kept = Vec::with_capacity(self.heads.len());
        for mut head in std::mem::take(&mut self.heads) {
            if head.at < head.rows() || head.next(&self.keys)? {
                kept.push(head);
            }
        }
        self.heads = kept;
        let mut sorted = sorting.all(&self.names).slice(0, self.left);
        self.left -= sorted.rows();
        sorted.join_as(&self.like);
        sorted = sorted.with_found_of(std::iter::once(&self.like));
        Ok(Some(sorted))
    }
}

impl Iterator for Merge {
    type Item = Result<Batch, Diagnostic>;

    fn next(&mut self) -> Option<Self::Item> {
        let made = self.batch().transpose();
        if matches!(made, Some(Err(_))) {
            self.left = 0;
        }
        made
    }
}
