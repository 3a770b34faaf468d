//! From the syntax tree to a program: takes an expression, gives its compiled form or all that is wrong with it.
//!
//! Constant parts are computed here; regular expressions, formats and networks that are constants are prepared here.

use super::call::Prepared;
use super::figures::{Figures, Measured};
use super::lookup::Lookups;
use super::node::{CallNode, Form, Node, PerValue};
use super::pattern::{Flags, Pattern};
use super::predicate::Searches;
use super::program::{Program, run};
use super::{Arity, Cidr, Function, Kernel, Kind, LikeMatcher, Prepare, all, find};
use crate::data::time::{Format, Modifier};
use crate::data::{Batch, Context, FieldName, Value};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span, code, nearest};
use crate::syntax::{BinaryOp, Expr, ExprKind, Spanned, UnaryOp};
use indexmap::IndexSet;
use std::sync::Arc;

/// Compiles an expression; all errors at once.
pub fn compile(expr: &Expr, context: &Context) -> Result<Program, Diagnostics> {
    compiled(expr, context, None)
}

/// As [`compile`], with the tables that `lookup` may read.
pub fn compile_with(
    expr: &Expr,
    context: &Context,
    lookups: Arc<dyn Lookups>,
) -> Result<Program, Diagnostics> {
    compiled(expr, context, Some(lookups))
}

fn compiled(
    expr: &Expr,
    context: &Context,
    lookups: Option<Arc<dyn Lookups>>,
) -> Result<Program, Diagnostics> {
    let mut compiler = Compiler {
        context,
        lookups,
        errors: Vec::new(),
    };
    let node = compiler.node(expr);
    if compiler.errors.is_empty() {
        Ok(Program::new(node, context))
    } else {
        Err(compiler.errors)
    }
}

struct Compiler<'a> {
    context: &'a Context,
    lookups: Option<Arc<dyn Lookups>>,
    errors: Diagnostics,
}

