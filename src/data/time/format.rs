//! `strftime`: takes a format text once, gives instants as text by it. `strptime.rs` reads by the same compiled format.

use super::calendar::{MONTHS, Reading, WEEKDAYS, days_from_date, iso_week, weekday};
use super::{Timestamp, Zone};

/// A compiled time format, such as `%Y-%m-%dT%H:%M:%S.%3N%:z`.
#[derive(Debug, Clone, PartialEq)]
pub struct Format {
    pub(super) items: Vec<Item>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Item {
    Literal(Box<str>),
    Variable(Variable, Padding),
}

/// A variable of one value; those that stand for several are spelt out when a format is compiled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Variable {
    WeekdayShort,
    WeekdayLong,
    MonthShort,
    MonthLong,
    Century,
    Day,
    DayBlank,
    IsoYear,
    IsoYearShort,
    Hour,
    HourBlank,
    Hour12,
    Hour12Blank,
    DayOfYear,
    Month,
    Minute,
    /// Sub-second digits, so many.
    Fraction(u8),
    Meridiem,
    MeridiemLower,
    Epoch,
    Second,
    /// 1 is Monday, 7 Sunday.
    WeekdayFromMonday,
    WeekFromSunday,
    IsoWeek,
    /// 0 is Sunday.
    WeekdayFromSunday,
    WeekFromMonday,
    Year,
    YearShort,
    /// `+hhmm`, and with so many colons `+hh:mm`, `+hh:mm:ss`, `+hh`.
    Offset(u8),
    OffsetMinutes,
    ZoneName,
}

/// What a flag between `%` and the letter asks for, as in the C library: `%-d`, `%_d`, `%0e`, `%^a`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Padding {
    Usual,
    Nothing,
    Blanks,
    Zeros,
    Upper,
}

impl Format {
    /// Compiles a format. What is no variable stays as text.
    pub fn parse(text: &str) -> Self {
        let mut format = Self { items: Vec::new() };
        format.compile(text);
        format
    }

    fn compile(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = rest.find('%') {
            let (before, from) = rest.split_at(at);
            self.literal(before);
            rest = match self.variable(from) {
                Some(after) => after,
                None => {
                    self.literal("%");
                    from.get(1..).unwrap_or_default()
                }
            };
        }
        self.literal(rest);
    }

    fn literal(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if let Some(Item::Literal(last)) = self.items.last_mut() {
            *last = format!("{last}{text}").into();
            return;
        }
        self.items.push(Item::Literal(text.into()));
    }

    /// Takes the variable at the start of the text and gives what follows; `None` when there is no such variable.
    fn variable<'a>(&mut self, text: &'a str) -> Option<&'a str> {
        let mut letters = text.chars();
        letters.next();
        let mut letter = letters.next()?;
        let padding = match letter {
            '-' => Padding::Nothing,
            '_' => Padding::Blanks,
            '0' => Padding::Zeros,
            '^' => Padding::Upper,
            _ => Padding::Usual,
        };
        if padding != Padding::Usual {
            letter = letters.next()?;
        }
        let width = letter.to_digit(10).filter(|w| *w > 0);
        let variable = match (width, letter) {
            (Some(width), _) => match letters.next()? {
                'N' | 'Q' | 'f' => Variable::Fraction(width as u8),
                _ => return None,
            },
            (_, ':') => offset_with_colons(&mut letters)?,
            (_, 'E') => (letters.next()? == 'z').then_some(Variable::OffsetMinutes)?,
            _ => match single(letter) {
                Some(variable) => variable,
                None => {
                    let spelt = spelt_out(letter).filter(|_| padding == Padding::Usual)?;
                    match spelt {
                        "%" | "\n" | "\t" => self.literal(spelt),
                        _ => self.compile(spelt),
                    }
                    return Some(letters.as_str());
                }
            },
        };
        self.items.push(Item::Variable(variable, padding));
        Some(letters.as_str())
    }

    /// The instant as text, by calendar and clock of the zone.
    pub fn format(&self, time: Timestamp, zone: Zone) -> String {
        let mut text = String::with_capacity(32);
        self.write_into(&mut text, time, zone);
        text
    }

    /// Appends what `format` gives.
    pub fn write_into(&self, text: &mut String, time: Timestamp, zone: Zone) {
        self.write(text, &Reading::of(time, zone), zone);
    }

    /// Appends the text of seconds since the epoch, in the years 1 to 9999; `None` out of these.
    pub fn write_seconds(&self, text: &mut String, seconds: f64, zone: Zone) -> Option<()> {
        if let Some(time) = Timestamp::from_seconds(seconds) {
            self.write_into(text, time, zone);
            return Some(());
        }
        let whole = seconds.floor();
        let nanos = ((seconds - whole) * 1e6) as u32 * 1000;
        let epoch = (whole.abs() < 3e11).then_some(whole as i64)?;
        let reading = Reading::at(epoch, nanos, zone);
        if !(1..=9999).contains(&reading.year) {
            return None;
        }
        self.write(text, &reading, zone);
        Some(())
    }

    fn write(&self, text: &mut String, reading: &Reading, zone: Zone) {
        for item in &self.items {
            match item {
                Item::Literal(literal) => text.push_str(literal),
                Item::Variable(variable, padding) => {
                    write_variable(text, *variable, *padding, reading, zone);
                }
            }
        }
    }
}

