//! Many alternatives that each name exact values of the same fields, as a subsearch gives them: takes them, gives one
//! look into a set for each event.

use super::Node;
use crate::data::{Batch, Column, FieldName};
use arrow_buffer::BooleanBuffer;
use std::collections::HashSet;

/// Alternatives from which on a set is faster than one test after the other.
const LEAST: usize = 8;

/// `(a="1" AND b="2") OR (a="3" AND b="4") OR …`, without regard to letter case.
#[derive(Debug)]
pub(super) struct Listed {
    pub fields: Vec<FieldName>,
    /// The values of an alternative, one after the other, each after its length.
    rows: HashSet<Vec<u8>>,
}

/// Adds a value to a key.
fn add(key: &mut Vec<u8>, value: &str) {
    key.extend_from_slice(&value.len().to_le_bytes());
    key.extend(value.bytes().map(|byte| byte.to_ascii_lowercase()));
}

/// The exact comparisons that a node consists of.
fn exact(node: &Node) -> Option<Vec<(&FieldName, &str)>> {
    match node {
        Node::Field(test) => test.exact().map(|text| vec![(&test.field, text)]),
        Node::And(parts) if !parts.is_empty() => parts
            .iter()
            .map(|part| match part {
                Node::Field(test) => test.exact().map(|text| (&test.field, text)),
                _ => None,
            })
            .collect(),
        _ => None,
    }
}

/// Puts alternatives of one OR that name the same fields into sets, where there are many.
pub(super) fn gathered(parts: Vec<Node>) -> Vec<Node> {
    if parts.len() < LEAST {
        return parts;
    }
    let mut sets: Vec<Listed> = Vec::new();
    let mut others = Vec::new();
    let mut single: Vec<Vec<Node>> = Vec::new();
    for part in parts {
        let Some(pairs) = exact(&part) else {
            others.push(part);
            continue;
        };
        let mut key = Vec::new();
        pairs.iter().for_each(|(_, value)| add(&mut key, value));
        let named = |set: &Listed| set.fields.iter().eq(pairs.iter().map(|(field, _)| *field));
        let at = match sets.iter().position(named) {
            Some(at) => at,
            None => {
                sets.push(Listed {
                    fields: pairs.iter().map(|(field, _)| (*field).clone()).collect(),
                    rows: HashSet::new(),
                });
                single.push(Vec::new());
                sets.len() - 1
            }
        };
        if let (Some(set), Some(parts)) = (sets.get_mut(at), single.get_mut(at)) {
            set.rows.insert(key);
            if parts.len() < LEAST {
                parts.push(part);
            }
        }
    }
    for (set, few) in sets.into_iter().zip(single) {
        match few.len() < LEAST {
            true => others.extend(few),
            false => others.push(Node::Listed(set)),
        }
    }
    others
}

impl Listed {
    /// Which of these rows hold one of the alternatives.
    pub fn keep(&self, batch: &Batch, rows: &BooleanBuffer) -> BooleanBuffer {
        let columns: Vec<Column> = self.fields.iter().map(|name| batch.column(name)).collect();
        if columns
            .iter()
            .any(|column| matches!(column, Column::Null(_)))
        {
            return BooleanBuffer::new_unset(batch.rows());
        }
        let mut key = Vec::new();
        BooleanBuffer::collect_bool(batch.rows(), |row| {
            key.clear();
            rows.value(row) && self.any(&columns, row, &mut key)
        })
    }

    /// Whether any combination of the values of these columns in a row makes a key of the set.
    fn any(&self, columns: &[Column], row: usize, key: &mut Vec<u8>) -> bool {
        let Some((column, rest)) = columns.split_first() else {
            return self.rows.contains(key);
        };
        let length = key.len();
        column.values(row).any(|value| {
            key.truncate(length);
            add(key, &value);
            self.any(rest, row, key)
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::data::{Batch, Context, Filter, Value};
    use crate::functions::predicate::compile;
    use crate::syntax::search;

    fn kept(text: &str, batch: &Batch) -> Vec<bool> {
        let (expr, errors) = search::parse(text, 0);
        assert!(errors.is_empty());
        let compiled = compile(&expr, &Context::default()).unwrap();
        let mask = compiled.predicate.unwrap().keep(batch);
        (0..batch.rows())
            .map(|row| mask.as_ref().unwrap().value(row))
            .collect()
    }

    #[test]
    fn a_long_list_keeps_what_its_alternatives_keep() {
        let multi = Value::Multi(vec!["q".into(), "B3".into()]);
        let batch = Batch::from_rows([
            vec![("a", Value::from("A1")), ("b", Value::from("x1"))],
            vec![("a", Value::from("a2")), ("b", Value::from("x1"))],
            vec![("a", multi), ("b", Value::from("X3"))],
            vec![("a", Value::Null), ("b", Value::from("x4"))],
            vec![("a", Value::from("z")), ("b", Value::from("ü"))],
            vec![("a", Value::from("w7")), ("b", Value::from("x7"))],
        ]);
        let some = ["(a=a1 b=x1)", "(a=b3 b=x3)", "a=z", "b=Ü", "(b=x7 a=w*)"];
        let more: Vec<String> = (0..20)
            .flat_map(|n| [format!("(a=n{n} b=x{n})"), format!("a=m{n}")])
            .collect();
        let long = some.map(str::to_owned).into_iter().chain(more);
        let long = long.collect::<Vec<_>>().join(" OR ");
        let expected = [true, false, true, false, true, true];
        assert_eq!(kept(&some.join(" OR "), &batch), expected);
        assert_eq!(kept(&long, &batch), expected);
        let not = format!("NOT ({long})");
        assert_eq!(kept(&not, &batch), expected.map(|kept| !kept));
    }
}
