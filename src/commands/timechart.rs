//! `timechart`: takes aggregate calls and one by-field, gives a row a bin of time, oldest first, and a column a series.

use super::arguments::{Arguments, Word};
use super::calls::value_between;
use super::pivot::Pivot;
use super::ranges::{self, Ranges, Size};
use super::series::Series;
use super::shown::Shown;
use super::span::{self, Align, Binning};
use super::{
    Before, BuildContext, Command, Kind, Ordering, Origin, ParseContext, Stage, stats,
    timechart_doc as doc,
};
use crate::data::time::{TimeSpan, Timestamp};
use crate::data::{Batch, Column, Context, Demand, FieldName};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::operators::{Missing, Operator, Summarise, Summarised, Summary, gathered};
use crate::syntax::{Spanned, StageText};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The command.
pub struct Timechart;

/// The column that holds the start of each event's bin while grouping: no field has this name.
const BIN: &str = "\u{0}bin";

/// The column that holds the range of the BY field while grouping.
const SPLIT: &str = "\u{0}split";

/// Bins at most, when no number is asked for.
const BINS: usize = 100;

/// Bins at most; more is surely a mistake in the span.
const MOST: usize = 1_000_000;

impl Command for Timechart {
    fn name(&self) -> &'static str {
        "timechart"
    }
    fn summary(&self) -> &'static str {
        "Computes statistics over time: a row a bin of time, a column a series"
    }
    fn usage(&self) -> &'static str {
        doc::USAGE
    }
    fn options(&self) -> &'static [super::OptionDoc] {
        doc::OPTIONS
    }
    fn reads_prestats(&self) -> bool {
        true
    }
    fn offers(&self) -> super::Offers {
        super::Offers::Aggregates
    }
    fn examples(&self) -> &'static [super::Example] {
        doc::EXAMPLES
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let mut series = Series::read(&mut arguments);
        let cont = arguments.flag("cont", true);
        let fixed = arguments.flag("fixedrange", true);
        let partial = arguments.flag("partial", true);
        let texts = super::calls::calls(&mut arguments, &["by"]);
        super::calls::no_patterns(&mut arguments, &texts);
        let distinct = arguments.flag("dedup_splitvals", false);
        let mut fields = Vec::new();
        if arguments.takes("by") {
            fields = super::calls::by_fields(&mut arguments, &["where"]);
            if let Some(second) = fields.get(1) {
                arguments.syntax(second.span, "timechart takes one BY field");
            }
            if arguments.takes("where") {
                series.read_where(&mut arguments);
            }
        }
        super::calls::no_shared_fields(&mut arguments, &texts, &fields);
        let split = fields.first();
        let binning = binning(&mut arguments, split.map(|field| field.span.start), cx);
        let split = split.map(|field| Split::read(&mut arguments, field, binning.align, cx));
        let shown = Shown::read(&mut arguments, &texts, &series, fields.is_empty(), cx);
        let mut by = vec![(FieldName::from(BIN), Missing::Drop)];
        by.extend(split.iter().map(|split| (split.key(), Missing::Group)));
        let summary = Arc::new(Summary {
            by,
            distinct,
            calls: shown.calls.clone(),
        });
        arguments.finish(|| {
            Box::new(Chart {
                summary,
                shown,
                series,
                split,
                binning,
                cont,
                fixed,
                partial,
            }) as Box<dyn Stage>
        })
    }
}

/// How time is cut: the options before the BY field.
fn binning(arguments: &mut Arguments, by: Option<usize>, cx: &ParseContext<'_>) -> Binning {
    let end = by.unwrap_or(usize::MAX);
    let option = |arguments: &Arguments, name: &str| value_between(arguments, name, 0, end);
    let [span, bins, minspan] = ["span", "bins", "minspan"].map(|name| option(arguments, name));
    let time = |arguments: &mut Arguments, word: Option<Word>| {
        word.and_then(|word| span::time_span_of(arguments, &word))
    };
    Binning {
        span: time(arguments, span),
        bins: ranges::count(arguments, "bins", bins).unwrap_or(BINS),
        minspan: time(arguments, minspan),
        align: span::align(arguments, cx.context),
    }
}