fn offset_with_colons(letters: &mut std::str::Chars<'_>) -> Option<Variable> {
    let mut colons = 1;
    loop {
        match letters.next()? {
            ':' if colons < 3 => colons += 1,
            'z' => return Some(Variable::Offset(colons)),
            _ => return None,
        }
    }
}

fn single(letter: char) -> Option<Variable> {
    Some(match letter {
        'a' => Variable::WeekdayShort,
        'A' => Variable::WeekdayLong,
        'b' | 'h' => Variable::MonthShort,
        'B' => Variable::MonthLong,
        'C' => Variable::Century,
        'd' => Variable::Day,
        'e' => Variable::DayBlank,
        'f' => Variable::Fraction(6),
        'g' => Variable::IsoYearShort,
        'G' => Variable::IsoYear,
        'H' => Variable::Hour,
        'I' => Variable::Hour12,
        'j' => Variable::DayOfYear,
        'k' => Variable::HourBlank,
        'l' => Variable::Hour12Blank,
        'm' => Variable::Month,
        'M' => Variable::Minute,
        'N' => Variable::Fraction(9),
        'p' => Variable::Meridiem,
        'P' => Variable::MeridiemLower,
        'Q' => Variable::Fraction(3),
        's' => Variable::Epoch,
        'S' => Variable::Second,
        'u' => Variable::WeekdayFromMonday,
        'U' => Variable::WeekFromSunday,
        'V' => Variable::IsoWeek,
        'w' => Variable::WeekdayFromSunday,
        'W' => Variable::WeekFromMonday,
        'y' => Variable::YearShort,
        'Y' => Variable::Year,
        'z' => Variable::Offset(0),
        'Z' => Variable::ZoneName,
        _ => return None,
    })
}

/// What the variables of several values stand for, in US English.
fn spelt_out(letter: char) -> Option<&'static str> {
    Some(match letter {
        'c' => "%a %b %e %H:%M:%S %Y",
        '+' => "%a %b %e %H:%M:%S %Z %Y",
        'D' => "%m/%d/%y",
        'F' => "%Y-%m-%d",
        'T' | 'X' => "%H:%M:%S",
        'x' => "%m/%d/%Y",
        'R' => "%H:%M",
        'r' => "%I:%M:%S %p",
        'n' => "\n",
        't' => "\t",
        '%' => "%",
        _ => return None,
    })
}

fn write_variable(
    text: &mut String,
    variable: Variable,
    padding: Padding,
    reading: &Reading,
    zone: Zone,
) {
    if write_number(text, variable, padding, reading) {
        return;
    }
    let start = text.len();
    match variable {
        Variable::WeekdayShort => push_name(text, &WEEKDAYS, weekday(reading.days), 3),
        Variable::WeekdayLong => push_name(text, &WEEKDAYS, weekday(reading.days), 9),
        Variable::MonthShort => push_name(text, &MONTHS, reading.month - 1, 3),
        Variable::MonthLong => push_name(text, &MONTHS, reading.month - 1, 9),
        Variable::Meridiem => text.push_str(if reading.hour < 12 { "AM" } else { "PM" }),
        Variable::MeridiemLower => text.push_str(if reading.hour < 12 { "am" } else { "pm" }),
        Variable::Epoch => text.push_str(&reading.epoch.to_string()),
        Variable::Fraction(width) => {
            let dropped = 10u32.pow(9 - u32::from(width.min(9)));
            push_padded(
                text,
                u64::from(reading.nanos / dropped),
                usize::from(width),
                '0',
            );
        }
        Variable::Offset(colons) => push_offset(text, reading.offset, colons),
        Variable::OffsetMinutes => text.push_str(&format!("{:+}", reading.offset / 60)),
        Variable::ZoneName => text.push_str(&zone.abbreviation_at(reading.epoch)),
        _ => {}
    }
    if padding == Padding::Upper
        && let Some(written) = text.get_mut(start..)
    {
        written.make_ascii_uppercase();
    }
}

