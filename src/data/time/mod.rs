//! Time: takes texts and numbers, gives instants, zones, formats and offsets. The one door to chrono.

mod calendar;
mod duration;
mod format;
mod recognise;
mod relative;
mod scan;
mod show;
mod span;
mod strptime;
mod unit;
mod written;
mod zone;

pub use duration::{format_duration, parse_duration};
pub use format::Format;
pub use recognise::{parse_timestamp, parse_timestamp_prefix};
pub use relative::Modifier;
pub use span::TimeSpan;
pub use strptime::{strptime, strptime_from};
pub use unit::Unit;
pub use written::{DATE_FIELDS, Written, own_date};
pub use zone::Zone;

/// An instant: nanoseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The present, by the machine's clock.
    pub fn now() -> Self {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Self(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
    }

    /// From seconds with a fraction, rounded to the nearest microsecond when over 2^53 ns; `None` out of range (years 1678-2261).
    pub fn from_seconds(seconds: f64) -> Option<Self> {
        let whole = seconds.floor();
        let nanos = ((seconds - whole) * 1e6).round() as i64 * 1000;
        (whole.abs() < 9.2e9).then(|| Self(whole as i64 * 1_000_000_000 + nanos))
    }

    /// Seconds with the fraction, as a float (microseconds are exact).
    pub fn seconds(self) -> f64 {
        let whole = self.0.div_euclid(1_000_000_000);
        let rest = self.0.rem_euclid(1_000_000_000);
        whole as f64 + rest as f64 / 1e9
    }
}
