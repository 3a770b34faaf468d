//! Date and time functions: takes seconds since the epoch and texts, gives the other.

use super::arithmetic::build_texts;
use super::call::{Call, Prepared};
use super::operand::{Operand, number_column};
use super::{Arity, Function, Kernel, Kind, Prepare};
use crate::data::Value;
use crate::data::time::{Format, Modifier, Timestamp, strptime_from};
use std::sync::Arc;

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new(
        "now",
        Arity::Between(0, 0),
        "now()",
        "The time at which the search started, in seconds since the epoch",
        ("now()", ""),
        Kernel::Column(|call, _| {
            Operand::Constant(Value::Number(call.context.now.seconds().floor()))
        }),
    )
    .gives(Kind::Number)
    .varies(),
    Function::new(
        "relative_time",
        Arity::Between(2, 2),
        "relative_time(<time>, <modifier>)",
        "A time moved and snapped by a relative time modifier",
        (r#"relative_time(1700000000, "-1d@d")"#, "1699833600"),
        Kernel::Column(relative_time),
    )
    .gives(Kind::Number)
    .prepare(Prepare::Modifier(1)),
    Function::new(
        "strftime",
        Arity::Between(2, 2),
        "strftime(<time>, <format>)",
        "A time written by a format",
        (
            r#"strftime(1700000000, "%Y-%m-%d %H:%M:%S")"#,
            "2023-11-14 22:13:20",
        ),
        Kernel::Column(strftime),
    )
    .gives(Kind::Text)
    .prepare(Prepare::Format(1)),
    Function::new(
        "strptime",
        Arity::Between(2, 2),
        "strptime(<text>, <format>)",
        "The time that a text gives by a format, null when it does not fit",
        (
            r#"strptime("2023-11-14 22:13:20", "%Y-%m-%d %H:%M:%S")"#,
            "1700000000",
        ),
        Kernel::Column(strptime),
    )
    .gives(Kind::Number)
    .prepare(Prepare::Format(1)),
    Function::new(
        "time",
        Arity::Between(0, 0),
        "time()",
        "The time of the clock when the event is seen, with microseconds",
        ("time()", ""),
        Kernel::Column(|call, _| {
            let clock = |_| Some((Timestamp::now().0 / 1000) as f64 / 1e6);
            number_column((0..call.rows).map(clock))
        }),
    )
    .gives(Kind::Number)
    .varies(),
];

fn relative_time(call: &mut Call<'_>, arguments: &[Operand]) -> Operand {
    let [time, modifier] = arguments else {
        return Operand::null();
    };
    let zone = call.context.zone;
    let prepared = match call.prepared {
        Prepared::Modifier(modifier) => Some(modifier),
        _ => None,
    };
    number_column((0..call.rows).map(|row| {
        let time = Timestamp::from_seconds(time.number(row)?)?;
        let moved = match prepared {
            Some(modifier) => modifier.apply(time, zone)?,
            None => Modifier::parse(&modifier.text(row)?)
                .ok()?
                .apply(time, zone)?,
        };
        Some(moved.seconds())
    }))
}

fn strftime(call: &mut Call<'_>, arguments: &[Operand]) -> Operand {
    let [time, format] = arguments else {
        return Operand::null();
    };
    let zone = call.context.zone;
    let prepared = prepared_format(call);
    let mut text = String::new();
    build_texts(call.rows, |row, out| {
        let seconds = time.number(row)?;
        text.clear();
        match &prepared {
            Some(format) => format.write_seconds(&mut text, seconds, zone)?,
            None => {
                let format = call.format(&format.text(row)?);
                format.write_seconds(&mut text, seconds, zone)?;
            }
        }
        out.push_str(&text);
        Some(())
    })
}

/// The format, where it is a constant.
fn prepared_format(call: &Call<'_>) -> Option<Arc<Format>> {
    match call.prepared {
        Prepared::Format(format) => Some(format.clone()),
        _ => None,
    }
}

fn strptime(call: &mut Call<'_>, arguments: &[Operand]) -> Operand {
    let [text, format] = arguments else {
        return Operand::null();
    };
    let (zone, now) = (call.context.zone, call.context.now);
    let prepared = prepared_format(call);
    number_column((0..call.rows).map(|row| match &prepared {
        Some(prepared) => strptime_from(&text.text(row)?, prepared, zone, now),
        None => {
            let format = call.format(&format.text(row)?);
            strptime_from(&text.text(row)?, &format, zone, now)
        }
    }))
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{on, shown};

    #[test]
    fn times_are_read_and_written() {
        let fields = [
            ("_time", "1700000000"),
            ("f", "%H"),
            ("d", "2023-11-14T22:13:20+0100"),
        ];
        for (text, result) in [
            ("strftime(_time, f)", "22"),
            ("strftime(_time, \"%A %j\")", "Tuesday 318"),
            ("strptime(d, \"%Y-%m-%dT%H:%M:%S%z\")", "1699996400"),
            ("strptime(\"not a date\", \"%Y-%m-%d\")", ""),
            ("relative_time(_time, \"@w0\")", "1699747200"),
            ("strftime(nofield, \"%H\")", ""),
        ] {
            assert_eq!(on(text, &fields), result, "{text}");
        }
        assert_eq!(shown("if(abs(time()-now())<60, \"ok\", \"bad\")"), "ok");
    }
}
