//! The clauses that stats and its relatives share: takes the words of the arguments, gives aggregate calls and by-fields.

use super::ParseContext;
use super::arguments::{Arguments, Word};
use crate::aggregates::Calls;
use crate::data::FieldName;
use crate::diagnostic::{Diagnostic, Span, code};
use crate::syntax::{AggregateArgument, AggregateText, OptionText, Spanned};

/// An option's value as a word.
pub(super) fn value(arguments: &Arguments, name: &str) -> Option<Word> {
    arguments.option(name).map(word)
}

/// The value of an option that stands from `start` to before `end`.
pub(super) fn value_between(
    arguments: &Arguments,
    name: &str,
    start: usize,
    end: usize,
) -> Option<Word> {
    arguments.option_between(name, start, end).map(word)
}

fn word(option: &OptionText) -> Word {
    let value = &option.value;
    Word {
        text: value.node.text.clone(),
        quoted: value.node.quoted,
        span: value.span,
    }
}

/// Says that an option's value is not what it takes.
pub(super) fn bad_value(arguments: &mut Arguments, name: &str, value: &Word, takes: &str) {
    let message = format!("{name}= takes {takes}, not `{}`", value.text);
    arguments.error(Diagnostic::at(&code::OPTION_VALUE, value.span, message));
}

/// Takes the calls up to a word of `stop` or the end. None is an error.
pub(super) fn calls(arguments: &mut Arguments, stop: &[&str]) -> Vec<AggregateText> {
    let mut texts = Vec::new();
    let stops = |word: &Word| stop.iter().any(|s| word.is(s));
    if arguments.peek().is_none_or(|word| stops(&word)) {
        arguments.missing("a statistical function such as count or dc(<field>)");
    }
    while arguments.peek().is_some_and(|word| !stops(&word)) {
        texts.extend(arguments.aggregates());
        if arguments.peek().is_some_and(|word| !stops(&word))
            && let Some(word) = arguments.next()
        {
            texts.push(unread(&word));
            if arguments.takes("as") {
                arguments.next();
            }
        }
    }
    // An argument that could not be read was told of; that it is missing would be a second error for one slip.
    texts.retain(|text| {
        text.argument.is_some() || !text.text.contains('(') || text.text.ends_with("()")
    });
    for text in &mut texts {
        // `count()` is called `count`.
        if let Some(bare) = text.text.strip_suffix("()") {
            text.text = bare.to_owned();
        }
    }
    texts
}

/// Calls that need a field and have none are of all fields: `avg` is `avg(*)`.
pub(super) fn of_all_fields(texts: &mut [AggregateText]) {
    for text in texts.iter_mut().filter(|text| text.argument.is_none()) {
        let all = AggregateArgument::Field("*".to_owned());
        let of_all = AggregateText {
            argument: Some(Spanned::new(all, text.span)),
            text: format!("{}(*)", text.text),
            ..text.clone()
        };
        let plans = |text: &AggregateText| {
            let aggregate = crate::aggregates::lookup(text);
            aggregate.and_then(|aggregate| aggregate.plan(text)).is_ok()
        };
        if !plans(text) && plans(&of_all) {
            *text = of_all;
        }
    }
}

/// Refuses a result that is named twice: `first(host) AS a, first(host) AS b`.
pub(super) fn one_name_each(arguments: &mut Arguments, texts: &[AggregateText]) {
    for (at, text) in texts.iter().enumerate() {
        let Some(alias) = &text.alias else { continue };
        let other = texts.iter().take(at).find_map(|other| {
            let name = other.alias.as_ref().filter(|_| other.text == text.text)?;
            (name.node != alias.node).then_some(&name.node)
        });
        if let Some(other) = other {
            let message = format!("`{}` has the name `{other}` already", text.text);
            let error = Diagnostic::at(&code::FIELD_NAME, alias.span, message);
            arguments.error(error.help("copy the column in an eval stage behind this one"));
        }
    }
}

