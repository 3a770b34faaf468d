//! Literals of a search: takes its tree, gives texts that every matching event's text contains.

use crate::data::time::DATE_FIELDS;
use crate::data::{Literals, METADATA, is_cleaned, may_be_escaped};
use crate::functions::Cidr;
use crate::syntax::{Comparator, Literal, SearchExpr};

/// The literals of an expression: a group for each conjunct that has some.
///
/// Only what must stand in the event's text counts: keywords, and values compared for equality with a field that is
/// not metadata. Characters that JSON escapes cut a literal into pieces. The names of fields that must be there stand
/// beside them.
pub fn literals(expr: &SearchExpr) -> Literals {
    let mut groups = Vec::new();
    collect(expr, &mut groups);
    Literals {
        groups,
        names: names(expr).unwrap_or_default(),
        sourcetypes: sourcetypes(expr),
    }
}

/// What the sourcetype must be, see [`Literals::sourcetypes`].
fn sourcetypes(expr: &SearchExpr) -> Vec<Vec<String>> {
    let lower = |value: &Literal| value.text.to_lowercase();
    match expr {
        SearchExpr::And(parts) => parts.iter().flat_map(sourcetypes).collect(),
        SearchExpr::Or(parts) => {
            let lists = parts
                .iter()
                .map(|part| sourcetypes(part).into_iter().next());
            let lists: Option<Vec<Vec<String>>> = lists.collect();
            lists.map(|lists| lists.concat()).into_iter().collect()
        }
        SearchExpr::Compare(c)
            if c.node.op == Comparator::Equal && c.node.field.node == "sourcetype" =>
        {
            vec![vec![lower(&c.node.value.node)]]
        }
        SearchExpr::In(list) if list.node.field.node == "sourcetype" => {
            let values = list.node.values.iter();
            vec![values.map(|value| lower(&value.node)).collect()]
        }
        _ => Vec::new(),
    }
}

/// A group of names of fields of which every matching event has one.
fn names(expr: &SearchExpr) -> Option<Vec<String>> {
    match expr {
        SearchExpr::And(parts) => {
            let groups = parts.iter().filter_map(names);
            groups.max_by_key(|group| group.iter().map(String::len).min())
        }
        SearchExpr::Or(parts) => {
            let groups: Option<Vec<Vec<String>>> = parts
                .iter()
                .map(|part| alternative(part).or_else(|| names(part)))
                .collect();
            let group = groups.map(|groups| groups.concat());
            group.filter(|group| group.len() <= MOST)
        }
        SearchExpr::Compare(c) => name(&c.node.field.node),
        SearchExpr::In(list) => name(&list.node.field.node),
        _ => None,
    }
}

/// The longest key of a field's path; of a field that a text may name the longest part between `_`, which may stand for
/// other characters there.
fn name(field: &str) -> Option<Vec<String>> {
    if is_given(field) {
        return None;
    }
    let named = is_cleaned(field);
    let cut = |c: char| matches!(c, '.' | '{' | '}') || named && c == '_' || may_be_escaped(c);
    let keys = field.split(cut).filter(|key| key.len() > 1);
    let longest = keys.max_by_key(|key| key.len())?;
    Some(vec![longest.to_ascii_lowercase()])
}

/// Alternatives that are looked for at most: with more, reading the lines is faster than looking for all.
const MOST: usize = 64;

fn collect(expr: &SearchExpr, groups: &mut Vec<Vec<String>>) {
    match expr {
        SearchExpr::And(parts) => parts.iter().for_each(|p| collect(p, groups)),
        SearchExpr::Or(parts) => {
            // Every alternative must have a literal of its own: the longest of each stands for it.
            if parts.len() > MOST {
                return;
            }
            let alternatives: Option<Vec<Vec<String>>> = parts.iter().map(alternative).collect();
            let group = alternatives.map(|a| a.concat());
            groups.extend(group.filter(|g| !g.is_empty() && g.len() <= MOST));
        }
        SearchExpr::Term(term) => {
            groups.extend(pieces(&term.node.literal).into_iter().map(|p| vec![p]))
        }
        SearchExpr::Compare(c)
            if c.node.op == Comparator::Equal
                && in_text(&c.node.field.node, &c.node.value.node) =>
        {
            groups.extend(pieces(&c.node.value.node).into_iter().map(|p| vec![p]));
        }
        SearchExpr::In(list) if list.node.values.len() <= MOST => {
            let values: Option<Vec<String>> = list
                .node
                .values
                .iter()
                .map(|v| {
                    if in_text(&list.node.field.node, &v.node) {
                        longest(pieces(&v.node))
                    } else {
                        None
                    }
                })
                .collect();
            groups.extend(values.filter(|g| !g.is_empty()));
        }
        _ => {}
    }
}

/// A group that stands for one alternative of an OR.
fn alternative(expr: &SearchExpr) -> Option<Vec<String>> {
    let mut groups = Vec::new();
    collect(expr, &mut groups);
    groups
        .into_iter()
        .max_by_key(|g| g.iter().map(String::len).min().unwrap_or(0))
}

fn longest(pieces: Vec<String>) -> Option<String> {
    pieces.into_iter().max_by_key(String::len)
}

/// Whether the value of the field stands in the event's text.
fn in_text(field: &str, value: &Literal) -> bool {
    !is_given(field) && Cidr::parse(&value.text).is_none()
}

/// Whether an event may have the field although neither its name nor its value stands in the text.
fn is_given(field: &str) -> bool {
    METADATA.contains(&field) || DATE_FIELDS.contains(&field) || field.starts_with('_')
}

/// The pieces of a literal that stand in the text as they are, lower case: cut at wildcards and at what JSON escapes.
fn pieces(literal: &Literal) -> Vec<String> {
    let cut = |c: char| c == '*' || may_be_escaped(c);
    literal
        .text
        .split(cut)
        .filter(|p| p.len() > 1)
        .map(str::to_ascii_lowercase)
        .collect()
}
