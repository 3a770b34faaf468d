//! Numbers and times cut into ranges: takes a field's options `span`, `bins`, `minspan`, `start`, `end`, gives each time
//! the start of its span and each number the range that it is in. For `bin` and the fields of `chart`.

use super::arguments::{Arguments, Word};
use super::span::{self, Align, Binning};
use crate::data::time::{TimeSpan, Timestamp};
use crate::data::{Batch, Column, ColumnBuilder, Context, FieldName, format_number, parse_number};
use crate::diagnostic::{Diagnostic, code};

/// The options of a field.
pub(super) const OPTIONS: [&str; 5] = ["span", "bins", "minspan", "start", "end"];

/// How a field is cut.
#[derive(Debug, Clone)]
pub(super) struct Ranges {
    /// The field.
    pub field: FieldName,
    /// Where the ranges go.
    pub target: FieldName,
    /// The size asked for; without one the data give it.
    pub size: Option<Size>,
    least: Option<Size>,
    bins: usize,
    start: Option<f64>,
    end: Option<f64>,
    /// Whether `start` and `end` leave out what lies beyond them; else they widen the range of the data.
    cuts: bool,
    align: Option<Align>,
}

impl Ranges {
    /// Reads the options, which `option` finds; errors go to the arguments.
    pub fn read(
        arguments: &mut Arguments,
        option: impl Fn(&Arguments, &str) -> Option<Word>,
        field: FieldName,
        align: Option<Align>,
    ) -> Self {
        let [span, bins, minspan, start, end] = OPTIONS.map(|name| option(arguments, name));
        Self {
            size: span.and_then(|word| size(arguments, &word, &field)),
            least: minspan.and_then(|word| size_of_minspan(arguments, &word, &field)),
            start: number(arguments, "start", start),
            end: number(arguments, "end", end),
            bins: count(arguments, "bins", bins).unwrap_or(100),
            cuts: false,
            target: field.clone(),
            field,
            align,
        }
    }

    /// As the fields of charts are cut: `start` and `end` leave out what lies beyond them, and there are up to so many
    /// ranges when no number is asked for.
    pub fn of_chart(
        arguments: &mut Arguments,
        option: impl Fn(&Arguments, &str) -> Option<Word>,
        field: FieldName,
        align: Option<Align>,
        bins: usize,
    ) -> Self {
        let asked = option(arguments, "bins").is_some();
        let ranges = Self::read(arguments, option, field, align);
        Self {
            bins: if asked { ranges.bins } else { bins },
            cuts: true,
            ..ranges
        }
    }

    /// The rows within `start` and `end`, where these cut; what is no number stays.
    fn within(&self, batch: Batch) -> Batch {
        let (Some(column), true) = (batch.get(&self.field), self.cuts) else {
            return batch;
        };
        if self.start.is_none() && self.end.is_none() {
            return batch;
        }
        let keeps = |row: usize| {
            column.number(row).is_none_or(|number| {
                self.start.is_none_or(|start| number >= start)
                    && self.end.is_none_or(|end| number <= end)
            })
        };
        let mask: Vec<bool> = (0..batch.rows()).map(keeps).collect();
        batch.filter(&mask.into())
    }

    /// The start of the range after the one that starts at a number.
    pub fn next(size: &Size, start: f64, context: &Context) -> f64 {
        match size {
            Size::Time(span) => Timestamp::from_seconds(start).map_or(f64::INFINITY, |time| {
                span.next(time, context.zone).seconds()
            }),
            // Counted in spans, so that rounding does not add up.
            Size::Number(span) => ((start / span).round() + 1.0) * span,
            Size::Log { factor, base } => {
                log_bounds(start, *factor, *base).map_or(f64::INFINITY, |(_, high)| high)
            }
        }
    }

    /// The start of the range of a number.
    pub fn low(size: &Size, number: f64, context: &Context) -> Option<f64> {
        match size {
            Size::Time(span) => {
                let time = Timestamp::from_seconds(number)?;
                Some(span.floor(time, context.zone, None).seconds())
            }
            Size::Number(span) => Some((number / span).floor() * span),
            Size::Log { factor, base } => Some(log_bounds(number, *factor, *base)?.0),
        }
    }

    /// The text of the range that starts at a number.
    pub fn label(size: &Size, start: f64, context: &Context) -> String {
        match size {
            Size::Time(_) => format_number(start),
            _ => label(start, Self::next(size, start, context)),
        }
    }

    /// The start of the range of a text.
    pub fn start_of(size: &Size, text: &str) -> Option<f64> {
        if let Size::Time(_) = size {
            return parse_number(text);
        }
        // The sign between the numbers: not the one before the first, nor one of an exponent.
        text.char_indices().skip(1).find_map(|(at, c)| {
            let (low, high) = (text.get(..at)?, text.get(at + 1..)?);
            parse_number(high).filter(|_| c == '-')?;
            parse_number(low)
        })
    }

    /// Puts the ranges into the target.
    pub fn apply(&self, batch: Batch, size: &Size, context: &Context) -> Batch {
        let mut batch = self.within(batch);
        let column = &batch.column(&self.field);
        let column = match size {
            Size::Time(span) => span::floor(column, span, self.align, context),
            Size::Number(span) => labels(column, |n| {
                let low = (n / span).floor() * span;
                Some((low, ((low / span).round() + 1.0) * span))
            }),
            Size::Log { factor, base } => labels(column, |n| log_bounds(n, *factor, *base)),
        };
        batch.set(self.target.clone(), column);
        batch
    }

