//! `makemv`: takes a field and a delimiter or a regular expression, gives its value cut into a multivalue.

use super::arguments::Arguments;
use super::rex::compile;
use super::{BuildContext, Command, Example, OptionDoc, ParseContext, Stage};
use crate::data::{Column, ColumnBuilder, FieldName};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::functions::pattern::Pattern;
use crate::operators::{Operator, try_streaming};
use crate::syntax::{OptionText, StageText};
use std::sync::Arc;

/// The command.
pub struct Makemv;

impl Command for Makemv {
    fn name(&self) -> &'static str {
        "makemv"
    }
    fn summary(&self) -> &'static str {
        "Cuts a value into a multivalue"
    }
    fn usage(&self) -> &'static str {
        "makemv [delim=<text>|tokenizer=\"<regex>\"] [allowempty=<bool>] [setsv=<bool>] <field>"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[
            OptionDoc {
                name: "delim",
                value: "<text>",
                default: "\" \"",
                summary: "What stands between the values",
            },
            OptionDoc {
                name: "tokenizer",
                value: "\"<regex>\"",
                default: "",
                summary: "A regular expression whose first group is a value, match after match",
            },
            OptionDoc {
                name: "allowempty",
                value: "true|false",
                default: "false",
                summary: "Keeps empty values between delimiters",
            },
            OptionDoc {
                name: "setsv",
                value: "true|false",
                default: "false",
                summary: "Keeps the values as one too, joined by delim (a blank with tokenizer): what nomv gives",
            },
        ]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | makemv delim=\",\" to",
                input: "{\"to\":\"a,b,,c\"}",
                output: "{\"to\":[\"a\",\"b\",\"c\"]}",
            },
            Example {
                query: "* | makemv tokenizer=\"([^,;]+)[,;]?\" to",
                input: "{\"to\":\"a,b;c\"}",
                output: "{\"to\":[\"a\",\"b\",\"c\"]}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let delim = arguments.text("delim");
        let tokenizer = arguments.option("tokenizer").cloned();
        let allow_empty = arguments.flag("allowempty", false);
        let sets_single = arguments.flag("setsv", false);
        if let (Some(_), Some(option)) = (&delim, &tokenizer) {
            arguments.syntax(option.name.span, "makemv has delim= and tokenizer= both");
        }
        let tokenizer = arguments.keep(tokenizer.map(grouped));
        let field = arguments.only("a field").map(|word| word.text);
        let cut = match (tokenizer, delim) {
            (Some(pattern), _) => Cut::Pattern(pattern),
            (None, Some(delim)) if !delim.is_empty() => Cut::Delim(delim),
            (None, _) => Cut::Delim(" ".to_owned()),
        };
        arguments.finish(|| {
            Box::new(Made {
                field: field.unwrap_or_default().into(),
                cut: Arc::new(cut),
                allow_empty,
                sets_single,
            }) as Box<dyn Stage>
        })
    }
}

fn grouped(option: OptionText) -> Result<Pattern, Diagnostic> {
    let pattern = compile(&option.value.node.text, option.value.span)?;
    if pattern.groups() < 2 {
        let message = "the tokenizer has no group, so it would give no value";
        let diagnostic = Diagnostic::at(&code::REGEX, option.value.span, message);
        return Err(diagnostic.help("put what is a value in parentheses: ([^,]+),?"));
    }
    Ok(pattern)
}

#[derive(Debug)]
enum Cut {
    Delim(String),
    Pattern(Pattern),
}

impl Cut {
    /// What joins the values to a single one.
    fn joins(&self) -> Arc<str> {
        match self {
            Cut::Delim(delim) => delim.as_str().into(),
            Cut::Pattern(_) => " ".into(),
        }
    }
}

/// `makemv` with its arguments.
#[derive(Debug)]
struct Made {
    field: FieldName,
    cut: Arc<Cut>,
    allow_empty: bool,
    sets_single: bool,
}

impl Stage for Made {
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let (field, cut, allow_empty) = (self.field.clone(), self.cut.clone(), self.allow_empty);
        let single = self.sets_single.then(|| self.cut.joins());
        Ok(try_streaming(move |mut batch| {
            if let Some(column) = batch.get(&field) {
                let made = make(&cut, column, allow_empty)?;
                batch.set(field.clone(), made);
            }
            if let Some(text) = &single {
                batch.set_join(field.clone(), text.clone());
            }
            Ok(batch)
        }))
    }
}

fn make(cut: &Cut, column: &Column, allow_empty: bool) -> Result<Column, Diagnostic> {
    let mut out = ColumnBuilder::default();
    let mut parts: Vec<String> = Vec::new();
    for row in 0..column.len() {
        for text in column.values(row) {
            match cut {
                Cut::Delim(delim) => parts.extend(text.split(delim.as_str()).map(str::to_owned)),
                Cut::Pattern(pattern) => {
                    let before = parts.len();
                    for groups in pattern.captures_iter(&text) {
                        parts.extend(groups?.get(1).map(str::to_owned));
                    }
                    // A value that the tokenizer finds nothing in stays whole.
                    if parts.len() == before {
                        parts.push(text.into_owned());
                    }
                }
            }
        }
        out.push_texts(
            parts
                .drain(..)
                .filter(|part| allow_empty || !part.is_empty()),
        );
    }
    Ok(out.finish())
}

#[cfg(test)]
mod tests {
    use crate::commands::testing::{check, refused};

    #[test]
    fn delimiters_may_be_long_and_empty_values_stay_when_allowed() {
        check(
            "* | makemv delim=\"::\" s",
            "{\"s\":\"a::b\"}",
            "{\"s\":[\"a\",\"b\"]}",
        );
        check(
            "* | makemv s",
            "{\"s\":\"a  b\"}\n{}",
            "{\"s\":[\"a\",\"b\"]}\n{}",
        );
        check(
            "* | makemv delim=, allowempty=t s",
            "{\"s\":\"a,,b\"}",
            "{\"s\":[\"a\",\"\",\"b\"]}",
        );
    }

    #[test]
    fn errors_say_where() {
        assert_eq!(refused("makemv delim=\",\"")[0].0, "E0111");
        assert_eq!(
            refused("makemv tokenizer=\"[^,]+\" s"),
            [("E0113", "\"[^,]+\"".into())]
        );
        assert_eq!(
            refused("makemv delim=x tokenizer=\"(x)\" s"),
            [("E0103", "tokenizer".into())]
        );
    }
}
