//! JSON written in an expression: takes the rest of a text, gives the JSON at its start without the blanks in it.

use super::Grown;
use crate::syntax::ast::{Expr, ExprKind};
use crate::syntax::lexis::trim;
use crate::syntax::reader::{Parsed, Reader};

/// Whether an object or an array of JSON starts here. An array is told from a subsearch by what it starts with: no
/// command starts with a quote, a digit or a bracket.
pub(super) fn starts(input: &str) -> bool {
    let first = |inside: &str| trim(inside).chars().next();
    if let Some(inside) = input.strip_prefix('{') {
        return matches!(first(inside), Some('"' | '}'));
    }
    let Some(inside) = input.strip_prefix('[') else {
        return false;
    };
    match first(inside) {
        Some('"' | '{' | '[' | ']' | '-') => true,
        Some(c) if c.is_ascii_digit() => true,
        _ => ["true", "false", "null"].iter().any(|word| {
            let after = trim(inside).strip_prefix(word).map(trim);
            after.is_some_and(|after| after.starts_with([',', ']']))
        }),
    }
}

/// The object or array up to its closing bracket. Whether it is right inside is seen when the expression is compiled.
pub(super) fn literal<'a>(reader: &Reader<'a>, input: &'a str) -> Parsed<'a, Grown> {
    let (mut text, mut depth) = (String::new(), 0usize);
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in input.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '{' | '[' if !quoted => depth += 1,
            '}' | ']' if !quoted => depth -= 1,
            c if c.is_whitespace() && !quoted => continue,
            _ => {}
        }
        text.push(c);
        if depth == 0 {
            let rest = input.get(at + c.len_utf8()..).unwrap_or_default();
            let span = reader.between(input, rest);
            let kind = ExprKind::Json(text);
            return Ok((rest, (Expr { kind, span }, 1)));
        }
    }
    reader.failure(reader.unclosed(input))
}
