//! The clauses that stats and its relatives share: takes the words of the arguments, gives aggregate calls and by-fields.

use super::ParseContext;
use super::arguments::{Arguments, Word};
use crate::aggregates::{self, Aggregate, Calls};
use crate::data::FieldName;
use crate::diagnostic::{Diagnostic, Diagnostics, Span, code};
use crate::syntax::{AggregateArgument, AggregateText, Spanned};

/// Takes the calls up to a word of `stop` or the end. None is an error, unless others were found.
pub(super) fn calls(arguments: &mut Arguments, stop: &[&str]) -> Vec<AggregateText> {
    let mut texts = Vec::new();
    let stops = |word: &Word| stop.iter().any(|s| word.is(s));
    if arguments.peek().is_none_or(stops) {
        arguments.missing("a statistical function such as count or dc(<field>)");
    }
    while arguments.peek().is_some_and(|word| !stops(word)) {
        let Some(mut word) = arguments.next() else {
            break;
        };
        // `count (x)` is `count(x)`.
        if let Some(next) = arguments.peek()
            && next.text.starts_with('(')
            && !next.quoted
            && !word.text.contains('(')
        {
            word.text.push_str(&next.text);
            word.span = word.span.to(next.span);
            arguments.next();
        }
        match call(&word) {
            Ok(mut text) => {
                if arguments.peek().is_some_and(|w| w.is("as")) {
                    alias(arguments, &mut text);
                }
                texts.push(text);
            }
            Err(found) => arguments.errors(found),
        }
    }
    texts
}

fn alias(arguments: &mut Arguments, text: &mut AggregateText) {
    let keyword = arguments.next().map_or(text.span, |word| word.span);
    match arguments.next() {
        Some(name) => {
            text.span = text.span.to(name.span);
            text.alias = Some(Spanned::new(name.text, name.span));
        }
        None => arguments.syntax(keyword, "AS has no name after it"),
    }
}

/// Takes the by-fields that are left, up to a word of `stop`; none is an error.
pub(super) fn by_fields(arguments: &mut Arguments, stop: &[&str]) -> Vec<Spanned<FieldName>> {
    let mut fields: Vec<Spanned<FieldName>> = Vec::new();
    while let Some(word) = arguments.peek()
        && !stop.iter().any(|s| word.is(s))
    {
        let Some(word) = arguments.next() else { break };
        if word.text.contains('*') && !word.quoted {
            let message = format!("BY takes fields by name, not the pattern `{}`", word.text);
            arguments.error(Diagnostic::at(&code::FIELD_NAME, word.span, message));
        } else if fields.iter().any(|f| *f.node == *word.text) {
            let message = format!("BY names the field `{}` twice", word.text);
            arguments.error(Diagnostic::at(&code::FIELD_NAME, word.span, message));
        } else {
            fields.push(Spanned::new(word.text.as_str().into(), word.span));
        }
    }
    if fields.is_empty() {
        arguments.missing("a field after BY");
    }
    fields
}

/// Refuses a column with the name of a by-field.
pub(super) fn distinct_names(
    arguments: &mut Arguments,
    texts: &[AggregateText],
    by: &[Spanned<FieldName>],
) {
    let name = |text: &AggregateText| match &text.alias {
        Some(alias) => alias.node.clone(),
        None => text.text.clone(),
    };
    for text in texts {
        if by.iter().any(|field| *field.node == *name(text)) {
            let message = format!("the column `{}` has the name of a BY field", name(text));
            let error = Diagnostic::at(&code::FIELD_NAME, text.span, message);
            arguments.error(error.help("name it with AS"));
        }
    }
}

/// Checks the calls; their errors go to the arguments.
pub(super) fn read(
    arguments: &mut Arguments,
    texts: &[AggregateText],
    cx: &ParseContext<'_>,
) -> Calls {
    let compile = |expr: &_| super::expression::compile(expr, cx.context);
    Calls::read(texts, &compile).unwrap_or_else(|errors| {
        arguments.errors(errors);
        Calls::default()
    })
}

/// Refuses rates over bins of time where there are none.
pub(super) fn no_rates(arguments: &mut Arguments, texts: &[AggregateText], calls: &Calls) {
    for (text, call) in texts.iter().zip(&calls.list) {
        if call.plan.per().is_some() {
            let name = &text.function.node;
            let message = format!("{name} works only in timechart: it needs bins of time");
            let error = Diagnostic::at(&code::UNSUPPORTED_FUNCTION, text.function.span, message);
            arguments.error(error.help("use sum() and divide by the time"));
        }
    }
}

/// Refuses patterns where each call makes one column.
pub(super) fn no_patterns(arguments: &mut Arguments, texts: &[AggregateText]) {
    for text in texts {
        if let Some(argument) = &text.argument
            && matches!(&argument.node, AggregateArgument::Field(name) if name.contains('*'))
        {
            let message = "wildcards can't be used here: name the field";
            arguments.error(Diagnostic::at(&code::FIELD_NAME, text.span, message));
        }
    }
}

/// A call without an argument.
pub(super) fn plain(function: &str) -> AggregateText {
    AggregateText {
        function: Spanned::new(function.to_owned(), Span::default()),
        parameter: None,
        argument: None,
        extra: Vec::new(),
        alias: None,
        text: function.to_owned(),
        span: Span::default(),
    }
}

