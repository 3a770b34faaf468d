//! `bin`: takes a field of times or numbers, gives the start of the bin of time or the range of numbers that each is in.

use super::arguments::{Arguments, Word};
use super::span::{self, Binning};
use super::{BuildContext, Command, Example, Kind, OptionDoc, Ordering, ParseContext, Stage};
use crate::data::time::{TimeSpan, Timestamp};
use crate::data::{
    Batch, Column, ColumnBuilder, Context, Demand, FieldName, format_number, parse_number,
};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::operators::{Flow, Operator, Serial, streaming};
use crate::syntax::StageText;

/// The command.
pub struct Bin;

impl Command for Bin {
    fn name(&self) -> &'static str {
        "bin"
    }
    fn aliases(&self) -> &'static [&'static str] {
        &["bucket", "discretize"]
    }
    fn summary(&self) -> &'static str {
        "Puts times or numbers into bins: a time becomes the start of its bin, a number the range that it is in"
    }
    fn usage(&self) -> &'static str {
        "bin [span=<span>|bins=<N>] [minspan=<span>] [start=<number>] [end=<number>] [aligntime=<time>] <field> [AS <name>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[
            OptionDoc {
                name: "span",
                value: "<time>|<number>|<N>log<N>",
                default: "by range",
                summary: "Size of a bin: 5m, 1d, 10, or a logarithmic one such as 2log10",
            },
            OptionDoc {
                name: "bins",
                value: "<N>",
                default: "100",
                summary: "At most so many bins over the range of the data, when there is no span",
            },
            OptionDoc {
                name: "minspan",
                value: "<time>|<number>",
                default: "none",
                summary: "The smallest span that is chosen",
            },
            OptionDoc {
                name: "start",
                value: "<number>",
                default: "the data's",
                summary: "Widens the range of the data downwards, when there is no span",
            },
            OptionDoc {
                name: "end",
                value: "<number>",
                default: "the data's",
                summary: "Widens the range of the data upwards, when there is no span",
            },
            OptionDoc {
                name: "aligntime",
                value: "earliest|latest|<time>",
                default: "0",
                summary: "Where a bin of time starts, for spans under a day",
            },
        ]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | bin _time span=5m | table _time",
                input: "{\"_time\":1700006701}\n{\"_time\":1700006699}",
                output: "{\"_time\":1700006700}\n{\"_time\":1700006400}",
            },
            Example {
                query: "* | bin size span=10 AS range | table size range",
                input: "{\"size\":3}\n{\"size\":10}\n{\"size\":\"none\"}",
                output: "{\"size\":3,\"range\":\"0-10\"}\n{\"size\":10,\"range\":\"10-20\"}\n{\"size\":\"none\",\"range\":\"none\"}",
            },
        ]
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let span = super::calls::value(&arguments, "span");
        let minspan = super::calls::value(&arguments, "minspan");
        let bins = arguments.count("bins").unwrap_or(100).max(1);
        let start = number(&mut arguments, "start");
        let end = number(&mut arguments, "end");
        let align = span::align(&mut arguments, cx.context);
        let field = arguments.only("a field").map(|word| word.text);
        let target = if arguments.takes("as") {
            arguments.only("a name after AS").map(|word| word.text)
        } else {
            None
        };
        let field = FieldName::from(field.unwrap_or_default());
        let size = span.and_then(|word| size(&mut arguments, &word, &field));
        let least = minspan.and_then(|word| size_of_minspan(&mut arguments, &word, &field));
        let target = target.map_or(field.clone(), FieldName::from);
        arguments.finish(|| {
            Box::new(Binned {
                field,
                target,
                size,
                least,
                bins,
                start,
                end,
                align,
            }) as Box<dyn Stage>
        })
    }
}

fn number(arguments: &mut Arguments, option: &'static str) -> Option<f64> {
    let word = super::calls::value(arguments, option)?;
    let number = parse_number(&word.text);
    if number.is_none() {
        super::calls::bad_value(arguments, option, &word, "a number");
    }
    number
}

