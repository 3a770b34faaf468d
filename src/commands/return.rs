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
        while let Some(part) = part(&mut args) {
            parts.push(part);
        }
        if parts.is_empty() {
            let error = args.missing("a field");
            args.report(error);
        }
        args.finish()?;
        Ok(Box::new(Returned { rows, parts }))
    }
}

/// The next `<field>`, `<alias>=<field>` or `$<field>`; names may be quoted.
fn part(args: &mut Args) -> Option<Part> {
    let word = args.word()?.node;
    let bare = |alias: Option<String>, field: String, args: &mut Args| {
        let field = match field.is_empty() {
            true => args.word()?.node.text,
            false => field,
        };
        Some(Part { alias, field })
    };
    if word.quoted {
        return match args.symbol("=") {
            true => bare(Some(word.text), String::new(), args),
            false => bare(Some(word.text.clone()), word.text, args),
        };
    }
    if let Some(field) = word.text.strip_prefix('$') {
        return bare(None, field.to_owned(), args);
    }
    match word.text.split_once('=') {
        Some((alias, field)) => bare(Some(alias.to_owned()), field.to_owned(), args),
        None if args.symbol("=") => bare(Some(word.text), String::new(), args),
        None => bare(Some(word.text.clone()), word.text, args),
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
                // Quotes inside are not escaped: the reference leaves that to an eval before.
                Some(match &part.alias {
                    Some(alias) => format!("{}=\"{value}\"", format::name(alias)),
                    None => value,
                })
            };
            let terms: Vec<String> = self.parts.iter().filter_map(term).collect();
            let terms = terms.join(" ");
            // Rows that say the same are one alternative.
            if !terms.is_empty() && !rows.contains(&terms) {
                rows.push(terms);
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
