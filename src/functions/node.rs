//! The compiled form of an expression: a tree that the program walks once a batch.

use super::call::Prepared;
use super::figures::Figures;
use super::lookup::LookedUp;
use super::{Function, Kind};
use crate::data::{FieldName, Filter, Value};
use crate::diagnostic::Span;
use crate::syntax::{BinaryOp, Comparator};
use std::sync::Arc;

/// A compiled expression with what is known of it.
#[derive(Clone)]
pub struct Node {
    /// What it does.
    pub form: Form,
    /// What it gives.
    pub kind: Kind,
    /// Where it stands.
    pub span: Span,
}

/// The forms of a compiled expression.
#[derive(Clone)]
pub enum Form {
    /// The same value for every event.
    Constant(Value),
    /// A field.
    Field(FieldName),
    /// `-a`
    Negate(Box<Node>),
    /// `NOT a`
    Not(Box<Node>),
    /// `+ - * / % .`
    Arithmetic(BinaryOp, Box<Node>, Box<Node>),
    /// `= != < <= > >=`; the flag: both are texts by their kind.
    Compare(Comparator, Box<Node>, Box<Node>, bool),
    /// `AND`, `OR`, `XOR`
    Logic(BinaryOp, Box<Node>, Box<Node>),
    /// `a IN (b, c)`
    In(Box<Node>, Vec<Node>),
    /// A function.
    Call(Box<CallNode>),
    /// `mvfilter`, `mvmap`
    PerValue(Box<PerValue>),
    /// `sigfig`
    Figures(Box<Figures>),
    /// `searchmatch`
    Search(Arc<dyn Filter>),
    /// `searchmatch` of a search that is no constant
    SearchOf(Box<Node>),
    /// `lookup`
    Lookup(Box<LookedUp>),
}

/// A call of a function.
#[derive(Clone)]
pub struct CallNode {
    /// The function.
    pub function: &'static Function,
    /// Its arguments.
    pub arguments: Vec<Node>,
    /// The arguments' kinds.
    pub kinds: Vec<Kind>,
    /// What was prepared of constant arguments.
    pub prepared: Prepared,
}

/// An expression evaluated for each value of a field.
#[derive(Clone)]
pub struct PerValue {
    /// Whether the expression says which values stay (`mvfilter`) or what they become (`mvmap`).
    pub keeps: bool,
    /// The name that stands for one value.
    pub field: FieldName,
    /// The values.
    pub values: Node,
    /// The expression.
    pub body: Node,
    /// The other fields that the expression reads.
    pub others: Vec<FieldName>,
}

impl Node {
    /// The constant's value, when it is one.
    pub fn constant(&self) -> Option<&Value> {
        match &self.form {
            Form::Constant(value) => Some(value),
            _ => None,
        }
    }

    /// Calls a function with this node and each one inside it.
    pub(super) fn each(&self, f: &mut dyn FnMut(&Node)) {
        f(self);
        match &self.form {
            Form::Constant(_) | Form::Field(_) | Form::Search(_) => {}
            Form::Negate(a) | Form::Not(a) | Form::SearchOf(a) => a.each(f),
            Form::Arithmetic(_, a, b) | Form::Compare(_, a, b, _) | Form::Logic(_, a, b) => {
                a.each(f);
                b.each(f);
            }
            Form::In(a, list) => {
                a.each(f);
                list.iter().for_each(|node| node.each(f));
            }
            Form::Call(call) => call.arguments.iter().for_each(|node| node.each(f)),
            Form::PerValue(each) => {
                each.values.each(f);
                each.body.each(f);
            }
            Form::Figures(figures) => figures.each(f),
            Form::Lookup(looked_up) => looked_up.keys.iter().for_each(|(_, node)| node.each(f)),
        }
    }

    /// Whether a search inside may ask for any field.
    pub fn reads_all(&self) -> bool {
        let mut reads_all = false;
        self.each(&mut |node| {
            reads_all |= match &node.form {
                Form::SearchOf(_) => true,
                Form::Search(filter) => {
                    let demand = filter.demand();
                    demand.all || !demand.patterns.is_empty()
                }
                _ => false,
            };
        });
        reads_all
    }

    /// Adds the names of the fields that it reads.
    pub fn collect_fields(&self, names: &mut indexmap::IndexSet<FieldName>) {
        self.each(&mut |node| match &node.form {
            Form::Field(name) => {
                names.insert(name.clone());
            }
            Form::Search(filter) => names.extend(filter.demand().names.iter().cloned()),
            Form::Lookup(_) => {
                names.insert("_time".into());
            }
            _ => {}
        });
    }
}
