//! Mathematical functions: takes columns of numbers, gives columns of numbers.

use super::call::Call;
use super::numbers::{binary, unary};
use super::operand::{Operand, number_column};
use super::{Arity, Function, Kernel, Kind};
use crate::data::Value;
use crate::functions::node::Node;

/// Splunk's pi has eleven decimal digits, and so have the results that its reference shows.
#[allow(clippy::approx_constant)]
const PI: f64 = 3.141_592_653_58;

/// A function of one number.
pub(super) const fn of_one(
    name: &'static str,
    signature: &'static str,
    summary: &'static str,
    example: (&'static str, &'static str),
    kernel: fn(&mut Call<'_>, &[Operand]) -> Operand,
) -> Function {
    Function::new(
        name,
        Arity::Between(1, 1),
        signature,
        summary,
        example,
        Kernel::Column(kernel),
    )
    .gives(Kind::Number)
    .check(numbers_only)
}

/// A function of one or two numbers.
pub(super) const fn of_two(
    name: &'static str,
    least: usize,
    signature: &'static str,
    summary: &'static str,
    example: (&'static str, &'static str),
    kernel: fn(&mut Call<'_>, &[Operand]) -> Operand,
) -> Function {
    Function::new(
        name,
        Arity::Between(least, 2),
        signature,
        summary,
        example,
        Kernel::Column(kernel),
    )
    .gives(Kind::Number)
    .check(numbers_only)
}

pub(super) static FUNCTIONS: &[Function] = &[
    of_one(
        "abs",
        "abs(<number>)",
        "The number without its sign",
        ("abs(-5)", "5"),
        |_, a| apply(a, f64::abs),
    ),
    of_one(
        "ceiling",
        "ceiling(<number>)",
        "The number rounded up to an integer",
        ("ceiling(1.9)", "2"),
        |_, a| apply(a, f64::ceil),
    )
    .alias(&["ceil"]),
    of_one(
        "exact",
        "exact(<expression>)",
        "The expression's value with all its digits",
        ("exact(3.14*2)", "6.28"),
        |_, a| a.first().cloned().unwrap_or_else(Operand::null),
    ),
    of_one(
        "exp",
        "exp(<number>)",
        "e to the power of a number",
        ("exp(0)", "1"),
        |_, a| apply(a, f64::exp),
    ),
    of_one(
        "floor",
        "floor(<number>)",
        "The number rounded down to an integer",
        ("floor(-1.5)", "-2"),
        |_, a| apply(a, f64::floor),
    ),
    of_one(
        "ln",
        "ln(<number>)",
        "The natural logarithm",
        ("ln(1)", "0"),
        |_, a| apply(a, f64::ln),
    ),
    of_two(
        "log",
        1,
        "log(<number>, <base>)",
        "The logarithm to a base, 10 unless given",
        ("log(8, 2)", "3"),
        log,
    ),
    Function::new(
        "pi",
        Arity::Between(0, 0),
        "pi()",
        "The constant pi to eleven decimal digits",
        ("pi()", "3.14159265358"),
        Kernel::Column(|_, _| Operand::Constant(Value::Number(PI))),
    )
    .gives(Kind::Number),
    of_two(
        "pow",
        2,
        "pow(<number>, <exponent>)",
        "A number to the power of another",
        ("pow(2, 10)", "1024"),
        |_, a| apply_two(a, f64::powf),
    ),
    of_two(
        "round",
        1,
        "round(<number>, <decimals>)",
        "The number rounded to so many decimal places, none unless given, a half away from zero",
        ("round(2.555, 2)", "2.56"),
        round,
    )
    .check(decimal_places),
    Function::new(
        "sigfig",
        Arity::Between(1, 1),
        "sigfig(<expression>)",
        "A calculation's value rounded to the significant figures of the numbers in it",
        ("sigfig(1.00*1111)", "1110"),
        Kernel::Figures,
    )
    .gives(Kind::Number),
    of_one(
        "sqrt",
        "sqrt(<number>)",
        "The square root",
        ("sqrt(9)", "3"),
        |_, a| apply(a, f64::sqrt),
    ),
    Function::new(
        "sum",
        Arity::AtLeast(1),
        "sum(<number>, …)",
        "The sum of all numbers among the values, multivalues included",
        ("sum(1, 2, 3)", "6"),
        Kernel::Row(sum),
    )
    .gives(Kind::Number)
    .check(no_literal_text),
];

/// Applies a function to the first argument.
pub(super) fn apply(arguments: &[Operand], f: impl Fn(f64) -> f64) -> Operand {
    arguments
        .first()
        .map_or_else(Operand::null, |a| unary(&a.as_numbers(), f))
}

/// Applies a function to both arguments.
pub(super) fn apply_two(arguments: &[Operand], f: impl Fn(f64, f64) -> f64) -> Operand {
    match arguments {
        [a, b] => binary(&a.as_numbers(), &b.as_numbers(), f),
        _ => Operand::null(),
    }
}

fn log(_: &mut Call<'_>, arguments: &[Operand]) -> Operand {
    let logarithm = |x: f64, base: f64| match base {
        10.0 => x.log10(),
        2.0 => x.log2(),
        _ => x.log(base),
    };
    match arguments {
        [_] => apply(arguments, |x| logarithm(x, 10.0)),
        _ => apply_two(arguments, logarithm),
    }
}

fn round(call: &mut Call<'_>, arguments: &[Operand]) -> Operand {
    match arguments {
        [_] => apply(arguments, |x| round_to(x, 0)),
        // Negative places are refused where they are known; elsewhere there is no result.
        [a, Operand::Constant(decimals)] => match decimals.number() {
            Some(decimals) if decimals >= 0.0 => {
                unary(&a.as_numbers(), |x| round_to(x, decimals as i32))
            }
            _ => Operand::null(),
        },
        [a, decimals] => number_column((0..call.rows).map(|row| {
            let decimals = decimals.number(row).filter(|d| *d >= 0.0)?;
            Some(round_to(a.number(row)?, decimals as i32))
        })),
        _ => Operand::null(),
    }
}

/// Rounds to decimal places (negative: before the point), a half away from zero. What is a half in decimal is one
/// although its nearest float may lie below.
pub(super) fn round_to(x: f64, decimals: i32) -> f64 {
    if decimals > 300 || !x.is_finite() {
        return x;
    }
    let scale = 10f64.powi(decimals.abs());
    let scaled = if decimals >= 0 { x * scale } else { x / scale };
    if scaled.abs() >= 1e15 {
        return x;
    }
    let rounded = (scaled * (1.0 + 4.0 * f64::EPSILON)).round();
    if decimals >= 0 {
        rounded / scale
    } else {
        rounded * scale
    }
}

fn sum(_: &mut Call<'_>, values: &[Value]) -> Option<Value> {
    let numbers: Vec<f64> = super::statistical::numbers(values).collect();
    (!numbers.is_empty()).then(|| Value::Number(numbers.iter().sum()))
}

/// A text in quotes that spells no number is no argument of a calculation.
pub(super) fn numbers_only(arguments: &[Node]) -> Result<(), (usize, String)> {
    let text = |n: &Node| match n.constant() {
        Some(Value::Text(text)) if super::numbers::read(text).is_none() => Some(text.clone()),
        _ => None,
    };
    let mut texts = arguments.iter().enumerate();
    match texts.find_map(|(which, n)| Some((which, text(n)?))) {
        Some((which, text)) => Err((which, format!("the text \"{text}\" is no number"))),
        None => Ok(()),
    }
}

fn decimal_places(arguments: &[Node]) -> Result<(), (usize, String)> {
    numbers_only(arguments)?;
    let places = arguments.get(1).and_then(Node::constant);
    match places.and_then(Value::number) {
        Some(places) if places < 0.0 => Err((
            1,
            "the number of decimal places can't be negative".to_owned(),
        )),
        _ => Ok(()),
    }
}

/// A text in quotes is no number to add.
pub(super) fn no_literal_text(arguments: &[Node]) -> Result<(), (usize, String)> {
    match arguments
        .iter()
        .position(|n| n.kind == Kind::Text && n.constant().is_some())
    {
        Some(which) => Err((which, "a text in quotes can't be added up".to_owned())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{errors, on, shown};

    #[test]
    fn numbers_come_out_as_in_the_reference() {
        for (text, result) in [
            ("round(3.5)", "4"),
            ("round(-3.5)", "-4"),
            ("round(1234.5678, 3)", "1234.568"),
            ("round(exp(3), 3)", "20.086"),
            ("log(100)", "2"),
            ("sqrt(-1)", "nan"),
            ("sqrt(2)", "1.4142135623730951"),
            ("ln(0)", "-inf"),
            ("log(-1)", "nan"),
            ("5/0", ""),
            ("7%3", "1"),
            ("7%0", ""),
            ("10-4-3", "3"),
            ("12/3*2", "8"),
            ("7 . 2", "72"),
            ("\"4\"+\"5\"", "45"),
            ("0.1+0.2", "0.3"),
            ("-\"3\"", "-3"),
        ] {
            assert_eq!(shown(text), result, "{text}");
        }
    }

    #[test]
    fn fields_that_are_no_numbers_give_null() {
        let fields = [
            ("a", "7"),
            ("s", "abc"),
            ("t", "xyz"),
            ("m", "1|2"),
            ("n", "9"),
        ];
        for (text, result) in [
            ("a+n", "16"),
            ("a+s", ""),
            ("s+t", "abcxyz"),
            ("s-1", ""),
            ("a*m", ""),
            ("a.s", "7abc"),
            ("m.\"x\"", ""),
            ("abs(s)", ""),
            ("a+nofield", ""),
            ("sum(a, m, s, nofield)", "10"),
            ("round(a/3, 2)", "2.33"),
        ] {
            assert_eq!(on(text, &fields), result, "{text}");
        }
        assert_eq!(on("round(a/3, n)", &fields), "2.333333333");
        assert_eq!(on("round(a, -n)", &fields), "");
        assert_eq!(on("s % 1", &[("s", "NaN")]), "nan");
        for text in [
            "sum(1, \"3\")",
            "avg(1, \"3\")",
            "abs(\"x\")",
            "round(2, -1)",
            "pow(\"x\", 2)",
            "1-\"x\"",
            "\"x\"+1",
            "-\"x\"",
        ] {
            assert_eq!(errors(text), ["E0121"], "{text}");
        }
    }
}
