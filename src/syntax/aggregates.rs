//! The statistical calls of stats, chart, timechart and their relatives: takes text, gives the calls in order.

use super::ast::{AggregateArgument, AggregateText, Spanned};
use super::expr;
use super::lexis::{
    any_quoted, atom, bare_name, blanks, bracketed, keyword, parenthesised, trim, unescape,
};
use super::reader::{Fault, Parsed, Reader, consumed};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{tag_no_case, take_while1};
use nom::character::complete::{alpha1, char, digit1};
use nom::combinator::{all_consuming, not, opt, peek, recognize, value, verify};
use nom::sequence::{pair, preceded, terminated};

/// The functions whose names end in a number.
const PERCENTILES: [&str; 4] = ["perc", "p", "exactperc", "upperperc"];

/// The functions that may stand without parentheses.
const BARE: [&str; 3] = ["count", "c", "sparkline"];

/// The calls of one stage.
pub type AggregateList = Vec<AggregateText>;

/// What [`parse_aggregates`] gives.
#[derive(Debug, Clone, Default)]
pub struct ParsedAggregates {
    /// The calls, in order.
    pub list: AggregateList,
    /// How many bytes they took; what follows is the command's: `by`, `over`, …
    pub length: usize,
    /// What is wrong in them.
    pub diagnostics: Diagnostics,
}

/// Parses calls separated by commas or blanks, each with its `AS name`, up to the first word that is none. `text` stands at
/// byte `offset` of the query, its options already taken out.
pub fn parse_aggregates(text: &str, offset: usize) -> ParsedAggregates {
    let reader = Reader::new(text, offset);
    let mut list = Vec::new();
    let mut rest = text;
    loop {
        let start = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        match aggregate(&reader, start) {
            Ok((next, aggregate)) => {
                list.push(aggregate);
                rest = next;
            }
            Err(nom::Err::Failure(fault)) => {
                reader.report_fault(nom::Err::Failure(fault), start, "an aggregate");
                rest = skip_call(start);
            }
            Err(_) => break,
        }
    }
    ParsedAggregates {
        list,
        length: text.len() - rest.len(),
        diagnostics: reader.finish(),
    }
}

/// Past a call that is wrong.
fn skip_call(input: &str) -> &str {
    let (rest, _): (&str, _) = take_while1::<_, _, Fault>(|c: char| !c.is_whitespace() && c != '(')
        .parse(input)
        .unwrap_or(("", ""));
    parenthesised(rest).map_or("", |(after, _)| after)
}

/// One call with its alias.
fn aggregate<'a>(reader: &Reader<'a>, input: &'a str) -> Parsed<'a, AggregateText> {
    let (after, (function, parameter)) = function(input)?;
    let name = Spanned::new(function, reader.between(input, after));
    let called = trim(after);
    let (end, inside) = match called.starts_with('(') {
        true => match parenthesised(called) {
            Ok((end, inside)) => (end, Some(inside)),
            Err(_) => return reader.failure(reader.unclosed(called)),
        },
        false if BARE.contains(&name.node.as_str()) => (after, None),
        false => return Err(nom::Err::Error(Fault(None))),
    };
    let (argument, extra) = match inside {
        Some(inside) => call_arguments(reader, &name.node, inside)?.1,
        None => (None, Vec::new()),
    };
    let text = column_name(consumed(input, after), inside, argument.as_ref());
    let (rest, alias) = alias(reader, end)?;
    let aggregate = AggregateText {
        function: name,
        parameter,
        argument,
        extra,
        alias,
        text,
        span: reader.between(input, rest),
    };
    Ok((rest, aggregate))
}

