//! Splunk's own carriers: HTTP Event Collector objects, lines of the export endpoint, rows of `results`.

use super::Names;
use super::envelope::{Fields, Outlet, quoted};
use crate::data::Value;
use crate::data::time::parse_timestamp;
use crate::source::instant::instant;
use crate::source::morsel::{Clock, Metadata};
use crate::source::splitter::Members;
use crate::source::unescape::{text, unescape};
use std::ops::Range;

/// Whether an object is an HTTP Event Collector event. One with nothing but an `event` text and a written-out time is
/// taken for an ordinary event that happens to have these keys.
pub fn is_hec(fields: &Fields<'_>) -> bool {
    const KEYS: [&str; 7] = [
        "time",
        "host",
        "source",
        "sourcetype",
        "index",
        "event",
        "fields",
    ];
    if fields.place("event").is_none() || !fields.only(&KEYS) {
        return false;
    }
    let epoch = fields
        .get("time")
        .map(|t| quoted(t).unwrap_or(t))
        .is_some_and(|t| t.iter().all(|b| b.is_ascii_digit() || *b == b'.'));
    epoch
        || fields.starts("event", b'{')
        || ["host", "source", "sourcetype", "index", "fields"]
            .iter()
            .any(|key| fields.place(key).is_some())
}

/// The event of an HTTP Event Collector object.
pub fn hec(fields: &Fields<'_>, outlet: &mut Outlet<'_>) {
    let mut metadata = Metadata {
        time: fields
            .get("time")
            .and_then(|t| instant(quoted(t).unwrap_or(t))),
        source: fields.get("source").and_then(|v| outlet.names.text(v)),
        sourcetype: fields.get("sourcetype").and_then(|v| outlet.names.text(v)),
        host: fields.get("host").and_then(|v| outlet.names.text(v)),
        index: fields.get("index").and_then(|v| outlet.names.text(v)),
        fields: Vec::new(),
        clock: Clock::Envelope,
    };
    if let Some(extra) = fields.place("fields") {
        for (key, value) in Fields::new(fields.bytes, extra.start).iter() {
            field(key, value, outlet.names, &mut metadata);
        }
    }
    let Some(place) = fields.place("event") else {
        return;
    };
    match fields.raw_text("event") {
        Some(raw) => {
            if !outlet
                .gather
                .copy(outlet.line, metadata, |out| unescape(raw, out))
            {
                outlet
                    .origin
                    .left_out
                    .broken(outlet.line, "an event without text");
            }
        }
        None => outlet
            .gather
            .place(place.start, place.end, outlet.line, Some(metadata)),
    }
}

/// Whether an object is a line of the export endpoint, the last one without a result included.
pub fn is_export(fields: &Fields<'_>) -> bool {
    fields.place("preview").is_some() && fields.only(&["preview", "offset", "lastrow", "result"])
}

/// The event of a line of the export endpoint. Preview rows come again in the final rows: they are left out and counted.
pub fn export(fields: &Fields<'_>, outlet: &mut Outlet<'_>) {
    let Some(place) = fields.place("result") else {
        return;
    };
    if fields.get("preview") == Some(b"true") {
        outlet.origin.left_out.preview();
        return;
    }
    row(fields.bytes, place, outlet);
}

/// A row of results. With a `_raw` it is that event, and the row's other columns are its fields; else the row itself is
/// the event.
pub fn row(bytes: &[u8], place: Range<usize>, outlet: &mut Outlet<'_>) {
    let fields = Fields::new(bytes, place.start);
    let Some(raw) = fields.raw_text("_raw") else {
        outlet
            .gather
            .place(place.start, place.end, outlet.line, None);
        return;
    };
    let mut metadata = Metadata {
        clock: Clock::Text,
        ..Metadata::default()
    };
    for (key, value) in fields.iter() {
        match key {
            b"_raw" => {}
            b"_time" => {
                let text = text(value);
                let written = text.as_deref().or(std::str::from_utf8(value).ok());
                metadata.time = written.and_then(|t| parse_timestamp(t, outlet.origin.zone));
            }
            b"source" => metadata.source = outlet.names.text(value),
            b"sourcetype" => metadata.sourcetype = outlet.names.text(value),
            b"host" => metadata.host = outlet.names.text(value),
            b"index" => metadata.index = outlet.names.text(value),
            _ => field(key, value, outlet.names, &mut metadata),
        }
    }
    if !outlet
        .gather
        .copy(outlet.line, metadata, |out| unescape(raw, out))
    {
        outlet
            .origin
            .left_out
            .broken(outlet.line, "an event without text");
    }
}

/// Adds a field of an envelope; null and empty texts are no values.
fn field(key: &[u8], value: &[u8], names: &mut Names, metadata: &mut Metadata) {
    let mut quoted_key = Vec::with_capacity(key.len() + 2);
    quoted_key.push(b'"');
    quoted_key.extend_from_slice(key);
    quoted_key.push(b'"');
    let plain = |value: &[u8]| match value {
        b"null" | b"\"\"" => None,
        value => Some(text(value).unwrap_or_else(|| String::from_utf8_lossy(value).into_owned())),
    };
    let value = match value.first() {
        Some(b'[') => Value::multi(
            Members::new(value, 0)
                .filter_map(|(_, place)| plain(value.get(place)?))
                .collect(),
        ),
        _ => plain(value).map_or(Value::Null, Value::Text),
    };
    if let (Some(name), false) = (names.text(&quoted_key), value.is_null()) {
        metadata.fields.push((name, value));
    }
}
