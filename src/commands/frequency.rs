//! What `top` and `rare` share: takes fields, by-fields and options, gives the most or least frequent combinations of
//! values with their counts and percentages, for each group of the by-fields.

mod pick;

use self::pick::Picks;
use super::arguments::Arguments;
use super::stats::demand;
use super::{Before, BuildContext, Kind, OptionDoc, Ordering, Origin, Stage};
use crate::aggregates::{Argument, Call, Calls};
use crate::data::{Demand, FieldName};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::operators::{Missing, Operator, SummariseRows, Summary};
use std::sync::Arc;

/// What `rare` may be asked for at most.
const MOST: usize = 50_000;

/// What the counts are called while rows are chosen: no field is called so.
const COUNT: &str = "\u{0}count";

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
fn events_counted() -> Option<Call> {
    let text = super::calls::plain("count");
    let plan = crate::aggregates::find("count")?.plan(&text).ok()?;
    Some(Call {
        plan: plan.into(),
        argument: Argument::Events,
        name: COUNT.to_owned(),
        aliased: false,
    })
}

impl Stage for Frequency {
    fn groups(&self) -> Vec<String> {
        self.summary.by_names()
    }
    fn origin(&self, name: &str, before: &Before<'_>) -> Origin {
        let made = [&self.count, &self.percent];
        match made.iter().any(|made| made.as_deref() == Some(name)) {
            true => Origin::Functions,
            false => before(name),
        }
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
        let (stage, memory) = (self.clone(), cx.context.memory.clone());
        Ok(Operator::Mergeable(Arc::new(SummariseRows {
            summary: self.summary.clone(),
            prepare: None,
            notices: cx.context.notices.clone(),
            memory: memory.clone(),
            then: Some(Arc::new(move |rows| {
                Box::new(Picks::new(stage.clone(), rows, memory.share()))
            })),
        })))
    }
}

impl Frequency {
    /// The command as typed.
    fn name(&self) -> &'static str {
        if self.rare { "rare" } else { "top" }
    }

    /// The fields after BY.
    fn by_fields(&self) -> impl Iterator<Item = &FieldName> {
        self.summary.fields().take(self.by)
    }
}
