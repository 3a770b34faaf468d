//! `replace`: takes pairs of values, gives the rows with whole values replaced.

use super::arguments::{Arguments, Word};
use super::fields::FieldList;
use super::rename::fill;
use super::{BuildContext, Command, Example, Origin, ParseContext, Stage};
use crate::data::{Column, ColumnBuilder, FieldName, Pattern};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::operators::{Operator, streaming};
use crate::syntax::StageText;
use std::sync::Arc;

/// The command.
pub struct Replace;

impl Command for Replace {
    fn name(&self) -> &'static str {
        "replace"
    }
    fn summary(&self) -> &'static str {
        "Replaces whole values, with * for any text"
    }
    fn usage(&self) -> &'static str {
        "replace <value> WITH <value>[, <value> WITH <value>]… [IN <field>[, <field>]…]; without IN, in every field that no stats or eval function made"
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | replace \"::ffff:*\" with * in src",
                input: "{\"src\":\"::ffff:10.0.0.1\"}\n{\"src\":\"10.0.0.2\"}",
                output: "{\"src\":\"10.0.0.1\"}\n{\"src\":\"10.0.0.2\"}",
            },
            Example {
                query: "* | replace 0 WITH Critical, 1 WITH Error IN level",
                input: "{\"level\":0}\n{\"level\":1}\n{\"level\":10}",
                output: "{\"level\":\"Critical\"}\n{\"level\":\"Error\"}\n{\"level\":10}",
            },
            Example {
                query: "* | eval copy=level | replace 0 WITH Critical | table level copy",
                input: "{\"level\":0}",
                output: "{\"level\":\"Critical\",\"copy\":0}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let mut rules = Vec::new();
        let mut fields = None;
        if arguments.peek().is_none() {
            arguments.missing("a value, WITH and its replacement");
        }
        while let Some(from) = arguments.next() {
            if from.is("in") && !rules.is_empty() {
                let words = arguments.rest_of("a field after IN");
                fields = Some(FieldList::new(
                    words.into_iter().map(|word| FieldName::from(word.text)),
                ));
                break;
            }
            let with = arguments.takes("with");
            match arguments.next().filter(|_| with) {
                Some(to) => rules.extend(rule(from, to, &mut arguments)),
                None => {
                    let message = format!("replace needs WITH and a value after `{}`", from.text);
                    arguments.syntax(from.span, message);
                    arguments.give_up();
                }
            }
        }
        arguments.finish(|| {
            Box::new(Replaced {
                rules: rules.into(),
                fields,
                before: Arc::from([]),
            }) as Box<dyn Stage>
        })
    }
}

fn rule(from: Word, to: Word, arguments: &mut Arguments) -> Option<Rule> {
    let stars = |word: &Word| word.text.matches('*').count();
    let (old, new) = (stars(&from), stars(&to));
    if new > 0 && old != new {
        let message = format!(
            "the number of * in `{}` is {old}, and in `{}` {new}",
            from.text, to.text
        );
        arguments.error(
            Diagnostic::at(&code::OPTION_VALUE, from.span.to(to.span), message)
                .help("a replacement has no *, or as many as the value"),
        );
        return None;
    }
    Some(Rule {
        from: Pattern::new(from.text),
        to: Pattern::new(to.text),
    })
}

/// One replacement.
#[derive(Debug)]
struct Rule {
    from: Pattern,
    to: Pattern,
}

/// What a value becomes: by the last rule without wildcards that fits it, else by the fullest rule with.
fn replaced(rules: &[Rule], value: &str) -> Option<String> {
    let exact = |rule: &&Rule| !rule.from.is_wild() && rule.from.as_str() == value;
    if let Some(rule) = rules.iter().rev().find(exact) {
        return Some(rule.to.as_str().to_owned());
    }
    let literal = |rule: &Rule| rule.from.as_str().len() - rule.from.as_str().matches('*').count();
    let wild = rules.iter().filter(|rule| rule.from.is_wild());
    wild.filter_map(|rule| Some((literal(rule), rule, rule.from.captures(value)?)))
        .max_by_key(|(length, ..)| *length)
        .map(|(_, rule, captures)| fill(&rule.to, &captures))
}

/// `replace` with its arguments.
#[derive(Debug, Clone)]
struct Replaced {
    rules: Arc<[Rule]>,
    /// `None` is every field but the internal ones and those that functions of stats or eval made.
    fields: Option<FieldList>,
    /// The stages before it.
    before: Arc<[Arc<dyn Stage>]>,
}

impl Stage for Replaced {
    fn placed(&self, before: &[Arc<dyn Stage>]) -> Option<Arc<dyn Stage>> {
        self.fields.is_none().then(|| {
            Arc::new(Self {
                before: before.into(),
                ..self.clone()
            }) as Arc<dyn Stage>
        })
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let (rules, fields) = (self.rules.clone(), self.fields.clone());
        let before = self.before.clone();
        Ok(streaming(move |mut batch| {
            let chosen = |name: &FieldName| match &fields {
                Some(list) => list.contains(name),
                None => !name.starts_with('_') && Origin::of(name, &before) != Origin::Functions,
            };
            let names: Vec<FieldName> = batch.names().filter(|n| chosen(n)).cloned().collect();
            for name in names {
                if let Some(column) = batch.get(&name).and_then(|c| replace(&rules, c)) {
                    batch.set(name, column);
                }
            }
            batch
        }))
    }
}

/// The column with its values replaced; `None` when no value changes.
fn replace(rules: &[Rule], column: &Column) -> Option<Column> {
    let fits = |row: usize| {
        column
            .values(row)
            .any(|text| replaced(rules, &text).is_some())
    };
    let first = (0..column.len()).find(|&row| fits(row))?;
    let mut out = ColumnBuilder::default();
    out.append(&column.slice(0, first));
    for row in first..column.len() {
        if fits(row) {
            out.push_texts(
                column
                    .values(row)
                    .map(|text| replaced(rules, &text).unwrap_or_else(|| text.into_owned())),
            );
        } else {
            out.push(column.value(row));
        }
    }
    Some(out.finish())
}

#[cfg(test)]
mod tests {
    use crate::commands::testing::{check, refused};

    #[test]
    fn whole_values_only_and_the_fullest_pattern_first() {
        check(
            "* | replace loc with X in h",
            "{\"h\":\"localhost\"}",
            "{\"h\":\"localhost\"}",
        );
        check(
            "* | replace * with other, web* with \"a *\", web1 with one, db* with db in h",
            "{\"h\":\"web1\"}\n{\"h\":\"web2\"}\n{\"h\":\"db7\"}\n{\"h\":\"x\"}",
            "{\"h\":\"one\"}\n{\"h\":\"a 2\"}\n{\"h\":\"db\"}\n{\"h\":\"other\"}",
        );
        check(
            "* | replace \"* localhost\" WITH \"localhost *\"",
            "{\"h\":[\"my localhost\",\"b\"],\"i\":1}",
            "{\"h\":[\"localhost my\",\"b\"],\"i\":1}",
        );
    }

    #[test]
    fn errors_say_where() {
        assert_eq!(
            refused("replace a* with *b*"),
            [("E0110", "a* with *b*".into())]
        );
        assert_eq!(refused("replace a b"), [("E0103", "a".into())]);
        assert_eq!(refused("replace a with b in")[0].0, "E0111");
        assert_eq!(refused("replace")[0].0, "E0111");
    }
}
