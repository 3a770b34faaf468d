//! Comparisons on columns: takes two operands, gives a truth an event.
//!
//! Two numbers compare as numbers, anything else as text, byte by byte, letter case included. A comparison with null is
//! null. With a multivalue it is true when it is for one of its values.

use super::numbers::{self, Numbers, read};
use super::operand::Operand;
use crate::data::{Column, Value, format_number, parse_number};
use crate::syntax::Comparator;
use arrow_array::{Array, BooleanArray, StringViewArray};
use std::cmp::Ordering;
use std::collections::HashSet;

/// Whether an order is what the operator asks for.
fn fits(op: Comparator, order: Ordering) -> bool {
    match op {
        Comparator::Equal => order == Ordering::Equal,
        Comparator::NotEqual => order != Ordering::Equal,
        Comparator::Less => order == Ordering::Less,
        Comparator::LessEqual => order != Ordering::Greater,
        Comparator::Greater => order == Ordering::Greater,
        Comparator::GreaterEqual => order != Ordering::Less,
    }
}

/// `a op b`. `texts`: both are texts by their kind and never compare as numbers.
pub fn compare(op: Comparator, a: &Operand, b: &Operand, texts: bool, rows: usize) -> Operand {
    if a.is_all_null() || b.is_all_null() {
        return Operand::null();
    }
    if let (Operand::Constant(a), Operand::Constant(b)) = (a, b) {
        return Operand::Constant(test(op, a, b, texts).map_or(Value::Null, Value::Bool));
    }
    if is_numeric(a) && is_numeric(b) {
        return Operand::bools(numeric(op, &a.as_numbers(), &b.as_numbers(), rows));
    }
    if !texts {
        match (a.text_array(), b.text_array()) {
            (Some(array), None) => {
                if let Operand::Constant(value @ (Value::Text(_) | Value::Number(_))) = b {
                    return Operand::bools(with_constant(op, array, value, false));
                }
            }
            (None, Some(array)) => {
                if let Operand::Constant(value @ (Value::Text(_) | Value::Number(_))) = a {
                    return Operand::bools(with_constant(op, array, value, true));
                }
            }
            (Some(a), Some(b)) => return Operand::bools(both_texts(op, a, b)),
            (None, None) => {}
        }
    }
    Operand::bools(
        (0..rows)
            .map(|row| test(op, &a.value(row), &b.value(row), texts))
            .collect(),
    )
}

fn is_numeric(operand: &Operand) -> bool {
    matches!(
        operand,
        Operand::Constant(Value::Number(_)) | Operand::Column(Column::Number(_))
    )
}

fn numeric(op: Comparator, a: &Numbers, b: &Numbers, rows: usize) -> BooleanArray {
    match op {
        Comparator::Equal => numbers::test(a, b, rows, |x, y| x == y),
        Comparator::NotEqual => numbers::test(a, b, rows, |x, y| x != y),
        Comparator::Less => numbers::test(a, b, rows, |x, y| x < y),
        Comparator::LessEqual => numbers::test(a, b, rows, |x, y| x <= y),
        Comparator::Greater => numbers::test(a, b, rows, |x, y| x > y),
        Comparator::GreaterEqual => numbers::test(a, b, rows, |x, y| x >= y),
    }
}

/// A text column with one value. `swapped`: the value stands on the left.
fn with_constant(
    op: Comparator,
    array: &StringViewArray,
    value: &Value,
    swapped: bool,
) -> BooleanArray {
    let number = value.number();
    let text = value.to_text().unwrap_or_default();
    let nulls = array.nulls().cloned();
    let turn = |order: Ordering| if swapped { order.reverse() } else { order };
    let bits = match (op, number) {
        (Comparator::Equal, None) => collect(array, |t| t == text),
        (Comparator::NotEqual, None) => collect(array, |t| t != text),
        (_, None) => collect(array, |t| fits(op, turn(t.cmp(&text)))),
        (_, Some(number)) => collect(array, |t| {
            let order = match read(t) {
                Some(n) => order_numbers(n, number),
                None => t.cmp(&*text),
            };
            fits(op, turn(order))
        }),
    };
    BooleanArray::new(bits, nulls)
}

/// Constants that a text of an event may equal.
struct Members<'a> {
    numbers: Vec<f64>,
    /// Few.
    texts: Vec<&'a str>,
    /// Many.
    set: HashSet<&'a str, foldhash::fast::RandomState>,
}

