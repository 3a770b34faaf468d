//! `stdev`: takes numbers, gives their sample standard deviation.

use super::numeric::Numeric;
use super::recipe::Recipe;
use super::total::Moments;
use super::{Aggregate, Plan};
use crate::diagnostic::Diagnostic;
use crate::syntax::AggregateText;

/// The aggregate.
pub struct Stdev;

impl Aggregate for Stdev {
    fn name(&self) -> &'static str {
        "stdev"
    }

    fn summary(&self) -> &'static str {
        "Gives the sample standard deviation of the numbers of a field"
    }

    fn usage(&self) -> &'static str {
        "stdev(<field>)"
    }

    fn example(&self) -> (&'static str, &'static str, &'static str) {
        (
            "* | stats stdev(v) as r",
            r#"{"v":2}
{"v":4}
{"v":9}"#,
            r#"{"r":"3.605551275463989"}"#,
        )
    }

    fn plan(&self, call: &AggregateText) -> Result<Box<dyn Plan>, Diagnostic> {
        Recipe::numeric(|| {
            Numeric::new(|moments: &mut Moments| moments.variance(true).map(f64::sqrt))
        })
        .with_argument(call)
    }
}
