//! `sumsq`: takes numbers, gives the sum of their squares.

use super::numeric::{Accumulator, Numeric};
use super::recipe::Recipe;
use super::total::Total;
use super::{Aggregate, Plan};
use crate::data::record::Reader;
use crate::diagnostic::Diagnostic;
use crate::syntax::AggregateText;

/// The aggregate.
pub struct Sumsq;

#[derive(Debug, Clone, Default)]
struct Squares(Total);

impl Accumulator for Squares {
    fn add(&mut self, number: f64) {
        self.0.add_square(number);
    }

    fn merge(&mut self, other: Self) {
        self.0.merge(&other.0);
    }

    fn save(&self, out: &mut Vec<u8>) {
        self.0.write(out);
    }

    fn load(saved: &mut Reader<'_>) -> Self {
        Self(Total::read(saved))
    }
}

impl Aggregate for Sumsq {
    fn name(&self) -> &'static str {
        "sumsq"
    }

    fn summary(&self) -> &'static str {
        "Adds the squares of the numbers of a field"
    }

    fn usage(&self) -> &'static str {
        "sumsq(<field>)"
    }

    fn example(&self) -> (&'static str, &'static str, &'static str) {
        (
            "* | stats sumsq(v) as r",
            "{\"v\":2}\n{\"v\":4}\n{\"v\":9}",
            r#"{"r":"101"}"#,
        )
    }

    fn plan(&self, call: &AggregateText) -> Result<Box<dyn Plan>, Diagnostic> {
        Recipe::numeric(|| {
            Numeric::new(|squares: &mut Squares| (squares.0.count > 0).then(|| squares.0.value()))
        })
        .with_argument(call)
    }
}
