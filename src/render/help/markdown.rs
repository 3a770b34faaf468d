//! The reference as Markdown: takes the registries, gives the pages under `docs/` and the README's table.

use crate::aggregates;
use crate::commands;
use crate::diagnostic::{CODES, code::Class};
use crate::functions;
use std::fmt::Write;

const NOTE: &str =
    "<!-- Written by `spelunk help --markdown docs`; the tests check that it is current. -->\n";

/// Every page: the file's name and its text.
pub fn pages() -> [(&'static str, String); 5] {
    [
        ("commands.md", commands_page()),
        ("functions.md", functions_page()),
        ("aggregates.md", aggregates_page()),
        ("topics.md", topics_page()),
        ("errors.md", errors_page()),
    ]
}

/// `docs/commands.md`
fn commands_page() -> String {
    let mut out = format!("# Commands\n\n{NOTE}");
    let mut all: Vec<_> = commands::ALL.iter().collect();
    all.sort_by_key(|c| c.name());
    for command in all {
        let _ = write!(
            out,
            "\n## {}\n\n{}.\n\n```\n{}\n```\n",
            command.name(),
            command.summary(),
            command.usage()
        );
        if !command.aliases().is_empty() {
            let _ = write!(out, "\nAlso: `{}`\n", command.aliases().join("`, `"));
        }
        if !command.options().is_empty() {
            out.push_str("\n| option | default | |\n|---|---|---|\n");
            for option in command.options() {
                let _ = writeln!(
                    out,
                    "| `{}={}` | {} | {} |",
                    option.name,
                    option.value.replace('|', "\\|"),
                    option.default.replace('|', "\\|"),
                    option.summary.replace('|', "\\|")
                );
            }
        }
        for example in command.examples() {
            out += &example_text(example.query, example.input, example.output);
        }
    }
    out.push_str("\n## Refused by name\n\n| command | why |\n|---|---|\n");
    for (name, why) in commands::REFUSED {
        let _ = writeln!(out, "| `{name}` | {why} |");
    }
    out
}

/// `docs/functions.md`
fn functions_page() -> String {
    let mut out = format!(
        "# Functions of eval and where\n\n{NOTE}\n| function | | example | gives |\n|---|---|---|---|\n"
    );
    let mut all: Vec<_> = functions::all().collect();
    all.sort_by_key(|f| f.name);
    for function in all {
        let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ");
        let (expression, result) = function.example;
        let _ = writeln!(
            out,
            "| `{}` | {} | `{}` | `{}` |",
            cell(function.signature),
            cell(function.summary),
            cell(expression),
            cell(result)
        );
    }
    out
}

/// An example with what it runs over and what it gives.
fn example_text(query: &str, input: &str, output: &str) -> String {
    let mut out = format!("\n```\n{query}\n```\n");
    if !input.trim().is_empty() {
        let _ = write!(out, "over\n```json\n{}\n```\n", input.trim());
    }
    let (table, rows) = commands::EXAMPLE_TABLE;
    if query.contains(table) {
        let _ = write!(out, "with {table}\n```\n{rows}```\n");
    }
    let (saved, search) = commands::EXAMPLE_QUERY;
    if query.contains(saved) {
        let _ = write!(out, "with the saved query {saved}\n```\n{search}\n```\n");
    }
    match output.trim() {
        "" => out + "gives no rows\n",
        rows => out + &format!("gives\n```json\n{rows}\n```\n"),
    }
}

/// `docs/aggregates.md`
fn aggregates_page() -> String {
    let mut out = format!("# Aggregates of stats, chart, timechart\n\n{NOTE}");
    let mut all: Vec<_> = aggregates::ALL.iter().collect();
    all.sort_by_key(|a| a.name());
    for aggregate in all {
        let _ = write!(
            out,
            "\n## {}\n\n{}.\n\n```\n{}\n```\n",
            aggregate.name(),
            aggregate.summary(),
            aggregate.usage()
        );
        if !aggregate.aliases().is_empty() {
            let _ = write!(out, "\nAlso: `{}`\n", aggregate.aliases().join("`, `"));
        }
        let (query, input, output) = aggregate.example();
        out += &example_text(query, input, output);
    }
    out.push_str("\n## Refused by name\n\n| aggregate | why |\n|---|---|\n");
    for (name, why) in aggregates::REFUSED {
        let _ = writeln!(out, "| `{name}` | {why} |");
    }
    out
}

/// `docs/topics.md`
fn topics_page() -> String {
    let mut out = format!("# Topics\n\n{NOTE}");
    for topic in super::TOPICS {
        let (name, title, text) = (topic.name, topic.title, topic.text.trim());
        let _ = write!(out, "\n## {name}\n\n{title}\n\n```\n{text}\n```\n");
    }
    out
}

/// `docs/errors.md`
fn errors_page() -> String {
    let mut out = format!("# Error codes\n\n{NOTE}\n| code | | exit |\n|---|---|---|\n");
    for code in CODES {
        let exit = match code.class {
            Class::Refused => 2,
            Class::Failed => 1,
        };
        let _ = writeln!(out, "| {} | {} | {exit} |", code.id, code.meaning);
    }
    out
}

/// The README's table of commands.
pub fn commands_table() -> String {
    let mut names: Vec<&str> = commands::ALL.iter().map(|c| c.name()).collect();
    names.sort_unstable();
    let links: Vec<String> = names
        .iter()
        .map(|n| format!("[{n}](docs/commands.md#{n})"))
        .collect();
    links.join(" · ")
}
