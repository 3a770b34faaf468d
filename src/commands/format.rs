//! `format`: makes one row whose field `search` is the rows as a search expression.

use super::{BuildContext, Command, Example, Kind, OptionDoc, Ordering, ParseContext, Stage};
use crate::data::{Batch, Demand, Value};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Operator, gathered};
use crate::syntax::{Args, StageText};
use std::borrow::Cow;

/// The command.
pub struct Format;

impl Command for Format {
    fn name(&self) -> &'static str {
        "format"
    }
    fn summary(&self) -> &'static str {
        "Makes one row whose field search is the rows as a search: AND within a row, OR between rows"
    }
    fn usage(&self) -> &'static str {
        "format [maxresults=<N>] [mvsep=<text>] [emptystr=<text>] [\"<row prefix>\" \"<column prefix>\" \"<column separator>\" \"<column end>\" \"<row separator>\" \"<row end>\"]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[
            OptionDoc {
                name: "maxresults",
                value: "<N>",
                default: "0",
                summary: "Rows at most; 0 for all",
            },
            OptionDoc {
                name: "mvsep",
                value: "<text>",
                default: "OR",
                summary: "Stands between the values of a multivalue",
            },
            OptionDoc {
                name: "emptystr",
                value: "<text>",
                default: "NOT( )",
                summary: "What comes of no rows",
            },
        ]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | table a b | format",
                input: "{\"a\":1,\"b\":\"x\"}\n{\"a\":2}",
                output: "{\"search\":\"( ( a=\\\"1\\\" AND b=\\\"x\\\" ) OR ( a=\\\"2\\\" ) )\"}",
            },
            Example {
                query: "nothing=here | table a | format",
                input: "{\"a\":1}",
                output: "{\"search\":\"NOT( )\"}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut args = Args::new(text, self.usage());
        let options = args.options(&["maxresults", "mvsep", "emptystr"]);
        let most = options.count("maxresults", 0);
        let most = args.or_report(most, 0);
        let mut words = Vec::new();
        while let Some(word) = args.quoted() {
            words.push(word.node);
        }
        if !matches!(words.len(), 0 | 6) {
            let error = args.missing("six texts for the format, or none");
            args.report(error);
        }
        args.finish()?;
        let mut spelling = Spelling {
            most: if most == 0 { usize::MAX } else { most },
            ..Spelling::default()
        };
        if let Ok(words) = <[String; 6]>::try_from(words) {
            spelling.words = words;
        }
        if let Some(text) = options.text("mvsep") {
            spelling.between = text.to_owned();
        }
        if let Some(text) = options.text("emptystr") {
            spelling.empty = text.to_owned();
        }
        Ok(Box::new(spelling))
    }
}

/// How rows become a search.
#[derive(Debug, Clone)]
struct Spelling {
    /// Row prefix, column prefix, column separator, column end, row separator, row end.
    words: [String; 6],
    between: String,
    empty: String,
    most: usize,
}

impl Default for Spelling {
    fn default() -> Self {
        Self {
            words: ["(", "(", "AND", ")", "OR", ")"].map(str::to_owned),
            between: "OR".to_owned(),
            empty: "NOT( )".to_owned(),
            most: usize::MAX,
        }
    }
}

/// `field="value"`, quoted as a search reads it.
pub(super) fn term(field: &str, value: &str) -> String {
    let quoted = value.replace('\\', "\\\\").replace('"', "\\\"");
    format!("{}=\"{quoted}\"", name(field))
}

/// The name of a field, in quotes where a search needs them.
pub(super) fn name(field: &str) -> Cow<'_, str> {
    let plain = field
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '{' | '}' | ':'));
    match plain {
        true => Cow::Borrowed(field),
        false => Cow::Owned(format!("\"{field}\"")),
    }
}

/// What a subsearch hands to the search around it: AND within a row, OR between rows. Rows that have only a field
/// `search` (of `return` and `format`) are searches already.
pub(super) fn handed_on(rows: &Batch) -> String {
    let mut names = rows.names().filter(|name| !name.starts_with('_'));
    match (names.next(), names.next(), rows.rows()) {
        (Some(only), None, 1) if &**only == "search" => {
            let search = rows.column("search");
            search.text(0).unwrap_or_default().into_owned()
        }
        _ => Spelling::default().search(rows),
    }
}

/// What a subsearch puts into the arguments of a command: of a single row a field `search` alone, whatever stands
/// beside it; else as for a search.
pub(super) fn as_argument(rows: &Batch) -> String {
    let search = rows.column("search");
    match search.text(0).filter(|_| rows.rows() == 1) {
        Some(text) => text.into_owned(),
        None => handed_on(rows),
    }
}

impl Spelling {
    /// The search of these rows, fields in the order of their names. Fields named `search` or `query` are taken as they
    /// are; internal ones are left out.
    fn search(&self, batch: &Batch) -> String {
        let [row_start, column_start, and, column_end, or, row_end] = &self.words;
        let mut fields: Vec<_> = batch.fields().collect();
        fields.retain(|(name, _)| !name.starts_with('_'));
        fields.sort_by_key(|(name, _)| *name);
        let mut rows = Vec::new();
        for row in 0..batch.rows().min(self.most) {
            let terms: Vec<String> = fields
                .iter()
                .filter(|(_, column)| !column.is_null(row))
                .map(|(name, column)| {
                    let raw = matches!(&***name, "search" | "query");
                    let one = |value: &str| {
                        if raw {
                            value.to_owned()
                        } else {
                            term(name, value)
                        }
                    };
                    let values: Vec<String> = column.values(row).map(|v| one(&v)).collect();
                    match values.as_slice() {
                        [only] => only.clone(),
                        several => format!("( {} )", several.join(&format!(" {} ", self.between))),
                    }
                })
                .collect();
            if !terms.is_empty() {
                rows.push(format!(
                    "{column_start} {} {column_end}",
                    terms.join(&format!(" {and} "))
                ));
            }
        }
        if rows.is_empty() {
            return self.empty.clone();
        }
        format!("{row_start} {} {row_end}", rows.join(&format!(" {or} ")))
    }
}

impl Stage for Spelling {
    fn kind(&self) -> Kind {
        Kind::Mergeable
    }
    fn ordering(&self) -> Ordering {
        Ordering::SeesAndMakes
    }
    fn demand(&self, _: &Demand) -> Demand {
        Demand::all()
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let spelling = self.clone();
        Ok(gathered(move |batches| {
            let search = spelling.search(&Batch::concat(&batches));
            Ok(vec![Batch::from_rows([vec![(
                "search",
                Value::from(search.as_str()),
            )]])])
        }))
    }
}
