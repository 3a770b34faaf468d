//! Batches held until all have come: takes batches, gives them back, and knows how many bytes they are.

use super::Batch;

/// Batches with their bytes.
#[derive(Debug, Default)]
pub struct Batches {
    list: Vec<Batch>,
    bytes: usize,
}

impl Batches {
    /// Adds a batch, which is settled first: it keeps no more input alive than it shows.
    pub fn push(&mut self, batch: Batch) {
        let batch = batch.settled();
        self.bytes += batch.bytes();
        self.list.push(batch);
    }

    /// Adds all of another.
    pub fn append(&mut self, mut other: Batches) {
        self.bytes += other.bytes;
        self.list.append(&mut other.list);
    }

    /// The batches.
    pub fn list(&self) -> &[Batch] {
        &self.list
    }

    /// Takes all batches out.
    pub fn take(&mut self) -> Vec<Batch> {
        self.bytes = 0;
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
        self.bytes
    }
}
