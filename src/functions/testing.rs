//! For tests: takes expression texts and fields, gives shown results.

use super::{Program, compile};
use crate::data::{Batch, Context, Value};
use crate::syntax::Expr;

/// The tree of an expression that is right.
pub fn parse(text: &str) -> Expr {
    let (expr, errors) = crate::syntax::expr::parse(text, 0);
    expr.unwrap_or_else(|| panic!("{text}: {errors:?}"))
}

/// The program of an expression that is right.
pub fn program(text: &str) -> Program {
    compile(&parse(text), &Context::default()).unwrap_or_else(|e| panic!("{text}: {e:?}"))
}

/// The codes of what is wrong.
pub fn errors(text: &str) -> Vec<&'static str> {
    let errors = compile(&parse(text), &Context::default()).unwrap_err();
    errors.iter().map(|e| e.code.id).collect()
}

/// A value as text; values of a multivalue joined by `, `, nothing for null.
pub fn show(value: &Value) -> String {
    value.to_texts().join(", ")
}

/// The result for an event without fields.
pub fn shown(text: &str) -> String {
    show(&program(text).evaluate(&Batch::new(1)).unwrap().value(0))
}

/// The result for an event with these fields; a value with `|` is a multivalue. The same must come of a batch of
/// three such events, and of constants folded or not.
pub fn on(text: &str, fields: &[(&str, &str)]) -> String {
    let row = || -> Vec<(&str, Value)> {
        fields
            .iter()
            .map(|(name, value)| {
                let values = value.split('|').map(str::to_owned).collect();
                (*name, Value::multi(values))
            })
            .collect()
    };
    let program = program(text);
    let column = program
        .evaluate(&Batch::from_rows([row(), row(), row()]))
        .unwrap();
    let results: Vec<String> = (0..3).map(|i| show(&column.value(i))).collect();
    assert_eq!(results[0], results[2], "{text}");
    results[0].clone()
}
