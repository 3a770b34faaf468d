//! `tstats`: takes aggregate calls, a search and by-fields, gives the statistics of the events themselves. There is no
//! index to be asked instead; data models and namespaces are refused. With `prestats` it gives the events that count, for
//! the command behind it.

mod clauses;
mod prefix;
mod prepared;

use super::appended::{After, Appended};
use super::arguments::Arguments;
use super::stats::{self, Grouped};
use super::{
    Before, BuildContext, Command, Example, Kind, Limits, Offers, OptionDoc, Ordering, Origin,
    ParseContext, Place, Stage,
};
use crate::data::time::TimeSpan;
use crate::data::{Context, Demand, Filter, Value};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::functions::predicate::{self, Compiled};
use crate::operators::{Operator, Summary};
use crate::syntax::{
    AggregateArgument, AggregateText, Spanned, StageText, parse_subsearch, search,
};
use clauses::{Clauses, place};
use prefix::Prefix;
use prepared::{Handed, Prepare, Prepared};
use std::sync::Arc;

/// The command.
pub struct Tstats;

const OPTIONS: &[OptionDoc] = &[
    OptionDoc::new(
        "prestats",
        "true|false",
        "false",
        "Gives what stats, chart or timechart behind it computes with: the events, with the fields that are named",
    ),
    OptionDoc::new(
        "append",
        "true|false",
        "false",
        "With prestats: adds the events to those of the tstats before it",
    ),
    OptionDoc::new(
        "summariesonly",
        "true|false",
        "false",
        "Has no influence: it is about summaries of data models",
    ),
    OptionDoc::new(
        "allow_old_summaries",
        "true|false",
        "false",
        "Has no influence: it is about summaries of data models",
    ),
    OptionDoc::new(
        "local",
        "true|false",
        "false",
        "Has no influence: there are no search peers",
    ),
    OptionDoc::new(
        "include_reduced_buckets",
        "true|false",
        "false",
        "Has no influence: there are no reduced buckets",
    ),
    OptionDoc::new(
        "chunk_size",
        "<N>",
        "10000000",
        "Has no influence on the rows; from 10000 on",
    ),
    OptionDoc::new(
        "fillnull_value",
        "<text>",
        "",
        "What stands for a missing value of a field after BY; without it the event does not count",
    ),
];

/// Functions of stats that tstats has not.
const NOT_HERE: [&str; 3] = ["estdc_error", "list", "sparkline"];

impl Command for Tstats {
    fn name(&self) -> &'static str {
        "tstats"
    }
    fn summary(&self) -> &'static str {
        "Computes statistics of the events that fit a search, as stats does; data models are refused"
    }
    fn usage(&self) -> &'static str {
        "tstats [prestats=<bool>] [append=<bool>] [summariesonly=<bool>] [allow_old_summaries=<bool>] [local=<bool>] [include_reduced_buckets=<bool>] [chunk_size=<N>] [fillnull_value=<text>] <function>[(<field>)] [AS <name>]… [WHERE <search>] [BY|GROUPBY <field>… [span=<span>]]; a field may be PREFIX(<text>)"
    }
    fn options(&self) -> &'static [OptionDoc] {
        OPTIONS
    }
    fn offers(&self) -> Offers {
        Offers::Aggregates
    }
    fn place(&self) -> Place {
        Place::First
    }
    fn may_follow(&self, text: &StageText) -> bool {
        let clauses = Clauses::of(&text.arguments.node);
        clauses.asks("append") && clauses.asks("prestats")
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "| tstats count where index=main by sourcetype",
                input: "{\"sourcetype\":\"a\"}\n{\"sourcetype\":\"b\"}\n{\"sourcetype\":\"a\",\"index\":\"other\"}",
                output: "{\"sourcetype\":\"a\",\"count\":1}\n{\"sourcetype\":\"b\",\"count\":1}",
            },
            Example {
                query: "| tstats count by _time span=1h",
                input: "{\"_time\":10}\n{\"_time\":20}\n{\"_time\":3600}",
                output: "{\"_time\":0,\"count\":2}\n{\"_time\":3600,\"count\":1}",
            },
            Example {
                query: "| tstats avg(PREFIX(kbps=)) AS mean by PREFIX(group=)",
                input: "{\"_raw\":\"group=a kbps=10\"}\n{\"_raw\":\"group=b kbps=3\"}\n{\"_raw\":\"group=a kbps=20\"}",
                output: "{\"group=\":\"a\",\"mean\":15}\n{\"group=\":\"b\",\"mean\":3}",
            },
            Example {
                query: "| tstats prestats=t count where host=a by host | tstats prestats=t append=t count where host=b by host | stats count by host",
                input: "{\"host\":\"a\"}\n{\"host\":\"b\"}\n{\"host\":\"b\"}\n{\"host\":\"c\"}",
                output: "{\"host\":\"a\",\"count\":1}\n{\"host\":\"b\",\"count\":2}",
            },
        ]
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        if !cx.first && self.may_follow(text) {
            return appended(text, cx);
        }
        let mut errors = Diagnostics::new();
        let mut clauses = Clauses::of(&text.arguments.node);
        if let Some((start, end)) = clauses.from {
            let span = place(text, start, end);
            errors.push(
                Diagnostic::at(
                    &code::UNSUPPORTED_OPTION,
                    span,
                    "data models and namespaces are not read yet",
                )
                .help("search the events: | tstats count where sourcetype=… by …"),
            );
        }
        let span = clauses.take_span(text, &mut errors);
        let prefixes = clauses.take_prefixes(text, &mut errors);
        let filter = filter(&clauses, text, cx, &mut errors);
        let rest = StageText {
            name: text.name.clone(),
            arguments: Spanned::new(clauses.rest, text.arguments.span),
        };
        let mut arguments = Arguments::read(self, &rest);
        let fill = arguments.text("fillnull_value");
        let prestats = arguments.flag("prestats", false);
        check_options(&mut arguments, prestats);
        let inner = stats::grouped(&mut arguments, cx, &check_calls);
        let read = Read {
            filter,
            span,
            prefixes,
            fill,
        };
        errors.into_iter().for_each(|error| arguments.error(error));
        arguments.finish(|| -> Box<dyn Stage> {
            match prestats {
                true => Box::new(Prestats {
                    read,
                    summary: inner.summary,
                }),
                false => Box::new(Filtered { read, inner }),
            }
        })
    }
}

