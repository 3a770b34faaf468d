//! A compiled expression: takes batches, gives a column (or a mask) for each.

use super::call::Call;
use super::node::{CallNode, Form, Node};
use super::{Kernel, Kind, Operand, arithmetic, compare, logic, per_value, searched};
use crate::data::{Batch, Column, Context, Demand, FieldName, Mask, Value};
use crate::diagnostic::Diagnostic;
use crate::syntax::BinaryOp;
use indexmap::IndexSet;

/// An expression ready to run on any number of batches, by any number of threads.
#[derive(Clone)]
pub struct Program {
    node: Node,
    fields: IndexSet<FieldName>,
    reads_all: bool,
    context: Context,
}

impl std::fmt::Debug for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Program")
            .field("span", &self.node.span)
            .field("fields", &self.fields)
            .finish_non_exhaustive()
    }
}

impl Program {
    pub(super) fn new(node: Node, context: &Context) -> Self {
        let mut fields = IndexSet::new();
        node.collect_fields(&mut fields);
        Self {
            reads_all: node.reads_all(),
            node,
            fields,
            context: context.clone(),
        }
    }

    /// The fields that it names.
    pub fn fields(&self) -> &IndexSet<FieldName> {
        &self.fields
    }

    /// Whether it may read any field: a search inside may be one that an event holds.
    pub fn reads_all(&self) -> bool {
        self.reads_all
    }

    /// Adds the fields that it reads.
    pub fn add_to(&self, demand: &mut Demand) {
        for field in &self.fields {
            demand.add_exact(field);
        }
        demand.all |= self.reads_all;
    }

    /// Whether the result is a Boolean, which no field can hold.
    pub fn gives_boolean(&self) -> bool {
        self.node.kind == Kind::Boolean
    }

    /// Why the result can be neither true nor false; `None` when it can.
    pub fn no_truth(&self) -> Option<String> {
        super::truth::no_truth(&self.node)
    }

    /// The value, when it is the same for every event.
    pub fn constant(&self) -> Option<&Value> {
        self.node.constant()
    }

    /// The value of each event.
    pub fn evaluate(&self, batch: &Batch) -> Result<Column, Diagnostic> {
        let column = run(&self.node, batch, &self.context)?.into_column(batch.rows());
        debug_assert_eq!(column.len(), batch.rows());
        Ok(column)
    }

    /// One bit an event: set when the value is true; null is false.
    pub fn truth(&self, batch: &Batch) -> Result<Mask, Diagnostic> {
        let truths = run(&self.node, batch, &self.context)?.truths(batch.rows());
        Ok(logic::certain(&truths))
    }
}

/// Evaluates a node for all events of a batch.
pub(super) fn run(node: &Node, batch: &Batch, context: &Context) -> Result<Operand, Diagnostic> {
    let rows = batch.rows();
    let of = |node: &Node| run(node, batch, context);
    Ok(match &node.form {
        Form::Constant(value) => Operand::Constant(value.clone()),
        Form::Field(name) => batch
            .get(name)
            .map_or_else(Operand::null, |column| Operand::Column(column.clone())),
        Form::Negate(a) => arithmetic::negate(&of(a)?),
        Form::Not(a) => Operand::bools(logic::not(&of(a)?.truths(rows))),
        Form::Arithmetic(BinaryOp::Concat, a, b) => {
            let mut parts = vec![of(b)?];
            let mut rest = a;
            while let Form::Arithmetic(BinaryOp::Concat, a, b) = &rest.form {
                parts.push(of(b)?);
                rest = a;
            }
            parts.push(of(rest)?);
            parts.reverse();
            arithmetic::concat(&parts, rows)
        }
        Form::Arithmetic(op, a, b) => calculate(*op, &of(a)?, &of(b)?, (a.kind, b.kind), rows),
        Form::Compare(op, a, b, texts) => compare::compare(*op, &of(a)?, &of(b)?, *texts, rows),
        Form::Logic(op, a, b) => logical(*op, a, b, batch, context)?,
        Form::In(a, list) => {
            let members = list.iter().map(of).collect::<Result<Vec<_>, _>>()?;
            let texts: Vec<bool> = list
                .iter()
                .map(|m| a.kind == Kind::Text && m.kind == Kind::Text)
                .collect();
            compare::is_in(&of(a)?, &members, &texts, rows)
        }
        Form::Call(call) => self::call(call, node, batch, context)?,
        Form::PerValue(each) => per_value::run_each(each, batch, context)?,
        Form::Figures(figures) => figures.run(batch, context)?,
        Form::Search(filter) => Operand::bools(filter.keep(batch)?),
        Form::SearchOf(value) => searched::run_each(value, batch, context)?,
        Form::Lookup(looked_up) => looked_up.run(batch, context)?,
    })
}

fn calculate(op: BinaryOp, a: &Operand, b: &Operand, kinds: (Kind, Kind), rows: usize) -> Operand {
    match op {
        BinaryOp::Add => arithmetic::add(a, b, kinds, rows),
        BinaryOp::Subtract => arithmetic::subtract(a, b),
        BinaryOp::Multiply => arithmetic::multiply(a, b),
        BinaryOp::Divide => arithmetic::divide(a, b),
        BinaryOp::Remainder => arithmetic::remainder(a, b),
        _ => arithmetic::concat(&[a.clone(), b.clone()], rows),
    }
}

/// AND and OR leave their right side out when the left side has decided for every event.
fn logical(
    op: BinaryOp,
    a: &Node,
    b: &Node,
    batch: &Batch,
    context: &Context,
) -> Result<Operand, Diagnostic> {
    let rows = batch.rows();
    let left = run(a, batch, context)?.truths(rows);
    let decided = match op {
        BinaryOp::And => logic::all_false(&left),
        BinaryOp::Or => logic::all_true(&left),
        _ => false,
    };
    if decided && !left.is_empty() {
        return Ok(Operand::bools(left));
    }
    let right = run(b, batch, context)?.truths(rows);
    Ok(Operand::bools(match op {
        BinaryOp::And => logic::and(&left, &right),
        BinaryOp::Or => logic::or(&left, &right),
        _ => logic::xor(&left, &right),
    }))
}

fn call(
    call: &CallNode,
    node: &Node,
    batch: &Batch,
    context: &Context,
) -> Result<Operand, Diagnostic> {
    let rows = batch.rows();
    let arguments = call
        .arguments
        .iter()
        .map(|a| run(a, batch, context))
        .collect::<Result<Vec<_>, _>>()?;
    let mut state = Call::new(context, rows, &call.prepared, &call.kinds, node.span);
    let result = match call.function.kernel {
        Kernel::Column(kernel) => kernel(&mut state, &arguments),
        Kernel::Row(kernel) => {
            let mut builder = crate::data::ColumnBuilder::default();
            let mut values: Vec<Value> = arguments.iter().map(Operand::constant).collect();
            for row in 0..rows {
                state.row = row;
                for (value, argument) in values.iter_mut().zip(&arguments) {
                    argument.read(row, value);
                }
                builder.push(kernel(&mut state, &values).unwrap_or_default());
                if state.failed() {
                    break;
                }
            }
            Operand::Column(builder.finish())
        }
        // The compiler gives these forms of their own, or refuses them.
        Kernel::PerValue
        | Kernel::Figures
        | Kernel::Search
        | Kernel::Lookup
        | Kernel::Refused(_) => Operand::null(),
    };
    state.finish()?;
    Ok(result)
}
