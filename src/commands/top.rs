//! `top`: takes fields, gives their most frequent combinations of values, with counts and percentages.

use super::arguments::Arguments;
use super::{Command, Example, OptionDoc, ParseContext, Stage, frequency};
use crate::diagnostic::Diagnostics;
use crate::syntax::StageText;

/// The command.
pub struct Top;

impl Command for Top {
    fn name(&self) -> &'static str {
        "top"
    }
    fn summary(&self) -> &'static str {
        "Lists the most frequent values of fields, with their counts and percentages"
    }
    fn usage(&self) -> &'static str {
        "top [<N>|limit=<N>] [showcount=<bool>] [showperc=<bool>] [countfield=<name>] [percentfield=<name>] \
         [useother=<bool>] [otherstr=<text>] <field>… [BY <field>…]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        frequency::OPTIONS
    }
    fn examples(&self) -> &'static [Example] {
        EXAMPLES
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        frequency::read(Arguments::read(self, text), false)
    }
}

static EXAMPLES: &[Example] = &[
    Example {
        query: "* | top verb",
        input: "{\"verb\":\"get\"}\n{\"verb\":\"list\"}\n{\"verb\":\"list\"}\n{\"verb\":\"list\"}",
        output: "{\"verb\":\"list\",\"count\":3,\"percent\":\"75.000000\"}\n{\"verb\":\"get\",\"count\":1,\"percent\":\"25.000000\"}",
    },
    Example {
        query: "* | top 1 useother=t showperc=f verb by user",
        input: "{\"user\":\"al\",\"verb\":\"get\"}\n{\"user\":\"al\",\"verb\":\"get\"}\n{\"user\":\"al\",\"verb\":\"list\"}\n{\"user\":\"bo\",\"verb\":\"list\"}",
        output: "{\"user\":\"al\",\"verb\":\"get\",\"count\":2}\n{\"user\":\"al\",\"verb\":\"OTHER\",\"count\":1}\n{\"user\":\"bo\",\"verb\":\"list\",\"count\":1}",
    },
];

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::testing::{check, demand, refused, rows};

    const EVENTS: &str =
        "{\"c\":\"b\"}\n{\"c\":\"a\"}\n{\"c\":\"a\"}\n{\"c\":\"c\"}\n{\"d\":\"x\"}";

    #[test]
    fn columns_are_named_and_left_out_as_asked() {
        let found = rows("top limit=1 c countfield=n percentfield=p", EVENTS).unwrap();
        assert_eq!(found, ["{\"c\":\"a\",\"n\":\"2\",\"p\":\"50.000000\"}"]);
        check("top 1 showcount=f showperc=0 c", EVENTS, "{\"c\":\"a\"}");
    }

    #[test]
    fn the_default_limit_is_ten_and_zero_is_none() {
        let events: String = (0..25)
            .map(|n| format!("{{\"v\":\"{}\"}}\n", n % 12))
            .collect();
        assert_eq!(rows("top v", &events).unwrap().len(), 10);
        assert_eq!(rows("top 0 v", &events).unwrap().len(), 12);
    }

    #[test]
    fn a_field_is_needed() {
        assert_eq!(refused("top"), [("E0111", "top".to_owned())]);
        assert_eq!(refused("top a by a"), [("E0118", "a".to_owned())]);
        assert_eq!(refused("top limt=3 a"), [("E0109", "limt".to_owned())]);
        assert_eq!(demand("top a by b", &["z"]), "b, a");
    }
}