/// The search after WHERE.
fn filter(
    clauses: &Clauses,
    text: &StageText,
    cx: &ParseContext<'_>,
    errors: &mut Diagnostics,
) -> Option<Compiled> {
    let (start, end) = clauses.filter?;
    let body = text.arguments.node.get(start..end).unwrap_or_default();
    let (expr, found) = search::parse(body, text.arguments.span.start + start);
    errors.extend(found);
    match predicate::compile(&expr, cx.context) {
        Ok(compiled) => Some(compiled),
        Err(found) => {
            errors.extend(found);
            None
        }
    }
}

/// Options that have to be right although they have no influence, and `append`, which needs `prestats`.
fn check_options(arguments: &mut Arguments, prestats: bool) {
    for name in [
        "summariesonly",
        "allow_old_summaries",
        "local",
        "include_reduced_buckets",
    ] {
        arguments.flag(name, false);
    }
    if arguments
        .count("chunk_size")
        .is_some_and(|size| size < 10_000)
        && let Some(value) = super::calls::value(arguments, "chunk_size")
    {
        super::calls::bad_value(
            arguments,
            "chunk_size",
            &value,
            "a whole number from 10000 on",
        );
    }
    if arguments.flag("append", false)
        && !prestats
        && let Some(value) = super::calls::value(arguments, "append")
    {
        let message = "append=true goes with prestats=true only";
        let error = Diagnostic::at(&code::OPTION_VALUE, value.span, message);
        arguments.error(error.help("add prestats=true, or use append [| tstats …]"));
    }
}

/// tstats knows fewer functions than stats, and only of fields by name.
fn check_calls(arguments: &mut Arguments, texts: &mut [AggregateText]) {
    for text in texts {
        let name = &text.function.node;
        if NOT_HERE.contains(&name.as_str()) {
            let message = format!("tstats has no function {name}()");
            let error = Diagnostic::at(&code::UNSUPPORTED_FUNCTION, text.function.span, message);
            arguments.error(error.help("search the events and use stats"));
        }
        match text.argument.as_ref().map(|argument| &argument.node) {
            Some(AggregateArgument::Eval(_)) => {
                let message = "tstats has no eval() in its functions";
                let error = Diagnostic::at(&code::UNSUPPORTED_FUNCTION, text.span, message);
                arguments.error(error.help("search the events, and use eval and stats"));
            }
            Some(AggregateArgument::Field(field)) if field.contains('*') => {
                let message = "tstats takes fields by name, without wildcards";
                arguments.error(Diagnostic::at(&code::FIELD_NAME, text.span, message));
            }
            _ => {}
        }
    }
}

/// `append=true`: the events are those of a subsearch.
fn appended(text: &StageText, cx: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
    let mut clauses = Clauses::of(&text.arguments.node);
    let mut arguments = text.arguments.node.clone();
    if let Some((start, end, _)) = clauses.take("append") {
        arguments.replace_range(start..end, &" ".repeat(end - start));
    }
    let lead = format!("{} ", Tstats.name());
    let offset = text.arguments.span.start.saturating_sub(lead.len());
    let (pipeline, errors) = parse_subsearch(&format!("{lead}{arguments}"), offset);
    let Some(pipeline) = pipeline.filter(|_| errors.is_empty()) else {
        return Err(errors);
    };
    let plan = (cx.subplan)(&pipeline)?;
    Ok(Box::new(Added(Appended {
        plans: vec![plan],
        after: After::Rows,
        extends: false,
        free: 0,
        limits: Limits::NONE,
    })))
}