/// A function's name in lower case, and the number at its end when it is a percentile.
fn function(input: &str) -> Parsed<'_, (String, Option<String>)> {
    let number = recognize(pair(digit1, opt(pair(char('.'), digit1))));
    let letters = verify(alpha1, |name: &str| {
        PERCENTILES.contains(&name.to_lowercase().as_str())
    });
    let percentile = pair(letters, number)
        .map(|(name, digits): (&str, &str)| (name.to_lowercase(), Some(digits.to_owned())));
    let plain = take_while1(|c: char| c.is_alphanumeric() || c == '_')
        .map(|name: &str| (name.to_lowercase(), None));
    let end = peek(not(take_while1(|c: char| {
        c.is_alphanumeric() || "_.:={}*-".contains(c)
    })));
    terminated(alt((terminated(percentile, peek(not(alpha1))), plain)), end).parse(input)
}

type Arguments = (Option<Spanned<AggregateArgument>>, Vec<Spanned<String>>);

/// What stands in the parentheses: one argument, then more as text.
fn call_arguments<'a>(
    reader: &Reader<'a>,
    function: &str,
    inside: &'a str,
) -> Parsed<'a, Arguments> {
    let mut parts = split(inside);
    let first = parts.remove(0).trim();
    if parts.iter().any(|part| part.trim().is_empty()) || (first.is_empty() && !parts.is_empty()) {
        let end = inside.get(inside.len()..).unwrap_or("");
        return reader.failure(reader.unexpected(end, "an argument"));
    }
    let text = |part: &'a str| Spanned::new(part.trim().to_owned(), reader.span(part.trim()));
    let extra = parts.into_iter().map(text).collect();
    if first.is_empty() {
        return Ok(("", (None, extra)));
    }
    // `eval(…)` as the call itself: timechart and chart compute with aggregates in it.
    let evaluated = match function {
        "eval" => Some(inside),
        _ => all_consuming(preceded((tag_no_case("eval"), blanks), parenthesised))
            .parse(first)
            .ok()
            .map(|(_, inner)| inner),
    };
    if let Some(inner) = evaluated {
        let (expr, diagnostics) = expr::parse(inner, reader.span(inner).start);
        reader.report_all(diagnostics);
        let argument =
            expr.map(|expr| Spanned::new(AggregateArgument::Eval(expr), reader.span(inner)));
        return Ok(("", (argument, Vec::new())));
    }
    let field = field(reader, first)?.1;
    Ok(("", (Some(field), extra)))
}

/// The field or pattern of a call; `sparkline` has a call of its own there, kept as written.
fn field<'a>(reader: &Reader<'a>, first: &'a str) -> Parsed<'a, Spanned<AggregateArgument>> {
    let name = match all_consuming(any_quoted).parse(first) {
        Ok((_, (quote, inner))) => unescape(inner, &[quote]),
        Err(_) if first.contains(char::is_whitespace) && !first.contains('(') => {
            let refused = Diagnostic::at(
                &code::SYNTAX,
                reader.span(first),
                format!("`{first}` is no field name"),
            )
            .help("quote a field name that holds blanks; compute a value with eval(…)");
            return reader.failure(refused);
        }
        Err(_) => first.to_owned(),
    };
    let field = AggregateArgument::Field(name);
    Ok(("", Spanned::new(field, reader.span(first))))
}

/// Parts between commas outside of quotes and brackets; at least one.
fn split(inside: &str) -> Vec<&str> {
    let (mut parts, mut start, mut rest) = (Vec::new(), inside, inside);
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(',') {
            parts.push(consumed(start, rest));
            (start, rest) = (after, after);
            continue;
        }
        let group = alt((value((), parenthesised), value((), bracketed)));
        rest = alt((group, atom)).parse(rest).map_or("", |(next, ())| next);
    }
    parts.push(start);
    parts
}

