//! Help: takes a topic, gives its page from the registries; nothing is kept by hand in two places.

mod markdown;
mod topics;

pub use markdown::{commands_table, pages};
pub use topics::TOPICS;

use crate::aggregates::{self, Aggregate};
use crate::commands::{self, Command};
use crate::diagnostic::{CODES, Diagnostic, code, nearest};
use crate::functions;
use std::fmt::Write;

/// The page of a command, function, aggregate, error code, topic or list (`commands`, `functions`, `aggregates`, `codes`).
pub fn topic(name: &str) -> Option<String> {
    let lower = name.trim().to_lowercase();
    let list = match lower.as_str() {
        "" | "topics" => Some(overview()),
        "commands" => Some(list(
            "commands",
            commands::ALL
                .iter()
                .map(|c| (c.name().to_owned(), c.summary())),
        )),
        "functions" => Some(list(
            "functions",
            functions::all().map(|f| (f.name.to_owned(), f.summary)),
        )),
        "aggregates" => Some(list(
            "aggregates",
            aggregates::ALL
                .iter()
                .map(|a| (a.name().to_owned(), a.summary())),
        )),
        "codes" => Some(list(
            "error codes",
            CODES.iter().map(|c| (c.id.to_owned(), c.meaning)),
        )),
        "refused" => Some(list(
            "commands that are not run",
            commands::REFUSED
                .iter()
                .map(|(n, why)| ((*n).to_owned(), *why)),
        )),
        _ => None,
    };
    if list.is_some() {
        return list;
    }
    let bare = lower.trim_end_matches("()");
    let mut pages: Vec<String> = Vec::new();
    pages.extend(commands::find(bare).map(command));
    pages.extend(functions::find(bare).map(function));
    pages.extend(aggregates::find(bare).map(aggregate));
    pages.extend(
        topics::find(bare).map(|t| format!("{}: {}\n\n{}\n", t.name, t.title, t.text.trim())),
    );
    pages.extend(
        CODES
            .iter()
            .find(|c| c.id.eq_ignore_ascii_case(bare))
            .map(|c| format!("{}: {}\n", c.id, c.meaning)),
    );
    if let Some((name, why)) = commands::REFUSED.iter().find(|(n, _)| *n == bare) {
        pages.push(format!(
            "{name} is a command of Splunk that is not run here: {why}\n"
        ));
    }
    if pages.is_empty() {
        None
    } else {
        Some(pages.join("\n"))
    }
}

/// The error for a topic that does not exist.
pub fn unknown(name: &str) -> Diagnostic {
    let names = commands::ALL
        .iter()
        .map(|c| c.name())
        .chain(functions::all().map(|f| f.name))
        .chain(aggregates::ALL.iter().map(|a| a.name()))
        .chain(LISTS.iter().map(|(name, _)| *name))
        .chain(
            TOPICS
                .iter()
                .flat_map(|t| t.aliases.iter().chain([&t.name]).copied()),
        );
    let help = match nearest(name, names) {
        Some(near) => format!("there is help on `{near}`; `spelunk help` lists all topics"),
        None => "`spelunk help` lists all topics".to_owned(),
    };
    Diagnostic::new(&code::ARGUMENT, format!("there is no help on `{name}`")).help(help)
}

/// The pages that list a registry.
const LISTS: &[(&str, &str)] = &[
    ("commands", "what may stand after a pipe"),
    ("functions", "what eval and where compute with"),
    ("aggregates", "what stats, chart, timechart, top compute"),
    ("codes", "error codes"),
    (
        "refused",
        "Splunk's commands that are not run here, and why",
    ),
];

fn overview() -> String {
    let mut out = String::from("spelunk help <topic>\n\n");
    for (name, what) in LISTS {
        let _ = writeln!(out, "  {name:12} {what}");
    }
    for topic in TOPICS {
        let _ = writeln!(out, "  {:12} {}", topic.name, topic.title);
    }
    out + "\nor the name of a command, function, aggregate or error code\n"
}

fn list<'a>(title: &str, rows: impl Iterator<Item = (String, &'a str)>) -> String {
    let mut rows: Vec<(String, &str)> = rows.collect();
    rows.sort();
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut out = format!("{title}\n\n");
    for (name, text) in rows {
        let _ = writeln!(out, "  {name:width$}  {text}");
    }
    out
}

/// A command's page.
fn command(command: &dyn Command) -> String {
    let mut out = format!(
        "{}\n  {}\n\nusage\n  {}\n",
        command.name(),
        command.summary(),
        command.usage()
    );
    if !command.aliases().is_empty() {
        let _ = writeln!(out, "\nalso typed as {}", command.aliases().join(", "));
    }
    if !command.options().is_empty() {
        out.push_str("\noptions\n");
        for option in command.options() {
            let default = if option.default.is_empty() {
                String::new()
            } else {
                format!(" [{}]", option.default)
            };
            let _ = writeln!(
                out,
                "  {}={}{default}\n      {}",
                option.name, option.value, option.summary
            );
        }
    }
    for example in command.examples() {
        out.push_str(&example_text(example.query, example.input, example.output));
    }
    out
}

fn example_text(query: &str, input: &str, output: &str) -> String {
    let indent = |text: &str| {
        text.trim()
            .lines()
            .map(|l| format!("    {l}\n"))
            .collect::<String>()
    };
    let mut out = format!("\nexample\n  {query}\n");
    if !input.trim().is_empty() {
        out.push_str("  over\n");
        out.push_str(&indent(input));
    }
    let (table, rows) = commands::EXAMPLE_TABLE;
    if query.contains(table) {
        let _ = write!(out, "  with {table}\n{}", indent(rows));
    }
    let (saved, search) = commands::EXAMPLE_QUERY;
    if query.contains(saved) {
        let _ = write!(out, "  with the saved query {saved}\n{}", indent(search));
    }
    out.push_str("  gives\n");
    out.push_str(&if output.trim().is_empty() {
        "    no rows\n".to_owned()
    } else {
        indent(output)
    });
    out
}

/// A function's page.
fn function(function: &functions::Function) -> String {
    let (expression, result) = function.example;
    format!(
        "{}\n  {}\n\nexample\n  {expression}\n  gives\n    {result}\n",
        function.signature, function.summary
    )
}

/// An aggregate's page.
fn aggregate(aggregate: &dyn Aggregate) -> String {
    let (query, input, output) = aggregate.example();
    let mut out = format!(
        "{} (aggregate)\n  {}\n",
        aggregate.usage(),
        aggregate.summary()
    );
    if !aggregate.aliases().is_empty() {
        let _ = writeln!(out, "\nalso typed as {}", aggregate.aliases().join(", "));
    }
    out + &example_text(query, input, output)
}
