//! Time modifiers of a search: takes `earliest=-1d@d`, `endtime=…`, `daysago=3` and the like, gives tests of an event's
//! time (Splunk's search reference, "Time modifiers").

use crate::data::time::{Format, Modifier, Timestamp, strptime_from};
use crate::data::{Batch, Context};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::syntax::{Comparator, SearchExpr, Spanned, TimeBound};
use arrow_buffer::BooleanBuffer;

/// How `starttime` and `endtime` are written unless `timeformat` says otherwise.
const TIME_FORMAT: &str = "%m/%d/%Y:%H:%M:%S";

/// One comparison of an event's time.
#[derive(Debug)]
pub(super) struct TimeTest {
    /// `_time` or `_indextime`.
    pub field: &'static str,
    op: Comparator,
    time: Timestamp,
}

impl TimeTest {
    /// The time from which on it holds, itself included, when that is all it says of `_time`.
    pub fn from(&self) -> Option<Timestamp> {
        (self.field == "_time" && self.op == Comparator::GreaterEqual).then_some(self.time)
    }

    /// The time until which it holds, itself left out, when that is all it says of `_time`.
    pub fn until(&self) -> Option<Timestamp> {
        (self.field == "_time" && self.op == Comparator::Less).then_some(self.time)
    }

    /// One bit a row; an event without the time fails.
    pub fn keep(&self, batch: &Batch) -> BooleanBuffer {
        let (times, bound) = (batch.column(self.field), self.time.seconds());
        BooleanBuffer::collect_bool(batch.rows(), |row| {
            times.number(row).is_some_and(|time| match self.op {
                Comparator::Equal => time == bound,
                Comparator::NotEqual => time != bound,
                Comparator::Less => time < bound,
                Comparator::LessEqual => time <= bound,
                Comparator::Greater => time > bound,
                Comparator::GreaterEqual => time >= bound,
            })
        })
    }
}

/// Reads the time modifiers of one search.
pub(super) struct Bounds<'a> {
    context: &'a Context,
    format: Format,
    /// What is wrong with them.
    pub errors: Diagnostics,
}

impl<'a> Bounds<'a> {
    /// A reader for a search, which may set `timeformat`.
    pub fn new(expr: &SearchExpr, context: &'a Context) -> Self {
        Self {
            context,
            format: Format::parse(&format_of(expr).unwrap_or(TIME_FORMAT.to_owned())),
            errors: Vec::new(),
        }
    }

    /// The test that a modifier stands for; `None` for `timeformat` and where it is wrong.
    pub fn test(&mut self, bound: &Spanned<TimeBound>) -> Option<TimeTest> {
        let TimeBound { name, op, value } = &bound.node;
        let (from, text) = (Comparator::GreaterEqual, value.node.as_str());
        let (starts, unit) = match name.node.as_str() {
            "timeformat" => return None,
            "earliest" | "latest" | "_index_earliest" | "_index_latest" => {
                let starts = name.node.ends_with("earliest");
                let usual = if starts { from } else { Comparator::Less };
                let op = if *op == Comparator::Equal { usual } else { *op };
                let time = self.modifier(text, value)?;
                let field = match name.node.starts_with("_index") {
                    true => "_indextime",
                    false => "_time",
                };
                return Some(TimeTest { field, op, time });
            }
            "starttime" => (true, None),
            "endtime" => (false, None),
            "starttimeu" => (true, Some("")),
            "endtimeu" => (false, Some("")),
            "daysago" | "startdaysago" => (true, Some("d")),
            "enddaysago" => (false, Some("d")),
            "hoursago" | "starthoursago" => (true, Some("h")),
            "endhoursago" => (false, Some("h")),
            "minutesago" | "startminutesago" => (true, Some("m")),
            "endminutesago" => (false, Some("m")),
            "monthsago" | "startmonthsago" => (true, Some("mon")),
            "endmonthsago" => (false, Some("mon")),
            other => {
                let message = format!("the time modifier `{other}` is not done here");
                self.errors.push(
                    Diagnostic::at(&code::UNSUPPORTED_OPTION, name.span, message)
                        .help("earliest= and latest= bound the time of events"),
                );
                return None;
            }
        };
        let time = match unit {
            None => self.by_format(value)?,
            Some(unit) => self.count(text, unit, value)?,
        };
        let op = if starts { from } else { Comparator::Less };
        Some(TimeTest {
            field: "_time",
            op,
            time,
        })
    }

    fn wrong(&mut self, value: &Spanned<String>, why: String, help: &str) {
        // What comes after the first sentence says which forms there are.
        let (message, forms) = why.split_once(". ").unwrap_or((&why, help));
        let error = Diagnostic::at(
            &code::TIME_FORMAT,
            value.span,
            message.trim_end_matches('.'),
        );
        self.errors.push(error.help(forms.trim_end_matches('.')));
    }

    fn modifier(&mut self, text: &str, value: &Spanned<String>) -> Option<Timestamp> {
        // A number of seconds past the last time that is known stands for the end of all times (`latest=99999999999`).
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        if digits
            && text
                .parse()
                .is_ok_and(|s: f64| Timestamp::from_seconds(s).is_none())
        {
            return Some(Timestamp(i64::MAX));
        }
        let read = Modifier::parse(text);
        let time = read.map(|m| m.apply(self.context.now, self.context.zone));
        match time {
            Ok(Some(time)) => Some(time),
            Ok(None) => {
                let why = format!("`{text}` is a time out of range");
                self.wrong(value, why, "times from 1678 to 2261 are known");
                None
            }
            Err(why) => {
                self.wrong(value, why, "for example -24h@h, @d, now, 1700000000");
                None
            }
        }
    }

    /// A number of units before now, or of seconds since the epoch when the unit is empty.
    fn count(&mut self, text: &str, unit: &str, value: &Spanned<String>) -> Option<Timestamp> {
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
            let why = format!("`{text}` is no integer");
            self.wrong(value, why, "this modifier takes an integer");
            return None;
        }
        match unit {
            "" => self.modifier(text, value),
            unit => self.modifier(&format!("-{text}{unit}"), value),
        }
    }

    fn by_format(&mut self, value: &Spanned<String>) -> Option<Timestamp> {
        let (zone, now) = (self.context.zone, self.context.now);
        let seconds = strptime_from(&value.node, &self.format, zone, now);
        let time = seconds.and_then(Timestamp::from_seconds);
        if time.is_none() {
            let why = format!("`{}` does not fit the time format", value.node);
            let help = format!("it is {TIME_FORMAT} unless timeformat= says otherwise");
            self.wrong(value, why, &help);
        }
        time
    }
}

/// The `timeformat` that a search sets.
fn format_of(expr: &SearchExpr) -> Option<String> {
    match expr {
        SearchExpr::And(parts) | SearchExpr::Or(parts) => parts.iter().find_map(format_of),
        SearchExpr::Not(part) => format_of(part),
        SearchExpr::Time(bound) if bound.node.name.node == "timeformat" => {
            Some(bound.node.value.node.clone())
        }
        _ => None,
    }
}
