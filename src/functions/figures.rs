//! `sigfig`: takes the calculation of its argument, gives its result rounded to the precision of the numbers in it.
//!
//! A product or quotient has as many significant figures as the operand with the fewest; a sum or difference has as
//! many decimal places as the operand with the fewest.

use super::node::Node;
use super::operand::{Operand, number_column};
use super::program::run;
use crate::data::{Batch, Context};
use crate::diagnostic::Diagnostic;
use crate::syntax::BinaryOp;

/// A calculation whose precision is followed.
#[derive(Clone)]
pub enum Figures {
    /// A number as written.
    Literal(Measured),
    /// Anything else: its precision is that of its text.
    Leaf(Node),
    /// `+ - * /`
    Binary(BinaryOp, Box<Figures>, Box<Figures>),
    /// `-a`
    Negate(Box<Figures>),
}

/// A number with its precision.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    value: f64,
    significant: i32,
    decimals: i32,
}

impl Measured {
    /// A number of so many characters as written, point and zeros included.
    pub fn written(value: f64, length: usize) -> Self {
        let whole = format!("{}", value.abs().trunc()).len();
        let decimals = length.saturating_sub(whole + 1);
        Self::of(value, decimals as i32)
    }

    fn of_text(text: &str, value: f64) -> Self {
        let decimals = text
            .trim()
            .split_once('.')
            .map_or(0, |(_, d)| d.bytes().take_while(u8::is_ascii_digit).count());
        Self::of(value, decimals as i32)
    }

    fn of(value: f64, decimals: i32) -> Self {
        let significant = if value == 0.0 {
            decimals.max(1)
        } else {
            magnitude(value) + 1 + decimals
        };
        Self {
            value,
            significant: significant.max(1),
            decimals,
        }
    }

    fn rounded(self) -> f64 {
        if self.value == 0.0 || !self.value.is_finite() {
            return self.value;
        }
        super::math::round_to(
            self.value,
            self.decimals
                .min(self.significant - 1 - magnitude(self.value)),
        )
    }

    fn combine(op: BinaryOp, a: Measured, b: Measured) -> Option<Measured> {
        let value = match op {
            BinaryOp::Add => a.value + b.value,
            BinaryOp::Subtract => a.value - b.value,
            BinaryOp::Multiply => a.value * b.value,
            _ if b.value == 0.0 => return None,
            _ => a.value / b.value,
        };
        Some(match op {
            BinaryOp::Add | BinaryOp::Subtract => Self::of(value, a.decimals.min(b.decimals)),
            _ => {
                let significant = a.significant.min(b.significant);
                let decimals = if value == 0.0 {
                    0
                } else {
                    significant - 1 - magnitude(value)
                };
                Self {
                    value,
                    significant,
                    decimals,
                }
            }
        })
    }
}

/// The power of ten of the first digit.
fn magnitude(value: f64) -> i32 {
    value.abs().log10().floor() as i32
}

impl Figures {
    /// Calls a function with each node inside it.
    pub fn each(&self, f: &mut dyn FnMut(&Node)) {
        match self {
            Figures::Literal(_) => {}
            Figures::Leaf(node) => node.each(f),
            Figures::Negate(a) => a.each(f),
            Figures::Binary(_, a, b) => {
                a.each(f);
                b.each(f);
            }
        }
    }

    /// The rounded results of all events.
    pub fn run(&self, batch: &Batch, context: &Context) -> Result<Operand, Diagnostic> {
        let results = self.measure(batch, context)?;
        Ok(number_column(
            results.into_iter().map(|m| m.map(Measured::rounded)),
        ))
    }

    fn measure(
        &self,
        batch: &Batch,
        context: &Context,
    ) -> Result<Vec<Option<Measured>>, Diagnostic> {
        let rows = batch.rows();
        Ok(match self {
            Figures::Literal(number) => vec![Some(*number); rows],
            Figures::Leaf(node) => {
                let operand = run(node, batch, context)?;
                (0..rows)
                    .map(|row| Some(Measured::of_text(&operand.text(row)?, operand.number(row)?)))
                    .collect()
            }
            Figures::Negate(a) => {
                let mut all = a.measure(batch, context)?;
                for number in all.iter_mut().flatten() {
                    number.value = -number.value;
                }
                all
            }
            Figures::Binary(op, a, b) => {
                let (a, b) = (a.measure(batch, context)?, b.measure(batch, context)?);
                a.into_iter()
                    .zip(b)
                    .map(|(a, b)| Measured::combine(*op, a?, b?))
                    .collect()
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::shown;

    #[test]
    fn precision_follows_the_least_precise() {
        assert_eq!(shown("sigfig(1.00*1111)"), "1110");
        assert_eq!(shown("sigfig(123.0 + 4.567)"), "127.6");
        assert_eq!(shown("sigfig(3.99)"), "3.99");
        assert_eq!(shown("sigfig(8.250*0.2)"), "2");
    }
}
