//! `abstract`: shortens the text of each event to its first terms.

use super::arguments::Arguments;
use super::{BuildContext, Command, Example, OptionDoc, ParseContext, Stage};
use crate::data::{Column, Demand, Value};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::operators::{Operator, try_streaming};
use crate::syntax::StageText;

/// The command.
pub struct Abstract;

impl Command for Abstract {
    fn name(&self) -> &'static str {
        "abstract"
    }
    fn summary(&self) -> &'static str {
        "Shortens the text of each event to its first terms; an event of more than maxlines lines stops it"
    }
    fn usage(&self) -> &'static str {
        "abstract [maxterms=<N>] [maxlines=<N>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[
            OptionDoc {
                name: "maxterms",
                value: "<N>",
                default: "1000",
                summary: "Terms that are kept, 1 to 1000: words, and each other character",
            },
            OptionDoc {
                name: "maxlines",
                value: "<N>",
                default: "10",
                summary: "Lines that an event may have, 1 to 500: how lines are chosen is not documented",
            },
        ]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | abstract maxterms=5 | table _raw",
                input: "{\"_raw\":\"91.205.189.15 - -\"}",
                output: "{\"_raw\":\"91.205.189\"}",
            },
            Example {
                query: "* | abstract maxlines=2 | table _raw",
                input: "{\"_raw\":\"one\\ntwo\"}",
                output: "{\"_raw\":\"one\\ntwo\"}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let terms = within(&mut arguments, "maxterms", 1000).unwrap_or(1000);
        let lines = within(&mut arguments, "maxlines", 500).unwrap_or(10);
        arguments.finish(|| Box::new(Shortened { terms, lines }) as Box<dyn Stage>)
    }
}

/// An option that is a number from 1 to `most`.
fn within(arguments: &mut Arguments, name: &str, most: usize) -> Option<usize> {
    let number = arguments.count(name)?;
    if !(1..=most).contains(&number)
        && let Some(option) = arguments.option(name)
    {
        let error = option.refused(&format!("a number from 1 to {most}"));
        arguments.error(error);
    }
    Some(number)
}

/// `abstract` with its arguments.
#[derive(Debug, Clone, Copy)]
struct Shortened {
    terms: usize,
    lines: usize,
}

impl Shortened {
    fn apply(self, text: &str) -> Result<&str, Diagnostic> {
        let lines = text.lines().count();
        if lines > self.lines {
            let message = format!(
                "an event has {lines} lines, and abstract is to leave {}",
                self.lines
            );
            return Err(Diagnostic::new(&code::RUNTIME, message).help(
                "how lines are scored is not documented; a larger maxlines= keeps them all",
            ));
        }
        Ok(first_terms(text, self.terms))
    }
}

/// The text up to its term of this number: a term is a run of letters and digits, or any other character.
fn first_terms(text: &str, most: usize) -> &str {
    let mut terms = 0;
    let mut in_word = false;
    for (at, c) in text.char_indices() {
        let word = c.is_alphanumeric();
        if !(word && in_word) {
            terms += 1;
        }
        if terms > most {
            return text.get(..at).unwrap_or(text);
        }
        in_word = word;
    }
    text
}

impl Stage for Shortened {
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        demand.add_exact("_raw");
        demand
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let shortened = *self;
        Ok(try_streaming(move |mut batch| {
            let text = batch.column("_raw");
            let short = |row: usize| match text.text(row) {
                Some(text) => Ok(Value::Text(shortened.apply(&text)?.to_owned())),
                None => Ok(Value::Null),
            };
            let values: Result<Vec<Value>, Diagnostic> = (0..batch.rows()).map(short).collect();
            batch.set("_raw", Column::from_values(values?));
            Ok(batch)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::first_terms;
    use crate::commands::testing::refused;

    #[test]
    fn terms_are_words_and_single_characters() {
        let text = "91.205.189.15 - - [04/Jan/2023:18:22:16] \"GET /oldlink\"";
        assert_eq!(first_terms(text, 20), "91.205.189.15 - - [04/Jan/2023:18");
        assert_eq!(first_terms("a b", 3), "a b");
        assert_eq!(first_terms("", 1), "");
        assert_eq!(refused("abstract maxterms=0")[0].1, "0");
        assert_eq!(refused("abstract maxlines=501")[0].1, "501");
    }
}
