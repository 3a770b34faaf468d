//! What may be a condition: takes compiled expressions, says which is surely no truth. A field is only known when it is read.

use super::Kind;
use super::node::Node;
use crate::data::Value;

/// Why an expression can be neither true nor false; `None` when it can.
pub fn no_truth(node: &Node) -> Option<String> {
    match (node.constant(), node.kind) {
        (Some(Value::Text(text)), Kind::Text) => {
            Some(format!("the text \"{text}\" is neither true nor false"))
        }
        (Some(Value::Null), _) => None,
        (_, Kind::Text) => Some("a text is neither true nor false".to_owned()),
        (_, Kind::Number) => Some("a number is neither true nor false".to_owned()),
        _ => None,
    }
}

/// The check of `if`: its first argument is a condition.
pub(super) fn first(arguments: &[Node]) -> Result<(), (usize, String)> {
    refused(arguments.iter().take(1))
}

/// The check of `case` and `validate`: every other argument is a condition.
pub(super) fn every_other(arguments: &[Node]) -> Result<(), (usize, String)> {
    refused(arguments.iter().step_by(2)).map_err(|(which, message)| (which * 2, message))
}

fn refused<'n>(conditions: impl Iterator<Item = &'n Node>) -> Result<(), (usize, String)> {
    let mut wrong = conditions.enumerate();
    match wrong.find_map(|(which, node)| Some((which, no_truth(node)?))) {
        Some(found) => Err(found),
        None => Ok(()),
    }
}