    /// The size for all data: a usual span of time, or a power of ten.
    pub fn size_for(&self, batches: &[Batch], context: &Context) -> Option<Size> {
        let (low, high) = span::range(batches, &self.field)?;
        let (low, high) = match self.cuts {
            true => (self.start.unwrap_or(low), self.end.unwrap_or(high)),
            false => (
                self.start.map_or(low, |start| low.min(start)),
                self.end.map_or(high, |end| high.max(end)),
            ),
        };
        let least = match self.least {
            Some(Size::Time(span)) => Some(span),
            _ => None,
        };
        if &*self.field == "_time" || least.is_some() {
            let binning = Binning {
                span: None,
                bins: self.bins,
                minspan: least,
                align: self.align,
            };
            let from = context.earliest.or(Timestamp::from_seconds(low))?;
            let to = context.latest.or(Timestamp::from_seconds(high))?;
            return Some(Size::Time(binning.for_range(from, to)));
        }
        let wanted = (high - low) / self.bins as f64;
        let least = match self.least {
            Some(Size::Number(least)) => least,
            _ => 0.0,
        };
        let wanted = wanted.max(least);
        if wanted <= 0.0 {
            return Some(Size::Number(1.0));
        }
        // A rounded logarithm of an exact power must not step over it.
        let mut size = 10f64.powf((wanted.log10() - 1e-9).ceil());
        // A range that begins within a bin may need one more of them; the end that was asked for is in none.
        let last = |size: f64| match self.end {
            Some(end) if end >= high => (high / size).ceil() - 1.0,
            _ => (high / size).floor(),
        };
        while last(size) - (low / size).floor() >= self.bins as f64 && size < 1e300 {
            size *= 10.0;
        }
        Some(Size::Number(size))
    }
}

/// A whole number from 1.
pub(super) fn count(
    arguments: &mut Arguments,
    option: &'static str,
    word: Option<Word>,
) -> Option<usize> {
    let word = word?;
    let count = word.text.parse().ok().filter(|count| *count > 0);
    if count.is_none() {
        super::calls::bad_value(arguments, option, &word, "a whole number from 1");
    }
    count
}

fn number(arguments: &mut Arguments, option: &'static str, word: Option<Word>) -> Option<f64> {
    let word = word?;
    let number = parse_number(&word.text);
    if number.is_none() {
        super::calls::bad_value(arguments, option, &word, "a number");
    }
    number
}

/// The size of a bin.
#[derive(Debug, Clone, Copy)]
pub(super) enum Size {
    /// A span of time.
    Time(TimeSpan),
    /// So much.
    Number(f64),
    /// Bounds are `factor * base^k`.
    Log {
        /// From 1 to below the base.
        factor: f64,
        /// Above 1.
        base: f64,
    },
}

/// A number is a number, except for `_time`, where it is seconds; `5m` is a time; `2log10` is logarithmic.
fn size(arguments: &mut Arguments, word: &Word, field: &str) -> Option<Size> {
    let text = word.text.as_str();
    if let Some(number) = parse_number(text) {
        let size = match field {
            "_time" => TimeSpan::of_seconds(number).map(Size::Time),
            _ => (number > 0.0).then_some(Size::Number(number)),
        };
        if size.is_none() {
            super::calls::bad_value(arguments, "span", word, "a number above 0");
        }
        return size;
    }
    if let Some((factor, base)) = text.split_once("log") {
        let read = |t: &str, default| {
            if t.is_empty() {
                Some(default)
            } else {
                parse_number(t)
            }
        };
        let size = read(factor, 1.0).zip(read(base, 10.0));
        let size = size.filter(|(factor, base)| *base > 1.0 && *factor >= 1.0 && factor < base);
        if size.is_none() {
            let takes = "<factor>log<base> with a base above 1 and a factor from 1 to the base";
            super::calls::bad_value(arguments, "span", word, takes);
        }
        return size.map(|(factor, base)| Size::Log { factor, base });
    }
    match span::parse(text) {
        Ok(span) => Some(Size::Time(span)),
        Err(message) => {
            let message = message.trim_end_matches('.');
            arguments.error(Diagnostic::at(&code::TIME_FORMAT, word.span, message));
            None
        }
    }
}

fn size_of_minspan(arguments: &mut Arguments, word: &Word, field: &str) -> Option<Size> {
    match size(arguments, word, field)? {
        Size::Log { .. } => {
            super::calls::bad_value(arguments, "minspan", word, "a time or a number");
            None
        }
        size => Some(size),
    }
}

/// `low-high` for each number; what is none stays as it is.
fn labels(column: &Column, bounds: impl Fn(f64) -> Option<(f64, f64)>) -> Column {
    let mut builder = ColumnBuilder::default();
    for row in 0..column.len() {
        match column.number(row).and_then(&bounds) {
            Some((low, high)) => {
                builder.push_text(&label(low, high));
            }
            None => builder.push(column.value(row)),
        }
    }
    builder.finish()
}

fn label(low: f64, high: f64) -> String {
    format!("{}-{}", format_number(low), format_number(high))
}

/// The bounds around a number above 0: `factor * base^k` and the one after.
fn log_bounds(number: f64, factor: f64, base: f64) -> Option<(f64, f64)> {
    if number <= 0.0 {
        return None;
    }
    let mut power = ((number / factor).ln() / base.ln()).floor() as i32;
    let bound = |power: i32| factor * base.powi(power);
    // The logarithm of a bound itself may be rounded to either side.
    if bound(power + 1) <= number {
        power += 1;
    }
    if bound(power) > number {
        power -= 1;
    }
    Some((bound(power), bound(power + 1)))
}
