//! The reference as Markdown: takes the registries, gives the pages under `docs/` and the README's table.

use crate::aggregates;
use crate::commands;
use crate::functions;
use std::fmt::Write;

const NOTE: &str =
    "<!-- Written by `spelunk help --markdown docs`; the tests check that it is current. -->\n";

/// `docs/commands.md`
pub fn commands_page() -> String {
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
            let _ = write!(out, "\n```\n{}\n```\n", example.query);
            if !example.input.trim().is_empty() {
                let _ = write!(out, "over\n```json\n{}\n```\n", example.input.trim());
            }
            let (table, rows) = commands::EXAMPLE_TABLE;
            if example.query.contains(table) {
                let _ = write!(out, "with {table}\n```\n{rows}```\n");
            }
            let (saved, search) = commands::EXAMPLE_QUERY;
            if example.query.contains(saved) {
                let _ = write!(out, "with the saved query {saved}\n```\n{search}\n```\n");
            }
            let _ = write!(out, "gives\n```json\n{}\n```\n", example.output.trim());
        }
    }
    out.push_str("\n## Refused by name\n\n| command | why |\n|---|---|\n");
    for (name, why) in commands::REFUSED {
        let _ = writeln!(out, "| `{name}` | {why} |");
    }
    out
}

/// `docs/functions.md`
pub fn functions_page() -> String {
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

/// `docs/aggregates.md`
pub fn aggregates_page() -> String {
    let mut out = format!(
        "# Aggregates of stats, chart, timechart\n\n{NOTE}\n| aggregate | | also |\n|---|---|---|\n"
    );
    let mut all: Vec<_> = aggregates::ALL.iter().collect();
    all.sort_by_key(|a| a.name());
    for aggregate in all {
        let _ = writeln!(
            out,
            "| `{}` | {} | {} |",
            aggregate.usage(),
            aggregate.summary(),
            aggregate.aliases().join(", ")
        );
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
