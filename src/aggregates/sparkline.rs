//! `sparkline`: takes events and a function, gives the function's results over time as a small chart: a multivalue that
//! starts with a mark, as in Splunk. All rows share the range of time of all events.

use super::{Aggregate, GroupState, Input, Plan};
use crate::data::record::Reader;
use crate::data::time::{TimeSpan, Timestamp, Zone};
use crate::data::{Column, ColumnBuilder, SPARKLINE, format_number};
use crate::diagnostic::{Diagnostic, code};
use crate::syntax::aggregates::parse_aggregates;
use crate::syntax::{AggregateArgument, AggregateText};
use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

/// The aggregate.
pub struct Sparkline;

/// Bins at most, as in Splunk (limits.conf).
const MOST: usize = 100;

/// The functions that Splunk documents.
const FUNCTIONS: [&str; 11] = [
    "avg", "count", "dc", "max", "min", "range", "stdev", "stdevp", "sum", "sumsq", "var",
];

impl Aggregate for Sparkline {
    fn name(&self) -> &'static str {
        "sparkline"
    }

    fn summary(&self) -> &'static str {
        "Gives the course of a function over time as a multivalue that tables draw: at most 100 bins over all events"
    }

    fn usage(&self) -> &'static str {
        "sparkline | sparkline(<function>(<field>) [, <span>])"
    }

    fn example(&self) -> (&'static str, &'static str, &'static str) {
        (
            "* | stats sparkline(sum(v), 1m) as r",
            "{\"_time\":0,\"v\":1}\n{\"_time\":5,\"v\":2}\n{\"_time\":120,\"v\":4}",
            r###"{"r":["##__SPARKLINE__##","3","0","4"]}"###,
        )
    }

    fn subject(&self, call: &AggregateText) -> Result<AggregateText, Diagnostic> {
        let (text, offset) = match call.argument.as_ref() {
            Some(argument) => match &argument.node {
                AggregateArgument::Field(text) => (text.clone(), argument.span.start),
                AggregateArgument::Eval(_) => return Err(refused(call, "eval")),
            },
            None => ("count".to_owned(), call.span.start),
        };
        let mut parsed = parse_aggregates(&text, offset);
        match parsed.list.pop() {
            Some(inner) if parsed.list.is_empty() && parsed.length == text.len() => Ok(inner),
            _ => Err(refused(call, &text)),
        }
    }

    fn plan(&self, call: &AggregateText) -> Result<Box<dyn Plan>, Diagnostic> {
        let inner = self.subject(call)?;
        let aggregate = super::lookup(&inner)?;
        let name = aggregate.name();
        if !FUNCTIONS.contains(&name) && name != "varp" {
            return Err(refused(call, &inner.text));
        }
        let span = match call.extra.as_slice() {
            [] => None,
            [span] => Some(TimeSpan::parse(&span.node).map_err(|message| {
                let message = message.trim_end_matches('.').to_owned();
                Diagnostic::at(&code::TIME_FORMAT, span.span, message)
            })?),
            [_, extra, ..] => {
                let message = "sparkline takes one function and one span";
                return Err(
                    Diagnostic::at(&code::ARGUMENT_COUNT, extra.span, message).note("one too many")
                );
            }
        };
        let inner = aggregate.plan(&inner)?.into();
        Ok(Box::new(Spark { inner, span }))
    }
}

fn refused(call: &AggregateText, text: &str) -> Diagnostic {
    let span = call.argument.as_ref().map_or(call.span, |a| a.span);
    let message = format!("sparkline can't draw `{text}`");
    let help = format!("it draws {}, varp of a field", FUNCTIONS.join(", "));
    Diagnostic::at(&code::UNSUPPORTED_FUNCTION, span, message).help(help)
}

/// A checked call.
#[derive(Debug)]
struct Spark {
    inner: Arc<dyn Plan>,
    span: Option<TimeSpan>,
}

impl Plan for Spark {
    fn state(&self) -> Box<dyn GroupState> {
        Box::new(Sparks {
            inner: self.inner.clone(),
            span: self.span,
            state: self.inner.state(),
            places: HashMap::new(),
            bins: Vec::new(),
            range: None,
            cut: 0,
        })
    }

    fn needs_time(&self) -> bool {
        true
    }

    fn numeric(&self) -> bool {
        self.inner.numeric()
    }

    /// All charts begin and end where the events of all groups do.
    fn saves(&self) -> bool {
        false
    }
}

/// A state of the function for each group and bin of time that has events.
struct Sparks {
    inner: Arc<dyn Plan>,
    /// The span asked for; without one bins are seconds until the range of all events is known.
    span: Option<TimeSpan>,
    state: Box<dyn GroupState>,
    places: HashMap<(u32, Timestamp), u32>,
    /// Group and start of each state.
    bins: Vec<(u32, Timestamp)>,
    /// The first and the last event.
    range: Option<(Timestamp, Timestamp)>,
    /// Bins that were left out.
    cut: usize,
}

