//! `upperperc<N>`: takes numbers, gives their Nth percentile, exact and interpolated.

use super::percentile;
use super::{Aggregate, Plan};
use crate::diagnostic::Diagnostic;
use crate::syntax::AggregateText;

/// The aggregate.
pub struct Upperperc;

impl Aggregate for Upperperc {
    fn name(&self) -> &'static str {
        "upperperc"
    }

    fn summary(&self) -> &'static str {
        "Gives the upper bound of the percentile of the numbers of a field; exact here, so equal to perc"
    }

    fn usage(&self) -> &'static str {
        "upperperc<N>(<field>)"
    }

    fn example(&self) -> (&'static str, &'static str, &'static str) {
        (
            "* | stats upperperc95(v) as r",
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
