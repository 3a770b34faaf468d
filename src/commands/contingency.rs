//! `contingency`: how often the values of two fields come together, as a table.

use super::arguments::Arguments;
use super::{BuildContext, Command, Example, Kind, OptionDoc, Ordering, ParseContext, Stage};
use crate::data::{Batch, Column, ColumnBuilder, Demand, FieldName, Value};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Operator, gathered};
use crate::syntax::StageText;
use indexmap::IndexMap;
use std::collections::HashMap;
use std::sync::Arc;

/// Values of either field at most.
const MOST: usize = 1000;

/// The command.
pub struct Contingency;

impl Command for Contingency {
    fn name(&self) -> &'static str {
        "contingency"
    }
    fn aliases(&self) -> &'static [&'static str] {
        &["counttable", "ctable"]
    }
    fn summary(&self) -> &'static str {
        "Counts how often the values of two fields come together, a row and a column a value"
    }
    fn usage(&self) -> &'static str {
        "contingency [maxrows=<N>] [maxcols=<N>] [minrowcover=<N>] [mincolcover=<N>] [usetotal=<bool>] [totalstr=<text>] <field> <field>"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[
            OptionDoc {
                name: "maxrows",
                value: "<N>",
                default: "1000",
                summary: "Rows at most, the most frequent values; 0 is 1000 too",
            },
            OptionDoc {
                name: "maxcols",
                value: "<N>",
                default: "1000",
                summary: "Columns at most, the most frequent values; 0 is 1000 too",
            },
            OptionDoc {
                name: "minrowcover",
                value: "<share>",
                default: "1.0",
                summary: "Share of the events that the rows must cover; further values are left out",
            },
            OptionDoc {
                name: "mincolcover",
                value: "<share>",
                default: "1.0",
                summary: "Share of the events that the columns must cover",
            },
            OptionDoc {
                name: "usetotal",
                value: "true|false",
                default: "true",
                summary: "Whether a row and a column have the totals",
            },
            OptionDoc {
                name: "totalstr",
                value: "<text>",
                default: "TOTAL",
                summary: "What they are called",
            },
        ]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | contingency a b",
                input: "{\"a\":\"x\",\"b\":\"p\"}\n{\"a\":\"x\",\"b\":\"p\"}\n{\"a\":\"x\",\"b\":\"q\"}\n{\"a\":\"y\",\"b\":\"q\"}",
                output: "{\"a\":\"x\",\"p\":2,\"q\":1,\"TOTAL\":3}\n{\"a\":\"y\",\"p\":0,\"q\":1,\"TOTAL\":1}\n{\"a\":\"TOTAL\",\"p\":2,\"q\":2,\"TOTAL\":4}",
            },
            Example {
                query: "* | contingency usetotal=false maxrows=1 a b",
                input: "{\"a\":\"x\",\"b\":\"p\"}\n{\"a\":\"x\",\"b\":\"q\"}\n{\"a\":\"y\",\"b\":\"q\"}",
                output: "{\"a\":\"x\",\"q\":1,\"p\":1}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let spec = Spec {
            rows: Limit {
                most: most(&mut arguments, "maxrows"),
                cover: share(&mut arguments, "minrowcover"),
            },
            columns: Limit {
                most: most(&mut arguments, "maxcols"),
                cover: share(&mut arguments, "mincolcover"),
            },
            total: arguments.flag("usetotal", true).then(|| {
                let name = arguments.text("totalstr");
                name.unwrap_or_else(|| "TOTAL".to_owned())
            }),
            first: arguments.field("two fields"),
            second: arguments.field("a second field"),
        };
        arguments.finish(|| Box::new(Counted(Arc::new(spec))) as Box<dyn Stage>)
    }
}

/// Rows or columns at most: 0 is as many as there can be, which are [`MOST`].
fn most(arguments: &mut Arguments, name: &'static str) -> usize {
    match arguments.count(name) {
        None | Some(0) => MOST,
        Some(count) => count.min(MOST),
    }
}

/// A value as the table names it: an empty one has a name too.
fn named(text: std::borrow::Cow<'_, str>) -> String {
    match text.is_empty() {
        true => "EMPTY_STR".to_owned(),
        false => text.into_owned(),
    }
}

