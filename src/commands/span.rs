//! The options that cut time into bins: takes `span`, `bins`, `minspan` and `aligntime`, gives the span of a range.

use super::arguments::{Arguments, Word};
use crate::data::time::{Modifier, TimeSpan, Timestamp};
use crate::data::{Batch, Column, ColumnBuilder, Context, parse_number};
use crate::diagnostic::{Diagnostic, code};

/// How time is cut.
#[derive(Debug, Clone, Copy)]
pub(super) struct Binning {
    /// The span asked for.
    pub span: Option<TimeSpan>,
    /// At most so many bins, when no span is asked for.
    pub bins: usize,
    /// The shortest span that is chosen.
    pub minspan: Option<TimeSpan>,
    /// Where a bin starts.
    pub align: Option<Align>,
}

/// An instant at which a bin starts.
#[derive(Debug, Clone, Copy)]
pub(super) enum Align {
    /// The start of the search's time range, which may be told by the search itself.
    Earliest,
    /// Its end.
    Latest,
    /// A time.
    At(Timestamp),
}

impl Align {
    /// The instant; none when the search has no start.
    pub fn time(self, context: &Context) -> Option<Timestamp> {
        match self {
            Align::Earliest => context.earliest,
            Align::Latest => Some(context.latest.unwrap_or(context.now)),
            Align::At(time) => Some(time),
        }
    }
}

/// Reads a span of time; an error goes to the arguments.
pub(super) fn time_span(arguments: &mut Arguments, option: &'static str) -> Option<TimeSpan> {
    let word = super::calls::value(arguments, option)?;
    time_span_of(arguments, &word)
}

/// Reads a word as a span of time; an error goes to the arguments.
pub(super) fn time_span_of(arguments: &mut Arguments, word: &Word) -> Option<TimeSpan> {
    let seconds = parse_number(&word.text).and_then(TimeSpan::of_seconds);
    match seconds.map_or_else(|| parse(&word.text), Ok) {
        Ok(span) => Some(span),
        Err(message) => {
            let message = message.trim_end_matches('.');
            arguments.error(
                Diagnostic::at(&code::TIME_FORMAT, word.span, message)
                    .help("for example 30s, 5m, 1h, 1d, 1mon"),
            );
            None
        }
    }
}

/// Reads a span with its unit. Parts of a second have to make up a whole one. The error is a sentence.
pub(super) fn parse(text: &str) -> Result<TimeSpan, String> {
    let span = TimeSpan::parse(text)?;
    let parts_of_a_second = |length: f64| span.seconds() / length < 0.999;
    let fits = |length: i64| length < 1_000_000 && 1_000_000 % length == 0;
    let microseconds = (span.seconds() * 1e6).round() as i64;
    if parts_of_a_second(span.parts().0 as f64) && !fits(microseconds.max(1)) {
        return Err(format!(
            "The time span '{text}' must divide a second evenly, and be shorter than it, such as 100ms or 250ms."
        ));
    }
    Ok(span)
}

/// Reads `aligntime`: `earliest`, `latest`, or a time modifier.
pub(super) fn align(arguments: &mut Arguments, context: &Context) -> Option<Align> {
    let word = super::calls::value(arguments, "aligntime")?;
    match word.text.to_ascii_lowercase().as_str() {
        "earliest" => return Some(Align::Earliest),
        "latest" => return Some(Align::Latest),
        _ => {}
    }
    let time = match Modifier::parse(&word.text) {
        Ok(modifier) => modifier.apply(context.now, context.zone),
        Err(message) => {
            let message = message.trim_end_matches('.');
            arguments.error(Diagnostic::at(&code::TIME_FORMAT, word.span, message));
            return None;
        }
    };
    if time.is_none() {
        super::calls::bad_value(arguments, "aligntime", &word, "earliest, latest or a time");
    }
    time.map(Align::At)
}

impl Binning {
    /// The span for a range of time.
    pub fn for_range(&self, from: Timestamp, to: Timestamp) -> TimeSpan {
        if let Some(span) = self.span {
            return span;
        }
        let fitting = TimeSpan::fitting(from, to, self.bins);
        match self.minspan {
            // The shortest usual span that is no shorter than the one asked for.
            Some(least) if fitting.seconds() < least.seconds() => {
                let end = Timestamp::from_seconds(least.seconds()).unwrap_or(to);
                TimeSpan::fitting(Timestamp(0), end, 1)
            }
            _ => fitting,
        }
    }
}

/// The starts of the bins of a column of times; what is no time stays as it is.
pub(super) fn floor(
    column: &Column,
    span: &TimeSpan,
    align: Option<Align>,
    context: &Context,
) -> Column {
    let align = align.and_then(|align| align.time(context));
    let mut builder = ColumnBuilder::default();
    let mut last = (f64::NAN, f64::NAN, f64::NAN);
    for row in 0..column.len() {
        let Some(seconds) = column.number(row) else {
            builder.push(column.value(row));
            continue;
        };
        // Events of one bin come together: its bounds are kept.
        if seconds >= last.0 && seconds < last.1 {
            builder.push_number(last.2);
            continue;
        }
        match Timestamp::from_seconds(seconds) {
            Some(time) => {
                let start = span.floor(time, context.zone, align);
                let end = span.next(start, context.zone);
                last = (start.seconds(), end.seconds(), start.seconds());
                builder.push_number(last.2);
            }
            None => builder.push_number(seconds),
        }
    }
    builder.finish()
}

/// The first and the last time of batches.
pub(super) fn range<'a>(
    batches: impl IntoIterator<Item = &'a Batch>,
    field: &str,
) -> Option<(f64, f64)> {
    let mut range: Option<(f64, f64)> = None;
    for batch in batches {
        let Some(column) = batch.get(field) else {
            continue;
        };
        for number in (0..column.len()).filter_map(|row| column.number(row)) {
            let (low, high) = range.unwrap_or((number, number));
            range = Some((low.min(number), high.max(number)));
        }
    }
    range
}
