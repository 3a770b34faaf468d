//! The leaves of a search expression: takes the rest of the text, gives a term, comparison, `IN` list or time bound.

use super::{mismatch, no_operator};
use crate::data::time::Modifier;
use crate::diagnostic::{Diagnostic, code};
use crate::syntax::ast::{
    Comparator, Comparison, InList, Literal, SearchExpr, Spanned, Term, TimeBound,
};
use crate::syntax::lexis::{blanks, parenthesised, quoted, separators, trim, unescape};
use crate::syntax::reader::{Fault, Parsed, Reader, consumed};
use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{tag, tag_no_case};
use nom::character::complete::{anychar, char, satisfy};
use nom::combinator::{not, opt, peek, recognize, value, verify};
use nom::multi::many1_count;
use nom::sequence::{pair, preceded, terminated};

/// The time modifiers, told apart from fields by name.
const TIME_MODIFIERS: [&str; 25] = [
    "earliest",
    "latest",
    "_index_earliest",
    "_index_latest",
    "starttime",
    "endtime",
    "starttimeu",
    "endtimeu",
    "timeformat",
    "startdaysago",
    "enddaysago",
    "starthoursago",
    "endhoursago",
    "startminutesago",
    "endminutesago",
    "startmonthsago",
    "endmonthsago",
    "searchtimespandays",
    "searchtimespanhours",
    "searchtimespanminutes",
    "searchtimespanmonths",
    "daysago",
    "hoursago",
    "minutesago",
    "monthsago",
];

/// Keywords beside AND, OR and NOT that are values only in quotes, as the reference has it (`country="IN"`).
const KEYWORDS: [&str; 2] = ["IN", "AS"];

/// The characters before which a backslash is resolved.
const ESCAPED: [char; 2] = ['"', '|'];

/// Whether a character ends a word.
pub(super) fn ends_word(c: char) -> bool {
    c.is_whitespace() || "()[],\"|".contains(c)
}

/// A run of plain characters; a backslash takes the next one with it. `stops` ends the run too.
fn bare<'a>(stops: &'static str) -> impl Parser<&'a str, Output = &'a str, Error = Fault> {
    let plain = satisfy(move |c| !ends_word(c) && !stops.contains(c) && c != '\\' && c != '!');
    let escape = preceded(char('\\'), opt(satisfy(|c| !c.is_whitespace())));
    let mark = terminated(char('!'), peek(not(char('='))));
    recognize(many1_count(alt((
        value((), plain),
        value((), escape),
        value((), mark),
    ))))
}

/// A quoted or bare literal.
fn literal(input: &str) -> Parsed<'_, Literal> {
    let make = |quoted| {
        move |text: &str| Literal {
            text: unescape(text, &ESCAPED),
            quoted,
        }
    };
    alt((
        quoted('"').map(make(true)),
        verify(bare("=<>"), no_operator).map(make(false)),
    ))
    .parse(input)
}

fn comparator(input: &str) -> Parsed<'_, Comparator> {
    alt((
        value(Comparator::Equal, alt((tag("=="), tag("=")))),
        value(Comparator::NotEqual, tag("!=")),
        value(Comparator::LessEqual, tag("<=")),
        value(Comparator::GreaterEqual, tag(">=")),
        value(Comparator::Less, tag("<")),
        value(Comparator::Greater, tag(">")),
    ))
    .parse(input)
}

/// Whether a field name has to be quoted to be read back as it is.
pub(in crate::syntax) fn needs_quotes(name: &str) -> bool {
    !name
        .chars()
        .all(|c| c.is_alphanumeric() || "_.{}-*".contains(c))
        || name.is_empty()
        || !no_operator(name)
        || TIME_MODIFIERS.contains(&name)
}

/// One leaf. A leaf that is wrong is reported and read over.
pub(super) fn leaf<'a>(reader: &Reader<'a>, input: &'a str) -> Parsed<'a, SearchExpr> {
    let parsed = alt((
        |i| time_bound(reader, i),
        |i| comparison(reader, i),
        |i| in_list(reader, i),
        |i| indexed(reader, i),
        |i| term(reader, i),
    ))
    .parse(input);
    match parsed {
        Err(error) => {
            let unclosed = is_unclosed(&error);
            reader.report_fault(error, input, "a search term");
            if unclosed {
                return Ok(("", SearchExpr::And(Vec::new())));
            }
            let skip = alt((value((), bare("")), value((), anychar)));
            preceded(skip, nom::combinator::success(SearchExpr::And(Vec::new()))).parse(input)
        }
        whole => whole,
    }
}