/// The number of a group's bin.
fn place(
    places: &mut HashMap<(u32, Timestamp), u32>,
    bins: &mut Vec<(u32, Timestamp)>,
    key: (u32, Timestamp),
) -> u32 {
    let next = bins.len() as u32;
    *places.entry(key).or_insert_with(|| {
        bins.push(key);
        next
    })
}

impl Sparks {
    fn floor(&self, time: Timestamp, span: Option<TimeSpan>) -> Timestamp {
        let span = span.or_else(|| TimeSpan::of_seconds(1.0));
        span.map_or(time, |span| span.floor(time, Zone::utc(), None))
    }

    fn widen(&mut self, first: Timestamp, last: Timestamp) {
        let (low, high) = self.range.unwrap_or((first, last));
        self.range = Some((low.min(first), high.max(last)));
    }

    /// Joins bins into longer ones.
    fn coarsen(&mut self, span: TimeSpan) {
        let old = std::mem::replace(&mut self.state, self.inner.state());
        let (mut places, mut bins) = (HashMap::new(), Vec::new());
        let map: Vec<u32> = self
            .bins
            .iter()
            .map(|&(group, start)| {
                let start = self.floor(start, Some(span));
                place(&mut places, &mut bins, (group, start))
            })
            .collect();
        (self.places, self.bins) = (places, bins);
        self.state.grow(self.bins.len());
        self.state.merge(old, &map);
    }
}

impl GroupState for Sparks {
    fn grow(&mut self, _: usize) {}

    fn update(&mut self, input: &Input<'_>) {
        let Some(time) = input.time else { return };
        let (mut rows, mut groups) = (Vec::new(), Vec::new());
        for (row, group) in input.rows.iter().zip(input.groups) {
            let seconds = time.number(*row as usize);
            let Some(at) = seconds.and_then(Timestamp::from_seconds) else {
                continue;
            };
            self.widen(at, at);
            let key = (*group, self.floor(at, self.span));
            rows.push(*row);
            groups.push(place(&mut self.places, &mut self.bins, key));
        }
        self.state.grow(self.bins.len());
        self.state.update(&Input {
            rows: &rows,
            groups: &groups,
            ..*input
        });
    }

    fn merge(&mut self, other: Box<dyn GroupState>, map: &[u32]) {
        let Ok(other) = other.into_any().downcast::<Self>() else {
            return;
        };
        let (places, bins) = (&mut self.places, &mut self.bins);
        let here = |&(group, start): &(u32, Timestamp)| {
            let group = map.get(group as usize).copied().unwrap_or_default();
            place(places, bins, (group, start))
        };
        let map: Vec<u32> = other.bins.iter().map(here).collect();
        self.state.grow(self.bins.len());
        self.state.merge(other.state, &map);
        if let Some((first, last)) = other.range {
            self.widen(first, last);
        }
    }

    /// Nobody asks: see [`Plan::saves`].
    fn save(&mut self, _: usize, _: &mut Vec<u8>) {}

    fn load(&mut self, _: usize, _: &mut Reader<'_>) {}

    fn finish(&mut self, groups: usize) -> Column {
        let Some((first, last)) = self.range else {
            return Column::Null(groups);
        };
        let span = match self.span {
            Some(span) => span,
            None => {
                let span = TimeSpan::fitting(first, last, MOST);
                self.coarsen(span);
                span
            }
        };
        let (start, end) = (self.floor(first, Some(span)), self.floor(last, Some(span)));
        let mut order: HashMap<Timestamp, usize> = HashMap::new();
        let mut next = start;
        while next <= end && order.len() < MOST {
            order.insert(next, order.len());
            next = span.next(next, Zone::utc());
        }
        if next <= end {
            self.cut = MOST;
        }
        let results = self.state.finish(self.bins.len());
        let mut lines = vec![vec![0.0; order.len()]; groups];
        for (at, (group, start)) in self.bins.iter().enumerate() {
            let line = lines.get_mut(*group as usize);
            let cell = line
                .zip(order.get(start))
                .and_then(|(line, bin)| line.get_mut(*bin));
            if let (Some(cell), Some(number)) = (cell, results.number(at)) {
                *cell = number;
            }
        }
        let mut builder = ColumnBuilder::default();
        for line in lines {
            let numbers = line.into_iter().map(format_number);
            builder.push_texts(std::iter::once(SPARKLINE.to_owned()).chain(numbers));
        }
        builder.finish()
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }

    fn size(&self) -> usize {
        self.state.size() + self.bins.len() * 2 * size_of::<(u32, Timestamp, u32)>()
    }

    fn remarks(&self) -> Vec<(&'static str, String)> {
        let text = format!("sparkline() shows the first {MOST} spans; there were more");
        let cut = (self.cut > 0).then_some(("sparkline-cap", text));
        cut.into_iter().collect()
    }
}
