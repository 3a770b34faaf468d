//! `join`: adds the fields of a subsearch's rows to the rows that share values with them.

use super::{
    BuildContext, Command, Example, Limits, OptionDoc, Ordering, ParseContext, Stage, Subplan,
};
use crate::data::{Batch, Column, ColumnBuilder, Demand, FieldName};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::operators::{Operator, streaming};
use crate::syntax::{Args, StageText};
use std::collections::HashMap;
use std::sync::Arc;

/// The command.
pub struct Join;

const OPTIONS: &[OptionDoc] = &[
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
    OptionDoc::new(
        "usetime",
        "true|false",
        "false",
        "Whether _time says which rows of the subsearch are joined",
    ),
    OptionDoc::new(
        "earlier",
        "true|false",
        "true",
        "With usetime=true: only rows of the same second or before are joined; with false those of the same second or after",
    ),
    OptionDoc::new(
        "left",
        "<alias>",
        "",
        "Stands before the rows' fields: L.id. With right= and where, for fields whose names differ",
    ),
    OptionDoc::new(
        "right",
        "<alias>",
        "",
        "Stands before the subsearch's fields",
    ),
];

impl Command for Join {
    fn name(&self) -> &'static str {
        "join"
    }
    fn summary(&self) -> &'static str {
        "Adds the fields of a subsearch's rows to the rows that share the values of some fields with them"
    }
    fn usage(&self) -> &'static str {
        "join [type=inner|left|outer] [usetime=<bool>] [earlier=<bool>] [overwrite=<bool>] [max=<N>] ([<field>…] | left=<alias> right=<alias> where <alias>.<field>=<alias>.<field>…) ([<subsearch>] | savedsearch:<name> | inputlookup:<table>)"
    }
    fn options(&self) -> &'static [OptionDoc] {
        OPTIONS
    }
    fn nests(&self) -> bool {
        true
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
            Example {
                query: "* | join left=L right=R where L.id=R.user inputlookup:users.csv | table L.id R.dept",
                input: "{\"id\":\"eve\"}\n{\"id\":\"zed\"}",
                output: "{\"L.id\":\"eve\",\"R.dept\":\"HR\"}",
            },
        ]
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut args = Args::new(text, self.usage());
        let names = [
            "type",
            "max",
            "overwrite",
            "usetime",
            "earlier",
            "left",
            "right",
        ];
        let options = args.options(&names);
        let kind = match options.get("type") {
            Some(option) => {
                let kind = option.choice(&["inner", "left", "outer"]);
                args.or_report(kind, "inner")
            }
            None => "inner",
        };
        let most = options.count("max", 1);
        let most = args.or_report(most, 1);
        let mut flag = |name, default| {
            let read = options.boolean(name, default);
            args.or_report(read, default)
        };
        let overwrite = flag("overwrite", true);
        let (by_time, earlier) = (flag("usetime", false), flag("earlier", true));
        let time = match (by_time, earlier) {
            (false, _) => Time::Any,
            (true, true) => Time::Before,
            (true, false) => Time::After,
        };
        let by = match (options.get("left"), options.get("right")) {
            (Some(left), Some(right)) => {
                By::aliases(&mut args, &left.value.node.text, &right.value.node.text)
            }
            (None, None) => {
                let mut ahead = args.clone();
                let span = ahead.here();
                if ahead.keyword("where")
                    && ahead
                        .word()
                        .is_some_and(|word| word.node.text.contains('='))
                {
                    let message = "where goes together with left= and right=";
                    args.report(Diagnostic::at(&code::SYNTAX, span, message).help(
                        "write left=<alias> right=<alias> where <alias>.<field>=<alias>.<field>",
                    ));
                }
                By::fields(&mut args)
            }
            (Some(option), None) | (None, Some(option)) => {
                let message = "left= and right= go together, with where";
                args.report(Diagnostic::at(&code::SYNTAX, option.name.span, message));
                args.take_rest();
                By::default()
            }
        };
        let plan = super::sourced::required(&mut args, cx);
        args.finish()?;
        let Some(plan) = plan else {
            return Err(Vec::new());
        };
        Ok(Box::new(Joined {
            plan,
            by,
            keep: kind != "inner",
            most: if most == 0 { usize::MAX } else { most },
            overwrite,
            time,
        }))
    }
}

/// Which rows of the subsearch may be joined, by their time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Time {
    Any,
    /// Of the same second or before.
    Before,
    /// Of the same second or after.
    After,
}

/// Fields to join by: the rows' own and the subsearch's; empty for all that both sides have.
#[derive(Debug, Clone, Default)]
struct By {
    own: Vec<FieldName>,
    others: Vec<FieldName>,
    /// What stands before all fields of the two sides.
    prefixes: Option<[String; 2]>,
}

impl By {
    fn fields(args: &mut Args) -> Self {
        let mut own: Vec<FieldName> = Vec::new();
        loop {
            let mut ahead = args.clone();
            match ahead.field() {
                Some(field) if !super::sourced::is_dataset(&field.node) => {
                    own.push(field.node.as_str().into());
                    *args = ahead;
                }
                _ => break,
            }
        }
        Self {
            others: own.clone(),
            own,
            prefixes: None,
        }
    }

