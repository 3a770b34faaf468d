//! The value that stands first or last: takes values with their time or their place among the events, gives one a group.

use super::input::end_text;
use super::{GroupState, Input};
use crate::data::record::{Reader, Write};
use crate::data::{Column, ColumnBuilder, Position};
use std::any::Any;

/// What decides between two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The place of the event.
    Place,
    /// Its `_time`, then its place. An event without `_time` does not count.
    Time,
}

/// What is given of the event that was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Give {
    /// The argument's value.
    Value,
    /// The event's `_time`.
    Time,
}

type Key = (f64, Position, u32);

#[derive(Debug, Clone, Default)]
struct Slot {
    key: Option<Key>,
    text: String,
}

/// One chosen value a group.
pub struct Placed {
    by: By,
    give: Give,
    last: bool,
    slots: Vec<Slot>,
    /// Bytes of the texts.
    texts: usize,
}

fn before(a: &Key, b: &Key) -> bool {
    a.0.total_cmp(&b.0)
        .then(a.1.cmp(&b.1))
        .then(a.2.cmp(&b.2))
        .is_lt()
}

impl Placed {
    /// An empty state: of the values the first, or the last.
    pub fn new(by: By, give: Give, last: bool) -> Self {
        Self {
            by,
            give,
            last,
            slots: Vec::new(),
            texts: 0,
        }
    }

    fn wins(&self, group: usize, key: &Key) -> bool {
        match self.slots.get(group).map(|slot| &slot.key) {
            None => false,
            Some(None) => true,
            Some(Some(old)) if self.last => before(old, key),
            Some(Some(old)) => before(key, old),
        }
    }
}

impl GroupState for Placed {
    fn grow(&mut self, groups: usize) {
        if groups > self.slots.len() {
            self.slots.resize(groups, Slot::default());
        }
    }

    fn update(&mut self, input: &Input<'_>) {
        let Some(column) = input.column else { return };
        for (row, group) in input.entries() {
            let time = match (self.by, input.time) {
                (By::Place, _) => 0.0,
                (By::Time, Some(time)) => match time.number(row) {
                    Some(time) => time,
                    None => continue,
                },
                (By::Time, None) => return,
            };
            let key = (time, input.position, row as u32);
            if !self.wins(group, &key) {
                continue;
            }
            let Some(text) = end_text(column, row, self.last) else {
                continue;
            };
            if let Some(slot) = self.slots.get_mut(group) {
                slot.key = Some(key);
                slot.text.clear();
                if self.give == Give::Value {
                    self.texts += text.len().saturating_sub(slot.text.capacity());
                    slot.text.push_str(&text);
                }
            }
        }
    }

    fn merge(&mut self, other: Box<dyn GroupState>, map: &[u32]) {
        if let Ok(other) = other.into_any().downcast::<Self>() {
            self.texts += other.texts;
            for (theirs, group) in other.slots.into_iter().zip(map) {
                let wins = theirs
                    .key
                    .is_some_and(|key| self.wins(*group as usize, &key));
                if let (true, Some(slot)) = (wins, self.slots.get_mut(*group as usize)) {
                    *slot = theirs;
                }
            }
        }
    }

    fn save(&mut self, group: usize, out: &mut Vec<u8>) {
        let slot = self.slots.get(group);
        let Some((slot, (time, position, row))) = slot.and_then(|s| Some((s, s.key?))) else {
            out.put_u8(0);
            return;
        };
        out.put_u8(1);
        out.put_f64(time);
        out.put_position(position);
        out.put_u32(row);
        out.put_text(&slot.text);
    }

    fn load(&mut self, group: usize, saved: &mut Reader<'_>) {
        if saved.u8() == 0 {
            return;
        }
        let key = (saved.f64(), saved.position(), saved.u32());
        let text = saved.text();
        if self.wins(group, &key)
            && let Some(slot) = self.slots.get_mut(group)
        {
            self.texts += text.len();
            *slot = Slot {
                key: Some(key),
                text: text.to_owned(),
            };
        }
    }

    fn finish(&mut self, groups: usize) -> Column {
        self.grow(groups);
        let mut builder = ColumnBuilder::default();
        for slot in self.slots.iter().take(groups) {
            match (slot.key, self.give) {
                (None, _) => builder.push_null(),
                (Some(_), Give::Value) => builder.push_text(&slot.text),
                (Some((time, _, _)), Give::Time) => builder.push_number(time),
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
