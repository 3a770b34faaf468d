//! States of aggregates over numbers: takes an accumulator a group, gives a number a group.

use super::{GroupState, Input};
use crate::data::{Column, ColumnBuilder};
use std::any::Any;

/// What one group holds of a numeric aggregate.
pub trait Accumulator: Default + Clone + Send + 'static {
    /// Adds a number.
    fn add(&mut self, number: f64);
    /// Adds what another worker holds.
    fn merge(&mut self, other: Self);
    /// Bytes beyond the accumulator itself.
    fn held(&self) -> usize {
        0
    }
}

/// The accumulators of all groups, and how their value is read.
pub struct Numeric<A, F> {
    groups: Vec<A>,
    value: F,
}

impl<A: Accumulator, F: Fn(&mut A) -> Option<f64> + Send + 'static> Numeric<A, F> {
    /// An empty state; `value` reads an accumulator at the end.
    pub fn new(value: F) -> Self {
        Self {
            groups: Vec::new(),
            value,
        }
    }
}

impl<A: Accumulator, F: Fn(&mut A) -> Option<f64> + Send + 'static> GroupState for Numeric<A, F> {
    fn grow(&mut self, groups: usize) {
        if groups > self.groups.len() {
            self.groups.resize(groups, A::default());
        }
    }

    fn update(&mut self, input: &Input<'_>) {
        input.numbers(|group, number| {
            if let Some(accumulator) = self.groups.get_mut(group) {
                accumulator.add(number);
            }
        });
    }

    fn merge(&mut self, other: Box<dyn GroupState>, map: &[u32]) {
        if let Ok(other) = other.into_any().downcast::<Self>() {
            for (theirs, group) in other.groups.into_iter().zip(map) {
                if let Some(accumulator) = self.groups.get_mut(*group as usize) {
                    accumulator.merge(theirs);
                }
            }
        }
    }

    fn finish(&mut self, groups: usize) -> Column {
        self.grow(groups);
        let mut builder = ColumnBuilder::default();
        for accumulator in self.groups.iter_mut().take(groups) {
            match (self.value)(accumulator) {
                Some(number) => builder.push_number(number),
                None => builder.push_null(),
            }
        }
        builder.finish()
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }

    fn size(&self) -> usize {
        let held: usize = self.groups.iter().map(A::held).sum();
        self.groups.capacity() * size_of::<A>() + held
    }
}

impl Accumulator for super::total::Total {
    fn add(&mut self, number: f64) {
        self.add(number);
    }

    fn merge(&mut self, other: Self) {
        Self::merge(self, &other);
    }
}

impl Accumulator for super::total::Moments {
    fn add(&mut self, number: f64) {
        self.add(number);
    }

    fn merge(&mut self, other: Self) {
        Self::merge(self, &other);
    }
}

/// All numbers of a group: for percentiles.
#[derive(Debug, Clone, Default)]
pub struct Numbers(Vec<f64>);

impl Accumulator for Numbers {
    fn add(&mut self, number: f64) {
        self.0.push(number);
    }

    fn merge(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    fn held(&self) -> usize {
        self.0.capacity() * size_of::<f64>()
    }
}

impl Numbers {
    /// The value below which `percent` of the numbers lie, interpolated between its two neighbours.
    pub fn percentile(&mut self, percent: f64) -> Option<f64> {
        let last = self.0.len().checked_sub(1)?;
        // In hundredths: 95 % of 9 steps is 855, which has no rounding, where 8.55 has.
        let hundredths = percent * last as f64;
        let below = ((hundredths / 100.0).floor() as usize).min(last);
        let (_, low, above) = self.0.select_nth_unstable_by(below, f64::total_cmp);
        let low = *low;
        let high = above.iter().copied().min_by(f64::total_cmp).unwrap_or(low);
        let part = hundredths - below as f64 * 100.0;
        Some(low + (high - low) * part / 100.0)
    }
}
