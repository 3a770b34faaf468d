//! One event after the other: takes texts, adds their wanted values to columns; each event whole or as plain text.

use super::Options;
use super::assemble::{Built, Findings, indexed, ordered};
use super::columns::{Buffers, Piece, Place, TextColumn};
use super::dates;
use super::morsel::{Metadata, Morsel};
use super::projection::{NO_SLOT, Projection};
use super::scanner::{Hit, Kind, Level, Trie, Walker, is_valid, text};
use crate::data::time::{Timestamp, Written, Zone};
use crate::data::{Batch, Column};
use arrow_array::Float64Array;
use arrow_buffer::Buffer;

/// What events have that say nothing themselves, and how they are read.
pub struct Setting<'s> {
    /// What the user said.
    pub options: &'s Options,
    /// The zone of times without one.
    pub zone: Zone,
    /// The kernel.
    pub level: Level,
    /// Take every event for text, whatever it looks like.
    pub as_text: bool,
}

/// Builds the columns of one projection, for one worker.
pub struct Reader {
    pub(super) trie: Trie,
    walker: Walker,
    pub(super) columns: Vec<TextColumn>,
    /// The leaves that got a value, in order of first appearance.
    pub(super) order: Vec<u32>,
    pub(super) slots: Vec<Option<(Piece, Kind)>>,
    pieces: Vec<(u32, Piece, Kind)>,
    pub(super) side: Vec<u8>,
    inner: Vec<u8>,
    pub(super) times: Vec<Option<Timestamp>>,
    /// What the events' texts say of their times, when that is wanted.
    pub(super) written: Vec<Option<Written>>,
    /// `_raw`, `source`, `sourcetype`, `host`, `index`.
    pub(super) metadata: [TextColumn; 5],
    pub(super) findings: Findings,
    invalid: bool,
}

/// How an event's text was read.
enum Form {
    Json,
    Broken,
    Text,
}

impl Reader {
    /// A reader for a projection.
    pub fn new(projection: &Projection) -> Self {
        Self {
            trie: projection.trie.clone(),
            walker: Walker::default(),
            columns: Vec::new(),
            order: Vec::new(),
            slots: vec![None; projection.slots],
            pieces: Vec::new(),
            side: Vec::new(),
            inner: Vec::new(),
            times: Vec::new(),
            written: Vec::new(),
            metadata: Default::default(),
            findings: Findings::default(),
            invalid: false,
        }
    }

    /// Adds the event at `start..end` of the morsel.
    pub fn event(
        &mut self,
        projection: &Projection,
        setting: &Setting<'_>,
        morsel: &Morsel,
        row: u32,
        (start, end): (usize, usize),
        metadata: &Metadata,
    ) {
        let bytes = morsel.buffer.as_slice();
        self.slots.fill(None);
        self.invalid = false;
        let mut raw = None;
        let form = self.read(projection, setting, bytes, row, (start, end), &mut raw);
        if matches!(form, Form::Broken) {
            self.findings.broken.push(row);
        }
        let wants = projection.wants;
        let is_json = matches!(form, Form::Json);
        let names = projection.named.count() > 0 && !is_json;
        if wants.time || wants.raw || wants.sourcetype || names {
            // Of JSON, time and sourcetype are told by its values.
            let raw = match raw {
                Some(piece) => piece,
                None if is_json && !wants.raw => Piece::default(),
                None => self.piece(bytes, start, end),
            };
            if names {
                self.named(projection, row, bytes, raw);
            }
            if wants.raw
                && let [column, ..] = &mut self.metadata
            {
                column.push(row, raw, bytes, &self.side);
            }
            if wants.time || wants.sourcetype {
                self.recognise(projection, setting, morsel, row, raw, is_json, metadata);
            }
        }
        if wants.source || wants.host || wants.index {
            self.places(projection, setting, morsel, row, metadata);
        }
        if self.invalid {
            self.findings.invalid.push(row);
        }
    }

