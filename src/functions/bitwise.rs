//! Bitwise functions: takes integers of 53 bits, gives integers of 53 bits; anything else is null.

use super::call::Call;
use super::{Arity, Function, Kernel, Kind};
use crate::data::Value;

/// The largest integer that these functions take and give.
const MASK: u64 = (1 << 53) - 1;

const fn bits(
    name: &'static str,
    arity: Arity,
    signature: &'static str,
    summary: &'static str,
    example: (&'static str, &'static str),
    kernel: fn(&mut Call<'_>, &[Value]) -> Option<Value>,
) -> Function {
    Function::new(
        name,
        arity,
        signature,
        summary,
        example,
        Kernel::Row(kernel),
    )
    .gives(Kind::Number)
}

pub(super) static FUNCTIONS: &[Function] = &[
    bits(
        "bit_and",
        Arity::AtLeast(2),
        "bit_and(<integer>, …)",
        "The bits that all integers have",
        ("bit_and(12, 9)", "8"),
        |_, v| fold(v, |a, b| a & b),
    ),
    bits(
        "bit_not",
        Arity::Between(1, 2),
        "bit_not(<integer>, <mask>)",
        "The bits that an integer lacks, of those in the mask, all 53 unless given",
        ("bit_not(9, 15)", "6"),
        |_, v| {
            let mask = v.get(1).map_or(Some(MASK), integer)?;
            number(!integer(v.first()?)? & mask)
        },
    ),
    bits(
        "bit_or",
        Arity::AtLeast(2),
        "bit_or(<integer>, …)",
        "The bits that one of the integers has",
        ("bit_or(12, 9)", "13"),
        |_, v| fold(v, |a, b| a | b),
    ),
    bits(
        "bit_shift_left",
        Arity::Between(2, 2),
        "bit_shift_left(<integer>, <places>)",
        "The bits moved to the left, those past the 53rd lost",
        ("bit_shift_left(2, 1)", "4"),
        |_, v| shift(v, u64::checked_shl),
    ),
    bits(
        "bit_shift_right",
        Arity::Between(2, 2),
        "bit_shift_right(<integer>, <places>)",
        "The bits moved to the right",
        ("bit_shift_right(4, 1)", "2"),
        |_, v| shift(v, u64::checked_shr),
    ),
    bits(
        "bit_xor",
        Arity::AtLeast(2),
        "bit_xor(<integer>, …)",
        "The bits that an odd number of the integers has",
        ("bit_xor(3, 2)", "1"),
        |_, v| fold(v, |a, b| a ^ b),
    ),
];

fn integer(value: &Value) -> Option<u64> {
    let n = value.number()?;
    (n >= 0.0 && n <= MASK as f64 && n.fract() == 0.0).then_some(n as u64)
}

fn number(bits: u64) -> Option<Value> {
    Some(Value::Number((bits & MASK) as f64))
}

fn fold(values: &[Value], f: impl Fn(u64, u64) -> u64) -> Option<Value> {
    let (first, rest) = values.split_first()?;
    let mut bits = integer(first)?;
    for value in rest {
        bits = f(bits, integer(value)?);
    }
    number(bits)
}

fn shift(values: &[Value], f: fn(u64, u32) -> Option<u64>) -> Option<Value> {
    let (bits, places) = (integer(values.first()?)?, integer(values.get(1)?)?);
    let places = u32::try_from(places).unwrap_or(u32::MAX);
    number(f(bits, places).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::shown;

    #[test]
    fn only_53_bits_count() {
        for (text, result) in [
            ("bit_not(9)", "9007199254740982"),
            ("bit_shift_left(1, 53)", "0"),
            ("bit_shift_left(3, 52)", "4503599627370496"),
            ("bit_shift_left(3, 9007199254740991)", "0"),
            ("bit_shift_left(3, -2)", ""),
            ("bit_and(9007199254740992, 1)", ""),
            (
                "bit_and(bit_shift_right(tonumber(\"0xa3b7514f19ce7\", 16), 8), tonumber(\"0xFFFFFFFF\", 16))",
                "1964306844",
            ),
        ] {
            assert_eq!(shown(text), result, "{text}");
        }
    }
}
