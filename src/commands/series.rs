//! Tables with a column a value of a field: takes groups by a row key and a column key, gives a row a row key and a
//! column a kept column key; the rest goes to OTHER, events without the column field to NULL. For `chart`, `timechart`.

use super::arguments::Arguments;
use crate::aggregates::Calls;
use crate::data::{Batch, Column, ColumnBuilder, FieldName, Pairs, Value, parse_number};
use crate::operators::Summarised;
use std::collections::BTreeMap;

/// Which columns are kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Keep {
    /// All.
    All,
    /// So many with the highest score.
    Top(usize),
    /// So many with the lowest score.
    Bottom(usize),
    /// Those whose score is above.
    Above(f64),
    /// Those whose score is below.
    Below(f64),
}

/// How a column's cells become its score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Score {
    /// Their sum.
    Sum,
    /// Their mean.
    Mean,
    /// The largest.
    Max,
    /// The smallest.
    Min,
}

/// The options that say which columns there are and what they are called.
#[derive(Debug, Clone)]
pub(super) struct Series {
    pub keep: Keep,
    /// Turns `keep` round: `notin`.
    pub inverted: bool,
    pub score: Score,
    /// The name of the rest's column, if it is shown.
    pub other: Option<String>,
    /// The name of the column of events without the field, if it is shown.
    pub null: Option<String>,
    sep: String,
    format: Option<String>,
}

impl Series {
    /// Reads `limit`, `useother`, `otherstr`, `usenull`, `nullstr`, `sep` and `format`.
    pub fn read(arguments: &mut Arguments) -> Self {
        let keep = match super::calls::value(arguments, "limit") {
            None => Keep::Top(10),
            Some(word) => keep(&word.text).unwrap_or_else(|| {
                super::calls::bad_value(
                    arguments,
                    "limit",
                    &word,
                    "a whole number, top<N> or bottom<N>",
                );
                Keep::All
            }),
        };
        let mut named = |show, name, default: &str| {
            let shown = arguments.flag(show, true);
            let name = arguments.text(name);
            shown.then(|| name.unwrap_or_else(|| default.to_owned()))
        };
        let other = named("useother", "otherstr", "OTHER");
        let null = named("usenull", "nullstr", "NULL");
        let sep = arguments.text("sep");
        Self {
            keep,
            inverted: false,
            score: Score::Sum,
            other,
            null,
            sep: sep.unwrap_or_else(|| ": ".to_owned()),
            format: arguments.text("format"),
        }
    }

    /// Reads the rest as a where clause: `count in top5`, `max > 100`.
    pub fn read_where(&mut self, arguments: &mut Arguments) {
        let words = arguments.rest(&[]);
        let Some(span) = words.iter().map(|w| w.span).reduce(|a, b| a.to(b)) else {
            arguments.missing("a condition after WHERE, such as count in top5");
            return;
        };
        let text: Vec<&str> = words.iter().map(|w| w.text.as_str()).collect();
        if self.set_where(&text.join(" ")).is_none() {
            let message =
                "WHERE takes <function> in|notin top<N>|bottom<N>, or <function> >|< <number>";
            arguments.syntax(span, message);
        }
    }

    fn set_where(&mut self, text: &str) -> Option<()> {
        let at = text.find(|c: char| c.is_whitespace() || c == '<' || c == '>')?;
        let (function, rest) = text.split_at(at);
        let name = function
            .split('(')
            .next()
            .unwrap_or("")
            .to_ascii_lowercase();
        self.score = match name.as_str() {
            "count" | "c" | "sum" | "dc" => Score::Sum,
            "avg" | "mean" => Score::Mean,
            "max" => Score::Max,
            "min" => Score::Min,
            _ => return None,
        };
        let rest = rest.trim().to_ascii_lowercase();
        if let Some(number) = rest.strip_prefix('>') {
            self.keep = Keep::Above(parse_number(number)?);
        } else if let Some(number) = rest.strip_prefix('<') {
            self.keep = Keep::Below(parse_number(number)?);
        } else {
            let (word, which) = rest.split_once(char::is_whitespace)?;
            self.inverted = match word {
                "in" => false,
                "notin" => true,
                _ => return None,
            };
            let which = which.trim();
            if !which.starts_with(['t', 'b']) {
                return None;
            }
            self.keep = keep(which)?;
        }
        Some(())
    }

    fn name(&self, calls: &Calls, call: usize, series: &str) -> String {
        if calls.list.len() == 1 && self.format.is_none() {
            return series.to_owned();
        }
        let function = calls.list.get(call).map_or("", |c| &c.name);
        match &self.format {
            Some(format) => format
                .replace("$AGG$", function)
                .replace("$VALUE$", series)
                .replace("$VAL$", series),
            None => format!("{function}{}{series}", self.sep),
        }
    }
}

fn keep(text: &str) -> Option<Keep> {
    let lower = text.to_ascii_lowercase();
    if let Some(n) = lower.strip_prefix("bottom") {
        return n.parse().ok().map(Keep::Bottom);
    }
    let n: usize = lower.strip_prefix("top").unwrap_or(&lower).parse().ok()?;
    Some(if n == 0 { Keep::All } else { Keep::Top(n) })
}

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

/// The cells of a table: for each row key the place of its row, and the columns.
pub(super) struct Pivot {
    /// The rows' groups, one of each row key, with the code of that key.
    pub rows: Vec<(u32, u32)>,
    columns: Vec<(String, BTreeMap<u32, usize>, Column, Value)>,
}