/// The size of a bin.
#[derive(Debug, Clone, Copy)]
enum Size {
    Time(TimeSpan),
    Number(f64),
    /// Bounds are `factor * base^k`.
    Log {
        factor: f64,
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
    match TimeSpan::parse(text) {
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

/// `bin` with its arguments.
#[derive(Debug, Clone)]
struct Binned {
    field: FieldName,
    target: FieldName,
    size: Option<Size>,
    least: Option<Size>,
    bins: usize,
    start: Option<f64>,
    end: Option<f64>,
    align: Option<Timestamp>,
}

impl Stage for Binned {
    fn kind(&self) -> Kind {
        match self.size {
            Some(_) => Kind::Streaming,
            None => Kind::Serial,
        }
    }
    fn ordering(&self) -> Ordering {
        Ordering::Keeps
    }
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        if after.wants(&self.target) || self.size.is_none() {
            demand.remove(&self.target);
            demand.add(&self.field);
        }
        demand
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let (stage, context) = (self.clone(), cx.context.clone());
        Ok(match self.size {
            Some(size) => streaming(move |batch| stage.apply(batch, &size, &context)),
            None => Operator::Serial(Box::new(Ranged {
                stage,
                context,
                batches: Vec::new(),
            })),
        })
    }
}

impl Binned {
    fn apply(&self, mut batch: Batch, size: &Size, context: &Context) -> Batch {
        let Some(column) = batch.get(&self.field) else {
            return batch;
        };
        let column = match size {
            Size::Time(span) => span::floor(column, span, self.align, context),
            Size::Number(span) => labels(column, |n| {
                let low = (n / span).floor() * span;
                Some((low, low + span))
            }),
            Size::Log { factor, base } => labels(column, |n| log_bounds(n, *factor, *base)),
        };
        batch.set(self.target.clone(), column);
        batch
    }

    /// The size for all data: a usual span of time, or a power of ten.
    fn size_for(&self, batches: &[Batch], context: &Context) -> Option<Size> {
        let (low, high) = span::range(batches, &self.field)?;
        let low = self.start.map_or(low, |start| low.min(start));
        let high = self.end.map_or(high, |end| high.max(end));
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
        let power = (wanted.log10() - 1e-9).ceil();
        Some(Size::Number(10f64.powf(power)))
    }
}

/// `low-high` for each number; what is none stays as it is.
fn labels(column: &Column, bounds: impl Fn(f64) -> Option<(f64, f64)>) -> Column {
    let mut builder = ColumnBuilder::default();
    for row in 0..column.len() {
        match column.number(row).and_then(&bounds) {
            Some((low, high)) => {
                builder.push_text(&format!("{}-{}", format_number(low), format_number(high)));
            }
            None => builder.push(column.value(row)),
        }
    }
    builder.finish()
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

/// Holds all rows until their range is known.
struct Ranged {
    stage: Binned,
    context: Context,
    batches: Vec<Batch>,
}

impl Serial for Ranged {
    fn push(&mut self, batch: Batch, _out: &mut Vec<Batch>) -> Result<Flow, Diagnostic> {
        self.batches.push(batch);
        Ok(Flow::More)
    }

    fn finish(&mut self, out: &mut Vec<Batch>) -> Result<(), Diagnostic> {
        let batches = std::mem::take(&mut self.batches);
        match self.stage.size_for(&batches, &self.context) {
            Some(size) => out.extend(
                batches
                    .into_iter()
                    .map(|batch| self.stage.apply(batch, &size, &self.context)),
            ),
            None => out.extend(batches),
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::testing::{check, demand, refused};

    #[test]
    fn days_start_at_midnight_and_other_fields_may_be_times() {
        check(
            "bin _time span=1d",
            "{\"_time\":1700092799}",
            "{\"_time\":1700006400}",
        );
        check(
            "bucket span=1h t",
            "{\"t\":1700013599}",
            "{\"t\":1700010000}",
        );
        check(
            "bin _time span=3600",
            "{\"_time\":1700013599}",
            "{\"_time\":1700010000}",
        );
    }

    #[test]
    fn the_range_gives_a_power_of_ten() {
        let input: String = (0..60).map(|n| format!("{{\"n\":{n}}}\n")).collect();
        let output: String = (0..60)
            .map(|n| format!("{{\"n\":\"{}-{}\"}}\n", n / 10 * 10, n / 10 * 10 + 10))
            .collect();
        check("bin n bins=6", &input, &output);
        check(
            "bin n bins=5",
            "{\"n\":0}\n{\"n\":59}",
            "{\"n\":\"0-100\"}\n{\"n\":\"0-100\"}",
        );
        check(
            "bin n end=1000 bins=10",
            "{\"n\":0}\n{\"n\":59}",
            "{\"n\":\"0-100\"}\n{\"n\":\"0-100\"}",
        );
    }

    #[test]
    fn logarithmic_bins_grow() {
        check(
            "bin n span=log10",
            "{\"n\":1}\n{\"n\":999}\n{\"n\":1000}\n{\"n\":0}",
            "{\"n\":\"1-10\"}\n{\"n\":\"100-1000\"}\n{\"n\":\"1000-10000\"}\n{\"n\":0}",
        );
        check(
            "bin n span=2log10",
            "{\"n\":5}\n{\"n\":20}",
            "{\"n\":\"2-20\"}\n{\"n\":\"20-200\"}",
        );
    }

    #[test]
    fn errors_say_where_and_the_source_is_demanded() {
        assert_eq!(refused("bin span=5x t"), [("E0114", "5x".to_owned())]);
        assert_eq!(
            refused("bin span=5m"),
            [("E0111", "bin span=5m".to_owned())]
        );
        assert_eq!(demand("bin n span=5 as m", &["m", "x"]), "x, n");
        assert_eq!(demand("bin n span=5", &["n"]), "n");
    }
}
