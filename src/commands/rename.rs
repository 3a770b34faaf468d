//! `rename`: takes pairs of names or patterns, gives the rows with their fields under the new names.

use super::arguments::{Arguments, Word};
use super::{Before, BuildContext, Command, Example, Origin, ParseContext, Stage};
use crate::data::{Batch, Column, Demand, FieldName, Pattern};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::operators::{Operator, streaming};
use crate::syntax::StageText;
use std::sync::Arc;

/// The command.
pub struct Rename;

impl Command for Rename {
    fn name(&self) -> &'static str {
        "rename"
    }
    fn summary(&self) -> &'static str {
        "Gives fields other names"
    }
    fn usage(&self) -> &'static str {
        "rename <field> AS <new-name>[, <field> AS <new-name>]…; both may have the same number of *"
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | rename sourceIPs{} as src_ip user.name AS \"The User\"",
                input: "{\"sourceIPs{}\":\"1.2.3.4\",\"user.name\":\"bob\"}",
                output: "{\"src_ip\":\"1.2.3.4\",\"The User\":\"bob\"}",
            },
            Example {
                query: "* | rename Processes.* as *",
                input: "{\"Processes.dest\":\"h1\",\"Processes.user\":\"bob\"}",
                output: "{\"dest\":\"h1\",\"user\":\"bob\"}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        if arguments.peek().is_none() {
            arguments.missing("a field, AS and its new name");
        }
        let mut pairs = Vec::new();
        let mut broken = false;
        while let Some(from) = arguments.next() {
            if !arguments.takes("as") {
                // One error is enough for a row of names without AS.
                if std::mem::replace(&mut broken, true) {
                    continue;
                }
                let message = format!("rename needs AS and a new name after `{}`", from.text);
                arguments.syntax(from.span, message);
                continue;
            }
            broken = false;
            let again = pairs.iter().any(|pair| match pair {
                Pair::Name(name, _) => **name == *from.text,
                Pair::Wild(..) => false,
            });
            if again {
                let message = format!("`{}` gets two new names", from.text);
                arguments.error(
                    Diagnostic::at(&code::FIELD_NAME, from.span, message)
                        .help("a field has one name; eval copies it to another"),
                );
            }
            match arguments.next() {
                Some(to) => pairs.extend(pair(from, to, &mut arguments)),
                None => arguments.syntax(from.span, "rename needs a new name after AS"),
            }
        }
        arguments.finish(|| {
            Box::new(Renamed {
                pairs: pairs.into(),
            }) as Box<dyn Stage>
        })
    }
}

fn pair(from: Word, to: Word, arguments: &mut Arguments) -> Option<Pair> {
    let stars = |name: &str| name.matches('*').count();
    let (old, new) = (stars(&from.text), stars(&to.text));
    if old != new {
        let message = format!(
            "the number of * in `{}` is {old}, and in `{}` {new}",
            from.text, to.text
        );
        arguments.error(
            Diagnostic::at(&code::FIELD_NAME, from.span.to(to.span), message)
                .help("both names of a rename need the same number of *"),
        );
        return None;
    }
    Some(if old == 0 {
        Pair::Name(from.text.into(), to.text.into())
    } else {
        Pair::Wild(Pattern::new(from.text), Pattern::new(to.text))
    })
}

/// One renaming.
#[derive(Debug, Clone)]
enum Pair {
    Name(FieldName, FieldName),
    Wild(Pattern, Pattern),
}

/// The name that a pattern gives when its wildcards stand for these texts.
pub(super) fn fill(pattern: &Pattern, captures: &[&str]) -> String {
    let mut captures = captures.iter();
    let mut name = String::new();
    for (i, part) in pattern.as_str().split('*').enumerate() {
        if i > 0 {
            name.push_str(captures.next().copied().unwrap_or(""));
        }
        name.push_str(part);
    }
    name
}

/// What a field is called after a wildcard rename. Internal fields need a pattern that begins with `_`.
fn renamed(from: &Pattern, to: &Pattern, name: &str) -> Option<String> {
    if name.starts_with('_') && !from.as_str().starts_with('_') {
        return None;
    }
    from.captures(name).map(|captures| fill(to, &captures))
}

/// Renames a field that a pattern found. Whether a batch has it is a matter of its rows: one without it keeps what it has
/// under the new name.
fn moved(batch: &mut Batch, from: &str, to: String) {
    let kept = batch.column(&to);
    batch.rename(from, to.as_str());
    if *from != to && !kept.is_all_null() {
        let own = batch.column(&to);
        let value = |row| match own.is_null(row) {
            true => kept.value(row),
            false => own.value(row),
        };
        let both = Column::from_values((0..batch.rows()).map(value));
        batch.set(to.as_str(), both);
    }
}

