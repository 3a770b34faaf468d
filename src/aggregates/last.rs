//! `last`: takes values, gives the one that comes last in the order of events.

use super::placed::{By, Give, Placed};
use super::recipe::Recipe;
use super::{Aggregate, Plan};
use crate::diagnostic::Diagnostic;
use crate::syntax::AggregateText;

/// The aggregate.
pub struct Last;

impl Aggregate for Last {
    fn name(&self) -> &'static str {
        "last"
    }

    fn summary(&self) -> &'static str {
        "Gives the value of the last event, newest first unless sorted"
    }

    fn usage(&self) -> &'static str {
        "last(<field>)"
    }

    fn example(&self) -> (&'static str, &'static str, &'static str) {
        (
            "* | stats last(v) as r",
            r#"{"_time":"1700000020","v":"c"}
{"_time":"1700000010","v":"b"}
{"_time":"1700000000","v":"a"}"#,
            r#"{"r":"a"}"#,
        )
    }

    fn plan(&self, call: &AggregateText) -> Result<Box<dyn Plan>, Diagnostic> {
        Recipe::new(|| Placed::new(By::Place, Give::Value, true))
            .sees_order()
            .with_argument(call)
    }
}
