//! Azure diagnostic records of AKS: `properties.log` is the event as JSON text.

use super::envelope::{Fields, Outlet, quoted};
use crate::source::instant::instant;
use crate::source::morsel::Metadata;
use crate::source::unescape::unescape;

/// Whether an object is a diagnostic record with a log text inside.
pub fn is_record(fields: &Fields<'_>) -> bool {
    fields.starts("category", b'"')
        && fields.starts("properties", b'{')
        && fields
            .place("properties")
            .is_some_and(|p| Fields::new(fields.bytes, p.start).starts("log", b'"'))
}

/// The event of a record. The cluster's resource id is its source.
pub fn record(fields: &Fields<'_>, outlet: &mut Outlet<'_>) {
    let Some(properties) = fields.place("properties") else {
        return;
    };
    let properties = Fields::new(fields.bytes, properties.start);
    let raw = properties.raw_text("log").unwrap_or_default();
    let metadata = Metadata {
        time: fields.get("time").and_then(quoted).and_then(instant),
        source: fields.get("resourceId").and_then(|v| outlet.names.text(v)),
        ..Metadata::default()
    };
    if !outlet
        .gather
        .copy(outlet.line, metadata, |out| unescape(raw, out))
    {
        outlet
            .origin
            .left_out
            .broken(outlet.line, "a record with an empty log");
    }
}
