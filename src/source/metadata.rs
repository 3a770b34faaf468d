//! An event's metadata: takes what its envelope, its own keys, the options and its file say, adds the first that says it to the columns.

use super::columns::Piece;
use super::event::{Reader, Setting};
use super::morsel::{Clock, Metadata, Morsel};
use super::projection::{Projection, Rule};
use super::scanner::Kind;
use super::sourcetype;
use crate::data::time::{Timestamp, Written, parse_timestamp, parse_timestamp_prefix};

/// Where the time of one event may stand.
struct Times<'e> {
    reader: &'e Reader,
    projection: &'e Projection,
    rule: Option<&'e Rule>,
    /// The morsel.
    bytes: &'e [u8],
    raw: Piece,
    is_json: bool,
}

impl Times<'_> {
    /// What the first text says that has a time: by a key, or at the start of the line.
    #[inline(always)]
    fn first<T>(
        &self,
        key: impl Fn(&str) -> Option<T>,
        line: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let [own_time, ..] = self.projection.own;
        let read = |slot: &usize| self.reader.own(*slot, self.bytes).and_then(&key);
        let prefix = || {
            if self.is_json {
                return None;
            }
            let raw = self.raw.bytes(self.bytes, &self.reader.side);
            line(std::str::from_utf8(raw).ok()?)
        };
        read(&own_time)
            .or_else(|| self.rule.and_then(|rule| rule.times.iter().find_map(read)))
            .or_else(|| self.projection.usual_times.iter().find_map(read))
            .or_else(prefix)
    }

    /// The instant.
    #[inline(always)]
    fn told(&self, setting: &Setting<'_>) -> Option<Timestamp> {
        self.first(
            |text| parse_timestamp(text, setting.zone),
            |text| parse_timestamp_prefix(text, setting.zone).map(|(time, _)| time),
        )
    }

    /// The time as the event's text writes it; nothing where an envelope alone has it.
    #[inline(never)]
    fn written(&self, setting: &Setting<'_>, metadata: &Metadata) -> Option<Written> {
        match metadata.clock {
            Clock::Cell(written) => return Some(written),
            Clock::Envelope if metadata.time.is_some() => return None,
            Clock::Envelope | Clock::Text => {}
        }
        self.first(
            |text| Written::parse(text, setting.zone),
            |text| Written::parse_prefix(text, setting.zone),
        )
    }
}

impl Reader {
    /// The text in a slot.
    fn own<'t>(&'t self, slot: usize, bytes: &'t [u8]) -> Option<&'t str> {
        let (piece, kind) = (*self.slots.get(slot)?)?;
        let text = std::str::from_utf8(piece.bytes(bytes, &self.side)).ok()?;
        (kind != Kind::Container).then_some(text)
    }

    /// `_time` and `sourcetype`.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn recognise(
        &mut self,
        projection: &Projection,
        setting: &Setting<'_>,
        morsel: &Morsel,
        row: u32,
        raw: Piece,
        is_json: bool,
        metadata: &Metadata,
    ) {
        let bytes = morsel.buffer.as_slice();
        let defaults = &morsel.origin.defaults;
        let [_, _, _, own_sourcetype, ..] = projection.own;
        let rule = projection.rules.iter().find(|rule| {
            rule.keys.iter().all(|(slot, test)| {
                let Some(Some((piece, _))) = self.slots.get(*slot) else {
                    return false;
                };
                test.passes(piece.bytes(bytes, &self.side))
            })
        });
        if projection.wants.time {
            let times = Times {
                reader: self,
                projection,
                rule,
                bytes,
                raw,
                is_json,
            };
            let time = metadata.time.or_else(|| times.told(setting));
            let time = time.or(defaults.time);
            let written = match projection.wants.dates {
                true => Some(times.written(setting, metadata)),
                false => None,
            };
            self.findings.timeless += u64::from(time.is_none());
            self.times.push(time);
            self.written.extend(written);
        }
        if projection.wants.sourcetype {
            let line = || std::str::from_utf8(raw.bytes(bytes, &self.side)).unwrap_or_default();
            let given = metadata.sourcetype.as_deref();
            let [_, _, column, ..] = &mut self.metadata;
            if given.is_none()
                && let Some(Some((piece, kind))) = self.slots.get(own_sourcetype)
                && *kind != Kind::Container
            {
                return column.push(row, *piece, bytes, &self.side);
            }
            let name = given
                .or(setting.options.sourcetype.as_deref())
                .or(rule.map(|rule| rule.rule.name))
                .or(defaults.sourcetype.as_deref())
                .unwrap_or_else(|| match is_json {
                    true => sourcetype::JSON,
                    false => sourcetype::recognise_text(line()),
                });
            column.push_shared(row, name, &mut self.side);
        }
    }

    /// `source`, `host` and `index`.
    pub(super) fn places(
        &mut self,
        projection: &Projection,
        setting: &Setting<'_>,
        morsel: &Morsel,
        row: u32,
        metadata: &Metadata,
    ) {
        let bytes = morsel.buffer.as_slice();
        let (options, defaults) = (setting.options, &morsel.origin.defaults);
        let [_, _, own_source, _, own_host, own_index] = projection.own;
        let [_, source, _, host, index] = &mut self.metadata;
        let wants = projection.wants;
        for (wanted, column, given, own, option, default, last) in [
            (
                wants.source,
                source,
                &metadata.source,
                own_source,
                &options.source,
                &defaults.source,
                Some(morsel.origin.path.as_str()),
            ),
            (
                wants.host,
                host,
                &metadata.host,
                own_host,
                &options.host,
                &defaults.host,
                None,
            ),
            (
                wants.index,
                index,
                &metadata.index,
                own_index,
                &options.index,
                &defaults.index,
                Some("main"),
            ),
        ] {
            if !wanted {
                continue;
            }
            if given.is_none()
                && let Some(Some((piece, kind))) = self.slots.get(own)
                && *kind != Kind::Container
            {
                column.push(row, *piece, bytes, &self.side);
                continue;
            }
            let text = given
                .as_deref()
                .or(option.as_deref())
                .or(default.as_deref())
                .or(last);
            if let Some(text) = text {
                column.push_shared(row, text, &mut self.side);
            }
        }
    }
}
