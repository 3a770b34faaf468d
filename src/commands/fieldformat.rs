//! `fieldformat`: how a field looks in a table, while its value stays.

use super::{BuildContext, Command, Example, ParseContext, Stage};
use crate::data::{Column, Demand, FieldName};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::functions::Program;
use crate::operators::{Apply, Operator, Streaming, streaming};
use crate::syntax::{StageText, expr};
use std::sync::Arc;

/// The command.
pub struct Fieldformat;

impl Command for Fieldformat {
    fn name(&self) -> &'static str {
        "fieldformat"
    }
    fn summary(&self) -> &'static str {
        "Says how a field looks in a table; later stages and other formats see its value"
    }
    fn usage(&self) -> &'static str {
        "fieldformat <field>=<expression>"
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | stats sum(n) AS total | fieldformat total=\"$\".tostring(total, \"commas\") | eval twice=total*2",
                input: "{\"n\":1000}\n{\"n\":234}",
                output: "{\"total\":1234,\"twice\":2468}",
            },
            Example {
                query: "* | table start | fieldformat start=strftime(start, \"%F\")",
                input: "{\"start\":0}",
                output: "{\"start\":0}",
            },
        ]
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        let arguments = &text.arguments;
        if arguments.node.trim().is_empty() {
            let message = "fieldformat needs a field and an expression";
            let missing = Diagnostic::at(&code::MISSING_ARGUMENT, text.span(), message);
            return Err(vec![missing.help(format!("usage: {}", self.usage()))]);
        }
        let (assignments, errors) = expr::assignments(&arguments.node, arguments.span.start);
        if !errors.is_empty() {
            return Err(errors);
        }
        let [assignment] = assignments.as_slice() else {
            let message = "fieldformat takes one field";
            return Err(vec![Diagnostic::at(&code::SYNTAX, arguments.span, message)]);
        };
        let program = super::expression::program(&assignment.value, cx)?;
        if program.gives_boolean() {
            let message = "fieldformat needs a text or a number, and this is true or false";
            let span = assignment.value.span;
            return Err(vec![Diagnostic::at(&code::BOOLEAN_RESULT, span, message)]);
        }
        Ok(Box::new(Formatted {
            field: assignment.target.node.as_str().into(),
            program: Arc::new(program),
        }))
    }
}

/// `fieldformat` with its arguments.
#[derive(Debug)]
struct Formatted {
    field: FieldName,
    program: Arc<Program>,
}

impl Stage for Formatted {
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        self.program.add_to(&mut demand);
        demand
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        // A field that is not there yet is, without values, where the rows are shown.
        let field = self.field.clone();
        Ok(streaming(move |mut batch| {
            if batch.get(&field).is_none() {
                batch.set(field.clone(), Column::Null(batch.rows()));
            }
            batch
        }))
    }
    fn rendering(&self) -> Option<Arc<dyn Streaming>> {
        let (field, program) = (self.field.clone(), self.program.clone());
        Some(Arc::new(Apply(move |mut batch: crate::data::Batch| {
            let Some(own) = batch.get(&field).cloned() else {
                return Ok(batch);
            };
            let shown = program.evaluate(&batch)?;
            // Where the expression gives nothing the value itself is shown.
            let value = |row| match shown.is_null(row) {
                true => own.value(row),
                false => shown.value(row),
            };
            let column = Column::from_values((0..batch.rows()).map(value));
            batch.set(field.clone(), column);
            Ok(batch)
        })))
    }
}
