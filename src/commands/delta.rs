//! `delta`: how a number differs from that of an earlier row.

use super::arguments::Arguments;
use super::in_order::{InOrder, in_order};
use super::{Command, Example, OptionDoc, ParseContext, Stage};
use crate::data::ColumnBuilder;
use crate::diagnostic::Diagnostics;
use crate::syntax::StageText;
use std::collections::VecDeque;

/// The command.
pub struct Delta;

impl Command for Delta {
    fn name(&self) -> &'static str {
        "delta"
    }
    fn summary(&self) -> &'static str {
        "Computes how a number differs from that of an earlier row"
    }
    fn usage(&self) -> &'static str {
        "delta <field> [AS <field>] [p=<N>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[OptionDoc {
            name: "p",
            value: "<N>",
            default: "1",
            summary: "How many rows earlier",
        }]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | sort n | delta n | table n delta(n)",
                input: "{\"n\":1}\n{\"n\":4}\n{\"n\":9}",
                output: "{\"n\":1}\n{\"n\":4,\"delta(n)\":3}\n{\"n\":9,\"delta(n)\":5}",
            },
            Example {
                query: "* | sort n | delta n AS step p=2 | table n step",
                input: "{\"n\":1}\n{\"n\":4}\n{\"n\":9}",
                output: "{\"n\":1}\n{\"n\":4}\n{\"n\":9,\"step\":8}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let back = arguments.positive("p").unwrap_or(1).max(1);
        // The reference writes the fields in parentheses, and its examples without.
        let open = arguments.symbol("(");
        let field = arguments.field("a field");
        let target = super::in_order::target(&mut arguments)
            .unwrap_or_else(|| format!("delta({field})").into());
        if open && !arguments.symbol(")") {
            arguments.missing("`)`");
        }
        arguments.finish(|| {
            InOrder::boxed(vec![field.clone()], vec![target.clone()], move || {
                let (field, target) = (field.clone(), target.clone());
                let mut before: VecDeque<Option<f64>> = VecDeque::new();
                in_order(move |mut batch| {
                    let own = batch.column(&field);
                    let mut column = ColumnBuilder::default();
                    for row in 0..batch.rows() {
                        let number = own.number(row);
                        let earlier = match before.len() == back {
                            true => before.pop_front().flatten(),
                            false => None,
                        };
                        match number.zip(earlier) {
                            Some((number, earlier)) => column.push_number(number - earlier),
                            None => column.push_null(),
                        }
                        before.push_back(number);
                    }
                    batch.set(target.clone(), column.finish());
                    Ok(batch)
                })
            })
        })
    }
}
