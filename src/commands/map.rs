//! `map`: runs a search for each row, with the row's values put in.

use super::arguments::Arguments;
use super::{
    BuildContext, Command, Example, Kind, Limits, OptionDoc, Ordering, ParseContext, Searches,
    Stage, Subplan,
};
use crate::data::{Batch, Context, Demand};
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::operators::{Flow, Operator, Serial};
use crate::syntax::StageText;
use std::sync::Arc;

/// The command.
pub struct Map;

impl Command for Map {
    fn name(&self) -> &'static str {
        "map"
    }
    fn summary(&self) -> &'static str {
        "Runs a search for each row, with the row's values in place of $field$"
    }
    fn usage(&self) -> &'static str {
        "map [maxsearches=<N>] search=\"<search>\" | <saved search> | [<subsearch>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[
            OptionDoc {
                name: "search",
                value: "<search>",
                default: "",
                summary: "The search; $field$ stands for the row's value, $_serial_id$ for the row's number from 1",
            },
            OptionDoc {
                name: "maxsearches",
                value: "<N>",
                default: "10",
                summary: "Rows that a search is run for at most",
            },
        ]
    }
    fn nests(&self) -> bool {
        true
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "kind=a | table id | map search=\"search kind=b id=$id$ | table id name\"",
                input: "{\"kind\":\"a\",\"id\":1}\n{\"kind\":\"b\",\"id\":1,\"name\":\"x\"}\n{\"kind\":\"b\",\"id\":2,\"name\":\"y\"}",
                output: "{\"id\":1,\"name\":\"x\"}",
            },
            Example {
                query: "* | sort n | map [| makeresults | eval twice=$n$*2 | table twice]",
                input: "{\"n\":1}\n{\"n\":2}",
                output: "{\"twice\":2}\n{\"twice\":4}",
            },
        ]
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let most = arguments.count("maxsearches").unwrap_or(10);
        let given = super::calls::value(&arguments, "search").map(|word| (word.text, word.span));
        let inside = arguments.bracketed().map(|text| (text.node, text.span));
        let saved = match given.is_some() || inside.is_some() {
            true => None,
            false => arguments.only("search=<search>, a subsearch or a saved search"),
        };
        let (search, span) = match (given.or(inside), saved) {
            (Some((text, span)), _) => (Search::Text(text), span),
            (None, Some(word)) => (Search::Saved(word.text), word.span),
            (None, None) => (Search::Saved(String::new()), Span::default()),
        };
        let searches = cx.searches.clone();
        let mapped = Mapped {
            searches,
            search,
            span,
            most,
        };
        // What is wrong whatever the values are is told before the run.
        if arguments.is_well()
            && let Err(error) = mapped.plan(&|name| Some(format!("x{name}")), &[], 1)
            && mapped.plan(&|_| Some("1".to_owned()), &[], 1).is_err()
        {
            arguments.error(error);
        }
        arguments.finish(|| Box::new(mapped) as Box<dyn Stage>)
    }
}

#[derive(Debug, Clone)]
enum Search {
    Text(String),
    Saved(String),
}

/// `map` with its arguments.
#[derive(Debug, Clone)]
struct Mapped {
    searches: Arc<dyn Searches>,
    search: Search,
    span: Span,
    most: usize,
}

impl Mapped {
    /// The search with values put in.
    fn plan(
        &self,
        value: &dyn Fn(&str) -> Option<String>,
        names: &[&str],
        number: usize,
    ) -> Result<Arc<dyn Subplan>, Diagnostic> {
        let planned = match &self.search {
            Search::Text(text) => self.searches.plan(&filled(text, value, number)),
            Search::Saved(name) => {
                let own = names.iter().filter_map(|name| Some((*name, value(name)?)));
                let all = own.chain([("_serial_id", number.to_string())]);
                let pairs: Vec<_> = all.map(|(n, v)| (n.to_owned(), escaped(&v))).collect();
                self.searches.saved(name, &pairs)
            }
        };
        planned.map_err(|errors| {
            let first = errors.into_iter().next();
            let mut error = first.unwrap_or_else(|| {
                Diagnostic::new(&crate::diagnostic::code::SYNTAX, "it is no search")
            });
            error.message = format!("the search of map: {}", error.message);
            error.labels.clear();
            error.span = Some(self.span);
            error
        })
    }
}

/// A value as it stands in a search.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"")
}

/// The text with `$name$` replaced by values; a name without a value stays as it is. Quotes in a value are escaped.
fn filled(text: &str, value: &dyn Fn(&str) -> Option<String>, number: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('$') {
        out.push_str(&rest[..start]);
        let after = &rest[start + 1..];
        let name = after.find('$').map(|end| &after[..end]);
        let is_name = |name: &&str| !name.is_empty() && !name.contains(char::is_whitespace);
        let found = name.filter(is_name).and_then(|name| match name {
            "_serial_id" => Some((name, number.to_string())),
            name => Some((name, value(name)?)),
        });
        match found {
            Some((name, value)) => {
                out.push_str(&escaped(&value));
                rest = &after[name.len() + 1..];
            }
            None => {
                out.push('$');
                rest = after;
            }
        }
    }
    out + rest
}

impl Stage for Mapped {
    fn kind(&self) -> Kind {
        Kind::Serial
    }
    fn ordering(&self) -> Ordering {
        Ordering::SeesAndMakes
    }
    fn demand(&self, _: &Demand) -> Demand {
        Demand::all()
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        Ok(Operator::Serial(Box::new(Running {
            mapped: self.clone(),
            context: cx.context.clone(),
            count: 0,
        })))
    }
}

struct Running {
    mapped: Mapped,
    context: Context,
    count: usize,
}

impl Serial for Running {
    fn push(&mut self, batch: Batch, out: &mut Vec<Batch>) -> Result<Flow, Diagnostic> {
        for row in 0..batch.rows() {
            if self.context.cancel.is_cancelled() {
                return Ok(Flow::Done);
            }
            if self.count >= self.mapped.most {
                let text = format!(
                    "map ran its search for the first {} rows; maxsearches= allows more",
                    self.mapped.most
                );
                self.context.notices.push("map-cap", text, false);
                return Ok(Flow::Done);
            }
            self.count += 1;
            let value = |name: &str| batch.get(name)?.text(row).map(|text| text.into_owned());
            let names: Vec<&str> = batch.names().map(|name| &**name).collect();
            let plan = self.mapped.plan(&value, &names, self.count)?;
            out.push(plan.run(Limits::NONE)?);
        }
        Ok(Flow::More)
    }

    fn finish(&mut self, _: &mut Vec<Batch>) -> Result<(), Diagnostic> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::filled;

    #[test]
    fn names_between_dollars_are_replaced() {
        let value = |name: &str| (name == "a").then(|| "x\"y".to_owned());
        assert_eq!(
            filled("f=$a$ g=\"$a$\" $b$ $5 $_serial_id$", &value, 3),
            "f=x\\\"y g=\"x\\\"y\" $b$ $5 3"
        );
    }
}
