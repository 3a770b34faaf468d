//! `sum`: takes numbers, gives their sum; what is not a number is passed over.

use super::numeric::Numeric;
use super::recipe::Recipe;
use super::total::Total;
use super::{Aggregate, Plan};
use crate::diagnostic::Diagnostic;
use crate::syntax::AggregateText;

/// The aggregate.
pub struct Sum;

impl Aggregate for Sum {
    fn name(&self) -> &'static str {
        "sum"
    }

    fn summary(&self) -> &'static str {
        "Adds the numbers of a field"
    }

    fn usage(&self) -> &'static str {
        "sum(<field>)"
    }

    fn example(&self) -> (&'static str, &'static str, &'static str) {
        (
            "* | stats sum(v) as r",
            r#"{"v":2}
{"v":4}
{"v":9}"#,
            r#"{"r":"15"}"#,
        )
    }

    fn plan(&self, call: &AggregateText) -> Result<Box<dyn Plan>, Diagnostic> {
        Recipe::numeric(|| {
            Numeric::new(|total: &mut Total| (total.count > 0).then(|| total.value()))
        })
        .with_argument(call)
    }
}