/// Writes a variable that is a plain number; `false` when it is none.
fn write_number(text: &mut String, variable: Variable, padding: Padding, r: &Reading) -> bool {
    let day_of_week = || weekday(r.days);
    let short = |year: i64| year.rem_euclid(100) as u32;
    let (number, width, fill) = match variable {
        Variable::Century => (r.year.div_euclid(100) as u32, 2, '0'),
        Variable::Day => (r.day, 2, '0'),
        Variable::DayBlank => (r.day, 2, ' '),
        Variable::IsoYear => (iso_week(r.days).0 as u32, 4, '0'),
        Variable::IsoYearShort => (short(iso_week(r.days).0), 2, '0'),
        Variable::Hour => (r.hour, 2, '0'),
        Variable::HourBlank => (r.hour, 2, ' '),
        Variable::Hour12 => (r.hour12(), 2, '0'),
        Variable::Hour12Blank => (r.hour12(), 2, ' '),
        Variable::DayOfYear => (r.day_of_year(), 3, '0'),
        Variable::Month => (r.month, 2, '0'),
        Variable::Minute => (r.minute, 2, '0'),
        Variable::Second => (r.second, 2, '0'),
        Variable::WeekdayFromMonday => ((day_of_week() + 6) % 7 + 1, 1, '0'),
        Variable::WeekdayFromSunday => (day_of_week(), 1, '0'),
        Variable::WeekFromSunday => (week_from(r, day_of_week()), 2, '0'),
        Variable::WeekFromMonday => (week_from(r, (day_of_week() + 6) % 7), 2, '0'),
        Variable::IsoWeek => (iso_week(r.days).1, 2, '0'),
        Variable::Year => (r.year as u32, 4, '0'),
        Variable::YearShort => (short(r.year), 2, '0'),
        _ => return false,
    };
    let (width, fill) = match padding {
        Padding::Usual | Padding::Upper => (width, fill),
        Padding::Nothing => (1, '0'),
        Padding::Blanks => (width, ' '),
        Padding::Zeros => (width, '0'),
    };
    push_padded(text, u64::from(number), width, fill);
    true
}

/// The week of the year when weeks start on the day that is 0 in `weekday`; days before the first such day are week 0.
fn week_from(reading: &Reading, weekday: u32) -> u32 {
    (reading.day_of_year() + 6 - weekday) / 7
}

/// The day of a week counted so: the inverse of `week_from`.
pub(super) fn day_of_week_number(year: i64, week: u32, weekday: u32, starts_monday: bool) -> i64 {
    let first = days_from_date(year, 1, 1);
    let shift = u32::from(starts_monday) * 6;
    let of_first = i64::from((super::calendar::weekday(first) + shift) % 7);
    let wanted = i64::from((weekday + shift) % 7);
    let first_start = first + (7 - of_first) % 7;
    first_start + (i64::from(week) - 1) * 7 + wanted
}

fn push_name(text: &mut String, names: &[&str], index: u32, most: usize) {
    let name = names.get(index as usize).copied().unwrap_or_default();
    text.push_str(name.get(..most).unwrap_or(name));
}

/// Appends a number of at least `width` characters.
#[inline]
pub(super) fn push_padded(text: &mut String, number: u64, width: usize, fill: char) {
    let mut digits = [b'0'; 20];
    let mut rest = number;
    let mut used = 0;
    for slot in digits.iter_mut().rev() {
        *slot = b'0' + (rest % 10) as u8;
        rest /= 10;
        used += 1;
        if rest == 0 {
            break;
        }
    }
    for _ in used..width {
        text.push(fill);
    }
    for digit in digits.iter().skip(20 - used) {
        text.push(char::from(*digit));
    }
}

