//! `regex`: takes a field and a regular expression, gives the rows whose value it matches, or does not.

use super::arguments::{Arguments, Word};
use super::rex::compile;
use super::{BuildContext, Command, Example, ParseContext, Stage};
use crate::data::{Batch, Column, Demand, FieldName, Filter, Mask};
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::functions::pattern::Pattern;
use crate::operators::{Operator, try_streaming};
use crate::syntax::{Spanned, StageText};
use arrow_array::Array;
use arrow_buffer::BooleanBuffer;
use std::sync::Arc;

/// The command.
pub struct Regex;

impl Command for Regex {
    fn name(&self) -> &'static str {
        "regex"
    }
    fn summary(&self) -> &'static str {
        "Keeps the rows whose value a regular expression matches, or with != does not"
    }
    fn usage(&self) -> &'static str {
        "regex [<field>=|<field>!=]\"<regex>\"; the field is _raw when none is given"
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | regex user=\"^adm(in)?\\d*$\"",
                input: "{\"user\":\"admin1\"}\n{\"user\":\"bob\"}\n{\"id\":3}",
                output: "{\"user\":\"admin1\"}",
            },
            Example {
                query: "* | regex user!=\"(?i)ADMIN\"",
                input: "{\"user\":\"admin1\"}\n{\"user\":\"bob\"}",
                output: "{\"user\":\"bob\"}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let (field, negated, rest) = split(&text.arguments.node);
        let start = text.arguments.span.start + text.arguments.node.len() - rest.len();
        let pattern = StageText {
            name: text.name.clone(),
            arguments: Spanned::new(rest.to_owned(), Span::new(start, start + rest.len())),
        };
        let mut arguments = Arguments::plain(self, &pattern);
        let pattern = arguments
            .pattern("a regular expression")
            .map(|Word { text, span, .. }| compile(&text, span));
        let pattern = arguments.keep(pattern);
        let field = field.unwrap_or("_raw").into();
        arguments.finish(|| ()).and_then(|()| match pattern {
            Some(pattern) => Ok(Box::new(Matched {
                field,
                negated,
                pattern: Arc::new(pattern),
            }) as Box<dyn Stage>),
            None => Err(Vec::new()),
        })
    }
}

/// The field, whether `!=` follows it, and the rest of the text.
fn split(text: &str) -> (Option<&str>, bool, &str) {
    let whole = (None, false, text);
    let quoted = ['\'', '"'].into_iter().find_map(|quote| {
        let (inside, rest) = text.strip_prefix(quote)?.split_once(quote)?;
        // A quote after a backslash closes nothing.
        Some((inside, rest)).filter(|(inside, _)| !inside.ends_with('\\'))
    });
    let (field, rest) = match quoted {
        Some(found) => found,
        None => {
            let name = |c: char| c.is_alphanumeric() || "_.{}:-@".contains(c);
            text.split_at(text.find(|c| !name(c)).unwrap_or(text.len()))
        }
    };
    let rest = rest.trim_start();
    let (negated, after) = match (rest.strip_prefix("!="), rest.strip_prefix('=')) {
        (Some(after), _) => (true, after),
        (_, Some(after)) => (false, after),
        _ => return whole,
    };
    if field.is_empty() {
        return whole;
    }
    (Some(field), negated, after.trim_start())
}

/// `regex` with its arguments.
#[derive(Debug)]
struct Matched {
    field: FieldName,
    negated: bool,
    pattern: Arc<Pattern>,
}

impl Stage for Matched {
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        demand.add_exact(&self.field);
        demand
    }
    fn predicate(&self) -> Option<Arc<dyn Filter>> {
        Some(Arc::new(self.asked()))
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let asked = self.asked();
        Ok(try_streaming(move |batch: Batch| {
            Ok(batch.filter(&asked.keep(&batch)?))
        }))
    }
}

impl Matched {
    fn asked(&self) -> Asked {
        let mut demand = Demand::none();
        demand.add_exact(&self.field);
        Asked {
            field: self.field.clone(),
            negated: self.negated,
            pattern: self.pattern.clone(),
            demand,
        }
    }
}

/// The match as the source asks it.
struct Asked {
    field: FieldName,
    negated: bool,
    pattern: Arc<Pattern>,
    demand: Demand,
}

impl Filter for Asked {
    fn demand(&self) -> &Demand {
        &self.demand
    }
    fn keep(&self, batch: &Batch) -> Result<Mask, Diagnostic> {
        matches(&self.pattern, &batch.column(&self.field), self.negated)
    }
}

/// The rows of which a value matches; turned around by `negated`, so that a row without a value is then kept.
fn matches(pattern: &Pattern, column: &Column, negated: bool) -> Result<Mask, Diagnostic> {
    if let Column::Text(texts) = column {
        let mut error = None;
        let keep = BooleanBuffer::collect_bool(texts.len(), |row| {
            let found = texts.is_valid(row) && error.is_none() && {
                let found = pattern.is_match(texts.value(row));
                found.unwrap_or_else(|e| error.replace(e).is_some())
            };
            found != negated
        });
        return error.map_or(Ok(Mask::new(keep, None)), Err);
    }
    let mut keep = Vec::with_capacity(column.len());
    for row in 0..column.len() {
        let mut found = false;
        match column {
            Column::Number(_) | Column::Bool(_) => {
                if let Some(text) = column.text(row) {
                    found = pattern.is_match(&text)?;
                }
            }
            column => {
                for text in column.values(row) {
                    found = found || pattern.is_match(&text)?;
                }
            }
        }
        keep.push(found != negated);
    }
    Ok(Mask::from(keep))
}

#[cfg(test)]
mod tests {
    use crate::commands::testing::{check, demand, refused};

    #[test]
    fn the_field_may_be_left_out_or_quoted() {
        let input = "{\"id\":1,\"_raw\":\"alpha=1\",\"a b\":\"x\"}\n{\"id\":2,\"_raw\":\"beta\"}";
        check(
            "* | regex \"a=\\d\" | fields id | fields - _raw",
            input,
            "{\"id\":1}",
        );
        check(
            "* | regex _raw != \"alpha\" | fields id | fields - _raw",
            input,
            "{\"id\":2}",
        );
        check(
            "* | regex 'a b'=\"x\" | fields id | fields - _raw",
            input,
            "{\"id\":1}",
        );
        check(
            "* | regex be.a | fields id | fields - _raw",
            input,
            "{\"id\":2}",
        );
    }

    #[test]
    fn one_value_of_several_is_enough() {
        let input = "{\"m\":[\"a\",\"b\"]}\n{\"m\":\"c\"}";
        check("* | regex m=\"b\"", input, "{\"m\":[\"a\",\"b\"]}");
        check("* | regex m!=\"b\"", input, "{\"m\":\"c\"}");
    }

    #[test]
    fn errors_say_where() {
        assert_eq!(refused("regex")[0].0, "E0111");
        assert_eq!(refused("regex a=\"[\""), [("E0113", "\"[\"".into())]);
        assert_eq!(refused("regex a=\"b"), [("E0104", "\"".into())]);
        assert_eq!(demand("regex a.b=\"x\"", &["c"]), "c, a.b");
    }
}
