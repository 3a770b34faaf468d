//! The percentile aggregates' common plan: takes the digits of the name, gives a plan.

use super::Plan;
use super::numeric::{Numbers, Numeric};
use super::recipe::Recipe;
use crate::data::parse_number;
use crate::diagnostic::{Diagnostic, code};
use crate::syntax::AggregateText;

/// The plan of `perc95(x)` and its kin.
pub fn plan(call: &AggregateText) -> Result<Box<dyn Plan>, Diagnostic> {
    let name = &call.function.node;
    let percent = call.parameter.as_deref().and_then(parse_number);
    match percent.filter(|p| (0.0..=100.0).contains(p)) {
        Some(percent) => Recipe::numeric(move || {
            Numeric::new(move |numbers: &mut Numbers| numbers.percentile(percent))
        })
        .with_argument(call),
        None => Err(Diagnostic::at(
            &code::ARGUMENT_COUNT,
            call.function.span,
            format!("{name} needs a number from 0 to 100 after its name"),
        )
        .note(match &call.parameter {
            Some(digits) => format!("{digits} is out of range"),
            None => "no number".to_owned(),
        })
        .help(format!("write {name}95(<field>)"))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::numeric::Accumulator;
    use super::*;

    #[test]
    fn percentiles_are_interpolated() {
        let mut numbers = Numbers::default();
        (1..=10).rev().for_each(|n| numbers.add(f64::from(n)));
        assert_eq!(numbers.percentile(50.0), Some(5.5));
        assert_eq!(numbers.percentile(95.0), Some(9.55));
        assert_eq!(numbers.percentile(0.0), Some(1.0));
        assert_eq!(numbers.percentile(100.0), Some(10.0));
        assert_eq!(Numbers::default().percentile(50.0), None);
    }
}
