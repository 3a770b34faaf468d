//! `values`: takes values, gives the distinct ones in the order of their bytes.

use super::distinct::{Answer, Distinct};
use super::recipe::Recipe;
use super::{Aggregate, Plan};
use crate::diagnostic::Diagnostic;
use crate::syntax::AggregateText;

/// The aggregate.
pub struct Values;

impl Aggregate for Values {
    fn name(&self) -> &'static str {
        "values"
    }

    fn summary(&self) -> &'static str {
        "Lists the distinct values of a field in the order of their bytes"
    }

    fn usage(&self) -> &'static str {
        "values(<field>)"
    }

    fn example(&self) -> (&'static str, &'static str, &'static str) {
        (
            "* | stats values(v) as r",
            r#"{"v":"b"}
{"v":"a"}
{"v":"b"}"#,
            r#"{"r":["a","b"]}"#,
        )
    }

    fn plan(&self, call: &AggregateText) -> Result<Box<dyn Plan>, Diagnostic> {
        Recipe::new(|| Distinct::new(Answer::Values))
            .lists()
            .with_argument(call)
    }
}
