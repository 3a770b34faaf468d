//! `rate`: takes numbers with their times, gives the change a second between the earliest and the latest.

use super::recipe::Recipe;
use super::{Aggregate, GroupState, Input, Plan};
use crate::data::record::{Reader, Write};
use crate::data::{Column, ColumnBuilder, Position};
use crate::diagnostic::Diagnostic;
use crate::syntax::AggregateText;
use std::any::Any;

/// The aggregate.
pub struct Rate;

impl Aggregate for Rate {
    fn name(&self) -> &'static str {
        "rate"
    }

    fn summary(&self) -> &'static str {
        "Gives the change of a counter per second between its earliest and its latest value"
    }

    fn usage(&self) -> &'static str {
        "rate(<field>)"
    }

    fn example(&self) -> (&'static str, &'static str, &'static str) {
        (
            "* | stats rate(v) as r",
            "{\"_time\":\"1700000100\",\"v\":300}\n{\"_time\":\"1700000000\",\"v\":100}",
            r#"{"r":"2"}"#,
        )
    }

    fn plan(&self, call: &AggregateText) -> Result<Box<dyn Plan>, Diagnostic> {
        Recipe::new(Rates::default).needs_time().with_argument(call)
    }
}

/// Time, place, and the number there.
type Point = (f64, Position, u32, f64);

fn before(a: &Point, b: &Point) -> bool {
    a.0.total_cmp(&b.0)
        .then((a.1, a.2).cmp(&(b.1, b.2)))
        .is_lt()
}

/// The earliest and the latest point of each group.
#[derive(Debug, Default)]
struct Rates(Vec<Option<(Point, Point)>>);

impl Rates {
    fn add(&mut self, group: usize, point: Point) {
        if let Some(slot) = self.0.get_mut(group) {
            let (first, last) = slot.get_or_insert((point, point));
            if before(&point, first) {
                *first = point;
            }
            if before(last, &point) {
                *last = point;
            }
        }
    }
}

impl GroupState for Rates {
    fn grow(&mut self, groups: usize) {
        if groups > self.0.len() {
            self.0.resize(groups, None);
        }
    }

    fn update(&mut self, input: &Input<'_>) {
        let (Some(column), Some(time)) = (input.column, input.time) else {
            return;
        };
        for (row, group) in input.entries() {
            if let (Some(number), Some(time)) = (column.number(row), time.number(row)) {
                self.add(group, (time, input.position, row as u32, number));
            }
        }
    }

    fn merge(&mut self, other: Box<dyn GroupState>, map: &[u32]) {
        if let Ok(other) = other.into_any().downcast::<Self>() {
            for (points, group) in other.0.into_iter().zip(map) {
                if let Some((first, last)) = points {
                    self.add(*group as usize, first);
                    self.add(*group as usize, last);
                }
            }
        }
    }

    fn save(&mut self, group: usize, out: &mut Vec<u8>) {
        let points = self.0.get(group).copied().flatten();
        out.put_u8(u8::from(points.is_some()));
        for point in points.into_iter().flat_map(|(first, last)| [first, last]) {
            out.put_f64(point.0);
            out.put_position(point.1);
            out.put_u32(point.2);
            out.put_f64(point.3);
        }
    }

    fn load(&mut self, group: usize, saved: &mut Reader<'_>) {
        for _ in 0..2 * saved.u8() {
            let point = (saved.f64(), saved.position(), saved.u32(), saved.f64());
            self.add(group, point);
        }
    }

    fn finish(&mut self, groups: usize) -> Column {
        self.grow(groups);
        let mut builder = ColumnBuilder::default();
        for points in self.0.iter().take(groups) {
            match points {
                Some((first, last)) if last.0 > first.0 => {
                    builder.push_number((last.3 - first.3) / (last.0 - first.0));
                }
                _ => builder.push_null(),
            }
        }
        builder.finish()
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }

    fn size(&self) -> usize {
        self.0.capacity() * size_of::<Option<(Point, Point)>>()
    }
}
