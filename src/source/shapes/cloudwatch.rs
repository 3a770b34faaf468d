//! CloudWatch Logs: subscription records, `filter-log-events`, `get-log-events` and Logs Insights results.

use super::envelope::{Fields, Outlet, quoted};
use crate::data::{FieldName, Value};
use crate::source::instant::instant;
use crate::source::morsel::Metadata;
use crate::source::splitter::Members;
use crate::source::unescape::{text, unescape};
use std::ops::Range;
use std::sync::Arc;

/// Whether an object is a record that a subscription delivers.
pub fn is_subscription(fields: &Fields<'_>) -> bool {
    fields.starts("messageType", b'"') && fields.starts("logEvents", b'[')
}

/// Whether an object is a log event as the command line tool prints it.
pub fn is_log_event(fields: &Fields<'_>) -> bool {
    const KEYS: [&str; 8] = [
        "logStreamName",
        "logGroupName",
        "logGroupIdentifier",
        "timestamp",
        "message",
        "ingestionTime",
        "eventId",
        "id",
    ];
    fields.starts("message", b'"')
        && fields.place("timestamp").is_some()
        && ["logStreamName", "ingestionTime", "eventId"]
            .iter()
            .any(|key| fields.place(key).is_some())
        && fields.only(&KEYS)
}

/// The events of a subscription record. A control message carries none.
pub fn subscription(fields: &Fields<'_>, outlet: &mut Outlet<'_>) {
    if fields.raw_text("messageType") == Some(b"CONTROL_MESSAGE") {
        return;
    }
    let source = source(
        fields.raw_text("logGroup"),
        fields.raw_text("logStream"),
        outlet,
    );
    let Some(events) = fields.place("logEvents") else {
        return;
    };
    for (_, place) in Members::new(fields.bytes, events.start) {
        let event = Fields::new(fields.bytes, place.start);
        message(&event, source.clone(), outlet);
    }
}

/// A log event of a listing.
pub fn log_event(fields: &Fields<'_>, outlet: &mut Outlet<'_>) {
    let group = ["logGroupIdentifier", "logGroupName"]
        .iter()
        .find_map(|key| fields.raw_text(key));
    let source = source(group, fields.raw_text("logStreamName"), outlet);
    message(fields, source, outlet);
}

fn message(fields: &Fields<'_>, source: Option<Arc<str>>, outlet: &mut Outlet<'_>) {
    let metadata = Metadata {
        time: fields.get("timestamp").and_then(instant),
        source,
        ..Metadata::default()
    };
    let raw = fields.raw_text("message").unwrap_or_default();
    if !outlet
        .gather
        .copy(outlet.line, metadata, |out| unescape(raw, out))
    {
        outlet
            .origin
            .left_out
            .broken(outlet.line, "a log event without a message");
    }
}

/// `region:log-group:stream`, or what is known of it. A log group may be given as its ARN, which names the region.
fn source(
    group: Option<&[u8]>,
    stream: Option<&[u8]>,
    outlet: &mut Outlet<'_>,
) -> Option<Arc<str>> {
    let (group, stream) = (group.unwrap_or_default(), stream.unwrap_or_default());
    let key = [group, b":", stream].concat();
    outlet.names.get(&key, || {
        let plain = |raw: &[u8]| {
            let mut out = Vec::new();
            unescape(raw, &mut out);
            String::from_utf8_lossy(&out).into_owned()
        };
        let (group, stream) = (plain(group), plain(stream));
        let group = match group.strip_prefix("arn:") {
            Some(arn) => {
                // arn:aws:logs:region:account:log-group:name, sometimes with `:*` after it
                let mut parts = arn.splitn(6, ':');
                let region = parts.nth(2).unwrap_or_default();
                let name = parts.nth(2).unwrap_or_default().trim_end_matches(":*");
                format!("{region}:{name}")
            }
            None => group,
        };
        let known: Vec<&str> = [group.as_str(), stream.as_str()]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect();
        (!known.is_empty()).then(|| known.join(":"))
    })
}

/// Whether the array that opens at `start` is a row of Logs Insights: pairs of field and value.
pub fn is_insights_row(bytes: &[u8], start: usize) -> bool {
    Members::new(bytes, start)
        .next_key()
        .is_some_and(|(_, at)| {
            bytes.get(at) == Some(&b'{') && {
                let pair = Fields::new(bytes, at);
                pair.starts("field", b'"') && pair.only(&["field", "value"])
            }
        })
}

/// A row of Logs Insights: `@message` is the event, its neighbours say where it comes from; other fields are kept.
pub fn insights_row(bytes: &[u8], place: Range<usize>, outlet: &mut Outlet<'_>) {
    let mut metadata = Metadata::default();
    let (mut message, mut group, mut stream) = (None, None, None);
    for (_, pair) in Members::new(bytes, place.start) {
        let pair = Fields::new(bytes, pair.start);
        let (Some(name), Some(value)) = (pair.raw_text("field"), pair.get("value")) else {
            continue;
        };
        match name {
            b"@message" => message = quoted(value),
            b"@timestamp" => metadata.time = instant(quoted(value).unwrap_or(value)),
            b"@logStream" => stream = quoted(value),
            // account:log-group
            b"@log" => {
                group = quoted(value).map(|log| match log.iter().position(|b| *b == b':') {
                    Some(colon) => &log[colon + 1..],
                    None => log,
                })
            }
            b"@ptr" | b"@ingestionTime" => {}
            _ => {
                let name = outlet.names.text(pair.get("field").unwrap_or_default());
                if let (Some(name), Some(value)) = (name, text(value)) {
                    metadata
                        .fields
                        .push((FieldName::from(name), Value::Text(value)));
                }
            }
        }
    }
    metadata.source = source(group, stream, outlet);
    match message {
        Some(raw) => {
            if !outlet
                .gather
                .copy(outlet.line, metadata, |out| unescape(raw, out))
            {
                outlet
                    .origin
                    .left_out
                    .broken(outlet.line, "a log event without a message");
            }
        }
        None => outlet
            .gather
            .place(place.start, place.end, outlet.line, Some(metadata)),
    }
}
