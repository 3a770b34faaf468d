//! `chart`: takes aggregate calls, a row field and a column field, gives a row a value of the one and a column a value of
//! the other.

use super::arguments::Arguments;
use super::calls::value_between;
use super::pivot::Pivot;
use super::ranges::{self, Ranges, Size};
use super::series::Series;
use super::shown::Shown;
use super::{
    Before, BuildContext, Command, Example, Kind, OptionDoc, Ordering, Origin, ParseContext, Stage,
    chart_doc as doc, stats,
};
use crate::data::{Batch, ColumnBuilder, Context, Demand, FieldName, parse_number};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::operators::{Missing, Operator, Prepare, Summarise, Summarised, Summary, gathered};
use crate::syntax::{Spanned, StageText};
use std::sync::Arc;

/// The command.
pub struct Chart;

/// Ranges of a field at most, when it is cut without a number of them.
const BINS: usize = 300;

impl Command for Chart {
    fn name(&self) -> &'static str {
        "chart"
    }
    fn summary(&self) -> &'static str {
        "Computes statistics as a table: a row a value of one field, a column a value of another"
    }
    fn usage(&self) -> &'static str {
        doc::USAGE
    }
    fn options(&self) -> &'static [OptionDoc] {
        doc::OPTIONS
    }
    fn reads_prestats(&self) -> bool {
        true
    }
    fn offers(&self) -> super::Offers {
        super::Offers::Aggregates
    }
    fn examples(&self) -> &'static [Example] {
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
        let distinct = arguments.flag("dedup_splitvals", false);
        let texts = super::calls::calls(&mut arguments, &["over", "by"]);
        let mut fields: Vec<Spanned<FieldName>> = Vec::new();
        if arguments.takes("over") {
            fields = super::calls::by_fields(&mut arguments, &["by", "where"]);
        }
        if arguments.takes("by") {
            fields.extend(super::calls::by_fields(&mut arguments, &["where"]));
        }
        if let Some(third) = fields.get(2) {
            arguments.syntax(third.span, "chart takes a row field and a column field");
        }
        if arguments.takes("where") {
            series.read_where(&mut arguments);
        }
        super::calls::no_rates(&mut arguments, &texts);
        super::calls::no_shared_fields(&mut arguments, &texts, &fields);
        let splits = splits(&mut arguments, &fields, cx);
        let named = fields.len() < 2;
        let shown = Shown::read(&mut arguments, &texts, &series, named, cx);
        let missing = [Missing::Drop, Missing::Group];
        let by = splits.iter().map(Split::key).zip(missing).collect();
        let summary = Arc::new(Summary {
            by,
            distinct,
            calls: shown.calls.clone(),
        });
        arguments.finish(|| {
            Box::new(Table {
                summary,
                shown,
                series,
                splits,
                cont,
            }) as Box<dyn Stage>
        })
    }
}

/// A row or column field.
#[derive(Debug, Clone)]
struct Split {
    field: FieldName,
    /// How its values are cut, when they are.
    ranges: Option<Ranges>,
}

impl Split {
    /// The field that events are grouped by.
    fn key(&self) -> FieldName {
        let target = self.ranges.as_ref().map(|ranges| ranges.target.clone());
        target.unwrap_or_else(|| self.field.clone())
    }
}

/// The fields with the options that stand after each; those before all fields are the row's.
fn splits(
    arguments: &mut Arguments,
    fields: &[Spanned<FieldName>],
    cx: &ParseContext<'_>,
) -> Vec<Split> {
    let align = super::span::align(arguments, cx.context);
    let mut splits = Vec::new();
    let mut start = 0;
    for (at, field) in fields.iter().enumerate() {
        let end = fields.get(at + 1).map_or(usize::MAX, |f| f.span.start);
        let option = |arguments: &Arguments, name: &str| value_between(arguments, name, start, end);
        let cut = ranges::OPTIONS
            .iter()
            .any(|name| option(arguments, name).is_some());
        let ranges = cut.then(|| {
            let mut ranges = Ranges::of_chart(arguments, option, field.node.clone(), align, BINS);
            ranges.target = format!("\u{0}{at}").into();
            ranges
        });
        splits.push(Split {
            field: field.node.clone(),
            ranges,
        });
        start = end;
    }
    if fields.is_empty() {
        for name in ranges::OPTIONS {
            if let Some(option) = arguments.option(name) {
                let span = option.name.span;
                arguments.syntax(span, format!("{name}= stands after the field that it cuts"));
            }
        }
    }
    splits
}

