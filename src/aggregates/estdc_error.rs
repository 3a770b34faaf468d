//! `estdc_error`: takes values, gives the error of `estdc` as a part of the truth: 0, because it counts exactly.

use super::numeric::Numeric;
use super::recipe::Recipe;
use super::total::Total;
use super::{Aggregate, Plan};
use crate::diagnostic::Diagnostic;
use crate::syntax::AggregateText;

/// The aggregate.
pub struct EstdcError;

impl Aggregate for EstdcError {
    fn name(&self) -> &'static str {
        "estdc_error"
    }

    fn summary(&self) -> &'static str {
        "Gives the relative error of estdc: 0, because it counts exactly here"
    }

    fn usage(&self) -> &'static str {
        "estdc_error(<field>)"
    }

    fn example(&self) -> (&'static str, &'static str, &'static str) {
        (
            "* | stats estdc_error(v) as r",
            "{\"v\":\"a\"}\n{\"v\":\"b\"}",
            r#"{"r":"0"}"#,
        )
    }

    fn plan(&self, call: &AggregateText) -> Result<Box<dyn Plan>, Diagnostic> {
        Recipe::numeric(|| Numeric::new(|_: &mut Total| Some(0.0)))
            .zero()
            .with_argument(call)
    }
}
