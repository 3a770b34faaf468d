//! The grammar of eval expressions: takes text, gives an expression, or the list of assignments of `eval`.
//!
//! Binding, tightest first: sign; `*` `/` `%`; `+` `-` `.`; comparisons, `LIKE`, `IN`; `NOT`; `AND`; `OR`; `XOR`.
//! Operators of one rank group from the left.

mod json;
mod primary;

use super::ast::{BinaryOp, Comparator, Expr, ExprKind, Spanned, UnaryOp};
use super::lexis::{any_quoted, blanks, keyword, trim, unescape};
use super::reader::{Fault, Parsed, Reader, too_deep, unopened};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_while1};
use nom::character::complete::{char, one_of};
use nom::combinator::{not, peek, recognize, value};
use nom::multi::many1_count;
use nom::sequence::{preceded, terminated};
pub(super) use primary::is_plain_name;
use primary::{arguments, primary, skip_to_comma};

/// How high an expression's tree may grow, chains such as `a+b+c+…` included: later stages walk it by recursion.
const HEIGHT: usize = 1000;

/// An expression and the height of its tree.
type Grown = (Expr, usize);

/// One `target=expression` of `eval`.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// The field to set, quotes removed; `{name}` in it stands for the value of a field.
    pub target: Spanned<String>,
    /// What to set it to.
    pub value: Expr,
}

/// Parses a whole text as one expression; it stands at byte `offset` of the query. `None` when anything is wrong.
pub fn parse(text: &str, offset: usize) -> (Option<Expr>, Diagnostics) {
    let reader = Reader::new(text, offset);
    let result = expression(&reader, text, 0);
    let expr = match result {
        Ok((rest, (expr, _))) => {
            report_rest(&reader, trim(rest), "an operator");
            Some(expr).filter(|_| reader.is_clean())
        }
        Err(error) => {
            reader.report_fault(error, trim(text), "an expression");
            None
        }
    };
    (expr, reader.finish())
}

/// Parses `a=expression, 'b c'=expression, "d e"=expression, {computed}=expression`. What is wrong in one assignment
/// does not hide what is wrong in the next; the list is to be used only when there are no diagnostics.
pub fn assignments(text: &str, offset: usize) -> (Vec<Assignment>, Diagnostics) {
    let reader = Reader::new(text, offset);
    let mut list = Vec::new();
    let mut rest = text;
    loop {
        match assignment(&reader, trim(rest)) {
            Ok((next, assignment)) => {
                list.push(assignment);
                rest = trim(next);
            }
            Err(error) => {
                reader.report_fault(error, trim(rest), "`field=expression`");
                rest = skip_to_comma(rest);
            }
        }
        if !rest.is_empty() && !rest.starts_with(',') {
            report_rest(&reader, rest, "an operator or a comma");
            rest = skip_to_comma(rest);
        }
        match rest.strip_prefix(',') {
            Some(next) => rest = next,
            None => break,
        }
    }
    (list, reader.finish())
}

fn report_rest<'a>(reader: &Reader<'a>, rest: &'a str, wanted: &str) {
    match rest.chars().next() {
        None => {}
        Some(')' | ']') => {
            let closer = rest.get(..1).unwrap_or("");
            reader.report(unopened(reader.first(rest), closer));
        }
        Some('"' | '\'') if any_quoted(rest).is_err() => reader.report(reader.unclosed(rest)),
        Some('{') => reader.report(braces(reader, rest)),
        Some(_) => {
            let found = reader.unexpected(rest, wanted);
            reader.report(match foreign(rest) {
                Some(help) => found.help(help),
                None => found,
            });
        }
    }
}

/// What eval writes instead of an operator of other languages that stands here.
pub(super) fn foreign(rest: &str) -> Option<&'static str> {
    const NAMES: [(&str, &str); 6] = [
        ("<>", "\"is not equal\" is written !="),
        ("&&", "\"and\" is written AND"),
        (
            "||",
            "\"or\" is written OR, and texts are joined by a period",
        ),
        ("^", "a power is written pow(x, y)"),
        (
            "NOT",
            "write NOT before the whole comparison: NOT x IN (…), NOT x LIKE \"…\"",
        ),
        ("!", "\"is not equal\" is written !="),
    ];
    let starts = |name: &str| {
        rest.get(..name.len())
            .is_some_and(|r| r.eq_ignore_ascii_case(name))
    };
    NAMES
        .iter()
        .find(|(name, _)| starts(name))
        .map(|(_, help)| *help)
}

fn braces<'a>(reader: &Reader<'a>, rest: &'a str) -> Diagnostic {
    Diagnostic::at(
        &code::SYNTAX,
        reader.first(rest),
        "a field name with braces stands without single quotes",
    )
    .help("in an expression write such a name in single quotes: 'a{}.b'")
}

fn assignment<'a>(reader: &Reader<'a>, input: &'a str) -> Parsed<'a, Assignment> {
    if input.starts_with(['"', '\'']) && any_quoted(input).is_err() {
        return reader.failure(reader.unclosed(input));
    }
    let plain = take_while1(|c: char| !c.is_whitespace() && !"=,\"'()[]|<>!".contains(c));
    // `kW!site=1` has a name with a mark in it; `a!=1` compares.
    let mark = terminated(tag("!"), not(peek(one_of("= \t\r\n"))));
    let bare = recognize(many1_count(alt((plain, mark))));
    let name = alt((
        any_quoted.map(|(quote, inner)| unescape(inner, &[quote])),
        bare.map(str::to_owned),
    ))
    .parse(input);
    let Ok((after, name)) = name else {
        return reader.failure(reader.unexpected(input, "the name of a field"));
    };
    let target = Spanned::new(name, reader.between(input, after));
    let sign = terminated(char::<_, Fault>('='), not(peek(char('='))));
    let Ok((start, _)) = preceded(blanks, sign).parse(after) else {
        let found = reader.unexpected(trim(after), "`=`");
        return reader.failure(found.help("eval takes `field=expression`, separated by commas"));
    };
    let (rest, (value, _)) = expression(reader, start, 0)?;
    Ok((rest, Assignment { target, value }))
}

