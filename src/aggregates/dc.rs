//! `dc`: takes values, gives the number of distinct ones as text (1 and 1.0 are two).

use super::distinct::{Answer, Distinct};
use super::recipe::Recipe;
use super::{Aggregate, Plan};
use crate::diagnostic::Diagnostic;
use crate::syntax::AggregateText;

/// The aggregate.
pub struct Dc;

impl Aggregate for Dc {
    fn name(&self) -> &'static str {
        "dc"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["distinct_count"]
    }

    fn summary(&self) -> &'static str {
        "Counts the distinct values of a field"
    }

    fn usage(&self) -> &'static str {
        "dc(<field>)"
    }

    fn example(&self) -> (&'static str, &'static str, &'static str) {
        (
            "* | stats dc(v) as r",
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
