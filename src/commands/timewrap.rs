//! `timewrap`: lays the periods of a timechart over each other, a column each.

use super::arguments::{Arguments, Word};
use super::{BuildContext, Command, Example, Kind, OptionDoc, Ordering, ParseContext, Stage};
use crate::data::time::{Format, Timestamp, Unit, Zone};
use crate::data::{Batch, Column, Context, Demand, Value};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::operators::{Operator, gathered};
use crate::syntax::StageText;
use indexmap::{IndexMap, IndexSet};
use std::collections::BTreeMap;

/// Periods at most between a row and the end: a slip in a time must not take forever.
const MOST: i64 = 1_000_000;

/// The command.
pub struct Timewrap;

impl Command for Timewrap {
    fn name(&self) -> &'static str {
        "timewrap"
    }
    fn summary(&self) -> &'static str {
        "Lays the periods of a timechart over each other: a column for each day, week or other span"
    }
    fn usage(&self) -> &'static str {
        "timewrap [<N>]s|min|h|d|w|m|qtr|y [align=now|end] [series=relative|exact|short] [time_format=<format>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[
            OptionDoc {
                name: "align",
                value: "now|end",
                default: "end",
                summary: "The last period ends now or at the end of the search's time range, which is now when it has no end",
            },
            OptionDoc {
                name: "series",
                value: "relative|exact|short",
                default: "relative",
                summary: "Names as latest_week and 1week_before, as time_format makes them of a period's start, or s0, s1",
            },
            OptionDoc {
                name: "time_format",
                value: "<format>",
                default: "",
                summary: "How series=exact names a period",
            },
        ]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* latest=172800 | timechart span=12h sum(n) as n | timewrap 1d",
                input: "{\"_time\":0,\"n\":1}\n{\"_time\":43200,\"n\":2}\n{\"_time\":86400,\"n\":3}\n{\"_time\":129600,\"n\":4}",
                output: "{\"_time\":86400,\"1day_before\":1,\"latest_day\":3}\n{\"_time\":129600,\"1day_before\":2,\"latest_day\":4}",
            },
            Example {
                query: "* latest=172800 | timechart span=1d sum(n) as n | timewrap d series=short | eval more=s0-s1",
                input: "{\"_time\":0,\"n\":1}\n{\"_time\":86400,\"n\":3}",
                output: "{\"_time\":86400,\"s1\":1,\"s0\":3,\"more\":2}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let now = arguments.choice("align", &["now", "end"]) == Some("now");
        let series = arguments.choice("series", &["relative", "exact", "short"]);
        let format = super::calls::value(&arguments, "time_format");
        let word = arguments.only("a span such as 1d or week");
        let period = word.and_then(|word| {
            let period = Period::read(&word);
            if period.is_none() {
                let message = format!("`{}` is no span of timewrap", word.text);
                arguments.syntax(word.span, message);
            }
            period
        });
        let names = match (series, &format) {
            (Some("exact"), Some(format)) => Names::Exact(Format::parse(&format.text)),
            (Some("short"), None) => Names::Short,
            (Some("exact"), None) => {
                arguments.missing("time_format=<format> for series=exact");
                Names::Relative
            }
            (_, Some(format)) => {
                arguments.syntax(format.span, "time_format goes with series=exact");
                Names::Relative
            }
            (_, None) => Names::Relative,
        };
        // Without a span an error is told, and what stands here does not run.
        let period = period.unwrap_or(Period {
            count: 1,
            unit: Unit::Day,
        });
        arguments.finish(|| Box::new(Wrapped { period, now, names }) as Box<dyn Stage>)
    }
}

/// How columns are named.
#[derive(Debug, Clone)]
enum Names {
    Relative,
    Short,
    Exact(Format),
}

/// The length of a period.
#[derive(Debug, Clone, Copy)]
struct Period {
    count: i64,
    unit: Unit,
}

impl Period {
    /// A whole number, none is 1, and a unit; `m` is a month here.
    fn read(word: &Word) -> Option<Self> {
        let name = word.text.trim_start_matches(|c: char| c.is_ascii_digit());
        let number = word.text.strip_suffix(name)?;
        let count = if number.is_empty() { "1" } else { number };
        let unit = match name {
            "m" => Unit::Month,
            _ => Unit::parse(name)?,
        };
        let count = count.parse().ok().filter(|n| (1..=MOST).contains(n))?;
        Self::word(unit)?;
        Some(Self { count, unit })
    }

