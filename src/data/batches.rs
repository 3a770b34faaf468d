//! Batches held until all have come: takes batches, gives them back, and knows how many bytes they are.

use super::{Batch, FieldName, Layout};
use std::collections::HashSet;

/// The fields of the batches in the order of their columns; of those found in rows, the ones that some row has.
pub fn shown(batches: &[Batch]) -> Vec<FieldName> {
    let mut layout = Layout::default();
    batches.iter().for_each(|batch| layout.add(batch));
    let has = |batch: &Batch, name: &str| batch.get(name).is_some_and(|c| !c.is_all_null());
    layout
        .named()
        .filter(|(name, is_found)| !is_found || batches.iter().any(|batch| has(batch, name)))
        .map(|(name, _)| name.clone())
        .collect()
}

/// The fields of which a row of the batches has a value, in the order of the batches' columns: it does not depend on
/// which rows are in which batch.
pub fn filled(batches: &[Batch]) -> Vec<FieldName> {
    let mut layout = Layout::default();
    batches.iter().for_each(|batch| layout.add(batch));
    let has = |batch: &Batch, name: &str| batch.get(name).is_some_and(|c| !c.is_all_null());
    let filled = |name: &FieldName| batches.iter().any(|batch| has(batch, name));
    layout.names().filter(filled).collect()
}

/// How many bytes batches keep alive: what several of them share is counted once, and whole. A batch may show little of
/// the input that it keeps.
#[derive(Debug, Default)]
pub struct Kept {
    /// Where the buffers begin that were counted.
    buffers: HashSet<usize, foldhash::fast::RandomState>,
    bytes: usize,
}

impl Kept {
    /// Counts one more batch.
    pub fn add(&mut self, batch: &Batch) {
        self.bytes += size_of::<Batch>() + 64 * batch.fields().len();
        for (_, column) in batch.fields() {
            self.bytes += column.fixed_bytes();
            for buffer in column.buffers() {
                // A mapped file has no bytes of its own in memory.
                if self.buffers.insert(buffer.data_ptr().as_ptr() as usize) {
                    self.bytes += buffer.capacity();
                }
            }
        }
    }

    /// Bytes of all.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

/// Batches with their bytes.
#[derive(Debug, Default)]
pub struct Batches {
    list: Vec<Batch>,
    kept: Kept,
}

impl Batches {
    /// Adds a batch, which is settled first: it keeps not much more input alive than it shows.
    pub fn push(&mut self, batch: Batch) {
        let batch = batch.settled();
        self.kept.add(&batch);
        self.list.push(batch);
    }

    /// Adds all of another.
    pub fn append(&mut self, mut other: Batches) {
        other.list.iter().for_each(|batch| self.kept.add(batch));
        self.list.append(&mut other.list);
    }

    /// The batches.
    pub fn list(&self) -> &[Batch] {
        &self.list
    }

    /// Takes all batches out.
    pub fn take(&mut self) -> Vec<Batch> {
        self.kept = Kept::default();
        std::mem::take(&mut self.list)
    }

    /// Takes all batches out, in the order of the input.
    pub fn in_order(&mut self) -> Vec<Batch> {
        let mut list = self.take();
        list.sort_by_key(|batch| batch.position);
        list
    }

    /// Bytes held, about.
    pub fn size(&self) -> usize {
        self.kept.bytes()
    }
}
