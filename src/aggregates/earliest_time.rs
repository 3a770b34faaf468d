//! `earliest_time`: takes values, gives the time of the earliest, in seconds.

use super::placed::{By, Give, Placed};
use super::recipe::Recipe;
use super::{Aggregate, Plan};
use crate::diagnostic::Diagnostic;
use crate::syntax::AggregateText;

/// The aggregate.
pub struct EarliestTime;

impl Aggregate for EarliestTime {
    fn name(&self) -> &'static str {
        "earliest_time"
    }

    fn summary(&self) -> &'static str {
        "Gives the time of the earliest event that has the field"
    }

    fn usage(&self) -> &'static str {
        "earliest_time(<field>)"
    }

    fn example(&self) -> (&'static str, &'static str, &'static str) {
        (
            "* | stats earliest_time(v) as r",
            r#"{"_time":"1700000020","v":"c"}
{"_time":"1700000010","v":"b"}
{"_time":"1700000000","v":"a"}"#,
            r#"{"r":"1700000000"}"#,
        )
    }

    fn plan(&self, call: &AggregateText) -> Result<Box<dyn Plan>, Diagnostic> {
        Recipe::new(|| Placed::new(By::Time, Give::Time, false))
            .needs_time()
            .with_argument(call)
    }
}
