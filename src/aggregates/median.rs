//! `median`: takes numbers, gives the middle one; of an even count the mean of the middle two.

use super::numeric::Numbers;
use super::numeric::Numeric;
use super::recipe::Recipe;
use super::{Aggregate, Plan};
use crate::diagnostic::Diagnostic;
use crate::syntax::AggregateText;

/// The aggregate.
pub struct Median;

impl Aggregate for Median {
    fn name(&self) -> &'static str {
        "median"
    }

    fn summary(&self) -> &'static str {
        "Gives the middle one of the numbers of a field"
    }

    fn usage(&self) -> &'static str {
        "median(<field>)"
    }

    fn example(&self) -> (&'static str, &'static str, &'static str) {
        (
            "* | stats median(v) as r",
            r#"{"v":2}
{"v":4}
{"v":9}"#,
            r#"{"r":"4"}"#,
        )
    }

    fn plan(&self, call: &AggregateText) -> Result<Box<dyn Plan>, Diagnostic> {
        Recipe::numeric(|| Numeric::new(|numbers: &mut Numbers| numbers.percentile(50.0)))
            .with_argument(call)
    }
}