/// The BY field.
#[derive(Debug, Clone)]
struct Split {
    field: FieldName,
    /// How its values are cut, when options after it say so.
    ranges: Option<Ranges>,
}

impl Split {
    fn read(
        arguments: &mut Arguments,
        field: &Spanned<FieldName>,
        align: Option<Align>,
        cx: &ParseContext<'_>,
    ) -> Self {
        let start = field.span.start;
        let option =
            |arguments: &Arguments, name: &str| value_between(arguments, name, start, usize::MAX);
        let given = |name: &&str| option(arguments, name).is_some();
        let first = ranges::OPTIONS.into_iter().find(given);
        if let Some(name @ ("span" | "bins" | "minspan")) = first {
            let message = format!(
                "{name}= after BY cuts `{}`: before BY it cuts the time",
                field.node
            );
            cx.context.notices.push("span-after-by", message, false);
        }
        let ranges = first.map(|_| {
            let field = field.node.clone();
            let mut ranges = Ranges::of_chart(arguments, option, field, align, BINS);
            ranges.target = SPLIT.into();
            ranges
        });
        Self {
            field: field.node.clone(),
            ranges,
        }
    }

    /// The field that events are grouped by.
    fn key(&self) -> FieldName {
        match &self.ranges {
            Some(ranges) => ranges.target.clone(),
            None => self.field.clone(),
        }
    }
}

/// How a batch is cut: the span of its bins, and the size of the ranges of the BY field.
#[derive(Debug, Clone, Copy)]
struct Cut {
    span: TimeSpan,
    split: Option<Size>,
}

/// `timechart` with its arguments.
#[derive(Debug, Clone)]
struct Chart {
    summary: Arc<Summary>,
    shown: Shown,
    series: Series,
    split: Option<Split>,
    binning: Binning,
    cont: bool,
    fixed: bool,
    partial: bool,
}

impl Stage for Chart {
    fn kind(&self) -> Kind {
        Kind::Mergeable
    }
    fn ordering(&self) -> Ordering {
        if self.summary.calls.sees_order() {
            Ordering::SeesAndMakes
        } else {
            Ordering::Makes
        }
    }
    fn origin(&self, name: &str, before: &Before<'_>) -> Origin {
        match name {
            "_time" => before(name),
            _ => Origin::Functions,
        }
    }
    fn demand(&self, _after: &Demand) -> Demand {
        let mut demand = stats::demand(&self.summary);
        demand.remove(BIN);
        demand.remove(SPLIT);
        if let Some(split) = &self.split {
            demand.add(&split.field);
        }
        demand.add("_time");
        demand
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let (chart, context) = (self.clone(), cx.context.clone());
        // The range of the search tells the span beforehand; else the data must all be seen first.
        let known = self.searched(&context);
        let span = match (self.binning.span, known) {
            (Some(span), _) => span,
            (None, Some((from, to))) => self.binning.for_range(from, to),
            (None, None) => {
                return Ok(gathered(move |batches| chart.gathered(batches, &context)));
            }
        };
        let ranges = self.ranges();
        let split = ranges.and_then(|ranges| ranges.size);
        if ranges.is_some() && split.is_none() {
            return Ok(gathered(move |batches| chart.gathered(batches, &context)));
        }
        let cut = Cut { span, split };
        let (prepared, whole) = (self.clone(), context.clone());
        Ok(Operator::Mergeable(Arc::new(Summarise {
            summary: self.summary.clone(),
            prepare: Some(Arc::new(move |batch| prepared.put(batch, &cut, &whole))),
            tabulate: Arc::new(move |summarised| chart.table(summarised, &span, &context)),
        })))
    }
}

