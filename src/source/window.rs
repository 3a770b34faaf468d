//! The part of an input that is in memory: takes a file or a stream, gives buffers over successive ranges of its bytes.
//!
//! A plain file is mapped part by part, so memory stays bounded however large it is: a part is unmapped when the last
//! morsel made from it is dropped.

use super::shape::LOOKED_AT;
use super::stream::{BLOCK, Stream};
use arrow_buffer::Buffer;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ptr::NonNull;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Bytes that readers get at a time, about.
const PIECE: usize = 1 << 20;
/// The same of a large file: what is done once a piece counts less then.
const LARGE_PIECE: usize = 4 << 20;
/// Pieces that a file has at least, if they are not smaller than [`PIECE`]: all cores get some.
const PIECES: u64 = 64;
/// Bytes that are mapped at a time: to unmap makes all cores of the run pause.
const MAPPED: u64 = 8 << 20;
/// Maps start at multiples of this, so that the system can map a large page of its cache as a whole.
const LARGE_PAGE: u64 = 2 << 20;
/// Files up to this size are read, not mapped: cheaper, and safe from changes under us.
const SMALL: u64 = 256 << 10;
/// How long a pipe is waited for while its shape is told.
const PATIENCE: Duration = Duration::from_secs(1);

/// Where the bytes come from.
enum Feed {
    /// A regular file of this length.
    File(File, u64),
    /// A reader thread.
    Stream(Box<Stream>),
    /// Blocks of a test.
    #[cfg(test)]
    Parts(std::collections::VecDeque<Vec<u8>>),
    /// All is in the buffer.
    Ended,
}

/// Bytes of an input from some offset on. Readers take what they can from [`Window::bytes`] and ask for more.
pub struct Window {
    buffer: Buffer,
    /// Offset in the (unpacked) input of the buffer's first byte.
    base: u64,
    feed: Feed,
    disk_told: u64,
    /// `None` for a pipe: its bytes are counted as they come.
    disk_size: Option<u64>,
    failed: Option<String>,
    /// The part of a file that is mapped, and its offset.
    mapped: (u64, Buffer),
}

impl Window {
    /// The first bytes of a regular file.
    pub fn of_file(mut file: File, length: u64) -> io::Result<Self> {
        if length > SMALL {
            let mut window = Self::new(Buffer::default(), Feed::File(file, length), length);
            window.buffer = window.piece(0, window.piece_size())?;
            return Ok(window);
        }
        let mut bytes = Vec::with_capacity(length as usize + 1);
        file.seek(SeekFrom::Start(0))?;
        file.read_to_end(&mut bytes)?;
        Ok(Self::new(Buffer::from_vec(bytes), Feed::Ended, length))
    }

    /// The first bytes of a stream (`size` on disk, 0 for a pipe): enough to tell a shape by, or all of it. What comes in how many pieces must not show.
    /// A live pipe that pauses is waited for [`PATIENCE`], and until it has given a line.
    pub fn of_stream(mut stream: Stream, size: u64) -> Self {
        let first = stream.next().unwrap_or_default();
        if first.as_ref().len() >= LOOKED_AT {
            let feed = Feed::Stream(Box::new(stream));
            return Self::new(first.into_buffer(), feed, size);
        }
        let mut bytes = first.as_ref().to_vec();
        let start = Instant::now();
        let mut has_line = memchr::memchr(b'\n', bytes.trim_ascii_start()).is_some();
        let mut feed = None;
        while bytes.len() < LOOKED_AT {
            let left = PATIENCE.saturating_sub(start.elapsed());
            let more = match has_line {
                true => stream.next_within(left),
                false => stream.next(),
            };
            match more {
                Some(more) if more.as_ref().is_empty() => break,
                Some(more) => bytes.extend_from_slice(more.as_ref()),
                None => {
                    feed = Some(Feed::Ended);
                    break;
                }
            }
            has_line = has_line || memchr::memchr(b'\n', bytes.trim_ascii_start()).is_some();
        }
        let failed = feed.as_ref().and_then(|_| stream.failed.take());
        let feed = feed.unwrap_or_else(|| Feed::Stream(Box::new(stream)));
        let mut window = Self::new(Buffer::from_vec(bytes), feed, size);
        window.failed = failed;
        window
    }

