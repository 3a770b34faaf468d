//! `outlier`: numbers far from the others, by the distance between the quartiles.

use super::arguments::Arguments;
use super::{BuildContext, Command, Example, Kind, OptionDoc, ParseContext, Stage};
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
        "Cuts off numbers that lie far from the others, or takes their events away"
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
                summary: "Whether a number that is too far becomes the limit, or its event is taken away",
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
                summary: "How many times the distance of the quartiles is too far from the nearer quartile",
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
                output: "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n{\"n\":4}\n{\"n\":9}",
            },
            Example {
                query: "* | sort n | outlier action=rm n | table id n",
                input: "{\"id\":1,\"n\":1}\n{\"id\":2,\"n\":2}\n{\"id\":3,\"n\":3}\n{\"id\":4,\"n\":4}\n{\"id\":5,\"n\":100}",
                output: "{\"id\":1,\"n\":1}\n{\"id\":2,\"n\":2}\n{\"id\":3,\"n\":3}\n{\"id\":4,\"n\":4}",
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

    /// The least and the greatest number that are near enough, when the column has numbers.
    fn limits(&self, own: &Column) -> Option<(f64, f64)> {
        let mut numbers: Vec<f64> = (0..own.len()).filter_map(|row| own.number(row)).collect();
        let last = numbers.len().checked_sub(1)?;
        numbers.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let place = share * last as f64;
            let low = numbers[place.floor() as usize];
            low + (place - place.floor()) * (numbers[place.ceil() as usize] - low)
        };
        let (low, high) = (at(0.25), at(0.75));
        let reach = self.param * (high - low);
        let least = match self.lower {
            true => low - reach,
            false => f64::NEG_INFINITY,
        };
        Some((least, high + reach))
    }

    /// Whether each row is near enough.
    fn near(&self, own: &Column) -> Vec<bool> {
        let limits = self.limits(own);
        let is_near = |row: usize| match (own.number(row), limits) {
            (Some(number), Some((least, most))) => (least..=most).contains(&number),
            _ => true,
        };
        (0..own.len()).map(is_near).collect()
    }

    /// The column with what is too far cut off.
    fn column(&self, own: &Column) -> Column {
        let Some((least, most)) = self.limits(own) else {
            return own.clone();
        };
        let value = |row: usize| {
            let limit = match own.number(row) {
                Some(number) if number > most => most,
                Some(number) if number < least => least,
                _ => return own.value(row),
            };
            match self.marks {
                true => Value::Text(format!("000{}", crate::data::format_number(limit))),
                false => Value::Number(limit),
            }
        };
        Column::from_values((0..own.len()).map(value))
    }

    fn cut(&self, mut batches: Vec<Batch>) -> Vec<Batch> {
        let whole = Batch::concat(&batches);
        let names: Vec<FieldName> = whole.names().filter(|n| self.wants(n)).cloned().collect();
        if self.removes {
            let mut near = vec![true; whole.rows()];
            for name in &names {
                let column = self.near(&whole.column(name));
                near.iter_mut()
                    .zip(column)
                    .for_each(|(all, own)| *all &= own);
            }
            let mut rest = near.as_slice();
            let kept = batches.into_iter().map(|batch| {
                let (own, after) = rest.split_at(batch.rows());
                rest = after;
                batch.filter(&own.to_vec().into())
            });
            return kept.collect();
        }
        for name in names {
            let column = self.column(&whole.column(&name));
            let mut at = 0;
            for batch in &mut batches {
                batch.set(name.clone(), column.slice(at, batch.rows()));
                at += batch.rows();
            }
        }
        batches
    }
}

impl Stage for Cut {
    fn kind(&self) -> Kind {
        Kind::Mergeable
    }
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        // Which events are left depends on these fields, whatever is shown.
        if self.removes && self.fields.is_empty() {
            return Demand::all();
        }
        for pattern in self.fields.iter().filter(|_| self.removes) {
            demand.add(pattern.as_str());
        }
        demand
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let cut = self.clone();
        Ok(gathered(move |batches| Ok(cut.cut(batches))))
    }
}
