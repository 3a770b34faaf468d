//! Rows of a table found by values: takes a table and fields, gives events with the fields of the rows that fit.

use crate::data::time::{Format, strptime_from};
use crate::data::{Batch, Column, ColumnBuilder, Context, Lookup, LookupRule, Match, Value};
use crate::diagnostic::{Diagnostic, code};
use crate::functions::{Cidr, ColumnPair as Pair, WildcardMatcher};
use std::collections::HashMap;

/// When the values of the table are put into an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Put {
    /// Always: an event that no row fits loses the fields.
    Always,
    /// Where the event has none.
    Missing,
}

/// A cell that is no plain text.
#[derive(Debug)]
enum Test {
    Wildcard(WildcardMatcher),
    Network(Cidr),
    /// A cell that is no network fits nothing.
    Never,
}

impl Test {
    fn new(kind: Match, cell: &str, case_sensitive: bool) -> Self {
        match kind {
            Match::Cidr => Cidr::parse(cell).map_or(Test::Never, Test::Network),
            _ => Test::Wildcard(WildcardMatcher::new(cell, case_sensitive)),
        }
    }

    fn passes(&self, value: &str) -> bool {
        match self {
            Test::Wildcard(pattern) => pattern.matches(value),
            Test::Network(network) => network.contains(value) == Some(true),
            Test::Never => false,
        }
    }
}

/// A table ready to be searched.
pub(super) struct Matcher {
    keys: Vec<Pair>,
    /// Which keys are compared exactly.
    exact: Vec<bool>,
    outputs: Vec<Pair>,
    put: Put,
    rule: LookupRule,
    rows: Batch,
    /// Rows by their exact keys, in the order in which they are tried.
    index: HashMap<Vec<String>, Vec<u32>>,
    /// For each row, the tests of the other keys.
    tests: Vec<Vec<Test>>,
    /// Times of the rows.
    times: Option<Vec<Option<f64>>>,
}

impl Matcher {
    pub(super) fn new(
        table: Lookup,
        keys: Vec<Pair>,
        outputs: Vec<Pair>,
        put: Put,
        context: &Context,
    ) -> Result<Self, Diagnostic> {
        let Lookup { rows, rule } = table;
        let kind = |pair: &Pair| {
            rule.matches
                .get(&pair.column)
                .copied()
                .unwrap_or(Match::Exact)
        };
        let exact: Vec<bool> = keys.iter().map(|key| kind(key) == Match::Exact).collect();
        let outputs = match outputs.is_empty() {
            false => outputs,
            true => rows
                .names()
                .filter(|name| !keys.iter().any(|key| key.column == **name))
                .map(|name| Pair {
                    column: name.clone(),
                    field: name.clone(),
                })
                .collect(),
        };
        let times = times(&rows, &rule, context)?;
        let mut order: Vec<u32> = (0..rows.rows() as u32).collect();
        if let Some(times) = &times {
            // The newest row that holds comes first.
            let time = |row: &u32| times.get(*row as usize).copied().flatten();
            order.retain(|row| time(row).is_some());
            order.sort_by(|a, b| {
                time(b)
                    .partial_cmp(&time(a))
                    .unwrap_or(std::cmp::Ordering::Equal)
            });
        }
        let columns: Vec<Column> = keys.iter().map(|key| rows.column(&key.column)).collect();
        let mut index: HashMap<Vec<String>, Vec<u32>> = HashMap::new();
        let mut tests: Vec<Vec<Test>> = (0..rows.rows()).map(|_| Vec::new()).collect();
        for row in order {
            let at = row as usize;
            let mut parts = Vec::new();
            let cells = columns
                .iter()
                .zip(&keys)
                .map(|(column, key)| (column.text(at), key));
            let mut complete = true;
            for (cell, key) in cells {
                let Some(cell) = cell else {
                    complete = false;
                    break;
                };
                match kind(key) {
                    Match::Exact => parts.push(folded(&cell, rule.case_sensitive)),
                    kind => {
                        if let Some(tests) = tests.get_mut(at) {
                            tests.push(Test::new(kind, &cell, rule.case_sensitive));
                        }
                    }
                }
            }
            if complete {
                index.entry(parts).or_default().push(row);
            }
        }
        Ok(Self {
            keys,
            exact,
            outputs,
            put,
            rule,
            rows,
            index,
            tests,
            times,
        })
    }

    /// The events with the fields of their rows.
    pub(super) fn apply(&self, mut batch: Batch) -> Batch {
        let found = self.found(&batch);
        for output in &self.outputs {
            let own = batch.column(&output.field);
            let cells = self.rows.column(&output.column);
            let mut column = ColumnBuilder::default();
            for (row, rows) in found.iter().enumerate() {
                if self.put == Put::Missing && !own.is_null(row) {
                    column.push(own.value(row));
                    continue;
                }
                column.push(self.values(&cells, rows));
            }
            batch.set(output.field.clone(), column.finish());
        }
        batch
    }