/// What stands between or after operands, with how tightly it binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Infix {
    Binary(BinaryOp),
    In,
}

/// The rank of `NOT`: over `AND`, under comparisons.
pub(super) const NOT_RANK: usize = 4;

/// The rank of a sign: over everything.
pub(super) const SIGN_RANK: usize = 8;

/// The rank of comparisons, `LIKE` and `IN`.
pub(super) const COMPARISON_RANK: usize = 5;

impl Infix {
    /// How tightly the operator binds; more is tighter.
    fn rank(self) -> usize {
        match self {
            Infix::Binary(op) => rank(op),
            Infix::In => COMPARISON_RANK,
        }
    }
}

/// How tightly a binary operator binds; more is tighter.
pub(super) fn rank(op: BinaryOp) -> usize {
    match op {
        BinaryOp::Xor => 1,
        BinaryOp::Or => 2,
        BinaryOp::And => 3,
        BinaryOp::Compare(_) | BinaryOp::Like => COMPARISON_RANK,
        BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Concat => 6,
        BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Remainder => 7,
    }
}

fn infix(input: &str) -> Parsed<'_, Infix> {
    let binary = |op| move |_: &str| Infix::Binary(op);
    let compare = |op| binary(BinaryOp::Compare(op));
    let word = alt((
        keyword("AND").map(binary(BinaryOp::And)),
        keyword("OR").map(binary(BinaryOp::Or)),
        keyword("XOR").map(binary(BinaryOp::Xor)),
        keyword("LIKE").map(binary(BinaryOp::Like)),
        keyword("IN").map(|_| Infix::In),
    ));
    let comparison = alt((
        alt((tag("=="), tag("="))).map(compare(Comparator::Equal)),
        tag("!=").map(compare(Comparator::NotEqual)),
        tag("<=").map(compare(Comparator::LessEqual)),
        tag(">=").map(compare(Comparator::GreaterEqual)),
        tag("<").map(compare(Comparator::Less)),
        tag(">").map(compare(Comparator::Greater)),
    ));
    let arithmetic = one_of("+-*/%.").map(|c| {
        Infix::Binary(match c {
            '+' => BinaryOp::Add,
            '-' => BinaryOp::Subtract,
            '*' => BinaryOp::Multiply,
            '/' => BinaryOp::Divide,
            '%' => BinaryOp::Remainder,
            _ => BinaryOp::Concat,
        })
    });
    preceded(blanks, alt((comparison, arithmetic, word))).parse(input)
}

/// An expression whose operators bind at least as tightly as `minimum`: precedence climbing.
fn expression<'a>(reader: &Reader<'a>, input: &'a str, minimum: usize) -> Parsed<'a, Grown> {
    reader.deeper(trim(input), || {
        let (mut rest, (mut left, mut height)) = prefix(reader, trim(input))?;
        while let Ok((after, operator)) = infix(rest) {
            if operator.rank() < minimum {
                break;
            }
            let start = left.span;
            let (next, kind, grown) = match operator {
                Infix::Binary(op) => {
                    let (next, (right, grown)) = expression(reader, after, operator.rank() + 1)?;
                    let kind = ExprKind::Binary(op, Box::new(left), Box::new(right));
                    (next, kind, grown)
                }
                Infix::In => {
                    let (next, (list, grown)) = list(reader, trim(after))?;
                    (next, ExprKind::In(Box::new(left), list), grown)
                }
            };
            height = height.max(grown) + 1;
            if height > HEIGHT {
                return reader.failure(too_deep(reader.first(trim(rest)), HEIGHT));
            }
            left = Expr {
                kind,
                span: start.to(reader.between(after, next)),
            };
            rest = next;
        }
        Ok((rest, (left, height)))
    })
}

/// A sign or `NOT` with what it applies to, or a primary.
fn prefix<'a>(reader: &Reader<'a>, input: &'a str) -> Parsed<'a, Grown> {
    let operator = alt((
        value((UnaryOp::Minus, SIGN_RANK), char('-')),
        value((UnaryOp::Plus, SIGN_RANK), char('+')),
        value((UnaryOp::Not, NOT_RANK), keyword("NOT")),
        value(
            (UnaryOp::Not, NOT_RANK),
            terminated(char('!'), not(peek(char('=')))),
        ),
    ))
    .parse(input);
    let Ok((rest, (op, rank))) = operator else {
        return primary(reader, input);
    };
    let (rest, (operand, height)) = expression(reader, rest, rank)?;
    let span = reader.between(input, rest);
    let kind = ExprKind::Unary(op, Box::new(operand));
    Ok((rest, (Expr { kind, span }, height + 1)))
}

/// The list of `IN`.
fn list<'a>(reader: &Reader<'a>, input: &'a str) -> Parsed<'a, (Vec<Expr>, usize)> {
    if !input.starts_with('(') {
        return reader.failure(reader.unexpected(input, "`(` and the values of `IN`"));
    }
    arguments(reader, input)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