    /// Reads the text as JSON where it is, and commits its values.
    fn read(
        &mut self,
        projection: &Projection,
        setting: &Setting<'_>,
        bytes: &[u8],
        row: u32,
        (start, end): (usize, usize),
        raw: &mut Option<Piece>,
    ) -> Form {
        if setting.as_text {
            return Form::Text;
        }
        let text = bytes.get(start..end).unwrap_or_default().trim_ascii();
        let form = match text.first() {
            Some(b'{') => Form::Broken,
            Some(b'[') => match text.get(1..).unwrap_or_default().trim_ascii_start().first() {
                Some(b'{' | b'"' | b'[') => Form::Broken,
                _ => Form::Text,
            },
            Some(b'"') => {
                let inner = text.strip_prefix(b"\"").and_then(|t| t.strip_suffix(b"\""));
                let mut inner_text = std::mem::take(&mut self.inner);
                inner_text.clear();
                let is_string = inner.is_some_and(|t| text::unescape(t, &mut inner_text))
                    && inner_text.trim_ascii_start().starts_with(b"{");
                let form = if is_string {
                    self.nested(projection, setting, row, &inner_text, raw)
                } else {
                    Form::Text
                };
                self.inner = inner_text;
                return form;
            }
            _ => return Form::Text,
        };
        let strict = setting.options.strict;
        if strict && std::str::from_utf8(text).is_err() {
            let mut valid = Vec::with_capacity(text.len());
            text::lossy(text, &mut valid);
            self.invalid = true;
            return match self.nested(projection, setting, row, &valid, raw) {
                Form::Json => Form::Json,
                _ => form,
            };
        }
        let holds = self
            .walker
            .walk(setting.level, bytes, start, end, &mut self.trie)
            && (!strict || is_valid(text))
            && self.take(projection, row, bytes);
        if !holds {
            return form;
        }
        self.note_depth(row);
        if let [_, own_raw, ..] = projection.own
            && let Some(Some((piece, Kind::Plain | Kind::Escaped))) = self.slots.get(own_raw)
        {
            let piece = *piece;
            *raw = Some(piece);
            self.own_raw(projection, setting, row, bytes, piece);
        }
        Form::Json
    }

    /// The fields of a `_raw` among the keys, be it JSON or text; the event's own keys win.
    fn own_raw(
        &mut self,
        projection: &Projection,
        setting: &Setting<'_>,
        row: u32,
        bytes: &[u8],
        piece: Piece,
    ) {
        let text = piece.bytes(bytes, &self.side).trim_ascii_start();
        if !text.starts_with(b"{") {
            if projection.named.count() > 0 {
                self.named(projection, row, bytes, piece);
            }
            return;
        }
        let mut inner = std::mem::take(&mut self.inner);
        inner.clear();
        inner.extend_from_slice(text);
        let taken: Vec<u32> = self.walker.hits.iter().map(|hit| hit.leaf).collect();
        if self
            .walker
            .walk(setting.level, &inner, 0, inner.len(), &mut self.trie)
        {
            self.walker.hits.retain(|hit| !taken.contains(&hit.leaf));
            if self.materialise(&inner, false) {
                self.commit(projection, row, &[]);
            }
        }
        self.inner = inner;
    }

    /// An event that is a JSON string of JSON.
    fn nested(
        &mut self,
        projection: &Projection,
        setting: &Setting<'_>,
        row: u32,
        inner: &[u8],
        raw: &mut Option<Piece>,
    ) -> Form {
        *raw = Some(self.write(inner));
        let holds = self
            .walker
            .walk(setting.level, inner, 0, inner.len(), &mut self.trie)
            && (!setting.options.strict || is_valid(inner))
            && self.materialise(inner, false);
        if !holds {
            return Form::Broken;
        }
        self.note_depth(row);
        self.commit(projection, row, &[]);
        Form::Json
    }

    fn note_depth(&mut self, row: u32) {
        if self.walker.too_deep {
            self.findings.too_deep.push(row);
        }
    }

    /// A copy in the side buffer, made valid.
    fn write(&mut self, bytes: &[u8]) -> Piece {
        if std::str::from_utf8(bytes).is_ok() {
            return Piece::write(bytes, &mut self.side);
        }
        self.invalid = true;
        let start = self.side.len();
        text::lossy(bytes, &mut self.side);
        self.since(start)
    }

    fn since(&self, start: usize) -> Piece {
        Piece {
            place: Place::Side,
            start: start as u32,
            length: (self.side.len() - start) as u32,
        }
    }

    /// A range of the morsel as text.
    #[inline]
    fn piece(&mut self, bytes: &[u8], start: usize, end: usize) -> Piece {
        let range = bytes.get(start..end).unwrap_or_default();
        if range.is_ascii() || std::str::from_utf8(range).is_ok() {
            return Piece {
                place: Place::Morsel,
                start: start as u32,
                length: range.len() as u32,
            };
        }
        self.write(range)
    }

    /// Adds the values of the hits, which lie in the morsel; `false`, and none is added, when one has an escape that is none.
    #[inline]
    fn take(&mut self, projection: &Projection, row: u32, bytes: &[u8]) -> bool {
        let hits = std::mem::take(&mut self.walker.hits);
        let plain = hits.iter().all(|hit| hit.kind != Kind::Escaped);
        if plain {
            self.make_room();
            for hit in &hits {
                let piece = match hit.kind {
                    Kind::Container => Piece::default(),
                    _ => self.piece(bytes, hit.start, hit.end),
                };
                self.add(projection, row, bytes, (hit.leaf, piece, hit.kind));
            }
        }
        self.walker.hits = hits;
        if !plain {
            if !self.materialise(bytes, true) {
                return false;
            }
            self.commit(projection, row, bytes);
        }
        true
    }

