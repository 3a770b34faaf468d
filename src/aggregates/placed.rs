//! The value that stands first or last: takes values with their time or their place among the events, gives one a group.

use super::input::end_text;
use super::{GroupState, Input};
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
                    slot.text.push_str(&text);
                }
            }
        }
    }

    fn merge(&mut self, other: Box<dyn GroupState>, map: &[u32]) {
        if let Ok(other) = other.into_any().downcast::<Self>() {
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
        let texts: usize = self.slots.iter().map(|s| s.text.capacity()).sum();
        self.slots.capacity() * size_of::<Slot>() + texts
    }
}
