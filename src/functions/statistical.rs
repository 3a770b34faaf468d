//! Statistical functions of eval: takes the arguments of one event, multivalues included, gives one value.

use super::call::Call;
use super::numbers::{Numbers, read};
use super::operand::Operand;
use super::{Arity, Function, Kernel, Kind};
use crate::data::{Column, ColumnBuilder, Value};
use std::hash::{BuildHasher, Hasher};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new(
        "avg",
        Arity::AtLeast(1),
        "avg(<number>, …)",
        "The average of all numbers among the values",
        ("avg(1, 2, 6)", "3"),
        Kernel::Row(avg),
    )
    .gives(Kind::Number)
    .check(super::math::no_literal_text),
    Function::new(
        "max",
        Arity::AtLeast(1),
        "max(<value>, …)",
        "The greatest value, text being greater than numbers",
        ("max(1, 3, 2)", "3"),
        Kernel::Column(|call, a| extreme(call.rows, a, std::cmp::Ordering::Greater)),
    ),
    Function::new(
        "min",
        Arity::AtLeast(1),
        "min(<value>, …)",
        "The least value, numbers being less than text",
        (r#"min(3, 6, "maria", 7)"#, "3"),
        Kernel::Column(|call, a| extreme(call.rows, a, std::cmp::Ordering::Less)),
    ),
    Function::new(
        "random",
        Arity::Between(0, 0),
        "random()",
        "A random integer from 0 to 2147483647, another one for each event and each run",
        ("random()", ""),
        Kernel::Column(random),
    )
    .gives(Kind::Number)
    .varies(),
];

/// The numbers among values and the values of multivalues.
pub(super) fn numbers(values: &[Value]) -> impl Iterator<Item = f64> {
    values.iter().flat_map(|value| match value {
        Value::Multi(texts) => texts.iter().filter_map(|t| read(t)).collect(),
        other => other.number().into_iter().collect::<Vec<f64>>(),
    })
}

fn avg(_: &mut Call<'_>, values: &[Value]) -> Option<Value> {
    let numbers: Vec<f64> = numbers(values).collect();
    let count = numbers.len();
    (count > 0).then(|| Value::Number(numbers.iter().sum::<f64>() / count as f64))
}

/// Numbers come before texts; among themselves numbers by size, texts by their bytes.
fn extreme(rows: usize, arguments: &[Operand], wanted: std::cmp::Ordering) -> Operand {
    if arguments.iter().any(Operand::is_multi) {
        let of = |row: usize| arguments.iter().map(|a| a.value(row)).collect::<Vec<_>>();
        let values = (0..rows).map(|row| extreme_of(&of(row), wanted).unwrap_or_default());
        return Operand::Column(Column::from_values(values));
    }
    let numbers: Vec<Numbers> = arguments.iter().map(Operand::as_numbers).collect();
    let order = |row: usize, a: usize, b: usize| {
        let number = |at: usize| numbers.get(at).and_then(|n| n.get(row));
        let text = |at: usize| arguments.get(at).and_then(|a| a.text(row));
        in_order(number(a), number(b), || text(a).cmp(&text(b)))
    };
    let mut results = ColumnBuilder::default();
    for row in 0..rows {
        let mut best = None;
        for (at, _) in arguments
            .iter()
            .enumerate()
            .filter(|(_, a)| !a.is_null(row))
        {
            if best.is_none_or(|best| order(row, at, best) == wanted) {
                best = Some(at);
            }
        }
        match best.and_then(|best| arguments.get(best)) {
            Some(Operand::Column(Column::Text(array))) => results.push_text(array.value(row)),
            Some(Operand::Column(Column::Number(array))) => results.push_number(array.value(row)),
            Some(other) => results.push(other.value(row)),
            None => results.push_null(),
        }
    }
    Operand::Column(results.finish())
}

fn extreme_of(values: &[Value], wanted: std::cmp::Ordering) -> Option<Value> {
    let mut best: Option<Value> = None;
    let singles = values.iter().flat_map(|value| match value {
        Value::Multi(texts) => texts.iter().cloned().map(Value::Text).collect(),
        Value::Null => Vec::new(),
        other => vec![other.clone()],
    });
    for value in singles {
        let better = best.as_ref().is_none_or(|b| order(&value, b) == wanted);
        if better {
            best = Some(value);
        }
    }
    best
}

fn order(a: &Value, b: &Value) -> std::cmp::Ordering {
    in_order(a.number(), b.number(), || a.to_text().cmp(&b.to_text()))
}

fn in_order(
    a: Option<f64>,
    b: Option<f64>,
    texts: impl Fn() -> std::cmp::Ordering,
) -> std::cmp::Ordering {
    match (a, b) {
        (Some(x), Some(y)) => x.total_cmp(&y),
        (Some(_), None) => std::cmp::Ordering::Less,
        (None, Some(_)) => std::cmp::Ordering::Greater,
        (None, None) => texts(),
    }
}

/// A walk through all 64-bit numbers by steps, each scrambled: cheap, and safe on any number of threads.
fn random(call: &mut Call<'_>, _: &[super::Operand]) -> super::Operand {
    const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
    static STATE: LazyLock<AtomicU64> =
        LazyLock::new(|| AtomicU64::new(std::hash::RandomState::new().build_hasher().finish()));
    let first = STATE.fetch_add(STEP.wrapping_mul(call.rows as u64), Ordering::Relaxed);
    let numbers = (0..call.rows as u64).map(|i| {
        let mut z = first.wrapping_add(STEP.wrapping_mul(i + 1));
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        Some(((z ^ (z >> 31)) >> 33) as f64)
    });
    super::operand::number_column(numbers)
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{on, program, shown};

    #[test]
    fn extremes_prefer_numbers_or_texts() {
        let fields = [("m", "1|3|10|9"), ("size", "1")];
        assert_eq!(on("max(m)", &fields), "10");
        assert_eq!(on("min(3, 6, \"maria\", size)", &fields), "1");
        assert_eq!(on("max(1, \"c\", \"a\", 100)", &fields), "c");
        assert_eq!(on("avg(m, 7)", &fields), "6");
        assert_eq!(shown("max(nofield)"), "");
    }

    #[test]
    fn random_numbers_differ_and_stay_in_range() {
        let batch = crate::data::Batch::new(1000);
        let column = program("random()").evaluate(&batch).unwrap();
        let numbers: std::collections::HashSet<u64> = (0..1000)
            .map(|i| column.number(i).unwrap() as u64)
            .collect();
        assert!(numbers.len() > 990);
        assert!(numbers.iter().all(|n| *n <= 2_147_483_647));
    }
}
