//! `tstats`: takes aggregate calls, a search and by-fields, gives the statistics of the events themselves. There is no
//! index to be asked instead; data models and namespaces are refused.

use super::arguments::Arguments;
use super::{
    BuildContext, Command, Example, Kind, Offers, OptionDoc, Ordering, ParseContext, Place, Stage,
};
use crate::data::time::{TimeSpan, Timestamp, Zone};
use crate::data::{Batch, Column, Demand, Filter, Value, parse_number};
use crate::diagnostic::{Diagnostic, Diagnostics, Span, code};
use crate::functions::predicate::{self, Compiled};
use crate::operators::{Mergeable, Operator, Partial, Rows};
use crate::syntax::{Spanned, StageText, search};
use std::any::Any;
use std::sync::Arc;

/// The command.
pub struct Tstats;

const OPTIONS: &[OptionDoc] = &[
    OptionDoc {
        name: "summariesonly",
        value: "true|false",
        default: "false",
        summary: "Has no meaning here: there are no summaries",
    },
    OptionDoc {
        name: "allow_old_summaries",
        value: "true|false",
        default: "false",
        summary: "Has no meaning here",
    },
    OptionDoc {
        name: "local",
        value: "true|false",
        default: "false",
        summary: "Has no meaning here: there are no search peers",
    },
    OptionDoc {
        name: "chunk_size",
        value: "<N>",
        default: "",
        summary: "Has no meaning here",
    },
    OptionDoc {
        name: "fillnull_value",
        value: "<text>",
        default: "",
        summary: "What stands for a missing value of a field after BY; without it the event does not count",
    },
];

impl Command for Tstats {
    fn name(&self) -> &'static str {
        "tstats"
    }
    fn summary(&self) -> &'static str {
        "Computes statistics of the events that fit a search, as stats does; data models are refused"
    }
    fn usage(&self) -> &'static str {
        "tstats [summariesonly=<bool>] [allow_old_summaries=<bool>] [local=<bool>] [chunk_size=<N>] [fillnull_value=<text>] <function>[(<field>)] [AS <name>]… [WHERE <search>] [BY|GROUPBY <field>… [span=<span>]]"
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
        ]
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
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
        clauses.refuse_directives(text, &mut errors);
        let fill = clauses
            .take("fillnull_value")
            .map(|(_, _, value)| value.trim_matches('"').to_owned());
        clauses.take_meaningless(text, &mut errors);
        let filter = clauses.filter.map(|(start, end)| {
            let body = text.arguments.node.get(start..end).unwrap_or_default();
            let (expr, found) = search::parse(body, text.arguments.span.start + start);
            errors.extend(found);
            predicate::compile(&expr, cx.context)
        });
        let filter = match filter {
            Some(Ok(compiled)) => Some(compiled),
            Some(Err(found)) => {
                errors.extend(found);
                None
            }
            None => None,
        };
        let rest = StageText {
            name: text.name.clone(),
            arguments: Spanned::new(clauses.rest, text.arguments.span),
        };
        match super::stats::stage(Arguments::read(self, &rest), cx) {
            Ok(inner) if errors.is_empty() => Ok(Box::new(Filtered {
                filter,
                span,
                fill,
                inner,
            })),
            Ok(_) => Err(errors),
            Err(found) => {
                errors.extend(found);
                Err(errors)
            }
        }
    }
}

fn place(text: &StageText, start: usize, end: usize) -> Span {
    Span::new(
        text.arguments.span.start + start,
        text.arguments.span.start + end,
    )
}

/// The clauses of the arguments, as bytes of them, and what is left for `stats` with blanks in their places.
struct Clauses {
    from: Option<(usize, usize)>,
    filter: Option<(usize, usize)>,
    rest: String,
}

