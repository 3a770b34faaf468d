//! The compiled form of an expression: a tree that the program walks once a batch.

use super::call::Prepared;
use super::figures::Figures;
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

    /// Adds the names of the fields that it reads.
    pub fn collect_fields(&self, names: &mut indexmap::IndexSet<FieldName>) {
        match &self.form {
            Form::Constant(_) => {}
            Form::Field(name) => {
                names.insert(name.clone());
            }
            Form::Negate(a) | Form::Not(a) => a.collect_fields(names),
            Form::Arithmetic(_, a, b) | Form::Compare(_, a, b, _) | Form::Logic(_, a, b) => {
                a.collect_fields(names);
                b.collect_fields(names);
            }
            Form::In(a, list) => {
                a.collect_fields(names);
                list.iter().for_each(|n| n.collect_fields(names));
            }
            Form::Call(call) => call.arguments.iter().for_each(|n| n.collect_fields(names)),
            Form::PerValue(each) => {
                each.values.collect_fields(names);
                names.extend(each.others.iter().cloned());
            }
            Form::Figures(figures) => figures.collect_fields(names),
            Form::Search(filter) => {
                let demand = filter.demand();
                names.extend(demand.names.iter().cloned());
                if demand.all || !demand.patterns.is_empty() {
                    names.insert("*".into());
                }
            }
        }
    }
}
