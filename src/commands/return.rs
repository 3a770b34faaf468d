//! `return`: makes one row whose field `search` is what a subsearch hands to the search around it.

use super::{BuildContext, Command, Example, Kind, Ordering, ParseContext, Stage, format};
use crate::data::{Batch, Demand, Value};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Operator, gathered};
use crate::syntax::{Args, StageText};

/// The command.
pub struct Return;

impl Command for Return {
    fn name(&self) -> &'static str {
        "return"
    }
    fn summary(&self) -> &'static str {
        "Hands values of the first rows to the search around a subsearch, as a search"
    }
    fn usage(&self) -> &'static str {
        "return [<N>] (<field> | <alias>=<field> | $<field>)…"
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | return 2 user ip=addr",
                input: "{\"user\":\"a\",\"addr\":\"192.0.2.1\"}\n{\"user\":\"b\"}",
                output: "{\"search\":\"(user=\\\"a\\\" ip=\\\"192.0.2.1\\\") OR (user=\\\"b\\\")\"}",
            },
            Example {
                query: "* | return $user",
                input: "{\"user\":\"a\"}\n{\"user\":\"b\"}",
                output: "{\"search\":\"a\"}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut args = Args::new(text, self.usage());
        let rows = args
            .integer()
            .map_or(1, |n| usize::try_from(n.node).unwrap_or(1));
        let mut parts = Vec::new();
        for word in args
            .take_rest()
            .node
            .split([' ', ',', '\t', '\n'])
            .filter(|w| !w.is_empty())
        {
            let word = word.trim_matches('"');
            parts.push(match (word.strip_prefix('$'), word.split_once('=')) {
                (Some(field), _) => Part {
                    alias: None,
                    field: field.to_owned(),
                },
                (None, Some((alias, field))) => Part {
                    alias: Some(alias.to_owned()),
                    field: field.to_owned(),
                },
                (None, None) => Part {
                    alias: Some(word.to_owned()),
                    field: word.to_owned(),
                },
            });
        }
        if parts.is_empty() {
            let error = args.missing("a field");
            args.report(error);
        }
        args.finish()?;
        Ok(Box::new(Returned { rows, parts }))
    }
}

/// A value to hand on; without an alias it stands by itself.
#[derive(Debug, Clone)]
struct Part {
    alias: Option<String>,
    field: String,
}

/// `return` with its arguments.
#[derive(Debug, Clone)]
struct Returned {
    rows: usize,
    parts: Vec<Part>,
}

impl Returned {
    fn search(&self, batch: &Batch) -> String {
        let mut rows: Vec<String> = Vec::new();
        for row in 0..batch.rows().min(self.rows) {
            let term = |part: &Part| {
                let value = batch.get(&part.field)?.text(row)?.into_owned();
                Some(match &part.alias {
                    Some(alias) => format::term(alias, &value),
                    None => value,
                })
            };
            let terms: Vec<String> = self.parts.iter().filter_map(term).collect();
            if !terms.is_empty() {
                rows.push(terms.join(" "));
            }
        }
        match rows.as_slice() {
            [only] => only.clone(),
            several => several
                .iter()
                .map(|r| format!("({r})"))
                .collect::<Vec<_>>()
                .join(" OR "),
        }
    }
}

impl Stage for Returned {
    fn kind(&self) -> Kind {
        Kind::Mergeable
    }
    fn ordering(&self) -> Ordering {
        Ordering::SeesAndMakes
    }
    fn limit(&self) -> Option<usize> {
        Some(self.rows)
    }
    fn demand(&self, _: &Demand) -> Demand {
        Demand::of(self.parts.iter().map(|p| p.field.as_str()))
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let returned = self.clone();
        Ok(gathered(move |batches| {
            let search = returned.search(&Batch::concat(&batches));
            Ok(vec![Batch::from_rows([vec![(
                "search",
                Value::from(search.as_str()),
            )]])])
        }))
    }
}
