//! Text columns written in place: takes the pieces of each row's text, gives a column whose long texts lie one after
//! the other in one buffer. No text is built anywhere else first, and no row allocates.

use super::Column;
use arrow_array::builder::make_view;
use arrow_array::{Array, StringViewArray};
use arrow_buffer::{Buffer, NullBuffer, ScalarBuffer};

/// Bytes after which a new buffer begins: views hold places as 32 bits.
const BLOCK: usize = 1 << 30;

/// The longest text that a view holds in itself.
const INLINE: usize = 12;

/// Writes a text column row by row.
#[derive(Debug, Default)]
pub struct TextWriter {
    /// Finished rows' long texts, then the row at hand from `start`.
    text: String,
    start: usize,
    views: Vec<u128>,
    /// One a row once a row was null; before that none.
    valid: Vec<bool>,
    blocks: Vec<Buffer>,
}

impl TextWriter {
    /// Room for so many rows.
    pub fn with_capacity(rows: usize) -> Self {
        Self {
            views: Vec::with_capacity(rows),
            ..Self::default()
        }
    }

    /// The same text in every row, held once.
    pub fn repeated(text: &str, rows: usize) -> StringViewArray {
        let mut writer = Self::default();
        writer.push(text);
        let view = writer.views.first().copied().unwrap_or_default();
        writer.views.resize(rows, view);
        writer.finish()
    }

    /// Rows so far.
    pub fn len(&self) -> usize {
        self.views.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.views.is_empty()
    }

    /// A row to write; it is added when it is ended.
    #[inline]
    pub fn row(&mut self) -> Row<'_> {
        self.text.truncate(self.start);
        Row { writer: self }
    }

    /// Adds a row with a text.
    #[inline]
    pub fn push(&mut self, text: &str) {
        if text.len() <= INLINE {
            self.view(make_view(text.as_bytes(), 0, 0));
        } else {
            let mut row = self.row();
            row.push_str(text);
            row.end();
        }
    }

    /// Adds a row without a text.
    #[inline]
    pub fn push_null(&mut self) {
        self.valid.resize(self.views.len(), true);
        self.valid.push(false);
        self.views.push(0);
    }

    /// Adds a row with a text or none.
    #[inline]
    pub fn push_option(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.push(text),
            None => self.push_null(),
        }
    }

    #[inline]
    fn view(&mut self, view: u128) {
        if !self.valid.is_empty() {
            self.valid.push(true);
        }
        self.views.push(view);
    }

    /// Ends the row at hand: its view refers to the bytes from `start` on, or holds them.
    #[inline]
    fn end(&mut self) {
        let bytes = self.text.as_bytes().get(self.start..).unwrap_or_default();
        if bytes.len() <= INLINE {
            let view = make_view(bytes, 0, 0);
            self.text.truncate(self.start);
            self.view(view);
        } else if self.text.len() <= u32::MAX as usize {
            let view = make_view(bytes, self.blocks.len() as u32, self.start as u32);
            self.start = self.text.len();
            self.view(view);
            if self.start >= BLOCK {
                self.cut();
            }
        } else {
            // More than four gigabytes in one text: no view can say so.
            self.push_null();
        }
    }

    /// Ends the buffer at hand.
    #[cold]
    fn cut(&mut self) {
        let bytes = std::mem::take(&mut self.text).into_bytes();
        self.blocks.push(Buffer::from_vec(bytes));
        self.start = 0;
    }

    /// The column; without a text in it, one that is all null.
    pub fn into_column(self) -> Column {
        let array = self.finish();
        match array.null_count() == array.len() {
            true => Column::Null(array.len()),
            false => Column::Text(array),
        }
    }

    /// The array.
    pub fn finish(mut self) -> StringViewArray {
        self.text.truncate(self.start);
        if !self.text.is_empty() {
            self.cut();
        }
        if !self.valid.is_empty() {
            self.valid.resize(self.views.len(), true);
        }
        let nulls = (!self.valid.is_empty()).then(|| NullBuffer::from(self.valid));
        let (views, blocks) = (ScalarBuffer::from(self.views), self.blocks);
        debug_assert!(
            StringViewArray::try_new(views.clone(), blocks.clone(), nulls.clone()).is_ok(),
            "views are inside their buffers and are UTF-8"
        );
        // SAFETY: each view was made by `make_view` from a range of the `String` that became the buffer of its number,
        // at the place that the view tells; a row begins and ends where the `String` was whole, so the range is UTF-8.
        // Finished rows are never cut off: `truncate` goes back to `start` at most. Null rows have the empty view.
        unsafe { StringViewArray::new_unchecked(views, blocks.into(), nulls) }
    }
}

/// The row at hand of a [`TextWriter`]. Dropped without an end, it was never there.
#[derive(Debug)]
pub struct Row<'w> {
    writer: &'w mut TextWriter,
}

impl Row<'_> {
    /// Appends a piece.
    #[inline]
    pub fn push_str(&mut self, piece: &str) {
        self.writer.text.push_str(piece);
    }

    /// Appends a character.
    #[inline]
    pub fn push(&mut self, piece: char) {
        self.writer.text.push(piece);
    }

    /// Appends a number as SPL shows it.
    #[inline]
    pub fn push_number(&mut self, number: f64) {
        super::number::write_number(number, &mut self.writer.text);
    }

    /// Appends a piece in lower case (ASCII letters only).
    pub fn push_ascii_lowercase(&mut self, piece: &str) {
        let at = self.writer.text.len();
        self.writer.text.push_str(piece);
        if let Some(tail) = self.writer.text.get_mut(at..) {
            tail.make_ascii_lowercase();
        }
    }

    /// Appends a piece in upper case (ASCII letters only).
    pub fn push_ascii_uppercase(&mut self, piece: &str) {
        let at = self.writer.text.len();
        self.writer.text.push_str(piece);
        if let Some(tail) = self.writer.text.get_mut(at..) {
            tail.make_ascii_uppercase();
        }
    }

    /// The row has this text.
    #[inline]
    pub fn end(self) {
        self.writer.end();
    }

    /// The row has no text, whatever was written.
    #[inline]
    pub fn null(self) {
        self.writer.push_null();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(rows in proptest::collection::vec(proptest::option::of(proptest::collection::vec("\\PC{0,9}", 0..4)), 0..40), direct: bool) {
            let mut writer = TextWriter::with_capacity(rows.len());
            for pieces in &rows {
                match pieces {
                    Some(pieces) if direct => writer.push(&pieces.concat()),
                    pieces => {
                        let mut row = writer.row();
                        pieces.iter().flatten().for_each(|piece| row.push_str(piece));
                        match pieces {
                            Some(_) => row.end(),
                            None => { row.push_str("left behind"); row.null() }
                        }
                    }
                }
            }
            let array = writer.finish();
            let read: Vec<Option<String>> = array.iter().map(|t| t.map(str::to_owned)).collect();
            let written: Vec<Option<String>> = rows.iter().map(|r| r.as_ref().map(|r| r.concat())).collect();
            prop_assert_eq!(read, written);
        }
    }

    #[test]
    fn buffers_are_cut_between_rows() {
        let mut writer = TextWriter::default();
        let texts = [
            "the first of all long texts",
            "short",
            "the second of all long texts",
        ];
        for text in texts {
            writer.push(text);
            writer.cut();
        }
        let array = writer.finish();
        assert_eq!(array.iter().flatten().collect::<Vec<_>>(), texts);
    }
}
