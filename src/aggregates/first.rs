//! `first`: takes values, gives the one that comes first in the order of events.

use super::placed::{By, Give, Placed};
use super::recipe::Recipe;
use super::{Aggregate, Plan};
use crate::diagnostic::Diagnostic;
use crate::syntax::AggregateText;

/// The aggregate.
pub struct First;

impl Aggregate for First {
    fn name(&self) -> &'static str {
        "first"
    }

    fn summary(&self) -> &'static str {
        "Gives the value of the first event, newest first unless sorted"
    }

    fn usage(&self) -> &'static str {
        "first(<field>)"
    }

    fn example(&self) -> (&'static str, &'static str, &'static str) {
        (
            "* | stats first(v) as r",
            r#"{"_time":"1700000020","v":"c"}
{"_time":"1700000010","v":"b"}
{"_time":"1700000000","v":"a"}"#,
            r#"{"r":"c"}"#,
        )
    }

    fn plan(&self, call: &AggregateText) -> Result<Box<dyn Plan>, Diagnostic> {
        Recipe::new(|| Placed::new(By::Place, Give::Value, false))
            .sees_order()
            .with_argument(call)
    }
}
