//! Groups on disk: takes ordered groups with their states, gives the rows of all runs merged, in the order of the keys.
//!
//! A record is the group's key in a form whose bytes compare as keys do, and its saved states.

use super::Summary;
use super::ordered::Ordered;
use super::spill::{Run, RunReader, Spill};
use crate::aggregates::{Fields, States};
use crate::data::record::{Reader, Write};
use crate::data::{Batch, ColumnBuilder, FieldName, Memory, Share};
use crate::diagnostic::{Diagnostic, Notices, code};
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::sync::Arc;

/// Groups of a batch at most.
const GROUPS: usize = 8192;
/// After so many groups it is asked how large they are.
const ASKED: usize = 256;

/// Runs, each with the fields that its records have states for.
#[derive(Debug, Default)]
pub struct Runs(Vec<(Run, Fields)>);

impl Runs {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds another worker's.
    pub fn append(&mut self, mut other: Runs) {
        self.0.append(&mut other.0);
    }

    /// Writes groups as a run.
    pub fn write(
        &mut self,
        spill: &mut Spill,
        ordered: &Ordered,
        states: &mut States,
    ) -> Result<(), Diagnostic> {
        let fields = states.fields();
        let groups = ordered.groups();
        let mut record = Vec::new();
        let run = spill.run(|put| {
            for &group in ordered.order() {
                record.clear();
                record.put_u32(0);
                for field in 0..groups.fields() {
                    put_key(&mut record, groups.key(group, field));
                }
                let length = (record.len() - 4) as u32;
                if let Some(head) = record.first_chunk_mut() {
                    *head = length.to_le_bytes();
                }
                states.save(group as usize, &mut record);
                put(&record)?;
            }
            Ok(())
        })?;
        self.0.push((run, fields));
        Ok(())
    }

    /// The rows of all runs.
    pub fn merge(
        self,
        summary: Arc<Summary>,
        notices: Notices,
        memory: &Memory,
    ) -> Result<Merge, Diagnostic> {
        let count = self.0.len();
        let mut heap = BinaryHeap::with_capacity(count);
        let mut fields = Vec::with_capacity(count);
        for (number, (run, own)) in self.0.into_iter().enumerate() {
            let mut reader = run.reader(count, memory.limit() / 4);
            if reader.step()? {
                heap.push(Head { reader, number });
            }
            fields.push(own);
        }
        Ok(Merge {
            heap,
            fields,
            summary,
            notices,
            share: memory.share(),
        })
    }
}

/// Passes on what states remark.
pub fn say(states: &States, notices: &Notices) {
    for (topic, text) in states.remarks() {
        notices.push(topic, text, false);
    }
}

/// A key's value: a missing one before all texts, a text before its continuations.
fn put_key(record: &mut Vec<u8>, key: Option<&str>) {
    let Some(text) = key else {
        record.push(0);
        return;
    };
    record.push(1);
    for (at, part) in text.as_bytes().split(|byte| *byte == 0).enumerate() {
        if at > 0 {
            record.extend_from_slice(&[0, 255]);
        }
        record.extend_from_slice(part);
    }
    record.extend_from_slice(&[0, 1]);
}

/// The values of a key.
fn keys(mut bytes: &[u8], mut emit: impl FnMut(usize, Option<&str>)) {
    let mut text = Vec::new();
    for field in 0.. {
        let Some((&kind, rest)) = bytes.split_first() else {
            return;
        };
        bytes = rest;
        if kind == 0 {
            emit(field, None);
            continue;
        }
        text.clear();
        while let Some(end) = memchr::memchr(0, bytes) {
            text.extend_from_slice(bytes.get(..end).unwrap_or_default());
            let mark = bytes.get(end + 1).copied();
            bytes = bytes.get(end + 2..).unwrap_or_default();
            if mark != Some(255) {
                break;
            }
            text.push(0);
        }
        emit(field, Some(std::str::from_utf8(&text).unwrap_or_default()));
    }
}

/// A run at one of its records; the smallest key is the greatest, as heaps have it.
struct Head {
    reader: RunReader,
    number: usize,
}

impl Head {
    /// The key, and a reader of the states after it.
    fn parts(&self) -> (&[u8], Reader<'_>) {
        let mut record = Reader::new(self.reader.record());
        let length = record.u32() as usize;
        (record.take(length), record)
    }
}

impl Ord for Head {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let order = other.parts().0.cmp(self.parts().0);
        order.then(other.number.cmp(&self.number))
    }
}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Head {}

/// Merges runs: an iterator over batches of rows.
pub struct Merge {
    heap: BinaryHeap<Head>,
    fields: Vec<Fields>,
    summary: Arc<Summary>,
    notices: Notices,
    share: Share,
}

impl Merge {
    fn batch(&mut self) -> Result<Option<Batch>, Diagnostic> {
        let names: Vec<FieldName> = self.summary.fields().cloned().collect();
        let mut states = self.summary.calls.states(&names);
        self.fields.iter().for_each(|fields| states.prepare(fields));
        let mut builders: Vec<ColumnBuilder> =
            names.iter().map(|_| ColumnBuilder::default()).collect();
        let mut last: Vec<u8> = Vec::new();
        let mut count = 0usize;
        while let Some(mut head) = self.heap.peek_mut() {
            let (key, mut saved) = head.parts();
            if count == 0 || key != last {
                let asked = count.is_multiple_of(ASKED) && count > 0;
                let large = asked && states.size() > self.share.memory().limit() / 8;
                if count == GROUPS || large {
                    break;
                }
                last.clear();
                last.extend_from_slice(key);
                count += 1;
                keys(key, |field, text| {
                    if let Some(builder) = builders.get_mut(field) {
                        builder.push_option(text);
                    }
                });
            }
            if let Some(fields) = self.fields.get(head.number) {
                states.load(fields, count - 1, &mut saved);
            }
            if !saved.is_whole() {
                return Err(Diagnostic::new(
                    &code::RUNTIME,
                    "a temporary file was changed while the run read it",
                ));
            }
            // One group may be larger than all that is allowed.
            if head.reader.record().len() > 1 << 16 {
                self.share.hold(states.size(), "stats")?;
            }
            if !head.reader.step()? {
                PeekMut::pop(head);
            }
        }
        if count == 0 {
            return Ok(None);
        }
        let mut batch = Batch::new(count);
        for (name, builder) in names.into_iter().zip(builders) {
            batch.set(name, builder.finish());
        }
        states.put(&mut batch, count);
        say(&states, &self.notices);
        Ok(Some(batch))
    }
}

impl Iterator for Merge {
    type Item = Result<Batch, Diagnostic>;

    fn next(&mut self) -> Option<Self::Item> {
        let made = self.batch().transpose();
        if matches!(made, Some(Err(_))) {
            self.heap.clear();
        }
        made
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_compare_as_their_values_do() {
        let rows: [[Option<&str>; 2]; 7] = [
            [None, Some("z")],
            [Some(""), None],
            [Some(""), Some("")],
            [Some("a"), Some("b")],
            [Some("a\0"), Some("a")],
            [Some("a\u{1}"), Some("a")],
            [Some("ab"), None],
        ];
        let mut before = Vec::new();
        for row in rows {
            let mut bytes = Vec::new();
            row.iter().for_each(|key| put_key(&mut bytes, *key));
            assert!(before < bytes, "{row:?}");
            let mut back = Vec::new();
            keys(&bytes, |_, text| back.push(text.map(str::to_owned)));
            assert!(back.iter().map(Option::as_deref).eq(row));
            before = bytes;
        }
    }
}