/// `chart` with its arguments.
#[derive(Debug, Clone)]
struct Table {
    summary: Arc<Summary>,
    shown: Shown,
    series: Series,
    splits: Vec<Split>,
    cont: bool,
}

impl Stage for Table {
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
        match self.splits.first() {
            Some(rows) if *rows.field == *name => before(name),
            _ => Origin::Functions,
        }
    }
    fn demand(&self, _after: &Demand) -> Demand {
        let mut demand = self.shown.demand();
        for split in &self.splits {
            demand.add(&split.field);
        }
        demand
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let (stage, context) = (self.clone(), cx.context.clone());
        let Some(sizes) = self.sizes(|ranges| ranges.size) else {
            return Ok(gathered(move |batches| stage.gathered(batches, &context)));
        };
        let (prepared, cut) = (self.clone(), sizes.clone());
        let whole = cx.context.clone();
        let cuts = self.splits.iter().any(|split| split.ranges.is_some());
        let prepare =
            cuts.then(|| -> Prepare { Arc::new(move |batch| prepared.put(batch, &cut, &whole)) });
        Ok(Operator::Mergeable(Arc::new(Summarise {
            summary: self.summary.clone(),
            prepare,
            tabulate: Arc::new(move |summarised| stage.table(summarised, &sizes, &context)),
        })))
    }
}

/// The size of the ranges of each field that is cut.
type Sizes = Vec<Option<Size>>;

impl Table {
    /// The sizes, when all are known.
    fn sizes(&self, size: impl Fn(&Ranges) -> Option<Size>) -> Option<Sizes> {
        let each = self.splits.iter().map(|split| match &split.ranges {
            Some(ranges) => size(ranges).map(Some),
            None => Some(None),
        });
        each.collect()
    }

    /// Puts the ranges that events are in beside their fields.
    fn put(&self, batch: &mut Batch, sizes: &Sizes, context: &Context) {
        for (split, size) in self.splits.iter().zip(sizes) {
            if let (Some(ranges), Some(size)) = (&split.ranges, size) {
                *batch = ranges.apply(std::mem::take(batch), size, context);
            }
        }
    }

    /// All events at once: their range gives the sizes.
    fn gathered(&self, batches: Vec<Batch>, context: &Context) -> Result<Vec<Batch>, Diagnostic> {
        let any = Some(Size::Number(1.0));
        let size = |ranges: &Ranges| ranges.size.or(ranges.size_for(&batches, context)).or(any);
        let sizes = self.sizes(size).unwrap_or_default();
        let mut summarised = self.summary.start();
        for mut batch in batches {
            self.put(&mut batch, &sizes, context);
            summarised.push(&batch)?;
        }
        self.table(summarised, &sizes, context)
    }

    fn table(
        &self,
        summarised: Summarised,
        sizes: &Sizes,
        context: &Context,
    ) -> Result<Vec<Batch>, Diagnostic> {
        stats::say(&summarised, &context.notices);
        let groups = summarised.groups.clone();
        let pivot = Pivot::new(summarised, &self.shown, &self.series)?;
        let seen = pivot.rows.iter().map(|(group, code)| {
            let key = groups.key(*group, 0).map(str::to_owned);
            (key, Some(*code))
        });
        let rows = match sizes.first() {
            Some(Some(size)) => self.ranges(seen.collect(), size, context)?,
            _ => in_order(seen.collect(), parse_number),
        };
        let mut cells = Batch::new(rows.len());
        let codes: Vec<Option<u32>> = rows.iter().map(|(_, code)| *code).collect();
        pivot.fill(&mut cells, &codes, None);
        let mut whole = Batch::new(rows.len());
        if let Some(split) = self.splits.first() {
            let mut keys = ColumnBuilder::default();
            for (key, _) in &rows {
                keys.push_option(key.as_deref());
            }
            whole.set(split.field.clone(), keys.finish());
        }
        for (name, column) in cells.fields() {
            whole.set(name.clone(), column.clone());
        }
        Ok(vec![whole])
    }

