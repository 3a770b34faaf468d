//! Sort keys on columns: takes a column and a direction, gives a number a row that orders as the values do.
//!
//! The number holds the class of the value (numbers, addresses, text, missing) and its first bytes, so that most
//! comparisons touch no text; only equal numbers of long texts are compared further.

use crate::data::{Column, FieldName, parse_number};
use std::cmp::Ordering;
use std::net::IpAddr;

/// How the values of a field are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Collation {
    /// Numbers as numbers, addresses as addresses, the rest as text.
    #[default]
    Auto,
    /// As numbers; what is none comes after them.
    Number,
    /// As text, byte by byte.
    Text,
    /// As numbers; what is none is missing.
    Time,
    /// As IP addresses; what is none comes after them.
    Address,
}

/// One field of a sort.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortKey {
    /// The field.
    pub field: FieldName,
    /// Largest first.
    pub descending: bool,
    /// How values are compared.
    pub collation: Collation,
}

/// Classes in ascending order. Text that begins before the digits stands before numbers, as it does lexicographically.
const LOW_TEXT: u8 = 1;
const NUMBER: u8 = 2;
const ADDRESS: u8 = 3;
const TEXT: u8 = 4;
const MISSING: u8 = u8::MAX;

/// The keys of one column.
pub struct KeyColumn {
    prefixes: Vec<u128>,
    /// The values, for texts and addresses longer than the prefix.
    values: Column,
    descending: bool,
}

impl KeyColumn {
    /// The keys of a column's rows.
    pub fn new(values: Column, key: &SortKey) -> Self {
        let flip = if key.descending { u128::MAX } else { 0 };
        let prefix = |row: usize| match prefix(&values, row, key.collation) {
            // Missing values come last in both directions.
            None => u128::from(MISSING) << 120,
            Some(prefix) => (prefix ^ flip) & !(1 << 127),
        };
        let prefixes = (0..values.len()).map(prefix).collect();
        Self {
            prefixes,
            values,
            descending: key.descending,
        }
    }

    /// The number that a row sorts by.
    pub fn prefix(&self, row: usize) -> u128 {
        self.prefixes.get(row).copied().unwrap_or(u128::MAX)
    }

    /// The order of a row of this column and a row of another batch's column under the same key.
    pub fn compare(&self, row: usize, other: &KeyColumn, other_row: usize) -> Ordering {
        let (a, b) = (self.prefix(row), other.prefix(other_row));
        a.cmp(&b).then_with(|| {
            let order = self.compare_long(a, row, other, other_row);
            if self.descending {
                order.reverse()
            } else {
                order
            }
        })
    }

    /// The order of two values whose prefixes are equal.
    fn compare_long(&self, prefix: u128, row: usize, other: &Self, other_row: usize) -> Ordering {
        let class = if self.descending {
            (!prefix >> 120) as u8 & 0x7f
        } else {
            (prefix >> 120) as u8
        };
        match class {
            // 0 is a missing value turned round.
            0 | NUMBER | MISSING => Ordering::Equal,
            ADDRESS => address(&self.values, row).cmp(&address(&other.values, other_row)),
            _ => self.values.text(row).cmp(&other.values.text(other_row)),
        }
    }

    /// The keys of some rows.
    #[must_use]
    pub fn take(&self, rows: &[u32]) -> Self {
        Self {
            prefixes: rows.iter().map(|&row| self.prefix(row as usize)).collect(),
            values: self.values.take(rows),
            descending: self.descending,
        }
    }
}

/// Class in the top byte, then as much of the value as fits. `None` for a missing value. The class is below 128, so
/// that the top bit is free.
fn prefix(column: &Column, row: usize, collation: Collation) -> Option<u128> {
    if matches!(
        collation,
        Collation::Auto | Collation::Number | Collation::Time
    ) && let Some(computed) = column.computed(row)
    {
        return Some(number(computed));
    }
    let text = column.text(row)?;
    Some(match collation {
        Collation::Time => number(parse_number(&text)?),
        Collation::Number => parse_number(&text).map_or_else(|| words(TEXT, &text), number),
        Collation::Text => words(TEXT, &text),
        Collation::Address => parse_address(&text).map_or_else(|| words(TEXT, &text), internet),
        Collation::Auto => match parse_number(&text) {
            Some(n) => number(n),
            None => match parse_address(&text) {
                Some(ip) => internet(ip),
                None if text.as_bytes().first().is_none_or(|b| *b < b'0') => words(LOW_TEXT, &text),
                None => words(TEXT, &text),
            },
        },
    })
}

