//! Bytes that come in order only (pipes, compressed files): a thread reads and unpacks, a bounded channel gives blocks.

use super::decode::Reader;
use crate::data::Cancel;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

/// Bytes of a block, about.
pub const BLOCK: usize = 1 << 20;
/// Blocks that a reader thread is ahead at most.
const AHEAD: usize = 4;

/// What a reader thread sends.
enum Part {
    Block(Vec<u8>),
    /// Reading stopped: what is wrong with the input.
    Failed(String),
}

/// The receiving end of a reader thread.
pub struct Stream {
    parts: Receiver<Part>,
    cancel: Cancel,
    disk: Arc<AtomicU64>,
    hungry: Arc<AtomicBool>,
    /// What stopped the reading before the end.
    pub failed: Option<String>,
}

impl Stream {
    /// Starts a thread that drains the reader that `open` gives. `disk` counts the bytes on disk read so far. An `eager` thread gives what
    /// it has as soon as somebody waits, for a pipe that trickles.
    pub fn start(
        open: impl FnOnce() -> Reader + Send + 'static,
        disk: Arc<AtomicU64>,
        eager: bool,
        cancel: Cancel,
    ) -> std::io::Result<Self> {
        let (sender, parts) = sync_channel(AHEAD);
        let hungry = Arc::new(AtomicBool::new(false));
        let drain = Drain {
            parts: sender,
            cancel: cancel.clone(),
            hungry: hungry.clone(),
            eager,
        };
        std::thread::Builder::new()
            .name("reader".into())
            .spawn(move || drain.run(open()))?;
        Ok(Self {
            parts,
            cancel,
            disk,
            hungry,
            failed: None,
        })
    }

    /// The next block; `None` at the end, after a failure (see `failed`), and when the run is cancelled.
    pub fn next(&mut self) -> Option<Vec<u8>> {
        self.hungry.store(true, Ordering::Relaxed);
        while !self.cancel.is_cancelled() {
            match self.parts.recv_timeout(Duration::from_millis(50)) {
                Ok(Part::Block(block)) => return Some(block),
                Ok(Part::Failed(text)) => self.failed = Some(text),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
        None
    }

    /// Bytes on disk read so far.
    pub fn disk(&self) -> u64 {
        self.disk.load(Ordering::Relaxed)
    }
}

/// The sending end.
struct Drain {
    parts: SyncSender<Part>,
    cancel: Cancel,
    hungry: Arc<AtomicBool>,
    eager: bool,
}

impl Drain {
    /// Sends blocks until the end, or until nobody listens.
    fn run(&self, mut reader: Reader) {
        let mut block = Vec::new();
        while !self.cancel.is_cancelled() {
            let filled = block.len();
            block.resize(BLOCK, 0);
            let read = reader.read(&mut block[filled..]);
            block.truncate(filled + read.as_ref().map_or(0, |count| *count));
            match read {
                Ok(0) => {
                    self.send(&mut block);
                    return;
                }
                Ok(_) if block.len() == BLOCK || self.is_awaited() => {
                    if !self.send(&mut block) {
                        return;
                    }
                }
                Ok(_) => {}
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    if self.send(&mut block) {
                        // The receiver may be gone: then nobody asks what was wrong.
                        let _ = self.parts.send(Part::Failed(error.to_string()));
                    }
                    return;
                }
            }
        }
    }

    fn is_awaited(&self) -> bool {
        self.eager && self.hungry.load(Ordering::Relaxed)
    }

    /// Sends what there is; `false` when nobody listens.
    fn send(&self, block: &mut Vec<u8>) -> bool {
        if block.is_empty() {
            return true;
        }
        self.hungry.store(false, Ordering::Relaxed);
        self.parts.send(Part::Block(std::mem::take(block))).is_ok()
    }
}

/// A reader that counts what passes through it.
pub struct Counting<R> {
    /// The reader below.
    pub inner: R,
    /// Bytes so far.
    pub count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(out)?;
        self.count.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
