//! `eval`: takes assignments, gives the rows with the fields set to the values of their expressions, one after another.

use super::{BuildContext, Command, Example, Kind, Ordering, ParseContext, Stage, expression};
use crate::data::{Batch, Column, ColumnBuilder, Demand, FieldName, Pattern};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::functions::Program;
use crate::operators::{Operator, try_streaming};
use crate::syntax::expr::{self, Assignment};
use crate::syntax::{Spanned, StageText};
use indexmap::IndexMap;
use std::sync::Arc;

/// The command.
pub struct Eval;

impl Command for Eval {
    fn name(&self) -> &'static str {
        "eval"
    }
    fn summary(&self) -> &'static str {
        "Sets fields to the values of expressions"
    }
    fn usage(&self) -> &'static str {
        "eval <field>=<expression>[, <field>=<expression>]…"
    }
    fn offers(&self) -> super::Offers {
        super::Offers::Expressions
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | eval kb=bytes/1024, size=if(kb>1, \"big\", \"small\")",
                input: "{\"bytes\":2048}\n{\"bytes\":512}",
                output: "{\"bytes\":2048,\"kb\":2,\"size\":\"big\"}\n{\"bytes\":512,\"kb\":0.5,\"size\":\"small\"}",
            },
            Example {
                query: "* | eval who=user.\"@\".host | fields who",
                input: "{\"user\":\"a\",\"host\":\"h\"}\n{\"user\":\"b\"}",
                output: "{\"who\":\"a@h\"}\n{}",
            },
        ]
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        let arguments = &text.arguments;
        if arguments.node.is_empty() {
            let missing = Diagnostic::at(
                &code::MISSING_ARGUMENT,
                text.span(),
                "eval needs a field and an expression",
            );
            return Err(vec![missing.help(format!("usage: {}", self.usage()))]);
        }
        let (assignments, mut errors) = expr::assignments(&arguments.node, arguments.span.start);
        let mut steps = Vec::with_capacity(assignments.len());
        for Assignment { target, value } in assignments {
            match expression::program(&value, cx.context) {
                Ok(program) if program.gives_boolean() => errors.push(boolean(&target, value.span)),
                Ok(program) => steps.push(Step {
                    target: Target::new(&target.node),
                    program,
                }),
                Err(found) => errors.extend(found),
            }
        }
        if errors.is_empty() {
            Ok(Box::new(Evaluated {
                steps: steps.into(),
            }))
        } else {
            Err(errors)
        }
    }
}

fn boolean(target: &Spanned<String>, span: crate::diagnostic::Span) -> Diagnostic {
    let name = &target.node;
    Diagnostic::at(
        &code::BOOLEAN_RESULT,
        span,
        format!("`{name}` can't hold true or false"),
    )
    .note("gives a Boolean")
    .help(format!(
        "make it a value: {name}=if(…, \"true\", \"false\") or tostring(…)"
    ))
}

/// The field that an expression is put into.
#[derive(Debug)]
enum Target {
    Name(FieldName),
    /// `{name}` in the target stands for the value of a field: texts and fields in turn, a text first.
    Computed(Vec<String>),
}

impl Target {
    fn new(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, (inside, after))) = rest
            .split_once('{')
            .and_then(|(before, from)| Some((before, from.split_once('}')?)))
            .filter(|(_, (inside, _))| !inside.is_empty())
        {
            parts.push(before.to_owned());
            parts.push(inside.to_owned());
            rest = after;
        }
        if parts.is_empty() {
            return Target::Name(text.into());
        }
        parts.push(rest.to_owned());
        Target::Computed(parts)
    }

    /// The fields that the name is computed from.
    fn fields(&self) -> impl Iterator<Item = &String> {
        let parts: &[String] = match self {
            Target::Name(_) => &[],
            Target::Computed(parts) => parts,
        };
        parts.iter().skip(1).step_by(2)
    }

    /// Whether the assignment can matter to what is wanted.
    fn is_wanted(&self, wanted: &Demand) -> bool {
        match self {
            Target::Name(name) => wanted.wants(name),
            Target::Computed(parts) => {
                let texts: Vec<&str> = parts.iter().step_by(2).map(String::as_str).collect();
                let pattern = Pattern::new(texts.join("*"));
                !wanted.is_exact() || wanted.names.iter().any(|name| pattern.matches(name))
            }
        }
    }
}

/// One assignment.
#[derive(Debug)]
struct Step {
    target: Target,
    program: Program,
}