impl Compiler<'_> {
    fn error(&mut self, code: &'static Code, span: Span, message: String, help: String) {
        self.errors
            .push(Diagnostic::at(code, span, message).help(help));
    }

    fn node(&mut self, expr: &Expr) -> Node {
        let (form, kind) = match &expr.kind {
            ExprKind::Number(n) => (Form::Constant(Value::Number(*n)), Kind::Number),
            ExprKind::Text(t) => (Form::Constant(Value::Text(t.clone())), Kind::Text),
            ExprKind::Field(name) => (Form::Field(name.as_str().into()), Kind::Any),
            ExprKind::Unary(op, a) => self.unary(*op, a),
            ExprKind::Binary(BinaryOp::Like, a, b) => {
                let pair = [a.as_ref().clone(), b.as_ref().clone()];
                self.call(
                    &Spanned::new("like".to_owned(), expr.span),
                    &pair,
                    expr.span,
                )
            }
            ExprKind::Binary(op, a, b) => self.binary(*op, a, b),
            ExprKind::Call(name, arguments) => self.call(name, arguments, expr.span),
            ExprKind::In(a, list) => {
                let list = list.iter().map(|e| self.node(e)).collect();
                (Form::In(Box::new(self.node(a)), list), Kind::Boolean)
            }
            ExprKind::Json(text) => {
                if let Err(error) = serde_json::from_str::<serde_json::Value>(text) {
                    let message = format!("this is no JSON: {error}");
                    let help = "an object is written {\"key\": value, …}, an array [value, …]; values of fields are put \
                                together by json_object() and json_array()";
                    self.error(&code::ARGUMENT_VALUE, expr.span, message, help.to_owned());
                }
                (Form::Constant(Value::Text(text.clone())), Kind::Json)
            }
            ExprKind::Subsearch(_) => {
                self.error(
                    &code::UNSUPPORTED_FUNCTION,
                    expr.span,
                    "a subsearch can't stand in an expression here".to_owned(),
                    "run it first and put its value here, or join its rows".to_owned(),
                );
                null()
            }
        };
        self.fold(Node {
            form,
            kind,
            span: expr.span,
        })
    }

    fn unary(&mut self, op: UnaryOp, a: &Expr) -> (Form, Kind) {
        let a = self.node(a);
        match op {
            UnaryOp::Plus => (a.form, a.kind),
            UnaryOp::Minus => {
                self.no_text("-", &[&a]);
                (Form::Negate(Box::new(a)), Kind::Number)
            }
            UnaryOp::Not => {
                self.truths("NOT", &[&a]);
                (Form::Not(Box::new(a)), Kind::Boolean)
            }
        }
    }

    fn binary(&mut self, op: BinaryOp, a: &Expr, b: &Expr) -> (Form, Kind) {
        let (a, b) = (Box::new(self.node(a)), Box::new(self.node(b)));
        let texts = a.kind == Kind::Text && b.kind == Kind::Text;
        match op {
            BinaryOp::Compare(op) => (Form::Compare(op, a, b, texts), Kind::Boolean),
            BinaryOp::And | BinaryOp::Or | BinaryOp::Xor => {
                self.truths(&op.to_string(), &[&a, &b]);
                (Form::Logic(op, a, b), Kind::Boolean)
            }
            _ => {
                self.operands(op, &a, &b);
                let kind = match op {
                    BinaryOp::Add if a.kind == b.kind => a.kind,
                    BinaryOp::Add if [a.kind, b.kind].contains(&Kind::Number) => Kind::Number,
                    BinaryOp::Add => Kind::Any,
                    BinaryOp::Concat => Kind::Text,
                    _ => Kind::Number,
                };
                (Form::Arithmetic(op, a, b), kind)
            }
        }
    }

    /// Arithmetic takes no text in quotes that spells no number; `+` joins two texts.
    fn operands(&mut self, op: BinaryOp, a: &Node, b: &Node) {
        match op {
            BinaryOp::Subtract => self.no_text("-", &[a, b]),
            BinaryOp::Multiply => self.no_text("*", &[a, b]),
            BinaryOp::Divide => self.no_text("/", &[a, b]),
            BinaryOp::Remainder => self.no_text("%", &[a, b]),
            BinaryOp::Add if a.kind == Kind::Number => self.no_text("+", &[b]),
            BinaryOp::Add if b.kind == Kind::Number => self.no_text("+", &[a]),
            _ => {}
        }
    }

    fn no_text(&mut self, sign: &str, operands: &[&Node]) {
        for node in operands {
            let Err((_, message)) = super::math::numbers_only(std::slice::from_ref(*node)) else {
                continue;
            };
            let help = match sign {
                "+" => {
                    "`+` adds two numbers or joins two texts; a number and a text are joined by a period"
                }
                _ => "arithmetic takes numbers; texts are joined by a period",
            };
            self.error(&code::ARGUMENT_VALUE, node.span, message, help.to_owned());
        }
    }

    /// AND, OR, XOR and NOT take conditions.
    fn truths(&mut self, operator: &str, operands: &[&Node]) {
        for node in operands {
            let Some(message) = super::truth::no_truth(node) else {
                continue;
            };
            let help = format!("{operator} takes conditions: field=\"value\", isnotnull(field), …");
            self.error(&code::ARGUMENT_VALUE, node.span, message, help);
        }
    }

    fn call(&mut self, name: &Spanned<String>, arguments: &[Expr], span: Span) -> (Form, Kind) {
        let Some(function) = find(&name.node) else {
            for argument in arguments {
                self.node(argument);
            }
            self.unknown(name);
            return null();
        };
        if let Kernel::Refused(reason) = function.kernel {
            let message = format!("the function {} is not supported", function.name);
            self.error(
                &code::UNSUPPORTED_FUNCTION,
                name.span,
                message,
                reason.to_owned(),
            );
            return null();
        }
        if !function.arity.takes(arguments.len()) {
            for argument in arguments {
                self.node(argument);
            }
            let message = format!(
                "`{}` takes {}, but {} given",
                function.name,
                wanted(function.arity),
                match arguments.len() {
                    1 => "one is".to_owned(),
                    n => format!("{n} are"),
                }
            );
            let help = format!("it is called as {}", function.signature);
            self.error(&code::ARGUMENT_COUNT, span, message, help);
            return null();
        }
        match function.kernel {
            Kernel::PerValue => self.per_value(function, arguments),
            Kernel::Figures => self.figures(arguments),
            Kernel::Search => self.search(arguments),
            Kernel::Lookup => self.lookup(arguments, name.span),
            _ => self.plain_call(function, arguments),
        }
    }

    fn unknown(&mut self, name: &Spanned<String>) {
        let names = all().flat_map(|f| std::iter::once(f.name).chain(f.aliases.iter().copied()));
        let help = match nearest(&name.node, names) {
            Some(near) => format!("the nearest function is `{near}`"),
            None => "`spelunk help functions` lists all functions".to_owned(),
        };
        let message = format!("there is no function `{}`", name.node);
        self.error(&code::UNKNOWN_FUNCTION, name.span, message, help);
    }

    fn plain_call(&mut self, function: &'static Function, arguments: &[Expr]) -> (Form, Kind) {
        let arguments: Vec<Node> = arguments.iter().map(|e| self.node(e)).collect();
        if let Some(Err((which, message))) = function.check.map(|check| check(&arguments)) {
            let span = arguments.get(which).map_or(Span::default(), |n| n.span);
            let help = format!("it is called as {}", function.signature);
            self.error(&code::ARGUMENT_VALUE, span, message, help);
        }
        let prepared = self.prepare(function, &arguments);
        let kinds: Vec<Kind> = arguments.iter().map(|n| n.kind).collect();
        let kind = match function.passes {
            Some(which) => joined(
                arguments
                    .iter()
                    .enumerate()
                    .filter(|(i, _)| which(*i))
                    .map(|(_, n)| n),
            ),
            None => function.gives,
        };
        let call = CallNode {
            function,
            arguments,
            kinds,
            prepared,
        };
        (Form::Call(Box::new(call)), kind)
    }

    /// Prepares what a constant argument stands for, or says at its place what is wrong with it.
    fn prepare(&mut self, function: &Function, arguments: &[Node]) -> Prepared {
        let (Prepare::Pattern(which)
        | Prepare::Like(which)
        | Prepare::Cidr(which)
        | Prepare::Format(which)
        | Prepare::Modifier(which)) = function.prepare
        else {
            return Prepared::Nothing;
        };
        let Some(node) = arguments.get(which) else {
            return Prepared::Nothing;
        };
        let Some(text) = node.constant().and_then(Value::to_text) else {
            return Prepared::Nothing;
        };
        let made = match function.prepare {
            Prepare::Pattern(_) => Pattern::compile(&text, Flags::default())
                .map(|p| Prepared::Pattern(Arc::new(p)))
                .map_err(|e| (&code::REGEX, format!("this is no regular expression: {e}"))),
            Prepare::Cidr(_) => Cidr::parse(&text)
                .map(Prepared::Cidr)
                .ok_or((&code::ARGUMENT_VALUE, format!("`{text}` is no network"))),
            Prepare::Modifier(_) => Modifier::parse(&text)
                .map(Prepared::Modifier)
                .map_err(|e| (&code::TIME_FORMAT, e.trim_end_matches('.').to_owned())),
            Prepare::Format(_) => Ok(Prepared::Format(Arc::new(Format::parse(&text)))),
            Prepare::Like(_) => Ok(Prepared::Like(LikeMatcher::new(&text))),
            Prepare::Nothing => Ok(Prepared::Nothing),
        };
        match made {
            Ok(prepared) => prepared,
            Err((code, message)) => {
                let help = format!("it is called as {}", function.signature);
                self.error(code, node.span, message, help);
                Prepared::Nothing
            }
        }
    }

    fn per_value(&mut self, function: &Function, arguments: &[Expr]) -> (Form, Kind) {
        let Some(last) = arguments.last() else {
            return null();
        };
        let keeps = arguments.len() == 1;
        let body = self.node(last);
        let first = if keeps {
            None
        } else {
            arguments.first().map(|e| self.node(e))
        };
        let source = first.as_ref().unwrap_or(&body);
        let mut names: IndexSet<FieldName> = IndexSet::new();
        source.collect_fields(&mut names);
        // Of several that the values of mvmap are made of, the first one that is gone through in the expression.
        let mut others: IndexSet<FieldName> = IndexSet::new();
        body.collect_fields(&mut others);
        let gone_through = names.iter().find(|name| others.contains(*name));
        let field = gone_through.or(names.first()).cloned();
        let (Some(field), true) = (field, names.len() == 1 || !keeps) else {
            let message = format!(
                "`{}` works on one field, but {} are named",
                function.name,
                names.len()
            );
            let help = format!("it is called as {}", function.signature);
            let span = source.span;
            self.error(&code::ARGUMENT_VALUE, span, message, help);
            return null();
        };
        others.shift_remove(&field);
        let values = first.unwrap_or_else(|| Node {
            form: Form::Field(field.clone()),
            kind: Kind::Any,
            span: body.span,
        });
        let each = PerValue {
            keeps,
            field,
            values,
            body,
            others: others.into_iter().collect(),
        };
        (Form::PerValue(Box::new(each)), Kind::Any)
    }

    fn figures(&mut self, arguments: &[Expr]) -> (Form, Kind) {
        match arguments.first() {
            Some(expr) => (Form::Figures(Box::new(self.follow(expr))), Kind::Number),
            None => null(),
        }
    }

    fn follow(&mut self, expr: &Expr) -> Figures {
        match &expr.kind {
            ExprKind::Number(n) => Figures::Literal(Measured::written(*n, expr.span.len())),
            ExprKind::Unary(UnaryOp::Minus, a) => Figures::Negate(Box::new(self.follow(a))),
            ExprKind::Binary(
                op @ (BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide),
                a,
                b,
            ) => Figures::Binary(*op, Box::new(self.follow(a)), Box::new(self.follow(b))),
            _ => Figures::Leaf(self.node(expr)),
        }
    }

    fn search(&mut self, arguments: &[Expr]) -> (Form, Kind) {
        let Some(argument) = arguments.first() else {
            return null();
        };
        let node = self.node(argument);
        let Some(text) = node.constant() else {
            return (Form::SearchOf(Box::new(node)), Kind::Boolean);
        };
        let Value::Text(text) = text else {
            let message = "searchmatch needs a search, a text".to_owned();
            let help = "it is called as searchmatch(\"<search>\")".to_owned();
            self.error(&code::ARGUMENT_VALUE, argument.span, message, help);
            return null();
        };
        match Searches(self.context).compile(text, argument.span) {
            Ok(filter) => (Form::Search(filter), Kind::Boolean),
            Err(errors) => {
                self.errors.extend(errors);
                null()
            }
        }
    }

    /// Computes a node whose parts are all constants.
    fn fold(&mut self, node: Node) -> Node {
        let constant = |n: &Node| n.constant().is_some();
        let folds = match &node.form {
            Form::Negate(a) | Form::Not(a) => constant(a),
            Form::Arithmetic(_, a, b) | Form::Compare(_, a, b, _) | Form::Logic(_, a, b) => {
                constant(a) && constant(b)
            }
            Form::In(a, list) => constant(a) && list.iter().all(constant),
            Form::Call(call) => !call.function.varies && call.arguments.iter().all(constant),
            Form::Figures(_) => {
                let mut names = IndexSet::new();
                node.collect_fields(&mut names);
                names.is_empty()
            }
            _ => false,
        };
        if !folds || !self.errors.is_empty() {
            return node;
        }
        match run(&node, &Batch::new(1), self.context) {
            Ok(operand) => Node {
                form: Form::Constant(operand.value(0)),
                ..node
            },
            Err(error) => {
                self.errors.push(error);
                node
            }
        }
    }
}

fn null() -> (Form, Kind) {
    (Form::Constant(Value::Null), Kind::Any)
}

/// The kind of a value that is one of several: what all agree on; null counts for nothing.
fn joined<'n>(nodes: impl Iterator<Item = &'n Node>) -> Kind {
    let mut kinds = nodes
        .filter(|n| n.constant() != Some(&Value::Null))
        .map(|n| n.kind);
    let first = kinds.next().unwrap_or(Kind::Any);
    kinds.fold(
        first,
        |so_far, kind| {
            if so_far == kind { kind } else { Kind::Any }
        },
    )
}

fn wanted(arity: Arity) -> String {
    let several = |n: usize| match n {
        0 => "no arguments".to_owned(),
        1 => "one argument".to_owned(),
        n => format!("{n} arguments"),
    };
    match arity {
        Arity::Between(low, high) if low == high => several(low),
        Arity::Between(low, high) => format!("{low} to {}", several(high)),
        Arity::AtLeast(low) => format!("at least {}", several(low)),
        Arity::Pairs(0) | Arity::AnyPairs => "pairs of arguments".to_owned(),
        Arity::Pairs(before) => format!("{} and then pairs", several(before)),
    }
}

mod table;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
