//! `list`: takes values, gives the first 100 in the order of events, duplicates kept; says when there were more.

use super::recipe::Recipe;
use super::{Aggregate, GroupState, Input, Plan};
use crate::data::record::{Reader, Write};
use crate::data::{Column, ColumnBuilder, Position};
use crate::diagnostic::Diagnostic;
use crate::syntax::AggregateText;
use std::any::Any;

/// The aggregate.
pub struct List;

/// Values of one group at most.
const CAP: usize = 100;

impl Aggregate for List {
    fn name(&self) -> &'static str {
        "list"
    }

    fn summary(&self) -> &'static str {
        "Lists the first 100 values of a field in the order of events, duplicates kept"
    }

    fn usage(&self) -> &'static str {
        "list(<field>)"
    }

    fn example(&self) -> (&'static str, &'static str, &'static str) {
        (
            "* | stats list(v) as r",
            "{\"_time\":\"1700000002\",\"v\":\"b\"}\n{\"_time\":\"1700000001\",\"v\":\"a\"}\n{\"_time\":\"1700000000\",\"v\":\"b\"}",
            r#"{"r":["b","a","b"]}"#,
        )
    }

    fn plan(&self, call: &AggregateText) -> Result<Box<dyn Plan>, Diagnostic> {
        Recipe::new(Lists::default)
            .sees_order()
            .lists()
            .with_argument(call)
    }
}

/// A value with the place of its event; values of one event keep their order.
type Entry = (Position, u32, Box<str>);

#[derive(Debug, Default)]
struct Lists {
    groups: Vec<Vec<Entry>>,
    capped: bool,
    /// Bytes of all entries.
    held: usize,
}

/// Puts an entry in its place; whether the list had no room for one.
fn insert(entries: &mut Vec<Entry>, entry: Entry) -> bool {
    let place = (entry.0, entry.1);
    if entries.last().is_none_or(|last| (last.0, last.1) <= place) {
        if entries.len() < CAP {
            entries.push(entry);
            return false;
        }
        return true;
    }
    let at = entries.partition_point(|e| (e.0, e.1) <= place);
    entries.insert(at, entry);
    let over = entries.len() > CAP;
    entries.truncate(CAP);
    over
}

impl GroupState for Lists {
    fn grow(&mut self, groups: usize) {
        if groups > self.groups.len() {
            self.groups.resize(groups, Vec::new());
        }
    }

    fn update(&mut self, input: &Input<'_>) {
        let (groups, capped, held) = (&mut self.groups, &mut self.capped, &mut self.held);
        input.texts(|row, group, text| {
            if let Some(entries) = groups.get_mut(group) {
                // No copy of a text that has no place.
                let place = (input.position, row as u32);
                let full =
                    entries.len() == CAP && entries.last().is_some_and(|e| (e.0, e.1) <= place);
                if !full {
                    *held += size_of::<Entry>() + text.len();
                }
                *capped |= full || insert(entries, (place.0, place.1, text.into()));
            }
        });
    }

    fn merge(&mut self, other: Box<dyn GroupState>, map: &[u32]) {
        if let Ok(other) = other.into_any().downcast::<Self>() {
            self.capped |= other.capped;
            self.held += other.held;
            for (theirs, group) in other.groups.into_iter().zip(map) {
                if let Some(entries) = self.groups.get_mut(*group as usize) {
                    for entry in theirs {
                        self.capped |= insert(entries, entry);
                    }
                }
            }
        }
    }

    fn save(&mut self, group: usize, out: &mut Vec<u8>) {
        let entries = self.groups.get(group).map_or(&[][..], Vec::as_slice);
        out.put_u32(entries.len() as u32);
        for (position, row, text) in entries {
            out.put_position(*position);
            out.put_u32(*row);
            out.put_text(text);
        }
    }

    fn load(&mut self, group: usize, saved: &mut Reader<'_>) {
        for _ in 0..saved.u32() {
            let (position, row, text) = (saved.position(), saved.u32(), saved.text());
            if let (true, Some(entries)) = (saved.is_whole(), self.groups.get_mut(group)) {
                self.held += size_of::<Entry>() + text.len();
                self.capped |= insert(entries, (position, row, text.into()));
            }
        }
    }

    fn finish(&mut self, groups: usize) -> Column {
        self.grow(groups);
        let mut builder = ColumnBuilder::default();
        for entries in self.groups.iter().take(groups) {
            builder.push_texts(entries.iter().map(|(_, _, text)| text));
        }
        builder.finish()
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }

    fn size(&self) -> usize {
        self.groups.capacity() * size_of::<Vec<Entry>>() + self.held
    }

    fn remarks(&self) -> Vec<(&'static str, String)> {
        let text = format!("list() keeps the first {CAP} values of a group; there were more");
        self.capped
            .then_some(("list-cap", text))
            .into_iter()
            .collect()
    }
}
