//! `setfields`: gives fields the same value in every row.

use super::arguments::{Arguments, Word};
use super::{BuildContext, Command, Example, ParseContext, Stage};
use crate::data::{Column, Demand, FieldName, Value};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Operator, streaming};
use crate::syntax::StageText;

/// The command.
pub struct Setfields;

impl Command for Setfields {
    fn name(&self) -> &'static str {
        "setfields"
    }
    fn summary(&self) -> &'static str {
        "Gives fields the same text in every row; what is neither letter nor digit becomes _ in their names"
    }
    fn usage(&self) -> &'static str {
        "setfields <field>=\"<text>\"[, <field>=\"<text>\"]…"
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | setfields place=\"here\", rank=1 | table n place rank",
                input: "{\"n\":1}",
                output: "{\"n\":1,\"place\":\"here\",\"rank\":1}",
            },
            Example {
                query: "* | setfields _n-1=\"x\" | table n_1",
                input: "{\"a\":1}",
                output: "{\"n_1\":\"x\"}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::plain(self, text);
        let mut values = Vec::new();
        while let Some(word) = arguments.next() {
            values.extend(pair(word, &mut arguments));
        }
        if values.is_empty() {
            arguments.missing("<field>=<text>");
        }
        arguments.finish(|| Box::new(Set { values }) as Box<dyn Stage>)
    }
}

/// The pair that begins with a word: a name, `=` and a text, in one word or in several.
fn pair(word: Word, arguments: &mut Arguments) -> Option<(FieldName, String)> {
    let (name, value) = match word.text.split_once('=').filter(|_| !word.quoted) {
        Some((name, "")) => (name, arguments.next().map(|value| value.text)),
        Some((name, value)) => (name, Some(value.to_owned())),
        None if arguments.symbol("=") => {
            (word.text.as_str(), arguments.next().map(|value| value.text))
        }
        None => (word.text.as_str(), None),
    };
    let field = cleaned(name);
    match value.filter(|_| !field.is_empty()) {
        Some(value) => Some((field, value)),
        None => {
            arguments.syntax(word.span, format!("`{}` is no field=\"text\"", word.text));
            arguments.give_up();
            None
        }
    }
}

/// A name as the reference cleans it: `_` for all but letters and digits, none at its start.
fn cleaned(name: &str) -> FieldName {
    let plain = |c: char| if c.is_alphanumeric() { c } else { '_' };
    let name: String = name.chars().map(plain).collect();
    name.trim_start_matches('_').into()
}

/// `setfields` with its arguments.
#[derive(Debug, Clone)]
struct Set {
    values: Vec<(FieldName, String)>,
}

impl Stage for Set {
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        for (name, _) in &self.values {
            demand.remove(name);
        }
        demand
    }
    fn creates(&self) -> Vec<String> {
        self.values
            .iter()
            .map(|(name, _)| name.to_string())
            .collect()
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let values = self.values.clone();
        Ok(streaming(move |mut batch| {
            for (name, text) in &values {
                let value = Value::Text(text.clone());
                batch.set(name.clone(), Column::constant(&value, batch.rows()));
            }
            batch
        }))
    }
}
