//! What `top` and `rare` share: takes fields, by-fields and options, gives the most or least frequent combinations of
//! values with their counts and percentages, for each group of the by-fields.

use super::arguments::Arguments;
use super::stats::{demand, say};
use super::{BuildContext, Kind, OptionDoc, Ordering, Stage};
use crate::aggregates::{Argument, Call, Calls};
use crate::data::{Batch, Column, ColumnBuilder, Demand, FieldName};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::operators::{Groups, Missing, Operator, Summarise, Summarised, Summary};
use std::sync::Arc;

/// What `rare` may be asked for at most.
const MOST: usize = 50_000;

/// The options of both commands.
pub(super) static OPTIONS: &[OptionDoc] = &[
    OptionDoc {
        name: "limit",
        value: "<N>",
        default: "10",
        summary: "Rows for each group of the BY fields; 0 gives all",
    },
    OptionDoc {
        name: "showcount",
        value: "true|false",
        default: "true",
        summary: "Whether there is a column with the count",
    },
    OptionDoc {
        name: "showperc",
        value: "true|false",
        default: "true",
        summary: "Whether there is a column with the percentage",
    },
    OptionDoc {
        name: "countfield",
        value: "<name>",
        default: "count",
        summary: "Name of the column with the count",
    },
    OptionDoc {
        name: "percentfield",
        value: "<name>",
        default: "percent",
        summary: "Name of the column with the percentage",
    },
    OptionDoc {
        name: "useother",
        value: "true|false",
        default: "false",
        summary: "Adds a row for all values that the limit cuts off",
    },
    OptionDoc {
        name: "otherstr",
        value: "<text>",
        default: "OTHER",
        summary: "What stands for the values in that row",
    },
];

/// The command with its arguments.
#[derive(Debug, Clone)]
struct Frequency {
    rare: bool,
    by: usize,
    summary: Arc<Summary>,
    limit: usize,
    count: Option<String>,
    percent: Option<String>,
    other: Option<String>,
}

/// Reads the arguments.
pub(super) fn read(mut arguments: Arguments, rare: bool) -> Result<Box<dyn Stage>, Diagnostics> {
    let option = arguments.count("limit");
    let count = name(&mut arguments, "showcount", "countfield", "count");
    let percent = name(&mut arguments, "showperc", "percentfield", "percent");
    let use_other = arguments.flag("useother", false);
    let other = arguments.text("otherstr");
    let limit = arguments.number().map(|(n, _)| n).or(option).unwrap_or(10);
    if rare
        && limit > MOST
        && let Some(value) = super::calls::value(&arguments, "limit")
    {
        super::calls::bad_value(&mut arguments, "limit", &value, "a number up to 50000");
    }
    let mut fields = Vec::new();
    if arguments.peek().is_none_or(|word| word.is("by")) {
        arguments.missing("a field");
    } else {
        let name = if rare { "rare" } else { "top" };
        fields = super::calls::fields(&mut arguments, &["by"], name);
    }
    let mut by = Vec::new();
    if arguments.takes("by") {
        by = super::calls::by_fields(&mut arguments, &[]);
    }
    for field in &by {
        if fields.iter().any(|f| f.node == field.node) {
            let message = format!("`{}` stands before and after BY", field.node);
            arguments.error(Diagnostic::at(&code::FIELD_NAME, field.span, message));
        }
    }
    let calls = Calls {
        list: events_counted().into_iter().collect(),
        ..Calls::default()
    };
    let names = by.iter().chain(&fields).map(|f| f.node.clone());
    let frequency = Frequency {
        rare,
        by: by.len(),
        limit: if limit == 0 { usize::MAX } else { limit },
        count,
        percent,
        other: use_other.then(|| other.unwrap_or_else(|| "OTHER".to_owned())),
        summary: Arc::new(Summary {
            by: names.map(|name| (name, Missing::Drop)).collect(),
            distinct: false,
            calls: Arc::new(calls),
        }),
    };
    arguments.finish(|| Box::new(frequency) as Box<dyn Stage>)
}

/// The name of a column, unless it is not shown.
fn name(
    arguments: &mut Arguments,
    show: &'static str,
    field: &'static str,
    default: &str,
) -> Option<String> {
    let shown = arguments.flag(show, true);
    let name = arguments.text(field);
    shown.then(|| name.unwrap_or_else(|| default.to_owned()))
}

