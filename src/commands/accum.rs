//! `accum`: adds up a field from row to row.

use super::arguments::Arguments;
use super::in_order::{InOrder, in_order};
use super::{Command, Example, ParseContext, Stage};
use crate::data::ColumnBuilder;
use crate::diagnostic::Diagnostics;
use crate::syntax::StageText;

/// The command.
pub struct Accum;

impl Command for Accum {
    fn name(&self) -> &'static str {
        "accum"
    }
    fn summary(&self) -> &'static str {
        "Adds up the numbers of a field from row to row"
    }
    fn usage(&self) -> &'static str {
        "accum <field> [AS <field>]"
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | sort n | accum n AS total | table n total",
                input: "{\"n\":1}\n{\"n\":2}\n{\"n\":3}",
                output: "{\"n\":1,\"total\":1}\n{\"n\":2,\"total\":3}\n{\"n\":3,\"total\":6}",
            },
            Example {
                query: "* | sort n | accum n | table n",
                input: "{\"n\":1}\n{\"n\":2}",
                output: "{\"n\":1}\n{\"n\":3}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let field = arguments.field("a field");
        let target = super::in_order::target(&mut arguments).unwrap_or_else(|| field.clone());
        arguments.finish(|| {
            InOrder::boxed(vec![field.clone()], vec![target.clone()], move || {
                let (field, target) = (field.clone(), target.clone());
                let mut sum = 0.0;
                in_order(move |mut batch| {
                    let own = batch.column(&field);
                    let mut column = ColumnBuilder::default();
                    for row in 0..batch.rows() {
                        match own.number(row) {
                            Some(number) => {
                                sum += number;
                                column.push_number(sum);
                            }
                            // What is no number is passed over; the field keeps it.
                            None if field == target => column.push(own.value(row)),
                            None => column.push_null(),
                        }
                    }
                    batch.set(target.clone(), column.finish());
                    Ok(batch)
                })
            })
        })
    }
}
