//! One JSON object that may wrap events: takes its bytes, gives the events inside with what the envelope says of them.

use super::gather::Gather;
use super::{Names, azure, cloudtrail, cloudwatch, splunk};
use crate::source::morsel::Origin;
use crate::source::splitter::Members;
use std::ops::Range;

/// The members of one object, by key.
pub struct Fields<'a> {
    /// The bytes that the places below are in.
    pub bytes: &'a [u8],
    members: Vec<(&'a [u8], Range<usize>)>,
}

impl<'a> Fields<'a> {
    /// The members of the object that opens at `start`.
    pub fn new(bytes: &'a [u8], start: usize) -> Self {
        Self {
            bytes,
            members: Members::new(bytes, start).collect(),
        }
    }

    /// Where the value of a key lies.
    pub fn place(&self, key: &str) -> Option<Range<usize>> {
        let found = self.members.iter().find(|(k, _)| *k == key.as_bytes());
        found.map(|(_, place)| place.clone())
    }

    /// The value of a key as written.
    pub fn get(&self, key: &str) -> Option<&'a [u8]> {
        self.bytes.get(self.place(key)?)
    }

    /// What stands between the quotes of a text value, escapes and all.
    pub fn raw_text(&self, key: &str) -> Option<&'a [u8]> {
        quoted(self.get(key)?)
    }

    /// Whether the value of a key starts with this byte.
    pub fn starts(&self, key: &str, byte: u8) -> bool {
        self.get(key).and_then(|v| v.first()) == Some(&byte)
    }

    /// Whether there are no keys but these.
    pub fn only(&self, keys: &[&str]) -> bool {
        self.members
            .iter()
            .all(|(key, _)| keys.iter().any(|k| k.as_bytes() == *key))
    }

    /// All members in order.
    pub fn iter(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + '_ {
        let value = |place: &Range<usize>| self.bytes.get(place.clone()).unwrap_or_default();
        self.members
            .iter()
            .map(move |(key, place)| (*key, value(place)))
    }
}

/// What stands between the quotes of a text value.
pub fn quoted(value: &[u8]) -> Option<&[u8]> {
    value.strip_prefix(b"\"")?.strip_suffix(b"\"")
}

/// Where the events of an envelope go.
pub struct Outlet<'a> {
    /// Events found.
    pub gather: &'a mut Gather,
    /// Texts seen before.
    pub names: &'a mut Names,
    /// The file; it counts envelopes that hold nothing.
    pub origin: &'a Origin,
    /// The line in which the envelope starts.
    pub line: u64,
}

/// The kinds of envelope that wrap events one by one (a subscription record: a few).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Envelope {
    /// Splunk's HTTP Event Collector.
    Hec,
    /// A result of Splunk's export endpoint.
    Export,
    /// A CloudWatch Logs subscription record.
    Subscription,
    /// An event as `filter-log-events` prints it.
    LogEvent,
    /// An event as `lookup-events` prints it.
    Lookup,
    /// An Azure diagnostic record with a `log`.
    Azure,
}

/// Tells by the first key alone that an object is no envelope: most events end here.
fn may_wrap(key: &[u8]) -> bool {
    matches!(
        key,
        b"time"
            | b"host"
            | b"source"
            | b"sourcetype"
            | b"index"
            | b"event"
            | b"fields"
            | b"preview"
            | b"offset"
            | b"lastrow"
            | b"result"
            | b"messageType"
            | b"owner"
            | b"logGroup"
            | b"logStream"
            | b"subscriptionFilters"
            | b"logEvents"
            | b"logStreamName"
            | b"timestamp"
            | b"message"
            | b"ingestionTime"
            | b"eventId"
            | b"EventId"
            | b"EventName"
            | b"EventTime"
            | b"EventSource"
            | b"CloudTrailEvent"
            | b"ReadOnly"
            | b"AccessKeyId"
            | b"Username"
            | b"Resources"
            | b"category"
            | b"operationName"
            | b"properties"
            | b"resourceId"
            | b"Cloud"
            | b"Environment"
            | b"UnderlayClass"
            | b"UnderlayName"
            | b"ccpNamespace"
            | b"level"
            | b"operationVersion"
            | b"resultType"
    )
}

/// The envelope that an object is, and its members.
fn recognise(bytes: &[u8], start: usize) -> Option<(Envelope, Fields<'_>)> {
    let (first, _) = Members::new(bytes, start).next_key()?;
    if !may_wrap(first) {
        return None;
    }
    let fields = Fields::new(bytes, start);
    let envelope = if splunk::is_hec(&fields) {
        Envelope::Hec
    } else if splunk::is_export(&fields) {
        Envelope::Export
    } else if cloudwatch::is_subscription(&fields) {
        Envelope::Subscription
    } else if cloudwatch::is_log_event(&fields) {
        Envelope::LogEvent
    } else if cloudtrail::is_lookup(&fields) {
        Envelope::Lookup
    } else if azure::is_record(&fields) {
        Envelope::Azure
    } else {
        return None;
    };
    Some((envelope, fields))
}

/// Whether the object that opens at `start` wraps events.
pub fn is_wrapped(bytes: &[u8], start: usize) -> bool {
    recognise(bytes, start).is_some()
}

/// Gives the events of the object at `place`: those that it wraps, or itself.
pub fn unwrap(bytes: &[u8], place: Range<usize>, outlet: &mut Outlet<'_>) {
    match recognise(bytes, place.start) {
        None => outlet
            .gather
            .place(place.start, place.end, outlet.line, None),
        Some((Envelope::Hec, fields)) => splunk::hec(&fields, outlet),
        Some((Envelope::Export, fields)) => splunk::export(&fields, outlet),
        Some((Envelope::Subscription, fields)) => cloudwatch::subscription(&fields, outlet),
        Some((Envelope::LogEvent, fields)) => cloudwatch::log_event(&fields, outlet),
        Some((Envelope::Lookup, fields)) => cloudtrail::lookup(&fields, outlet),
        Some((Envelope::Azure, fields)) => azure::record(&fields, outlet),
    }
}
