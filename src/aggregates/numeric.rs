//! States of aggregates over numbers: takes an accumulator a group, gives a number a group.

use super::{GroupState, Input};
use crate::data::record::{Reader, Write};
use crate::data::{Column, ColumnBuilder};
use std::any::Any;

/// What one group holds of a numeric aggregate.
pub trait Accumulator: Default + Clone + Send + 'static {
    /// Adds a number.
    fn add(&mut self, number: f64);
    /// Adds what another worker holds.
    fn merge(&mut self, other: Self);
    /// Writes what is held.
    fn save(&self, out: &mut Vec<u8>);
    /// Reads what was saved.
    fn load(saved: &mut Reader<'_>) -> Self;
    /// How many numbers are held, for accumulators that keep them all.
    fn kept(&self) -> usize {
        0
    }
    /// Bytes that each number takes, for accumulators that keep them all.
    const KEEPS: usize = 0;
}

/// The accumulators of all groups, and how their value is read.
pub struct Numeric<A, F> {
    groups: Vec<A>,
    value: F,
    /// Numbers added.
    added: usize,
}

impl<A: Accumulator, F: Fn(&mut A) -> Option<f64> + Send + 'static> Numeric<A, F> {
    /// An empty state; `value` reads an accumulator at the end.
    pub fn new(value: F) -> Self {
        Self {
            groups: Vec::new(),
            value,
            added: 0,
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
        let (groups, added) = (&mut self.groups, &mut self.added);
        input.numbers(|group, number| {
            *added += 1;
            if let Some(accumulator) = groups.get_mut(group) {
                accumulator.add(number);
            }
        });
    }

    fn merge(&mut self, other: Box<dyn GroupState>, map: &[u32]) {
        if let Ok(other) = other.into_any().downcast::<Self>() {
            self.added += other.added;
            for (theirs, group) in other.groups.into_iter().zip(map) {
                if let Some(accumulator) = self.groups.get_mut(*group as usize) {
                    accumulator.merge(theirs);
                }
            }
        }
    }

    fn save(&mut self, group: usize, out: &mut Vec<u8>) {
        match self.groups.get(group) {
            Some(accumulator) => accumulator.save(out),
            None => A::default().save(out),
        }
    }

    fn load(&mut self, group: usize, saved: &mut Reader<'_>) {
        let theirs = A::load(saved);
        self.added += theirs.kept();
        if let Some(accumulator) = self.groups.get_mut(group) {
            accumulator.merge(theirs);
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
        self.groups.capacity() * size_of::<A>() + self.added * A::KEEPS
    }
}

impl Accumulator for super::total::Total {
    fn add(&mut self, number: f64) {
        self.add(number);
    }

    fn merge(&mut self, other: Self) {
        Self::merge(self, &other);
    }

    fn save(&self, out: &mut Vec<u8>) {
        self.write(out);
    }

    fn load(saved: &mut Reader<'_>) -> Self {
        Self::read(saved)
    }
}

impl Accumulator for super::total::Moments {
    fn add(&mut self, number: f64) {
        self.add(number);
    }

    fn merge(&mut self, other: Self) {
        Self::merge(self, &other);
    }

    fn save(&self, out: &mut Vec<u8>) {
        self.write(out);
    }

    fn load(saved: &mut Reader<'_>) -> Self {
        Self::read(saved)
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
        if self.0.is_empty() {
            *self = other;
        } else {
            self.0.append(&mut other.0);
        }
    }

    fn save(&self, out: &mut Vec<u8>) {
        out.put_u64(self.0.len() as u64);
        self.0.iter().for_each(|number| out.put_f64(*number));
    }

    fn load(saved: &mut Reader<'_>) -> Self {
        let count = saved.u64();
        Self(
            (0..count)
                .map_while(|_| saved.is_whole().then(|| saved.f64()))
                .collect(),
        )
    }

    fn kept(&self) -> usize {
        self.0.len()
    }

    /// As a list that grows has it.
    const KEEPS: usize = size_of::<f64>() * 3 / 2;
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
