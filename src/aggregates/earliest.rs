//! `earliest`: takes values, gives the one with the smallest `_time`; of equal times the first.

use super::placed::{By, Give, Placed};
use super::recipe::Recipe;
use super::{Aggregate, Plan};
use crate::diagnostic::Diagnostic;
use crate::syntax::AggregateText;

/// The aggregate.
pub struct Earliest;

impl Aggregate for Earliest {
    fn name(&self) -> &'static str {
        "earliest"
    }

    fn summary(&self) -> &'static str {
        "Gives the value of the event with the earliest time"
    }

    fn usage(&self) -> &'static str {
        "earliest(<field>)"
    }

    fn example(&self) -> (&'static str, &'static str, &'static str) {
        (
            "* | stats earliest(v) as r",
            r#"{"_time":"1700000020","v":"c"}
{"_time":"1700000010","v":"b"}
{"_time":"1700000000","v":"a"}"#,
            r#"{"r":"a"}"#,
        )
    }

    fn plan(&self, call: &AggregateText) -> Result<Box<dyn Plan>, Diagnostic> {
        Recipe::new(|| Placed::new(By::Time, Give::Value, false))
            .needs_time()
            .with_argument(call)
    }
}