    /// `where L.a=R.b …`, the sides in any order.
    fn aliases(args: &mut Args, left: &str, right: &str) -> Self {
        let mut by = Self {
            prefixes: Some([format!("{left}."), format!("{right}.")]),
            ..Self::default()
        };
        if !args.keyword("where") {
            let error = args.missing(&format!("`where {left}.<field>={right}.<field>`"));
            args.report(error);
            args.take_rest();
            return by;
        }
        let wanted = format!("{left}.<field>={right}.<field>");
        let mut is_well = true;
        loop {
            let mut ahead = args.clone();
            let span = ahead.here();
            let Some(word) = ahead.word() else { break };
            if super::sourced::is_dataset(&word.node.text) {
                break;
            }
            // Blanks may stand around the sign.
            let mut text = word.node.text;
            while (text.ends_with('=') || !text.contains('='))
                && let Some(more) = ahead.word()
            {
                text.push_str(&more.node.text);
            }
            let under = |text: &str, alias: &str| {
                let field = text.trim().strip_prefix(alias)?.strip_prefix('.')?;
                (!field.is_empty()).then(|| FieldName::from(field))
            };
            let pair = text.split_once('=').and_then(|(a, b)| {
                let straight = under(a, left).zip(under(b, right));
                straight.or_else(|| under(b, left).zip(under(a, right)))
            });
            *args = ahead;
            match pair {
                Some((own, other)) => {
                    by.own.push(own);
                    by.others.push(other);
                }
                None => {
                    is_well = false;
                    let message = format!("`{text}` is not {wanted}");
                    args.report(Diagnostic::at(&code::SYNTAX, span, message));
                }
            }
        }
        if by.own.is_empty() && is_well {
            let error = args.missing(&wanted);
            args.report(error);
        }
        by
    }
}

/// `join` with its arguments.
#[derive(Debug, Clone)]
struct Joined {
    plan: Arc<dyn Subplan>,
    by: By,
    keep: bool,
    most: usize,
    overwrite: bool,
    time: Time,
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
        let own = columns(batch, &index.own);
        let (time, times) = (batch.column("_time"), inner.column("_time"));
        let fits = |row: usize, at: usize| {
            let second = |column: &Column, row| column.number(row).map(f64::floor);
            match second(&time, row).zip(second(&times, at)) {
                Some((own, other)) => match self.time {
                    Time::Any => true,
                    Time::Before => other <= own,
                    Time::After => other >= own,
                },
                None => true,
            }
        };
        let (mut left, mut right): (Vec<u32>, Vec<Option<usize>>) = (Vec::new(), Vec::new());
        for (row, number) in (0..batch.rows()).zip(0u32..) {
            let found: Vec<usize> = key(&own, row)
                .and_then(|k| index.rows.get(&k))
                .into_iter()
                .flatten()
                .copied()
                .filter(|at| fits(row, *at))
                .take(self.most)
                .collect();
            if found.is_empty() && self.keep {
                left.push(number);
                right.push(None);
            }
            for at in found {
                left.push(number);
                right.push(Some(at));
            }
        }
        let mut out = batch.take(&left);
        for (name, column) in inner.fields().filter(|(name, _)| !index.own.contains(name)) {
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
    /// The fields of the other side that hold the same.
    own: Vec<FieldName>,
    rows: HashMap<Vec<String>, Vec<usize>>,
}

impl Index {
    fn new(inner: &Batch, own: Vec<FieldName>, fields: &[FieldName]) -> Self {
        let columns = columns(inner, fields);
        let mut rows: HashMap<Vec<String>, Vec<usize>> = HashMap::new();
        for row in 0..inner.rows() {
            if let Some(key) = key(&columns, row) {
                rows.entry(key).or_default().push(row);
            }
        }
        Self { own, rows }
    }
}

impl Stage for Joined {
    fn ordering(&self) -> Ordering {
        Ordering::Sees
    }
    fn demand(&self, after: &Demand) -> Demand {
        if self.by.own.is_empty() || self.by.prefixes.is_some() {
            return Demand::all();
        }
        let mut demand = after.clone();
        for field in &self.by.own {
            demand.add(field);
        }
        if self.time != Time::Any {
            demand.add("_time");
        }
        demand
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let joined = self.clone();
        let mut inner = self.plan.run(Limits::ROWS)?;
        let mut share = cx.context.memory.share();
        // The rows, and the table of their values.
        share.hold(inner.bytes() + inner.rows() * 128, "join")?;
        let by = &self.by;
        let fixed = (!by.own.is_empty()).then(|| match &by.prefixes {
            None => Index::new(&inner, by.own.clone(), &by.others),
            Some([left, _]) => {
                let own = by.own.iter().map(|name| format!("{left}{name}").into());
                Index::new(&inner, own.collect(), &by.others)
            }
        });
        if let Some([_, right]) = &by.prefixes {
            inner = prefixed(&inner, right);
        }
        Ok(streaming(move |batch| match (&fixed, &share) {
            (Some(index), _) => match &joined.by.prefixes {
                None => joined.join(&batch, &inner, index),
                Some([left, _]) => joined.join(&prefixed(&batch, left), &inner, index),
            },
            (None, _) => {
                let shared = inner
                    .names()
                    .filter(|n| batch.get(n).is_some() && !n.starts_with('_'));
                let shared: Vec<FieldName> = shared.cloned().collect();
                let index = Index::new(&inner, shared.clone(), &shared);
                joined.join(&batch, &inner, &index)
            }
        }))
    }
}

/// The rows with a text before the names of all fields.
fn prefixed(rows: &Batch, prefix: &str) -> Batch {
    let mut out = Batch::new(rows.rows());
    out.position = rows.position;
    for (name, column) in rows.fields() {
        out.set(format!("{prefix}{name}"), column.clone());
    }
    out
}
