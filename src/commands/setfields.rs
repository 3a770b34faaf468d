//! `setfields`: gives fields the same value in every row.

use super::arguments::Arguments;
use super::{BuildContext, Command, Example, Kind, Ordering, ParseContext, Stage};
use crate::data::{Column, Demand, FieldName, Value};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Operator, streaming};
use crate::syntax::StageText;

/// The command.
pub struct Setfields;

impl Command for Setfields {
    fn name(&self) -> &'static str {
        "setfields"
    }
    fn summary(&self) -> &'static str {
        "Gives fields the same text in every row"
    }
    fn usage(&self) -> &'static str {
        "setfields <field>=\"<text>\"[, <field>=\"<text>\"]…"
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | setfields place=\"here\", rank=1 | table n place rank",
                input: "{\"n\":1}",
                output: "{\"n\":1,\"place\":\"here\",\"rank\":1}",
            },
            Example {
                query: "* | setfields n=\"x\" | table n",
                input: "{\"n\":1}\n{\"n\":2}",
                output: "{\"n\":\"x\"}\n{\"n\":\"x\"}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let (mut arguments, options) = Arguments::with_any_options(self, text);
        if options.is_empty() {
            arguments.missing("<field>=<text>");
        }
        let values = options
            .into_iter()
            .map(|option| (FieldName::from(option.name.node), option.value.node.text))
            .collect();
        arguments.finish(|| Box::new(Set { values }) as Box<dyn Stage>)
    }
}

/// `setfields` with its arguments.
#[derive(Debug, Clone)]
struct Set {
    values: Vec<(FieldName, String)>,
}

impl Stage for Set {
    fn kind(&self) -> Kind {
        Kind::Streaming
    }
    fn ordering(&self) -> Ordering {
        Ordering::Keeps
    }
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        for (name, _) in &self.values {
            demand.remove(name);
        }
        demand
    }
    fn creates(&self) -> Vec<String> {
        self.values
            .iter()
            .map(|(name, _)| name.to_string())
            .collect()
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let values = self.values.clone();
        Ok(streaming(move |mut batch| {
            for (name, text) in &values {
                let value = Value::Text(text.clone());
                batch.set(name.clone(), Column::constant(&value, batch.rows()));
            }
            batch
        }))
    }
}
