//! `latest_time`: takes values, gives the time of the latest, in seconds.

use super::placed::{By, Give, Placed};
use super::recipe::Recipe;
use super::{Aggregate, Plan};
use crate::diagnostic::Diagnostic;
use crate::syntax::AggregateText;

/// The aggregate.
pub struct LatestTime;

impl Aggregate for LatestTime {
    fn name(&self) -> &'static str {
        "latest_time"
    }

    fn summary(&self) -> &'static str {
        "Gives the time of the latest event that has the field"
    }

    fn usage(&self) -> &'static str {
        "latest_time(<field>)"
    }

    fn example(&self) -> (&'static str, &'static str, &'static str) {
        (
            "* | stats latest_time(v) as r",
            r#"{"_time":"1700000020","v":"c"}
{"_time":"1700000010","v":"b"}
{"_time":"1700000000","v":"a"}"#,
            r#"{"r":"1700000020"}"#,
        )
    }

    fn plan(&self, call: &AggregateText) -> Result<Box<dyn Plan>, Diagnostic> {
        Recipe::new(|| Placed::new(By::Time, Give::Time, true))
            .needs_time()
            .with_argument(call)
    }
}
