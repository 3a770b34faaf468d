//! Smallest and largest values: takes numbers and texts, gives one a group. Numbers stand before texts.

use super::{GroupState, Input};
use crate::data::{Column, ColumnBuilder, parse_number};
use arrow_array::Array;
use std::any::Any;

#[derive(Debug, Clone, Default)]
struct Slot {
    number: Option<f64>,
    text: Option<String>,
}

/// The smallest or the largest value a group.
pub struct Extreme {
    max: bool,
    slots: Vec<Slot>,
}

impl Extreme {
    /// The state of `max`.
    pub fn max() -> Self {
        Self {
            max: true,
            slots: Vec::new(),
        }
    }

    /// The state of `min`.
    pub fn min() -> Self {
        Self {
            max: false,
            slots: Vec::new(),
        }
    }

    #[inline]
    fn number(&mut self, group: usize, number: f64) {
        let max = self.max;
        if let Some(slot) = self.slots.get_mut(group) {
            slot.number = Some(match slot.number {
                Some(old) if max => old.max(number),
                Some(old) => old.min(number),
                None => number,
            });
        }
    }

    fn text(&mut self, group: usize, text: &str) {
        let max = self.max;
        let Some(slot) = self.slots.get_mut(group) else {
            return;
        };
        // A text is never the minimum beside a number.
        if !max && slot.number.is_some() {
            return;
        }
        match &mut slot.text {
            Some(old) if max == (text > old.as_str()) && text != old => {
                old.clear();
                old.push_str(text);
            }
            Some(_) => {}
            None => slot.text = Some(text.to_owned()),
        }
    }

    fn any(&mut self, group: usize, text: &str) {
        match parse_number(text) {
            Some(number) => self.number(group, number),
            None => self.text(group, text),
        }
    }
}

impl GroupState for Extreme {
    fn grow(&mut self, groups: usize) {
        if groups > self.slots.len() {
            self.slots.resize(groups, Slot::default());
        }
    }

    fn update(&mut self, input: &Input<'_>) {
        match input.column {
            Some(Column::Number(array)) => {
                for (row, group) in input.entries().filter(|(row, _)| array.is_valid(*row)) {
                    self.number(group, array.value(row));
                }
            }
            Some(Column::Text(array)) => {
                for (row, group) in input.entries().filter(|(row, _)| array.is_valid(*row)) {
                    self.any(group, array.value(row));
                }
            }
            _ => input.texts(|_, group, text| self.any(group, &text)),
        }
    }

    fn merge(&mut self, other: Box<dyn GroupState>, map: &[u32]) {
        if let Ok(other) = other.into_any().downcast::<Self>() {
            for (theirs, group) in other.slots.into_iter().zip(map) {
                let group = *group as usize;
                if let Some(number) = theirs.number {
                    self.number(group, number);
                }
                if let Some(text) = theirs.text {
                    self.text(group, &text);
                }
            }
        }
    }

    fn finish(&mut self, groups: usize) -> Column {
        self.grow(groups);
        let mut builder = ColumnBuilder::default();
        for slot in self.slots.iter().take(groups) {
            match (slot.number, &slot.text) {
                (_, Some(text)) if self.max => builder.push_text(text),
                (Some(number), _) => builder.push_number(number),
                (None, text) => builder.push_option(text.as_deref()),
            }
        }
        builder.finish()
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }

    fn size(&self) -> usize {
        let texts = self.slots.iter().filter_map(|s| s.text.as_ref());
        self.slots.capacity() * size_of::<Slot>() + texts.map(String::capacity).sum::<usize>()
    }
}