impl Clauses {
    fn of(text: &str) -> Self {
        let words = words(text);
        let find = |name: &str| {
            words
                .iter()
                .find(|(_, w)| w.eq_ignore_ascii_case(name))
                .map(|(at, _)| *at)
        };
        let (from, filter, by) = (find("from"), find("where"), find("by").or(find("groupby")));
        let ends = |start: usize| {
            [from, filter, by]
                .into_iter()
                .flatten()
                .filter(|at| *at > start)
                .min()
                .unwrap_or(text.len())
        };
        let mut rest = text.to_owned();
        let mut blank =
            |start: usize, end: usize| rest.replace_range(start..end, &" ".repeat(end - start));
        let clause = |at: Option<usize>| at.map(|at| (at, ends(at)));
        for (start, end) in [clause(from), clause(filter)].into_iter().flatten() {
            blank(start, end);
        }
        if let Some(at) = find("groupby") {
            rest.replace_range(at..at + "groupby".len(), "by     ");
        }
        Self {
            from: clause(from),
            filter: clause(filter).map(|(start, end)| (start + "where".len(), end)),
            rest,
        }
    }

    /// Takes `span=` out of what is left.
    fn take_span(&mut self, text: &StageText, errors: &mut Diagnostics) -> Option<TimeSpan> {
        let timed = words(&self.rest).iter().any(|(_, word)| *word == "_time");
        let (start, end, value) = self.take("span")?;
        if !timed {
            let message = "span= cuts _time, which is not among the BY fields";
            errors.push(Diagnostic::at(
                &code::OPTION_VALUE,
                place(text, start, end),
                message,
            ));
            return None;
        }
        let seconds = parse_number(&value).and_then(TimeSpan::of_seconds);
        match seconds.map_or_else(|| TimeSpan::parse(&value), Ok) {
            Ok(span) => Some(span),
            Err(why) => {
                errors.push(Diagnostic::at(
                    &code::TIME_FORMAT,
                    place(text, start, end),
                    why,
                ));
                None
            }
        }
    }

    /// `PREFIX(…)` reads the terms of an index, which is none of the fields of events.
    fn refuse_directives(&self, text: &StageText, errors: &mut Diagnostics) {
        for (at, word) in words(&self.rest) {
            let lower = word.to_ascii_lowercase();
            if let Some(inside) = lower.find("prefix(") {
                let span = place(text, at + inside, at + word.len());
                errors.push(
                    Diagnostic::at(
                        &code::UNSUPPORTED_FUNCTION,
                        span,
                        "PREFIX() is not done here: there is no index of terms",
                    )
                    .help("name a field; rex and stats count what stands in the text"),
                );
            }
        }
    }

    /// Takes out the options that have no meaning without an index; `prestats` and `append` have one, and are refused.
    fn take_meaningless(&mut self, text: &StageText, errors: &mut Diagnostics) {
        for option in OPTIONS {
            self.take(option.name);
        }
        for name in ["prestats", "append", "include_reduced_buckets"] {
            if let Some((start, end, _)) = self.take(name) {
                let message = format!("tstats {name}= is not done here");
                errors.push(Diagnostic::at(
                    &code::UNSUPPORTED_OPTION,
                    place(text, start, end),
                    message,
                ));
            }
        }
    }

    fn take(&mut self, name: &str) -> Option<(usize, usize, String)> {
        let found = words(&self.rest).into_iter().find_map(|(at, word)| {
            let (option, value) = word.split_once('=')?;
            option
                .eq_ignore_ascii_case(name)
                .then(|| (at, at + word.len(), value.to_owned()))
        })?;
        self.rest
            .replace_range(found.0..found.1, &" ".repeat(found.1 - found.0));
        Some(found)
    }
}

