//! Sums with twice the digits of a float: takes numbers in any order, gives a sum that does not depend on that order
//! (to the last digit shown), so one thread and many answer the same.

use crate::data::record::{Reader, Write};

/// A sum of numbers, and how many they were.
#[derive(Debug, Clone, Copy, Default)]
pub struct Total {
    high: f64,
    low: f64,
    /// Numbers added.
    pub count: u64,
}

/// `a + b` and what rounding lost.
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let back = sum - a;
    (sum, (a - (sum - back)) + (b - back))
}

/// The upper and the lower half of a float's digits.
fn split(x: f64) -> (f64, f64) {
    let shifted = 134_217_729.0 * x;
    let high = shifted - (shifted - x);
    (high, x - high)
}

/// `x * x` and what rounding lost.
fn square(x: f64) -> (f64, f64) {
    let product = x * x;
    let (high, low) = split(x);
    let lost = low * low - ((product - high * high) - 2.0 * high * low);
    (product, if lost.is_finite() { lost } else { 0.0 })
}

impl Total {
    /// Adds a number.
    #[inline]
    pub fn add(&mut self, x: f64) {
        self.count += 1;
        self.put(x, 0.0);
    }

    /// Adds the square of a number.
    #[inline]
    pub fn add_square(&mut self, x: f64) {
        self.count += 1;
        let (product, lost) = square(x);
        self.put(product, lost);
    }

    /// Adds another sum.
    pub fn merge(&mut self, other: &Total) {
        self.count += other.count;
        self.put(other.high, other.low);
    }

    /// Writes it.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.put_f64(self.high);
        out.put_f64(self.low);
        out.put_u64(self.count);
    }

    /// Reads what was written.
    pub fn read(saved: &mut Reader<'_>) -> Self {
        Self {
            high: saved.f64(),
            low: saved.f64(),
            count: saved.u64(),
        }
    }

    /// The sum.
    pub fn value(&self) -> f64 {
        let sum = self.high + self.low;
        if sum.is_nan() { self.high } else { sum }
    }

    #[inline]
    fn put(&mut self, x: f64, low: f64) {
        let (sum, lost) = two_sum(self.high, x);
        self.high = sum;
        self.low += lost + low;
    }
}

/// Sum and sum of squares: what variances are made of.
#[derive(Debug, Clone, Copy, Default)]
pub struct Moments {
    sum: Total,
    squares: Total,
}

impl Moments {
    /// Adds a number.
    #[inline]
    pub fn add(&mut self, x: f64) {
        self.sum.add(x);
        self.squares.add_square(x);
    }

    /// Adds other moments.
    pub fn merge(&mut self, other: &Moments) {
        self.sum.merge(&other.sum);
        self.squares.merge(&other.squares);
    }

    /// Writes them.
    pub fn write(&self, out: &mut Vec<u8>) {
        self.sum.write(out);
        self.squares.write(out);
    }

    /// Reads what was written.
    pub fn read(saved: &mut Reader<'_>) -> Self {
        Self {
            sum: Total::read(saved),
            squares: Total::read(saved),
        }
    }

    /// The variance; `sample` divides by one less than the count. One number alone has the variance 0.
    pub fn variance(&self, sample: bool) -> Option<f64> {
        let n = self.sum.count as f64;
        if self.sum.count <= 1 {
            return (self.sum.count == 1).then_some(0.0);
        }
        // squares - sum² / n, in the digits of both halves: the high parts cancel.
        let (high, lost) = square(self.sum.high);
        let cross = 2.0 * self.sum.high * self.sum.low + lost;
        let quotient = high / n;
        let rest = (-quotient).mul_add(n, high) + cross;
        let spread = (self.squares.high - quotient) + (self.squares.low - rest / n);
        Some((spread / if sample { n - 1.0 } else { n }).max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_does_not_matter() {
        let numbers = [1e16, 0.1, -1e16, 0.2, 0.3];
        let mut forward = Total::default();
        numbers.iter().for_each(|n| forward.add(*n));
        let mut backward = Total::default();
        numbers.iter().rev().for_each(|n| backward.add(*n));
        assert_eq!(forward.value(), backward.value());
        assert!((forward.value() - 0.6).abs() < 1e-15);
    }

    #[test]
    fn the_variance_of_large_numbers_is_not_lost() {
        let mut moments = Moments::default();
        [1.7e9 + 1.0, 1.7e9 + 2.0, 1.7e9 + 3.0]
            .iter()
            .for_each(|n| moments.add(*n));
        assert!((moments.variance(true).unwrap_or(0.0) - 1.0).abs() < 1e-6);
        assert_eq!(Moments::default().variance(true), None);
    }
}
