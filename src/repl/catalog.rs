//! What the loaded data holds: takes a sample of events, gives field names with coverage and frequent values.

use crate::data::{Batch, Demand};
use crate::diagnostic::Diagnostics;
use crate::render::{count, number_text};
use crate::session::Session;
use indexmap::IndexMap;

/// Events that a sample reads at most.
const SAMPLE: usize = 10_000;
/// Distinct values a field that are counted at most.
const VALUES: usize = 500;

/// A field of the sample.
#[derive(Debug, Default, Clone)]
pub struct Field {
    /// Events that have it.
    pub events: usize,
    /// Values with their counts, most frequent first after [`Catalog::settle`].
    pub values: IndexMap<String, usize>,
    /// There were more distinct values than are counted.
    pub more: bool,
}

/// What can be completed, and what `.fields` shows.
#[derive(Debug, Default, Clone)]
pub struct Catalog {
    /// Events in the sample.
    pub events: usize,
    /// Whether the sample is not the whole data.
    pub partial: bool,
    /// Fields by name.
    pub fields: IndexMap<String, Field>,
    /// Names of macros.
    pub macros: Vec<String>,
    /// Names of saved queries.
    pub queries: Vec<String>,
}

/// Reads a sample of the inputs.
pub fn sample(session: &Session, inputs: &[String]) -> Result<Catalog, Diagnostics> {
    let mut catalog = Catalog::default();
    session.sample(inputs, &Demand::all(), SAMPLE, &mut |batch| {
        catalog.add(&batch)
    })?;
    catalog.partial = catalog.events >= SAMPLE;
    catalog.settle();
    Ok(catalog)
}

impl Catalog {
    /// Counts the fields of a batch.
    pub fn add(&mut self, batch: &Batch) {
        self.events += batch.rows();
        for (name, column) in batch.fields() {
            let field = self.fields.entry(name.to_string()).or_default();
            for row in 0..batch.rows() {
                field.events += usize::from(!column.is_null(row));
                if &**name == "_raw" {
                    continue;
                }
                for value in column.values(row) {
                    if let Some(n) = field.values.get_mut(&*value) {
                        *n += 1;
                    } else if field.values.len() < VALUES {
                        field.values.insert(value.into_owned(), 1);
                    } else {
                        field.more = true;
                    }
                }
            }
        }
    }

    /// Sorts values by frequency and fields by coverage.
    pub fn settle(&mut self) {
        for field in self.fields.values_mut() {
            field.values.sort_by(|a, m, b, n| n.cmp(m).then(a.cmp(b)));
        }
        self.fields.retain(|_, f| f.events > 0);
        self.fields
            .sort_by(|a, f, b, g| g.events.cmp(&f.events).then(a.cmp(b)));
    }

    /// One line about the data.
    pub fn describe(&self, inputs: &[String]) -> String {
        let what = match inputs {
            [one] => one.clone(),
            many => count(many.len() as u64, "input", "inputs"),
        };
        let events = if self.partial {
            format!("{} events read ahead", number_text(self.events as u64))
        } else {
            count(self.events as u64, "event", "events")
        };
        let top = |name: &str| {
            let values = self
                .fields
                .get(name)?
                .values
                .keys()
                .take(3)
                .cloned()
                .collect::<Vec<_>>()
                .join(", ");
            Some(format!(", {name} {values}"))
        };
        format!(
            "{what}: {events}, {}{}",
            count(self.fields.len() as u64, "field", "fields"),
            top("sourcetype").unwrap_or_default(),
        )
    }

    /// A line a field: name, coverage, distinct values, the most frequent ones.
    pub fn table(&self, pattern: &str) -> Vec<Vec<String>> {
        let pattern = crate::data::Pattern::new(if pattern.is_empty() { "*" } else { pattern });
        let events = self.events.max(1);
        self.fields
            .iter()
            .filter(|(name, _)| pattern.matches(name))
            .map(|(name, field)| {
                let top: Vec<String> = field
                    .values
                    .iter()
                    .take(3)
                    .map(|(v, n)| format!("{} ({})", short(v), number_text(*n as u64)))
                    .collect();
                // Of `_raw` no values are counted.
                let distinct = match field.values.len() {
                    0 => String::new(),
                    n => format!(
                        "{}{}",
                        number_text(n as u64),
                        ["", "+"][usize::from(field.more)]
                    ),
                };
                vec![
                    name.clone(),
                    format!("{:.0}%", field.events as f64 * 100.0 / events as f64),
                    distinct,
                    top.join(", "),
                ]
            })
            .collect()
    }
}

/// A value cut to a length that leaves room for others.
fn short(value: &str) -> String {
    let line = value.replace('\n', " ");
    if line.chars().count() <= 40 {
        line
    } else {
        line.chars().take(39).chain(['…']).collect()
    }
}
