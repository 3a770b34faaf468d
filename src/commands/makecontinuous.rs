//! `makecontinuous`: adds the bins that no row has, so that a number or time goes on without gaps.

use super::arguments::Arguments;
use super::{BuildContext, Command, Example, Kind, OptionDoc, Ordering, ParseContext, Stage};
use crate::data::time::{TimeSpan, Timestamp, Zone};
use crate::data::{Batch, Column, Demand, FieldName, parse_number};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::operators::{Operator, gathered};
use crate::syntax::StageText;

/// Bins at most: a slip in the span must not fill the memory.
const MOST: usize = 1_000_000;
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
        "makecontinuous [<field>] [span=<N>|<span>] [start=<N>] [end=<N>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[
            OptionDoc {
                name: "span",
                value: "<N>|<span>",
                default: "",
                summary: "How wide a bin is; else the smallest step between two values",
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
        let refused = [
            ("bins", "a span says how wide a bin is"),
            ("aligntime", "bins start at the first value"),
        ];
        let mut arguments = Arguments::read_refusing(self, text, &refused);
        let span = super::calls::value(&arguments, "span").and_then(|word| {
            match parse_number(&word.text).filter(|n| *n > 0.0) {
                Some(number) => Some(Step::Number(number)),
                None => super::span::time_span(&mut arguments, "span").map(Step::Time),
            }
        });
        let mut number = |name: &str| {
            let value = super::calls::value(&arguments, name)?;
            let number = parse_number(&value.text);
            if number.is_none() {
                super::calls::bad_value(&mut arguments, name, &value, "a number");
            }
            number
        };
        let (start, end) = (number("start"), number("end"));
        let field = arguments
            .next()
            .map_or_else(|| "_time".into(), |word| word.text.into());
        let zone = cx.context.zone;
        arguments.finish(|| {
            Box::new(Filled {
                field,
                span,
                start,
                end,
                zone,
            }) as Box<dyn Stage>
        })
    }
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Number(f64),
    Time(TimeSpan),
}

/// `makecontinuous` with its arguments.
#[derive(Debug, Clone)]
struct Filled {
    field: FieldName,
    span: Option<Step>,
    start: Option<f64>,
    end: Option<f64>,
    zone: Zone,
}

impl Filled {
    fn after(&self, at: f64, step: Step) -> f64 {
        match step {
            Step::Number(width) => at + width,
            Step::Time(span) => Timestamp::from_seconds(at)
                .map_or(f64::INFINITY, |t| span.next(t, self.zone).seconds()),
        }
    }

    fn floor(&self, at: f64, step: Step) -> f64 {
        match step {
            Step::Number(width) => (at / width).floor() * width,
            Step::Time(span) => {
                Timestamp::from_seconds(at).map_or(at, |t| span.floor(t, self.zone, None).seconds())
            }
        }
    }

    fn rows(&self, batches: &[Batch]) -> Result<Batch, Diagnostic> {
        let whole = Batch::concat(batches);
        let own = whole.column(&self.field);
        let mut values: Vec<f64> = (0..whole.rows())
            .filter_map(|row| own.number(row))
            .collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        let (Some(first), Some(last)) = (values.first(), values.last()) else {
            return Ok(whole);
        };
        let steps = values.windows(2).map(|pair| pair[1] - pair[0]);
        let smallest = steps.fold(f64::INFINITY, f64::min);
        let step = match self.span {
            Some(step) => step,
            None if smallest.is_finite() => Step::Number(smallest),
            None => return Ok(whole),
        };
        let first = self.start.unwrap_or(*first);
        let first = match self.span {
            Some(step) => self.floor(first, step),
            None => first,
        };
        let bins = self.bins(first, self.end.unwrap_or(*last), step)?;
        // A row for each bin without rows comes from one row without fields at the end.
        let gap = whole.rows() as u32;
        let mut by_bin: Vec<Vec<u32>> = vec![Vec::new(); bins.len()];
        let mut rest = Vec::new();
        for row in 0..gap {
            match own.number(row as usize) {
                Some(value) => {
                    let next = bins.partition_point(|bin| *bin <= value + value.abs() * NEAR);
                    let is_within = value <= self.end.unwrap_or(*last);
                    if let Some(rows) = next.checked_sub(1).and_then(|bin| by_bin.get_mut(bin))
                        && is_within
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
                Step::Number(width) => first + width * bins.len() as f64,
                Step::Time(_) => self.after(at, step),
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