/// The default name of the column: the call as written, without quotes and blanks around a field.
fn column_name(
    name: &str,
    inside: Option<&str>,
    argument: Option<&Spanned<AggregateArgument>>,
) -> String {
    match (inside, argument.map(|a| &a.node)) {
        (None, _) => name.to_owned(),
        (Some(_), Some(AggregateArgument::Field(field)))
            if split(inside.unwrap_or("")).len() == 1 =>
        {
            format!("{name}({field})")
        }
        (Some(inside), _) => {
            let squeezed = inside.split_whitespace().collect::<Vec<_>>().join(" ");
            format!("{name}({squeezed})")
        }
    }
}

/// `AS name`, when it is next.
fn alias<'a>(reader: &Reader<'a>, input: &'a str) -> Parsed<'a, Option<Spanned<String>>> {
    let Ok((start, _)) = preceded(blanks, keyword("as")).parse(input) else {
        return Ok((input, None));
    };
    let start = trim(start);
    let name: Parsed<'a, String> = alt((
        any_quoted.map(|(quote, inner)| unescape(inner, &[quote])),
        bare_name.map(str::to_owned),
    ))
    .parse(start);
    match name {
        Ok((rest, name)) => Ok((rest, Some(Spanned::new(name, reader.between(start, rest))))),
        Err(_) if start.starts_with('"') => reader.failure(reader.unclosed(start)),
        Err(_) => {
            reader.report(reader.unexpected(start, "a name after `as`"));
            Ok((start, None))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (AggregateList, String) {
        let parsed = parse_aggregates(text, 0);
        assert!(
            parsed.diagnostics.is_empty(),
            "{text}: {:?}",
            parsed.diagnostics
        );
        (parsed.list, text[parsed.length..].trim().to_owned())
    }

    fn shown(a: &AggregateText) -> String {
        let argument = match a.argument.as_ref().map(|a| &a.node) {
            None => String::new(),
            Some(AggregateArgument::Field(field)) => field.clone(),
            Some(AggregateArgument::Eval(expr)) => format!("={expr}"),
        };
        let alias = a.alias.as_ref().map_or("", |a| a.node.as_str());
        let number = a.parameter.as_deref().unwrap_or("");
        format!("{}|{number}|{argument}|{alias}|{}", a.function.node, a.text)
    }

    #[test]
    fn calls_of_every_form() {
        let (list, rest) = parsed(
            r#"count c AS "Total Events", dc(x) as d(x) perc95( a.b ) p5(x) exactperc99.9(x) sum(eval(a = "b c")) as s, values("x y") avg(*) by z"#,
        );
        let list: Vec<_> = list.iter().map(shown).collect();
        assert_eq!(
            list,
            [
                "count||||count",
                "c|||Total Events|c",
                "dc||x|d(x)|dc(x)",
                "perc|95|a.b||perc95(a.b)",
                "p|5|x||p5(x)",
                "exactperc|99.9|x||exactperc99.9(x)",
                "sum||=a = \"b c\"|s|sum(eval(a = \"b c\"))",
                "values||x y||values(x y)",
                "avg||*||avg(*)",
            ]
        );
        assert_eq!(rest, "by z");
    }

    #[test]
    fn lists_end_where_the_command_goes_on() {
        let (list, rest) = parsed("count over x");
        assert_eq!((list.len(), rest.as_str()), (1, "over x"));
        let (list, rest) =
            parsed("sparkline(count, 1h) AS trend, eval(avg(a)/avg(b)) as r counter");
        assert_eq!(list[0].extra[0].node, "1h");
        assert_eq!(
            shown(&list[1]),
            "eval||=avg(a) / avg(b)|r|eval(avg(a)/avg(b))"
        );
        assert_eq!(rest, "counter");
    }

    #[test]
    fn errors_of_several_calls_are_told() {
        let parsed = parse_aggregates("sum(a b) max(eval(1+)) avg(x) as , min(x", 5);
        let places: Vec<_> = parsed
            .diagnostics
            .iter()
            .map(|d| d.span.map(|s| s.start))
            .collect();
        assert_eq!(places, [Some(9), Some(25), Some(38), Some(43)]);
    }
}
