//! `join`: adds the fields of a subsearch's rows to the rows that share values with them.

use super::{
    BuildContext, Command, Example, Kind, OptionDoc, Ordering, ParseContext, Stage, Subplan,
};
use crate::data::{Batch, Column, ColumnBuilder, Demand, FieldName};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Operator, streaming};
use crate::syntax::{Args, StageText};
use std::collections::HashMap;
use std::sync::Arc;

/// The command.
pub struct Join;

impl Command for Join {
    fn name(&self) -> &'static str {
        "join"
    }
    fn summary(&self) -> &'static str {
        "Adds the fields of a subsearch's rows to the rows that share the values of some fields with them"
    }
    fn usage(&self) -> &'static str {
        "join [type=inner|left|outer] [max=<N>] [overwrite=<bool>] [<field>…] [<subsearch>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[
            OptionDoc {
                name: "type",
                value: "inner|left|outer",
                default: "inner",
                summary: "left (or outer) keeps the rows that nothing is joined to",
            },
            OptionDoc {
                name: "max",
                value: "<N>",
                default: "1",
                summary: "Rows of the subsearch that are joined to one row at most; 0 for all",
            },
            OptionDoc {
                name: "overwrite",
                value: "true|false",
                default: "true",
                summary: "Whether the subsearch's values replace those that are there",
            },
        ]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "kind=a | join id [search kind=b | table id name] | table id name",
                input: "{\"kind\":\"a\",\"id\":1}\n{\"kind\":\"a\",\"id\":2}\n{\"kind\":\"b\",\"id\":1,\"name\":\"x\"}",
                output: "{\"id\":1,\"name\":\"x\"}",
            },
            Example {
                query: "kind=a | join type=left id [search kind=b | table id name] | table id name",
                input: "{\"kind\":\"a\",\"id\":1}\n{\"kind\":\"a\",\"id\":2}\n{\"kind\":\"b\",\"id\":1,\"name\":\"x\"}",
                output: "{\"id\":1,\"name\":\"x\"}\n{\"id\":2}",
            },
        ]
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut args = Args::new(text, self.usage());
        let options = args.options(&["type", "max", "overwrite"]);
        let kind = match options.get("type") {
            Some(option) => {
                let kind = option.choice(&["inner", "left", "outer"]);
                args.or_report(kind, "inner")
            }
            None => "inner",
        };
        let most = options.count("max", 1);
        let most = args.or_report(most, 1);
        let overwrite = options.boolean("overwrite", true);
        let overwrite = args.or_report(overwrite, true);
        let mut fields: Vec<FieldName> = Vec::new();
        while let Some(field) = args.field() {
            fields.push(field.node.as_str().into());
        }
        let plan = super::appended::required(&mut args, cx);
        args.finish()?;
        let Some(plan) = plan else {
            return Err(Vec::new());
        };
        Ok(Box::new(Joined {
            plan,
            fields,
            keep: kind != "inner",
            most: if most == 0 { usize::MAX } else { most },
            overwrite,
        }))
    }
}

/// `join` with its arguments.
#[derive(Debug, Clone)]
struct Joined {
    plan: Arc<dyn Subplan>,
    /// Fields to join by; empty for all that both sides have.
    fields: Vec<FieldName>,
    keep: bool,
    most: usize,
    overwrite: bool,
}

/// The values of the fields in a row; nothing when one is missing.
fn key(columns: &[Column], row: usize) -> Option<Vec<String>> {
    columns
        .iter()
        .map(|c| c.text(row).map(|t| t.into_owned()))
        .collect()
}

fn columns(batch: &Batch, fields: &[FieldName]) -> Vec<Column> {
    fields.iter().map(|name| batch.column(name)).collect()
}

impl Joined {
    fn join(&self, batch: &Batch, inner: &Batch, index: &Index) -> Batch {
        let own = columns(batch, &index.fields);
        let (mut left, mut right): (Vec<u32>, Vec<Option<usize>>) = (Vec::new(), Vec::new());
        for (row, number) in (0..batch.rows()).zip(0u32..) {
            let found = key(&own, row).and_then(|k| index.rows.get(&k));
            for at in found.into_iter().flatten().take(self.most) {
                left.push(number);
                right.push(Some(*at));
            }
            if found.is_none() && self.keep {
                left.push(number);
                right.push(None);
            }
        }
        let mut out = batch.take(&left);
        for (name, column) in inner
            .fields()
            .filter(|(name, _)| !index.fields.contains(name))
        {
            let old = out.get(name).cloned();
            let mut builder = ColumnBuilder::default();
            for (row, at) in right.iter().enumerate() {
                let joined = at
                    .filter(|at| !column.is_null(*at))
                    .map(|at| column.value(at));
                let kept = old
                    .as_ref()
                    .filter(|c| !c.is_null(row))
                    .map(|c| c.value(row));
                let value = if self.overwrite {
                    joined.or(kept)
                } else {
                    kept.or(joined)
                };
                builder.push(value.unwrap_or_default());
            }
            out.set(name.clone(), builder.finish());
        }
        out
    }
}

/// The rows of the subsearch by their values.
struct Index {
    fields: Vec<FieldName>,
    rows: HashMap<Vec<String>, Vec<usize>>,
}

impl Index {
    fn new(inner: &Batch, fields: Vec<FieldName>) -> Self {
        let own = columns(inner, &fields);
        let mut rows: HashMap<Vec<String>, Vec<usize>> = HashMap::new();
        for row in 0..inner.rows() {
            if let Some(key) = key(&own, row) {
                rows.entry(key).or_default().push(row);
            }
        }
        Self { fields, rows }
    }
}

impl Stage for Joined {
    fn kind(&self) -> Kind {
        Kind::Streaming
    }
    fn ordering(&self) -> Ordering {
        Ordering::Sees
    }
    fn demand(&self, after: &Demand) -> Demand {
        if self.fields.is_empty() {
            return Demand::all();
        }
        let mut demand = after.clone();
        for field in &self.fields {
            demand.add(field);
        }
        demand
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let joined = self.clone();
        let inner = self.plan.run()?;
        let fixed = (!self.fields.is_empty()).then(|| Index::new(&inner, self.fields.clone()));
        Ok(streaming(move |batch| match &fixed {
            Some(index) => joined.join(&batch, &inner, index),
            None => {
                let shared = inner
                    .names()
                    .filter(|n| batch.get(n).is_some() && !n.starts_with('_'));
                let index = Index::new(&inner, shared.cloned().collect());
                joined.join(&batch, &inner, &index)
            }
        }))
    }
}
