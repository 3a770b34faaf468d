//! `stdevp`: takes numbers, gives their population standard deviation.

use super::numeric::Numeric;
use super::recipe::Recipe;
use super::total::Moments;
use super::{Aggregate, Plan};
use crate::diagnostic::Diagnostic;
use crate::syntax::AggregateText;

/// The aggregate.
pub struct Stdevp;

impl Aggregate for Stdevp {
    fn name(&self) -> &'static str {
        "stdevp"
    }

    fn summary(&self) -> &'static str {
        "Gives the population standard deviation of the numbers of a field"
    }

    fn usage(&self) -> &'static str {
        "stdevp(<field>)"
    }

    fn example(&self) -> (&'static str, &'static str, &'static str) {
        (
            "* | stats stdevp(v) as r",
            r#"{"v":2}
{"v":4}
{"v":9}"#,
            r#"{"r":"2.943920288775949"}"#,
        )
    }

    fn plan(&self, call: &AggregateText) -> Result<Box<dyn Plan>, Diagnostic> {
        Recipe::numeric(|| {
            Numeric::new(|moments: &mut Moments| moments.variance(false).map(f64::sqrt))
        })
        .with_argument(call)
    }
}
