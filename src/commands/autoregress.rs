//! `autoregress`: copies values of earlier rows into a row.

use super::arguments::{Arguments, Word};
use super::in_order::{InOrder, in_order};
use super::{Command, Example, OptionDoc, ParseContext, Stage};
use crate::data::{ColumnBuilder, FieldName, Value};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::syntax::StageText;
use std::collections::VecDeque;

/// The command.
pub struct Autoregress;

impl Command for Autoregress {
    fn name(&self) -> &'static str {
        "autoregress"
    }
    fn summary(&self) -> &'static str {
        "Copies the values that a field had in earlier rows into each row"
    }
    fn usage(&self) -> &'static str {
        "autoregress <field> [AS <field>] [p=<N>|<N>-<N>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[OptionDoc {
            name: "p",
            value: "<N>|<N>-<N>",
            default: "1",
            summary: "How many rows earlier, or from how many to how many",
        }]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | sort n | autoregress n p=1-2 | table n n_p1 n_p2",
                input: "{\"n\":1}\n{\"n\":2}\n{\"n\":3}",
                output: "{\"n\":1}\n{\"n\":2,\"n_p1\":1}\n{\"n\":3,\"n_p1\":2,\"n_p2\":1}",
            },
            Example {
                query: "* | sort n | autoregress n AS before | table n before",
                input: "{\"n\":1}\n{\"n\":2}",
                output: "{\"n\":1}\n{\"n\":2,\"before\":1}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let (from, to) = match super::calls::value(&arguments, "p") {
            None => (1, 1),
            Some(value) => steps(&value).unwrap_or_else(|| {
                super::calls::bad_value(
                    &mut arguments,
                    "p",
                    &value,
                    "a number from 1, or two such as 1-3",
                );
                (1, 1)
            }),
        };
        let field = arguments.field("a field");
        let named = super::in_order::target(&mut arguments);
        if let Some(option) = arguments
            .option("p")
            .filter(|_| named.is_some() && from != to)
        {
            let span = option.name.span.to(option.value.span);
            let message = "a range of steps makes several fields, so AS can't name them";
            arguments.error(
                Diagnostic::at(&code::OPTION_VALUE, span, message)
                    .help("without AS they are named after the field: n_p1, n_p2, …"),
            );
        }
        let target = |back: usize| match &named {
            Some(name) => name.clone(),
            None => format!("{field}_p{back}").into(),
        };
        let targets: Vec<(usize, FieldName)> =
            (from..=to).map(|back| (back, target(back))).collect();
        let made = targets.iter().map(|(_, name)| name.clone()).collect();
        arguments.finish(|| {
            InOrder::boxed(vec![field.clone()], made, move || {
                let (field, targets) = (field.clone(), targets.clone());
                // The newest first.
                let mut before: VecDeque<Value> = VecDeque::new();
                in_order(move |mut batch| {
                    let own = batch.column(&field);
                    let mut columns: Vec<ColumnBuilder> =
                        targets.iter().map(|_| ColumnBuilder::default()).collect();
                    for row in 0..batch.rows() {
                        for ((back, _), column) in targets.iter().zip(&mut columns) {
                            column.push(before.get(back - 1).cloned().unwrap_or_default());
                        }
                        before.push_front(own.value(row));
                        before.truncate(to);
                    }
                    for ((_, target), column) in targets.iter().zip(columns) {
                        batch.set(target.clone(), column.finish());
                    }
                    Ok(batch)
                })
            })
        })
    }
}

/// `2`, or `1-3`.
fn steps(value: &Word) -> Option<(usize, usize)> {
    let (from, to) = value
        .text
        .split_once('-')
        .unwrap_or((&value.text, &value.text));
    let (from, to) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
    (from > 0 && from <= to && to <= 10_000).then_some((from, to))
}
