//! Comparison and conditional functions: takes truths and values as columns, gives the chosen values.

use super::call::{Call, Prepared};
use super::logic;
use super::operand::Operand;
use super::{Arity, Cidr, Function, Kernel, Kind, LikeMatcher, Prepare, compare, truth};
use crate::data::{Column, Mixed, Value};
use crate::syntax::Comparator;
use arrow_array::{Array, BooleanArray, Datum, Float64Array, Scalar, StringViewArray};
use std::sync::Arc;

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new(
        "case",
        Arity::Pairs(0),
        "case(<condition>, <value>, …)",
        "The value after the first condition that is true, null when none is",
        (r#"case(1==2, "a", 1==1, "b")"#, "b"),
        Kernel::Column(case),
    )
    .check(truth::every_other)
    .passes(|i| i % 2 == 1),
    Function::new(
        "cidrmatch",
        Arity::Between(2, 2),
        "cidrmatch(<network>, <address>)",
        "Whether an IPv4 or IPv6 address is in a network",
        (
            r#"if(cidrmatch("192.0.2.0/24", "192.0.2.56"), "in", "out")"#,
            "in",
        ),
        Kernel::Column(cidrmatch),
    )
    .gives(Kind::Boolean)
    .prepare(Prepare::Cidr(0)),
    Function::new(
        "coalesce",
        Arity::AtLeast(1),
        "coalesce(<value>, …)",
        "The first value that is not null",
        (r#"coalesce(null(), "b", "c")"#, "b"),
        Kernel::Column(coalesce),
    )
    .passes(|_| true),
    Function::new(
        "false",
        Arity::Between(0, 0),
        "false()",
        "False",
        (r#"if(false(), "a", "b")"#, "b"),
        Kernel::Column(|_, _| Operand::Constant(Value::Bool(false))),
    )
    .gives(Kind::Boolean),
    Function::new(
        "if",
        Arity::Between(3, 3),
        "if(<condition>, <value>, <otherwise>)",
        "The second argument when the first is true, else the third",
        (r#"if(1>2, "more", "less")"#, "less"),
        Kernel::Column(if_else),
    )
    .check(truth::first)
    .passes(|i| i > 0),
    Function::new(
        "in",
        Arity::AtLeast(2),
        "in(<value>, <candidate>, …)",
        "Whether a value equals one of several, wildcards not counting",
        (r#"if(in("b", "a", "b"), "yes", "no")"#, "yes"),
        Kernel::Column(in_list),
    )
    .gives(Kind::Boolean),
    Function::new(
        "like",
        Arity::Between(2, 2),
        "like(<text>, <pattern>)",
        "Whether a whole text fits a pattern, % for any run of characters and _ for one",
        (r#"if(like("web12", "web%"), "yes", "no")"#, "yes"),
        Kernel::Column(like_function),
    )
    .gives(Kind::Boolean)
    .prepare(Prepare::Like(1)),
    Function::new(
        "lookup",
        Arity::Between(3, 3),
        "lookup(<table>, <json_object>, <json_array>)",
        "Output fields of a lookup table as a JSON object",
        (
            r#"lookup("a.csv", json_object("k", k), json_array("v"))"#,
            "",
        ),
        Kernel::Lookup,
    )
    .gives(Kind::Json),
    Function::new(
        "match",
        Arity::Between(2, 2),
        "match(<text>, <regex>)",
        "Whether a regular expression matches somewhere in a text",
        (r#"if(match("/api/v2", "v\d"), "yes", "no")"#, "yes"),
        Kernel::Column(matches),
    )
    .gives(Kind::Boolean)
    .prepare(Prepare::Pattern(1)),
    Function::new(
        "null",
        Arity::Between(0, 0),
        "null()",
        "No value",
        ("null()", ""),
        Kernel::Column(|_, _| Operand::null()),
    ),
    Function::new(
        "nullif",
        Arity::Between(2, 2),
        "nullif(<value>, <other>)",
        "Null when both are equal, else the first",
        (r#"nullif("a", "b")"#, "a"),
        Kernel::Column(nullif),
    )
    .passes(|i| i == 0),
    Function::new(
        "searchmatch",
        Arity::Between(1, 1),
        "searchmatch(<search>)",
        "Whether the event matches a search",
        (r#"if(searchmatch("status=500"), "yes", "no")"#, "no"),
        Kernel::Search,
    )
    .gives(Kind::Boolean),
    Function::new(
        "true",
        Arity::Between(0, 0),
        "true()",
        "True",
        (r#"if(true(), "a", "b")"#, "a"),
        Kernel::Column(|_, _| Operand::Constant(Value::Bool(true))),
    )
    .gives(Kind::Boolean),
    Function::new(
        "validate",
        Arity::Pairs(0),
        "validate(<condition>, <value>, …)",
        "The value after the first condition that is false, null when none is",
        (r#"validate(1==1, "a", 1==2, "b")"#, "b"),
        Kernel::Column(validate),
    )
    .check(truth::every_other)
    .passes(|i| i % 2 == 1),
];

/// The value of `yes` where the mask is set, that of `no` elsewhere.
fn select(mask: &BooleanArray, yes: &Operand, no: &Operand) -> Operand {
    let rows = mask.len();
    if mask.true_count() == rows && rows > 0 {
        return yes.clone();
    }
    if mask.true_count() == 0 && rows > 0 {
        return no.clone();
    }
    match (Side::of(yes), Side::of(no)) {
        (Some(a), Some(b)) => zip(mask, a, b),
        _ => None,
    }
    .or_else(|| number_or_text(mask, yes, no))
    .unwrap_or_else(|| by_row(mask, yes, no))
}

/// Numbers on one side, text on the other: each kind is chosen by itself.
fn number_or_text(mask: &BooleanArray, yes: &Operand, no: &Operand) -> Option<Operand> {
    let (yes_number, yes_text) = Side::of(yes)?.by_kind()?;
    let (no_number, no_text) = Side::of(no)?.by_kind()?;
    let rows = mask.len();
    let numbers = zip(mask, yes_number, no_number)?.into_column(rows);
    let texts = zip(mask, yes_text, no_text)?.into_column(rows);
    let Column::Number(numbers) = numbers else {
        return None;
    };
    Some(Operand::Column(Mixed::column(numbers, texts)))
}

fn by_row(mask: &BooleanArray, yes: &Operand, no: &Operand) -> Operand {
    Operand::Column(Column::from_values((0..mask.len()).map(|row| {
        if mask.value(row) {
            yes.value(row)
        } else {
            no.value(row)
        }
    })))
}

/// One side of a selection as Arrow sees it.
enum Side {
    Null,
    Scalar(Arc<dyn Array>),
    Array(Arc<dyn Array>),
}

impl Side {
    fn of(operand: &Operand) -> Option<Side> {
        Some(match operand {
            Operand::Constant(Value::Null) | Operand::Column(Column::Null(_)) => Side::Null,
            Operand::Constant(Value::Number(n)) => {
                Side::Scalar(Arc::new(Float64Array::from(vec![*n])))
            }
            Operand::Constant(Value::Bool(b)) => {
                Side::Scalar(Arc::new(BooleanArray::from(vec![*b])))
            }
            Operand::Constant(Value::Text(t)) => {
                Side::Scalar(Arc::new(StringViewArray::from_iter_values([t])))
            }
            Operand::Constant(Value::Multi(_)) => return None,
            Operand::Column(Column::Multi(_) | Column::Mixed(_)) => return None,
            Operand::Column(column) => Side::Array(column.array()?),
        })
    }

    /// Itself among the numbers and nothing among the texts, or the other way round.
    fn by_kind(self) -> Option<(Side, Side)> {
        let array = self.array()?;
        let array = array.as_any();
        if array.is::<Float64Array>() {
            return Some((self, Side::Null));
        }
        array.is::<StringViewArray>().then_some((Side::Null, self))
    }

    /// As data of the same kind as the other side.
    fn datum(self, other: &arrow_array::ArrayRef) -> Box<dyn Datum> {
        match self {
            Side::Null => Box::new(Scalar::new(arrow_array::new_null_array(
                other.data_type(),
                1,
            ))),
            Side::Scalar(array) => Box::new(Scalar::new(array)),
            Side::Array(array) => Box::new(array),
        }
    }

    fn array(&self) -> Option<arrow_array::ArrayRef> {
        match self {
            Side::Null => None,
            Side::Scalar(array) | Side::Array(array) => Some(array.clone()),
        }
    }
}

fn zip(mask: &BooleanArray, yes: Side, no: Side) -> Option<Operand> {
    let Some(model) = yes.array().or_else(|| no.array()) else {
        return Some(Operand::null());
    };
    let other = no.array().unwrap_or_else(|| model.clone());
    if model.data_type() != other.data_type() {
        return None;
    }
    let (yes, no) = (yes.datum(&model), no.datum(&model));
    let array = arrow_select::zip::zip(mask, yes.as_ref(), no.as_ref()).ok()?;
    let any = array.as_any();
    if let Some(a) = any.downcast_ref::<StringViewArray>() {
        return Some(Operand::Column(Column::Text(a.clone())));
    }
    if let Some(a) = any.downcast_ref::<Float64Array>() {
        return Some(Operand::numbers(a.clone()));
    }
    any.downcast_ref::<BooleanArray>()
        .map(|a| Operand::bools(a.clone()))
}

fn if_else(call: &mut Call<'_>, arguments: &[Operand]) -> Operand {
    let [condition, yes, no] = arguments else {
        return Operand::null();
    };
    select(&logic::certain(&condition.truths(call.rows)), yes, no)
}

fn case(call: &mut Call<'_>, arguments: &[Operand]) -> Operand {
    arguments
        .chunks_exact(2)
        .rev()
        .fold(Operand::null(), |rest, pair| match pair {
            [condition, value] => {
                select(&logic::certain(&condition.truths(call.rows)), value, &rest)
            }
            _ => rest,
        })
}

fn validate(call: &mut Call<'_>, arguments: &[Operand]) -> Operand {
    arguments
        .chunks_exact(2)
        .rev()
        .fold(Operand::null(), |rest, pair| match pair {
            [condition, value] => {
                let fails = logic::not(&condition.truths(call.rows));
                select(&logic::certain(&fails), value, &rest)
            }
            _ => rest,
        })
}

fn coalesce(call: &mut Call<'_>, arguments: &[Operand]) -> Operand {
    arguments.iter().rev().fold(Operand::null(), |rest, value| {
        select(&super::information::present(value, call.rows), value, &rest)
    })
}

fn nullif(call: &mut Call<'_>, arguments: &[Operand]) -> Operand {
    let [a, b] = arguments else {
        return Operand::null();
    };
    let equal = compare::compare(Comparator::Equal, a, b, false, call.rows);
    select(
        &logic::certain(&equal.truths(call.rows)),
        &Operand::null(),
        a,
    )
}

fn in_list(call: &mut Call<'_>, arguments: &[Operand]) -> Operand {
    let Some((value, list)) = arguments.split_first() else {
        return Operand::null();
    };
    let texts: Vec<bool> = (1..arguments.len())
        .map(|i| call.kind(0) == Kind::Text && call.kind(i) == Kind::Text)
        .collect();
    compare::is_in(value, list, &texts, call.rows)
}

/// Tests the text of each event; of a multivalue one text that passes is enough. Null stays null.
fn test_texts(
    operand: &Operand,
    rows: usize,
    mut test: impl FnMut(&str) -> Option<bool>,
) -> Operand {
    if let Operand::Constant(value) = operand {
        let mut results = value.to_texts().into_iter().map(|t| test(&t));
        let first = results.next().flatten();
        let found = first.map(|f| f || results.any(|r| r == Some(true)));
        return Operand::Constant(found.map_or(Value::Null, Value::Bool));
    }
    if let Some(array) = operand.text_array() {
        return Operand::bools(array.iter().map(|text| text.and_then(&mut test)).collect());
    }
    let results = (0..rows).map(|row| {
        let mut any = None;
        for text in operand.texts(row) {
            match test(&text) {
                Some(true) => return Some(true),
                other => any = any.or(other),
            }
        }
        any
    });
    Operand::bools(results.collect())
}

fn like_function(call: &mut Call<'_>, arguments: &[Operand]) -> Operand {
    let [text, pattern] = arguments else {
        return Operand::null();
    };
    if let Prepared::Like(matcher) = call.prepared {
        return test_texts(text, call.rows, |t| Some(matcher.matches(t)));
    }
    let results = (0..call.rows).map(|row| {
        let matcher = LikeMatcher::new(&pattern.text(row)?);
        let texts = text.texts(row);
        (!texts.is_empty()).then(|| texts.iter().any(|t| matcher.matches(t)))
    });
    Operand::bools(results.collect())
}

fn matches(call: &mut Call<'_>, arguments: &[Operand]) -> Operand {
    let [text, pattern] = arguments else {
        return Operand::null();
    };
    let rows = call.rows;
    if let Prepared::Pattern(prepared) = call.prepared {
        return test_texts(text, rows, |t| call.check(prepared.is_match(t)));
    }
    let mut results = Vec::with_capacity(rows);
    for row in 0..rows {
        let compiled = pattern.text(row).and_then(|p| call.pattern(&p));
        let texts = text.texts(row);
        results.push(compiled.filter(|_| !texts.is_empty()).map(|compiled| {
            texts
                .iter()
                .any(|t| call.check(compiled.is_match(t)) == Some(true))
        }));
    }
    Operand::bools(BooleanArray::from(results))
}

fn cidrmatch(call: &mut Call<'_>, arguments: &[Operand]) -> Operand {
    let [network, address] = arguments else {
        return Operand::null();
    };
    if let Prepared::Cidr(cidr) = call.prepared {
        return test_texts(address, call.rows, |t| Some(cidr.contains(t) == Some(true)));
    }
    let results = (0..call.rows).map(|row| {
        let cidr = Cidr::parse(&network.text(row)?);
        let addresses = address.texts(row);
        let inside = |t: &str| cidr.is_some_and(|c| c.contains(t) == Some(true));
        (!addresses.is_empty()).then(|| addresses.iter().any(|t| inside(t)))
    });
    Operand::bools(results.collect())
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::on;

    #[test]
    fn conditions_choose() {
        let fields = [
            ("a", "7"),
            ("s", "abc"),
            ("m", "a|b"),
            ("ip", "192.0.3.9"),
            ("net", "192.0.3.0/24"),
        ];
        for (text, result) in [
            ("if(nofield==200, \"OK\", \"Problem\")", "Problem"),
            ("if(a==7, 1, 0)+10", "11"),
            ("if(a==7, a, s)", "7"),
            ("if(a==8, 1, s)", "abc"),
            ("case(a<5, \"x\", a<10, \"y\", a<20, \"z\")", "y"),
            ("case(nofield==1, \"x\")", ""),
            ("case(a==7, m)", "a, b"),
            ("coalesce(nofield, s)", "abc"),
            ("coalesce(nofield, m)", "a, b"),
            ("coalesce(nofield, 3)", "3"),
            ("nullif(s, \"abc\")", ""),
            ("nullif(s, a)", "abc"),
            ("validate(a>1, \"low\", a>10, \"high\")", "high"),
            ("if(m=\"b\", 1, 0)", "1"),
            ("if(in(a, 5, \"7\"), 1, 0)", "1"),
            ("if(a IN (5, 6), 1, 0)", "0"),
            ("if(in(s, \"a*\"), 1, 0)", "0"),
            ("if(s LIKE \"a%\", 1, 0)", "1"),
            ("if(like(s, \"A%\"), 1, 0)", "0"),
            ("if(like(s, substr(s, 1, 1).\"%\"), 1, 0)", "1"),
            ("if(match(s, \"B\"), 1, 0)", "0"),
            ("if(match(s, \"(?i)B\"), 1, 0)", "1"),
            ("if(match(s, substr(s, 2, 1)), 1, 0)", "1"),
            ("if(cidrmatch(net, ip), 1, 0)", "1"),
            ("if(cidrmatch(\"10.0.0.0/8\", s), 1, 0)", "0"),
            ("if(NOT nofield=1, 1, 0)", "0"),
            ("if(nofield=1 OR a=7, 1, 0)", "1"),
            ("if(a=7 XOR s=\"abc\", 1, 0)", "0"),
        ] {
            assert_eq!(on(text, &fields), result, "{text}");
        }
    }

    #[test]
    fn comparisons_are_numeric_for_numbers_only() {
        let fields = [
            ("a", "10"),
            ("b", "9"),
            ("c", "1.0"),
            ("s", "abc"),
            ("t", "Z"),
        ];
        for (text, result) in [
            ("a>b", "True"),
            ("a>9", "True"),
            ("10>b", "True"),
            ("c=1", "True"),
            ("c=\"1\"", "True"),
            ("s>t", "True"),
            ("s>5", "True"),
            ("s=\"ABC\"", "False"),
            ("s!=\"x\"", "True"),
            ("nofield!=1", ""),
            ("\"10\"<\"9\"", "True"),
        ] {
            assert_eq!(on(&format!("tostring({text})"), &fields), result, "{text}");
        }
    }
}