impl Pivot {
    /// A pivot of groups by one or two fields.
    pub fn new(mut summarised: Summarised, calls: &std::sync::Arc<Calls>, series: &Series) -> Self {
        let count = summarised.groups.len();
        let mut rows: Vec<(u32, u32)> = (0..count as u32)
            .map(|group| (summarised.groups.code(group, 0), group))
            .collect();
        rows.sort_unstable();
        rows.dedup_by_key(|(code, _)| *code);
        if summarised.by().len() < 2 {
            let cells: BTreeMap<u32, usize> = (0..count as u32)
                .map(|g| (summarised.groups.code(g, 0), g as usize))
                .collect();
            let finished = summarised.states.finish(count).into_iter();
            let columns = finished
                .map(|(at, name, column)| (name, cells.clone(), column, empty(calls, at)))
                .collect();
            let rows = rows
                .into_iter()
                .map(|(code, group)| (group, code))
                .collect();
            return Self { rows, columns };
        }
        let kinds = kinds(&mut summarised, series);
        let (cells, map) = cells(&summarised, &kinds);
        let total = cells.len() + 1;
        let mut states = calls.states(&[]);
        states.merge(summarised.states, &map, total);
        let mut by_kind: BTreeMap<&Kind, BTreeMap<u32, usize>> = BTreeMap::new();
        for (at, &(row, series)) in cells.list().iter().enumerate() {
            if let Some(kind) = kinds.names.get(series as usize) {
                by_kind.entry(kind).or_default().insert(row, at);
            }
        }
        let mut columns = Vec::new();
        for (at, _, column) in states.finish(total) {
            for (kind, cells) in &by_kind {
                let text = match kind {
                    Kind::Value(text) => text,
                    Kind::Other => series.other.as_deref().unwrap_or_default(),
                    Kind::Null => series.null.as_deref().unwrap_or_default(),
                };
                let name = series.name(calls, at, text);
                columns.push((name, cells.clone(), column.clone(), empty(calls, at)));
            }
        }
        let rows = rows
            .into_iter()
            .map(|(code, group)| (group, code))
            .collect();
        Self { rows, columns }
    }

    /// Puts the columns into a batch whose rows are these row codes; `None` is a row without events.
    pub fn fill(
        &self,
        batch: &mut Batch,
        rows: &[Option<u32>],
        scale: impl Fn(usize) -> Option<f64>,
        calls: &Calls,
    ) {
        let per = self.columns.len() / calls.list.len().max(1);
        for (at, (name, cells, column, empty)) in self.columns.iter().enumerate() {
            let factor = scale(at / per.max(1));
            let mut builder = ColumnBuilder::default();
            for row in rows {
                let cell = row.and_then(|code| cells.get(&code));
                let value = match cell {
                    Some(group) => column.value(*group),
                    None => empty.clone(),
                };
                builder.push(match (factor, value) {
                    (Some(factor), Value::Number(n)) => Value::Number(n * factor),
                    (_, value) => value,
                });
            }
            batch.set(FieldName::from(name.as_str()), builder.finish());
        }
    }
}

fn empty(calls: &Calls, at: usize) -> Value {
    calls.list.get(at).map_or(Value::Null, |c| c.plan.empty())
}

/// The kind of each code of the column field.
struct Kinds {
    /// By number: what the column is.
    names: Vec<Kind>,
    /// By code of the column field: its number, if it is shown.
    of: BTreeMap<u32, Option<u32>>,
}

/// Decides for each value of the column field where its cells go.
fn kinds(summarised: &mut Summarised, series: &Series) -> Kinds {
    let count = summarised.groups.len();
    let finished = summarised.states.finish(count);
    let first = finished.first().map(|(_, _, column)| column);
    let mut texts: BTreeMap<u32, (Option<String>, Vec<f64>)> = BTreeMap::new();
    for group in 0..count as u32 {
        let code = summarised.groups.code(group, 1);
        let entry = texts.entry(code).or_insert_with(|| {
            let key = summarised.groups.key(group, 1);
            (key.map(str::to_owned), Vec::new())
        });
        entry.1.extend(first.and_then(|c| c.number(group as usize)));
    }
    let mut scored: Vec<(f64, String, u32)> = texts
        .iter()
        .filter_map(|(code, (text, cells))| {
            Some((score(series.score, cells), text.clone()?, *code))
        })
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let total = scored.len();
    let kept = |place: usize, score: f64| {
        series.inverted
            != match series.keep {
                Keep::All => true,
                Keep::Top(n) => place < n,
                Keep::Bottom(n) => place + n >= total,
                Keep::Above(limit) => score > limit,
                Keep::Below(limit) => score < limit,
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
    for code in texts
        .iter()
        .filter(|(_, (t, _))| t.is_none())
        .map(|(c, _)| *c)
    {
        kinds.of.insert(code, series.null.as_ref().map(|_| 1));
    }
    kinds
}

fn score(score: Score, cells: &[f64]) -> f64 {
    match score {
        Score::Sum => cells.iter().sum(),
        Score::Mean => cells.iter().sum::<f64>() / cells.len().max(1) as f64,
        Score::Max => cells.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        Score::Min => cells.iter().copied().fold(f64::INFINITY, f64::min),
    }
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
