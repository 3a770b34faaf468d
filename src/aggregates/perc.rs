//! `perc<N>`: takes numbers, gives their Nth percentile, exact and interpolated.

use super::percentile;
use super::{Aggregate, Plan};
use crate::diagnostic::Diagnostic;
use crate::syntax::AggregateText;

/// The aggregate.
pub struct Perc;

impl Aggregate for Perc {
    fn name(&self) -> &'static str {
        "perc"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["p"]
    }

    fn summary(&self) -> &'static str {
        "Gives the value below which N per cent of the numbers of a field lie"
    }

    fn usage(&self) -> &'static str {
        "perc<N>(<field>)"
    }

    fn example(&self) -> (&'static str, &'static str, &'static str) {
        (
            "* | stats perc95(v) as r",
            r#"{"v":1}
{"v":2}
{"v":3}
{"v":4}
{"v":5}
{"v":6}
{"v":7}
{"v":8}
{"v":9}
{"v":10}"#,
            r#"{"r":"9.55"}"#,
        )
    }

    fn plan(&self, call: &AggregateText) -> Result<Box<dyn Plan>, Diagnostic> {
        percentile::plan(call)
    }
}