/// Texts that are compared one by one at most.
const FEW: usize = 8;

impl<'a> Members<'a> {
    /// `None` when one of them is no single constant.
    fn of(list: &'a [Operand]) -> Option<Self> {
        let (mut numbers, mut texts) = (Vec::new(), Vec::new());
        for member in list {
            match member {
                Operand::Constant(Value::Number(n)) if n.is_finite() => numbers.push(*n),
                Operand::Constant(Value::Text(t)) => match parse_number(t) {
                    Some(number) => numbers.push(number),
                    None => texts.push(t.as_str()),
                },
                _ => return None,
            }
        }
        let mut set = HashSet::default();
        if texts.len() > FEW {
            set.extend(texts.drain(..));
        }
        Some(Self {
            numbers,
            texts,
            set,
        })
    }

    /// Two numbers are equal as numbers, all else as text: a text that spells none equals no number's text.
    fn have(&self, text: &str) -> bool {
        if self.texts.contains(&text) || !self.set.is_empty() && self.set.contains(text) {
            return true;
        }
        !self.numbers.is_empty() && read(text).is_some_and(|n| self.numbers.contains(&n))
    }
}

fn collect(array: &StringViewArray, f: impl Fn(&str) -> bool) -> arrow_buffer::BooleanBuffer {
    arrow_buffer::BooleanBuffer::collect_bool(array.len(), |i| f(array.value(i)))
}

fn both_texts(op: Comparator, a: &StringViewArray, b: &StringViewArray) -> BooleanArray {
    let length = a.len().min(b.len());
    let bits = arrow_buffer::BooleanBuffer::collect_bool(length, |i| {
        fits(op, order_texts(a.value(i), b.value(i)))
    });
    let nulls = arrow_buffer::NullBuffer::union(a.nulls(), b.nulls());
    BooleanArray::new(bits, nulls)
}

/// The order of two texts of events: as numbers when both spell one.
pub fn order_texts(a: &str, b: &str) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    match (read(a), read(b)) {
        (Some(x), Some(y)) => order_numbers(x, y),
        _ => a.cmp(b),
    }
}

/// `a op b` for one event.
pub fn test(op: Comparator, a: &Value, b: &Value, texts: bool) -> Option<bool> {
    match (a, b) {
        (Value::Null, _) | (_, Value::Null) => None,
        (Value::Number(x), Value::Number(y)) => Some(fits(op, order_numbers(*x, *y))),
        (Value::Bool(x), Value::Bool(y)) => Some(fits(op, x.cmp(y))),
        (Value::Multi(_), _) | (_, Value::Multi(_)) => {
            let (left, right) = (a.to_texts(), b.to_texts());
            Some(
                left.iter()
                    .any(|x| right.iter().any(|y| fits(op, order_texts(x, y)))),
            )
        }
        (Value::Text(x), Value::Text(y)) if texts => Some(fits(op, x.as_str().cmp(y))),
        (Value::Text(x), Value::Number(y)) => Some(fits(op, order_mixed(x, *y))),
        (Value::Number(x), Value::Text(y)) => Some(fits(op, order_mixed(y, *x).reverse())),
        _ => Some(fits(op, order_texts(&a.to_text()?, &b.to_text()?))),
    }
}

fn order_numbers(x: f64, y: f64) -> Ordering {
    if x == y {
        Ordering::Equal
    } else {
        x.total_cmp(&y)
    }
}

fn order_mixed(text: &str, number: f64) -> Ordering {
    match read(text) {
        Some(n) => order_numbers(n, number),
        None => text.cmp(format_number(number).as_str()),
    }
}

/// `a IN (list)`: whether one of the operands is equal.
pub fn is_in(a: &Operand, list: &[Operand], texts: &[bool], rows: usize) -> Operand {
    if let (Some(array), false) = (a.text_array(), texts.contains(&true))
        && let Some(members) = Members::of(list)
    {
        let bits = collect(array, |text| members.have(text));
        return Operand::bools(BooleanArray::new(bits, array.nulls().cloned()));
    }
    let mut found: Option<BooleanArray> = None;
    for (member, texts) in list.iter().zip(texts) {
        let equal = compare(Comparator::Equal, a, member, *texts, rows);
        let equal = equal.truths(rows);
        found = Some(match found {
            Some(found) => super::logic::or(&found, &equal),
            None => equal,
        });
    }
    found.map_or_else(Operand::null, Operand::bools)
}
