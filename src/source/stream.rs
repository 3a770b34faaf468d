//! Bytes that come in order only (pipes, compressed files): a thread reads and unpacks, a bounded channel gives blocks.

use super::block::{Block, Home};
use super::decode::Reader;
use crate::data::Cancel;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

/// Bytes of a block, about.
pub const BLOCK: usize = 1 << 20;
/// Bytes of what is sent of a pipe: what one holds.
const SIP: usize = 1 << 16;
/// Bytes that a reader thread is ahead at most.
const AHEAD: usize = 4 * BLOCK;
/// How often a wait looks whether the run is cancelled.
const TICK: Duration = Duration::from_millis(50);

/// What a reader thread sends.
enum Part {
    Block(Block),
    /// Reading stopped: what is wrong with the input.
    Failed(String),
}

/// The receiving end of a reader thread.
pub struct Stream {
    parts: Receiver<Part>,
    cancel: Cancel,
    disk: Arc<AtomicU64>,
    /// What stopped the reading before the end.
    pub failed: Option<String>,
}

impl Stream {
    /// Starts a thread that drains the reader that `open` gives. `disk` counts the bytes on disk read so far. An `eager`
    /// thread gives what it has after every read, for a pipe that trickles.
    pub fn start(
        open: impl FnOnce() -> Reader + Send + 'static,
        disk: Arc<AtomicU64>,
        eager: bool,
        cancel: Cancel,
    ) -> std::io::Result<Self> {
        let size = if eager { SIP } else { BLOCK };
        let (sender, parts) = sync_channel(AHEAD / size);
        let stop = cancel.clone();
        std::thread::Builder::new()
            .name("reader".into())
            .spawn(move || drain(open(), &sender, size, eager, &stop))?;
        Ok(Self {
            parts,
            cancel,
            disk,
            failed: None,
        })
    }

    /// The next block, waited for, and what else is there already. `None` at the end, after a failure (see `failed`), and
    /// when the run is cancelled.
    pub fn next(&mut self) -> Option<Block> {
        let block = self.wait()?;
        Some(self.and_more(block))
    }

    /// Likewise, waited for no longer than `patience`: then it is empty.
    pub fn next_within(&mut self, patience: Duration) -> Option<Block> {
        let start = Instant::now();
        while !self.cancel.is_cancelled() {
            let left = patience.saturating_sub(start.elapsed());
            match self.parts.recv_timeout(left.min(TICK)) {
                Ok(Part::Block(block)) => return Some(self.and_more(block)),
                Ok(Part::Failed(text)) => self.failed = Some(text),
                Err(RecvTimeoutError::Timeout) if left.is_zero() => return Some(Block::default()),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
        None
    }

    /// Small blocks are put together: each becomes work for somebody.
    fn and_more(&mut self, block: Block) -> Block {
        let mut whole: Option<Vec<u8>> = None;
        while whole.as_ref().map_or(block.as_ref().len(), Vec::len) < BLOCK / 2 {
            match self.parts.try_recv() {
                Ok(Part::Block(more)) => whole
                    .get_or_insert_with(|| block.as_ref().to_vec())
                    .extend_from_slice(more.as_ref()),
                Ok(Part::Failed(text)) => self.failed = Some(text),
                Err(_) => break,
            }
        }
        whole.map_or(block, Block::from)
    }

    fn wait(&mut self) -> Option<Block> {
        while !self.cancel.is_cancelled() {
            match self.parts.recv_timeout(TICK) {
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

/// Sends blocks until the end, or until nobody listens.
fn drain(mut reader: Reader, parts: &SyncSender<Part>, size: usize, eager: bool, cancel: &Cancel) {
    let home = Home::default();
    // What follows the last line end goes with the next block, so that nobody has to put the two together.
    let send = |block: &mut Block, last: bool| {
        let bytes = block.as_ref();
        let end = match memchr::memrchr(b'\n', bytes) {
            Some(end) if !last && !eager && bytes.len() - end < size / 4 => end + 1,
            _ => bytes.len(),
        };
        let mut next = home.block(size);
        block.split_to(end, &mut next);
        let block = std::mem::replace(block, next);
        block.as_ref().is_empty() || parts.send(Part::Block(block)).is_ok()
    };
    let mut block = home.block(size);
    while !cancel.is_cancelled() {
        match reader.read(block.room()) {
            Ok(0) => {
                send(&mut block, true);
                return;
            }
            Ok(count) => {
                block.grow(count);
                let is_full = block.room().is_empty();
                if (is_full || eager) && !send(&mut block, false) {
                    return;
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => {
                if send(&mut block, true) {
                    // The receiver may be gone: then nobody asks what was wrong.
                    let _ = parts.send(Part::Failed(error.to_string()));
                }
                return;
            }
        }
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_pipe_that_pauses_holds_nothing_back_and_can_be_left() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let cancel = Cancel::default();
        let open = move || crate::source::decode::unpack(Box::new(reader));
        let mut stream = Stream::start(open, Arc::default(), true, cancel.clone()).unwrap();
        for text in ["a\n", "b"] {
            writer.write_all(text.as_bytes()).unwrap();
            assert_eq!(stream.next().unwrap().as_ref(), text.as_bytes());
        }
        let start = Instant::now();
        cancel.cancel();
        assert!(stream.next().is_none());
        assert!(start.elapsed() < Duration::from_millis(200));
    }
}
