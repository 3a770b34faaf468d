//! What `chart` and `timechart` show: takes the calls as written, gives the calls that are computed for each cell and
//! the columns made of them. `eval(avg(a)/avg(b))` is a column of two calls; a call that only scores columns is none.

use super::ParseContext;
use super::arguments::Arguments;
use super::series::Series;
use crate::aggregates::{self, Argument, Calls, Evaluate, Plan};
use crate::data::{Batch, Column, Demand, Value};
use crate::diagnostic::{Diagnostic, code};
use crate::syntax::{AggregateArgument, AggregateText, Expr, ExprKind, Spanned};
use std::sync::Arc;

/// The calls, and what is shown of them.
#[derive(Clone, Default)]
pub(super) struct Shown {
    /// All calls, those included that are not shown.
    pub calls: Arc<Calls>,
    outputs: Vec<Output>,
    /// The call whose cells score the columns; `None` for those of the first output.
    pub scored: Option<usize>,
    /// What makes one number of the cells; `None` for their sum.
    pub over: Option<Arc<dyn Plan>>,
}

/// One column, or with a pattern one a field.
#[derive(Clone)]
struct Output {
    name: String,
    from: Source,
}

#[derive(Clone)]
enum Source {
    /// The results of a call.
    Call(usize),
    /// An expression over the results of calls, which it reads by [`place`].
    Computed(Evaluate, Vec<usize>),
}

impl std::fmt::Debug for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = self.outputs.iter().map(|output| &output.name);
        f.debug_list().entries(names).finish()
    }
}

/// A column of results.
pub(super) struct Results {
    /// Its name.
    pub name: String,
    /// A value a group.
    pub column: Column,
    /// What a cell without events holds.
    pub empty: Value,
    /// A rate over a bin of time: the seconds of its unit.
    pub per: Option<f64>,
}

/// The name under which an expression reads the results of a call: no field has it.
fn place(call: usize) -> String {
    format!("\u{0}{call}")
}

impl Shown {
    /// Checks the calls; their errors go to the arguments. Where columns are `named` for calls alone, expressions need
    /// AS.
    pub fn read(
        arguments: &mut Arguments,
        texts: &[AggregateText],
        series: &Series,
        named: bool,
        cx: &ParseContext<'_>,
    ) -> Self {
        let mut flat: Vec<AggregateText> = Vec::new();
        let mut outputs = Vec::new();
        for text in texts {
            let name = match &text.alias {
                Some(alias) => alias.node.clone(),
                None => text.text.clone(),
            };
            let expr = match text.argument.as_ref().map(|a| &a.node) {
                Some(AggregateArgument::Eval(expr)) if text.function.node == "eval" => expr,
                _ => {
                    flat.push(text.clone());
                    let from = Source::Call(flat.len() - 1);
                    outputs.push(Output { name, from });
                    continue;
                }
            };
            if named && text.alias.is_none() {
                let message = "an eval() that is not split by a field needs a name";
                let error = Diagnostic::at(&code::MISSING_ARGUMENT, text.span, message);
                arguments.error(error.help("name it with AS"));
            }
            let first = flat.len();
            let mut expr = expr.clone();
            take_calls(&mut expr, &mut flat, arguments);
            if flat.len() == first {
                let message = "eval() of no statistical function";
                let error = Diagnostic::at(&code::ARGUMENT_COUNT, text.span, message);
                arguments
                    .error(error.help("write functions of fields in it: eval(avg(a) / max(b))"));
                continue;
            }
            match super::expression::compile(&expr, cx) {
                Ok((evaluate, _)) => outputs.push(Output {
                    name,
                    from: Source::Computed(evaluate, (first..flat.len()).collect()),
                }),
                Err(errors) => errors.into_iter().for_each(|error| arguments.error(error)),
            }
        }
        let several = outputs.len() > 1 || flat.iter().any(has_pattern);
        let scored = series.score.call.clone();
        let scored = scored.or_else(|| several.then(|| super::calls::plain("count")));
        if let Some(call) = &scored {
            flat.push(call.clone());
        }
        Self {
            scored: scored.map(|_| flat.len() - 1),
            calls: Arc::new(super::calls::read(arguments, &flat, cx)),
            outputs,
            over: series.score.over.clone(),
        }
    }

    /// The fields that the calls read.
    pub fn demand(&self) -> Demand {
        self.calls.demand()
    }

