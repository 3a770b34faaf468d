//! Random pipelines from the registries' own usage lines over random events: no panic, and the same rows, or the same
//! error, however the input is cut and spread. `PROPTEST_CASES=20000` runs it for long.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod choices;
mod grammar;
mod values;

use choices::Choices;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use serde_json::Value;
use spelunk::commands;
use spelunk::session::run_for_test;
use std::time::{Duration, Instant};

/// The rows as JSON prints them, or the error.
type Rows = Result<Vec<String>, String>;

fn run(query: &str, input: &str, batch: usize, threads: usize) -> Rows {
    let options = ["--now=1700000000", "--source=events"].map(str::to_owned);
    let rows = run_for_test(query, input.as_bytes(), &[], &options, batch, threads)?;
    let shown = |row| Value::Object(row).to_string();
    Ok(rows.into_iter().map(shown).collect())
}

/// Events so far apart that each third is in a piece of its own: with several threads every one gets some.
fn apart(input: &str) -> String {
    let lines: Vec<&str> = input.lines().collect();
    let thirds: Vec<String> = lines
        .chunks(lines.len().div_ceil(3).max(1))
        .map(|third| third.join("\n") + "\n")
        .collect();
    thirds.join(&(" ".repeat(1 << 20) + "\n"))
}

/// A query and its events.
fn case(numbers: &[u16]) -> (String, String) {
    let mut choices = Choices::new(numbers);
    let query = values::pipeline(&mut choices, 3);
    let lines: Vec<String> = (0..choices.below(24))
        .map(|_| values::event(&mut choices))
        .collect();
    (query, lines.join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, max_shrink_iters: 4000, ..ProptestConfig::default() })]

    #[test]
    fn a_pipeline_gives_the_same_however_it_is_cut(
        numbers in prop::collection::vec(any::<u16>(), 20..300),
        batch in 1usize..9,
        threads in 2usize..4,
    ) {
        let (query, input) = case(&numbers);
        let start = Instant::now();
        let whole = run(&query, &input, 4096, 1);
        let cut = run(&query, &input, batch, 1);
        prop_assert_eq!(&whole, &cut, "batches of {}\n{}\n{}", batch, query, input);
        let input = apart(&input);
        let whole = run(&query, &input, 4096, 1);
        let spread = run(&query, &input, batch, threads);
        prop_assert_eq!(&whole, &spread, "{} threads\n{}\n{}", threads, query, input.replace("  ", ""));
        prop_assert!(start.elapsed() < Duration::from_secs(20), "{}\n{}", query, input);
    }
}

/// How many texts are made for each command at most.
const TRIES: usize = 60;

/// Each usage line is one that the command itself understands: of texts made from it some are accepted.
#[test]
fn every_command_accepts_texts_of_its_own_usage() {
    let mut random = proptest::test_runner::TestRunner::deterministic();
    let mut refused = Vec::new();
    let strategy = prop::collection::vec(any::<u16>(), 60);
    for command in commands::ALL {
        let (mut accepted, mut last) = (false, String::new());
        for _ in 0..TRIES {
            let numbers = strategy.new_tree(&mut random).unwrap().current();
            let stage = values::stage(*command, &mut Choices::new(&numbers));
            let query = match command.place() {
                commands::Place::First => format!("| {stage}"),
                commands::Place::Anywhere => format!("search * | {stage}"),
            };
            match run(&query, "{\"n\":1,\"_time\":1}", 4096, 1) {
                Ok(_) => accepted = true,
                Err(text) => last = text,
            }
            if accepted {
                break;
            }
        }
        if !accepted {
            refused.push(format!("{}: {last}", command.name()));
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}