impl Step {
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        if self.target.is_wanted(after) {
            if let Target::Name(name) = &self.target {
                demand.remove(name);
            }
            for field in self.program.fields() {
                demand.add_exact(field);
            }
            for field in self.target.fields() {
                demand.add_exact(field);
            }
        }
        demand
    }

    fn apply(&self, batch: &mut Batch) -> Result<(), Diagnostic> {
        let column = match self.program.evaluate(batch)? {
            // No field holds a Boolean: it is there as its text.
            column @ Column::Bool(_) => {
                let mut texts = ColumnBuilder::default();
                for row in 0..column.len() {
                    texts.push_option(column.text(row).as_deref());
                }
                texts.finish()
            }
            column => column,
        };
        match &self.target {
            // An expression that has no value erases its field.
            Target::Name(name) if column.is_all_null() => {
                batch.remove(name);
            }
            Target::Name(name) => batch.set(name.clone(), column),
            Target::Computed(parts) => compute(batch, parts, &column),
        }
        Ok(())
    }
}

/// Puts each value into the field that its row names. A row in which a part of the name is missing sets none.
fn compute(batch: &mut Batch, parts: &[String], column: &Column) {
    let named = |(at, part): (usize, &String)| (at % 2 == 1).then(|| batch.column(part));
    let sources: Vec<Option<Column>> = parts.iter().enumerate().map(named).collect();
    let mut rows: IndexMap<String, Vec<usize>> = IndexMap::new();
    'rows: for row in 0..batch.rows() {
        let mut name = String::new();
        for (part, source) in parts.iter().zip(&sources) {
            match source {
                None => name.push_str(part),
                Some(source) => match source.text(row) {
                    Some(text) => name.push_str(&text),
                    None => continue 'rows,
                },
            }
        }
        if !name.is_empty() {
            rows.entry(name).or_default().push(row);
        }
    }
    for (name, rows) in rows {
        let old = batch.column(&name);
        let mut merged = ColumnBuilder::default();
        let mut next = rows.into_iter().peekable();
        for row in 0..batch.rows() {
            let from = if next.next_if_eq(&row).is_some() {
                column
            } else {
                &old
            };
            merged.push(from.value(row));
        }
        batch.set(name, merged.finish());
    }
}

/// `eval` with its assignments.
#[derive(Debug)]
struct Evaluated {
    steps: Arc<[Step]>,
}

impl Stage for Evaluated {
    fn creates(&self) -> Vec<String> {
        let name = |step: &Step| match &step.target {
            Target::Name(name) => Some(name.to_string()),
            Target::Computed(_) => None,
        };
        self.steps.iter().filter_map(name).collect()
    }
    fn kind(&self) -> Kind {
        Kind::Streaming
    }
    fn ordering(&self) -> Ordering {
        Ordering::Keeps
    }
    fn demand(&self, after: &Demand) -> Demand {
        let steps = self.steps.iter().rev();
        steps.fold(after.clone(), |after, step| step.demand(&after))
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        // A step whose field no one wants is not run.
        let mut needed = Vec::with_capacity(self.steps.len());
        let mut wanted = cx.wanted.clone();
        for step in self.steps.iter().rev() {
            needed.push(step.target.is_wanted(&wanted));
            wanted = step.demand(&wanted);
        }
        needed.reverse();
        let steps = self.steps.clone();
        Ok(try_streaming(move |mut batch| {
            for (step, _) in steps.iter().zip(&needed).filter(|(_, needed)| **needed) {
                step.apply(&mut batch)?;
            }
            Ok(batch)
        }))
    }
}

#[cfg(test)]
mod tests {
    use crate::commands::testing::{check, demand, refused};

    #[test]
    fn a_value_that_is_none_erases_the_field() {
        check(
            "* | eval a=b/0, c=nosuch",
            "{\"a\":1,\"b\":2,\"c\":3}",
            "{\"b\":2}",
        );
    }

    #[test]
    fn a_target_can_be_computed() {
        check(
            "* | eval {k}=v, \"x_{k}\"=1",
            "{\"k\":\"a\",\"v\":1}\n{\"k\":\"b\",\"v\":2,\"b\":0}\n{\"v\":3}",
            "{\"k\":\"a\",\"v\":1,\"a\":1,\"x_a\":1}\n{\"k\":\"b\",\"v\":2,\"b\":2,\"x_b\":1}\n{\"v\":3}",
        );
    }

    #[test]
    fn demand_leaves_out_what_is_made_here() {
        assert_eq!(demand("eval a=b+c", &["a", "x"]), "x, b, c");
        assert_eq!(demand("eval a=b+c", &["x"]), "x");
        assert_eq!(demand("eval a=a+1", &["a"]), "a");
        assert_eq!(demand("eval a=b, c=a", &["c"]), "b");
        assert_eq!(demand("eval a=b", &["*"]), "* without a");
    }

    #[test]
    fn errors_are_told_together() {
        let found: Vec<_> = refused("eval x=isnull(n), y=nosuch(1), z=")
            .into_iter()
            .map(|(code, _)| code)
            .collect();
        assert!(
            found.contains(&"E0112") && found.contains(&"E0107"),
            "{found:?}"
        );
        assert_eq!(found.len(), 3, "{found:?}");
        assert_eq!(refused("eval")[0].0, "E0111");
    }
}
