//! `chart`: takes aggregate calls, a row field and a column field, gives a row a value of the one and a column a value of
//! the other.

use super::arguments::Arguments;
use super::series::{Pivot, Series};
use super::{
    BuildContext, Command, Example, Kind, OptionDoc, Ordering, ParseContext, Stage, stats,
};
use crate::data::{Batch, Demand, FieldName, parse_number};
use crate::diagnostic::{Diagnostic, Diagnostics, Notices};
use crate::operators::{Missing, Operator, Summarise, Summarised, Summary};
use crate::syntax::{Spanned, StageText};
use std::sync::Arc;

/// The command.
pub struct Chart;

impl Command for Chart {
    fn name(&self) -> &'static str {
        "chart"
    }
    fn summary(&self) -> &'static str {
        "Computes statistics as a table: a row a value of one field, a column a value of another"
    }
    fn usage(&self) -> &'static str {
        "chart [limit=<N>] [useother=<bool>] [otherstr=<text>] [usenull=<bool>] [nullstr=<text>] [sep=<text>] \
         [format=<text>] <function>[(<field>)] [AS <name>]… [OVER <row field>] \
         [BY <row field> [<column field>] [WHERE <function> in|notin top<N>|bottom<N>]]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        OPTIONS
    }
    fn offers(&self) -> super::Offers {
        super::Offers::Aggregates
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | chart count over code by host",
                input: "{\"code\":200,\"host\":\"a\"}\n{\"code\":200,\"host\":\"b\"}\n{\"code\":404,\"host\":\"b\"}",
                output: "{\"code\":200,\"a\":1,\"b\":1}\n{\"code\":404,\"a\":0,\"b\":1}",
            },
            Example {
                query: "* | chart avg(bytes) by host",
                input: "{\"host\":\"a\",\"bytes\":2}\n{\"host\":\"a\",\"bytes\":4}\n{\"host\":\"b\",\"bytes\":5}",
                output: "{\"host\":\"a\",\"avg(bytes)\":3}\n{\"host\":\"b\",\"avg(bytes)\":5}",
            },
        ]
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read_refusing(self, text, REFUSED);
        let mut series = Series::read(&mut arguments);
        let texts = super::calls::calls(&mut arguments, &["over", "by"]);
        super::calls::no_patterns(&mut arguments, &texts);
        let mut fields: Vec<Spanned<FieldName>> = Vec::new();
        if arguments.takes("over") {
            fields = super::calls::by_fields(&mut arguments, &["by", "where"]);
        }
        if arguments.takes("by") {
            fields.extend(super::calls::by_fields(&mut arguments, &["where"]));
        }
        match fields.get(2) {
            Some(third) => {
                arguments.syntax(third.span, "chart takes a row field and a column field")
            }
            None if fields.is_empty() => arguments.missing("a field after OVER or BY"),
            None => {}
        }
        if arguments.takes("where") {
            series.read_where(&mut arguments);
        }
        let calls = super::calls::read(&mut arguments, &texts, cx);
        super::calls::no_rates(&mut arguments, &texts, &calls);
        let missing = [Missing::Drop, Missing::Group];
        let by = fields.into_iter().map(|f| f.node).zip(missing).collect();
        let summary = Arc::new(Summary {
            by,
            distinct: false,
            calls: Arc::new(calls),
        });
        arguments.finish(|| Box::new(Table { summary, series }) as Box<dyn Stage>)
    }
}

/// `chart` with its arguments.
#[derive(Debug, Clone)]
struct Table {
    summary: Arc<Summary>,
    series: Series,
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
    fn demand(&self, _after: &Demand) -> Demand {
        stats::demand(&self.summary)
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let (stage, notices) = (self.clone(), cx.context.notices.clone());
        Ok(Operator::Mergeable(Arc::new(Summarise {
            summary: self.summary.clone(),
            prepare: None,
            tabulate: Arc::new(move |summarised| Ok(vec![stage.table(summarised, &notices)])),
        })))
    }
}

impl Table {
    fn table(&self, summarised: Summarised, notices: &Notices) -> Batch {
        stats::say(&summarised, notices);
        let groups = summarised.groups.clone();
        let names = summarised.by().to_vec();
        let pivot = Pivot::new(summarised, &self.summary.calls, &self.series);
        let mut rows = pivot.rows.clone();
        // Numbers in their own order, when all are; else texts in theirs.
        let number = |group: u32| groups.key(group, 0).and_then(parse_number);
        if rows.iter().all(|(group, _)| number(*group).is_some()) {
            let value = |group: u32| number(group).unwrap_or_default();
            rows.sort_by(|a, b| value(a.0).total_cmp(&value(b.0)));
        } else {
            rows.sort_by(|a, b| groups.key(a.0, 0).cmp(&groups.key(b.0, 0)));
        }
        let mut batch = Batch::new(rows.len());
        let keys: Vec<u32> = rows.iter().map(|(group, _)| *group).collect();
        let codes: Vec<Option<u32>> = rows.iter().map(|(_, code)| Some(*code)).collect();
        pivot.fill(&mut batch, &codes, |_| None, &self.summary.calls);
        let mut whole = Batch::new(rows.len());
        if let Some(name) = names.first() {
            whole.set(name.clone(), groups.column(0, &keys));
        }
        for (name, column) in batch.fields() {
            whole.set(name.clone(), column.clone());
        }
        whole
    }
}

/// Splunk's options that are refused.
static REFUSED: &[(&str, &str)] = &[
    ("span", "use bin on the field before"),
    ("bins", "use bin on the field before"),
    ("minspan", "use bin on the field before"),
    ("start", "use bin on the field before"),
    ("end", "use bin on the field before"),
    ("aligntime", "use bin on the field before"),
    ("cont", "rows are made only where there are events"),
    ("agg", "write the function after the options"),
];

static OPTIONS: &[OptionDoc] = &[
    OptionDoc {
        name: "limit",
        value: "<N>|top<N>|bottom<N>",
        default: "10",
        summary: "Columns that are kept; 0 keeps all",
    },
    OptionDoc {
        name: "useother",
        value: "true|false",
        default: "true",
        summary: "Whether the other columns are combined in one",
    },
    OptionDoc {
        name: "otherstr",
        value: "<text>",
        default: "OTHER",
        summary: "Name of that column",
    },
    OptionDoc {
        name: "usenull",
        value: "true|false",
        default: "true",
        summary: "Whether events without the column field have a column",
    },
    OptionDoc {
        name: "nullstr",
        value: "<text>",
        default: "NULL",
        summary: "Name of that column",
    },
    OptionDoc {
        name: "sep",
        value: "<text>",
        default: ": ",
        summary: "Between function and value in names, with several functions",
    },
    OptionDoc {
        name: "format",
        value: "<text>",
        default: "none",
        summary: "Names of columns, with $AGG$ and $VAL$; goes before sep",
    },
];

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
            refused("chart span=5 count by a"),
            [("E0116", "span=5".to_owned())]
        );
        assert_eq!(
            refused("chart count"),
            [("E0111", "chart count".to_owned())]
        );
    }
}