/// Whether a quote or list runs to the end, so that nothing is left to read.
fn is_unclosed(error: &nom::Err<Fault>) -> bool {
    matches!(error, nom::Err::Failure(Fault(Some(d))) if d.code.id == code::UNCLOSED.id)
}

/// The name before an operator.
fn field<'a>(reader: &Reader<'a>, input: &'a str) -> Parsed<'a, Spanned<String>> {
    let (rest, name) = literal(input)?;
    let span = reader.between(input, rest);
    Ok((rest, Spanned::new(name.text, span)))
}

fn time_bound<'a>(reader: &Reader<'a>, input: &'a str) -> Parsed<'a, SearchExpr> {
    let name = verify(bare("=<>"), |name: &str| TIME_MODIFIERS.contains(&name));
    let sign = preceded(blanks, comparator);
    let (start, (name, op)) = terminated(pair(name, sign), blanks).parse(input)?;
    let Ok((rest, found)) = literal(start) else {
        return reader.failure(reader.unexpected(start, "a time"));
    };
    // A field of such a name can be compared with a number.
    let is_time = |text: &str| text.parse::<f64>().is_err() && Modifier::parse(text).is_ok();
    if op == Comparator::NotEqual || op != Comparator::Equal && !is_time(&found.text) {
        return mismatch(input);
    }
    let bound = TimeBound {
        name: Spanned::new(name.to_owned(), reader.span(name)),
        op,
        value: Spanned::new(found.text, reader.between(start, rest)),
    };
    let span = reader.between(input, rest);
    Ok((rest, SearchExpr::Time(Spanned::new(bound, span))))
}

fn comparison<'a>(reader: &Reader<'a>, input: &'a str) -> Parsed<'a, SearchExpr> {
    let (rest, field) = field(reader, input)?;
    let (start, op) = preceded(blanks, comparator).parse(rest)?;
    let start = trim(start);
    let (rest, (value, case)) = compared_value(reader, start)?;
    if rest.starts_with(['=', '<', '>']) || rest.starts_with("!=") {
        return reader.failure(
            reader
                .unexpected(rest, "a blank")
                .help("a value that holds `=`, `<` or `>` needs double quotes"),
        );
    }
    let value = Spanned::new(value, reader.between(start, rest));
    let span = reader.between(input, rest);
    let comparison = Comparison {
        field,
        op,
        value,
        case,
    };
    Ok((rest, SearchExpr::Compare(Spanned::new(comparison, span))))
}

/// The right side of a comparison, and whether it stood in `CASE(…)`.
fn compared_value<'a>(reader: &Reader<'a>, start: &'a str) -> Parsed<'a, (Literal, bool)> {
    if let Ok((rest, (name, value))) = directive(start) {
        return Ok((rest, (value, name.eq_ignore_ascii_case("CASE"))));
    }
    if let Ok((rest, value)) = literal(start)
        && (value.quoted || !KEYWORDS.contains(&value.text.as_str()))
    {
        return Ok((rest, (value, false)));
    }
    let diagnostic = match start.chars().next() {
        Some('"') => reader.unclosed(start),
        Some('(') => reader
            .unexpected(start, "a value")
            .help("write `field IN (a, b)`, or quote a value that holds parentheses"),
        Some('[') => Diagnostic::at(
            &code::SYNTAX,
            reader.first(start),
            "a subsearch can't be the value of a comparison",
        )
        .note("a value should stand here")
        .help("let the subsearch give the field too: `[search … | fields name]`"),
        _ => reader
            .unexpected(start, "a value")
            .help("quote a value that is an operator or holds blanks; the empty text is \"\""),
    };
    reader.failure(diagnostic)
}

/// `CASE(…)` or `TERM(…)`.
fn directive(input: &str) -> Parsed<'_, (&str, Literal)> {
    let name = alt((tag("CASE"), tag("TERM")));
    let (rest, (name, inside)) = pair(name, parenthesised).parse(input)?;
    let inside = inside.trim();
    let value = match quoted('"').parse(inside) {
        Ok(("", text)) => Literal {
            text: unescape(text, &ESCAPED),
            quoted: true,
        },
        _ => Literal {
            text: unescape(inside, &ESCAPED),
            quoted: false,
        },
    };
    Ok((rest, (name, value)))
}

