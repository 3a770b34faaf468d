//! `varp`: takes numbers, gives their population variance.

use super::numeric::Numeric;
use super::recipe::Recipe;
use super::total::Moments;
use super::{Aggregate, Plan};
use crate::diagnostic::Diagnostic;
use crate::syntax::AggregateText;

/// The aggregate.
pub struct Varp;

impl Aggregate for Varp {
    fn name(&self) -> &'static str {
        "varp"
    }

    fn summary(&self) -> &'static str {
        "Gives the population variance of the numbers of a field"
    }

    fn usage(&self) -> &'static str {
        "varp(<field>)"
    }

    fn example(&self) -> (&'static str, &'static str, &'static str) {
        (
            "* | stats varp(v) as r",
            r#"{"v":2}
{"v":4}
{"v":9}"#,
            r#"{"r":"8.666666666666666"}"#,
        )
    }

    fn plan(&self, call: &AggregateText) -> Result<Box<dyn Plan>, Diagnostic> {
        Recipe::numeric(|| Numeric::new(|moments: &mut Moments| moments.variance(false)))
            .with_argument(call)
    }
}
