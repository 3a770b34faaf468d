//! `eventstats`: takes aggregate calls and by-fields, gives every event back with the results of its group added.

use super::arguments::Arguments;
use super::{
    Before, BuildContext, Command, Example, Kind, OptionDoc, Ordering, Origin, ParseContext, Stage,
    stats,
};
use crate::data::{Batch, Batches, Column, Context, Demand, FieldName, Value};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Flow, Missing, Operator, Serial, Summarised, Summary};
use crate::syntax::StageText;
use std::sync::Arc;

/// The command.
pub struct Eventstats;

impl Command for Eventstats {
    fn name(&self) -> &'static str {
        "eventstats"
    }
    fn summary(&self) -> &'static str {
        "Adds statistics of all events, or of each group of them, to every event"
    }
    fn usage(&self) -> &'static str {
        "eventstats [allnum=<bool>] <function>[(<field>)] [AS <name>]… [BY <field>…]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[OptionDoc {
            name: "allnum",
            value: "true|false",
            default: "false",
            summary: "Numeric functions give nothing for a field that has a value that is not a number",
        }]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | eventstats avg(ms) AS mean | table ms mean",
                input: "{\"ms\":10}\n{\"ms\":20}",
                output: "{\"ms\":10,\"mean\":15}\n{\"ms\":20,\"mean\":15}",
            },
            Example {
                query: "* | eventstats count AS n by host | table host n",
                input: "{\"host\":\"a\"}\n{\"id\":1}\n{\"host\":\"a\"}",
                output: "{\"host\":\"a\",\"n\":2}\n{}\n{\"host\":\"a\",\"n\":2}",
            },
        ]
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let allnum = arguments.flag("allnum", false);
        let mut texts = super::calls::calls(&mut arguments, &["by"]);
        super::calls::of_all_fields(&mut texts);
        let mut by = Vec::new();
        if arguments.takes("by") {
            by = super::calls::by_fields(&mut arguments, &[]);
        }
        super::calls::distinct_names(&mut arguments, &texts, &by, cx);
        let mut calls = super::calls::read(&mut arguments, &texts, cx);
        super::calls::no_rates(&mut arguments, &texts);
        calls.allnum = allnum;
        let summary = Arc::new(Summary {
            by: by.into_iter().map(|f| (f.node, Missing::Drop)).collect(),
            distinct: false,
            calls: Arc::new(calls),
        });
        arguments.finish(|| Box::new(Added(summary)) as Box<dyn Stage>)
    }
}

/// `eventstats` with its arguments.
#[derive(Debug, Clone)]
struct Added(Arc<Summary>);

impl Stage for Added {
    fn kind(&self) -> Kind {
        Kind::Serial
    }
    fn ordering(&self) -> Ordering {
        if self.0.calls.sees_order() {
            Ordering::Sees
        } else {
            Ordering::Keeps
        }
    }
    fn origin(&self, name: &str, before: &Before<'_>) -> Origin {
        match self.0.calls.gives(name) {
            true => Origin::Functions,
            false => before(name),
        }
    }
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        if !self.0.calls.has_pattern() {
            for call in &self.0.calls.list {
                demand.remove(&call.name);
            }
        }
        demand.union(&stats::demand(&self.0));
        demand
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        Ok(Operator::Serial(Box::new(Held {
            summarised: self.0.start(),
            batches: Batches::default(),
            context: cx.context.clone(),
        })))
    }
}

/// Holds all events until the results are known.
struct Held {
    summarised: Summarised,
    batches: Batches,
    context: Context,
}

impl Serial for Held {
    fn push(&mut self, batch: Batch, _out: &mut Vec<Batch>) -> Result<Flow, Diagnostic> {
        self.summarised.push(&batch)?;
        self.batches.push(batch);
        Ok(Flow::More)
    }

    fn size(&self) -> usize {
        self.batches.size() + self.summarised.size()
    }

    fn finish(&mut self, out: &mut Vec<Batch>) -> Result<(), Diagnostic> {
        let count = self.summarised.groups.len();
        let results = self.summarised.states.finish(count);
        stats::say(&self.summarised, &self.context.notices);
        for mut batch in self.batches.take() {
            let rows = self.groups_of(&batch);
            for (_, name, column) in &results {
                let column = Column::from_values(rows.iter().map(|groups| spread(column, groups)));
                batch.set(FieldName::from(name.as_str()), column);
            }
            out.push(batch);
        }
        Ok(())
    }
}

impl Held {
    /// The groups of each row.
    fn groups_of(&mut self, batch: &Batch) -> Vec<Vec<u32>> {
        let by = self.summarised.by().iter();
        let columns: Vec<Column> = by.map(|name| batch.column(name)).collect();
        let assigned = self.summarised.groups.assign(&columns, batch.rows());
        let mut rows = vec![Vec::new(); batch.rows()];
        for (row, group) in assigned.rows.iter().zip(&assigned.groups) {
            if let Some(groups) = rows.get_mut(*row as usize) {
                groups.push(*group);
            }
        }
        rows
    }
}

/// The result of the group of an event; of an event in several groups all their results.
fn spread(column: &Column, groups: &[u32]) -> Value {
    match groups {
        [] => Value::Null,
        [only] => column.value(*only as usize),
        several => Value::multi(
            several
                .iter()
                .flat_map(|g| column.values(*g as usize).map(std::borrow::Cow::into_owned))
                .collect(),
        ),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::testing::{check, demand};

    #[test]
    fn results_replace_a_field_of_the_same_name() {
        check(
            "eventstats max(n) as n",
            "{\"n\":1}\n{\"n\":3}",
            "{\"n\":3}\n{\"n\":3}",
        );
        check(
            "eventstats values(v) as all by u",
            "{\"u\":1,\"v\":\"b\"}\n{\"u\":1,\"v\":\"a\"}",
            "{\"u\":1,\"v\":\"b\",\"all\":[\"a\",\"b\"]}\n{\"u\":1,\"v\":\"a\",\"all\":[\"a\",\"b\"]}",
        );
    }

    #[test]
    fn what_is_made_is_not_demanded() {
        assert_eq!(
            demand("eventstats sum(n) as s by u", &["s", "x"]),
            "x, n, u"
        );
    }
}
