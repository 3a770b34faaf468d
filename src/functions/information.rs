//! Informational functions: takes values, tells what they are.

use super::call::Call;
use super::numbers::read;
use super::operand::Operand;
use super::{Arity, Function, Kernel, Kind};
use crate::data::{Column, Mask, Value};
use arrow_array::{Array, BooleanArray};

const fn test(
    name: &'static str,
    signature: &'static str,
    summary: &'static str,
    example: (&'static str, &'static str),
    kernel: fn(&mut Call<'_>, &[Value]) -> Option<Value>,
) -> Function {
    Function::new(
        name,
        Arity::Between(1, 1),
        signature,
        summary,
        example,
        Kernel::Row(kernel),
    )
    .gives(Kind::Boolean)
}

pub(super) static FUNCTIONS: &[Function] = &[
    test(
        "isarray",
        "isarray(<value>)",
        "Whether a value is a JSON array",
        (r#"if(isarray("[1,2]"), "yes", "no")"#, "yes"),
        |_, v| json_starts(v, b'['),
    ),
    test(
        "isbool",
        "isbool(<value>)",
        "Whether a value is a Boolean",
        (r#"if(isbool(1==2), "yes", "no")"#, "yes"),
        |_, v| yes(matches!(v, [Value::Bool(_)])),
    ),
    test(
        "isdouble",
        "isdouble(<value>)",
        "Whether a value is a number with a fraction",
        (r#"if(isdouble(3.5), "yes", "no")"#, "yes"),
        |call, v| yes(number(call, v).is_some_and(|n| n.fract() != 0.0)),
    ),
    test(
        "isint",
        "isint(<value>)",
        "Whether a value is an integer",
        (r#"if(isint(5), "yes", "no")"#, "yes"),
        |call, v| yes(number(call, v).is_some_and(|n| n.fract() == 0.0)),
    ),
    test(
        "ismv",
        "ismv(<value>)",
        "Whether a value has several values",
        (r#"if(ismv(split("a,b", ",")), "yes", "no")"#, "yes"),
        |_, v| yes(matches!(v, [Value::Multi(_)])),
    ),
    Function::new(
        "isnotnull",
        Arity::Between(1, 1),
        "isnotnull(<value>)",
        "Whether there is a value",
        (r#"if(isnotnull(nofield), "yes", "no")"#, "no"),
        Kernel::Column(isnotnull),
    )
    .gives(Kind::Boolean),
    Function::new(
        "isnull",
        Arity::Between(1, 1),
        "isnull(<value>)",
        "Whether there is no value",
        (r#"if(isnull(nofield), "yes", "no")"#, "yes"),
        Kernel::Column(isnull),
    )
    .gives(Kind::Boolean),
    test(
        "isnum",
        "isnum(<value>)",
        "Whether a value is a number, or a field's text that spells one",
        (r#"if(isnum("abc"), "yes", "no")"#, "no"),
        |call, v| yes(number(call, v).is_some()),
    ),
    test(
        "isobject",
        "isobject(<value>)",
        "Whether a value is a JSON object",
        (r#"if(isobject("{\"a\":1}"), "yes", "no")"#, "yes"),
        |_, v| json_starts(v, b'{'),
    ),
    test(
        "isstr",
        "isstr(<value>)",
        "Whether a value is text that spells no number; what is not a number is text as well",
        (r#"if(isstr("abc"), "yes", "no")"#, "yes"),
        |call, v| {
            yes(match number(call, v) {
                Some(number) => number.is_nan(),
                None => matches!(v, [Value::Text(_)]),
            })
        },
    ),
    Function::new(
        "typeof",
        Arity::Between(1, 1),
        "typeof(<value>)",
        "The type of a value: Number, String, Bool, Multivalue, or Invalid when there is none",
        ("typeof(12)", "Number"),
        Kernel::Row(type_of),
    )
    .gives(Kind::Text),
];

fn yes(answer: bool) -> Option<Value> {
    Some(Value::Bool(answer))
}

/// The number of a single argument; a text that is one by its kind (a literal) spells none.
fn number(call: &Call<'_>, values: &[Value]) -> Option<f64> {
    match values {
        [Value::Number(n)] => Some(*n),
        [Value::Text(t)] if call.kind(0) != Kind::Text => read(t),
        _ => None,
    }
}

fn json_starts(values: &[Value], first: u8) -> Option<Value> {
    let [Value::Text(text)] = values else {
        return yes(false);
    };
    yes(text.trim_start().as_bytes().first() == Some(&first) && super::json::parse(text).is_some())
}

fn type_of(call: &mut Call<'_>, values: &[Value]) -> Option<Value> {
    Some(Value::text(match values.first()? {
        Value::Null => "Invalid",
        Value::Bool(_) => "Bool",
        Value::Multi(_) => "Multivalue",
        _ if number(call, values).is_some() => "Number",
        _ => "String",
    }))
}

/// One bit an event: set when there is a value.
pub fn present(operand: &Operand, rows: usize) -> Mask {
    let column = match operand {
        Operand::Constant(value) => return BooleanArray::from(vec![!value.is_null(); rows]),
        Operand::Column(column) => column,
    };
    let nulls = match column {
        Column::Null(rows) => return BooleanArray::from(vec![false; *rows]),
        Column::Text(a) => a.nulls(),
        Column::Number(a) => a.nulls(),
        Column::Bool(a) => a.nulls(),
        Column::Multi(_) | Column::Mixed(_) => {
            return (0..rows).map(|row| Some(!column.is_null(row))).collect();
        }
    };
    match nulls {
        Some(nulls) => BooleanArray::new(nulls.inner().clone(), None),
        None => BooleanArray::from(vec![true; rows]),
    }
}

fn isnotnull(call: &mut Call<'_>, arguments: &[Operand]) -> Operand {
    arguments
        .first()
        .map_or_else(Operand::null, |a| Operand::bools(present(a, call.rows)))
}

fn isnull(call: &mut Call<'_>, arguments: &[Operand]) -> Operand {
    arguments.first().map_or_else(Operand::null, |a| {
        Operand::bools(super::logic::not(&present(a, call.rows)))
    })
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{on, shown};

    #[test]
    fn types_are_told() {
        assert_eq!(
            shown("typeof(12) + typeof(\"string\") + typeof(1==2) + typeof(badfield)"),
            "NumberStringBoolInvalid"
        );
        let fields = [("n", "42"), ("s", "x"), ("e", ""), ("m", "a|b")];
        for (text, result) in [
            ("isnum(n)", "True"),
            ("isnum(\"42\")", "False"),
            ("isstr(n)", "False"),
            ("isstr(s)", "True"),
            ("isint(5.5)", "False"),
            ("isnull(e)", "False"),
            ("isnotnull(m)", "True"),
            ("isnull(nofield)", "True"),
            ("ismv(m)", "True"),
            ("isarray(1)", "False"),
        ] {
            assert_eq!(on(&format!("tostring({text})"), &fields), result, "{text}");
        }
    }
}
