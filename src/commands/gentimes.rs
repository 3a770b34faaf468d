//! `gentimes`: makes a row for each of a series of spans of time.

use super::arguments::{Arguments, Word};
use super::made::Made;
use super::{Command, Example, OptionDoc, ParseContext, Place, Stage};
use crate::data::time::{Format, Modifier, TimeSpan, Timestamp, strptime_from};
use crate::data::{Batch, Context, Value};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::syntax::StageText;

/// Rows at most: a slip in a year must not fill the memory.
const MOST: usize = 10_000_000;

/// The command.
pub struct Gentimes;

impl Command for Gentimes {
    fn name(&self) -> &'static str {
        "gentimes"
    }
    fn summary(&self) -> &'static str {
        "Makes a row for each of a series of spans of time"
    }
    fn usage(&self) -> &'static str {
        "gentimes start=<day> [end=<day>] [increment=<span>]; a day is MM/DD/YYYY[:HH:MM:SS], or days from today"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[
            OptionDoc {
                name: "start",
                value: "<day>",
                default: "",
                summary: "Where the series starts",
            },
            OptionDoc {
                name: "end",
                value: "<day>",
                default: "today",
                summary: "Where it ends",
            },
            OptionDoc {
                name: "increment",
                value: "<N>s|m|h|d",
                default: "1d",
                summary: "How long a span is",
            },
        ]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "| gentimes start=10/01/2023 end=10/03/2023 | table starttime endtime starthuman",
                input: "",
                output: "{\"starttime\":1696118400,\"endtime\":1696204799,\"starthuman\":\"Sun Oct  1 00:00:00 2023\"}\n{\"starttime\":1696204800,\"endtime\":1696291199,\"starthuman\":\"Mon Oct  2 00:00:00 2023\"}",
            },
            Example {
                query: "| gentimes start=-1 increment=12h | stats count",
                input: "",
                output: "{\"count\":2}",
            },
        ]
    }
    fn place(&self) -> Place {
        Place::First
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        if arguments.option("start").is_none() {
            arguments.missing("start=<day>");
        }
        let context = cx.context;
        let today = Modifier::parse("@d")
            .ok()
            .and_then(|m| m.apply(context.now, context.zone));
        let start = day(&mut arguments, "start", context);
        let end = day(&mut arguments, "end", context).or(today);
        increment(&mut arguments);
        let span = super::span::time_span(&mut arguments, "increment");
        let span = span.or_else(|| TimeSpan::parse("1d").ok());
        let made = rows(start, end, span, context);
        arguments.finish(|| Made::boxed("gentimes", move || Ok(made.clone())))
    }
}

/// Refuses an increment in other units than seconds, minutes, hours and days.
fn increment(arguments: &mut Arguments) {
    let Some(word) = super::calls::value(arguments, "increment") else {
        return;
    };
    let unit = TimeSpan::parse(&word.text).map(|span| span.parts().1.name());
    if unit.is_ok_and(|unit| !["s", "m", "h", "d"].contains(&unit)) {
        let message = format!("increment= can't be `{}`", word.text);
        let error = Diagnostic::at(&code::OPTION_VALUE, word.span, message);
        arguments.error(error.help("an increment is in s, m, h or d: 7d is a week"));
    }
}

/// A day of an option.
fn day(arguments: &mut Arguments, name: &str, context: &Context) -> Option<Timestamp> {
    let word: Word = super::calls::value(arguments, name)?;
    let text = word.text.trim();
    let read =
        |format: &str| strptime_from(text, &Format::parse(format), context.zone, context.now);
    let found = if let Ok(days) = text.parse::<i64>() {
        let modifier = Modifier::parse(&format!("{days:+}d@d"));
        modifier
            .ok()
            .and_then(|m| m.apply(context.now, context.zone))
    } else {
        let formats = [
            "%m/%d/%Y:%H:%M:%S",
            "%m/%d/%Y",
            "%m/%d/%y:%H:%M:%S",
            "%m/%d/%y",
        ];
        let written = formats.into_iter().find_map(read);
        written.and_then(Timestamp::from_seconds)
    };
    if found.is_none() {
        let message = format!("{name}= is no day: `{text}`");
        arguments.error(
            Diagnostic::at(&code::TIME_FORMAT, word.span, message)
                .help("a day is written 10/27/2023, 10/27/2023:08:00:00, or as a number of days from today: -7"),
        );
    }
    found
}

/// The end of a span that starts then: days are those of the calendar.
fn after(start: Timestamp, span: &TimeSpan, context: &Context) -> Option<Timestamp> {
    let (count, unit) = span.parts();
    let modifier = Modifier::parse(&format!("+{count}{}", unit.name())).ok()?;
    modifier.apply(start, context.zone)
}

fn rows(
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    span: Option<TimeSpan>,
    context: &Context,
) -> Batch {
    let (Some(mut at), Some(end), Some(span)) = (start, end, span) else {
        return Batch::new(0);
    };
    let human = Format::parse("%a %b %e %H:%M:%S %Y");
    let shown = |time: Timestamp| Value::Text(human.format(time, context.zone));
    let mut rows = Vec::new();
    while at < end && rows.len() < MOST {
        let Some(next) = after(at, &span, context) else {
            break;
        };
        let last = Timestamp(next.0 - 1_000_000_000);
        rows.push(vec![
            ("starttime", Value::Number(at.seconds())),
            ("endtime", Value::Number(last.seconds())),
            ("starthuman", shown(at)),
            ("endhuman", shown(last)),
        ]);
        at = next;
    }
    Batch::from_rows(rows)
}