fn class(class: u8) -> u128 {
    u128::from(class) << 120
}

/// A float's bits, in an order that agrees with the numbers'.
fn number(n: f64) -> u128 {
    let bits = if n == 0.0 { 0 } else { n.to_bits() };
    let ordered = if bits >> 63 == 1 {
        !bits
    } else {
        bits | 1 << 63
    };
    class(NUMBER) | u128::from(ordered) << 56
}

/// The first 15 bytes of a text.
fn words(kind: u8, text: &str) -> u128 {
    let mut bytes = [0u8; 16];
    for (to, from) in bytes[1..].iter_mut().zip(text.as_bytes()) {
        *to = *from;
    }
    class(kind) | u128::from_be_bytes(bytes)
}

/// IPv4 before IPv6: the version, then the first 112 bits.
fn internet(ip: IpAddr) -> u128 {
    class(ADDRESS)
        | match ip {
            IpAddr::V4(ip) => u128::from(u32::from(ip)),
            IpAddr::V6(ip) => 1 << 119 | u128::from(ip) >> 9,
        }
}

fn parse_address(text: &str) -> Option<IpAddr> {
    let text = text.trim_ascii();
    let first = *text.as_bytes().first()?;
    if !(first.is_ascii_hexdigit() || first == b':') {
        return None;
    }
    text.parse().ok()
}

fn address(column: &Column, row: usize) -> Option<IpAddr> {
    parse_address(&column.text(row)?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::data::Value;

    fn sorted(values: &[&str], descending: bool, collation: Collation) -> Vec<String> {
        let column = Column::from_values(values.iter().map(|v| match *v {
            "" => Value::Null,
            text => Value::from(text),
        }));
        let key = SortKey {
            field: "x".into(),
            descending,
            collation,
        };
        let keys = KeyColumn::new(column, &key);
        let mut rows: Vec<usize> = (0..values.len()).collect();
        rows.sort_by(|&a, &b| keys.compare(a, &keys, b));
        rows.into_iter().map(|row| values[row].to_owned()).collect()
    }

    #[test]
    fn missing_values_are_last_in_both_directions() {
        let values = ["2", "", "10", "-1", "0.5"];
        assert_eq!(
            sorted(&values, false, Collation::Auto),
            ["-1", "0.5", "2", "10", ""]
        );
        assert_eq!(
            sorted(&values, true, Collation::Auto),
            ["10", "2", "0.5", "-1", ""]
        );
    }

    #[test]
    fn numbers_addresses_and_texts_each_by_their_own_order() {
        let values = [
            "10.0.0.2", "b", "9.1.a", "10.1", "10.1.a", "9.0.0.1", "B", "9.1", "::1",
        ];
        assert_eq!(
            sorted(&values, false, Collation::Auto),
            [
                "9.1", "10.1", "9.0.0.1", "10.0.0.2", "::1", "10.1.a", "9.1.a", "B", "b"
            ]
        );
        assert_eq!(
            sorted(&["10", "9", "100"], true, Collation::Text),
            ["9", "100", "10"]
        );
    }

    #[test]
    fn long_texts_are_compared_whole() {
        let values = ["a long common prefix 2", "a long common prefix 10"];
        assert_eq!(
            sorted(&values, false, Collation::Auto)[0],
            "a long common prefix 10"
        );
        assert_eq!(
            sorted(&values, true, Collation::Auto)[0],
            "a long common prefix 2"
        );
    }

    #[test]
    fn addresses_that_differ_in_the_last_bit_are_told_apart() {
        let values = ["2001:db8::2", "2001:db8::1"];
        assert_eq!(
            sorted(&values, false, Collation::Address),
            ["2001:db8::1", "2001:db8::2"]
        );
        assert_eq!(
            sorted(&values, true, Collation::Address),
            ["2001:db8::2", "2001:db8::1"]
        );
    }
}
