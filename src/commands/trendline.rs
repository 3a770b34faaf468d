//! `trendline`: moving averages of a field.

use super::arguments::{Arguments, Word};
use super::in_order::{InOrder, in_order};
use super::{Command, Example, ParseContext, Stage};
use crate::data::{ColumnBuilder, FieldName};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::syntax::StageText;
use std::collections::VecDeque;

/// The command.
pub struct Trendline;

impl Command for Trendline {
    fn name(&self) -> &'static str {
        "trendline"
    }
    fn summary(&self) -> &'static str {
        "Computes moving averages: simple, exponential or weighted"
    }
    fn usage(&self) -> &'static str {
        "trendline sma|ema|wma<N>(<field>) [AS <field>] …; N from 2 to 10000"
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | sort n | trendline sma2(n) AS trend | table n trend",
                input: "{\"n\":1}\n{\"n\":3}\n{\"n\":7}",
                output: "{\"n\":1}\n{\"n\":3,\"trend\":2}\n{\"n\":7,\"trend\":5}",
            },
            Example {
                query: "* | sort n | trendline wma2(n) | table n wma2(n)",
                input: "{\"n\":1}\n{\"n\":4}",
                output: "{\"n\":1}\n{\"n\":4,\"wma2(n)\":3}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let mut trends = Vec::new();
        if arguments.peek().is_none() {
            arguments.missing("a trend such as sma5(<field>)");
        }
        while let Some(word) = arguments.next() {
            let target = super::in_order::target(&mut arguments);
            match trend(&word) {
                Some((kind, period, field)) => trends.push(Trend {
                    kind,
                    period,
                    target: target.unwrap_or_else(|| word.text.as_str().into()),
                    field,
                }),
                None => {
                    let message = format!("trendline can't read `{}`", word.text);
                    arguments.error(
                        Diagnostic::at(&code::SYNTAX, word.span, message)
                            .help("a trend is sma, ema or wma, a number from 2 to 10000, and a field in parentheses: sma5(count)"),
                    );
                }
            }
        }
        arguments.finish(|| {
            let reads = trends.iter().map(|t| t.field.clone()).collect();
            let makes = trends.iter().map(|t| t.target.clone()).collect();
            InOrder::boxed(reads, makes, move || {
                let mut running: Vec<(Trend, Running)> = trends
                    .iter()
                    .map(|t| (t.clone(), Running::default()))
                    .collect();
                in_order(move |mut batch| {
                    for (trend, running) in &mut running {
                        let own = batch.column(&trend.field);
                        let mut column = ColumnBuilder::default();
                        for row in 0..batch.rows() {
                            match own.number(row).and_then(|n| running.add(trend, n)) {
                                Some(number) => column.push_number(number),
                                None => column.push_null(),
                            }
                        }
                        batch.set(trend.target.clone(), column.finish());
                    }
                    Ok(batch)
                })
            })
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Average {
    Simple,
    Exponential,
    Weighted,
}

#[derive(Debug, Clone)]
struct Trend {
    kind: Average,
    period: usize,
    field: FieldName,
    target: FieldName,
}

/// `sma5(field)` in its parts.
fn trend(word: &Word) -> Option<(Average, usize, FieldName)> {
    let (head, field) = word.text.strip_suffix(')')?.split_once('(')?;
    let (kind, period) = head.split_at_checked(3)?;
    let kind = match kind.to_ascii_lowercase().as_str() {
        "sma" => Average::Simple,
        "ema" => Average::Exponential,
        "wma" => Average::Weighted,
        _ => return None,
    };
    let period = period.parse().ok().filter(|p| (2..=10_000).contains(p))?;
    let field = field.trim().trim_matches('"');
    (!field.is_empty()).then(|| (kind, period, field.into()))
}

/// The values so far, the newest last.
#[derive(Debug, Default)]
struct Running {
    values: VecDeque<f64>,
    exponential: Option<f64>,
}

impl Running {
    /// The average once there are enough values.
    fn add(&mut self, trend: &Trend, number: f64) -> Option<f64> {
        self.values.push_back(number);
        if self.values.len() > trend.period {
            self.values.pop_front();
        }
        // As the reference writes it: alpha * EMA(t-1) + (1 - alpha) * field(t).
        let alpha = 2.0 / (trend.period as f64 + 1.0);
        let before = self.exponential.unwrap_or(number);
        self.exponential = Some(alpha * before + (1.0 - alpha) * number);
        if self.values.len() < trend.period {
            return None;
        }
        let count = trend.period as f64;
        match trend.kind {
            Average::Simple => Some(self.values.iter().sum::<f64>() / count),
            Average::Exponential => self.exponential,
            Average::Weighted => {
                let weighted = (1..).zip(&self.values).map(|(n, v)| f64::from(n) * v);
                Some(weighted.sum::<f64>() / (count * (count + 1.0) / 2.0))
            }
        }
    }
}
