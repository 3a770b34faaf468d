//! `count`: takes events or the values of a field, gives how many there are; of Booleans how many are true.

use super::recipe::Recipe;
use super::{Aggregate, GroupState, Input, Plan};
use crate::data::Column;
use crate::data::record::{Reader, Write};
use crate::diagnostic::Diagnostic;
use crate::syntax::AggregateText;
use arrow_array::Array;
use std::any::Any;

/// The aggregate.
pub struct Count;

impl Aggregate for Count {
    fn name(&self) -> &'static str {
        "count"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["c"]
    }

    fn summary(&self) -> &'static str {
        "Counts events, the values of a field, or the events for which a condition holds"
    }

    fn usage(&self) -> &'static str {
        "count | count(<field>) | count(eval(<condition>))"
    }

    fn example(&self) -> (&'static str, &'static str, &'static str) {
        (
            r#"* | stats count count(u) as users count(eval(s="404")) as missing"#,
            "{\"u\":\"al\",\"s\":\"404\"}\n{\"u\":\"bo\",\"s\":\"200\"}\n{\"s\":\"404\"}",
            r#"{"count":"3","users":"2","missing":"2"}"#,
        )
    }

    fn plan(&self, call: &AggregateText) -> Result<Box<dyn Plan>, Diagnostic> {
        Recipe::new(Counts::default).zero().checked(call)
    }
}

/// A number a group.
#[derive(Debug, Default)]
struct Counts(Vec<u64>);

impl Counts {
    fn add(&mut self, input: &Input<'_>, mut count: impl FnMut(usize) -> u64) {
        if let [only] = self.0.as_mut_slice() {
            *only += input.rows.iter().map(|r| count(*r as usize)).sum::<u64>();
            return;
        }
        for (row, group) in input.entries() {
            if let Some(total) = self.0.get_mut(group) {
                *total += count(row);
            }
        }
    }
}

impl GroupState for Counts {
    fn grow(&mut self, groups: usize) {
        if groups > self.0.len() {
            self.0.resize(groups, 0);
        }
    }

    fn update(&mut self, input: &Input<'_>) {
        match input.column {
            None => self.add(input, |_| 1),
            Some(Column::Null(_)) => {}
            Some(Column::Bool(a)) => {
                self.add(input, |row| u64::from(a.is_valid(row) && a.value(row)));
            }
            Some(Column::Multi(a)) => self.add(input, |row| match a.is_valid(row) {
                true => a.value_length(row) as u64,
                false => 0,
            }),
            Some(Column::Text(a)) => self.add(input, |row| u64::from(a.is_valid(row))),
            Some(Column::Number(a)) => self.add(input, |row| u64::from(a.is_valid(row))),
            Some(column @ Column::Mixed(_)) => self.add(input, |row| column.count(row) as u64),
        }
    }

    fn merge(&mut self, other: Box<dyn GroupState>, map: &[u32]) {
        if let Ok(other) = other.into_any().downcast::<Self>() {
            for (count, group) in other.0.iter().zip(map) {
                if let Some(total) = self.0.get_mut(*group as usize) {
                    *total += count;
                }
            }
        }
    }

    fn save(&mut self, group: usize, out: &mut Vec<u8>) {
        out.put_u64(self.0.get(group).copied().unwrap_or_default());
    }

    fn load(&mut self, group: usize, saved: &mut Reader<'_>) {
        let count = saved.u64();
        if let Some(total) = self.0.get_mut(group) {
            *total += count;
        }
    }

    fn finish(&mut self, groups: usize) -> Column {
        self.grow(groups);
        let counts: Vec<f64> = self.0.iter().take(groups).map(|n| *n as f64).collect();
        Column::Number(counts.into())
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }

    fn size(&self) -> usize {
        self.0.capacity() * size_of::<u64>()
    }
}
