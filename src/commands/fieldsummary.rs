//! `fieldsummary`: what values the fields have, a row a field.

use super::arguments::Arguments;
use super::{BuildContext, Command, Example, Kind, OptionDoc, Ordering, ParseContext, Stage};
use crate::data::{Batch, Demand, FieldName, Pattern, Value, parse_number};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Operator, gathered};
use crate::syntax::StageText;
use indexmap::{IndexMap, IndexSet};
use serde_json::json;

/// The command.
pub struct Fieldsummary;

impl Command for Fieldsummary {
    fn name(&self) -> &'static str {
        "fieldsummary"
    }
    fn summary(&self) -> &'static str {
        "Gives a row a field: how many events have it, its most frequent values, and what its numbers are like"
    }
    fn usage(&self) -> &'static str {
        "fieldsummary [maxvals=<N>] [<field>…]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[OptionDoc {
            name: "maxvals",
            value: "<N>",
            default: "100",
            summary: "Values of a field that are listed at most; 0 for all",
        }]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | fieldsummary n | table field count distinct_count max mean min",
                input: "{\"n\":1}\n{\"n\":3}\n{\"n\":3}",
                output: "{\"field\":\"n\",\"count\":3,\"distinct_count\":2,\"max\":3,\"mean\":2.3333333333333335,\"min\":1}",
            },
            Example {
                query: "* | fieldsummary maxvals=1 u | table field values",
                input: "{\"u\":\"a\"}\n{\"u\":\"b\"}\n{\"u\":\"b\"}",
                output: "{\"field\":\"u\",\"values\":\"[{\\\"value\\\":\\\"b\\\",\\\"count\\\":2}]\"}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let most = match arguments.count("maxvals") {
            Some(0) => usize::MAX,
            found => found.unwrap_or(100),
        };
        let words = arguments.rest(&[]);
        let fields = words
            .into_iter()
            .map(|word| Pattern::new(word.text))
            .collect();
        arguments.finish(|| Box::new(Summed { fields, most }) as Box<dyn Stage>)
    }
}

/// `fieldsummary` with its arguments.
#[derive(Debug, Clone)]
struct Summed {
    /// Empty for all.
    fields: Vec<Pattern>,
    most: usize,
}

impl Summed {
    fn wants(&self, name: &str) -> bool {
        match self.fields.is_empty() {
            true => !name.starts_with('_'),
            false => self.fields.iter().any(|pattern| pattern.matches(name)),
        }
    }

    fn row(&self, name: &FieldName, batches: &[Batch]) -> Vec<(&'static str, Value)> {
        let mut counts: IndexMap<String, u64> = IndexMap::new();
        let mut numbers = Vec::new();
        let mut count = 0u64;
        for column in batches.iter().filter_map(|batch| batch.get(name)) {
            for row in 0..column.len() {
                for value in column.values(row) {
                    count += 1;
                    numbers.extend(parse_number(&value));
                    *counts.entry(value.into_owned()).or_insert(0) += 1;
                }
            }
        }
        let distinct = counts.len();
        counts.sort_by(|a, m, b, n| n.cmp(m).then_with(|| a.cmp(b)));
        let values: Vec<_> = counts
            .iter()
            .take(self.most)
            .map(|(value, count)| json!({"value": value, "count": count}))
            .collect();
        let amount = numbers.len() as f64;
        let mean = numbers.iter().sum::<f64>() / amount;
        let spread = numbers.iter().map(|n| (n - mean).powi(2)).sum::<f64>();
        let known = |value: f64| match numbers.is_empty() {
            true => Value::Null,
            false => Value::Number(value),
        };
        let deviation = if numbers.len() > 1 {
            (spread / (amount - 1.0)).sqrt()
        } else {
            0.0
        };
        vec![
            ("field", Value::from(&**name)),
            ("count", Value::Number(count as f64)),
            ("distinct_count", Value::Number(distinct as f64)),
            ("is_exact", Value::Number(1.0)),
            (
                "max",
                known(numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max)),
            ),
            ("mean", known(mean)),
            (
                "min",
                known(numbers.iter().copied().fold(f64::INFINITY, f64::min)),
            ),
            ("numeric_count", Value::Number(amount)),
            ("stdev", known(deviation)),
            (
                "values",
                Value::Text(serde_json::Value::Array(values).to_string()),
            ),
        ]
    }
}

impl Stage for Summed {
    fn kind(&self) -> Kind {
        Kind::Mergeable
    }
    fn ordering(&self) -> Ordering {
        Ordering::Makes
    }
    fn demand(&self, _: &Demand) -> Demand {
        match self.fields.is_empty() {
            true => Demand::all(),
            false => Demand::of(self.fields.iter().map(Pattern::as_str)),
        }
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let summed = self.clone();
        let work = move |batches: Vec<Batch>| {
            let mut names: IndexSet<FieldName> = IndexSet::new();
            for batch in &batches {
                names.extend(batch.names().filter(|name| summed.wants(name)).cloned());
            }
            names.sort();
            let rows = names.iter().map(|name| summed.row(name, &batches));
            let filled = rows.filter(|row| {
                row.get(1)
                    .is_some_and(|(_, count)| count.number() > Some(0.0))
            });
            Ok(vec![Batch::from_rows(filled)])
        };
        Ok(gathered(work))
    }
}
