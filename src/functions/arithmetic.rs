//! `+ - * / %` and the period on columns: takes operands, gives numbers or joined texts.

use super::Kind;
use super::numbers::{self, Numbers, binary, binary_not_zero};
use super::operand::Operand;
use crate::data::{Column, Row, TextWriter, Value};
use arrow_array::Array;
use std::borrow::Cow;

/// `a + b`: two numbers are added, two texts that are no numbers are joined, a number and such a text give null.
/// Texts by their kind (literals, results of text functions) are joined whatever they look like.
pub fn add(a: &Operand, b: &Operand, kinds: (Kind, Kind), rows: usize) -> Operand {
    if kinds == (Kind::Text, Kind::Text) {
        return concat(&[a.clone(), b.clone()], rows);
    }
    let (x, y) = (a.as_numbers(), b.as_numbers());
    let sum = binary(&x, &y, |x, y| x + y);
    // A text by its kind joins a text that is no number, even when it looks like one itself.
    let (text_a, text_b) = (kinds.0 == Kind::Text, kinds.1 == Kind::Text);
    if !(may_join(a, &x) && (text_b || may_join(b, &y)) || text_a && may_join(b, &y)) {
        return sum;
    }
    let texts = |row| join(a, b, row).map_or(Value::Null, |t| Value::Text(t.into_owned()));
    let joined = |row: usize| match (x.get(row), y.get(row)) {
        (Some(x), Some(y)) => Value::Number(x + y),
        (None, None) => texts(row),
        (None, Some(_)) if text_b => texts(row),
        (Some(_), None) if text_a => texts(row),
        _ => Value::Null,
    };
    match (a, b) {
        (Operand::Constant(_), Operand::Constant(_)) => Operand::Constant(joined(0)),
        _ => Operand::Column(Column::from_values((0..rows).map(joined))),
    }
}

/// Whether some event has a text that is no number.
fn may_join(operand: &Operand, numbers: &Numbers) -> bool {
    match (operand, numbers) {
        (Operand::Constant(value), _) => {
            matches!(value, Value::Text(_)) && value.number().is_none()
        }
        (Operand::Column(Column::Text(texts)), Numbers::Array(read)) => {
            read.null_count() > texts.null_count()
        }
        (Operand::Column(Column::Multi(_) | Column::Mixed(_)), _) => true,
        _ => false,
    }
}

fn join<'a>(a: &'a Operand, b: &'a Operand, row: usize) -> Option<Cow<'a, str>> {
    let (a, b) = (a.text(row)?, b.text(row)?);
    Some(Cow::Owned(a.into_owned() + &b))
}

/// `a . b . c`: the texts of all, numbers as they are shown; null where one is missing.
pub fn concat(parts: &[Operand], rows: usize) -> Operand {
    let whole = |row: usize, out: &mut Row<'_>| parts.iter().try_for_each(|p| p.write(row, out));
    if parts.iter().any(Operand::is_all_null) {
        return Operand::null();
    }
    if parts.iter().all(|p| matches!(p, Operand::Constant(_))) {
        return Operand::Constant(build_texts(1, whole).value(0));
    }
    build_texts(rows, whole)
}

/// `a - b`
pub fn subtract(a: &Operand, b: &Operand) -> Operand {
    binary(&a.as_numbers(), &b.as_numbers(), |x, y| x - y)
}

/// `a * b`
pub fn multiply(a: &Operand, b: &Operand) -> Operand {
    binary(&a.as_numbers(), &b.as_numbers(), |x, y| x * y)
}

/// `a / b`; null when `b` is zero.
pub fn divide(a: &Operand, b: &Operand) -> Operand {
    binary_not_zero(&a.as_numbers(), &b.as_numbers(), |x, y| x / y)
}

/// `a % b`; null when `b` is zero.
pub fn remainder(a: &Operand, b: &Operand) -> Operand {
    binary_not_zero(&a.as_numbers(), &b.as_numbers(), modulo)
}

/// `x % y`; of integers that floats hold exactly by their own division, which is faster.
fn modulo(x: f64, y: f64) -> f64 {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let (i, j) = (x as i64, y as i64);
    if x.abs() < EXACT && i as f64 == x && j as f64 == y && j != 0 {
        ((i % j) as f64).copysign(x)
    } else {
        x % y
    }
}

/// `-a`
pub fn negate(a: &Operand) -> Operand {
    numbers::unary(&a.as_numbers(), |x| -x)
}

/// Texts of an operand through a function that appends its result, one an event; a constant stays one.
pub fn map_text(a: &Operand, rows: usize, f: impl Fn(&str, &mut Row<'_>)) -> Operand {
    let write = |row: usize, out: &mut Row<'_>| {
        f(&a.text(row)?, out);
        Some(())
    };
    match a {
        Operand::Constant(_) => Operand::Constant(build_texts(1, write).value(0)),
        Operand::Column(_) => build_texts(rows, write),
    }
}

/// A text column from a function that appends the event's text, or gives `None` for null.
pub fn build_texts(rows: usize, mut f: impl FnMut(usize, &mut Row<'_>) -> Option<()>) -> Operand {
    let mut texts = TextWriter::with_capacity(rows);
    for row in 0..rows {
        let mut out = texts.row();
        match f(row, &mut out) {
            Some(()) => out.end(),
            None => out.null(),
        }
    }
    Operand::Column(texts.into_column())
}

#[cfg(test)]
mod tests {
    #[test]
    fn remainders_of_integers_are_those_of_floats() {
        let numbers = [
            0.0,
            -0.0,
            1.0,
            -1.0,
            7.0,
            -7.5,
            3.0,
            1e15,
            -1e16,
            0.1,
            f64::NAN,
        ];
        for x in numbers {
            for y in numbers {
                let (fast, whole) = (super::modulo(x, y), x % y);
                assert!(
                    fast.to_bits() == whole.to_bits() || fast.is_nan() && whole.is_nan(),
                    "{x} % {y}"
                );
            }
        }
    }
}