/// One call from its text.
fn call(word: &Word) -> Result<AggregateText, Diagnostics> {
    let text = word.text.as_str();
    let (head, inside) = match text.split_once('(') {
        Some((head, rest)) => (head.trim_end(), Some(rest)),
        None => (text, None),
    };
    let start = word.span.start;
    let function_span = Span::new(start, (start + head.len()).min(word.span.end));
    let (name, parameter) = function(&head.to_ascii_lowercase());
    let mut call = AggregateText {
        function: Spanned::new(name, function_span),
        parameter,
        argument: None,
        extra: Vec::new(),
        alias: None,
        text: text.to_owned(),
        span: word.span,
    };
    let Some(inside) = inside else {
        return Ok(call);
    };
    let Some(inside) = inside.strip_suffix(')') else {
        let error = Diagnostic::at(&code::SYNTAX, word.span, "a call ends with a parenthesis");
        return Err(vec![error]);
    };
    let offset = start + text.len() - inside.len() - 1;
    argument(inside, offset, &mut call)?;
    Ok(call)
}

/// The name without a percentile's digits, and the digits.
fn function(name: &str) -> (String, Option<String>) {
    let base = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let percentile = |a: &dyn Aggregate| a.usage().contains("<N>");
    if base.len() < name.len()
        && aggregates::find(name).is_none()
        && aggregates::find(base).is_some_and(percentile)
    {
        let digits = name.get(base.len()..).unwrap_or("");
        return (base.to_owned(), Some(digits.to_owned()));
    }
    (name.to_owned(), None)
}

/// Reads what stands between the parentheses.
fn argument(inside: &str, offset: usize, call: &mut AggregateText) -> Result<(), Diagnostics> {
    let trimmed = inside.trim();
    let at = offset + inside.len() - inside.trim_start().len();
    let span = Span::new(at, at + trimmed.len());
    if trimmed.is_empty() {
        call.text = call
            .text
            .split('(')
            .next()
            .unwrap_or("")
            .trim_end()
            .to_owned();
        return Ok(());
    }
    let head = call
        .text
        .split('(')
        .next()
        .unwrap_or("")
        .trim_end()
        .to_owned();
    if let Some(expression) = eval_text(trimmed) {
        let from = at + trimmed.len() - expression.len() - 1;
        let expr = super::expression::parse(expression, from)?;
        call.text = format!("{head}({trimmed})");
        call.argument = Some(Spanned::new(AggregateArgument::Eval(expr), span));
        return Ok(());
    }
    let mut parts = split(trimmed).into_iter();
    let (first, _) = parts.next().unwrap_or_default();
    call.text = format!("{head}({})", unquoted(trimmed));
    call.argument = Some(Spanned::new(
        AggregateArgument::Field(unquoted(first)),
        span,
    ));
    call.extra = parts
        .map(|(part, from)| {
            let span = Span::new(at + from, at + from + part.len());
            Spanned::new(unquoted(part), span)
        })
        .collect();
    Ok(())
}

/// The expression inside `eval(…)`.
fn eval_text(text: &str) -> Option<&str> {
    let head = text.get(..4).filter(|h| h.eq_ignore_ascii_case("eval"))?;
    let rest = text.get(head.len()..)?.trim_start();
    rest.strip_prefix('(')?.strip_suffix(')')
}

/// The parts between commas outside quotes, trimmed, with their places.
fn split(text: &str) -> Vec<(&str, usize)> {
    let (mut parts, mut start, mut quote) = (Vec::new(), 0, None);
    let mut push = |start: usize, end: usize| {
        let part = text.get(start..end).unwrap_or("");
        let lead = part.len() - part.trim_start().len();
        parts.push((part.trim(), start + lead));
    };
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(q), c) if q == c => quote = None,
            (None, ',') => {
                push(start, at);
                start = at + 1;
            }
            _ => {}
        }
    }
    push(start, text.len());
    parts
}

fn unquoted(text: &str) -> String {
    for quote in ['"', '\''] {
        let inner = text.strip_prefix(quote).and_then(|t| t.strip_suffix(quote));
        if let Some(inner) = inner {
            return inner.replace("\\\"", "\"");
        }
    }
    text.to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(text: &str) -> AggregateText {
        let span = Span::new(0, text.len());
        call(&Word {
            text: text.to_owned(),
            quoted: false,
            span,
        })
        .unwrap()
    }

    #[test]
    fn calls_keep_their_text_without_quotes() {
        for (text, name, parameter, field, column) in [
            ("count", "count", None, None, "count"),
            ("count()", "count", None, None, "count"),
            ("DC( user )", "dc", None, Some("user"), "DC(user)"),
            (
                "values(\"a b\")",
                "values",
                None,
                Some("a b"),
                "values(a b)",
            ),
            (
                "perc95.5(x)",
                "perc",
                Some("95.5"),
                Some("x"),
                "perc95.5(x)",
            ),
            ("p95(x)", "p", Some("95"), Some("x"), "p95(x)"),
        ] {
            let call = read(text);
            let argument = call.argument.map(|a| a.node);
            assert_eq!(
                argument,
                field.map(|f| AggregateArgument::Field(f.to_owned()))
            );
            assert_eq!(
                (call.function.node.as_str(), call.text.as_str()),
                (name, column)
            );
            assert_eq!(call.parameter.as_deref(), parameter);
        }
    }
}
