//! Fields that a text names itself (`user=bob`), which Splunk finds without a command: takes an event's text, adds the
//! wanted ones to the columns. The first value of a name counts, and no field that the event has from elsewhere is
//! touched. JSON has its own fields, and XML is left to the commands that read it.

use super::columns::Piece;
use super::event::Reader;
use super::projection::Projection;
use crate::data::named_fields;

impl Reader {
    /// Adds the fields that the text of a row names.
    pub(super) fn named(&mut self, projection: &Projection, row: u32, bytes: &[u8], raw: Piece) {
        let side = std::mem::take(&mut self.side);
        if let Ok(text) = std::str::from_utf8(raw.bytes(bytes, &side)) {
            let (from, mut left) = (text.as_ptr() as usize, projection.named.count());
            for (name, value) in named_fields(text) {
                let Some(leaf) = projection.named(&name, &mut self.trie) else {
                    continue;
                };
                self.make_room();
                let Some(column) = self.columns.get_mut(leaf as usize) else {
                    continue;
                };
                if column.has(row) {
                    continue;
                }
                if column.is_empty() {
                    self.order.push(leaf);
                }
                let piece = Piece {
                    place: raw.place,
                    start: raw.start + (value.as_ptr() as usize - from) as u32,
                    length: value.len() as u32,
                };
                column.push(row, piece, bytes, &side);
                left -= 1;
                if left == 0 {
                    break;
                }
            }
        }
        self.side = side;
    }
}
