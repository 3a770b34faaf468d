//! `set`: the rows that two searches have together, in common, or not in common.

use super::appended::several;
use super::chosen::compared;
use super::made::Made;
use super::{Command, Example, Limits, ParseContext, Place, Stage, Subplan};
use crate::data::{Batch, FieldName};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::RowKey;
use crate::syntax::{Args, StageText};
use std::collections::HashSet;
use std::sync::Arc;

/// The command.
pub struct Set;

impl Command for Set {
    fn name(&self) -> &'static str {
        "set"
    }
    fn summary(&self) -> &'static str {
        "Gives the rows that are in either of two searches, in both, or in only one"
    }
    fn usage(&self) -> &'static str {
        "set union|diff|intersect [<subsearch>] [<subsearch>]"
    }
    fn nests(&self) -> bool {
        true
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "| set diff [search kind=a | table n] [search kind=b | table n]",
                input: "{\"kind\":\"a\",\"n\":1}\n{\"kind\":\"a\",\"n\":2}\n{\"kind\":\"b\",\"n\":2}",
                output: "{\"n\":1}",
            },
            Example {
                query: "| set intersect [search kind=a | table n] [search kind=b | table n]",
                input: "{\"kind\":\"a\",\"n\":1}\n{\"kind\":\"a\",\"n\":2}\n{\"kind\":\"b\",\"n\":2}",
                output: "{\"n\":2}",
            },
        ]
    }
    fn place(&self) -> Place {
        Place::First
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut args = Args::new(text, self.usage());
        let kinds = [
            ("union", Which::Union),
            ("diff", Which::Difference),
            ("intersect", Which::Intersection),
        ];
        let kind = kinds
            .iter()
            .find(|(name, _)| args.keyword(name))
            .map(|(_, kind)| *kind);
        if kind.is_none() {
            let error = args.unexpected("union, diff or intersect");
            args.report(error);
            args.take_rest();
        }
        let plans = several(&mut args, cx);
        if plans.len() != 2 && kind.is_some() {
            let error = args.missing("two subsearches");
            args.report(error);
        }
        args.finish()?;
        match (kind, <[Arc<dyn Subplan>; 2]>::try_from(plans)) {
            (Some(kind), Ok(plans)) => Ok(Made::boxed("set", move || combined(kind, &plans))),
            _ => Err(Vec::new()),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    Union,
    Difference,
    Intersection,
}

/// The rows of two searches put together.
fn combined(kind: Which, [first, second]: &[Arc<dyn Subplan>; 2]) -> Result<Batch, Diagnostic> {
    let (first, second) = (first.run(Limits::SEARCH)?, second.run(Limits::SEARCH)?);
    let mut names: Vec<FieldName> = first.names().cloned().collect();
    names.extend(second.names().filter(|n| first.get(n).is_none()).cloned());
    let names = compared(names);
    let (own, other) = (keys(&first, &names), keys(&second, &names));
    let in_first: HashSet<&[u8]> = own.iter().map(Vec::as_slice).collect();
    let in_second: HashSet<&[u8]> = other.iter().map(Vec::as_slice).collect();
    let kept = |keys: &[Vec<u8>], others: &HashSet<&[u8]>| -> Vec<bool> {
        let elsewhere = |key: &Vec<u8>| others.contains(key.as_slice());
        keys.iter()
            .map(|key| match kind {
                Which::Union => true,
                Which::Difference => !elsewhere(key),
                Which::Intersection => elsewhere(key),
            })
            .collect()
    };
    let (first_kept, second_kept) = (kept(&own, &in_second), kept(&other, &in_first));
    let rows = Batch::concat(&[
        first.filter(&first_kept.into()),
        second.filter(&second_kept.into()),
    ]);
    Ok(distinct(&rows, &names))
}

/// The bytes that tell each row from others.
fn keys(rows: &Batch, names: &[FieldName]) -> Vec<Vec<u8>> {
    let mut key = RowKey::new(rows, names);
    (0..rows.rows())
        .map(|row| key.bytes(row).to_vec())
        .collect()
}

/// The rows, each once.
fn distinct(rows: &Batch, names: &[FieldName]) -> Batch {
    let mut seen = HashSet::new();
    let keep: Vec<bool> = keys(rows, names)
        .into_iter()
        .map(|key| seen.insert(key))
        .collect();
    rows.filter(&keep.into())
}