impl Chart {
    /// How the BY field is cut, when it is.
    fn ranges(&self) -> Option<&Ranges> {
        self.split.as_ref().and_then(|split| split.ranges.as_ref())
    }

    /// Adds the column of bins, and that of the BY field's ranges. An event without `_time` has no bin and is left out.
    fn put(&self, batch: &mut Batch, cut: &Cut, context: &Context) {
        if let (Some(ranges), Some(size)) = (self.ranges(), &cut.split) {
            *batch = ranges.apply(std::mem::take(batch), size, context);
        }
        let bins = match batch.get("_time") {
            Some(time) => span::floor(time, &cut.span, self.binning.align, context),
            None => Column::Null(batch.rows()),
        };
        batch.set(BIN, bins);
    }

    /// The range that the search asks for.
    fn searched(&self, context: &Context) -> Option<(Timestamp, Timestamp)> {
        let from = context.earliest?;
        let to = context.latest.unwrap_or(context.now);
        (from < to).then_some((from, to))
    }

    /// All events at once: their range gives the span.
    fn gathered(&self, batches: Vec<Batch>, context: &Context) -> Result<Vec<Batch>, Diagnostic> {
        let Some((low, high)) = span::range(&batches, "_time") else {
            return Ok(Vec::new());
        };
        let time = |seconds| Timestamp::from_seconds(seconds).unwrap_or_default();
        let (from, to) = self.searched(context).unwrap_or((time(low), time(high)));
        let size = |ranges: &Ranges| {
            let sized = ranges.size.or(ranges.size_for(&batches, context));
            sized.unwrap_or(Size::Number(1.0))
        };
        let cut = Cut {
            span: self.binning.for_range(from, to),
            split: self.ranges().map(size),
        };
        let mut summarised = self.summary.start();
        for mut batch in batches {
            self.put(&mut batch, &cut, context);
            summarised.push(&batch)?;
        }
        self.table(summarised, &cut.span, context)
    }

    fn table(
        &self,
        summarised: Summarised,
        span: &TimeSpan,
        context: &Context,
    ) -> Result<Vec<Batch>, Diagnostic> {
        stats::say(&summarised, &context.notices);
        // Times are compared in nanoseconds: a bin's text is too coarse for none.
        let mut seen: BTreeMap<Timestamp, u32> = BTreeMap::new();
        for group in 0..summarised.groups.len() as u32 {
            let key = summarised.groups.key(group, 0);
            let seconds = key.and_then(crate::data::parse_number);
            if let Some(time) = seconds.and_then(Timestamp::from_seconds) {
                seen.insert(time, summarised.groups.code(group, 0));
            }
        }
        let rows = self.rows(&seen, span, context)?;
        let pivot = Pivot::new(summarised, &self.shown, &self.series)?;
        let mut batch = Batch::new(rows.len());
        let times: Vec<f64> = rows.iter().map(|(time, _)| time.seconds()).collect();
        batch.set("_time", Column::Number(times.into()));
        let codes: Vec<Option<u32>> = rows.iter().map(|(_, code)| *code).collect();
        pivot.fill(&mut batch, &codes, Some(span.seconds()));
        Ok(if batch.is_empty() {
            Vec::new()
        } else {
            vec![batch]
        })
    }