fn in_list<'a>(reader: &Reader<'a>, input: &'a str) -> Parsed<'a, SearchExpr> {
    let (rest, field) = field(reader, input)?;
    // `field NOT IN (…)` is `NOT field IN (…)`.
    let not = terminated(tag("NOT"), peek(satisfy(char::is_whitespace)));
    let (rest, negated) = opt(preceded(blanks, not)).parse(rest)?;
    let word = preceded(blanks, tag_no_case("IN"));
    let (open, _) = terminated(word, (blanks, peek(char('(')))).parse(rest)?;
    let (mut rest, mut values) = (open.get(1..).unwrap_or(""), Vec::new());
    loop {
        rest = separators(rest)?.0;
        if let Ok((after, _)) = char::<_, Fault>(')').parse(rest) {
            rest = after;
            break;
        }
        let make = |quoted| {
            move |text: &str| Literal {
                text: unescape(text, &ESCAPED),
                quoted,
            }
        };
        let item = alt((quoted('"').map(make(true)), bare("").map(make(false)))).parse(rest);
        match item {
            Ok((after, value)) => {
                values.push(Spanned::new(value, reader.between(rest, after)));
                rest = after;
            }
            Err(_) if rest.is_empty() => return reader.failure(reader.unclosed(open)),
            Err(_) if rest.starts_with('"') => return reader.failure(reader.unclosed(rest)),
            Err(_) => return reader.failure(reader.unexpected(rest, "a value or `)`")),
        }
    }
    if values.is_empty() {
        let found = consumed(open, rest);
        return reader.failure(
            Diagnostic::at(
                &code::SYNTAX,
                reader.span(found),
                "the list of `IN` is empty",
            )
            .note("values should stand here"),
        );
    }
    let span = reader.between(input, rest);
    let list = SearchExpr::In(Spanned::new(InList { field, values }, span));
    Ok((
        rest,
        match negated {
            Some(_) => SearchExpr::Not(Box::new(list)),
            None => list,
        },
    ))
}

/// `field::value`: an indexed field, compared as with `=`.
fn indexed<'a>(reader: &Reader<'a>, input: &'a str) -> Parsed<'a, SearchExpr> {
    let (rest, word) = bare("=<>").parse(input)?;
    let Some((name, value)) = word.split_once("::").filter(|(name, _)| !name.is_empty()) else {
        return mismatch(input);
    };
    let start = input.get(name.len() + 2..).unwrap_or("");
    let (rest, value) = match value {
        "" => literal(start)?,
        _ => literal(start).map(|(_, value)| (rest, value))?,
    };
    let comparison = Comparison {
        field: Spanned::new(unescape(name, &ESCAPED), reader.span(name)),
        op: Comparator::Equal,
        value: Spanned::new(value, reader.between(start, rest)),
        case: false,
    };
    let span = reader.between(input, rest);
    Ok((rest, SearchExpr::Compare(Spanned::new(comparison, span))))
}

fn term<'a>(reader: &Reader<'a>, input: &'a str) -> Parsed<'a, SearchExpr> {
    let (rest, (name, literal)) =
        alt((directive, literal.map(|literal| ("", literal)))).parse(input)?;
    if literal.text == "XOR" && !literal.quoted {
        let refused = Diagnostic::at(
            &code::SYNTAX,
            reader.between(input, rest),
            "`XOR` is no operator of search",
        )
        .help("use `where`, or write \"XOR\" to look for the word");
        return reader.failure(refused);
    }
    if literal.text == "IN" && !literal.quoted {
        let refused = Diagnostic::at(
            &code::SYNTAX,
            reader.between(input, rest),
            "`IN` needs a field before it and a list in parentheses behind it",
        )
        .help("write `field IN (a, b)`, or \"IN\" to look for the word");
        return reader.failure(refused);
    }
    let term = Term {
        literal,
        case: name == "CASE",
        whole: name == "TERM",
    };
    let span = reader.between(input, rest);
    Ok((rest, SearchExpr::Term(Spanned::new(term, span))))
}
