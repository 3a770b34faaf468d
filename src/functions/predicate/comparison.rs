//! `field op literal`: takes a comparison of a search, gives a test of one column.

use crate::data::{Batch, Column, FieldName, parse_number};
use crate::functions::Cidr;
use crate::functions::WildcardMatcher;
use crate::syntax::{Comparator, Comparison, InList, Literal};
use arrow_array::{Array, StringViewArray};
use arrow_buffer::BooleanBuffer;
use std::cmp::Ordering;

/// A test of one field. A multivalue passes when any of its values does.
#[derive(Debug)]
pub(super) struct FieldTest {
    /// The field.
    pub field: FieldName,
    test: Test,
    /// `!=`: the field must exist, with a value that does not pass.
    negated: bool,
}

#[derive(Debug)]
enum Test {
    Exists,
    Text(WildcardMatcher),
    Network(Cidr, WildcardMatcher),
    Order {
        op: Comparator,
        text: String,
        number: Option<f64>,
    },
}

impl FieldTest {
    /// `field op literal`.
    pub fn compare(c: &Comparison) -> Self {
        let negated = c.op == Comparator::NotEqual;
        let test = match c.op {
            Comparator::Equal | Comparator::NotEqual => equality(&c.value.node, c.case),
            op => Test::Order {
                op,
                text: c.value.node.text.clone(),
                number: parse_number(&c.value.node.text),
            },
        };
        Self {
            field: c.field.node.as_str().into(),
            test,
            negated,
        }
    }

    /// `field IN (…)`: one test a value.
    pub fn any(list: &InList) -> Vec<Self> {
        let field: FieldName = list.field.node.as_str().into();
        list.values
            .iter()
            .map(|v| Self {
                field: field.clone(),
                test: equality(&v.node, false),
                negated: false,
            })
            .collect()
    }

    /// The one text that passes, letter case aside, where there is one and it is ASCII.
    pub fn exact(&self) -> Option<&str> {
        match &self.test {
            Test::Text(pattern) if !self.negated => pattern.exact_ascii(),
            _ => None,
        }
    }

    /// Which of these rows pass.
    pub fn keep(&self, batch: &Batch, rows: &BooleanBuffer) -> BooleanBuffer {
        match batch.get(&self.field) {
            None | Some(Column::Null(_)) => BooleanBuffer::new_unset(batch.rows()),
            Some(column) => self.column(column, rows),
        }
    }

    fn column(&self, column: &Column, rows: &BooleanBuffer) -> BooleanBuffer {
        let count = column.len();
        match column {
            Column::Text(array) => self.texts(array, rows),
            Column::Multi(array) => BooleanBuffer::collect_bool(count, |row| {
                if !rows.value(row) || array.is_null(row) {
                    return false;
                }
                let (child, start, end) = Column::list(array, row);
                (start..end).any(|i| self.test.passes(child.value(i)) != self.negated)
            }),
            other => BooleanBuffer::collect_bool(count, |row| {
                let text = rows.value(row).then(|| other.text(row)).flatten();
                text.is_some_and(|text| self.test.passes(&text) != self.negated)
            }),
        }
    }

    /// Equal views are equal texts: a value that row after row shares, as metadata are, is asked once.
    fn texts(&self, array: &StringViewArray, rows: &BooleanBuffer) -> BooleanBuffer {
        let views = array.views();
        let passes = |row: usize| self.test.passes(array.value(row)) != self.negated;
        if array.null_count() == 0
            && let Some(first) = views.first()
            && views.iter().fold(0, |unlike, view| unlike | (view ^ first)) == 0
        {
            return match passes(0) {
                true => rows.clone(),
                false => BooleanBuffer::new_unset(rows.len()),
            };
        }
        let mut last: Option<(u128, bool)> = None;
        BooleanBuffer::collect_bool(array.len(), |row| {
            if !rows.value(row) || array.is_null(row) {
                return false;
            }
            let view = views.get(row).copied().unwrap_or_default();
            match last {
                Some((known, answer)) if known == view => answer,
                _ => {
                    let answer = passes(row);
                    last = Some((view, answer));
                    answer
                }
            }
        })
    }
}

fn equality(literal: &Literal, case: bool) -> Test {
    if literal.text == "*" {
        return Test::Exists;
    }
    let text = WildcardMatcher::new(&literal.text, case);
    match Cidr::parse(&literal.text) {
        Some(network) if literal.text.contains('/') => Test::Network(network, text),
        _ => Test::Text(text),
    }
}

impl Test {
    fn passes(&self, value: &str) -> bool {
        match self {
            Test::Exists => true,
            Test::Text(pattern) => pattern.matches(value),
            Test::Network(network, text) => {
                network.contains(value) == Some(true) || text.matches(value)
            }
            Test::Order { op, text, number } => {
                let order = match (number, parse_number(value)) {
                    (Some(literal), Some(value)) => value.total_cmp(literal),
                    // By bytes: the reference puts upper case before lower.
                    _ => value.cmp(text.as_str()),
                };
                match op {
                    Comparator::Less => order == Ordering::Less,
                    Comparator::LessEqual => order != Ordering::Greater,
                    Comparator::Greater => order == Ordering::Greater,
                    Comparator::GreaterEqual => order != Ordering::Less,
                    Comparator::Equal => order == Ordering::Equal,
                    Comparator::NotEqual => order != Ordering::Equal,
                }
            }
        }
    }
}
