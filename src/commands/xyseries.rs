//! `xyseries`: makes columns of the values of a field.

use super::arguments::Arguments;
use super::{
    Before, BuildContext, Command, Example, Kind, OptionDoc, Ordering, Origin, ParseContext, Stage,
};
use crate::data::{Batch, Column, Demand, Value};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Operator, gathered};
use crate::syntax::StageText;
use indexmap::IndexMap;

/// The command.
pub struct Xyseries;

impl Command for Xyseries {
    fn name(&self) -> &'static str {
        "xyseries"
    }
    fn aliases(&self) -> &'static [&'static str] {
        &["maketable"]
    }
    fn summary(&self) -> &'static str {
        "Makes columns of the values of a field: one row a value of the first field"
    }
    fn usage(&self) -> &'static str {
        "xyseries [grouped=<bool>] [sep=<text>] [format=<text>] <x-field> <name-field> <value-field>…"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[
            OptionDoc {
                name: "grouped",
                value: "true|false",
                default: "false",
                summary: "The rows come sorted by the first field already: a new value ends its row",
            },
            OptionDoc {
                name: "sep",
                value: "<text>",
                default: ": ",
                summary: "Stands between the value field's name and the column's, with several value fields",
            },
            OptionDoc {
                name: "format",
                value: "<text>",
                default: "",
                summary: "The columns' names, with $AGG$ and $VAL$ for the two parts",
            },
        ]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | table day host n | xyseries day host n",
                input: "{\"day\":\"mo\",\"host\":\"a\",\"n\":1}\n{\"day\":\"mo\",\"host\":\"b\",\"n\":2}\n{\"day\":\"tu\",\"host\":\"a\",\"n\":3}",
                output: "{\"day\":\"mo\",\"a\":1,\"b\":2}\n{\"day\":\"tu\",\"a\":3}",
            },
            Example {
                query: "* | stats count sum(n) as s by day host | xyseries day host count s",
                input: "{\"day\":\"mo\",\"host\":\"a\",\"n\":7}",
                output: "{\"day\":\"mo\",\"count: a\":1,\"s: a\":7}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let sep = arguments.text("sep").unwrap_or_else(|| ": ".to_owned());
        let format = arguments.text("format");
        let grouped = arguments.flag("grouped", false);
        let mut names = Vec::new();
        while let Some(word) = arguments.next() {
            names.push(word.text);
        }
        if names.len() < 3 {
            arguments.missing("a row field, a name field and a value field");
        }
        let wide = Wide {
            names,
            sep,
            format,
            grouped,
        };
        arguments.finish(|| Box::new(wide) as Box<dyn Stage>)
    }
}

/// `xyseries` with its arguments.
#[derive(Debug, Clone)]
struct Wide {
    /// Row field, name field, value fields.
    names: Vec<String>,
    sep: String,
    format: Option<String>,
    grouped: bool,
}

impl Wide {
    fn column_name(&self, value_field: &str, name: &str) -> String {
        if let Some(format) = &self.format {
            return format.replace("$AGG$", value_field).replace("$VAL$", name);
        }
        if self.names.len() > 3 {
            return format!("{value_field}{}{name}", self.sep);
        }
        name.to_owned()
    }

    fn turn(&self, batch: &Batch) -> Batch {
        let (Some(x), Some(y)) = (self.names.first(), self.names.get(1)) else {
            return batch.clone();
        };
        let (keys, names) = (batch.column(x), batch.column(y));
        let mut rows: IndexMap<String, usize> = IndexMap::new();
        let mut labels: Vec<Value> = Vec::new();
        let mut cells: IndexMap<String, Vec<(usize, Value)>> = IndexMap::new();
        for row in 0..batch.rows() {
            let (Some(key), Some(name)) = (keys.text(row), names.text(row)) else {
                continue;
            };
            let known = rows.get(&*key).copied();
            let at = match known {
                Some(at) if !self.grouped || at + 1 == labels.len() => at,
                _ => {
                    labels.push(keys.value(row));
                    labels.len() - 1
                }
            };
            rows.insert(key.into_owned(), at);
            for field in self.names.iter().skip(2) {
                let column = self.column_name(field, &name);
                cells
                    .entry(column)
                    .or_default()
                    .push((at, batch.value(field, row)));
            }
        }
        if !self.grouped {
            return self.sorted(&labels, cells);
        }
        self.filled(labels, cells)
    }

    /// Rows in the order of their labels, as a chart has them; columns by name.
    fn sorted(&self, labels: &[Value], mut cells: IndexMap<String, Vec<(usize, Value)>>) -> Batch {
        let number = |at: &usize| labels.get(*at).and_then(Value::number);
        let text = |at: &usize| {
            labels
                .get(*at)
                .and_then(|l| l.to_text().map(|t| t.into_owned()))
        };
        let mut order: Vec<usize> = (0..labels.len()).collect();
        if order.iter().all(|at| number(at).is_some()) {
            order.sort_by(|a, b| {
                number(a)
                    .unwrap_or(0.0)
                    .total_cmp(&number(b).unwrap_or(0.0))
            });
        } else {
            order.sort_by_key(text);
        }
        let mut place = vec![0; labels.len()];
        for (new, old) in order.iter().enumerate() {
            if let Some(slot) = place.get_mut(*old) {
                *slot = new;
            }
        }
        for values in cells.values_mut() {
            for (at, _) in values {
                *at = place.get(*at).copied().unwrap_or(0);
            }
        }
        cells.sort_keys();
        let labels = order
            .iter()
            .filter_map(|at| labels.get(*at).cloned())
            .collect();
        self.filled(labels, cells)
    }

    fn filled(&self, labels: Vec<Value>, cells: IndexMap<String, Vec<(usize, Value)>>) -> Batch {
        let count = labels.len();
        let mut out = Batch::new(count);
        if let Some(x) = self.names.first() {
            out.set(x.as_str(), Column::from_values(labels));
        }
        for (name, values) in cells {
            let mut column = vec![Value::Null; count];
            for (at, value) in values {
                if let Some(cell) = column.get_mut(at) {
                    *cell = value;
                }
            }
            out.set(name, Column::from_values(column));
        }
        out
    }
}

impl Stage for Wide {
    fn kind(&self) -> Kind {
        Kind::Mergeable
    }
    fn ordering(&self) -> Ordering {
        Ordering::SeesAndMakes
    }
    /// The cells are those of the value fields, which no name of a column tells apart.
    fn origin(&self, name: &str, before: &Before<'_>) -> Origin {
        match self.names.split_first() {
            Some((rows, _)) if rows == name => before(name),
            _ => {
                let values = self.names.iter().skip(2);
                values.fold(Origin::Input, |known, field| {
                    known.or_else(|| before(field))
                })
            }
        }
    }
    fn demand(&self, _: &Demand) -> Demand {
        Demand::of(self.names.iter().map(String::as_str))
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let wide = self.clone();
        Ok(gathered(move |batches| {
            Ok(vec![wide.turn(&Batch::concat(&batches))])
        }))
    }
}