    /// Makes texts of the hits; `false` when one has an escape that is none.
    #[inline]
    fn materialise(&mut self, source: &[u8], in_morsel: bool) -> bool {
        self.pieces.clear();
        let hits = std::mem::take(&mut self.walker.hits);
        let whole = hits.iter().all(|hit| {
            let piece = match hit.kind {
                Kind::Container => Some(Piece::default()),
                Kind::Escaped => self.unescaped(source, hit),
                _ if in_morsel => Some(self.piece(source, hit.start, hit.end)),
                _ => Some(self.write(source.get(hit.start..hit.end).unwrap_or_default())),
            };
            piece
                .map(|piece| self.pieces.push((hit.leaf, piece, hit.kind)))
                .is_some()
        });
        self.walker.hits = hits;
        whole
    }

    fn unescaped(&mut self, source: &[u8], hit: &Hit) -> Option<Piece> {
        let start = self.side.len();
        let raw = source.get(hit.start..hit.end).unwrap_or_default();
        if !text::unescape(raw, &mut self.side) {
            self.side.truncate(start);
            return None;
        }
        let written = self.side.get(start..).unwrap_or_default();
        if std::str::from_utf8(written).is_err() {
            let copy = written.to_vec();
            self.side.truncate(start);
            return Some(self.write(&copy));
        }
        Some(self.since(start))
    }

    /// Adds the texts to their columns and slots.
    #[inline]
    fn commit(&mut self, projection: &Projection, row: u32, bytes: &[u8]) {
        self.make_room();
        let pieces = std::mem::take(&mut self.pieces);
        for value in &pieces {
            self.add(projection, row, bytes, *value);
        }
        self.pieces = pieces;
    }

    /// Has a column for each leaf of the tree, which may have grown.
    #[inline]
    pub(super) fn make_room(&mut self) {
        if self.columns.len() < self.trie.leaves().len() {
            self.columns
                .resize_with(self.trie.leaves().len(), TextColumn::default);
        }
    }

    /// Adds a value to its column and slot.
    #[inline(always)]
    fn add(
        &mut self,
        projection: &Projection,
        row: u32,
        bytes: &[u8],
        (leaf, piece, kind): (u32, Piece, Kind),
    ) {
        let purpose = projection.leaf(leaf);
        if purpose.slot != NO_SLOT
            && let Some(slot @ None) = self.slots.get_mut(purpose.slot)
        {
            *slot = Some((piece, kind));
        }
        if purpose.is_field
            && kind != Kind::Container
            && let Some(column) = self.columns.get_mut(leaf as usize)
        {
            if column.is_empty() {
                self.order.push(leaf);
            }
            column.push(row, piece, bytes, &self.side);
        }
    }

    /// The columns of all events since the last time.
    pub fn finish(
        &mut self,
        projection: &Projection,
        morsel: &Morsel,
        rows: usize,
        envelope: impl Fn(usize) -> Option<usize>,
    ) -> Built {
        let side = Buffer::from_vec(std::mem::take(&mut self.side));
        let buffers = Buffers {
            morsel: &morsel.buffer,
            side: &side,
        };
        let mut batch = Batch::new(rows);
        batch.position = morsel.position;
        let times = std::mem::take(&mut self.times);
        if projection.wants.time {
            let seconds: Float64Array = times.iter().map(|t| t.map(Timestamp::seconds)).collect();
            batch.set("_time", Column::Number(seconds));
        }
        let names = ["_raw", "source", "sourcetype", "host", "index"];
        for (name, column) in names.into_iter().zip(&mut self.metadata) {
            if !column.is_empty() {
                batch.set(name, column.finish(rows, &buffers));
            }
        }
        self.order
            .sort_by_key(|leaf| (*leaf as usize) >= projection.leaves.len());
        for leaf in std::mem::take(&mut self.order) {
            if let (Some(name), Some(column)) = (
                self.trie.leaves().get(leaf as usize),
                self.columns.get_mut(leaf as usize),
            ) {
                batch.set(name.clone(), column.finish(rows, &buffers));
            }
        }
        self.trie.prune();
        self.columns.truncate(self.trie.leaves().len());
        if projection.wants.dates {
            dates::given(projection, &std::mem::take(&mut self.written), &mut batch);
        }
        indexed(projection, morsel, &mut batch, envelope);
        Built {
            batch: ordered(projection, batch),
            times,
            findings: std::mem::take(&mut self.findings),
        }
    }
}