/// What is read beside the functions and fields.
#[derive(Debug)]
struct Read {
    filter: Option<Compiled>,
    span: Option<TimeSpan>,
    prefixes: Vec<Prefix>,
    /// What stands for a missing value of a field to group by.
    fill: Option<String>,
}

impl Read {
    /// Adds what finding the events needs to what is needed of them.
    fn demand(&self, mut demand: Demand) -> Demand {
        for prefix in &self.prefixes {
            demand.remove(&prefix.name);
            demand.add("_raw");
        }
        if let Some(filter) = &self.filter {
            if let Some(predicate) = &filter.predicate {
                demand.union(predicate.demand());
            }
            if filter.earliest.is_some() || filter.latest.is_some() {
                demand.add("_time");
            }
        }
        demand
    }

    fn prepare(&self, summary: &Summary, context: &Context) -> Prepare {
        let fill = self.fill.clone();
        Prepare {
            predicate: self.filter.as_ref().and_then(|f| f.predicate.clone()),
            earliest: self.filter.as_ref().and_then(|f| f.earliest),
            latest: self.filter.as_ref().and_then(|f| f.latest),
            span: self.span,
            prefixes: self.prefixes.clone(),
            fill: fill.map(|text| (Value::Text(text), summary.by_names())),
            zone: context.zone,
        }
    }
}

/// `tstats` with its arguments.
#[derive(Debug)]
struct Filtered {
    read: Read,
    /// The statistics.
    inner: Grouped,
}

impl Stage for Filtered {
    fn kind(&self) -> Kind {
        Kind::Mergeable
    }
    fn ordering(&self) -> Ordering {
        self.inner.ordering()
    }
    fn groups(&self) -> Vec<String> {
        self.inner.groups()
    }
    fn origin(&self, name: &str, before: &Before<'_>) -> Origin {
        self.inner.origin(name, before)
    }
    fn demand(&self, after: &Demand) -> Demand {
        self.read.demand(self.inner.demand(after))
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let Operator::Mergeable(inner) = self.inner.operator(cx)? else {
            return Err(Diagnostic::new(&code::RUNTIME, "tstats can't be computed"));
        };
        let prepare = self.read.prepare(&self.inner.summary, cx.context);
        Ok(Operator::Mergeable(Arc::new(Prepared {
            prepare: Arc::new(prepare),
            inner,
        })))
    }
}

/// `tstats prestats=true` with its arguments.
#[derive(Debug)]
struct Prestats {
    read: Read,
    summary: Arc<Summary>,
}

impl Stage for Prestats {
    fn prestats(&self) -> bool {
        true
    }
    fn demand(&self, _: &Demand) -> Demand {
        self.read.demand(stats::demand(&self.summary))
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        Ok(Operator::Streaming(Arc::new(Handed {
            prepare: self.read.prepare(&self.summary, cx.context),
            by: self.summary.by_names(),
            fields: stats::demand(&self.summary),
        })))
    }
}

/// The events of `append=true` after those before.
#[derive(Debug)]
struct Added(Appended);

impl Stage for Added {
    fn kind(&self) -> Kind {
        self.0.kind()
    }
    fn ordering(&self) -> Ordering {
        self.0.ordering()
    }
    fn prestats(&self) -> bool {
        true
    }
    fn demand(&self, after: &Demand) -> Demand {
        self.0.demand(after)
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        self.0.operator(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::refused;

    #[test]
    fn what_tstats_has_not_is_refused_by_name() {
        let code = |text: &str| refused(text)[0].0;
        assert_eq!(
            code("tstats count from datamodel=Endpoint.Processes by Processes.dest"),
            "E0116"
        );
        assert_eq!(code("tstats count by host span=1h"), "E0110");
        assert_eq!(code("tstats append=t count by host"), "E0110");
        assert_eq!(code("tstats chunk_size=5 count"), "E0110");
        assert_eq!(code("tstats local=maybe count"), "E0110");
        assert_eq!(code("tstats count by PREFIX(Host=)"), "E0121");
        assert_eq!(code("tstats count(prefix(prefix(a)))"), "E0121");
        assert_eq!(code("tstats list(a)"), "E0117");
        assert_eq!(code("tstats count(eval(a=1))"), "E0117");
        assert_eq!(code("tstats avg(a*)"), "E0118");
        assert_eq!(code("tstats sum"), "E0108");
    }
}
