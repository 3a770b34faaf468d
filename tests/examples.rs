//! Runs every example of the registries: what help shows is what runs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::{Map, Value};
use spelunk::session::run_for_test;

fn rows(text: &str) -> Vec<Map<String, Value>> {
    text.lines()
        .filter(|l| !l.trim().is_empty())
        .map(|l| serde_json::from_str(l).unwrap())
        .collect()
}

/// A value as an example shows it: numbers and their texts are the same, nothing is the same as an empty text.
fn shown(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// Whether a row is as the example says. The example may leave the event's metadata out.
fn fits(got: &Map<String, Value>, wanted: &Map<String, Value>) -> bool {
    let metadata = |name: &str| {
        name.starts_with('_') || ["source", "sourcetype", "host", "index"].contains(&name)
    };
    wanted
        .iter()
        .all(|(name, value)| shown(got.get(name)) == shown(Some(value)))
        && got.keys().all(|name| {
            wanted.contains_key(name) || metadata(name) || shown(got.get(name)).is_empty()
        })
}

fn check(name: &str, query: &str, input: &str, output: &str, failures: &mut Vec<String>) {
    let options = ["--now=1700000000".to_owned()];
    let wanted = rows(output);
    match run_for_test(query, input.as_bytes(), &[], &options, 4096, 2) {
        Ok(got)
            if got.len() == wanted.len() && got.iter().zip(&wanted).all(|(g, w)| fits(g, w)) => {}
        Ok(got) => {
            let got: Vec<String> = got
                .into_iter()
                .map(|r| Value::Object(r).to_string())
                .collect();
            failures.push(format!(
                "{name}: {query}\n  wanted {output}\n  got    {}",
                got.join("\n         ")
            ));
        }
        Err(text) => failures.push(format!("{name}: {query}\n{text}")),
    }
}

#[test]
fn every_command_has_examples_that_run() {
    let mut failures = Vec::new();
    for command in spelunk::commands::ALL {
        if command.examples().len() < 2 {
            failures.push(format!("{}: fewer than two examples", command.name()));
        }
        for example in command.examples() {
            check(
                command.name(),
                example.query,
                example.input,
                example.output,
                &mut failures,
            );
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn every_aggregate_has_an_example_that_runs() {
    let mut failures = Vec::new();
    for aggregate in spelunk::aggregates::ALL {
        let (query, input, output) = aggregate.example();
        check(aggregate.name(), query, input, output, &mut failures);
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn an_example_that_is_wrong_fails() {
    let mut failures = Vec::new();
    check(
        "x",
        "* | table a",
        "{\"a\":\"1\"}",
        "{\"a\":\"2\"}",
        &mut failures,
    );
    assert_eq!(failures.len(), 1);
}