    /// The columns that are shown, and the one that scores.
    pub fn columns(
        &self,
        finished: Vec<(usize, String, Column)>,
        groups: usize,
    ) -> Result<(Vec<Results>, Option<Column>), Diagnostic> {
        let scores = finished.iter().find(|(at, ..)| Some(*at) == self.scored);
        let scores = scores.map(|(_, _, column)| column.clone());
        let mut shown = Vec::new();
        for output in &self.outputs {
            match &output.from {
                Source::Call(call) => {
                    let plan = self.calls.list.get(*call).map(|call| &call.plan);
                    for (_, name, column) in finished.iter().filter(|(at, ..)| at == call) {
                        shown.push(Results {
                            name: name.clone(),
                            column: column.clone(),
                            empty: plan.map_or(Value::Null, |plan| plan.empty()),
                            per: plan.and_then(|plan| plan.per()),
                        });
                    }
                }
                Source::Computed(evaluate, calls) => {
                    let mut batch = Batch::new(groups);
                    for (at, _, column) in finished.iter().filter(|(at, ..)| calls.contains(at)) {
                        batch.set(place(*at), column.clone());
                    }
                    shown.push(Results {
                        name: output.name.clone(),
                        column: evaluate(&batch)?,
                        empty: Value::Null,
                        per: None,
                    });
                }
            }
        }
        let first = shown.first().map(|results| results.column.clone());
        Ok((shown, scores.or(first)))
    }

    /// Whether the names of columns say which function they are of.
    pub fn several(&self) -> bool {
        let pattern = |call: &aggregates::Call| matches!(call.argument, Argument::Pattern(_));
        self.outputs.len() > 1 || self.calls.list.iter().any(pattern)
    }
}

fn has_pattern(text: &AggregateText) -> bool {
    let argument = text.argument.as_ref().map(|a| &a.node);
    matches!(argument, Some(AggregateArgument::Field(name)) if name.contains('*'))
}

/// Takes the statistical functions out of an expression: each becomes a field of their results. A function of
/// expressions with the same name, such as max(a, b), has two arguments or more.
fn take_calls(expr: &mut Expr, flat: &mut Vec<AggregateText>, arguments: &mut Arguments) {
    let span = expr.span;
    if let Some(call) = statistical(expr) {
        let rate = aggregates::lookup(&call).and_then(|aggregate| aggregate.plan(&call));
        if rate.is_ok_and(|plan| plan.per().is_some()) {
            let message = format!("{} can't stand in eval() here", call.function.node);
            arguments.error(
                Diagnostic::at(&code::UNSUPPORTED_FUNCTION, span, message)
                    .help("use sum() and divide by the time"),
            );
        }
        expr.kind = ExprKind::Field(place(flat.len()));
        flat.push(call);
        return;
    }
    match &mut expr.kind {
        ExprKind::Unary(_, a) => take_calls(a, flat, arguments),
        ExprKind::Binary(_, a, b) => {
            take_calls(a, flat, arguments);
            take_calls(b, flat, arguments);
        }
        ExprKind::Call(_, list) => {
            for argument in list {
                take_calls(argument, flat, arguments);
            }
        }
        ExprKind::In(a, list) => {
            take_calls(a, flat, arguments);
            for argument in list {
                take_calls(argument, flat, arguments);
            }
        }
        ExprKind::Field(name) => {
            let message = format!("the field `{name}` has no one value in a cell");
            arguments.error(
                Diagnostic::at(&code::FIELD_NAME, span, message)
                    .help("put a function around it: avg(…), max(…), latest(…)"),
            );
        }
        ExprKind::Number(_) | ExprKind::Text(_) | ExprKind::Json(_) | ExprKind::Subsearch(_) => {}
    }
}

/// The statistical call that an expression is: `count`, or a function of one field or of one eval(…).
fn statistical(expr: &Expr) -> Option<AggregateText> {
    let (name, argument, span) = match &expr.kind {
        ExprKind::Field(name) if name == "count" => (name.clone(), None, expr.span),
        ExprKind::Call(name, list) => {
            let argument = match list.as_slice() {
                [] if name.node == "count" || name.node == "c" => None,
                [one] => Some(argument(one)?),
                _ => return None,
            };
            (name.node.clone(), argument, name.span)
        }
        _ => return None,
    };
    let letters = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let (function, parameter) = match aggregates::find(&name) {
        Some(_) => (name.clone(), None),
        None => {
            aggregates::find(letters)?;
            (
                letters.to_owned(),
                name.get(letters.len()..).map(str::to_owned),
            )
        }
    };
    Some(AggregateText {
        function: Spanned::new(function, span),
        parameter,
        argument: argument.map(|argument| Spanned::new(argument, expr.span)),
        span: expr.span,
        ..super::calls::plain(&name)
    })
}

fn argument(expr: &Expr) -> Option<AggregateArgument> {
    match &expr.kind {
        ExprKind::Field(name) => Some(AggregateArgument::Field(name.clone())),
        ExprKind::Call(name, list) if name.node == "eval" => match list.as_slice() {
            [inner] => Some(AggregateArgument::Eval(inner.clone())),
            _ => None,
        },
        _ => None,
    }
}
