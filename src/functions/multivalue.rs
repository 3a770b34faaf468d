//! Multivalue functions: takes the values of a field, gives multivalues, single values and counts.

use super::call::Call;
use super::numbers::read;
use super::operand::{Operand, number_column};
use super::{Arity, Function, Kernel, Kind, Prepare};
use crate::data::time::{Modifier, TimeSpan, Timestamp};
use crate::data::{ColumnBuilder, Value, format_number};

/// Values that `mvrange` may make; more stop the run.
const LARGEST_RANGE: usize = 1_000_000;

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new(
        "commands",
        Arity::Between(1, 1),
        "commands(<search>)",
        "The names of the commands of a search",
        (
            r#"commands("search foo | stats count | sort count")"#,
            "search, stats, sort",
        ),
        Kernel::Row(commands),
    ),
    Function::new(
        "mvappend",
        Arity::AtLeast(1),
        "mvappend(<value>, …)",
        "All values in one multivalue",
        (r#"mvappend("a", "b")"#, "a, b"),
        Kernel::Row(|_, v| Some(Value::multi(v.iter().flat_map(texts).collect()))),
    ),
    Function::new(
        "mvcount",
        Arity::Between(1, 1),
        "mvcount(<values>)",
        "The number of values, null when there is none",
        (r#"mvcount(split("a,b,c", ","))"#, "3"),
        Kernel::Column(mvcount),
    )
    .gives(Kind::Number),
    Function::new(
        "mvdedup",
        Arity::Between(1, 1),
        "mvdedup(<values>)",
        "The values without repetitions",
        (r#"mvdedup(split("a,b,a", ","))"#, "a, b"),
        Kernel::Row(mvdedup),
    ),
    Function::new(
        "mvfilter",
        Arity::Between(1, 1),
        "mvfilter(<condition>)",
        "The values of the one field in a condition for which it is true",
        (r#"coalesce(mvfilter(match(nofield, "a")), "none")"#, "none"),
        Kernel::PerValue,
    ),
    Function::new(
        "mvfind",
        Arity::Between(2, 2),
        "mvfind(<values>, <regex>)",
        "The position of the first value that matches a regular expression, counted from 0",
        (r#"mvfind(split("a,err1", ","), "err\d+")"#, "1"),
        Kernel::Row(mvfind),
    )
    .gives(Kind::Number)
    .prepare(Prepare::Pattern(1)),
    Function::new(
        "mvindex",
        Arity::Between(2, 3),
        "mvindex(<values>, <start>, <end>)",
        "The value at a position, or those up to and including an end, from 0 or negative from the last",
        (r#"mvindex(split("a,b,c", ","), -2, -1)"#, "b, c"),
        Kernel::Column(mvindex),
    ),
    Function::new(
        "mvjoin",
        Arity::Between(2, 2),
        "mvjoin(<values>, <delimiter>)",
        "The values joined into one text",
        (r#"mvjoin(mvrange(1, 4), " OR ")"#, "1 OR 2 OR 3"),
        Kernel::Row(mvjoin),
    ),
    Function::new(
        "mvmap",
        Arity::Between(2, 2),
        "mvmap(<values>, <expression>)",
        "What an expression gives for each value of a field",
        (r#"coalesce(mvmap(nofield, nofield*10), "none")"#, "none"),
        Kernel::PerValue,
    ),
    Function::new(
        "mvrange",
        Arity::Between(2, 3),
        "mvrange(<start>, <end>, <step>)",
        "Numbers from a start to before an end; a step may be a time span",
        ("mvrange(1, 11, 2)", "1, 3, 5, 7, 9"),
        Kernel::Row(mvrange),
    ),
    Function::new(
        "mvreverse",
        Arity::Between(1, 1),
        "mvreverse(<values>)",
        "The values in reverse order",
        (r#"mvreverse(split("1,2,3", ","))"#, "3, 2, 1"),
        Kernel::Row(|_, v| Some(Value::multi(texts(v.first()?).into_iter().rev().collect()))),
    ),
    Function::new(
        "mvsort",
        Arity::Between(1, 1),
        "mvsort(<values>)",
        "The values in lexicographic order",
        (r#"mvsort(split("b,10,B,9", ","))"#, "10, 9, B, b"),
        Kernel::Row(mvsort),
    ),
    Function::new(
        "mvzip",
        Arity::Between(2, 3),
        "mvzip(<left>, <right>, <delimiter>)",
        "The values of two fields in pairs, with a comma between them unless given",
        (
            r#"mvzip(split("h1,h2", ","), split("80,443", ","), ":")"#,
            "h1:80, h2:443",
        ),
        Kernel::Row(mvzip),
    ),
    Function::new(
        "split",
        Arity::Between(2, 2),
        "split(<text>, <delimiter>)",
        "The parts of a text between delimiters, its characters when the delimiter is empty",
        (r#"split("a;b;c", ";")"#, "a, b, c"),
        Kernel::Column(split),
    ),
];

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Multi(texts) => texts.clone(),
        other => other
            .to_text()
            .into_iter()
            .map(|t| t.into_owned())
            .collect(),
    }
}

fn commands(_: &mut Call<'_>, values: &[Value]) -> Option<Value> {
    let text = values.first()?.to_text()?;
    let (pipeline, _) = crate::syntax::parse_pipeline(&text, 0);
    let names = pipeline?
        .stages
        .into_iter()
        .map(|s| s.name.node.to_lowercase());
    Some(Value::multi(names.collect()))
}

fn mvcount(call: &mut Call<'_>, arguments: &[Operand]) -> Operand {
    let Some(values) = arguments.first() else {
        return Operand::null();
    };
    number_column((0..call.rows).map(|row| {
        let count = match values {
            Operand::Column(column) => column.count(row),
            Operand::Constant(value) => value.to_texts().len(),
        };
        (count > 0).then_some(count as f64)
    }))
}

fn mvdedup(_: &mut Call<'_>, values: &[Value]) -> Option<Value> {
    let unique: indexmap::IndexSet<String> = texts(values.first()?).into_iter().collect();
    Some(Value::multi(unique.into_iter().collect()))
}

fn mvfind(call: &mut Call<'_>, values: &[Value]) -> Option<Value> {
    let [values, pattern] = values else {
        return None;
    };
    let pattern = call.pattern(&pattern.to_text()?)?;
    for (i, text) in values.to_texts().iter().enumerate() {
        if call.check(pattern.is_match(text))? {
            return Some(Value::Number(i as f64));
        }
    }
    None
}

fn mvindex(call: &mut Call<'_>, arguments: &[Operand]) -> Operand {
    let (Some(values), Some(start)) = (arguments.first(), arguments.get(1)) else {
        return Operand::null();
    };
    let end = arguments.get(2);
    let mut builder = ColumnBuilder::default();
    for row in 0..call.rows {
        let texts = values.texts(row);
        let ends = match end {
            Some(end) => end.number(row).map(Some),
            None => Some(None),
        };
        let places = start.number(row).zip(ends);
        let range = places.and_then(|(start, end)| range(texts.len(), start, end));
        match range.and_then(|range| texts.get(range)) {
            Some(part) => builder.push_texts(part),
            None => builder.push_null(),
        }
    }
    Operand::Column(builder.finish())
}

/// The places from a start to an end inclusive, both counted from 0 or negative from the last; none out of range.
fn range(count: usize, start: f64, end: Option<f64>) -> Option<std::ops::Range<usize>> {
    let last = count as f64 - 1.0;
    let place = |n: f64| {
        let n = n.trunc();
        if n < 0.0 { n + count as f64 } else { n }
    };
    let start = place(start);
    let end = end.map_or(start, place).min(last);
    (start >= 0.0 && start <= end).then_some(start as usize..end as usize + 1)
}

fn mvjoin(_: &mut Call<'_>, values: &[Value]) -> Option<Value> {
    let [values, delimiter] = values else {
        return None;
    };
    if values.is_null() {
        return None;
    }
    Some(Value::Text(values.to_texts().join(&delimiter.to_text()?)))
}

fn mvrange(call: &mut Call<'_>, values: &[Value]) -> Option<Value> {
    let (start, end) = (values.first()?.number()?, values.get(1)?.number()?);
    let mut numbers = Vec::new();
    match values.get(2) {
        Some(Value::Text(step)) if read(step).is_none() => {
            let span = TimeSpan::parse(step).ok()?;
            let (count, unit) = span.parts();
            let first = Timestamp::from_seconds(start)?;
            let last = Timestamp::from_seconds(end)?;
            let mut time = first;
            let mut steps = 0;
            while time < last && numbers.len() <= LARGEST_RANGE {
                numbers.push(format_number(time.seconds()));
                steps += count;
                let step = Modifier::parse(&format!("+{steps}{}", unit.name())).ok()?;
                time = step.apply(first, call.context.zone).filter(|t| *t > time)?;
            }
        }
        step => {
            let step = step.map_or(Some(1.0), Value::number)?;
            if step == 0.0 || !step.is_finite() {
                return None;
            }
            let before = |n: f64| if step > 0.0 { n < end } else { n > end };
            let mut i = 0.0;
            while before(start + i * step) && numbers.len() <= LARGEST_RANGE {
                numbers.push(format_number(start + i * step));
                i += 1.0;
            }
        }
    }
    if numbers.len() > LARGEST_RANGE {
        call.fail(
            crate::diagnostic::Diagnostic::new(
                &crate::diagnostic::code::MEMORY_LIMIT,
                format!("mvrange() would make more than {LARGEST_RANGE} values"),
            )
            .help("give a larger step or a smaller range"),
        );
        return None;
    }
    Some(Value::multi(numbers))
}

fn mvsort(_: &mut Call<'_>, values: &[Value]) -> Option<Value> {
    let mut texts = texts(values.first()?);
    texts.sort_unstable();
    Some(Value::multi(texts))
}

fn mvzip(_: &mut Call<'_>, values: &[Value]) -> Option<Value> {
    let (left, right) = (values.first()?, values.get(1)?);
    let delimiter = match values.get(2) {
        Some(delimiter) => delimiter.to_text()?,
        None => ",".into(),
    };
    let (left, right) = (left.to_texts(), right.to_texts());
    let pairs = left
        .iter()
        .zip(&right)
        .map(|(l, r)| format!("{l}{delimiter}{r}"));
    Some(Value::multi(pairs.collect()))
}

fn split(call: &mut Call<'_>, arguments: &[Operand]) -> Operand {
    let [text, delimiter] = arguments else {
        return Operand::null();
    };
    let mut builder = ColumnBuilder::default();
    for row in 0..call.rows {
        match (text.text(row), delimiter.text(row)) {
            (Some(text), Some(delimiter)) if delimiter.is_empty() => {
                let mut buffer = [0; 4];
                builder.push_texts(text.chars().map(|c| c.encode_utf8(&mut buffer).to_owned()));
            }
            (Some(text), Some(delimiter)) => builder.push_texts(text.split(&*delimiter)),
            _ => builder.push_null(),
        }
    }
    Operand::Column(builder.finish())
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{on, shown};

    #[test]
    fn multivalues_come_out_as_in_the_reference() {
        let fields = [("m", "b|a|b"), ("n", "1|2|3"), ("t", "10"), ("s", "x")];
        for (text, result) in [
            ("mvindex(m, 1)", "a"),
            ("mvindex(m, 3)", ""),
            ("mvindex(m, -1)", "b"),
            ("mvindex(m, 0, 1)", "b, a"),
            ("mvindex(m, 1, 9)", "a, b"),
            ("mvindex(s, 0)", "x"),
            ("mvcount(m)", "3"),
            ("mvcount(s)", "1"),
            ("mvcount(nofield)", ""),
            ("mvfilter(m=\"b\")", "b, b"),
            ("mvfilter(m=\"z\")", ""),
            ("mvfilter(match(m, \"^a\") OR m=\"b\")", "b, a, b"),
            ("mvmap(n, n*t)", "10, 20, 30"),
            ("mvmap(m, upper(m).\"!\")", "B!, A!, B!"),
            ("mvmap(mvindex(n, 1, 2), n*t)", "20, 30"),
            ("mvmap(s, s.s)", "xx"),
            ("mvappend(s, m, nofield, \"z\")", "x, b, a, b, z"),
            ("mvsort(m)", "a, b, b"),
            ("mvzip(m, n)", "b,1, a,2, b,3"),
            ("mvfind(m, \"a\")", "1"),
            ("mvjoin(m, s)", "bxaxb"),
            ("mvjoin(s, \";\")", "x"),
        ] {
            assert_eq!(on(text, &fields), result, "{text}");
        }
    }

    #[test]
    fn ranges_and_splits() {
        for (text, result) in [
            ("mvrange(1, 4)", "1, 2, 3"),
            ("mvrange(5, 1)", ""),
            ("mvrange(5, 1, -2)", "5, 3"),
            (
                r#"mvindex(mvrange(1514834731,1524134919,"7d"),0,2)"#,
                "1514834731, 1515439531, 1516044331",
            ),
            (r#"split("abcd", "")"#, "a, b, c, d"),
            (r#"split("1a2b3c4def567890", "def")"#, "1a2b3c4, 567890"),
            (r#"mvcount(split("abc", ","))"#, "1"),
        ] {
            assert_eq!(shown(text), result, "{text}");
        }
    }
}
