//! Plain values as bytes, for what goes to disk and comes back in the same run: takes numbers and texts, gives them back
//! in the same order.

use super::Position;

/// Writes values, one after the other.
pub trait Write {
    /// A byte.
    fn put_u8(&mut self, value: u8);
    /// A whole number of four bytes.
    fn put_u32(&mut self, value: u32);
    /// A whole number of eight bytes.
    fn put_u64(&mut self, value: u64);
    /// A float.
    fn put_f64(&mut self, value: f64);
    /// A text.
    fn put_text(&mut self, text: &str);
    /// The place of a batch.
    fn put_position(&mut self, position: Position);
}

impl Write for Vec<u8> {
    fn put_u8(&mut self, value: u8) {
        self.push(value);
    }

    fn put_u32(&mut self, value: u32) {
        self.extend_from_slice(&value.to_le_bytes());
    }

    fn put_u64(&mut self, value: u64) {
        self.extend_from_slice(&value.to_le_bytes());
    }

    fn put_f64(&mut self, value: f64) {
        self.put_u64(value.to_bits());
    }

    fn put_text(&mut self, text: &str) {
        self.put_u32(text.len() as u32);
        self.extend_from_slice(text.as_bytes());
    }

    fn put_position(&mut self, position: Position) {
        self.put_u32(position.file);
        self.put_u64(position.part);
    }
}

/// Reads values in the order in which they were written. Past the end all are 0, and it is no longer whole.
#[derive(Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    is_whole: bool,
}

impl<'a> Reader<'a> {
    /// A reader of these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            is_whole: true,
        }
    }

    /// Whether everything that was asked for was there.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// So many bytes.
    pub fn take(&mut self, count: usize) -> &'a [u8] {
        match self.rest.split_at_checked(count) {
            Some((taken, rest)) => {
                self.rest = rest;
                taken
            }
            None => {
                self.is_whole = false;
                &[]
            }
        }
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        self.take(N).try_into().unwrap_or([0; N])
    }

    /// A byte.
    pub fn u8(&mut self) -> u8 {
        let [byte] = self.array();
        byte
    }

    /// A whole number of four bytes.
    pub fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.array())
    }

    /// A whole number of eight bytes.
    pub fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.array())
    }

    /// A float.
    pub fn f64(&mut self) -> f64 {
        f64::from_bits(self.u64())
    }

    /// A text.
    pub fn text(&mut self) -> &'a str {
        let length = self.u32() as usize;
        std::str::from_utf8(self.take(length)).unwrap_or_default()
    }

    /// The place of a batch.
    pub fn position(&mut self) -> Position {
        Position {
            file: self.u32(),
            part: self.u64(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let place = Position { file: 3, part: 9 };
        let mut bytes = Vec::new();
        bytes.put_u8(7);
        bytes.put_f64(-0.5);
        bytes.put_text("caf\u{e9}");
        bytes.put_position(place);
        let mut reader = Reader::new(&bytes);
        assert_eq!(
            (reader.u8(), reader.f64(), reader.text()),
            (7, -0.5, "caf\u{e9}")
        );
        assert_eq!(reader.position(), place);
        assert!(reader.is_whole());
        assert_eq!((reader.u32(), reader.is_whole()), (0, false));
    }
}
