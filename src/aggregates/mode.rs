//! `mode`: takes values, gives the most frequent one; of several the first in the order of bytes.

use super::distinct::{Answer, Distinct};
use super::recipe::Recipe;
use super::{Aggregate, Plan};
use crate::diagnostic::Diagnostic;
use crate::syntax::AggregateText;

/// The aggregate.
pub struct Mode;

impl Aggregate for Mode {
    fn name(&self) -> &'static str {
        "mode"
    }

    fn summary(&self) -> &'static str {
        "Gives the most frequent value of a field"
    }

    fn usage(&self) -> &'static str {
        "mode(<field>)"
    }

    fn example(&self) -> (&'static str, &'static str, &'static str) {
        (
            "* | stats mode(v) as r",
            r#"{"v":"b"}
{"v":"a"}
{"v":"b"}"#,
            r#"{"r":"b"}"#,
        )
    }

    fn plan(&self, call: &AggregateText) -> Result<Box<dyn Plan>, Diagnostic> {
        Recipe::new(|| Distinct::new(Answer::Mode)).with_argument(call)
    }
}
