//! `estdc`: takes values, gives the number of distinct ones, exactly.

use super::distinct::{Answer, Distinct};
use super::recipe::Recipe;
use super::{Aggregate, Plan};
use crate::diagnostic::Diagnostic;
use crate::syntax::AggregateText;

/// The aggregate.
pub struct Estdc;

impl Aggregate for Estdc {
    fn name(&self) -> &'static str {
        "estdc"
    }

    fn summary(&self) -> &'static str {
        "Counts the distinct values of a field; exact here, where Splunk estimates"
    }

    fn usage(&self) -> &'static str {
        "estdc(<field>)"
    }

    fn example(&self) -> (&'static str, &'static str, &'static str) {
        (
            "* | stats estdc(v) as r",
            r#"{"v":"b"}
{"v":"a"}
{"v":"b"}"#,
            r#"{"r":"2"}"#,
        )
    }

    fn plan(&self, call: &AggregateText) -> Result<Box<dyn Plan>, Diagnostic> {
        Recipe::new(|| Distinct::new(Answer::Count))
            .zero()
            .with_argument(call)
    }
}