    /// The values of a column in some rows, with the default for rows that lack.
    fn values(&self, cells: &Column, rows: &[u32]) -> Value {
        let mut values: Vec<String> = Vec::new();
        for row in rows {
            values.extend(cells.values(*row as usize).map(|value| value.into_owned()));
        }
        let lack = self.rule.min_matches.saturating_sub(rows.len());
        values.extend(std::iter::repeat_n(self.rule.default_match.clone(), lack));
        match values.len() {
            0 => Value::Null,
            1 => Value::Text(values.remove(0)),
            _ => Value::Multi(values),
        }
    }

    /// The rows that fit each event. Events with the same values are looked up once.
    fn found(&self, batch: &Batch) -> Vec<Vec<u32>> {
        let columns: Vec<Column> = self
            .keys
            .iter()
            .map(|key| batch.column(&key.field))
            .collect();
        let time = self.times.as_ref().map(|_| batch.column("_time"));
        let mut known: HashMap<Vec<Vec<String>>, Vec<u32>> = HashMap::new();
        let mut all = Vec::with_capacity(batch.rows());
        for row in 0..batch.rows() {
            let values: Vec<Vec<String>> = columns
                .iter()
                .map(|column| column.values(row).map(|value| value.into_owned()).collect())
                .collect();
            if let Some(time) = &time {
                all.push(self.search(&values, time.number(row)));
                continue;
            }
            let rows = match known.get(&values) {
                Some(rows) => rows.clone(),
                None => {
                    let rows = self.search(&values, None);
                    known.insert(values, rows.clone());
                    rows
                }
            };
            all.push(rows);
        }
        all
    }

    /// The rows that fit: each combination of values is tried, so a multivalue finds the rows of all its values.
    fn search(&self, values: &[Vec<String>], when: Option<f64>) -> Vec<u32> {
        let mut rows: Vec<u32> = Vec::new();
        let mut chosen = vec![0; values.len()];
        if values.iter().any(Vec::is_empty) {
            return rows;
        }
        loop {
            let now: Vec<&str> = values
                .iter()
                .zip(&chosen)
                .filter_map(|(values, at)| values.get(*at).map(String::as_str))
                .collect();
            self.one(&now, when, &mut rows);
            // The next combination, the last field's values first.
            let Some(next) = (0..chosen.len())
                .rev()
                .find(|at| chosen[*at] + 1 < values[*at].len())
            else {
                return rows;
            };
            chosen[next] += 1;
            chosen[next + 1..].fill(0);
        }
    }

    fn one(&self, values: &[&str], when: Option<f64>, rows: &mut Vec<u32>) {
        let is_exact =
            |(value, exact): (&&str, &bool)| exact.then(|| folded(value, self.rule.case_sensitive));
        let key: Vec<String> = values
            .iter()
            .zip(&self.exact)
            .filter_map(is_exact)
            .collect();
        let tested: Vec<&str> = values
            .iter()
            .zip(&self.exact)
            .filter_map(|(value, exact)| (!exact).then_some(*value))
            .collect();
        for row in self.index.get(&key).into_iter().flatten() {
            if rows.len() >= self.rule.max_matches {
                return;
            }
            let passes = self.tests.get(*row as usize).is_some_and(|tests| {
                tests
                    .iter()
                    .zip(&tested)
                    .all(|(test, value)| test.passes(value))
            });
            if passes && self.holds(*row, when) {
                rows.push(*row);
            }
        }
    }

    /// Whether a row holds at the time of an event.
    fn holds(&self, row: u32, when: Option<f64>) -> bool {
        let (Some(times), Some(rule)) = (&self.times, &self.rule.time) else {
            return true;
        };
        let since = times.get(row as usize).copied().flatten();
        match (when, since) {
            (Some(when), Some(since)) => (rule.least..=rule.most).contains(&(when - since)),
            _ => false,
        }
    }
}

/// The times of the rows, if the table's rows hold from a time on.
fn times(
    rows: &Batch,
    rule: &LookupRule,
    context: &Context,
) -> Result<Option<Vec<Option<f64>>>, Diagnostic> {
    let Some(time) = &rule.time else {
        return Ok(None);
    };
    if rows.get(&time.field).is_none() {
        let message = format!(
            "the lookup's time_field `{}` is no column of it",
            time.field
        );
        return Err(Diagnostic::new(&code::LOOKUP, message));
    }
    let format = Format::parse(&time.format);
    let column = rows.column(&time.field);
    let read = |row| strptime_from(&column.text(row)?, &format, context.zone, context.now);
    Ok(Some((0..rows.rows()).map(read).collect()))
}

fn folded(text: &str, case_sensitive: bool) -> String {
    match case_sensitive {
        true => text.to_owned(),
        false => text.to_lowercase(),
    }
}
