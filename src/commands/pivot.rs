//! Tables with a column a value of a field: takes groups by a row key and a column key, gives a row a row key and a
//! column a kept column key; the rest goes to OTHER, events without the column field to NULL. For `chart`, `timechart`.

use super::series::{Keep, Series};
use super::shown::Shown;
use crate::aggregates::{Input, find};
use crate::data::{Batch, Column, ColumnBuilder, FieldName, Pairs, Position, Value};
use crate::diagnostic::Diagnostic;
use crate::operators::Summarised;
use crate::syntax::{AggregateArgument, AggregateText, Spanned};
use std::collections::BTreeMap;

/// What a column is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// A value of the field.
    Value(String),
    /// The rest.
    Other,
    /// No value.
    Null,
}

/// A column: the place of each row code's cell, and the cells.
struct Cells {
    name: String,
    places: BTreeMap<u32, usize>,
    column: Column,
    empty: Value,
    per: Option<f64>,
}

/// The cells of a table: for each row key the place of its row, and the columns.
pub(super) struct Pivot {
    /// The rows' groups, one of each row key, with the code of that key.
    pub rows: Vec<(u32, u32)>,
    columns: Vec<Cells>,
}

impl Pivot {
    /// A pivot of groups by one or two fields.
    pub fn new(
        mut summarised: Summarised,
        shown: &Shown,
        series: &Series,
    ) -> Result<Self, Diagnostic> {
        let count = summarised.groups.len();
        let mut rows: Vec<(u32, u32)> = (0..count as u32)
            .map(|group| (summarised.groups.code(group, 0), group))
            .collect();
        rows.sort_unstable();
        rows.dedup_by_key(|(code, _)| *code);
        let rows = rows
            .into_iter()
            .map(|(code, group)| (group, code))
            .collect();
        if summarised.by().len() < 2 {
            let places: BTreeMap<u32, usize> = (0..count as u32)
                .map(|g| (summarised.groups.code(g, 0), g as usize))
                .collect();
            let (results, _) = shown.columns(summarised.states.finish(count), count)?;
            let columns = results.into_iter().map(|results| Cells {
                name: results.name,
                places: places.clone(),
                column: results.column,
                empty: results.empty,
                per: results.per,
            });
            let columns = columns.collect();
            return Ok(Self { rows, columns });
        }
        let kinds = kinds(&mut summarised, shown, series)?;
        let (cells, map) = cells(&summarised, &kinds);
        let total = cells.len() + 1;
        let mut states = shown.calls.states(summarised.by());
        states.merge(summarised.states, &map, total);
        let mut by_kind: BTreeMap<&Kind, BTreeMap<u32, usize>> = BTreeMap::new();
        for (at, &(row, series)) in cells.list().iter().enumerate() {
            if let Some(kind) = kinds.names.get(series as usize) {
                by_kind.entry(kind).or_default().insert(row, at);
            }
        }
        let mut columns = Vec::new();
        let (results, _) = shown.columns(states.finish(total), total)?;
        for results in results {
            for (kind, places) in &by_kind {
                let text = match kind {
                    Kind::Value(text) => text,
                    Kind::Other => series.other.as_deref().unwrap_or_default(),
                    Kind::Null => series.null.as_deref().unwrap_or_default(),
                };
                columns.push(Cells {
                    name: series.name(&results.name, text, shown.several()),
                    places: places.clone(),
                    column: results.column.clone(),
                    empty: results.empty.clone(),
                    per: results.per,
                });
            }
        }
        Ok(Self { rows, columns })
    }

    /// Puts the columns into a batch whose rows are these row codes; `None` is a row without events. `seconds` is the
    /// length of a row's bin of time, for rates.
    pub fn fill(&self, batch: &mut Batch, rows: &[Option<u32>], seconds: Option<f64>) {
        for cells in &self.columns {
            let factor = cells.per.zip(seconds).map(|(per, seconds)| per / seconds);
            let mut builder = ColumnBuilder::default();
            for row in rows {
                let place = row.and_then(|code| cells.places.get(&code));
                let value = match place {
                    Some(group) => cells.column.value(*group),
                    None => cells.empty.clone(),
                };
                builder.push(match (factor, value) {
                    (Some(factor), Value::Number(n)) => Value::Number(n * factor),
                    (_, value) => value,
                });
            }
            batch.set(FieldName::from(cells.name.as_str()), builder.finish());
        }
    }
}

/// The kind of each code of the column field.
struct Kinds {
    /// By number: what the column is.
    names: Vec<Kind>,
    /// By code of the column field: its number, if it is shown.
    of: BTreeMap<u32, Option<u32>>,
}

