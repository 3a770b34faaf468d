//! `stats`: takes aggregate calls and by-fields, gives a row a group, in the order of the bytes of the by-fields.

use super::arguments::Arguments;
use super::ranges::{Ranges, Size};
use super::{
    Before, BuildContext, Command, Example, Kind, OptionDoc, Ordering, Origin, ParseContext, Stage,
};
use crate::data::{Demand, FieldName};
use crate::diagnostic::{Diagnostic, Diagnostics, Notices};
use crate::operators::{Missing, Operator, Prepare, SummariseRows, Summarised, Summary};
use crate::syntax::{AggregateText, Spanned, StageText};
use std::sync::Arc;

/// The command.
pub struct Stats;

impl Command for Stats {
    fn name(&self) -> &'static str {
        "stats"
    }
    fn summary(&self) -> &'static str {
        "Computes statistics over all events or over each group of them"
    }
    fn usage(&self) -> &'static str {
        "stats [allnum=<bool>] [delim=<text>] [partitions=<N>] <function>[(<field>)] [AS <name>]… \
         [BY <field> [span=<span>]…] [dedup_splitvals=<bool>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[
            OptionDoc {
                name: "allnum",
                value: "true|false",
                default: "false",
                summary: "Numeric functions give nothing for a field that has a value that is not a number",
            },
            OptionDoc {
                name: "delim",
                value: "<text>",
                default: "a line break",
                summary: "What nomv joins the values of list() and values() by",
            },
            OptionDoc {
                name: "partitions",
                value: "<N>",
                default: "1",
                summary: "Accepted; has no influence on the rows, all cores are used anyway",
            },
            OptionDoc {
                name: "span",
                value: "<time>|<number>",
                default: "none",
                summary: "After a BY field: cuts it as bin does, such as `by _time span=1h`",
            },
            OptionDoc {
                name: "dedup_splitvals",
                value: "true|false",
                default: "false",
                summary: "A value that comes twice in a multivalue BY field counts once",
            },
        ]
    }
    fn reads_prestats(&self) -> bool {
        true
    }
    fn offers(&self) -> super::Offers {
        super::Offers::Aggregates
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | stats count dc(code) as codes values(code) by user",
                input: "{\"user\":\"bob\",\"code\":200}\n{\"user\":\"al\",\"code\":404}\n{\"user\":\"bob\",\"code\":404}",
                output: "{\"user\":\"al\",\"count\":1,\"codes\":1,\"values(code)\":404}\n\
                         {\"user\":\"bob\",\"count\":2,\"codes\":2,\"values(code)\":[\"200\",\"404\"]}",
            },
            Example {
                query: "* | stats sum(bytes) avg(bytes)",
                input: "{\"bytes\":10}\n{\"bytes\":\"none\"}\n{\"bytes\":20}",
                output: "{\"sum(bytes)\":30,\"avg(bytes)\":15}",
            },
            Example {
                query: "* | stats count by group{} verb",
                input: "{\"group\":[\"dev\",\"ops\"],\"verb\":\"get\"}\n{\"group\":[\"dev\"],\"verb\":\"get\"}\n{\"verb\":\"get\"}",
                output: "{\"group{}\":\"dev\",\"verb\":\"get\",\"count\":2}\n{\"group{}\":\"ops\",\"verb\":\"get\",\"count\":1}",
            },
        ]
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let grouped = grouped(&mut arguments, cx, &|arguments, texts| {
            super::calls::of_all_fields(texts);
            super::calls::one_name_each(arguments, texts);
        });
        arguments.finish(|| Box::new(grouped) as Box<dyn Stage>)
    }
}

/// Reads arguments, whatever command's they are; what it has no option for has the default. `check` sees the calls
/// before they are read.
pub(super) fn grouped(
    arguments: &mut Arguments,
    cx: &ParseContext<'_>,
    check: &dyn Fn(&mut Arguments, &mut [AggregateText]),
) -> Grouped {
    let allnum = arguments.flag("allnum", false);
    let delim = arguments.text("delim");
    arguments.count("partitions");
    let distinct = arguments.flag("dedup_splitvals", false);
    let mut texts = super::calls::calls(arguments, &["by"]);
    check(arguments, &mut texts);
    let by = if arguments.takes("by") {
        super::calls::by_fields(arguments, &[])
    } else {
        Vec::new()
    };
    let binned = binned(arguments, &by);
    super::calls::distinct_names(arguments, &texts, &by, cx);
    let mut calls = super::calls::read(arguments, &texts, cx);
    super::calls::no_rates(arguments, &texts);
    calls.allnum = allnum;
    calls.delim = delim;
    let summary = Summary {
        by: by.into_iter().map(|f| (f.node, Missing::Drop)).collect(),
        distinct,
        calls: Arc::new(calls),
    };
    Grouped {
        summary: Arc::new(summary),
        binned,
    }
}

/// The by-field that `span=` stands after, and how it is cut.
fn binned(arguments: &mut Arguments, by: &[Spanned<FieldName>]) -> Option<(Ranges, Size)> {
    let option = arguments.option("span")?;
    let span = option.name.span;
    let Some(field) = by.iter().rfind(|field| field.span.start < span.start) else {
        arguments.syntax(span, "span= stands after the BY field that it cuts");
        return None;
    };
    let value = |arguments: &Arguments, name: &str| match name {
        "span" => super::calls::value(arguments, name),
        _ => None,
    };
    let ranges = Ranges::read(arguments, value, field.node.clone(), None);
    ranges.size.map(|size| (ranges, size))
}

