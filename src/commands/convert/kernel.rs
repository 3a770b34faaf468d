//! The functions of `convert`: takes a column, gives it converted value by value.

use super::Spec;
use crate::data::time::{parse_duration, strptime_from};
use crate::data::{Column, ColumnBuilder, Value, parse_number};

/// A function of `convert`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    /// The best conversion that all values of the field have.
    Auto,
    /// Epoch to date.
    Ctime,
    /// `[D+]HH:MM:SS` to seconds.
    Dur2sec,
    /// Size with k, m or g to kilobytes.
    Memk,
    /// Date to epoch.
    Mktime,
    /// `[MM:]SS.SSS` to seconds.
    Mstime,
    /// As auto, value by value; what is no number is removed.
    Num,
    /// Without commas.
    Rmcomma,
    /// Without what follows the number.
    Rmunit,
}

impl Function {
    /// Every function, by name.
    pub(super) const ALL: &[(&str, Self)] = &[
        ("auto", Self::Auto),
        ("ctime", Self::Ctime),
        ("dur2sec", Self::Dur2sec),
        ("memk", Self::Memk),
        ("mktime", Self::Mktime),
        ("mstime", Self::Mstime),
        ("num", Self::Num),
        ("rmcomma", Self::Rmcomma),
        ("rmunit", Self::Rmunit),
    ];

    /// The conversions to a number, the surest first.
    pub(super) const TO_NUMBER: [fn(&str) -> Option<f64>; 6] = [
        parse_number,
        grouped_number,
        parse_duration,
        minutes_seconds,
        kilobytes,
        leading_number,
    ];

    pub(super) fn parse(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(known, _)| *known == name);
        found.map(|(_, function)| *function)
    }

    /// The column converted. What can't be is kept when `keep` says so; `num` removes it in any case.
    pub(super) fn apply(self, column: &Column, spec: &Spec, keep: bool) -> Column {
        match self {
            Self::Ctime => text_column(column, keep, |text| {
                let mut shown = String::new();
                let seconds = parse_number(text)?;
                spec.format.write_seconds(&mut shown, seconds, spec.zone)?;
                Some(shown)
            }),
            Self::Mktime => number_column(column, keep, |t| {
                strptime_from(t, &spec.format, spec.zone, spec.now)
            }),
            Self::Dur2sec => number_column(column, keep, parse_duration),
            Self::Mstime => number_column(column, keep, minutes_seconds),
            Self::Memk => number_column(column, keep, kilobytes),
            Self::Rmunit => text_column(column, keep, |text| {
                Some(
                    text.get(..number_length(text))
                        .filter(|n| !n.is_empty())?
                        .to_owned(),
                )
            }),
            Self::Rmcomma => text_column(column, keep, |text| Some(text.replace(',', ""))),
            Self::Auto | Self::Num => number_column(column, false, |text| {
                Self::TO_NUMBER.iter().find_map(|convert| convert(text))
            }),
        }
    }
}

fn text_column(column: &Column, keep: bool, convert: impl Fn(&str) -> Option<String>) -> Column {
    column_of(column, keep, |text| convert(text).map(Value::Text))
}

/// The column with each value as the number that `convert` gives.
pub(super) fn number_column(
    column: &Column,
    keep: bool,
    convert: impl Fn(&str) -> Option<f64>,
) -> Column {
    column_of(column, keep, |text| convert(text).map(Value::Number))
}

fn column_of(column: &Column, keep: bool, convert: impl Fn(&str) -> Option<Value>) -> Column {
    let mut out = ColumnBuilder::default();
    for row in 0..column.len() {
        if column.count(row) > 1 {
            let values = column.values(row).filter_map(|text| match convert(&text) {
                Some(value) => value.to_text().map(|text| text.into_owned()),
                None => keep.then(|| text.into_owned()),
            });
            out.push_texts(values);
            continue;
        }
        match column.text(row) {
            None => out.push_null(),
            Some(text) => match convert(&text) {
                Some(value) => out.push(value),
                None if keep => out.push_text(&text),
                None => out.push_null(),
            },
        }
    }
    out.finish()
}

fn grouped_number(text: &str) -> Option<f64> {
    parse_number(&text.replace(',', ""))
}

/// `[MM:]SS.SSS`
fn minutes_seconds(text: &str) -> Option<f64> {
    let text = text.trim();
    let (minutes, seconds) = match text.split_once(':') {
        Some((minutes, seconds)) => (minutes.parse::<u64>().ok()?, seconds),
        None => (0, text),
    };
    let plain = seconds.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let seconds: f64 = plain.then(|| seconds.parse().ok()).flatten()?;
    Some(minutes as f64 * 60.0 + seconds)
}

/// A number with an optional k, m or g, in kilobytes.
fn kilobytes(text: &str) -> Option<f64> {
    let text = text.trim();
    let (number, unit) = text.split_at(number_length(text));
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "k" => 1.0,
        "m" => 1024.0,
        "g" => 1024.0 * 1024.0,
        _ => return None,
    };
    parse_number(number).map(|n| n * factor)
}

/// The number that a text begins with.
fn leading_number(text: &str) -> Option<f64> {
    parse_number(text.get(..number_length(text))?)
}

/// How many bytes at the start of a text spell a number; 0 when none do.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        let rest = bytes.get(from..).unwrap_or(&[]);
        rest.iter().take_while(|b| b.is_ascii_digit()).count()
    };
    let sign = usize::from(matches!(bytes.first(), Some(b'-' | b'+')));
    let whole = digits(sign);
    let mut end = sign + whole;
    let mut fraction = 0;
    if bytes.get(end) == Some(&b'.') {
        fraction = digits(end + 1);
        if fraction > 0 || whole > 0 {
            end += 1 + fraction;
        }
    }
    if whole + fraction == 0 { 0 } else { end }
}
