//! Rows of a batch as an aggregate wants them: takes a column with rows and groups, gives numbers or texts by group.

use super::Input;
use crate::data::{Column, parse_number};
use arrow_array::Array;
use std::borrow::Cow;

impl Input<'_> {
    /// The rows with their groups.
    pub fn entries(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.rows
            .iter()
            .zip(self.groups)
            .map(|(row, group)| (*row as usize, *group as usize))
    }

    /// Calls `add` with the group and each number of the argument; what is not a number is passed over.
    pub fn numbers(&self, mut add: impl FnMut(usize, f64)) {
        match self.column {
            Some(Column::Number(array)) => {
                for (row, group) in self.entries() {
                    if array.is_valid(row) {
                        add(group, array.value(row));
                    }
                }
            }
            Some(Column::Text(array)) => {
                for (row, group) in self.entries() {
                    if array.is_valid(row)
                        && let Some(number) = parse_number(array.value(row))
                    {
                        add(group, number);
                    }
                }
            }
            Some(Column::Multi(array)) => {
                for (row, group) in self.entries().filter(|(row, _)| array.is_valid(*row)) {
                    let (child, start, end) = Column::list(array, row);
                    for number in (start..end).filter_map(|i| parse_number(child.value(i))) {
                        add(group, number);
                    }
                }
            }
            // What is true is one, as for count: `per_hour(eval(method="GET"))`.
            Some(Column::Bool(array)) => {
                for (row, group) in self.entries() {
                    if array.is_valid(row) && array.value(row) {
                        add(group, 1.0);
                    }
                }
            }
            Some(Column::Mixed(mixed)) => {
                for (row, group) in self.entries() {
                    if let Some(number) = mixed.number(row) {
                        add(group, number);
                    } else {
                        let texts = mixed.others().values(row);
                        let numbers = texts.filter_map(|text| parse_number(&text));
                        numbers.for_each(|number| add(group, number));
                    }
                }
            }
            Some(Column::Null(_)) | None => {}
        }
    }

    /// Calls `add` with the row, the group and each value of the argument as text.
    pub fn texts(&self, mut add: impl FnMut(usize, usize, Cow<'_, str>)) {
        match self.column {
            Some(Column::Multi(array)) => {
                for (row, group) in self.entries().filter(|(row, _)| array.is_valid(*row)) {
                    let (child, start, end) = Column::list(array, row);
                    (start..end).for_each(|i| add(row, group, Cow::Borrowed(child.value(i))));
                }
            }
            Some(column) if column.is_multi() => {
                for (row, group) in self.entries() {
                    column.values(row).for_each(|text| add(row, group, text));
                }
            }
            Some(column) => {
                for (row, group) in self.entries() {
                    if let Some(text) = column.text(row) {
                        add(row, group, text);
                    }
                }
            }
            None => {}
        }
    }
}

/// The first or the last value of a row as text.
pub fn end_text(column: &Column, row: usize, last: bool) -> Option<Cow<'_, str>> {
    match column {
        Column::Multi(array) if array.is_valid(row) => {
            let (child, start, end) = Column::list(array, row);
            let at = if last { end.checked_sub(1)? } else { start };
            (start..end)
                .contains(&at)
                .then(|| Cow::Borrowed(child.value(at)))
        }
        Column::Mixed(mixed) if mixed.numbers().is_null(row) => end_text(mixed.others(), row, last),
        other => other.text(row),
    }
}