/// Decides for each value of the column field where its cells go.
fn kinds(summarised: &mut Summarised, shown: &Shown, series: &Series) -> Result<Kinds, Diagnostic> {
    let scores = scores(summarised, shown)?;
    let mut texts: BTreeMap<u32, Option<String>> = BTreeMap::new();
    for group in 0..summarised.groups.len() as u32 {
        let code = summarised.groups.code(group, 1);
        let key = || summarised.groups.key(group, 1).map(str::to_owned);
        texts.entry(code).or_insert_with(key);
    }
    let mut scored: Vec<(Option<f64>, String, u32)> = Vec::new();
    for (code, text) in &texts {
        if let Some(text) = text {
            scored.push((scores.get(code).copied(), text.clone(), *code));
        }
    }
    let number = |score: Option<f64>| score.unwrap_or(f64::NEG_INFINITY);
    // Of equal scores the first text goes first, at the top as at the bottom.
    scored.sort_by(|a, b| {
        let higher = number(b.0).total_cmp(&number(a.0));
        let first = match series.keep {
            Keep::Bottom(_) => higher.reverse(),
            _ => higher,
        };
        first.then_with(|| a.1.cmp(&b.1))
    });
    let kept = |place: usize, score: Option<f64>| {
        series.inverted
            != match series.keep {
                Keep::All => true,
                Keep::Top(n) | Keep::Bottom(n) => place < n,
                Keep::Above(limit) => score.is_some_and(|score| score > limit),
                Keep::Below(limit) => score.is_some_and(|score| score < limit),
            }
    };
    let mut kinds = Kinds {
        names: vec![Kind::Other, Kind::Null],
        of: BTreeMap::new(),
    };
    for (place, (score, text, code)) in scored.into_iter().enumerate() {
        let number = if kept(place, score) {
            kinds.names.push(Kind::Value(text));
            Some(kinds.names.len() as u32 - 1)
        } else {
            series.other.as_ref().map(|_| 0)
        };
        kinds.of.insert(code, number);
    }
    for (code, _) in texts.iter().filter(|(_, text)| text.is_none()) {
        kinds.of.insert(*code, series.null.as_ref().map(|_| 1));
    }
    Ok(kinds)
}

/// The score of each code of the column field whose cells have numbers.
fn scores(summarised: &mut Summarised, shown: &Shown) -> Result<BTreeMap<u32, f64>, Diagnostic> {
    let count = summarised.groups.len();
    let (_, cells) = shown.columns(summarised.states.finish(count), count)?;
    let plan = match &shown.over {
        Some(plan) => Some(plan.clone()),
        None => sum(),
    };
    let (Some(cells), Some(plan)) = (cells, plan) else {
        return Ok(BTreeMap::new());
    };
    // Scores need no gaps in the codes: each code has a place in the order of its first group.
    let mut places: BTreeMap<u32, u32> = BTreeMap::new();
    let mut groups = Vec::with_capacity(count);
    for group in 0..count as u32 {
        let next = places.len() as u32;
        groups.push(
            *places
                .entry(summarised.groups.code(group, 1))
                .or_insert(next),
        );
    }
    let rows: Vec<u32> = (0..count as u32).collect();
    let mut state = plan.state();
    state.grow(places.len());
    state.update(&Input {
        column: Some(&cells),
        time: None,
        position: Position::default(),
        rows: &rows,
        groups: &groups,
    });
    let scores = state.finish(places.len());
    let score = |(code, place): (u32, u32)| Some((code, scores.number(place as usize)?));
    Ok(places.into_iter().filter_map(score).collect())
}

fn sum() -> Option<std::sync::Arc<dyn crate::aggregates::Plan>> {
    let cells = AggregateArgument::Field("cells".to_owned());
    let text = AggregateText {
        argument: Some(Spanned::new(cells, crate::diagnostic::Span::default())),
        ..super::calls::plain("sum")
    };
    Some(find("sum")?.plan(&text).ok()?.into())
}

/// The cells as pairs of row code and column number, and the cell of each group; one past the last takes what is not shown.
fn cells(summarised: &Summarised, kinds: &Kinds) -> (Pairs, Vec<u32>) {
    let groups = &summarised.groups;
    let mut cells = Pairs::default();
    let places: Vec<Option<u32>> = (0..groups.len() as u32)
        .map(|group| {
            let number = kinds.of.get(&groups.code(group, 1)).copied().flatten()?;
            Some(cells.code(groups.code(group, 0), number))
        })
        .collect();
    let last = cells.len() as u32;
    let map = places
        .into_iter()
        .map(|place| place.unwrap_or(last))
        .collect();
    (cells, map)
}
