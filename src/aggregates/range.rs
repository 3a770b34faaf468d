//! `range`: takes numbers, gives the difference of the largest and the smallest.

use super::numeric::{Accumulator, Numeric};
use super::recipe::Recipe;
use super::{Aggregate, Plan};
use crate::data::record::{Reader, Write};
use crate::diagnostic::Diagnostic;
use crate::syntax::AggregateText;

/// The aggregate.
pub struct Range;

/// Smallest and largest so far.
#[derive(Debug, Clone, Default)]
struct Ends(Option<(f64, f64)>);

impl Accumulator for Ends {
    fn add(&mut self, number: f64) {
        let (low, high) = self.0.unwrap_or((number, number));
        self.0 = Some((low.min(number), high.max(number)));
    }

    fn merge(&mut self, other: Self) {
        if let Some((low, high)) = other.0 {
            self.add(low);
            self.add(high);
        }
    }

    fn save(&self, out: &mut Vec<u8>) {
        out.put_u8(u8::from(self.0.is_some()));
        let (low, high) = self.0.unwrap_or_default();
        out.put_f64(low);
        out.put_f64(high);
    }

    fn load(saved: &mut Reader<'_>) -> Self {
        let is_there = saved.u8() == 1;
        let ends = (saved.f64(), saved.f64());
        Self(is_there.then_some(ends))
    }
}

impl Aggregate for Range {
    fn name(&self) -> &'static str {
        "range"
    }

    fn summary(&self) -> &'static str {
        "Gives the difference of the largest and the smallest number of a field"
    }

    fn usage(&self) -> &'static str {
        "range(<field>)"
    }

    fn example(&self) -> (&'static str, &'static str, &'static str) {
        (
            "* | stats range(v) as r",
            "{\"v\":2}\n{\"v\":4}\n{\"v\":9}",
            r#"{"r":"7"}"#,
        )
    }

    fn plan(&self, call: &AggregateText) -> Result<Box<dyn Plan>, Diagnostic> {
        Recipe::numeric(|| Numeric::new(|ends: &mut Ends| ends.0.map(|(low, high)| high - low)))
            .with_argument(call)
    }
}