/// Appends `+hhmm`, or with 1, 2 or 3 colons `+hh:mm`, `+hh:mm:ss` or `+hh`.
pub(super) fn push_offset(text: &mut String, offset: i32, colons: u8) {
    text.push(if offset < 0 { '-' } else { '+' });
    let seconds = u64::from(offset.unsigned_abs());
    push_padded(text, seconds / 3600, 2, '0');
    if colons == 3 {
        return;
    }
    if colons > 0 {
        text.push(':');
    }
    push_padded(text, seconds / 60 % 60, 2, '0');
    if colons == 2 {
        text.push(':');
        push_padded(text, seconds % 60, 2, '0');
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn at(nanos: i64, format: &str, zone: &str) -> String {
        Format::parse(format).format(Timestamp(nanos), Zone::parse(zone).unwrap())
    }

    #[test]
    fn every_variable() {
        // 2023-11-14 22:13:20.123456789 UTC, a Tuesday.
        let time = 1_700_000_000_123_456_789;
        for (format, text) in [
            ("%a %A %b %B %h", "Tue Tuesday Nov November Nov"),
            (
                "%c|%+",
                "Tue Nov 14 22:13:20 2023|Tue Nov 14 22:13:20 UTC 2023",
            ),
            ("%d %e %F %D %x", "14 14 2023-11-14 11/14/23 11/14/2023"),
            ("%G %g %V %U %W %u %w %j", "2023 23 46 46 46 2 2 318"),
            ("%H %I %k %l %M %S %p %P", "22 10 22 10 13 20 PM pm"),
            ("%N %3N %6N %9N", "123456789 123 123456 123456789"),
            ("%Q %3Q %6Q %9Q %f", "123 123 123456 123456789 123456"),
            (
                "%s %T %X %R %r",
                "1700000000 22:13:20 22:13:20 22:13 10:13:20 PM",
            ),
            ("%y %Y %C %m", "23 2023 20 11"),
            (
                "%z %:z %::z %:::z %Ez %Z",
                "+0000 +00:00 +00:00:00 +00 +0 UTC",
            ),
            ("100%% %n%t|", "100% \n\t|"),
        ] {
            assert_eq!(at(time, format, "UTC"), text, "{format}");
        }
    }

    #[test]
    fn padding_and_flags() {
        // 2024-03-05 07:04:09 UTC
        let time = 1_709_622_249_000_000_000;
        assert_eq!(at(time, "%e|%k|%l|%d|%j|%I", "UTC"), " 5| 7| 7|05|065|07");
        assert_eq!(at(time, "%-d/%-m %_H %^a %-I:%M", "UTC"), "5/3  7 TUE 7:04");
        assert_eq!(at(0, "%I %p", "UTC"), "12 AM");
    }

    #[test]
    fn unknown_variables_stay() {
        assert_eq!(at(0, "%L %i %4Y %E %:x %", "UTC"), "%L %i %4Y %E %:x %");
        assert_eq!(at(0, "%é", "UTC"), "%é");
    }

    #[test]
    fn zones_and_their_changes() {
        let format = "%Y-%m-%d %H:%M %Z %z %:z %Ez";
        let (before, after) = (1_710_053_999, 1_710_054_000);
        let zone = "America/New_York";
        assert_eq!(
            at(before * 1_000_000_000, format, zone),
            "2024-03-10 01:59 EST -0500 -05:00 -300"
        );
        assert_eq!(
            at(after * 1_000_000_000, format, zone),
            "2024-03-10 03:00 EDT -0400 -04:00 -240"
        );
        assert_eq!(at(0, "%H:%M %z", "+05:30"), "05:30 +0530");
    }

    #[test]
    fn weeks_and_their_inverse() {
        for days in 19_000..20_500 {
            let time = Timestamp(days * 86_400_000_000_000);
            let r = Reading::of(time, Zone::utc());
            let (sunday, monday) = (weekday(days), (weekday(days) + 6) % 7);
            assert_eq!(
                day_of_week_number(r.year, week_from(&r, sunday), sunday, false),
                days
            );
            assert_eq!(
                day_of_week_number(r.year, week_from(&r, monday), sunday, true),
                days
            );
        }
    }
}