    /// The rows of a field that is cut: those without events stand between the others, unless `cont` is off or the
    /// ranges grow by powers.
    fn ranges(&self, seen: Rows, size: &Size, context: &Context) -> Result<Rows, Diagnostic> {
        let start = |text: &str| Ranges::start_of(size, text);
        // What is in no range stands as it is, such as 0 among ranges that grow by powers.
        let seen = in_order(seen, |text| start(text).or_else(|| parse_number(text)));
        let cont = self.cont && !matches!(size, Size::Log { .. });
        let mut rows = Rows::new();
        let mut next: Option<f64> = None;
        for (key, code) in seen {
            let low = key.as_deref().and_then(start).filter(|_| cont);
            while let (Some(low), Some(gap)) = (low, next)
                && gap < low
                && Some(Ranges::label(size, gap, context)) != key
            {
                rows.push((Some(Ranges::label(size, gap, context)), None));
                if rows.len() > MOST {
                    let message = format!("chart would give over {MOST} rows");
                    return Err(Diagnostic::new(&code::RUNTIME, message)
                        .help("use a longer span, or cont=false to leave empty rows out"));
                }
                next = Some(Ranges::next(size, gap, context));
            }
            next = low.map(|low| Ranges::next(size, low, context));
            rows.push((key, code));
        }
        Ok(rows)
    }
}

/// Rows by key, with the code of the key when they have events.
type Rows = Vec<(Option<String>, Option<u32>)>;

/// Rows at most; more is surely a mistake in the span.
const MOST: usize = 1_000_000;

/// Numbers in their own order, then texts in theirs; with texts among the numbers of a field all are texts.
fn in_order(mut rows: Rows, number: impl Fn(&str) -> Option<f64>) -> Rows {
    let value = |key: &Option<String>| key.as_deref().and_then(&number);
    if rows.iter().all(|(key, _)| value(key).is_some()) {
        rows.sort_by(|a, b| {
            let order = value(&a.0).zip(value(&b.0)).map(|(a, b)| a.total_cmp(&b));
            order.unwrap_or(std::cmp::Ordering::Equal)
        });
    } else {
        rows.sort();
    }
    rows
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::testing::{check, refused};

    const EVENTS: &str = "{\"r\":\"a\",\"c\":\"x\"}\n{\"r\":\"a\",\"c\":\"x\"}\n{\"r\":\"a\",\"c\":\"x\"}\n{\"r\":\"a\",\"c\":\"y\"}\n{\"r\":\"a\",\"c\":\"y\"}\n{\"r\":\"a\",\"c\":\"z\"}\n{\"c\":\"z\"}";

    #[test]
    fn columns_past_the_limit_are_combined() {
        check(
            "chart limit=1 otherstr=rest count over r by c",
            EVENTS,
            "{\"r\":\"a\",\"x\":3,\"rest\":3}",
        );
        check(
            "chart limit=0 count by r c",
            EVENTS,
            "{\"r\":\"a\",\"x\":3,\"y\":2,\"z\":1}",
        );
        check(
            "chart useother=f count over r by c where count in top1",
            EVENTS,
            "{\"r\":\"a\",\"x\":3}",
        );
        check(
            "chart count over r by c where count notin top1",
            EVENTS,
            "{\"r\":\"a\",\"y\":2,\"z\":1,\"OTHER\":3}",
        );
        check(
            "chart count over r by c limit=bottom1 useother=f",
            EVENTS,
            "{\"r\":\"a\",\"z\":1}",
        );
    }

    #[test]
    fn rows_of_numbers_are_in_the_order_of_numbers() {
        check(
            "chart count by n",
            "{\"n\":10}\n{\"n\":9}",
            "{\"n\":9,\"count\":1}\n{\"n\":10,\"count\":1}",
        );
    }

    #[test]
    fn errors_say_where() {
        assert_eq!(refused("chart count by a b c"), [("E0103", "c".to_owned())]);
        assert_eq!(
            refused("chart span=5 count"),
            [("E0103", "span".to_owned())]
        );
        assert_eq!(
            refused("chart eval(v+max(v)) as r by a"),
            [("E0118", "v".to_owned())]
        );
        assert_eq!(
            refused("chart per_hour(v) by a"),
            [("E0117", "per_hour".to_owned())]
        );
    }
}
