//! Columns made from an event's own bytes: takes places in two buffers row by row, gives text or multivalue columns.
//!
//! A value is a view. At the end, a column that refers to little of the morsel's buffer copies it, so that the buffer
//! can be given back; a column such as `_raw` goes on sharing it.

use crate::data::Column;
use arrow_array::builder::{ListBuilder, StringViewBuilder, make_view};
use arrow_array::{ListArray, StringViewArray};
use arrow_buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use std::sync::Arc;

/// Which buffer a piece lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Place {
    /// The morsel's.
    #[default]
    Morsel,
    /// The one for texts that had to be written anew.
    Side,
}

/// A text in one of the two buffers: valid UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Piece {
    /// Which buffer.
    pub place: Place,
    /// First byte.
    pub start: u32,
    /// Length in bytes.
    pub length: u32,
}

impl Piece {
    /// Copies a text to the side buffer.
    pub fn write(text: &[u8], side: &mut Vec<u8>) -> Self {
        let start = side.len() as u32;
        side.extend_from_slice(text);
        Self {
            place: Place::Side,
            start,
            length: text.len() as u32,
        }
    }

    /// The bytes.
    pub fn bytes<'b>(&self, morsel: &'b [u8], side: &'b [u8]) -> &'b [u8] {
        let buffer = match self.place {
            Place::Morsel => morsel,
            Place::Side => side,
        };
        let start = self.start as usize;
        buffer
            .get(start..start + self.length as usize)
            .unwrap_or_default()
    }
}

/// The bytes that views refer to at the end of a morsel.
pub struct Buffers<'b> {
    /// The morsel's.
    pub morsel: &'b Buffer,
    /// The texts written anew.
    pub side: &'b Buffer,
}

/// The values of one field so far, in order of rows.
#[derive(Debug, Default)]
pub struct TextColumn {
    views: Vec<u128>,
    rows: Vec<u32>,
    multi: bool,
    /// Bytes of each buffer that views refer to.
    referred: [usize; 2],
    /// Address and length of the last shared text, and where its copy is.
    shared: Option<((usize, usize), Piece)>,
}

impl TextColumn {
    /// Adds a value of a row; rows never go back.
    #[inline(always)]
    pub fn push(&mut self, row: u32, piece: Piece, morsel: &[u8], side: &[u8]) {
        let bytes = piece.bytes(morsel, side);
        if bytes.len() > 12
            && let Some(referred) = self.referred.get_mut(piece.place as usize)
        {
            *referred += bytes.len();
        }
        self.multi |= self.rows.last() == Some(&row);
        self.views
            .push(make_view(bytes, piece.place as u32, piece.start));
        self.rows.push(row);
    }

    /// Adds a value that many rows share.
    pub fn push_shared(&mut self, row: u32, text: &str, side: &mut Vec<u8>) {
        let key = (text.as_ptr() as usize, text.len());
        let piece = match self.shared {
            Some((last, piece)) if last == key => piece,
            _ => Piece::write(text.as_bytes(), side),
        };
        self.shared = Some((key, piece));
        self.push(row, piece, &[], side);
    }

    /// Whether a row that no other came after has a value.
    pub fn has(&self, row: u32) -> bool {
        self.rows.last() == Some(&row)
    }

    /// Whether no row has a value.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The column of all rows; the builder is empty again.
    pub fn finish(&mut self, rows: usize, buffers: &Buffers<'_>) -> Column {
        let views = std::mem::take(&mut self.views);
        let at = std::mem::take(&mut self.rows);
        let multi = std::mem::take(&mut self.multi);
        let referred = std::mem::take(&mut self.referred);
        self.shared = None;
        if views.is_empty() {
            return Column::Null(rows);
        }
        let (views, blocks) = settle(views, referred, buffers);
        if multi {
            return lists(views, &at, rows, blocks);
        }
        if views.len() == rows {
            return Column::Text(texts(views, blocks, None));
        }
        let mut spread = vec![0; rows];
        let mut valid = vec![false; rows];
        for (view, row) in views.into_iter().zip(at) {
            if let (Some(to), Some(bit)) =
                (spread.get_mut(row as usize), valid.get_mut(row as usize))
            {
                (*to, *bit) = (view, true);
            }
        }
        Column::Text(texts(spread, blocks, Some(valid.into())))
    }
}

/// Keeps the morsel's buffer when the views need much of it, and copies what they refer to when that is little.
fn settle(
    mut views: Vec<u128>,
    referred: [usize; 2],
    buffers: &Buffers<'_>,
) -> (Vec<u128>, Vec<Buffer>) {
    let [morsel, side] = referred;
    if morsel + side == 0 {
        return (views, Vec::new());
    }
    if morsel > buffers.morsel.len() / 8 {
        return (views, vec![buffers.morsel.clone(), buffers.side.clone()]);
    }
    let mut copy: Vec<u8> = Vec::with_capacity(morsel);
    for view in &mut views {
        let length = *view as u32;
        let place = (*view >> 64) as u32;
        if length > 12 && place == Place::Morsel as u32 {
            let start = (*view >> 96) as u32;
            let piece = Piece {
                place: Place::Morsel,
                start,
                length,
            };
            let at = copy.len() as u128;
            copy.extend_from_slice(piece.bytes(buffers.morsel, buffers.side));
            *view = (*view & u128::from(u64::MAX)) | at << 96;
        }
    }
    (views, vec![Buffer::from_vec(copy), buffers.side.clone()])
}

fn texts(views: Vec<u128>, blocks: Vec<Buffer>, nulls: Option<NullBuffer>) -> StringViewArray {
    debug_assert!(
        StringViewArray::try_new(views.clone().into(), blocks.clone(), nulls.clone()).is_ok(),
        "views are inside their buffers and are UTF-8"
    );
    // SAFETY: each view was made by `make_view` from a piece: a range of its buffer that was checked to be UTF-8, at the
    // place that the view tells; `settle` keeps that true. Rows without a value have the empty view.
    unsafe { StringViewArray::new_unchecked(ScalarBuffer::from(views), blocks.into(), nulls) }
}

fn lists(views: Vec<u128>, at: &[u32], rows: usize, blocks: Vec<Buffer>) -> Column {
    let mut counts = vec![0usize; rows];
    for row in at {
        if let Some(count) = counts.get_mut(*row as usize) {
            *count += 1;
        }
    }
    let valid: Vec<bool> = counts.iter().map(|c| *c > 0).collect();
    let values = texts(views, blocks, None);
    let (item, ..) = ListBuilder::new(StringViewBuilder::new())
        .finish()
        .into_parts();
    ListArray::try_new(
        item,
        OffsetBuffer::from_lengths(counts),
        Arc::new(values),
        Some(valid.into()),
    )
    .map_or(Column::Null(rows), Column::Multi)
}
