//! `outlier`: numbers far from the others, by the distance between the quartiles.

use super::arguments::Arguments;
use super::{BuildContext, Command, Example, Kind, OptionDoc, Ordering, ParseContext, Stage};
use crate::data::{Batch, Column, Demand, FieldName, Pattern, Value, parse_number};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Operator, gathered};
use crate::syntax::StageText;

/// The command.
pub struct Outlier;

impl Command for Outlier {
    fn name(&self) -> &'static str {
        "outlier"
    }
    fn aliases(&self) -> &'static [&'static str] {
        &["outlierfilter"]
    }
    fn summary(&self) -> &'static str {
        "Cuts off or takes away numbers that lie far from the others"
    }
    fn usage(&self) -> &'static str {
        "outlier [action=tf|rm] [mark=<bool>] [param=<N>] [uselower=<bool>] [type=iqr] [<field>…]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[
            OptionDoc {
                name: "action",
                value: "tf|transform|rm|remove",
                default: "tf",
                summary: "Whether a number that is too far becomes the limit, or the field is taken away",
            },
            OptionDoc {
                name: "mark",
                value: "true|false",
                default: "false",
                summary: "Whether a number that was cut off gets 000 before it",
            },
            OptionDoc {
                name: "param",
                value: "<N>",
                default: "2.5",
                summary: "How many times the distance of the quartiles is too far from the median",
            },
            OptionDoc {
                name: "uselower",
                value: "true|false",
                default: "false",
                summary: "Whether small numbers are looked at too",
            },
            OptionDoc {
                name: "type",
                value: "iqr",
                default: "iqr",
                summary: "How distance is measured: there is only this way",
            },
        ]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | sort n | outlier n | table n",
                input: "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n{\"n\":4}\n{\"n\":100}",
                output: "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n{\"n\":4}\n{\"n\":8}",
            },
            Example {
                query: "* | sort n | outlier action=rm n | table id n",
                input: "{\"id\":1,\"n\":1}\n{\"id\":2,\"n\":2}\n{\"id\":3,\"n\":3}\n{\"id\":4,\"n\":4}\n{\"id\":5,\"n\":100}",
                output: "{\"id\":1,\"n\":1}\n{\"id\":2,\"n\":2}\n{\"id\":3,\"n\":3}\n{\"id\":4,\"n\":4}\n{\"id\":5}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        arguments.choice("type", &["iqr"]);
        let action = arguments.choice("action", &["tf", "transform", "rm", "remove"]);
        let param = match super::calls::value(&arguments, "param") {
            None => 2.5,
            Some(value) => parse_number(&value.text)
                .filter(|n| *n >= 0.0)
                .unwrap_or_else(|| {
                    super::calls::bad_value(&mut arguments, "param", &value, "a number from 0");
                    2.5
                }),
        };
        let cut = Cut {
            removes: matches!(action, Some("rm" | "remove")),
            marks: arguments.flag("mark", false),
            lower: arguments.flag("uselower", false),
            param,
            fields: arguments
                .rest(&[])
                .into_iter()
                .map(|w| Pattern::new(w.text))
                .collect(),
        };
        arguments.finish(|| Box::new(cut) as Box<dyn Stage>)
    }
}

/// `outlier` with its arguments.
#[derive(Debug, Clone)]
struct Cut {
    removes: bool,
    marks: bool,
    lower: bool,
    param: f64,
    /// Empty for all fields.
    fields: Vec<Pattern>,
}

impl Cut {
    fn wants(&self, name: &str) -> bool {
        match self.fields.is_empty() {
            true => !name.starts_with('_'),
            false => self.fields.iter().any(|pattern| pattern.matches(name)),
        }
    }

    fn column(&self, own: &Column) -> Column {
        let mut numbers: Vec<f64> = (0..own.len()).filter_map(|row| own.number(row)).collect();
        if numbers.is_empty() {
            return own.clone();
        }
        numbers.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let place = share * (numbers.len() - 1) as f64;
            let low = numbers[place.floor() as usize];
            low + (place - place.floor()) * (numbers[place.ceil() as usize] - low)
        };
        let (median, distance) = (at(0.5), at(0.75) - at(0.25));
        let reach = self.param * distance;
        let value = |row: usize| {
            let Some(number) = own.number(row) else {
                return own.value(row);
            };
            let limit = match number {
                n if n > median + reach => median + reach,
                n if self.lower && n < median - reach => median - reach,
                _ => return own.value(row),
            };
            match (self.removes, self.marks) {
                (true, _) => Value::Null,
                (false, true) => Value::Text(format!("000{}", crate::data::format_number(limit))),
                (false, false) => Value::Number(limit),
            }
        };
        Column::from_values((0..own.len()).map(value))
    }
}

impl Stage for Cut {
    fn kind(&self) -> Kind {
        Kind::Mergeable
    }
    fn ordering(&self) -> Ordering {
        Ordering::Keeps
    }
    fn demand(&self, after: &Demand) -> Demand {
        after.clone()
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let cut = self.clone();
        let work = move |batches: Vec<Batch>| {
            let whole = Batch::concat(&batches);
            let names: Vec<FieldName> = whole.names().filter(|n| cut.wants(n)).cloned().collect();
            let columns: Vec<(FieldName, Column)> = names
                .into_iter()
                .map(|n| (n.clone(), cut.column(&whole.column(&n))))
                .collect();
            let mut at = 0;
            let pieces = batches.into_iter().map(|mut batch| {
                for (name, column) in &columns {
                    batch.set(name.clone(), column.slice(at, batch.rows()));
                }
                at += batch.rows();
                batch
            });
            Ok(pieces.collect())
        };
        Ok(gathered(work))
    }
}
