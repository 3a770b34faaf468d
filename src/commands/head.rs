//! `head`: takes a number or an expression, gives the first rows: so many, or while the expression is true.

use super::r#where::condition;
use super::{BuildContext, Command, Example, Kind, OptionDoc, Ordering, ParseContext, Stage};
use crate::data::{Batch, Column, Demand};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::functions::Program;
use crate::operators::{Flow, Operator, Serial};
use crate::syntax::{Args, StageText};
use arrow_array::Array;
use std::sync::Arc;

/// The command.
pub struct Head;

/// Rows when neither a number nor an expression is given.
const DEFAULT_LIMIT: usize = 10;

impl Command for Head {
    fn name(&self) -> &'static str {
        "head"
    }
    fn summary(&self) -> &'static str {
        "Keeps the first rows: a number of them, or while an expression is true"
    }
    fn usage(&self) -> &'static str {
        "head [<N>|(<expression>)] [limit=<N>] [null=<bool>] [keeplast=<bool>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[
            OptionDoc {
                name: "limit",
                value: "<N>",
                default: "10",
                summary: "How many rows to keep; all when there is an expression only",
            },
            OptionDoc {
                name: "null",
                value: "true|false",
                default: "false",
                summary: "Whether an expression that is null counts as true",
            },
            OptionDoc {
                name: "keeplast",
                value: "true|false",
                default: "false",
                summary: "Keeps the row that ended it",
            },
        ]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | head 2",
                input: "{\"n\":1}\n{\"n\":2}\n{\"n\":3}",
                output: "{\"n\":1}\n{\"n\":2}",
            },
            Example {
                query: "* | head (n<2) keeplast=true",
                input: "{\"n\":1}\n{\"n\":2}\n{\"n\":1}",
                output: "{\"n\":1}\n{\"n\":2}",
            },
        ]
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut args = Args::new(text, self.usage());
        let options = args.options_named(&["limit", "null", "keeplast"]);
        let null_is_true = args.or_report(options.boolean("null", false), false);
        let keep_last = args.or_report(options.boolean("keeplast", false), false);
        let limit = options.get("limit").map(|option| option.count());
        let limit = args.or_report(limit.transpose(), None);
        let rest = args.take_rest();
        let number = rest.node.parse::<usize>().ok();
        if let (Some(number), Some(_)) = (number, options.get("limit")) {
            let message = format!("head has {number} and limit= both");
            args.report(
                Diagnostic::at(&code::OPTION_VALUE, rest.span, message)
                    .help("one of the two says how many rows to keep"),
            );
        }
        let mut expression = None;
        if !rest.node.is_empty() && number.is_none() {
            let read = condition(self.name(), &rest.node, rest.span.start, cx);
            expression = args.or_report(read.map(Some), None);
        }
        args.finish()?;
        let limit = number.or(limit).or(match expression {
            Some(_) => None,
            None => Some(DEFAULT_LIMIT),
        });
        Ok(Box::new(First {
            limit,
            expression,
            null_is_true,
            keep_last,
        }))
    }
}

/// `head` with its arguments.
#[derive(Debug)]
struct First {
    limit: Option<usize>,
    expression: Option<Arc<Program>>,
    null_is_true: bool,
    keep_last: bool,
}

impl Stage for First {
    fn kind(&self) -> Kind {
        Kind::Serial
    }
    fn ordering(&self) -> Ordering {
        Ordering::Sees
    }
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        if let Some(program) = &self.expression {
            program.add_to(&mut demand);
        }
        demand
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        Ok(Operator::Serial(Box::new(Taking {
            left: self.limit.unwrap_or(usize::MAX),
            expression: self.expression.clone(),
            null_is_true: self.null_is_true,
            keep_last: self.keep_last,
        })))
    }
    fn limit(&self) -> Option<usize> {
        self.limit
    }
}

/// How many rows are still to be taken.
struct Taking {
    left: usize,
    expression: Option<Arc<Program>>,
    null_is_true: bool,
    keep_last: bool,
}

impl Serial for Taking {
    fn push(&mut self, batch: Batch, out: &mut Vec<Batch>) -> Result<Flow, Diagnostic> {
        let mut rows = batch.rows().min(self.left);
        let mut ended = false;
        if let Some(expression) = &self.expression {
            let holds = expression.evaluate(&batch)?;
            if let Some(row) = (0..rows).find(|&row| !holds_at(&holds, row, self.null_is_true)) {
                rows = row + usize::from(self.keep_last);
                ended = true;
            }
        }
        self.left -= rows;
        if rows > 0 {
            out.push(batch.slice(0, rows));
        }
        Ok(if ended || self.left == 0 {
            self.left = 0;
            Flow::Done
        } else {
            Flow::More
        })
    }

    fn finish(&mut self, _: &mut Vec<Batch>) -> Result<(), Diagnostic> {
        Ok(())
    }
}

/// Whether the expression is true in a row.
fn holds_at(column: &Column, row: usize, null_is_true: bool) -> bool {
    if column.is_null(row) {
        return null_is_true;
    }
    match column {
        Column::Bool(values) => values.is_valid(row) && values.value(row),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::commands::testing::{check, refused};

    const INPUT: &str = "{\"n\":1}\n{\"n\":2}\n{\"x\":3}\n{\"n\":3}\n{\"n\":9}";

    #[test]
    fn it_ends_at_the_first_that_is_not_true() {
        check("* | head n<5", INPUT, "{\"n\":1}\n{\"n\":2}");
        check(
            "* | head n<5 keeplast=true null=false",
            INPUT,
            "{\"n\":1}\n{\"n\":2}\n{\"x\":3}",
        );
        check(
            "* | head (n<5) null=true",
            INPUT,
            "{\"n\":1}\n{\"n\":2}\n{\"x\":3}\n{\"n\":3}",
        );
        check("* | head limit=1 (1==1)", INPUT, "{\"n\":1}");
        check("* | head 0", INPUT, "");
        check("* | head", INPUT, INPUT);
    }

    #[test]
    fn errors_say_where() {
        assert_eq!(refused("head 5 limit=3"), [("E0110", "5".into())]);
        assert_eq!(refused("head abc"), [("E0103", "abc".into())]);
        assert_eq!(refused("head null=x limit=y").len(), 2);
        assert!(!refused("head abc def").is_empty());
    }
}
