//! Columns as numbers: takes columns of any kind, gives floats with nulls where no number is, and loops over them.

use crate::data::{Column, parse_number};
use arrow_array::{Array, Float64Array, StringViewArray};
use arrow_buffer::{BooleanBuffer, NullBuffer, ScalarBuffer};

/// One number for all events, or one an event.
#[derive(Debug, Clone)]
pub enum Numbers {
    /// The same number, or none, for every event.
    Constant(Option<f64>),
    /// A number an event.
    Array(Float64Array),
}

impl Numbers {
    /// The numbers that a column holds or spells.
    pub fn of(column: &Column) -> Self {
        match column {
            Column::Null(_) | Column::Bool(_) => Numbers::Constant(None),
            Column::Number(array) => Numbers::Array(array.clone()),
            Column::Text(array) => Numbers::Array(read_all(array)),
            Column::Multi(_) | Column::Mixed(_) => {
                let number = |row| match column.computed(row) {
                    None if column.count(row) == 1 => read(&column.text(row)?),
                    computed => computed,
                };
                Numbers::Array((0..column.len()).map(number).collect())
            }
        }
    }

    /// The number of an event.
    pub fn get(&self, row: usize) -> Option<f64> {
        match self {
            Numbers::Constant(number) => *number,
            Numbers::Array(array) => array.is_valid(row).then(|| array.value(row)),
        }
    }
}

/// The number that a text spells. The text that stands for a calculation without a result, `nan` or `NaN`, is a number
/// too (Splunk's reference, "isnum").
#[inline]
pub fn read(text: &str) -> Option<f64> {
    match parse_number(text) {
        None if matches!(text, "NaN" | "nan") => Some(f64::NAN),
        number => number,
    }
}

fn read_all(array: &StringViewArray) -> Float64Array {
    let mut values = Vec::with_capacity(array.len());
    let bits = BooleanBuffer::collect_bool(array.len(), |row| {
        // A null row has the empty text, which spells no number.
        let number = read(array.value(row));
        values.push(number.unwrap_or(0.0));
        number.is_some()
    });
    let nulls = NullBuffer::union(Some(&NullBuffer::new(bits)), array.nulls());
    let nulls = nulls.filter(|n| n.null_count() > 0);
    Float64Array::new(ScalarBuffer::from(values), nulls)
}

/// Applies a function to each number; events without one stay null.
pub fn unary(a: &Numbers, f: impl Fn(f64) -> f64) -> super::Operand {
    use super::Operand;
    match a {
        Numbers::Constant(number) => Operand::Constant(number.map(f).into_value()),
        Numbers::Array(a) => {
            let values: Vec<f64> = a.values().iter().map(|x| f(*x)).collect();
            Operand::numbers(Float64Array::new(values.into(), a.nulls().cloned()))
        }
    }
}

/// Applies a function to each pair of numbers; events that lack one of them are null.
pub fn binary(a: &Numbers, b: &Numbers, f: impl Fn(f64, f64) -> f64) -> super::Operand {
    use super::Operand;
    match (a, b) {
        (Numbers::Constant(Some(a)), Numbers::Constant(Some(b))) => {
            Operand::Constant(Some(f(*a, *b)).into_value())
        }
        (Numbers::Constant(None), _) | (_, Numbers::Constant(None)) => Operand::null(),
        (Numbers::Array(a), Numbers::Constant(Some(b))) => {
            unary(&Numbers::Array(a.clone()), |x| f(x, *b))
        }
        (Numbers::Constant(Some(a)), Numbers::Array(b)) => {
            unary(&Numbers::Array(b.clone()), |x| f(*a, x))
        }
        (Numbers::Array(a), Numbers::Array(b)) => {
            let values: Vec<f64> = a
                .values()
                .iter()
                .zip(b.values().iter())
                .map(|(x, y)| f(*x, *y))
                .collect();
            let nulls = NullBuffer::union(a.nulls(), b.nulls());
            Operand::numbers(Float64Array::new(values.into(), nulls))
        }
    }
}

/// One bit a pair of numbers, with the nulls of both.
pub fn test(
    a: &Numbers,
    b: &Numbers,
    rows: usize,
    f: impl Fn(f64, f64) -> bool,
) -> arrow_array::BooleanArray {
    use arrow_array::BooleanArray;
    match (a, b) {
        (Numbers::Constant(Some(a)), Numbers::Constant(Some(b))) => {
            BooleanArray::from(vec![f(*a, *b); rows])
        }
        (Numbers::Constant(None), _) | (_, Numbers::Constant(None)) => BooleanArray::new_null(rows),
        (Numbers::Array(a), Numbers::Constant(Some(b))) => {
            let values = &a.values()[..];
            let bits = BooleanBuffer::collect_bool(values.len(), |i| f(values[i], *b));
            BooleanArray::new(bits, a.nulls().cloned())
        }
        (Numbers::Constant(Some(a)), Numbers::Array(b)) => {
            let values = &b.values()[..];
            let bits = BooleanBuffer::collect_bool(values.len(), |i| f(*a, values[i]));
            BooleanArray::new(bits, b.nulls().cloned())
        }
        (Numbers::Array(a), Numbers::Array(b)) => {
            let length = a.len().min(b.len());
            let (x, y) = (&a.values()[..length], &b.values()[..length]);
            let bits = BooleanBuffer::collect_bool(length, |i| f(x[i], y[i]));
            BooleanArray::new(bits, NullBuffer::union(a.nulls(), b.nulls()))
        }
    }
}

/// Applies a function to each pair of numbers; events that lack one of them, or whose second is zero, are null.
pub fn binary_not_zero(a: &Numbers, b: &Numbers, f: impl Fn(f64, f64) -> f64) -> super::Operand {
    use super::Operand;
    let divisors = match b {
        Numbers::Constant(Some(0.0)) => return Operand::null(),
        Numbers::Array(array) if array.values().contains(&0.0) => array,
        _ => return binary(a, b, f),
    };
    let zero = &divisors.values()[..];
    let kept = BooleanBuffer::collect_bool(zero.len(), |i| zero[i] != 0.0);
    let nulls = NullBuffer::union(divisors.nulls(), Some(&NullBuffer::new(kept)));
    let divisors = Float64Array::new(divisors.values().clone(), nulls);
    binary(a, &Numbers::Array(divisors), f)
}

/// Options of what a value holds as values.
pub trait IntoValue {
    /// `None` is null.
    fn into_value(self) -> crate::data::Value;
}

impl IntoValue for Option<f64> {
    fn into_value(self) -> crate::data::Value {
        self.map_or(crate::data::Value::Null, crate::data::Value::Number)
    }
}
