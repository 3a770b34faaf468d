//! Conversion functions: takes values of one kind, gives them as another.

use super::arithmetic::build_texts;
use super::call::Call;
use super::node::Node;
use super::numbers::read;
use super::operand::{Operand, number_column, text_column};
use super::{Arity, Function, Kernel, Kind, json, printf};
use crate::data::time::format_duration;
use crate::data::{Column, Value, format_number};
use std::borrow::Cow;
use std::net::Ipv4Addr;

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new(
        "ipmask",
        Arity::Between(2, 2),
        "ipmask(<mask>, <address>)",
        "The bits of an IPv4 address that a mask lets through",
        (r#"ipmask("255.255.255.0", "10.20.30.120")"#, "10.20.30.0"),
        Kernel::Row(ipmask),
    ),
    Function::new(
        "printf",
        Arity::AtLeast(1),
        "printf(<format>, <value>, …)",
        "Values written by a format as of C's sprintf",
        (r#"printf("%04d %.2f %s", 7, 3.14159, "x")"#, "0007 3.14 x"),
        Kernel::Row(printf::printf),
    ),
    Function::new(
        "toarray",
        Arity::Between(1, 1),
        "toarray(<value>)",
        "A multivalue or the text of a JSON array as a JSON array",
        (r#"toarray(split("1,2", ","))"#, "[1,2]"),
        Kernel::Row(toarray),
    )
    .gives(Kind::Json),
    Function::new(
        "tobool",
        Arity::Between(1, 1),
        "tobool(<value>)",
        "The texts true and false, and numbers, as Booleans",
        (r#"if(tobool("true"), "yes", "no")"#, "yes"),
        Kernel::Row(tobool),
    )
    .gives(Kind::Boolean),
    Function::new(
        "todouble",
        Arity::Between(1, 2),
        "todouble(<value>, <base>)",
        "The number that a value is or spells",
        (r#"todouble("16.25")"#, "16.25"),
        Kernel::Row(|_, v| to_number(v).map(Value::Number)),
    )
    .gives(Kind::Number),
    Function::new(
        "toint",
        Arity::Between(1, 2),
        "toint(<value>, <base>)",
        "The number that a value is or spells, rounded down",
        ("toint(3.94)", "3"),
        Kernel::Row(|_, v| to_number(v).map(|n| Value::Number(n.floor()))),
    )
    .gives(Kind::Number),
    Function::new(
        "tomv",
        Arity::Between(1, 1),
        "tomv(<value>)",
        "The elements of a JSON array, quotes kept, as a multivalue",
        (r#"tomv(json_array("a", 1))"#, r#""a", 1"#),
        Kernel::Row(tomv),
    ),
    Function::new(
        "tonumber",
        Arity::Between(1, 2),
        "tonumber(<text>, <base>)",
        "The number that a text spells, to base 10 unless given; blanks around it make it none",
        (r#"tonumber("0A4", 16)"#, "164"),
        Kernel::Column(tonumber),
    )
    .gives(Kind::Number)
    .check(spells_a_number),
    Function::new(
        "toobject",
        Arity::Between(1, 1),
        "toobject(<value>)",
        "The text of a JSON object as a JSON object",
        (r#"toobject("{\"a\": 1}")"#, r#"{"a":1}"#),
        Kernel::Row(toobject),
    )
    .gives(Kind::Json),
    Function::new(
        "tostring",
        Arity::Between(1, 2),
        "tostring(<value>, <format>)",
        "The value as text; a number also as binary, hex, commas or duration",
        (r#"tostring(12345.6789, "commas")"#, "12,345.68"),
        Kernel::Column(tostring),
    )
    .gives(Kind::Text)
    .check(known_format),
];

fn ipmask(_: &mut Call<'_>, values: &[Value]) -> Option<Value> {
    let address = |v: &Value| v.to_text()?.parse::<Ipv4Addr>().ok();
    let [mask, ip] = values else { return None };
    Some(Value::Text((address(mask)? & address(ip)?).to_string()))
}

fn tonumber(call: &mut Call<'_>, arguments: &[Operand]) -> Operand {
    if let [Operand::Column(Column::Number(array))] = arguments {
        return Operand::numbers(array.clone());
    }
    if let Some((array, [])) = arguments
        .split_first()
        .and_then(|(a, rest)| Some((a.text_array()?, rest)))
    {
        return number_column(array.iter().map(|t| t.and_then(strict)));
    }
    number_column((0..call.rows).map(|row| {
        let values: Vec<Value> = arguments.iter().map(|a| a.value(row)).collect();
        to_number(&values)
    }))
}

/// The number that a text spells with no blanks around it.
fn strict(text: &str) -> Option<f64> {
    let blank = |b: Option<&u8>| b.is_some_and(u8::is_ascii_whitespace);
    if blank(text.as_bytes().first()) || blank(text.as_bytes().last()) {
        return None;
    }
    read(text)
}

fn to_number(values: &[Value]) -> Option<f64> {
    let base = match values.get(1) {
        Some(base) => base.number()?,
        None => 10.0,
    };
    match values.first()? {
        Value::Number(n) if base == 10.0 => Some(*n),
        Value::Number(n) => digits(&format_number(*n), base),
        Value::Text(text) if base == 10.0 => strict(text),
        Value::Text(text) => digits(text, base),
        _ => None,
    }
}

fn is_base(base: f64) -> bool {
    (2.0..=36.0).contains(&base) && base.fract() == 0.0
}

fn digits(text: &str, base: f64) -> Option<f64> {
    if !is_base(base) {
        return None;
    }
    let base = base as u32;
    let (sign, digits) = text.strip_prefix('-').map_or((1.0, text), |t| (-1.0, t));
    let prefix: &[&str] = match base {
        16 => &["0x", "0X"],
        2 => &["0b", "0B"],
        8 => &["0o"],
        _ => &[],
    };
    let digits = prefix
        .iter()
        .find_map(|p| digits.strip_prefix(p))
        .unwrap_or(digits);
    if digits.is_empty() {
        return None;
    }
    let mut number = 0.0;
    for c in digits.chars() {
        number = number * f64::from(base) + f64::from(c.to_digit(base)?);
    }
    Some(sign * number)
}

fn spells_a_number(arguments: &[Node]) -> Result<(), (usize, String)> {
    let values: Option<Vec<Value>> = arguments.iter().map(|n| n.constant().cloned()).collect();
    match values {
        Some(values)
            if matches!(values.first(), Some(Value::Text(_))) && to_number(&values).is_none() =>
        {
            let text = values.first().and_then(Value::to_text).unwrap_or_default();
            match values.get(1).map(Value::number) {
                Some(base) if !base.is_some_and(is_base) => {
                    Err((1, "a base is an integer from 2 to 36".to_owned()))
                }
                _ => Err((0, format!("`{text}` is no number"))),
            }
        }
        _ => Ok(()),
    }
}

const FORMATS: [&str; 4] = ["binary", "hex", "commas", "duration"];

fn known_format(arguments: &[Node]) -> Result<(), (usize, String)> {
    let Some(format) = arguments
        .get(1)
        .and_then(Node::constant)
        .and_then(Value::to_text)
    else {
        return Ok(());
    };
    if FORMATS.contains(&&*format) {
        return Ok(());
    }
    Err((
        1,
        format!(
            "`{format}` is no format; the formats are {}",
            FORMATS.join(", ")
        ),
    ))
}

fn tostring(call: &mut Call<'_>, arguments: &[Operand]) -> Operand {
    let Some(value) = arguments.first() else {
        return Operand::null();
    };
    let Some(format) = arguments.get(1) else {
        if let Operand::Column(Column::Text(_)) = value {
            return value.clone();
        }
        return build_texts(call.rows, |row, out| value.write(row, out));
    };
    // The format is for numbers: what is text by its kind stays.
    let text = call.kind(0) == Kind::Text;
    text_column((0..call.rows).map(|row| match value.number(row) {
        Some(number) if !text => formatted(number, &format.text(row)?).map(Cow::Owned),
        _ => value.text(row),
    }))
}

fn formatted(number: f64, format: &str) -> Option<String> {
    match format {
        "hex" => whole(number).map(|n| format!("0x{n:X}")),
        "binary" => whole(number).map(|n| format!("{n:b}")),
        "duration" => Some(format_duration(number)),
        "commas" => Some(commas(number)),
        _ => None,
    }
}

fn whole(number: f64) -> Option<u64> {
    (0.0..9_007_199_254_740_992.0)
        .contains(&number)
        .then_some(number as u64)
}

/// Thousands separated; two decimal places when there is a fraction.
fn commas(number: f64) -> String {
    let text = if number.fract() == 0.0 {
        format!("{:.0}", number.abs())
    } else {
        format!("{:.2}", super::math::round_to(number.abs(), 2))
    };
    let (digits, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut out = String::from(if number < 0.0 { "-" } else { "" });
    out.push_str(&separated(digits));
    out.push_str(fraction);
    out
}

/// Digits with a comma between each three.
pub(super) fn separated(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A text that is one by its kind spells no number.
fn tobool(call: &mut Call<'_>, values: &[Value]) -> Option<Value> {
    let truth = match values.first()? {
        Value::Bool(truth) => *truth,
        Value::Number(number) => *number != 0.0,
        Value::Text(text) => match text.as_str() {
            "true" | "True" => true,
            "false" | "False" => false,
            text if call.kind(0) != Kind::Text => read(text)? != 0.0,
            _ => return None,
        },
        _ => return None,
    };
    Some(Value::Bool(truth))
}

fn toarray(_: &mut Call<'_>, values: &[Value]) -> Option<Value> {
    match values.first()? {
        Value::Multi(texts) => Some(Value::Text(json::infer_array(
            texts.iter().map(String::as_str),
        ))),
        Value::Text(text) => json::parse(text)
            .filter(serde_json::Value::is_array)
            .map(|array| json::value(plain_numbers(array))),
        _ => None,
    }
}

/// The elements of an array with their numbers as Splunk shows them: 1.00 is 1.
fn plain_numbers(json: serde_json::Value) -> serde_json::Value {
    use serde_json::Value as Json;
    match json {
        Json::Number(n) => read(&n.to_string())
            .and_then(|n| json::parse(&format_number(n)))
            .unwrap_or(Json::Number(n)),
        Json::Array(items) => Json::Array(items.into_iter().map(plain_numbers).collect()),
        other => other,
    }
}

fn toobject(_: &mut Call<'_>, values: &[Value]) -> Option<Value> {
    match values.first()? {
        Value::Text(text) => json::parse(text)
            .filter(serde_json::Value::is_object)
            .map(json::value),
        _ => None,
    }
}

fn tomv(_: &mut Call<'_>, values: &[Value]) -> Option<Value> {
    match values.first()? {
        multi @ Value::Multi(_) => Some(multi.clone()),
        Value::Text(text) => match json::parse(text)? {
            serde_json::Value::Array(items) => Some(Value::multi(
                items.iter().map(ToString::to_string).collect(),
            )),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{errors, on, shown};

    #[test]
    fn conversions_come_out_as_in_the_reference() {
        for (text, result) in [
            ("tonumber(\"42\")+1", "43"),
            ("tonumber(\"0101\", 2)", "5"),
            ("tostring(15, \"hex\")", "0xF"),
            ("tostring(9, \"binary\")", "1001"),
            ("tostring(1234567, \"commas\")", "1,234,567"),
            ("tostring(-1234.5, \"commas\")", "-1,234.50"),
            ("tostring(615, \"duration\")", "00:10:15"),
            ("tostring(100000, \"duration\")", "1+03:46:40"),
            (
                "tostring(1==1)+\" \"+tostring(15,\"hex\")+\" \"+tostring(12345.6789,\"commas\")",
                "True 0xF 12,345.68",
            ),
            ("tostring(1)+tostring(2)", "12"),
            ("toarray(\"somefield\")", ""),
            ("toarray(\"[\\\"a\\\", 1.00, 1.75]\")", "[\"a\",1,1.75]"),
            ("tostring(\"5\", \"binary\")", "5"),
            ("toint(\"24\")", "24"),
            ("ipmask(\"0.255.0.224\", \"10.20.30.120\")", "0.20.0.96"),
        ] {
            assert_eq!(shown(text), result, "{text}");
        }
        assert_eq!(errors("tostring(1, \"octal\")"), ["E0121"]);
    }

    #[test]
    fn fields_that_spell_no_number_are_null() {
        let fields = [
            ("s", " 5 "),
            ("t", "x"),
            ("n", "7"),
            ("h", "ff"),
            ("d", "3661"),
        ];
        for (text, result) in [
            ("tonumber(s)", ""),
            ("tonumber(trim(s))", "5"),
            ("tonumber(t)", ""),
            ("tonumber(n)", "7"),
            ("tonumber(h, 16)", "255"),
            ("tostring(d, \"duration\")", "01:01:01"),
            ("tostring(t, \"hex\")", "x"),
            ("tostring(nofield)", ""),
        ] {
            assert_eq!(on(text, &fields), result, "{text}");
        }
    }
}
