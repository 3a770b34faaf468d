//! `where`: takes an eval expression, gives the rows for which it is true.

use super::{BuildContext, Command, Example, ParseContext, Stage};
use crate::data::{Batch, Demand, Filter, Mask};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::functions::Program;
use crate::operators::{Operator, try_streaming};
use crate::syntax::{ExprKind, StageText, expr};
use std::sync::Arc;

/// The command.
pub struct Where;

impl Command for Where {
    fn name(&self) -> &'static str {
        "where"
    }
    fn summary(&self) -> &'static str {
        "Keeps the rows for which an expression is true"
    }
    fn usage(&self) -> &'static str {
        "where <expression>; a name without quotes is a field, a text in double quotes is a value"
    }
    fn offers(&self) -> super::Offers {
        super::Offers::Expressions
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | where bytes>100 AND user!=\"root\"",
                input: "{\"bytes\":9,\"user\":\"a\"}\n{\"bytes\":900,\"user\":\"root\"}\n{\"bytes\":900,\"user\":\"b\"}",
                output: "{\"bytes\":900,\"user\":\"b\"}",
            },
            Example {
                query: "* | where user=owner",
                input: "{\"user\":\"a\",\"owner\":\"a\"}\n{\"user\":\"a\",\"owner\":\"b\"}\n{\"user\":\"a\"}",
                output: "{\"user\":\"a\",\"owner\":\"a\"}",
            },
        ]
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        if text.arguments.node.is_empty() {
            let missing = Diagnostic::at(
                &code::MISSING_ARGUMENT,
                text.span(),
                "where needs an expression",
            );
            return Err(vec![missing.help(format!("usage: {}", self.usage()))]);
        }
        let condition = condition(
            self.name(),
            &text.arguments.node,
            text.arguments.span.start,
            cx,
        )?;
        Ok(Box::new(Kept { condition }))
    }
}

/// An expression that is true or false, compiled.
pub(super) fn condition(
    command: &str,
    text: &str,
    offset: usize,
    cx: &ParseContext<'_>,
) -> Result<Arc<Program>, Diagnostics> {
    let (expression, diagnostics) = expr::parse(text, offset);
    let Some(expression) = expression.filter(|_| diagnostics.is_empty()) else {
        return Err(diagnostics);
    };
    let refused = |what: &str| {
        let message = format!("{command} needs an expression that is true or false, and {what}");
        let diagnostic = Diagnostic::at(&code::SYNTAX, expression.span, message);
        vec![diagnostic.help("compare it: field=\"value\", isnotnull(field), …")]
    };
    if matches!(expression.kind, ExprKind::Field(_)) {
        return Err(refused("this is a field"));
    }
    let program = super::expression::program(&expression, cx)?;
    match program.no_truth() {
        Some(why) => Err(refused(&why)),
        None => Ok(Arc::new(program)),
    }
}

/// `where` with its expression.
#[derive(Debug)]
struct Kept {
    condition: Arc<Program>,
}

/// The expression as the source asks it.
struct Asked {
    condition: Arc<Program>,
    demand: Demand,
}

impl Filter for Asked {
    fn demand(&self) -> &Demand {
        &self.demand
    }
    fn keep(&self, batch: &Batch) -> Result<Mask, Diagnostic> {
        self.condition.truth(batch)
    }
}

impl Stage for Kept {
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        self.condition.add_to(&mut demand);
        demand
    }
    fn predicate(&self) -> Option<Arc<dyn Filter>> {
        let mut demand = Demand::none();
        self.condition.add_to(&mut demand);
        // All fields would be read twice.
        let condition = self.condition.clone();
        (!self.condition.reads_all()).then(|| Arc::new(Asked { condition, demand }) as _)
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let condition = self.condition.clone();
        Ok(try_streaming(move |batch| {
            Ok(batch.filter(&condition.truth(&batch)?))
        }))
    }
}

#[cfg(test)]
mod tests {
    use crate::commands::testing::{check, demand, refused};

    #[test]
    fn what_is_no_condition_is_refused() {
        assert_eq!(refused("where"), [("E0111", "where".into())]);
        assert_eq!(refused("where abc"), [("E0103", "abc".into())]);
        assert_eq!(refused("where nosuch(n)>1")[0].0, "E0107");
    }

    #[test]
    fn searchmatch_runs_a_search() {
        check(
            "* | where searchmatch(\"user=B* bytes>1\")",
            "{\"user\":\"bob\",\"bytes\":2}\n{\"user\":\"bob\",\"bytes\":1}\n{\"user\":\"ann\",\"bytes\":2}",
            "{\"user\":\"bob\",\"bytes\":2}",
        );
        assert_eq!(refused("where searchmatch(\"(a\")")[0].0, "E0104");
    }

    #[test]
    fn the_fields_of_the_expression_are_demanded() {
        assert_eq!(demand("where a>1 AND 'b c'=d", &["x"]), "x, a, b c, d");
    }
}
