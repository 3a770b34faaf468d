//! `avg`: takes numbers, gives their mean; what is not a number is passed over.

use super::numeric::Numeric;
use super::recipe::Recipe;
use super::total::Total;
use super::{Aggregate, Plan};
use crate::diagnostic::Diagnostic;
use crate::syntax::AggregateText;

/// The aggregate.
pub struct Avg;

impl Aggregate for Avg {
    fn name(&self) -> &'static str {
        "avg"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["mean"]
    }

    fn summary(&self) -> &'static str {
        "Gives the mean of the numbers of a field"
    }

    fn usage(&self) -> &'static str {
        "avg(<field>)"
    }

    fn example(&self) -> (&'static str, &'static str, &'static str) {
        (
            "* | stats avg(v) as r",
            r#"{"v":2}
{"v":4}
{"v":9}"#,
            r#"{"r":"5"}"#,
        )
    }

    fn plan(&self, call: &AggregateText) -> Result<Box<dyn Plan>, Diagnostic> {
        Recipe::numeric(|| {
            Numeric::new(|total: &mut Total| {
                (total.count > 0).then(|| total.value() / total.count as f64)
            })
        })
        .with_argument(call)
    }
}
