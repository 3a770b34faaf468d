//! Records on disk: takes byte strings in runs, gives each run back from its start. For what memory has no room for.
//!
//! A file has no name: the system removes it when the program ends, however it ends.

mod batches;

pub use batches::{Place, read_batch, write_batch};

use crate::diagnostic::{Diagnostic, code};
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes that are read at once when there are few runs.
const MOST: usize = 1 << 20;
/// Bytes that are read at once at least.
const LEAST: usize = 4 << 10;

/// A file of runs.
#[derive(Debug)]
pub struct Spill {
    file: Arc<Mutex<File>>,
    end: u64,
}

/// Records that were written together.
#[derive(Debug, Clone)]
pub struct Run {
    file: Arc<Mutex<File>>,
    start: u64,
    end: u64,
}

/// What goes wrong with a file is no fault of the query.
fn failed(what: &str, error: &io::Error) -> Diagnostic {
    let folder = std::env::temp_dir();
    let message = format!(
        "can't {what} a temporary file in {}: {error}",
        folder.display()
    );
    Diagnostic::new(&code::RUNTIME, message)
        .help("memory is short, so the run goes on on disk; TMPDIR names another folder, --memory-limit more memory")
}

impl Spill {
    /// An empty file in the system's folder for temporary files.
    pub fn new() -> Result<Self, Diagnostic> {
        let file = tempfile::tempfile().map_err(|e| failed("make", &e))?;
        Ok(Self {
            file: Arc::new(Mutex::new(file)),
            end: 0,
        })
    }

    /// Writes a run: `records` calls what it is given with each record.
    pub fn run(
        &mut self,
        records: impl FnOnce(&mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()>,
    ) -> Result<Run, Diagnostic> {
        let start = self.end;
        let mut end = start;
        let written = || -> io::Result<()> {
            let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            file.seek(SeekFrom::Start(start))?;
            let mut out = BufWriter::with_capacity(MOST, &mut *file);
            records(&mut |record| {
                end += 4 + record.len() as u64;
                out.write_all(&(record.len() as u32).to_le_bytes())?;
                out.write_all(record)
            })?;
            out.flush()
        };
        written().map_err(|e| failed("write to", &e))?;
        self.end = end;
        Ok(Run {
            file: self.file.clone(),
            start,
            end,
        })
    }
}

impl Run {
    /// A reader at the first record, one of `readers` that share `memory` bytes for what they read at once.
    pub fn reader(&self, readers: usize, memory: usize) -> RunReader {
        RunReader {
            run: self.clone(),
            buffer: Vec::new(),
            from: 0,
            to: 0,
            block: (memory / readers.max(1)).clamp(LEAST, MOST),
        }
    }
}

/// Reads a run record by record.
pub struct RunReader {
    run: Run,
    buffer: Vec<u8>,
    /// The record in the buffer.
    from: usize,
    to: usize,
    block: usize,
}

impl RunReader {
    /// The record here; none before the first call of [`RunReader::step`].
    pub fn record(&self) -> &[u8] {
        self.buffer.get(self.from..self.to).unwrap_or_default()
    }

    /// Goes to the next record; `false` at the end.
    pub fn step(&mut self) -> Result<bool, Diagnostic> {
        let head = self.to;
        let Some(length) = self.bytes(head, 4)? else {
            return Ok(false);
        };
        let length = <[u8; 4]>::try_from(length).map_or(0, u32::from_le_bytes);
        self.from = self.to + 4;
        self.to = self.from + length as usize;
        let (from, length) = (self.from, length as usize);
        Ok(self.bytes(from, length)?.is_some())
    }

    /// Bytes of the buffer, read first when they are not there; all before them are forgotten then.
    fn bytes(&mut self, from: usize, count: usize) -> Result<Option<&[u8]>, Diagnostic> {
        if self.buffer.len() < from + count {
            self.buffer.drain(..from.min(self.buffer.len()));
            let gone = from;
            (self.from, self.to) = (self.from.saturating_sub(gone), self.to.saturating_sub(gone));
            let more = self.block.max(count).saturating_sub(self.buffer.len()) as u64;
            let more = more.min(self.run.end - self.run.start) as usize;
            let old = self.buffer.len();
            self.buffer.resize(old + more, 0);
            let mut read = || -> io::Result<()> {
                let mut file = self.run.file.lock().unwrap_or_else(PoisonError::into_inner);
                file.seek(SeekFrom::Start(self.run.start))?;
                file.read_exact(self.buffer.get_mut(old..).unwrap_or_default())
            };
            read().map_err(|e| failed("read", &e))?;
            self.run.start += more as u64;
            return Ok(self.buffer.get(..count));
        }
        Ok(self.buffer.get(from..from + count))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn runs_come_back_whatever_their_records_size() {
        let mut spill = Spill::new().unwrap();
        let records = |seed: usize| -> Vec<Vec<u8>> {
            let sizes = [0, 1, 5000, 4092, 3, 100_000, 0];
            let sized = sizes.iter().enumerate();
            sized
                .map(|(i, size)| vec![(i + seed) as u8; *size])
                .collect()
        };
        let mut write = |list: &[Vec<u8>]| {
            let run = spill.run(|put| list.iter().try_for_each(|record| put(record)));
            run.unwrap()
        };
        let runs = [write(&records(0)), write(&[]), write(&records(9))];
        for (run, wanted) in runs.iter().zip([records(0), Vec::new(), records(9)]) {
            for memory in [0, 6000, 1 << 20] {
                let mut reader = run.reader(1, memory);
                let mut found = Vec::new();
                while reader.step().unwrap() {
                    found.push(reader.record().to_vec());
                }
                assert!(found == wanted, "{} records", found.len());
            }
        }
    }
}
