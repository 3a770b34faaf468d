//! `fields`: takes names and patterns, gives the rows with only those fields, or without them.

use super::arguments::Arguments;
use super::{BuildContext, Command, Example, ParseContext, Stage};
use crate::data::{Batch, Column, Demand, FieldName, Pattern};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Operator, streaming};
use crate::syntax::StageText;
use std::sync::Arc;

/// The command.
pub struct Fields;

impl Command for Fields {
    fn name(&self) -> &'static str {
        "fields"
    }
    fn summary(&self) -> &'static str {
        "Keeps or removes fields; _time and _raw stay unless removed by name"
    }
    fn usage(&self) -> &'static str {
        "fields [+|-] <field>[, <field>]…; * stands for any text"
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | fields user*",
                input: "{\"user\":\"bob\",\"user_id\":7,\"size\":3}",
                output: "{\"user\":\"bob\",\"user_id\":7}",
            },
            Example {
                query: "* | fields - *size, _raw",
                input: "{\"_raw\":\"x\",\"user\":\"bob\",\"size\":3,\"fsize\":4}",
                output: "{\"user\":\"bob\"}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let remove = arguments.symbol("-");
        if !remove {
            arguments.symbol("+");
        }
        let words = arguments.rest_of("a field");
        for word in words.iter().filter(|word| word.is("-") || word.is("+")) {
            let message = format!("`{}` stands before the first field only", word.text);
            arguments.syntax(word.span, message);
        }
        let names: Vec<FieldName> = words.iter().map(|word| word.text.as_str().into()).collect();
        arguments.finish(|| {
            Box::new(Chosen {
                list: FieldList::new(names),
                remove,
            }) as Box<dyn Stage>
        })
    }
}

/// Names and patterns in order.
#[derive(Debug, Clone)]
pub(super) struct FieldList(Arc<[Entry]>);

#[derive(Debug)]
enum Entry {
    Name(FieldName),
    Wild(Pattern),
}

impl FieldList {
    /// A name with `*` is a pattern.
    pub(super) fn new(names: impl IntoIterator<Item = FieldName>) -> Self {
        let entry = |name: FieldName| {
            if name.contains('*') {
                Entry::Wild(Pattern::new(&*name))
            } else {
                Entry::Name(name)
            }
        };
        Self(names.into_iter().map(entry).collect())
    }

    /// Whether it names the field. A pattern fits internal fields only when it begins with `_`.
    pub(super) fn contains(&self, field: &str) -> bool {
        self.0.iter().any(|entry| match entry {
            Entry::Name(name) => &**name == field,
            Entry::Wild(pattern) => fits(pattern, field),
        })
    }

    /// Whether it names the field itself, not by a pattern.
    pub(super) fn names(&self) -> impl Iterator<Item = &FieldName> {
        self.0.iter().filter_map(|entry| match entry {
            Entry::Name(name) => Some(name),
            Entry::Wild(_) => None,
        })
    }

    /// The fields of a batch that it names, in the order of the list; named ones also when the batch lacks them.
    pub(super) fn resolve(&self, batch: &Batch) -> Vec<FieldName> {
        let mut found: indexmap::IndexSet<FieldName> = indexmap::IndexSet::new();
        for entry in self.0.iter() {
            match entry {
                Entry::Name(name) => {
                    found.insert(name.clone());
                }
                Entry::Wild(pattern) => {
                    found.extend(batch.names().filter(|name| fits(pattern, name)).cloned());
                }
            }
        }
        found.into_iter().collect()
    }

    /// What of the list is wanted after it.
    pub(super) fn demand(&self, after: &Demand) -> Demand {
        let mut demand = Demand::none();
        for entry in self.0.iter() {
            match entry {
                Entry::Name(name) if after.wants(name) => demand.add_exact(name),
                Entry::Name(_) => {}
                Entry::Wild(pattern) => {
                    if after.is_exact() {
                        for name in after.names.iter().filter(|name| fits(pattern, name)) {
                            demand.add_exact(name);
                        }
                    } else {
                        demand.add(pattern.as_str());
                    }
                }
            }
        }
        demand
    }
}

fn fits(pattern: &Pattern, field: &str) -> bool {
    (!field.starts_with('_') || pattern.as_str().starts_with('_')) && pattern.matches(field)
}

/// Fields that stay unless they are removed by name.
const KEPT: [&str; 2] = ["_time", "_raw"];

/// `fields` with its arguments.
#[derive(Debug)]
struct Chosen {
    list: FieldList,
    remove: bool,
}

impl Stage for Chosen {
    fn demand(&self, after: &Demand) -> Demand {
        if !self.remove {
            let mut demand = self.list.demand(after);
            for name in KEPT.iter().filter(|name| after.wants(name)) {
                demand.add_exact(name);
            }
            return demand;
        }
        let mut demand = after.clone();
        for name in self.list.names() {
            demand.remove(name);
        }
        demand.names.retain(|name| !self.list.contains(name));
        demand
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let list = self.list.clone();
        Ok(if self.remove {
            streaming(move |mut batch| {
                batch.retain(|field| !list.contains(field));
                batch
            })
        } else {
            streaming(move |batch| keep(&list, &batch))
        })
    }
}

/// The batch with the internal fields, then those of the list in its order.
fn keep(list: &FieldList, batch: &Batch) -> Batch {
    let mut kept = Batch::new(batch.rows());
    kept.position = batch.position;
    let told = |name: &str| list.names().any(|told| &**told == name);
    let names = KEPT.iter().map(|name| FieldName::from(*name));
    for name in names.chain(list.resolve(batch)) {
        if let Some(column) = batch.get(&name) {
            kept.set(name, column.clone());
        } else if batch.is_finding() && told(&name) {
            // Other batches may have found it: its place is the same in all.
            kept.set(name, Column::Null(batch.rows()));
        }
    }
    kept.found_as(batch, told);
    kept
}

#[cfg(test)]
mod tests {
    use crate::commands::testing::{check, demand, refused};

    #[test]
    fn internal_fields_stay_unless_named() {
        let event = "{\"_time\":5,\"_raw\":\"r\",\"a\":1,\"b\":2}";
        check(
            "* | fields a",
            event,
            "{\"_time\":5,\"_raw\":\"r\",\"a\":1}",
        );
        check(
            "* | fields + a",
            event,
            "{\"_time\":5,\"_raw\":\"r\",\"a\":1}",
        );
        check("* | fields - *", event, "{\"_time\":5,\"_raw\":\"r\"}");
        check("* | fields -a, _raw", event, "{\"_time\":5,\"b\":2}");
        check("* | fields - _*", event, "{\"a\":1,\"b\":2}");
    }

    #[test]
    fn demand_is_what_both_want() {
        assert_eq!(demand("fields a b*", &["a", "b1", "c"]), "a, b1");
        assert_eq!(demand("fields a", &["a", "_time"]), "a, _time");
        assert_eq!(demand("fields a b", &["*"]), "a, b, _time, _raw");
        assert_eq!(demand("fields - a b*", &["a", "b1", "c"]), "c");
        assert_eq!(demand("fields - a", &["*"]), "* without a");
    }

    #[test]
    fn a_list_is_needed() {
        assert_eq!(refused("fields")[0].0, "E0111");
        assert_eq!(refused("fields -")[0].0, "E0111");
    }
}