/// Words outside of quotes and parentheses, with their places.
fn words(text: &str) -> Vec<(usize, &str)> {
    let (mut out, mut start, mut depth, mut quoted) = (Vec::new(), None, 0usize, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        let gap = (c.is_whitespace() || c == ',') && !quoted && depth == 0;
        match (gap, start) {
            (true, Some(from)) => {
                out.push((from, &text[from..at]));
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
    }
    out.extend(start.map(|from| (from, &text[from..])));
    out
}

/// `tstats` with its arguments.
#[derive(Debug)]
struct Filtered {
    filter: Option<Compiled>,
    span: Option<TimeSpan>,
    /// What stands for a missing value of a field to group by.
    fill: Option<String>,
    /// The statistics.
    inner: Box<dyn Stage>,
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
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = self.inner.demand(after);
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
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let Operator::Mergeable(inner) = self.inner.operator(cx)? else {
            return Err(Diagnostic::new(&code::RUNTIME, "tstats can't be computed"));
        };
        let prepare = Prepare {
            predicate: self.filter.as_ref().and_then(|f| f.predicate.clone()),
            earliest: self.filter.as_ref().and_then(|f| f.earliest),
            latest: self.filter.as_ref().and_then(|f| f.latest),
            span: self.span,
            fill: self
                .fill
                .clone()
                .map(|text| (Value::Text(text), self.inner.groups())),
            zone: cx.context.zone,
        };
        Ok(Operator::Mergeable(Arc::new(Prepared {
            prepare: Arc::new(prepare),
            inner,
        })))
    }
}

/// What is done to a batch before its events count.
struct Prepare {
    predicate: Option<Arc<predicate::Predicate>>,
    earliest: Option<Timestamp>,
    latest: Option<Timestamp>,
    span: Option<TimeSpan>,
    /// A value, and the fields that take it where they have none.
    fill: Option<(Value, Vec<String>)>,
    zone: Zone,
}

impl Prepare {
    fn apply(&self, batch: Batch) -> Batch {
        let mut batch = match &self.predicate {
            Some(predicate) => batch.filter(&predicate.mask(&batch)),
            None => batch,
        };
        let time = batch.column("_time");
        let at = |row: usize| time.number(row).and_then(Timestamp::from_seconds);
        if self.earliest.is_some() || self.latest.is_some() {
            let inside = (0..batch.rows()).map(|row| {
                at(row).is_some_and(|t| {
                    self.earliest.is_none_or(|e| t >= e) && self.latest.is_none_or(|l| t < l)
                })
            });
            batch = batch.filter(&inside.collect::<Vec<bool>>().into());
        }
        if let Some(span) = &self.span {
            let time = batch.column("_time");
            let floor = |row: usize| {
                let time = time.number(row).and_then(Timestamp::from_seconds)?;
                Some(span.floor(time, self.zone, None).seconds())
            };
            let floors: Vec<Option<f64>> = (0..batch.rows()).map(floor).collect();
            batch.set("_time", Column::Number(floors.into()));
        }
        for field in self.fill.iter().flat_map(|(_, fields)| fields) {
            let own = batch.column(field);
            let value = |row| match (&self.fill, own.is_null(row)) {
                (Some((value, _)), true) => value.clone(),
                _ => own.value(row),
            };
            batch.set(&**field, Column::from_values((0..batch.rows()).map(value)));
        }
        batch
    }
}

/// A mergeable operator over prepared batches.
struct Prepared {
    prepare: Arc<Prepare>,
    inner: Arc<dyn Mergeable>,
}

impl Mergeable for Prepared {
    fn partial(&self) -> Box<dyn Partial> {
        Box::new(Held {
            prepare: self.prepare.clone(),
            inner: self.inner.partial(),
        })
    }
}

struct Held {
    prepare: Arc<Prepare>,
    inner: Box<dyn Partial>,
}

impl Partial for Held {
    fn push(&mut self, batch: Batch) -> Result<(), Diagnostic> {
        self.inner.push(self.prepare.apply(batch))
    }

    fn seal(&mut self) {
        self.inner.seal();
    }

    fn merge(&mut self, other: Box<dyn Partial>) -> Result<(), Diagnostic> {
        match other.into_any().downcast::<Self>() {
            Ok(other) => self.inner.merge(other.inner),
            Err(_) => Ok(()),
        }
    }

    fn finish(self: Box<Self>) -> Result<Vec<Batch>, Diagnostic> {
        self.inner.finish()
    }

    fn rows(self: Box<Self>) -> Result<Rows, Diagnostic> {
        self.inner.rows()
    }

    fn spill(&mut self) -> Result<bool, Diagnostic> {
        self.inner.spill()
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }

    fn size(&self) -> usize {
        self.inner.size()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::refused;

    #[test]
    fn data_models_are_refused_by_name() {
        assert_eq!(
            refused("tstats count from datamodel=Endpoint.Processes by Processes.dest")[0].0,
            "E0116"
        );
        assert_eq!(refused("tstats prestats=t count by host")[0].0, "E0116");
        assert_eq!(refused("tstats count by PREFIX(host=)")[0].0, "E0117");
        assert_eq!(refused("tstats count by host span=1h")[0].0, "E0110");
    }
}
