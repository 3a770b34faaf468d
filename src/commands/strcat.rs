//! `strcat`: takes fields and texts, gives them joined in a field.

use super::arguments::{Arguments, Word};
use super::{BuildContext, Command, Example, OptionDoc, ParseContext, Stage};
use crate::data::{Batch, Column, Demand, FieldName, TextBuilder};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Operator, streaming};
use crate::syntax::StageText;
use std::sync::Arc;

/// The command.
pub struct Strcat;

impl Command for Strcat {
    fn name(&self) -> &'static str {
        "strcat"
    }
    fn summary(&self) -> &'static str {
        "Joins the values of fields and quoted texts into a field"
    }
    fn usage(&self) -> &'static str {
        "strcat [allrequired=<bool>] <field>|\"<text>\" … <new-field>"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[OptionDoc {
            name: "allrequired",
            value: "true|false",
            default: "false",
            summary: "Writes nothing when a field has no value; else it counts as empty",
        }]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | strcat src \"/\" dest pair",
                input: "{\"src\":\"a\",\"dest\":\"b\"}\n{\"src\":\"a\"}",
                output: "{\"src\":\"a\",\"dest\":\"b\",\"pair\":\"a/b\"}\n{\"src\":\"a\",\"pair\":\"a/\"}",
            },
            Example {
                query: "* | strcat allrequired=t src \"/\" dest pair",
                input: "{\"src\":\"a\"}",
                output: "{\"src\":\"a\"}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let all_required = arguments.flag("allrequired", false);
        let mut words = arguments.rest(&[]);
        let target = words.pop().map(|word| word.text).unwrap_or_default();
        if words.is_empty() {
            arguments.missing("what to join and the name of the new field");
        }
        arguments.finish(|| {
            Box::new(Joined {
                pieces: words.into_iter().map(Piece::from).collect(),
                target: target.into(),
                all_required,
            }) as Box<dyn Stage>
        })
    }
}

#[derive(Debug)]
enum Piece {
    Field(FieldName),
    Text(String),
}

impl From<Word> for Piece {
    fn from(word: Word) -> Self {
        if word.quoted {
            Piece::Text(word.text)
        } else {
            Piece::Field(word.text.into())
        }
    }
}

/// `strcat` with its arguments.
#[derive(Debug)]
struct Joined {
    pieces: Arc<[Piece]>,
    target: FieldName,
    all_required: bool,
}

impl Stage for Joined {
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        if after.wants(&self.target) {
            // A target that may be left as it is must be there.
            if !self.all_required {
                demand.remove(&self.target);
            }
            for piece in self.pieces.iter() {
                if let Piece::Field(field) = piece {
                    demand.add_exact(field);
                }
            }
        }
        demand
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let (pieces, target) = (self.pieces.clone(), self.target.clone());
        let all_required = self.all_required;
        let wanted = cx.wanted.wants(&target);
        Ok(streaming(move |mut batch| {
            if wanted {
                let joined = join(&batch, &pieces, all_required, &target);
                batch.set(target.clone(), joined);
            }
            batch
        }))
    }
}

fn join(batch: &Batch, pieces: &[Piece], all_required: bool, target: &str) -> Column {
    let columns: Vec<Option<Column>> = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Field(field) => Some(batch.column(field)),
            Piece::Text(_) => None,
        })
        .collect();
    let old = batch.column(target);
    let mut texts = TextBuilder::new();
    let mut text = String::new();
    for row in 0..batch.rows() {
        let lacks = |column: &Option<Column>| column.as_ref().is_some_and(|c| c.is_null(row));
        if all_required && columns.iter().any(lacks) {
            texts.append_option(old.text(row));
            continue;
        }
        text.clear();
        for (piece, column) in pieces.iter().zip(&columns) {
            match (piece, column) {
                (Piece::Text(literal), _) => text.push_str(literal),
                (Piece::Field(_), Some(column)) => {
                    text.push_str(&column.text(row).unwrap_or_default());
                }
                (Piece::Field(_), None) => {}
            }
        }
        texts.append_value(&text);
    }
    Column::Text(texts.finish())
}

#[cfg(test)]
mod tests {
    use crate::commands::testing::{demand, refused};

    #[test]
    fn a_target_that_no_one_wants_costs_nothing() {
        assert_eq!(demand("strcat a \"b\" c", &["c", "x"]), "x, a");
        assert_eq!(demand("strcat a \"b\" c", &["x"]), "x");
        assert_eq!(demand("strcat allrequired=t a c", &["c"]), "c, a");
        assert_eq!(refused("strcat c")[0].0, "E0111");
    }
}
