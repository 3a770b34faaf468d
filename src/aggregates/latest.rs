//! `latest`: takes values, gives the one with the largest `_time`; of equal times the last.

use super::placed::{By, Give, Placed};
use super::recipe::Recipe;
use super::{Aggregate, Plan};
use crate::diagnostic::Diagnostic;
use crate::syntax::AggregateText;

/// The aggregate.
pub struct Latest;

impl Aggregate for Latest {
    fn name(&self) -> &'static str {
        "latest"
    }

    fn summary(&self) -> &'static str {
        "Gives the value of the event with the latest time"
    }

    fn usage(&self) -> &'static str {
        "latest(<field>)"
    }

    fn example(&self) -> (&'static str, &'static str, &'static str) {
        (
            "* | stats latest(v) as r",
            r#"{"_time":"1700000020","v":"c"}
{"_time":"1700000010","v":"b"}
{"_time":"1700000000","v":"a"}"#,
            r#"{"r":"c"}"#,
        )
    }

    fn plan(&self, call: &AggregateText) -> Result<Box<dyn Plan>, Diagnostic> {
        Recipe::new(|| Placed::new(By::Time, Give::Value, true))
            .needs_time()
            .with_argument(call)
    }
}
