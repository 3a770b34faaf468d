//! `table`: takes names and patterns, gives the rows with exactly those columns in that order.

use super::arguments::Arguments;
use super::fields::FieldList;
use super::{BuildContext, Command, Example, ParseContext, Stage};
use crate::data::{Batch, Demand};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Operator, streaming};
use crate::syntax::StageText;

/// The command.
pub struct Table;

impl Command for Table {
    fn name(&self) -> &'static str {
        "table"
    }
    fn summary(&self) -> &'static str {
        "Gives the named columns, in that order, and no others"
    }
    fn usage(&self) -> &'static str {
        "table <field>[, <field>]…; * stands for any text"
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | table user size",
                input: "{\"size\":3,\"user\":\"bob\",\"id\":7}\n{\"id\":8}",
                output: "{\"user\":\"bob\",\"size\":3}\n{}",
            },
            Example {
                query: "* | table user*, host",
                input: "{\"host\":\"h\",\"user.name\":\"bob\",\"user.groups\":[\"a\",\"b\"],\"verb\":\"get\"}",
                output: "{\"user.name\":\"bob\",\"user.groups{}\":[\"a\",\"b\"],\"host\":\"h\"}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let words = arguments.rest_of("a field");
        arguments.finish(|| {
            let names = words.into_iter().map(|word| word.text.into());
            Box::new(Tabled {
                list: FieldList::new(names),
            }) as Box<dyn Stage>
        })
    }
}

/// `table` with its arguments.
#[derive(Debug)]
struct Tabled {
    list: FieldList,
}

impl Stage for Tabled {
    fn demand(&self, after: &Demand) -> Demand {
        self.list.demand(after)
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let list = self.list.clone();
        let wanted = cx.wanted.clone();
        Ok(streaming(move |batch| {
            let mut table = Batch::new(batch.rows());
            table.position = batch.position;
            // A named column that no event has is shown empty.
            for name in list.resolve(&batch) {
                if wanted.wants(&name) {
                    let column = batch.column(&name);
                    table.set(name, column);
                }
            }
            table.found_as(&batch, |name| list.names().any(|told| &**told == name));
            table
        }))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::commands::testing::{demand, refused, rows};

    #[test]
    fn columns_stand_in_the_order_of_the_list() {
        let input = "{\"a\":1,\"b\":2,\"c1\":3,\"c2\":4}";
        let found = rows("* | table c* b, a b", input).unwrap();
        assert_eq!(found, [r#"{"c1":"3","c2":"4","b":"2","a":"1"}"#]);
    }

    #[test]
    fn demand_is_what_both_want() {
        assert_eq!(demand("table a.b c", &["c", "d"]), "c");
        assert_eq!(demand("table a.b \"x y\"", &["*"]), "a.b, x y");
        assert_eq!(refused("table")[0].0, "E0111");
    }
}
