//! All aggregates over the same values: takes rows cut in several ways, checks that states merged are one state.

use super::*;
use crate::data::{Batch, Value};
use crate::diagnostic::Span;
use crate::syntax::{AggregateArgument, Spanned};

/// A call of an aggregate on the field `v`.
fn call(name: &str) -> AggregateText {
    let (function, parameter) = match find(name).map(Aggregate::usage) {
        Some(usage) if usage.contains("<N>") => (name, Some("90".to_owned())),
        _ => (name, None),
    };
    AggregateText {
        function: Spanned::new(function.to_owned(), Span::default()),
        parameter,
        argument: Some(Spanned::new(
            AggregateArgument::Field(match name {
                "sparkline" => "sum(v)".to_owned(),
                _ => "v".to_owned(),
            }),
            Span::default(),
        )),
        extra: Vec::new(),
        alias: None,
        text: format!("{name}(v)"),
        span: Span::default(),
    }
}

fn batch(part: u64, rows: &[(f64, Value)]) -> Batch {
    let rows = rows
        .iter()
        .map(|(time, value)| vec![("_time", Value::Number(*time)), ("v", value.clone())]);
    let mut batch = Batch::from_rows(rows);
    batch.position.part = part;
    batch
}

fn no_eval(
    _: &crate::syntax::Expr,
) -> Result<(Evaluate, crate::data::Demand), crate::diagnostic::Diagnostics> {
    Err(Vec::new())
}

fn rows() -> Vec<(f64, Value)> {
    let texts = [
        "3", "1.5", "b", "-2", "3", "", "a", "0.1", "3.0", "7", "b", "1e3",
    ];
    let mut rows: Vec<(f64, Value)> = texts
        .iter()
        .enumerate()
        .map(|(i, t)| ((i * 7 % 5) as f64, Value::from(*t)))
        .collect();
    rows.push((2.0, Value::Null));
    rows.push((9.0, Value::Multi(vec!["5".into(), "c".into(), "5".into()])));
    rows
}

/// The results of all aggregates when batches of `size` rows go to `workers` states in turn, two groups.
fn results(size: usize, workers: usize) -> Vec<(String, Vec<Value>)> {
    let texts: Vec<AggregateText> = ALL.iter().map(|a| call(a.name())).collect();
    let calls = std::sync::Arc::new(Calls::read(&texts, &no_eval).unwrap());
    let mut states: Vec<States> = (0..workers).map(|_| calls.states(&[])).collect();
    let all = rows();
    for (at, part) in all.chunks(size).enumerate() {
        let numbers: Vec<u32> = (0..part.len() as u32).collect();
        // The group depends on the row's place in the whole; workers of odd number have the groups turned round.
        let worker = at % workers;
        let groups: Vec<u32> = numbers
            .iter()
            .map(|r| ((at * size) as u32 + r) % 2)
            .map(|g| if worker % 2 == 1 { 1 - g } else { g })
            .collect();
        states[worker]
            .update(&batch(at as u64, part), &numbers, &groups, 2)
            .unwrap();
    }
    let mut states = states.into_iter();
    let mut whole = states.next().unwrap();
    for (at, other) in states.enumerate() {
        let map = if at % 2 == 0 { [1, 0] } else { [0, 1] };
        whole.merge(other, &map, 2);
    }
    let columns = whole.finish(2).into_iter();
    columns
        .map(|(_, name, column)| (name, (0..2).map(|r| column.value(r)).collect()))
        .collect()
}

#[test]
fn merged_states_are_one_state() {
    let one = results(100, 1);
    for (size, workers) in [(1, 1), (3, 1), (1, 2), (2, 3), (5, 2)] {
        assert_eq!(
            results(size, workers),
            one,
            "{size} rows, {workers} workers"
        );
    }
}

#[test]
fn values_are_those_of_splunk() {
    let results = results(4, 2);
    let of = |name: &str| {
        results
            .iter()
            .find(|(n, _)| n == &format!("{name}(v)"))
            .unwrap()
            .1[0]
            .clone()
    };
    let number = |n: f64| Value::Number(n);
    // Group 0: 3, b, 3, a, 3.0, b, null.
    assert_eq!(of("count"), number(6.0));
    assert_eq!(of("dc"), number(4.0));
    assert_eq!(of("sum"), number(9.0));
    assert_eq!(of("max"), Value::from("b"));
    assert_eq!(of("mode"), Value::from("3"));
    assert_eq!(of("range"), number(0.0));
    let list = ["3", "b", "3", "a", "3.0", "b"].map(str::to_owned);
    assert_eq!(of("list"), Value::Multi(list.to_vec()));
    let values = ["3", "3.0", "a", "b"].map(str::to_owned);
    assert_eq!(of("values"), Value::Multi(values.to_vec()));
}

#[test]
fn names_are_found_and_unknown_ones_explained() {
    assert_eq!(find("distinct_count").map(Aggregate::name), Some("dc"));
    let mut text = call("sum");
    text.function.node = "agv".to_owned();
    let error = lookup(&text).err().unwrap();
    assert_eq!(error.help.as_deref(), Some("the nearest is `avg`"));
    text.function.node = "rate_avg".to_owned();
    assert_eq!(lookup(&text).err().unwrap().code.id, "E0117");
}

#[test]
fn list_stops_at_a_hundred_and_says_so() {
    let mut state = find("list").unwrap().plan(&call("list")).unwrap().state();
    let column = Column::from_values((0..250).map(|n| Value::Number(f64::from(n))));
    let rows: Vec<u32> = (0..250).collect();
    state.grow(1);
    state.update(&Input {
        column: Some(&column),
        time: None,
        position: Position::default(),
        rows: &rows,
        groups: &[0; 250],
    });
    let out = state.finish(1);
    assert_eq!(
        (out.count(0), out.values(0).last().unwrap().as_ref()),
        (100, "99")
    );
    assert_eq!(state.remarks().len(), 1);
}
