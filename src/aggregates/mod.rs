//! The statistical functions: takes columns and group numbers, gives a column with a value a group.
//!
//! One file an aggregate; one line in [`ALL`]. `stats`, `chart`, `timechart`, `eventstats`, `streamstats`, `top` share them.

mod avg;
mod calls;
mod count;
mod dc;
mod distinct;
mod earliest;
mod earliest_time;
mod estdc;
mod estdc_error;
mod exactperc;
mod extreme;
mod first;
mod input;
mod last;
mod latest;
mod latest_time;
mod list;
mod max;
mod median;
mod min;
mod mode;
mod numeric;
mod per_day;
mod per_hour;
mod per_minute;
mod per_second;
mod perc;
mod percentile;
mod placed;
mod range;
mod rate;
mod recipe;
mod sparkline;
mod stdev;
mod stdevp;
mod sum;
mod sumsq;
mod total;
mod upperperc;
mod values;
mod var;
mod varp;

pub use calls::{Argument, Call, Calls, CompileEval, Evaluate, Fields, States, lookup};

use crate::data::record::Reader;
use crate::data::{Column, Position};
use crate::diagnostic::Diagnostic;
use crate::syntax::AggregateText;
use std::any::Any;

/// Every aggregate, by name.
pub static ALL: &[&dyn Aggregate] = &[
    &avg::Avg,
    &count::Count,
    &dc::Dc,
    &earliest::Earliest,
    &earliest_time::EarliestTime,
    &estdc::Estdc,
    &estdc_error::EstdcError,
    &exactperc::Exactperc,
    &first::First,
    &last::Last,
    &latest::Latest,
    &latest_time::LatestTime,
    &list::List,
    &max::Max,
    &median::Median,
    &min::Min,
    &mode::Mode,
    &per_day::PerDay,
    &per_hour::PerHour,
    &per_minute::PerMinute,
    &per_second::PerSecond,
    &perc::Perc,
    &range::Range,
    &rate::Rate,
    &sparkline::Sparkline,
    &stdev::Stdev,
    &stdevp::Stdevp,
    &sum::Sum,
    &sumsq::Sumsq,
    &upperperc::Upperperc,
    &values::Values,
    &var::Var,
    &varp::Varp,
];

/// Splunk's aggregates that are refused by name, with the reason.
pub static REFUSED: &[(&str, &str)] = &[
    (
        "eval",
        "only chart and timechart compute with results; use an eval stage after this one",
    ),
    ("rate_avg", "it works on metrics, which there are none of"),
    ("rate_sum", "it works on metrics, which there are none of"),
];

/// The aggregate with this name or alias (lower case).
pub fn find(name: &str) -> Option<&'static dyn Aggregate> {
    ALL.iter()
        .copied()
        .find(|a| a.name() == name || a.aliases().contains(&name))
}

/// What an aggregate says of itself.
pub trait Aggregate: Sync {
    /// The name, lower case, without a percentile's digits.
    fn name(&self) -> &'static str;
    /// Other names.
    fn aliases(&self) -> &'static [&'static str] {
        &[]
    }
    /// One sentence, no final period.
    fn summary(&self) -> &'static str;
    /// `perc<N>(<field>)`
    fn usage(&self) -> &'static str;
    /// A runnable query over NDJSON events with its rows (query, input, output).
    fn example(&self) -> (&'static str, &'static str, &'static str);
    /// The call whose argument this one is applied to: a call inside (`sparkline(sum(bytes))`), or itself.
    fn subject(&self, call: &AggregateText) -> Result<AggregateText, Diagnostic> {
        Ok(call.clone())
    }
    /// Checks the call and gives the maker of states.
    fn plan(&self, call: &AggregateText) -> Result<Box<dyn Plan>, Diagnostic>;
}

/// A checked call.
pub trait Plan: Send + Sync + std::fmt::Debug {
    /// An empty state.
    fn state(&self) -> Box<dyn GroupState>;
    /// Whether the result depends on the order of events (`first`, `last`, `list`).
    fn sees_order(&self) -> bool {
        false
    }
    /// Whether it reads `_time` beside its argument (`earliest`, `latest`, `rate`, …).
    fn needs_time(&self) -> bool {
        false
    }
    /// The value of a chart cell that had no event: `count` gives 0, most give nothing.
    fn empty(&self) -> crate::data::Value {
        crate::data::Value::Null
    }
    /// A rate over a bin of time (`per_hour`): the seconds of its unit. Only `timechart` can give one: it multiplies
    /// the result by this and divides by the seconds of the bin.
    fn per(&self) -> Option<f64> {
        None
    }
    /// Whether it passes over everything but numbers (`stats allnum=true` asks).
    fn numeric(&self) -> bool {
        false
    }
    /// Whether the result is a list of values (`stats delim=` asks).
    fn lists(&self) -> bool {
        false
    }
    /// Whether a group's state can be put on disk by itself: not where its result depends on other groups too.
    fn saves(&self) -> bool {
        true
    }
}

/// What a state is given of one batch.
pub struct Input<'a> {
    /// The argument's column; `None` for a bare `count`.
    pub column: Option<&'a Column>,
    /// The `_time` column, when the plan needs it.
    pub time: Option<&'a Column>,
    /// Where the batch stands: ties are broken by position, then row.
    pub position: Position,
    /// The rows to add, ascending; a row comes once for each group that it belongs to.
    pub rows: &'a [u32],
    /// The group of each entry of `rows`.
    pub groups: &'a [u32],
}

/// The states of all groups of one aggregate, by column.
pub trait GroupState: Send {
    /// Makes room for groups `0..groups`.
    fn grow(&mut self, groups: usize);
    /// Adds rows. Group numbers are below the last `grow`.
    fn update(&mut self, input: &Input<'_>);
    /// Adds another worker's state: its group `g` is group `map[g]` here.
    fn merge(&mut self, other: Box<dyn GroupState>, map: &[u32]);
    /// Writes what one group holds, for [`GroupState::load`].
    fn save(&mut self, group: usize, out: &mut Vec<u8>);
    /// Adds what was saved to a group below the last `grow`.
    fn load(&mut self, group: usize, saved: &mut Reader<'_>);
    /// The value of each group `0..groups`.
    fn finish(&mut self, groups: usize) -> Column;
    /// For `merge`.
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
    /// Bytes held, about. Asked after every batch, so it must not count anew.
    fn size(&self) -> usize;
    /// Remarks that the run must make (a cap that was hit), topic and text.
    fn remarks(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
