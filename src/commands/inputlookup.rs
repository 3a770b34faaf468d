//! `inputlookup`: makes rows of a lookup table.

use super::arguments::Arguments;
use super::{
    BuildContext, Command, Example, Kind, OptionDoc, Ordering, ParseContext, Stage, Tables,
};
use super::{lookup, made};
use crate::data::{Batch, Column, Demand, Filter, Value};
use crate::diagnostic::{Diagnostic, Diagnostics, Span, code};
use crate::functions::predicate;
use crate::operators::{Flow, Operator, Serial};
use crate::syntax::{StageText, search};
use std::sync::Arc;

/// The command.
pub struct Inputlookup;

/// The options, also those of `inputcsv`.
pub(super) const OPTIONS: &[OptionDoc] = &[
    OptionDoc {
        name: "append",
        value: "true|false",
        default: "false",
        summary: "Adds the rows after those that are there",
    },
    OptionDoc {
        name: "strict",
        value: "true|false",
        default: "true",
        summary: "Whether a table that is missing is an error; with false it has no rows, and that is told",
    },
    OptionDoc {
        name: "start",
        value: "<N>",
        default: "0",
        summary: "The first row that is taken, counted from 0",
    },
    OptionDoc {
        name: "max",
        value: "<N>",
        default: "1000000000",
        summary: "Rows that are taken at most",
    },
];

impl Command for Inputlookup {
    fn name(&self) -> &'static str {
        "inputlookup"
    }
    fn summary(&self) -> &'static str {
        "Makes rows of a lookup table"
    }
    fn usage(&self) -> &'static str {
        "inputlookup [append=<bool>] [strict=<bool>] [start=<N>] [max=<N>] <table> [where <search>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        OPTIONS
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "| inputlookup users.csv where dept=IT | table user boss",
                input: "",
                output: "{\"user\":\"bob\",\"boss\":\"ann\"}",
            },
            Example {
                query: "* | table user | inputlookup append=true users.csv | table user",
                input: "{\"user\":\"zed\"}",
                output: "{\"user\":\"zed\"}\n{\"user\":\"bob\"}\n{\"user\":\"eve\"}",
            },
        ]
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        read(self, text, cx, "", &[])
    }
}