    /// The unit in the name of a column; none for those shorter than a second.
    fn word(unit: Unit) -> Option<&'static str> {
        Some(match unit {
            Unit::Second => "second",
            Unit::Minute => "minute",
            Unit::Hour => "hour",
            Unit::Day => "day",
            Unit::Week => "week",
            Unit::Month => "month",
            Unit::Quarter => "quarter",
            Unit::Year => "year",
            _ => return None,
        })
    }

    /// The instant so many periods later.
    fn shift(&self, time: Timestamp, periods: i64, zone: Zone) -> Option<Timestamp> {
        self.unit
            .shift(time, self.count.checked_mul(periods)?, zone)
    }

    /// How many periods before the last one, which goes up to `end`, the instant lies.
    fn before(&self, time: Timestamp, end: Timestamp, zone: Zone) -> Option<i64> {
        let start = |n: i64| self.shift(end, -n.checked_add(1)?, zone);
        let latest = end.0.checked_sub(start(0)?.0)?.max(1);
        let mut n = end.0.checked_sub(time.0)?.div_euclid(latest);
        if n.abs() > MOST {
            return None;
        }
        while time < start(n)? {
            n += 1;
        }
        while time >= start(n - 1)? {
            n -= 1;
        }
        Some(n)
    }

    /// Where the instant lies in the last period, when it lies `n` periods before it.
    fn moved(&self, time: Timestamp, n: i64, end: Timestamp, zone: Zone) -> Option<Timestamp> {
        if !matches!(self.unit, Unit::Month | Unit::Quarter | Unit::Year) {
            return self.shift(time, n, zone);
        }
        // Months are not equally long: as many days and as much time after the start.
        let (from, to) = (
            self.shift(end, -n.checked_add(1)?, zone)?,
            self.shift(end, -1, zone)?,
        );
        let day = Unit::Day;
        let mut days = time.0.checked_sub(from.0)? / 86_400_000_000_000;
        while day.shift(from, days + 1, zone)? <= time {
            days += 1;
        }
        while day.shift(from, days, zone)? > time {
            days -= 1;
        }
        let rest = time.0.checked_sub(day.shift(from, days, zone)?.0)?;
        let moved = day.shift(to, days, zone)?.0.checked_add(rest)?;
        Some(Timestamp(moved))
    }
}

/// `timewrap` with its arguments.
#[derive(Debug, Clone)]
struct Wrapped {
    period: Period,
    now: bool,
    names: Names,
}

impl Wrapped {
    /// The name of the period that is `n` before the last.
    fn name(&self, n: i64, end: Timestamp, zone: Zone) -> String {
        let Period { count, unit } = self.period;
        let counted = |count: i64| {
            let plural = if count == 1 { "" } else { "s" };
            format!("{count}{}{plural}", Period::word(unit).unwrap_or_default())
        };
        match &self.names {
            Names::Short => format!("s{n}"),
            Names::Exact(format) => {
                let start = self.period.shift(end, -n.saturating_add(1), zone);
                format.format(start.unwrap_or(end), zone)
            }
            Names::Relative if n == 0 && count == 1 => {
                format!("latest_{}", Period::word(unit).unwrap_or_default())
            }
            Names::Relative if n == 0 => format!("latest_{}", counted(count)),
            Names::Relative if n < 0 => format!("{}_after", counted(-n * count)),
            Names::Relative => format!("{}_before", counted(n * count)),
        }
    }

    fn rows(&self, whole: &Batch, context: &Context) -> Result<Batch, Diagnostic> {
        let end = context.latest.filter(|_| !self.now).unwrap_or(context.now);
        let zone = context.zone;
        let times = whole.column("_time");
        let mut rows = Vec::with_capacity(whole.rows());
        for row in 0..whole.rows() {
            let Some(time) = times.number(row).and_then(Timestamp::from_seconds) else {
                return Err(
                    Diagnostic::new(&code::RUNTIME, "timewrap got a row without a _time")
                        .help("it takes the rows of timechart"),
                );
            };
            rows.push((time, row));
        }
        rows.sort();
        let fields: Vec<&str> = whole
            .names()
            .map(|name| &**name)
            .filter(|name| !name.starts_with('_'))
            .collect();
        let mut columns: IndexSet<String> = IndexSet::new();
        let mut cells: BTreeMap<Timestamp, IndexMap<usize, Value>> = BTreeMap::new();
        for (time, row) in rows {
            let placed = self.period.before(time, end, zone).and_then(|n| {
                let moved = self.period.moved(time, n, end, zone)?;
                Some((n, moved))
            });
            let Some((n, moved)) = placed else {
                let message = format!("timewrap can't place {} in a period", time.display(zone));
                return Err(
                    Diagnostic::new(&code::RUNTIME, message).help("a longer span makes fewer")
                );
            };
            let name = self.name(n, end, zone);
            let cells = cells.entry(moved).or_default();
            for field in &fields {
                let column = match fields.len() {
                    1 => name.clone(),
                    _ => format!("{field}_{name}"),
                };
                let (column, _) = columns.insert_full(column);
                cells.insert(column, whole.value(field, row));
            }
        }
        let mut out = Batch::new(cells.len());
        let labels = cells.keys().map(|time| Some(time.seconds())).collect();
        out.set("_time", Column::Number(labels));
        for (at, name) in columns.iter().enumerate() {
            let values = cells
                .values()
                .map(|row| row.get(&at).cloned().unwrap_or(Value::Null));
            out.set(name.as_str(), Column::from_values(values));
        }
        Ok(out)
    }
}

impl Stage for Wrapped {
    fn kind(&self) -> Kind {
        Kind::Mergeable
    }
    fn ordering(&self) -> Ordering {
        Ordering::SeesAndMakes
    }
    fn demand(&self, _: &Demand) -> Demand {
        Demand::all()
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let (wrapped, context) = (self.clone(), cx.context.clone());
        Ok(gathered(move |batches| {
            let rows = wrapped.rows(&Batch::concat(&batches), &context)?;
            Ok(vec![rows])
        }))
    }
}
