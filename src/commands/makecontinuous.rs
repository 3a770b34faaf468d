//! `makecontinuous`: adds the bins that no row has, so that a number or time goes on without gaps.

use super::arguments::Arguments;
use super::ranges::{Ranges, Size};
use super::{BuildContext, Command, Example, Kind, OptionDoc, Ordering, ParseContext, Stage};
use crate::data::{Batch, Column, Context, Demand, FieldName, parse_number};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::operators::{Operator, gathered};
use crate::syntax::StageText;

/// Bins at most: a slip in the span must not fill the memory.
const MOST: usize = 1_000_000;
/// Bins at most, when their number is left open.
const BINS: usize = 100;
/// Share of a number by which it may lie below its bin: sums of fractions are not exact.
const NEAR: f64 = 1e-12;

/// The command.
pub struct Makecontinuous;

impl Command for Makecontinuous {
    fn name(&self) -> &'static str {
        "makecontinuous"
    }
    fn summary(&self) -> &'static str {
        "Adds rows for the bins of a number or time that no row has"
    }
    fn usage(&self) -> &'static str {
        "makecontinuous [<field>] [span=<N>|<span>|<N>log<N>] [bins=<N>] [start=<N>] [end=<N>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[
            OptionDoc {
                name: "span",
                value: "<N>|<span>|<N>log<N>",
                default: "",
                summary: "How wide a bin is; else the smallest step between two values",
            },
            OptionDoc {
                name: "bins",
                value: "<N>",
                default: "",
                summary: "At most so many bins, when there is no span: as wide as bin makes them",
            },
            OptionDoc {
                name: "start",
                value: "<N>",
                default: "",
                summary: "The first bin; else the smallest value",
            },
            OptionDoc {
                name: "end",
                value: "<N>",
                default: "",
                summary: "Where the bins end; else the largest value",
            },
        ]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | table n c | makecontinuous n span=1",
                input: "{\"n\":1,\"c\":5}\n{\"n\":3,\"c\":7}",
                output: "{\"n\":1,\"c\":5}\n{\"n\":2}\n{\"n\":3,\"c\":7}",
            },
            Example {
                query: "* | table _time | makecontinuous _time span=1m",
                input: "{\"_time\":60}\n{\"_time\":180}",
                output: "{\"_time\":60}\n{\"_time\":120}\n{\"_time\":180}",
            },
        ]
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let field: FieldName = arguments
            .next()
            .map_or_else(|| "_time".into(), |word| word.text.into());
        let option = |arguments: &Arguments, name: &str| super::calls::value(arguments, name);
        let counted = option(&arguments, "bins").is_some();
        let ranges = Ranges::of_chart(&mut arguments, option, field.clone(), None, BINS);
        let number = |name: &str| {
            let value = super::calls::value(&arguments, name)?;
            parse_number(&value.text)
        };
        let (start, end) = (number("start"), number("end"));
        let context = cx.context.clone();
        arguments.finish(|| {
            Box::new(Filled {
                field,
                ranges,
                counted,
                start,
                end,
                context,
            }) as Box<dyn Stage>
        })
    }
}

/// How far apart bins are.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// As far as the nearest two values, from the first value on.
    Gap(f64),
    /// As asked for.
    Size(Size),
}

/// `makecontinuous` with its arguments.
#[derive(Debug, Clone)]
struct Filled {
    field: FieldName,
    ranges: Ranges,
    /// Whether a number of bins was asked for.
    counted: bool,
    start: Option<f64>,
    end: Option<f64>,
    context: Context,
}

impl Filled {
    /// How far apart the bins of these values are; none when there is one value alone.
    fn step(&self, batches: &[Batch], values: &[f64]) -> Option<Step> {
        let size = self.ranges.size.or_else(|| {
            let fitting = || self.ranges.size_for(batches, &self.context);
            self.counted.then(fitting).flatten()
        });
        if let Some(size) = size {
            return Some(Step::Size(size));
        }
        let steps = values.windows(2).map(|pair| pair[1] - pair[0]);
        let smallest = steps.fold(f64::INFINITY, f64::min);
        smallest.is_finite().then_some(Step::Gap(smallest))
    }

    fn rows(&self, batches: &[Batch]) -> Result<Batch, Diagnostic> {
        let whole = Batch::concat(batches);
        let own = whole.column(&self.field);
        let mut values: Vec<f64> = (0..whole.rows())
            .filter_map(|row| own.number(row))
            .collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        let Some(step) = self.step(batches, &values) else {
            return Ok(whole);
        };
        let in_range = |value: f64| match step {
            Step::Gap(_) => Some(value),
            Step::Size(size) => Ranges::low(&size, value, &self.context),
        };
        // Values without a range, as those below 0 in ranges that grow by powers, come last as they are.
        let lowest = values
            .iter()
            .copied()
            .find(|value| in_range(*value).is_some());
        let (Some(lowest), Some(last)) = (lowest, values.last()) else {
            return Ok(whole);
        };
        let first = in_range(self.start.unwrap_or(lowest)).unwrap_or(lowest);
        let (end, start) = (self.end.unwrap_or(*last), self.start.unwrap_or(first));
        let bins = self.bins(first, end, step)?;
        // A row for each bin without rows comes from one row without fields at the end.
        let gap = whole.rows() as u32;
        let mut by_bin: Vec<Vec<u32>> = vec![Vec::new(); bins.len()];
        let mut rest = Vec::new();
        for row in 0..gap {
            match own
                .number(row as usize)
                .filter(|value| in_range(*value).is_some())
            {
                Some(value) => {
                    let next = bins.partition_point(|bin| *bin <= value + value.abs() * NEAR);
                    if let Some(rows) = next.checked_sub(1).and_then(|bin| by_bin.get_mut(bin))
                        && (start..=end).contains(&value)
                    {
                        rows.push(row);
                    }
                }
                None => rest.push(row),
            }
        }
        let (mut order, mut values) = (Vec::new(), Vec::new());
        for (bin, rows) in bins.iter().zip(by_bin) {
            let rows = if rows.is_empty() { vec![gap] } else { rows };
            values.extend(rows.iter().map(|_| Some(*bin)));
            order.extend(rows);
        }
        let mut filled = Batch::concat(&[whole.clone(), Batch::new(1)]).take(&order);
        filled.set(self.field.clone(), Column::Number(values.into()));
        Ok(Batch::concat(&[filled, whole.take(&rest)]))
    }

    /// Where the bins start.
    fn bins(&self, first: f64, end: f64, step: Step) -> Result<Vec<f64>, Diagnostic> {
        let mut bins = Vec::new();
        let mut at = first;
        while at <= end {
            if bins.len() == MOST {
                let message = format!("makecontinuous would make over {MOST} rows");
                return Err(
                    Diagnostic::new(&code::RUNTIME, message).help("a wider span= makes fewer")
                );
            }
            bins.push(at);
            at = match step {
                Step::Gap(width) => first + width * bins.len() as f64,
                Step::Size(size) => Ranges::next(&size, at, &self.context),
            };
        }
        Ok(bins)
    }
}

impl Stage for Filled {
    fn kind(&self) -> Kind {
        Kind::Mergeable
    }
    fn ordering(&self) -> Ordering {
        Ordering::SeesAndMakes
    }
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        demand.add_exact(&self.field);
        demand
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let filled = self.clone();
        let work = move |batches: Vec<Batch>| Ok(vec![filled.rows(&batches)?]);
        Ok(gathered(work))
    }
}