/// The stage of arguments; `ending` is added to a file's name that has none.
pub(super) fn read(
    command: &dyn Command,
    text: &StageText,
    cx: &ParseContext<'_>,
    ending: &str,
    false_only: &[(&'static str, &str)],
) -> Result<Box<dyn Stage>, Diagnostics> {
    let mut arguments = Arguments::plain(command, text);
    arguments.lead(command, &[]);
    let table = arguments.only("the name of a table");
    arguments.lead(command, &[]);
    for (name, reason) in false_only {
        super::written::only(&mut arguments, name, false, reason);
    }
    let append = arguments.flag("append", false);
    let strict = arguments.flag("strict", true);
    let events = arguments.flag("events", false);
    let start = arguments.count("start").unwrap_or(0);
    let most = arguments.count("max").unwrap_or(1_000_000_000);
    let filter = match arguments.takes("where") {
        true => condition(&mut arguments, cx),
        false => None,
    };
    if !append && !cx.first {
        let message = format!(
            "`{}` makes rows of its own and can only be the first command",
            text.name.node
        );
        arguments.error(
            Diagnostic::at(&code::POSITION, text.name.span, message)
                .help("with append=true it adds its rows to those that are there"),
        );
    }
    let tables = cx.tables.clone();
    arguments.finish(|| {
        let (mut name, span) = table.map_or_else(Default::default, |w| (w.text, w.span));
        if !ending.is_empty() && !name.contains('.') {
            name.push_str(ending);
        }
        Box::new(Read {
            tables,
            name,
            span,
            // There are no rows before the first command.
            append: append && !cx.first,
            start,
            most,
            filter,
            events,
            strict,
        }) as Box<dyn Stage>
    })
}

/// The search after `where`.
fn condition(arguments: &mut Arguments, cx: &ParseContext<'_>) -> Option<Arc<dyn Filter>> {
    let rest = arguments.pattern("a search after where")?;
    let (expr, errors) = search::parse(&rest.text, rest.span.start);
    if !errors.is_empty() {
        errors.into_iter().for_each(|e| arguments.error(e));
        return None;
    }
    match predicate::compile(&expr, cx.context) {
        Ok(compiled) => compiled.predicate.map(|p| p as Arc<dyn Filter>),
        Err(errors) => {
            errors.into_iter().for_each(|e| arguments.error(e));
            None
        }
    }
}

/// The command with its arguments.
struct Read {
    tables: Arc<dyn Tables>,
    name: String,
    span: Span,
    append: bool,
    start: usize,
    most: usize,
    filter: Option<Arc<dyn Filter>>,
    /// The rows are events.
    events: bool,
    /// A table that is missing is an error.
    strict: bool,
}

impl std::fmt::Debug for Read {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Read").field(&self.name).finish()
    }
}

impl Stage for Read {
    fn kind(&self) -> Kind {
        Kind::Serial
    }
    fn ordering(&self) -> Ordering {
        match self.append {
            true => Ordering::SeesAndMakes,
            false => Ordering::Makes,
        }
    }
    fn demand(&self, after: &Demand) -> Demand {
        match self.append {
            true => after.clone(),
            false => Demand::none(),
        }
    }
    fn generates(&self) -> bool {
        !self.append
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let mut rows = self.rows(cx)?;
        if let Some(filter) = &self.filter {
            rows = rows.filter(&filter.keep(&rows)?);
        }
        let start = self.start.min(rows.rows());
        let mut rows = rows.slice(start, self.most.min(rows.rows() - start));
        if self.events {
            rows = self.as_events(rows)?;
        }
        let count = rows.rows();
        Ok(match self.append {
            true => Operator::Serial(Box::new(After(Some(rows)))),
            false => made::rows(rows, count, cx),
        })
    }
}

impl Read {
    /// The rows of the table.
    fn rows(&self, cx: &BuildContext<'_>) -> Result<Batch, Diagnostic> {
        match lookup::table(self.tables.as_ref(), &self.name, cx.context) {
            Ok(table) => Ok(table.rows),
            Err(error) if !self.strict => {
                let text = format!("{}: it gives no rows", error.message);
                cx.context.notices.push("no-table", text, true);
                Ok(Batch::new(0))
            }
            Err(error) => Err(error.or_span(self.span)),
        }
    }

    /// The rows as events: with times, newest first; those of one time as in the file, those without any last.
    fn as_events(&self, mut rows: Batch) -> Result<Batch, Diagnostic> {
        let missing = ["_time", "_raw"]
            .into_iter()
            .find(|name| rows.get(name).is_none());
        if let Some(name) = missing.filter(|_| rows.rows() > 0) {
            let names: Vec<&str> = rows.names().map(|name| &**name).collect();
            let message = format!(
                "the rows of `{}` are no events: they have no {name}",
                self.name
            );
            let error = Diagnostic::at(&code::LOOKUP, self.span, message);
            return Err(error.help(format!(
                "events=true needs the columns _time and _raw; there are {}",
                names.join(", ")
            )));
        }
        let text = rows.column("_time");
        let times: Vec<Option<f64>> = (0..rows.rows()).map(|row| text.number(row)).collect();
        let number = |time: &Option<f64>| time.map_or(Value::Null, Value::Number);
        rows.set("_time", Column::from_values(times.iter().map(number)));
        let mut order: Vec<(Option<f64>, u32)> = times.into_iter().zip(0..).collect();
        order.sort_by(|(a, _), (b, _)| match (a, b) {
            (Some(a), Some(b)) => b.total_cmp(a),
            (a, b) => b.is_some().cmp(&a.is_some()),
        });
        let order: Vec<u32> = order.into_iter().map(|(_, row)| row).collect();
        Ok(rows.take(&order))
    }
}

/// Rows that come after those that are there.
struct After(Option<Batch>);

impl Serial for After {
    fn push(&mut self, batch: Batch, out: &mut Vec<Batch>) -> Result<Flow, Diagnostic> {
        out.push(batch);
        Ok(Flow::More)
    }

    fn finish(&mut self, out: &mut Vec<Batch>) -> Result<(), Diagnostic> {
        out.extend(self.0.take());
        Ok(())
    }
}