/// A bare `count`.
pub(super) fn events_counted() -> Option<Call> {
    let text = super::calls::plain("count");
    let plan = crate::aggregates::find("count")?.plan(&text).ok()?;
    Some(Call {
        plan: plan.into(),
        argument: Argument::Events,
        name: "count".to_owned(),
        aliased: false,
    })
}

impl Stage for Frequency {
    fn groups(&self) -> Vec<String> {
        self.summary.by_names()
    }
    fn kind(&self) -> Kind {
        Kind::Mergeable
    }
    fn ordering(&self) -> Ordering {
        Ordering::Makes
    }
    fn demand(&self, _after: &Demand) -> Demand {
        demand(&self.summary)
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let (stage, notices) = (self.clone(), cx.context.notices.clone());
        Ok(Operator::Mergeable(Arc::new(Summarise {
            summary: self.summary.clone(),
            prepare: None,
            tabulate: Arc::new(move |mut summarised| {
                let batch = stage.table(&mut summarised);
                say(&summarised, &notices);
                Ok(vec![batch])
            }),
        })))
    }
}

/// A row of the result: a combination, or the rest of a group.
struct Row {
    group: u32,
    other: bool,
    count: f64,
    total: f64,
}

impl Frequency {
    fn table(&self, summarised: &mut Summarised) -> Batch {
        let counts = summarised.states.finish(summarised.groups.len());
        let count = |g: u32| match counts.first() {
            Some((_, _, column)) => column.number(g as usize).unwrap_or(0.0),
            None => 0.0,
        };
        let mut rows = Vec::new();
        let order = summarised.groups.order();
        for group in parts(&summarised.groups, &order, self.by) {
            self.rows(group, count, &mut rows);
        }
        let mut batch = Batch::new(rows.len());
        for (at, name) in summarised.by().iter().enumerate() {
            batch.set(name.clone(), self.keys(&summarised.groups, at, &rows));
        }
        if let Some(name) = &self.count {
            let counts: Vec<f64> = rows.iter().map(|row| row.count).collect();
            batch.set(
                FieldName::from(name.as_str()),
                Column::Number(counts.into()),
            );
        }
        if let Some(name) = &self.percent {
            let mut builder = ColumnBuilder::default();
            for row in &rows {
                builder.push_text(&format!("{:.6}", row.count / row.total * 100.0));
            }
            batch.set(FieldName::from(name.as_str()), builder.finish());
        }
        batch
    }

    /// The rows of one group of the by-fields, whose combinations come in the order of their texts. `top` turns the whole
    /// order round: of equal counts the last text is the first.
    fn rows(&self, part: &[u32], count: impl Fn(u32) -> f64, rows: &mut Vec<Row>) {
        let mut sorted: Vec<(u32, f64)> = part.iter().map(|g| (*g, count(*g))).collect();
        let total = sorted.iter().map(|(_, count)| count).sum();
        sorted.sort_by(|a, b| a.1.total_cmp(&b.1));
        if !self.rare {
            sorted.reverse();
        }
        let (kept, rest) = sorted.split_at(self.limit.min(sorted.len()));
        let row = |group, count, other| Row {
            group,
            other,
            count,
            total,
        };
        rows.extend(kept.iter().map(|&(group, count)| row(group, count, false)));
        if let (Some(_), Some((group, _))) = (&self.other, rest.first()) {
            rows.push(row(*group, rest.iter().map(|(_, c)| c).sum(), true));
        }
    }

    fn keys(&self, groups: &Groups, at: usize, rows: &[Row]) -> Column {
        let mut builder = ColumnBuilder::default();
        for row in rows {
            builder.push_option(match &self.other {
                Some(text) if row.other && at >= self.by => Some(text),
                _ => groups.key(row.group, at),
            });
        }
        builder.finish()
    }
}

/// Ordered groups cut where the first `by` keys change.
fn parts<'a>(groups: &Groups, order: &'a [u32], by: usize) -> Vec<&'a [u32]> {
    let same = |a: &u32, b: &u32| (0..by).all(|f| groups.code(*a, f) == groups.code(*b, f));
    order.chunk_by(same).collect()
}
