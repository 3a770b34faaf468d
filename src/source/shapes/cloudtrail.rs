//! CloudTrail's `lookup-events`: `CloudTrailEvent` is the event as JSON text. (`{"Records":[…]}` needs no unwrapping.)

use super::envelope::{Fields, Outlet, quoted};
use crate::source::instant::instant;
use crate::source::morsel::Metadata;
use crate::source::unescape::unescape;

/// Whether an object is an event of a lookup.
pub fn is_lookup(fields: &Fields<'_>) -> bool {
    fields.starts("CloudTrailEvent", b'"') && fields.starts("EventId", b'"')
}

/// The event of a lookup, at the time that the lookup gives.
pub fn lookup(fields: &Fields<'_>, outlet: &mut Outlet<'_>) {
    let raw = fields.raw_text("CloudTrailEvent").unwrap_or_default();
    let metadata = Metadata {
        time: fields
            .get("EventTime")
            .and_then(|t| instant(quoted(t).unwrap_or(t))),
        ..Metadata::default()
    };
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