impl Pair {
    fn apply(&self, batch: &mut Batch) {
        match self {
            Pair::Name(from, to) if batch.get(from).is_some() => batch.rename(from, to.clone()),
            // A field that is not there still takes the place of the other: rename never merges.
            Pair::Name(_, to) => {
                batch.remove(to);
            }
            Pair::Wild(from, to) => {
                let names: Vec<(FieldName, String)> = batch
                    .names()
                    .filter_map(|name| Some((name.clone(), renamed(from, to, name)?)))
                    .collect();
                for (name, new) in names {
                    moved(batch, &name, new);
                }
            }
        }
    }

    /// What made a field after the renaming.
    fn origin(&self, name: &str, before: &Before<'_>) -> Origin {
        match self {
            Pair::Name(from, to) if **to == *name => before(from),
            Pair::Name(from, _) if **from == *name => Origin::Input,
            Pair::Name(..) => before(name),
            Pair::Wild(from, to) => {
                let old = to.captures(name).map(|captures| fill(from, &captures));
                let old = old.filter(|old| renamed(from, to, old).as_deref() == Some(name));
                let old = old.map_or(Origin::Input, |old| before(&old));
                // No field may have had the old name: then the new one was there already.
                old.or_else(|| before(name))
            }
        }
    }

    fn demand(&self, after: &Demand) -> Demand {
        let mut before = after.clone();
        match self {
            Pair::Name(from, to) if from == to => {}
            Pair::Name(from, to) => {
                before.remove(to);
                before.remove(from);
                if after.wants(to) {
                    before.add_exact(from);
                }
            }
            Pair::Wild(from, to) if after.is_exact() => {
                // A target may come from the pattern or, when nothing fits, be there already.
                for name in &after.names {
                    if let Some(captures) = to.captures(name) {
                        before.add_exact(&fill(from, &captures));
                    }
                }
            }
            Pair::Wild(..) => before = Demand::all(),
        }
        before
    }
}

/// `rename` with its arguments.
#[derive(Debug)]
struct Renamed {
    pairs: Arc<[Pair]>,
}

/// What made a field after renamings.
fn origin(name: &str, pairs: &[Pair], before: &Before<'_>) -> Origin {
    match pairs.split_last() {
        Some((last, pairs)) => last.origin(name, &|name| origin(name, pairs, before)),
        None => before(name),
    }
}

impl Stage for Renamed {
    fn origin(&self, name: &str, before: &Before<'_>) -> Origin {
        origin(name, &self.pairs, before)
    }
    fn demand(&self, after: &Demand) -> Demand {
        let pairs = self.pairs.iter().rev();
        pairs.fold(after.clone(), |after, pair| pair.demand(&after))
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let pairs = self.pairs.clone();
        Ok(streaming(move |mut batch| {
            for pair in pairs.iter() {
                pair.apply(&mut batch);
            }
            batch
        }))
    }
}

#[cfg(test)]
mod tests {
    use crate::commands::testing::{check, demand, refused};

    #[test]
    fn a_missing_source_empties_its_target_row_by_row() {
        check(
            "* | rename a as b",
            "{\"a\":1,\"b\":2}\n{\"b\":3}",
            "{\"b\":1}\n{}",
        );
        check("* | rename a as c", "{\"b\":3}", "{\"b\":3}");
    }

    #[test]
    fn wildcards_carry_what_they_stand_for() {
        check(
            "* | rename *_ip* as ip_*.*",
            "{\"src_ip4\":1,\"_ip\":2,\"x\":3}",
            "{\"ip_src.4\":1,\"_ip\":2,\"x\":3}",
        );
        check("* | rename a as b b as c", "{\"a\":1}", "{\"c\":1}");
    }

    #[test]
    fn demand_maps_names_back() {
        assert_eq!(demand("rename a as b, c as d", &["b", "x"]), "x, a");
        assert_eq!(demand("rename a as b b as c", &["c"]), "a");
        assert_eq!(demand("rename a as b", &["a"]), "none");
        assert_eq!(demand("rename P.* as *", &["dest"]), "dest, P.dest");
        assert_eq!(demand("rename a as b", &["*", "q"]), "* without b");
    }

    #[test]
    fn all_that_is_wrong_is_said() {
        assert_eq!(
            refused("rename price* AS price a b c as d e as"),
            [
                ("E0118", "price* AS price".into()),
                ("E0103", "a".into()),
                ("E0103", "e".into())
            ]
        );
        assert_eq!(refused("rename"), [("E0111", "rename".into())]);
        assert_eq!(refused("rename n m")[0].0, "E0103");
    }
}