/// `stats` with its arguments.
#[derive(Debug)]
pub(super) struct Grouped {
    /// What is computed.
    pub summary: Arc<Summary>,
    binned: Option<(Ranges, Size)>,
}

impl Stage for Grouped {
    fn groups(&self) -> Vec<String> {
        self.summary.by_names()
    }
    fn origin(&self, name: &str, before: &Before<'_>) -> Origin {
        if self.summary.calls.gives(name) {
            return Origin::Functions;
        }
        match self.summary.fields().any(|by| **by == *name) {
            true => before(name),
            false => Origin::Input,
        }
    }
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
    fn demand(&self, _after: &Demand) -> Demand {
        demand(&self.summary)
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let context = cx.context.clone();
        let prepare = self.binned.clone().map(|(ranges, size)| -> Prepare {
            Arc::new(move |batch| {
                *batch = ranges.apply(std::mem::take(batch), &size, &context);
            })
        });
        Ok(Operator::Mergeable(Arc::new(SummariseRows {
            prepare,
            summary: self.summary.clone(),
            notices: cx.context.notices.clone(),
            memory: cx.context.memory.clone(),
            then: None,
        })))
    }
}

/// The fields that a summary reads: by-fields and arguments.
pub(super) fn demand(summary: &Summary) -> Demand {
    let mut demand = summary.calls.demand();
    for (name, _) in &summary.by {
        demand.add(name);
    }
    demand
}

/// Passes on what the states remark.
pub(super) fn say(summarised: &Summarised, notices: &Notices) {
    for (topic, text) in summarised.states.remarks() {
        notices.push(topic, text, false);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::testing::{check, demand, refused, rows};

    const EVENTS: &str = "{\"u\":\"b\",\"n\":10,\"m\":1}\n{\"u\":\"a\",\"n\":2}\n{\"u\":\"b\",\"n\":\"x\"}\n{\"n\":5}";

    #[test]
    fn without_events_count_is_zero_and_by_gives_no_row() {
        assert_eq!(
            rows("stats count sum(n)", "").unwrap(),
            ["{\"count\":\"0\"}"]
        );
        assert!(rows("stats count by u", "").unwrap().is_empty());
    }

    #[test]
    fn columns_come_in_the_order_written() {
        let rows = rows("stats max(n) count AS c, min(n) BY u", EVENTS).unwrap();
        assert_eq!(
            rows,
            [
                "{\"u\":\"a\",\"max(n)\":\"2\",\"c\":\"1\",\"min(n)\":\"2\"}",
                "{\"u\":\"b\",\"max(n)\":\"x\",\"c\":\"2\",\"min(n)\":\"10\"}",
            ]
        );
    }

    #[test]
    fn patterns_make_a_column_a_field() {
        check(
            "stats sum(*) by u",
            EVENTS,
            "{\"u\":\"a\",\"sum(n)\":2}\n{\"u\":\"b\",\"sum(m)\":1,\"sum(n)\":10}",
        );
        check(
            "stats avg(n*) as mean_*",
            EVENTS,
            "{\"mean_\":5.666666666666667}",
        );
    }

    #[test]
    fn options_do_what_they_say() {
        check(
            "stats allnum=t sum(n) as s sum(m) as m",
            EVENTS,
            "{\"m\":1}",
        );
        check(
            "stats delim=\":\" values(u) as u | nomv u",
            EVENTS,
            "{\"u\":\"a:b\"}",
        );
        let twice = "{\"t\":[\"a\",\"a\"]}";
        check("stats count by t", twice, "{\"t\":\"a\",\"count\":2}");
        check(
            "stats count by t dedup_splitvals=t",
            twice,
            "{\"t\":\"a\",\"count\":1}",
        );
    }

    #[test]
    fn expressions_are_computed_first() {
        let rows = rows("stats sum(eval(n * 2)) as s count(eval(n < 6))", EVENTS).unwrap();
        assert_eq!(rows, ["{\"s\":\"34\",\"count(eval(n < 6))\":\"2\"}"]);
        assert_eq!(demand("stats sum(eval(n*m)) by u", &["x"]), "n, m, u");
        assert_eq!(refused("stats sum(eval(n*)) as s")[0].0, "E0103");
    }

    #[test]
    fn only_what_is_read_is_demanded() {
        assert_eq!(demand("stats count", &["count"]), "none");
        assert_eq!(demand("stats count sum(n) by u", &["count"]), "n, u");
        assert_eq!(demand("stats latest(n)", &["x"]), "n, _time");
        assert_eq!(demand("stats sum(a*)", &["x"]), "a*");
    }

    #[test]
    fn every_example_of_an_aggregate_runs() {
        for aggregate in crate::aggregates::ALL {
            let (query, input, output) = aggregate.example();
            check(query, input, output);
        }
    }

    #[test]
    fn errors_point_at_the_word() {
        assert_eq!(refused("stats"), [("E0111", "stats".to_owned())]);
        assert_eq!(refused("stats cuont"), [("E0115", "cuont".to_owned())]);
        let both = refused("stats perc(x) by");
        assert_eq!(
            both.iter().map(|e| e.0).collect::<Vec<_>>(),
            ["E0111", "E0108"]
        );
        assert_eq!(
            refused("stats per_hour(x)"),
            [("E0117", "per_hour".to_owned())]
        );
        assert_eq!(
            refused("stats count as u by u"),
            [("E0118", "count as u".to_owned())]
        );
    }
}
