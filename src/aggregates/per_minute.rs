//! `per_minute`: takes numbers, gives their sum, which timechart turns into a rate per minute of its bins.

use super::numeric::Numeric;
use super::recipe::Recipe;
use super::total::Total;
use super::{Aggregate, Plan};
use crate::diagnostic::Diagnostic;
use crate::syntax::AggregateText;

/// The aggregate.
pub struct PerMinute;

impl Aggregate for PerMinute {
    fn name(&self) -> &'static str {
        "per_minute"
    }

    fn summary(&self) -> &'static str {
        "Gives the sum of the numbers of a field per minute of the bin, in timechart"
    }

    fn usage(&self) -> &'static str {
        "per_minute(<field>)"
    }

    fn example(&self) -> (&'static str, &'static str, &'static str) {
        (
            "* | timechart span=1d per_minute(v) as r",
            r#"{"_time":"1700006400","v":43200}
{"_time":"1700006401","v":43200}"#,
            r#"{"_time":"1700006400","r":"60"}"#,
        )
    }

    fn plan(&self, call: &AggregateText) -> Result<Box<dyn Plan>, Diagnostic> {
        Recipe::numeric(|| {
            Numeric::new(|total: &mut Total| (total.count > 0).then(|| total.value()))
        })
        .per(60.0)
        .with_argument(call)
    }
}