    /// A stream of these blocks, for tests.
    #[cfg(test)]
    pub fn of_parts(parts: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let mut parts: std::collections::VecDeque<Vec<u8>> = parts.into_iter().collect();
        let first = parts.pop_front().unwrap_or_default();
        Self::new(Buffer::from_vec(first), Feed::Parts(parts), 0)
    }

    fn new(buffer: Buffer, feed: Feed, size: u64) -> Self {
        Self {
            buffer,
            base: 0,
            feed,
            disk_told: 0,
            disk_size: Some(size).filter(|size| *size > 0),
            failed: None,
            mapped: Default::default(),
        }
    }

    /// Bytes that readers get at a time, about.
    pub fn piece_size(&self) -> usize {
        match self.feed {
            Feed::File(_, length) => ((length / PIECES) as usize).clamp(PIECE, LARGE_PIECE),
            _ => PIECE,
        }
    }

    /// The bytes in memory.
    pub fn bytes(&self) -> &[u8] {
        &self.buffer
    }

    /// The same bytes, to share.
    pub fn buffer(&self) -> &Buffer {
        &self.buffer
    }

    /// Offset in the input of the first byte in memory.
    pub fn base(&self) -> u64 {
        self.base
    }

    /// Whether the bytes in memory go to the end of the input.
    pub fn is_last(&self) -> bool {
        match &self.feed {
            Feed::File(_, length) => self.base + self.buffer.len() as u64 >= *length,
            Feed::Stream(_) => false,
            #[cfg(test)]
            Feed::Parts(_) => false,
            Feed::Ended => true,
        }
    }

    /// Whether lines must be counted while they pass: a file can be read again when somebody asks for a line number.
    pub fn is_stream(&self) -> bool {
        !matches!(self.feed, Feed::File(..))
    }

    /// What stopped the input before its end.
    pub fn failed(&self) -> Option<&str> {
        self.failed.as_deref()
    }

    /// Drops the bytes before `keep` and adds at least as many new ones as are kept, so that a long value is not looked
    /// at more than twice. `false` when nothing was added: the end.
    pub fn refill(&mut self, keep: usize) -> io::Result<bool> {
        let keep = keep.min(self.buffer.len());
        let kept = self.buffer.len() - keep;
        let size = self.piece_size();
        match &mut self.feed {
            Feed::Ended => return Ok(false),
            Feed::File(_, length) => {
                let at = self.base + keep as u64;
                if self.base + self.buffer.len() as u64 >= *length {
                    return Ok(false);
                }
                self.buffer = self.piece(at, (2 * kept).max(size))?;
                self.base = at;
            }
            #[cfg(test)]
            Feed::Parts(parts) => {
                let Some(part) = parts.pop_front() else {
                    self.feed = Feed::Ended;
                    return Ok(false);
                };
                self.buffer = Buffer::from_vec([&self.buffer[keep..], &part].concat());
                self.base += keep as u64;
            }
            Feed::Stream(stream) => {
                let Some(first) = stream.next() else {
                    self.failed = stream.failed.take();
                    self.feed = Feed::Ended;
                    return Ok(false);
                };
                if kept == 0 {
                    self.buffer = first.into_buffer();
                } else {
                    let mut bytes = Vec::with_capacity(2 * kept + BLOCK);
                    bytes.extend_from_slice(&self.buffer[keep..]);
                    bytes.extend_from_slice(first.as_ref());
                    while bytes.len() < 2 * kept {
                        let Some(more) = stream.next() else { break };
                        bytes.extend_from_slice(more.as_ref());
                    }
                    self.buffer = Buffer::from_vec(bytes);
                }
                self.base += keep as u64;
            }
        }
        Ok(true)
    }

