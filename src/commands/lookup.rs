//! `lookup`: adds fields of a table's rows to the events that share values with them.

use super::arguments::{Arguments, Word};
use super::{
    Before, BuildContext, Command, Example, OptionDoc, Origin, ParseContext, Stage, Tables,
};
use crate::data::{Context, Demand, FieldName};
use crate::diagnostic::{Diagnostic, Diagnostics, Span, code};
use crate::functions::{ColumnPair as Pair, Finder, predicate};
use crate::operators::{Operator, streaming};
use crate::syntax::{StageText, search};
use std::sync::Arc;

mod matching;

use matching::{Matcher, Put};

/// The command.
pub struct Lookup;

impl Command for Lookup {
    fn name(&self) -> &'static str {
        "lookup"
    }
    fn summary(&self) -> &'static str {
        "Adds fields of a table's rows to the events that share values with them"
    }
    fn usage(&self) -> &'static str {
        "lookup [local=<bool>] [update=<bool>] <table> <field> [AS <field>][, …] [OUTPUT|OUTPUTNEW <field> [AS <field>][, …]]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[
            OptionDoc {
                name: "local",
                value: "true|false",
                default: "false",
                summary: "Where the table is searched: always here",
            },
            OptionDoc {
                name: "update",
                value: "true|false",
                default: "false",
                summary: "Whether a changed file is read again: it is read for each query",
            },
        ]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | lookup users.csv user OUTPUT dept",
                input: "{\"user\":\"bob\"}\n{\"user\":\"zed\"}",
                output: "{\"user\":\"bob\",\"dept\":\"IT\"}\n{\"user\":\"zed\"}",
            },
            Example {
                query: "* | lookup users.csv user AS account OUTPUTNEW boss AS manager | table account manager",
                input: "{\"account\":\"bob\"}\n{\"account\":\"eve\",\"manager\":\"max\"}",
                output: "{\"account\":\"bob\",\"manager\":\"ann\"}\n{\"account\":\"eve\",\"manager\":\"max\"}",
            },
        ]
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        arguments.flag("local", false);
        arguments.flag("update", false);
        let table = arguments.only("the name of a table");
        let keys = pairs(&mut arguments);
        if keys.is_empty() && table.is_some() {
            arguments.missing("a field of the table after its name");
        }
        let clause = arguments.next();
        let put = match &clause {
            Some(word) if word.is("outputnew") => Put::Missing,
            _ => Put::Always,
        };
        let outputs = pairs(&mut arguments);
        if let (Some(word), true) = (clause, outputs.is_empty()) {
            arguments.missing(&format!("a field of the table after {}", word.text));
        }
        let span = table.as_ref().map_or(Span::default(), |word| word.span);
        let name = table.map(|word| word.text).unwrap_or_default();
        let tables = cx.tables.clone();
        arguments.finish(|| {
            Box::new(LookedUp {
                tables,
                name,
                span,
                keys,
                outputs,
                put,
            }) as Box<dyn Stage>
        })
    }
}

/// Fields of the table, each with the event's field, up to `OUTPUT` or `OUTPUTNEW`.
fn pairs(arguments: &mut Arguments) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let ends = |word: &Word| word.is("output") || word.is("outputnew");
    while arguments.peek().is_some_and(|word| !ends(&word)) {
        let Some(column) = arguments.next() else {
            break;
        };
        let field = match arguments.takes("as") {
            true => arguments.only("a field after AS"),
            false => None,
        };
        let column: FieldName = column.text.into();
        pairs.push(Pair {
            field: field.map_or(column.clone(), |word| word.text.into()),
            column,
        });
    }
    pairs
}

/// `lookup` with its arguments.
#[derive(Debug)]
struct LookedUp {
    tables: Arc<dyn Tables>,
    name: String,
    span: Span,
    keys: Vec<Pair>,
    /// Empty for all other columns of the table.
    outputs: Vec<Pair>,
    put: Put,
}

impl Stage for LookedUp {
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        if self.put == Put::Always {
            for output in &self.outputs {
                demand.remove(&output.field);
            }
        }
        for key in &self.keys {
            demand.add_exact(&key.field);
        }
        // Whether a row holds depends on the event's time, if the table says so: that is known when it is read.
        demand.add_exact("_time");
        demand
    }
    fn creates(&self) -> Vec<String> {
        self.outputs.iter().map(|o| o.field.to_string()).collect()
    }
    fn origin(&self, name: &str, before: &Before<'_>) -> Origin {
        let outputs = self.outputs.iter().any(|output| *output.field == *name);
        match (outputs, self.put) {
            (true, Put::Always) => Origin::Command,
            (true, Put::Missing) => before(name).or_else(|| Origin::Command),
            (false, _) => before(name),
        }
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let pairs = (self.keys.clone(), self.outputs.clone());
        let opened = opened(
            self.tables.as_ref(),
            &self.name,
            pairs,
            self.put,
            cx.context,
        );
        let matcher = opened.map_err(|error| error.or_span(self.span))?;
        Ok(streaming(move |batch| matcher.apply(batch)))
    }
}

/// A table with its columns that are compared and those that are put into events.
fn opened(
    tables: &dyn Tables,
    name: &str,
    (keys, outputs): (Vec<Pair>, Vec<Pair>),
    put: Put,
    context: &Context,
) -> Result<Matcher, Diagnostic> {
    let table = table(tables, name, context)?;
    for pair in keys.iter().chain(&outputs) {
        if table.rows.get(&pair.column).is_none() {
            let names: Vec<&str> = table.rows.names().map(|n| &**n).collect();
            let message = format!("lookup `{name}` has no field `{}`", pair.column);
            let error = Diagnostic::new(&code::LOOKUP, message);
            return Err(error.help(format!("it has {}", names.join(", "))));
        }
    }
    Matcher::new(table, keys, outputs, put, context)
}

/// The table of a name, with those rows only that its definition's filter keeps.
pub(super) fn table(
    tables: &dyn Tables,
    name: &str,
    context: &Context,
) -> Result<crate::data::Lookup, Diagnostic> {
    let mut table = tables.read(name)?;
    if let Some(filter) = &table.rule.filter {
        let unread = |errors: Diagnostics| {
            let why = errors.first().map_or("", |error| &error.message);
            let message = format!("lookup `{name}` can't be used: its filter `{filter}`: {why}");
            Diagnostic::new(&code::LOOKUP, message)
        };
        let (expr, errors) = search::parse(filter, 0);
        if !errors.is_empty() {
            return Err(unread(errors));
        }
        let compiled = predicate::compile(&expr, context).map_err(unread)?;
        if let Some(predicate) = compiled.predicate {
            table.rows = table.rows.filter(&predicate.mask(&table.rows));
        }
    }
    Ok(table)
}

/// What finds rows of a table for an expression.
pub(super) fn finder(
    tables: &dyn Tables,
    name: &str,
    pairs: (Vec<Pair>, Vec<Pair>),
    context: &Context,
) -> Result<Finder, Diagnostic> {
    let matcher = opened(tables, name, pairs, Put::Always, context)?;
    Ok(Arc::new(move |batch| matcher.apply(batch)))
}