    /// The bins that are shown, oldest first, with the code of their key when they have events.
    fn rows(
        &self,
        seen: &BTreeMap<Timestamp, u32>,
        span: &TimeSpan,
        context: &Context,
    ) -> Result<Vec<(Timestamp, Option<u32>)>, Diagnostic> {
        let zone = context.zone;
        let data = seen.keys().next().zip(seen.keys().next_back());
        let mut ends = data.map(|(first, last)| (*first, *last));
        if let (true, Some((from, to))) = (self.fixed, self.searched(context)) {
            let align = self.binning.align.and_then(|align| align.time(context));
            let last = span.floor(Timestamp(to.0 - 1), zone, align);
            let first = span.floor(from, zone, align);
            ends = Some(ends.map_or((first, last), |(a, b)| (a.min(first), b.max(last))));
        }
        let Some((first, last)) = ends else {
            return Ok(Vec::new());
        };
        let mut rows = Vec::new();
        if self.cont {
            let mut start = first;
            while start <= last {
                rows.push((start, seen.get(&start).copied()));
                if rows.len() > MOST {
                    return Err(Diagnostic::new(
                        &code::RUNTIME,
                        format!("timechart would give over {MOST} rows"),
                    )
                    .help("use a longer span, or cont=false to leave empty bins out"));
                }
                start = span.next(start, zone);
            }
        } else {
            rows.extend(seen.iter().map(|(time, code)| (*time, Some(*code))));
        }
        if !self.partial {
            let to = context.latest.unwrap_or(context.now);
            let whole = |start: &Timestamp| {
                context.earliest.is_none_or(|from| from <= *start) && span.next(*start, zone) <= to
            };
            rows.retain(|(start, _)| whole(start));
        }
        Ok(rows)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::testing::{check, demand, refused, rows};

    const EVENTS: &str = "{\"_time\":1700014800,\"host\":\"b\",\"v\":4}\n{\"_time\":1700007100,\"host\":\"a\",\"v\":3}\n{\"_time\":1700007000,\"host\":\"a\",\"v\":1}";

    #[test]
    fn empty_bins_are_filled_unless_cont_is_off() {
        check(
            "timechart span=1h sum(v) as s",
            EVENTS,
            "{\"_time\":1700006400,\"s\":4}\n{\"_time\":1700010000}\n{\"_time\":1700013600,\"s\":4}",
        );
        check(
            "timechart span=1h cont=f count",
            EVENTS,
            "{\"_time\":1700006400,\"count\":2}\n{\"_time\":1700013600,\"count\":1}",
        );
    }

    #[test]
    fn series_past_the_limit_are_other_and_missing_ones_null() {
        let events = "{\"_time\":1,\"h\":\"x\"}\n{\"_time\":2,\"h\":\"x\"}\n{\"_time\":3,\"h\":\"y\"}\n{\"_time\":4,\"h\":\"z\"}\n{\"_time\":5}";
        check(
            "timechart span=1h limit=1 count by h",
            events,
            "{\"_time\":0,\"x\":2,\"OTHER\":2,\"NULL\":1}",
        );
        check(
            "timechart span=1h limit=1 useother=f usenull=f count by h",
            events,
            "{\"_time\":0,\"x\":2}",
        );
        check(
            "timechart span=1h count by h where count > 1 otherstr=rest nullstr=none",
            events,
            "{\"_time\":0,\"x\":2,\"rest\":2,\"none\":1}",
        );
        check(
            "timechart span=1h dc(_time) as d count by h limit=1 usenull=f",
            events,
            "{\"_time\":0,\"d: x\":2,\"d: OTHER\":2,\"count: x\":2,\"count: OTHER\":2}",
        );
    }

    #[test]
    fn the_range_of_the_data_gives_the_span() {
        let found = rows("timechart count", EVENTS).unwrap();
        assert_eq!(found.len(), 27);
        assert_eq!(rows("timechart bins=2 count", EVENTS).unwrap().len(), 1);
        assert!(rows("timechart count", "").unwrap().is_empty());
    }

    #[test]
    fn errors_say_where() {
        assert_eq!(
            refused("timechart span=abc count"),
            [("E0114", "abc".to_owned())]
        );
        assert_eq!(
            refused("timechart count by a b"),
            [("E0103", "b".to_owned())]
        );
        assert_eq!(
            refused("timechart avg(*)"),
            [("E0118", "avg(*)".to_owned())]
        );
        assert_eq!(demand("timechart sum(v) by h", &["x"]), "v, h, _time");
    }
}
