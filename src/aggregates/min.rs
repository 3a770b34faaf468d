//! `min`: takes values, gives the smallest one: a text only where there is no number.

use super::extreme::Extreme;
use super::recipe::Recipe;
use super::{Aggregate, Plan};
use crate::diagnostic::Diagnostic;
use crate::syntax::AggregateText;

/// The aggregate.
pub struct Min;

impl Aggregate for Min {
    fn name(&self) -> &'static str {
        "min"
    }

    fn summary(&self) -> &'static str {
        "Gives the smallest value of a field; numbers stand before texts"
    }

    fn usage(&self) -> &'static str {
        "min(<field>)"
    }

    fn example(&self) -> (&'static str, &'static str, &'static str) {
        (
            "* | stats min(v) as r",
            r#"{"v":"1"}
{"v":"c"}
{"v":"a"}
{"v":"100"}"#,
            r#"{"r":"1"}"#,
        )
    }

    fn plan(&self, call: &AggregateText) -> Result<Box<dyn Plan>, Diagnostic> {
        Recipe::new(Extreme::min).with_argument(call)
    }
}
