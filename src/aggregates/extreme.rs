//! Smallest and largest values: takes numbers and texts, gives one a group. Numbers stand before texts.

use super::{GroupState, Input};
use crate::data::record::{Reader, Write};
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
    /// Bytes of the texts.
    texts: usize,
}

impl Extreme {
    /// The state of `max`.
    pub fn max() -> Self {
        Self {
            max: true,
            slots: Vec::new(),
            texts: 0,
        }
    }

    /// The state of `min`.
    pub fn min() -> Self {
        Self {
            max: false,
            slots: Vec::new(),
            texts: 0,
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
                self.texts += text.len().saturating_sub(old.capacity());
                old.clear();
                old.push_str(text);
            }
            Some(_) => {}
            None => {
                self.texts += text.len();
                slot.text = Some(text.to_owned());
            }
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
            Some(Column::Mixed(mixed)) => {
                for (row, group) in input.entries() {
                    match mixed.number(row) {
                        Some(number) => self.number(group, number),
                        None => {
                            let texts = mixed.others().values(row);
                            texts.for_each(|text| self.any(group, &text));
                        }
                    }
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

    fn save(&mut self, group: usize, out: &mut Vec<u8>) {
        let slot = self.slots.get(group);
        let number = slot.and_then(|slot| slot.number);
        let text = slot.and_then(|slot| slot.text.as_deref());
        out.put_u8(u8::from(number.is_some()) | u8::from(text.is_some()) << 1);
        number.into_iter().for_each(|number| out.put_f64(number));
        text.into_iter().for_each(|text| out.put_text(text));
    }

    fn load(&mut self, group: usize, saved: &mut Reader<'_>) {
        let there = saved.u8();
        if there & 1 != 0 {
            self.number(group, saved.f64());
        }
        if there & 2 != 0 {
            self.text(group, saved.text());
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
        self.slots.capacity() * size_of::<Slot>() + self.texts
    }
}
