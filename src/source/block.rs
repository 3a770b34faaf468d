//! Blocks of a stream that go back to its reader: takes bytes, gives buffers whose memory is used again when the last
//! column that refers to them is gone. Fresh memory costs as much as to unpack what is put there.

use arrow_buffer::Buffer;
use bytes::Bytes;
use std::sync::{Arc, Mutex, PoisonError};

/// Blocks that wait to be used again at most.
const SPARE: usize = 8;

/// Where blocks of one stream go when nobody needs them.
#[derive(Debug, Clone, Default)]
pub struct Home(Arc<Mutex<Vec<Vec<u8>>>>);

/// Bytes of a stream, and room for more.
#[derive(Debug, Default)]
pub struct Block {
    bytes: Vec<u8>,
    filled: usize,
    home: Option<Home>,
}

impl Home {
    /// An empty block with room for `size` bytes; those of one home have one size.
    pub fn block(&self, size: usize) -> Block {
        let mut spare = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = spare.pop().filter(|bytes| bytes.len() == size);
        Block {
            bytes: bytes.unwrap_or_else(|| vec![0; size]),
            filled: 0,
            home: Some(self.clone()),
        }
    }
}

impl Block {
    /// The room that is left.
    pub fn room(&mut self) -> &mut [u8] {
        self.bytes.get_mut(self.filled..).unwrap_or_default()
    }

    /// Bytes were put at the start of the room.
    pub fn grow(&mut self, count: usize) {
        self.filled = (self.filled + count).min(self.bytes.len());
    }

    /// Takes the bytes from a place on away, to the start of `next`, which has room for them.
    pub fn split_to(&mut self, at: usize, next: &mut Block) {
        let rest = self.as_ref().get(at..).unwrap_or_default();
        if let Some(to) = next.room().get_mut(..rest.len()) {
            to.copy_from_slice(rest);
        }
        next.grow(rest.len());
        self.filled = at.min(self.filled);
    }

    /// The bytes, to share.
    pub fn into_buffer(self) -> Buffer {
        Buffer::from(Bytes::from_owner(self))
    }
}

impl AsRef<[u8]> for Block {
    fn as_ref(&self) -> &[u8] {
        self.bytes.get(..self.filled).unwrap_or_default()
    }
}

impl From<Vec<u8>> for Block {
    fn from(bytes: Vec<u8>) -> Self {
        Self {
            filled: bytes.len(),
            bytes,
            home: None,
        }
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        if let Some(Home(spare)) = &self.home {
            let mut spare = spare.lock().unwrap_or_else(PoisonError::into_inner);
            if spare.len() < SPARE {
                spare.push(std::mem::take(&mut self.bytes));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_used_again_when_the_last_buffer_is_gone() {
        let home = Home::default();
        let mut block = home.block(8);
        block.room()[..3].copy_from_slice(b"a\nb");
        block.grow(3);
        let mut next = home.block(8);
        block.split_to(2, &mut next);
        assert_eq!((block.as_ref(), next.as_ref()), (&b"a\n"[..], &b"b"[..]));
        let buffer = block.into_buffer();
        let part = buffer.slice_with_length(0, 1);
        let address = buffer.as_ptr();
        drop(buffer);
        assert_ne!(home.block(8).as_ref().as_ptr(), address);
        assert_eq!(part.as_slice(), b"a");
        drop(part);
        let again = [home.block(8), home.block(8)];
        assert!(again.iter().any(|b| b.bytes.as_ptr() == address));
        assert!(again.iter().all(|b| b.as_ref().is_empty()));
    }
}
