//! Syntax trees as text: takes a search expression or an eval expression, gives text that parses back to the same tree.

use super::ast::{
    BinaryOp, Comparator, Expr, ExprKind, Literal, Pipeline, SearchExpr, StageText, Term, UnaryOp,
};
use super::expr::{COMPARISON_RANK, NOT_RANK, SIGN_RANK, rank};
use super::lexis::escape;
use super::search::needs_quotes;
use std::fmt::{Display, Formatter, Result, Write};

/// Writes items with a separator between them.
fn joined<T>(
    f: &mut Formatter<'_>,
    items: &[T],
    separator: &str,
    mut write: impl FnMut(&mut Formatter<'_>, &T) -> Result,
) -> Result {
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            f.write_str(separator)?;
        }
        write(f, item)?;
    }
    Ok(())
}

impl Display for Comparator {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            Comparator::Equal => "=",
            Comparator::NotEqual => "!=",
            Comparator::Less => "<",
            Comparator::LessEqual => "<=",
            Comparator::Greater => ">",
            Comparator::GreaterEqual => ">=",
        })
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if self.quoted {
            return write!(f, "\"{}\"", escape(&self.text, '"'));
        }
        // Bare text: a backslash is doubled only where it would be taken for an escape.
        let mut chars = self.text.chars().peekable();
        while let Some(c) = chars.next() {
            let escapes = match c {
                '"' | '|' => true,
                '\\' => chars.peek().is_none_or(|next| "\\\"|".contains(*next)),
                _ => false,
            };
            if escapes {
                f.write_char('\\')?;
            }
            f.write_char(c)?;
        }
        Ok(())
    }
}

/// A field name of a search expression, quoted where it must be.
fn search_field(f: &mut Formatter<'_>, name: &str) -> Result {
    match needs_quotes(name) {
        true => write!(f, "\"{}\"", escape(name, '"')),
        false => f.write_str(name),
    }
}

impl Display for Term {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match (self.case, self.whole) {
            (true, _) => write!(f, "CASE({})", self.literal),
            (_, true) => write!(f, "TERM({})", self.literal),
            _ => write!(f, "{}", self.literal),
        }
    }
}

impl Display for SearchExpr {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            SearchExpr::And(items) if items.is_empty() => f.write_str("()"),
            SearchExpr::And(items) => joined(f, items, " ", |f, item| match item {
                SearchExpr::And(_) => write!(f, "({item})"),
                _ => write!(f, "{item}"),
            }),
            SearchExpr::Or(items) => joined(f, items, " OR ", |f, item| match item {
                SearchExpr::And(_) | SearchExpr::Or(_) => write!(f, "({item})"),
                _ => write!(f, "{item}"),
            }),
            SearchExpr::Not(item) => match **item {
                SearchExpr::And(_) | SearchExpr::Or(_) => write!(f, "NOT ({item})"),
                _ => write!(f, "NOT {item}"),
            },
            SearchExpr::Term(term) => write!(f, "{}", term.node),
            SearchExpr::Compare(c) => {
                search_field(f, &c.node.field.node)?;
                match c.node.case {
                    true => write!(f, "{}CASE({})", c.node.op, c.node.value.node),
                    false => write!(f, "{}{}", c.node.op, c.node.value.node),
                }
            }
            SearchExpr::In(list) => {
                search_field(f, &list.node.field.node)?;
                f.write_str(" IN (")?;
                joined(f, &list.node.values, ", ", |f, v| write!(f, "{}", v.node))?;
                f.write_str(")")
            }
            SearchExpr::Time(bound) => {
                let value = escape(&bound.node.value.node, '"');
                write!(f, "{}{}\"{value}\"", bound.node.name.node, bound.node.op)
            }
            SearchExpr::Subsearch(pipeline) => write!(f, "[{}]", pipeline.node),
        }
    }
}

impl Display for StageText {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self.arguments.node.as_str() {
            "" => f.write_str(&self.name.node),
            arguments => write!(f, "{} {arguments}", self.name.node),
        }
    }
}

impl Display for Pipeline {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        joined(f, &self.stages, " | ", |f, stage| write!(f, "{stage}"))
    }
}

impl Display for BinaryOp {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            BinaryOp::Add => "+",
            BinaryOp::Subtract => "-",
            BinaryOp::Multiply => "*",
            BinaryOp::Divide => "/",
            BinaryOp::Remainder => "%",
            BinaryOp::Concat => ".",
            BinaryOp::Compare(op) => return write!(f, "{op}"),
            BinaryOp::Like => "LIKE",
            BinaryOp::And => "AND",
            BinaryOp::Or => "OR",
            BinaryOp::Xor => "XOR",
        })
    }
}

/// How tightly an expression's outermost operator binds.
fn outer_rank(expr: &Expr) -> usize {
    match &expr.kind {
        ExprKind::Binary(op, ..) => rank(*op),
        ExprKind::In(..) => COMPARISON_RANK,
        ExprKind::Unary(UnaryOp::Not, _) => NOT_RANK,
        ExprKind::Unary(..) => SIGN_RANK,
        _ => SIGN_RANK + 1,
    }
}

/// Writes an operand, in parentheses when it binds more loosely than `minimum`. A `NOT` always takes them: as a left
/// operand it would swallow what follows.
fn operand(f: &mut Formatter<'_>, expr: &Expr, minimum: usize) -> Result {
    let swallows = matches!(expr.kind, ExprKind::Unary(UnaryOp::Not, _));
    match outer_rank(expr) < minimum || swallows {
        true => write!(f, "({expr})"),
        false => write!(f, "{expr}"),
    }
}

/// A field of an eval expression, in single quotes where it must be.
fn eval_field(f: &mut Formatter<'_>, name: &str) -> Result {
    match super::expr::is_plain_name(name) {
        true => f.write_str(name),
        false => write!(f, "'{}'", escape(name, '\'')),
    }
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match &self.kind {
            ExprKind::Number(number) => write!(f, "{number}"),
            ExprKind::Text(text) => write!(f, "\"{}\"", escape(text, '"')),
            ExprKind::Field(name) => eval_field(f, name),
            ExprKind::Unary(op, item) => {
                f.write_str(match op {
                    UnaryOp::Minus => "-",
                    UnaryOp::Plus => "+",
                    UnaryOp::Not => "NOT ",
                })?;
                operand(f, item, outer_rank(self))
            }
            ExprKind::Binary(op, left, right) => {
                operand(f, left, rank(*op))?;
                write!(f, " {op} ")?;
                operand(f, right, rank(*op) + 1)
            }
            ExprKind::Call(name, items) => {
                write!(f, "{}(", name.node)?;
                joined(f, items, ", ", |f, item| write!(f, "{item}"))?;
                f.write_str(")")
            }
            ExprKind::In(item, items) => {
                operand(f, item, COMPARISON_RANK)?;
                f.write_str(" IN (")?;
                joined(f, items, ", ", |f, item| write!(f, "{item}"))?;
                f.write_str(")")
            }
            ExprKind::Json(text) => f.write_str(text),
            ExprKind::Subsearch(pipeline) => write!(f, "[{pipeline}]"),
        }
    }
}
