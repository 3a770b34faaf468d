//! `var`: takes numbers, gives their sample variance (divided by one less than their count).

use super::numeric::Numeric;
use super::recipe::Recipe;
use super::total::Moments;
use super::{Aggregate, Plan};
use crate::diagnostic::Diagnostic;
use crate::syntax::AggregateText;

/// The aggregate.
pub struct Var;

impl Aggregate for Var {
    fn name(&self) -> &'static str {
        "var"
    }

    fn summary(&self) -> &'static str {
        "Gives the sample variance of the numbers of a field"
    }

    fn usage(&self) -> &'static str {
        "var(<field>)"
    }

    fn example(&self) -> (&'static str, &'static str, &'static str) {
        (
            "* | stats var(v) as r",
            r#"{"v":2}
{"v":4}
{"v":9}"#,
            r#"{"r":"13"}"#,
        )
    }

    fn plan(&self, call: &AggregateText) -> Result<Box<dyn Plan>, Diagnostic> {
        Recipe::numeric(|| Numeric::new(|moments: &mut Moments| moments.variance(true)))
            .with_argument(call)
    }
}