/// A share from 0 to 1.
fn share(arguments: &mut Arguments, name: &str) -> f64 {
    let Some(value) = super::calls::value(arguments, name) else {
        return 1.0;
    };
    match value.text.parse::<f64>() {
        Ok(share) if (0.0..=1.0).contains(&share) => share,
        _ => {
            super::calls::bad_value(arguments, name, &value, "a share from 0 to 1");
            1.0
        }
    }
}

#[derive(Debug)]
struct Limit {
    most: usize,
    cover: f64,
}

impl Limit {
    /// The most frequent values, as many as the limit allows and its cover asks for.
    fn kept(&self, counts: &IndexMap<String, u64>) -> Vec<String> {
        let total: u64 = counts.values().sum();
        let mut values: Vec<(&String, u64)> = counts.iter().map(|(v, n)| (v, *n)).collect();
        values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        let mut covered = 0;
        let mut kept = Vec::new();
        for (value, count) in values {
            let enough = covered as f64 >= self.cover * total as f64 && covered > 0;
            if enough || kept.len() >= self.most {
                break;
            }
            covered += count;
            kept.push(value.clone());
        }
        kept
    }
}

/// The arguments.
#[derive(Debug)]
struct Spec {
    rows: Limit,
    columns: Limit,
    /// The name of the totals.
    total: Option<String>,
    first: FieldName,
    second: FieldName,
}

/// `contingency` with its arguments.
#[derive(Debug)]
struct Counted(Arc<Spec>);

impl Stage for Counted {
    fn kind(&self) -> Kind {
        Kind::Mergeable
    }
    fn ordering(&self) -> Ordering {
        Ordering::Makes
    }
    fn demand(&self, _: &Demand) -> Demand {
        let mut demand = Demand::none();
        demand.add_exact(&self.0.first);
        demand.add_exact(&self.0.second);
        demand
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let spec = self.0.clone();
        let work = move |batches: Vec<Batch>| Ok(vec![spec.table(&batches)]);
        Ok(gathered(work))
    }
}

impl Spec {
    fn table(&self, batches: &[Batch]) -> Batch {
        let mut pairs: HashMap<(String, String), u64> = HashMap::new();
        let (mut rows, mut columns) = (IndexMap::new(), IndexMap::new());
        for batch in batches {
            let (a, b) = (batch.column(&self.first), batch.column(&self.second));
            for row in 0..batch.rows() {
                let (Some(a), Some(b)) = (a.text(row), b.text(row)) else {
                    continue;
                };
                let (a, b) = (named(a), named(b));
                *rows.entry(a.clone()).or_insert(0) += 1;
                *columns.entry(b.clone()).or_insert(0) += 1;
                *pairs.entry((a, b)).or_insert(0) += 1;
            }
        }
        let (rows, columns) = (self.rows.kept(&rows), self.columns.kept(&columns));
        let count = |row: &String, column: &String| {
            pairs
                .get(&(row.clone(), column.clone()))
                .copied()
                .unwrap_or(0) as f64
        };
        let mut names: Vec<Value> = rows.iter().map(|r| Value::from(r.as_str())).collect();
        names.extend(self.total.as_ref().map(|name| Value::from(name.as_str())));
        let height = names.len();
        let mut out = Batch::new(height);
        out.set(self.first.clone(), Column::from_values(names));
        let mut sums = vec![0.0; height];
        for column in &columns {
            let mut cells: Vec<f64> = rows.iter().map(|row| count(row, column)).collect();
            if self.total.is_some() {
                cells.push(cells.iter().sum());
            }
            for (sum, cell) in sums.iter_mut().zip(&cells) {
                *sum += cell;
            }
            let mut builder = ColumnBuilder::default();
            cells.into_iter().for_each(|cell| builder.push_number(cell));
            out.set(column.as_str(), builder.finish());
        }
        if let Some(name) = &self.total {
            out.set(
                name.as_str(),
                Column::from_values(sums.into_iter().map(Value::Number)),
            );
        }
        out
    }
}
