//! Suppressing false positives: takes a saved query, a condition and inputs, gives the rows that would go and stay,
//! and writes the exclusion into the query's filter macro.

use super::{Query, Session};
use crate::data::Batch;
use crate::diagnostic::{Diagnostic, Diagnostics, code, nearest};
use crate::knowledge::suppress::{self, Date, Suppression};
use crate::knowledge::write_atomically;
use crate::operators::Flow;
use crate::plan::Goal;
use crate::render::{Format, Look, Writer, count, object};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

/// What the user wants suppressed.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Terms of a search over the query's rows.
    pub condition: String,
    /// Why.
    pub reason: String,
    /// The day from which it no longer applies, `YYYY-MM-DD`.
    pub expires: Option<String>,
}

/// What a suppression would do.
#[derive(Debug, Clone)]
pub struct Preview {
    /// Rows without it.
    pub before: Batch,
    /// Rows that it drops.
    pub gone: Batch,
    /// Rows with it.
    pub stay: Batch,
    /// The macro file.
    pub path: PathBuf,
    /// The filter macro's name.
    pub filter: String,
    /// The file's new text.
    text: String,
    /// What to say of the fields that the condition tests and no row has.
    unknown: Vec<String>,
}

impl Preview {
    /// Which rows go and which stay.
    pub fn text(&self, query: &str, width: usize) -> String {
        let part = |title: &str, rows: &Batch| {
            let mut out = Vec::new();
            let mut writer = Writer::new(
                Look {
                    width,
                    ..Look::new(Format::Table)
                },
                &mut out,
            );
            // Writing into memory can't fail.
            let _ = writer.batch(rows.clone()).and_then(|()| writer.finish(&[]));
            format!(
                "{title}: {}\n{}",
                count(rows.rows() as u64, "row", "rows"),
                String::from_utf8_lossy(&out)
            )
        };
        format!(
            "{query}: {} without this suppression\n{}{}",
            count(self.before.rows() as u64, "row", "rows"),
            part("would go", &self.gone),
            part("would stay", &self.stay),
        )
    }
}

impl Session {
    /// Runs the query without and with the suppression.
    pub fn preview(
        &self,
        query: &Query,
        wish: &Wish,
        inputs: &[String],
    ) -> Result<Preview, Diagnostics> {
        let one = |e: Diagnostic| vec![e];
        let Some(filter) = query.filter_macro() else {
            return Err(vec![
                Diagnostic::new(&code::SUPPRESSION, "only a saved query has a filter macro")
                    .help("save the query first, with its filter macro as the last stage"),
            ]);
        };
        if !query.text.text().contains(&format!("`{filter}`")) {
            return Err(vec![
                Diagnostic::new(
                    &code::SUPPRESSION,
                    format!("the query does not call its filter macro `{filter}`"),
                )
                .help(format!("end its search with | `{filter}`")),
            ]);
        }
        let expires = match &wish.expires {
            None => None,
            Some(text) => Some(Date::parse(text).ok_or_else(|| {
                vec![
                    Diagnostic::new(&code::ARGUMENT, format!("`{text}` is no day"))
                        .help("days are written 2027-01-31"),
                ]
            })?),
        };
        let new = Suppression {
            condition: wish.condition.trim().to_owned(),
            reason: wish.reason.trim().to_owned(),
            added: Date::today(),
            expires,
            author: std::env::var("USER").ok().filter(|u| !u.is_empty()),
        };
        let target =
            suppress::target(self.library(), &filter, &self.macro_folder()).map_err(one)?;
        let text = suppress::add(target.text.as_ref(), &filter, &new).map_err(one)?;
        let before = self.rows(query, inputs)?;
        let after = self
            .with_macro_file(&target.path, &text)?
            .rows(query, inputs)?;
        let gone = without(&before, &after);
        let unknown = self.unknown_fields(&new.condition, &before);
        Ok(Preview {
            before,
            gone,
            stay: after,
            path: target.path,
            filter,
            text,
            unknown,
        })
    }

    /// Writes what was previewed. A suppression that drops nothing, or every row, is refused unless forced.
    pub fn apply(&self, preview: &Preview, force: bool) -> Result<(), Diagnostic> {
        if preview.gone.is_empty() && !force {
            let help = match preview.unknown.first() {
                Some(unknown) => unknown.clone(),
                None => "--force adds it all the same".to_owned(),
            };
            return Err(Diagnostic::new(
                &code::SUPPRESSION,
                "the condition drops no row of this input",
            )
            .help(help));
        }
        if preview.stay.is_empty() && !preview.before.is_empty() && !force {
            return Err(
                Diagnostic::new(&code::SUPPRESSION, "the condition would drop every row")
                    .help("narrow it, or --force adds it all the same"),
            );
        }
        write_atomically(&preview.path, &preview.text, &code::SUPPRESSION)
    }

    /// A sentence for each field of a condition that no row has.
    fn unknown_fields(&self, condition: &str, rows: &Batch) -> Vec<String> {
        let query = Query::typed(condition);
        let Ok(compiled) = self.compile(&query, &Goal::default()) else {
            return Vec::new();
        };
        let terms = compiled.plan.stages.iter().flat_map(|s| s.stage.terms());
        let fields = terms.filter_map(|t| t.field);
        let missing = fields.filter(|f| rows.get(f).is_none());
        let said = |field: String| {
            let names: Vec<&str> = rows.names().map(|n| &**n).collect();
            match nearest(&field, names.iter().copied()) {
                Some(near) => format!("no row has the field {field}; there is {near}"),
                None => format!(
                    "no row has the field {field}; there are {}",
                    names.join(", ")
                ),
            }
        };
        missing.map(said).collect()
    }

    /// All rows of a query.
    fn rows(&self, query: &Query, inputs: &[String]) -> Result<Batch, Diagnostics> {
        let compiled = self.compile(query, &Goal::default())?;
        let mut held = Vec::new();
        self.run(&compiled, inputs, &Arc::default(), &mut |batch| {
            held.push(batch);
            Ok(Flow::More)
        })?;
        Ok(Batch::concat(&held))
    }
}

/// The rows of `all` that are not among `some`; a row that comes twice in one and once in the other stays once.
fn without(all: &Batch, some: &Batch) -> Batch {
    let text = |batch: &Batch, row: usize| serde_json::Value::from(object(batch, row)).to_string();
    let mut left: HashMap<String, usize> = HashMap::new();
    for row in 0..some.rows() {
        *left.entry(text(some, row)).or_default() += 1;
    }
    let mut rows = Vec::new();
    for row in 0..all.rows() {
        match left.get_mut(&text(all, row)) {
            Some(n) if *n > 0 => *n -= 1,
            _ => rows.extend(u32::try_from(row)),
        }
    }
    all.take(&rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Value;

    #[test]
    fn rows_are_told_apart_by_all_their_fields() {
        let row = |a: &str| vec![("a", Value::from(a))];
        let all = Batch::from_rows([row("x"), row("y"), row("x")]);
        let gone = without(&all, &Batch::from_rows([row("x")]));
        let left: Vec<Value> = (0..gone.rows()).map(|r| gone.value("a", r)).collect();
        assert_eq!(left, [Value::from("y"), Value::from("x")]);
    }
}
