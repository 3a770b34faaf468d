//! `sort`: takes fields with directions, gives the rows in their order.

use super::arguments::Arguments;
use super::{BuildContext, Command, Example, Kind, OptionDoc, Ordering, ParseContext, Stage};
use crate::data::Demand;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Operator, Sort as Kernel, SortKey};
use crate::syntax::StageText;
use std::sync::Arc;

/// The command.
pub struct Sort;

/// Rows kept when no limit is given, as in Splunk.
const DEFAULT_LIMIT: usize = 10_000;

impl Command for Sort {
    fn name(&self) -> &'static str {
        "sort"
    }
    fn summary(&self) -> &'static str {
        "Sorts rows by fields, missing values last"
    }
    fn usage(&self) -> &'static str {
        "sort [<N>|limit=<N>] [+|-]<field>[, [+|-]<field>]… [d|desc]; a field may be auto(f), num(f), str(f) or ip(f)"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[OptionDoc {
            name: "limit",
            value: "<N>",
            default: "10000",
            summary: "How many rows to keep; 0 keeps all",
        }]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | sort -bytes | table bytes",
                input: "{\"bytes\":9}\n{\"bytes\":100}\n{}\n{\"bytes\":70}",
                output: "{\"bytes\":100}\n{\"bytes\":70}\n{\"bytes\":9}\n{}",
            },
            Example {
                query: "* | sort 2 user, -str(code) | table user code",
                input: "{\"user\":\"b\",\"code\":1}\n{\"user\":\"a\",\"code\":10}\n{\"user\":\"a\",\"code\":9}",
                output: "{\"user\":\"a\",\"code\":9}\n{\"user\":\"a\",\"code\":10}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let option = arguments.count("limit");
        let given = arguments.number().map(|(number, _)| number).or(option);
        let keys = arguments.sort_keys();
        arguments.finish(|| Box::new(Sorted { keys, limit: given }) as Box<dyn Stage>)
    }
}

/// `sort` with its arguments.
#[derive(Debug)]
struct Sorted {
    keys: Vec<SortKey>,
    /// As given; 0 is all.
    limit: Option<usize>,
}

impl Stage for Sorted {
    fn kind(&self) -> Kind {
        Kind::Mergeable
    }
    fn ordering(&self) -> Ordering {
        Ordering::Makes
    }
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        for key in &self.keys {
            demand.add(&key.field);
        }
        // Rows with equal keys keep their order, which is that of `_time`.
        demand.add("_time");
        demand
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let limit = match self.limit {
            Some(0) => None,
            given => given.or(Some(DEFAULT_LIMIT)),
        };
        Ok(Operator::Mergeable(Arc::new(Kernel {
            keys: self.keys.clone(),
            limit,
            newest_first: !cx.ordered,
            says: self.limit.is_none().then(|| cx.context.notices.clone()),
            memory: cx.context.memory.clone(),
        })))
    }
}

#[cfg(test)]
mod tests {
    use crate::commands::testing::{check, demand, refused};

    #[test]
    fn signs_stand_alone_or_glued_and_desc_turns_all_around() {
        let input = "{\"a\":1,\"b\":1}\n{\"a\":1,\"b\":2}\n{\"a\":2,\"b\":1}";
        let turned = "{\"a\":2,\"b\":1}\n{\"a\":1,\"b\":1}\n{\"a\":1,\"b\":2}";
        check("* | sort - a, b", input, turned);
        check("* | sort a -b desc", input, turned);
        check("* | sort -\"a\" +b", input, turned);
        check("* | sort limit=1 -num(a)", input, "{\"a\":2,\"b\":1}");
    }

    #[test]
    fn equal_rows_keep_their_order() {
        let input = "{\"a\":1,\"i\":1}\n{\"a\":1,\"i\":2}\n{\"a\":\"1.0\",\"i\":3}";
        check("* | sort 0 -a", input, input);
    }

    #[test]
    fn keys_are_demanded() {
        assert_eq!(demand("sort -a num(b)", &["c"]), "c, a, b, _time");
    }

    #[test]
    fn errors_say_where() {
        assert_eq!(refused("sort"), [("E0111", "sort".into())]);
        assert_eq!(refused("sort - "), [("E0103", "-".into())]);
        assert_eq!(
            refused("sort lmit=3 a limit=x"),
            [("E0109", "lmit".into()), ("E0110", "x".into())]
        );
    }
}
