//! `max`: takes values, gives the largest one: a text when there is one.

use super::extreme::Extreme;
use super::recipe::Recipe;
use super::{Aggregate, Plan};
use crate::diagnostic::Diagnostic;
use crate::syntax::AggregateText;

/// The aggregate.
pub struct Max;

impl Aggregate for Max {
    fn name(&self) -> &'static str {
        "max"
    }

    fn summary(&self) -> &'static str {
        "Gives the largest value of a field; numbers stand before texts"
    }

    fn usage(&self) -> &'static str {
        "max(<field>)"
    }

    fn example(&self) -> (&'static str, &'static str, &'static str) {
        (
            "* | stats max(v) as r",
            r#"{"v":"1"}
{"v":"c"}
{"v":"a"}
{"v":"100"}"#,
            r#"{"r":"c"}"#,
        )
    }

    fn plan(&self, call: &AggregateText) -> Result<Box<dyn Plan>, Diagnostic> {
        Recipe::new(Extreme::max).with_argument(call)
    }
}