    /// Bytes on disk that were not told yet, when all before `at` is done.
    pub fn take_disk(&mut self, at: usize) -> u64 {
        let done = match &self.feed {
            Feed::Stream(stream) => stream.disk(),
            // A packed input that is whole in memory: its length on disk is not that of its text.
            Feed::Ended if at >= self.buffer.len() && self.disk_size.is_some() => u64::MAX,
            _ => self.base + at as u64,
        };
        let done = self.disk_size.map_or(done, |size| done.min(size));
        let new = done.saturating_sub(self.disk_told);
        self.disk_told += new;
        new
    }

    /// `length` bytes from `at`, less at the end of the file.
    fn piece(&mut self, at: u64, length: usize) -> io::Result<Buffer> {
        let Feed::File(file, end) = &self.feed else {
            return Ok(Buffer::default());
        };
        let left = end.saturating_sub(at);
        let length = (length as u64).min(left) as usize;
        let (base, map) = &self.mapped;
        let start = at.checked_sub(*base).unwrap_or(u64::MAX) as usize;
        if start.saturating_add(length) <= map.len() {
            return Ok(map.slice_with_length(start, length));
        }
        let base = at / LARGE_PAGE * LARGE_PAGE;
        let start = (at - base) as usize;
        let mapped = MAPPED
            .min(end.saturating_sub(base))
            .max((start + length) as u64);
        let map = map_file(file, base, mapped as usize)?;
        let piece = map.slice_with_length(start, length);
        self.mapped = (base, map);
        Ok(piece)
    }
}

/// The line (from 1) of the byte at `offset` of a plain file, counted now; `None` when the file can't be read again.
pub fn line_at(path: &str, offset: u64) -> Option<u64> {
    let mut rest = File::open(path).ok()?.take(offset);
    let mut block = vec![0; BLOCK];
    let mut line = 1;
    loop {
        match rest.read(&mut block).ok()? {
            0 => return (rest.limit() == 0).then_some(line),
            count => line += memchr::memchr_iter(b'\n', block.get(..count)?).count() as u64,
        }
    }
}

/// A buffer over `length` bytes of a file from `at`.
fn map_file(file: &File, at: u64, length: usize) -> io::Result<Buffer> {
    if length == 0 {
        return Ok(Buffer::default());
    }
    // SAFETY: the map is read-only and private to this process. Another process that overwrites the file changes the
    // bytes under us: they are only ever read as bytes and checked as UTF-8 by whoever makes text of them. One that
    // cuts the file short makes the system stop this run with SIGBUS when the lost part is read; logs grow or are
    // renamed, and files that are small enough to be rewritten in place are read, not mapped.
    let map = unsafe {
        memmap2::MmapOptions::new()
            .offset(at)
            .len(length)
            .map(file)?
    };
    // Advice only: a system that does not know it reads a little slower.
    #[cfg(unix)]
    let _ = map.advise(memmap2::Advice::Sequential);
    let Some(start) = NonNull::new(map.as_ptr().cast_mut()) else {
        return Ok(Buffer::default());
    };
    // SAFETY: `start` is valid for `length` bytes as long as the map lives, and the buffer owns the map.
    Ok(unsafe { Buffer::from_custom_allocation(start, length, Arc::new(map)) })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn pieces_outlive_the_window_and_meet() {
        let mut file = tempfile::tempfile().unwrap();
        let bytes: Vec<u8> = (0..20 * PIECE).map(|n| (n / 7) as u8).collect();
        file.write_all(&bytes).unwrap();
        let mut window = Window::of_file(file, bytes.len() as u64).unwrap();
        let mut parts = Vec::new();
        let mut disk = 0;
        loop {
            // An odd cut, so that maps do not start at pages.
            let cut = if window.is_last() {
                window.bytes().len()
            } else {
                window.bytes().len() - 5
            };
            parts.push(window.buffer().slice_with_length(0, cut));
            disk += window.take_disk(cut);
            if !window.refill(cut).unwrap() {
                break;
            }
        }
        drop(window);
        assert!(parts.len() >= 20);
        assert_eq!(disk, bytes.len() as u64);
        assert!(parts.iter().flat_map(|p| p.iter()).eq(bytes.iter()));
    }
}
