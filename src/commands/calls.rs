//! The clauses that stats and its relatives share: takes the words of the arguments, gives aggregate calls and by-fields.

use super::ParseContext;
use super::arguments::{Arguments, Word};
use crate::aggregates::Calls;
use crate::data::FieldName;
use crate::diagnostic::{Diagnostic, Diagnostics, Span, code};
use crate::syntax::aggregates::parse_aggregates;
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
    let parsed = parse_aggregates(&word.text, word.span.start);
    if !parsed.diagnostics.is_empty() {
        return Err(parsed.diagnostics);
    }
    let whole = parsed.length == word.text.trim_end().len();
    match parsed.list.into_iter().next() {
        Some(mut call) if whole => {
            // `count()` is called `count`.
            if let Some(bare) = call.text.strip_suffix("()") {
                call.text = bare.to_owned();
            }
            Ok(call)
        }
        _ => Ok(unread(word)),
    }
}

/// A word that is no call, as the name of a function without a field: the list of aggregates says what is wrong with it.
fn unread(word: &Word) -> AggregateText {
    let name = word.text.split('(').next().unwrap_or("").trim();
    let span = word.span;
    AggregateText {
        function: Spanned::new(
            name.to_ascii_lowercase(),
            Span::new(span.start, span.start + name.len()),
        ),
        text: word.text.clone(),
        span,
        ..plain("")
    }
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