/// Refuses a field that stands in a function and after BY too.
pub(super) fn no_shared_fields(
    arguments: &mut Arguments,
    texts: &[AggregateText],
    by: &[Spanned<FieldName>],
) {
    for text in texts {
        if let Some(argument) = &text.argument
            && let AggregateArgument::Field(name) = &argument.node
            && by.iter().any(|field| *field.node == **name)
        {
            let message = format!("`{name}` is both in a function and after BY or OVER");
            let error = Diagnostic::at(&code::FIELD_NAME, argument.span, message);
            arguments
                .error(error.help(
                    "copy it in an eval stage before, and use the copy in one of the places",
                ));
        }
    }
}

/// Takes the by-fields that are left, up to a word of `stop`; none is an error.
pub(super) fn by_fields(arguments: &mut Arguments, stop: &[&str]) -> Vec<Spanned<FieldName>> {
    fields(arguments, stop, "BY")
}

/// Takes fields by name, up to a word of `stop`; none is an error. `whose` says what takes them.
pub(super) fn fields(
    arguments: &mut Arguments,
    stop: &[&str],
    whose: &str,
) -> Vec<Spanned<FieldName>> {
    let mut patterns = false;
    let mut fields: Vec<Spanned<FieldName>> = Vec::new();
    while let Some(word) = arguments.peek()
        && !stop.iter().any(|s| word.is(s))
    {
        arguments.next();
        if word.text.contains('*') && !word.quoted {
            let message = format!(
                "{whose} takes fields by name, not the pattern `{}`",
                word.text
            );
            arguments.error(Diagnostic::at(&code::FIELD_NAME, word.span, message));
            patterns = true;
        } else if fields.iter().any(|f| *f.node == *word.text) {
            let message = format!("{whose} names the field `{}` twice", word.text);
            arguments.error(Diagnostic::at(&code::FIELD_NAME, word.span, message));
        } else {
            fields.push(Spanned::new(word.text.as_str().into(), word.span));
        }
    }
    if fields.is_empty() && !patterns {
        arguments.missing(&format!("a field after {whose}"));
    }
    fields
}

/// Refuses a column with the name of a by-field, and tells of two results with one name.
pub(super) fn distinct_names(
    arguments: &mut Arguments,
    texts: &[AggregateText],
    by: &[Spanned<FieldName>],
    cx: &ParseContext<'_>,
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
    for (at, text) in texts.iter().enumerate() {
        let same = |other: &&AggregateText| name(other) == name(text) && other.text != text.text;
        if texts.iter().take(at).any(|other| same(&other)) {
            let message = format!(
                "two results are named `{}`: the last one stands",
                name(text)
            );
            cx.context.notices.push("same-name", message, false);
        }
    }
}

/// Checks the calls; their errors go to the arguments.
pub(super) fn read(
    arguments: &mut Arguments,
    texts: &[AggregateText],
    cx: &ParseContext<'_>,
) -> Calls {
    let compile = |expr: &_| super::expression::compile(expr, cx);
    Calls::read(texts, &compile).unwrap_or_else(|errors| {
        errors.into_iter().for_each(|error| arguments.error(error));
        Calls::default()
    })
}

/// Refuses rates over bins of time where there are none.
pub(super) fn no_rates(arguments: &mut Arguments, texts: &[AggregateText]) {
    for text in texts {
        let plan = crate::aggregates::lookup(text).and_then(|aggregate| aggregate.plan(text));
        if plan.is_ok_and(|plan| plan.per().is_some()) {
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

/// Calls by function and field; without a field events are counted.
pub(super) fn known(list: &[(&str, Option<&str>)]) -> Calls {
    let call = |&(function, field): &(&str, Option<&str>)| {
        let argument = |name: &str| {
            let field = AggregateArgument::Field(name.to_owned());
            Spanned::new(field, Span::default())
        };
        AggregateText {
            argument: field.map(argument),
            ..plain(function)
        }
    };
    let texts: Vec<AggregateText> = list.iter().map(call).collect();
    // There are no expressions among them.
    Calls::read(&texts, &|_| Err(Vec::new())).unwrap_or_default()
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
