//! `eval`: takes assignments, gives the rows with the fields set to the values of their expressions, one after another.

use super::{Before, BuildContext, Command, Example, Origin, ParseContext, Stage, expression};
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
            // What was not read whole would only give errors that follow from the first.
            let broken = |e: &Diagnostic| {
                let (start, end) = (value.span.start, value.span.end);
                e.span.is_some_and(|s| (start..=end).contains(&s.start))
            };
            if errors.iter().any(broken) {
                continue;
            }
            match expression::program(&value, cx) {
                Ok(program) if program.gives_boolean() => errors.push(boolean(&target, value.span)),
                Ok(program) => steps.push(Step {
                    target: Target::new(&target.node),
                    span: target.span,
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
    /// `{name}` in the target stands for the value of a field: texts and fields in turn, a text first; and how deep
    /// braces stand in each other.
    Computed(Vec<String>, usize),
}

impl Target {
    fn new(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut rest = text;
        // The innermost braces come first: `{{a}}` is the field that the value of `a` names.
        while let Some((open, after)) = rest.split_once('}')
            && let Some((before, inside)) = open.rsplit_once('{')
            && !inside.is_empty()
        {
            parts.push(before.to_owned());
            parts.push(inside.to_owned());
            rest = after;
        }
        if parts.is_empty() {
            return Target::Name(text.into());
        }
        parts.push(rest.to_owned());
        Target::Computed(parts, nesting(text))
    }

    /// The fields that the name is computed from.
    fn fields(&self) -> impl Iterator<Item = &String> {
        let parts: &[String] = match self {
            Target::Name(_) => &[],
            Target::Computed(parts, _) => parts,
        };
        parts.iter().skip(1).step_by(2)
    }

    /// Whether a field of this name is one that is assigned. A name that is computed whole (`{k}`) tells nothing.
    fn fits(&self, name: &str) -> bool {
        match self {
            Target::Name(own) => **own == *name,
            Target::Computed(_, 2..) => false,
            Target::Computed(parts, _) => {
                let texts: Vec<&str> = parts.iter().step_by(2).map(String::as_str).collect();
                texts.iter().any(|text| !text.is_empty())
                    && Pattern::new(texts.join("*")).matches(name)
            }
        }
    }

    /// Whether the assignment can matter to what is wanted.
    fn is_wanted(&self, wanted: &Demand) -> bool {
        match self {
            Target::Name(name) => wanted.wants(name),
            // The name is made by fields that are known only when it is.
            Target::Computed(_, 2..) => true,
            Target::Computed(parts, _) => {
                let texts: Vec<&str> = parts.iter().step_by(2).map(String::as_str).collect();
                let pattern = Pattern::new(texts.join("*"));
                !wanted.is_exact() || wanted.names.iter().any(|name| pattern.matches(name))
            }
        }
    }
}

/// How deep braces stand in each other.
fn nesting(text: &str) -> usize {
    let (mut depth, mut deepest) = (0usize, 0);
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// One assignment.
#[derive(Debug)]
struct Step {
    target: Target,
    span: crate::diagnostic::Span,
    program: Program,
}

impl Step {
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        if self.target.is_wanted(after) {
            if let Target::Name(name) = &self.target {
                demand.remove(name);
            }
            self.program.add_to(&mut demand);
            for field in self.target.fields() {
                demand.add_exact(field);
            }
            if let Target::Computed(_, 2..) = self.target {
                demand.union(&Demand::all());
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
            Target::Computed(parts, depth) => {
                return compute(batch, (parts, *depth), &column).map_err(|mut error| {
                    error.span.get_or_insert(self.span);
                    error
                });
            }
        }
        Ok(())
    }
}

/// The name with `{field}` in it replaced by the row's value; `None` where a row lacks one.
fn named(batch: &Batch, row: usize, parts: &[String]) -> Option<String> {
    let mut name = String::new();
    for (at, part) in parts.iter().enumerate() {
        match at % 2 {
            0 => name.push_str(part),
            _ => name.push_str(&batch.column(part).text(row)?),
        }
    }
    Some(name)
}

/// A name whose braces stand in each other has one pair after the other resolved. One that still has braces then got
/// them from a value: Splunk follows them without an end, here they are an error.
fn settled(
    batch: &Batch,
    row: usize,
    mut name: String,
    depth: usize,
) -> Result<Option<String>, Diagnostic> {
    for level in 1.. {
        let Target::Computed(parts, _) = Target::new(&name) else {
            break;
        };
        if level >= depth {
            let message = format!("the value of a field in braces holds braces: `{name}`");
            return Err(Diagnostic::new(&code::RUNTIME, message)
                .help("name the new field by a value without braces"));
        }
        match named(batch, row, &parts) {
            Some(next) => name = next,
            None => return Ok(None),
        }
    }
    Ok(Some(name))
}

/// Puts each value into the field that its row names. A row in which a part of the name is missing sets none.
fn compute(
    batch: &mut Batch,
    (parts, depth): (&[String], usize),
    column: &Column,
) -> Result<(), Diagnostic> {
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
        if name.contains('{') {
            match settled(batch, row, name, depth)? {
                Some(settled) => name = settled,
                None => continue,
            }
        }
        if !name.is_empty() {
            rows.entry(name).or_default().push(row);
        }
    }
    batch.finding();
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
    Ok(())
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
            Target::Computed(..) => None,
        };
        self.steps.iter().filter_map(name).collect()
    }
    fn origin(&self, name: &str, before: &Before<'_>) -> Origin {
        match self.steps.iter().any(|step| step.target.fits(name)) {
            true => Origin::Functions,
            false => before(name),
        }
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
