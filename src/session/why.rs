//! Where events went: takes the terms of a search, the fields that the query reads and events, gives how many pass each
//! term alone and in turn, what the fields hold instead, the fields that no event has, and the event that failed the
//! fewest terms.

use crate::commands::ExplainedTerm;
use crate::data::{Batch, Demand, FieldName, Position};
use crate::diagnostic::Diagnostic;
use crate::operators::{Mergeable, Partial};
use indexmap::IndexMap;
use std::any::Any;
use std::sync::Arc;

/// Distinct values of a field that are counted at most; more are said as "others".
const VALUES: usize = 200;

/// What was found of one term.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TermCount {
    /// The term as printed.
    pub text: String,
    /// The field it tests.
    pub field: Option<String>,
    /// Events that pass it alone.
    pub alone: u64,
    /// Events that pass it and all terms before it.
    pub in_turn: u64,
    /// Events that have the field.
    pub present: u64,
    /// The most frequent values of the field, with their counts.
    pub values: Vec<(String, u64)>,
}

/// The event that failed the fewest terms.
#[derive(Debug, Clone, PartialEq)]
pub struct NearMiss {
    /// Numbers of the failed terms.
    pub failed: Vec<usize>,
    /// Its text.
    pub raw: String,
    /// What its fields hold, for the failed terms: `None` where it lacks the field.
    pub values: Vec<Option<String>>,
}

/// The whole report about a search.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Terms {
    /// Events seen.
    pub events: u64,
    /// A row a term.
    pub terms: Vec<TermCount>,
    /// The near miss, unless an event passed all or there was none.
    pub near_miss: Option<NearMiss>,
    /// The fields that were asked after and that no event has.
    pub absent: Vec<String>,
}

/// Counts terms over batches.
pub struct TermCounter {
    terms: Arc<[ExplainedTerm]>,
    fields: Arc<[FieldName]>,
}

impl TermCounter {
    /// For these terms, and the fields of which it is asked whether any event has them.
    pub fn new(terms: Vec<ExplainedTerm>, fields: Vec<FieldName>) -> Self {
        Self {
            terms: terms.into(),
            fields: fields.into(),
        }
    }

    /// The fields it needs.
    pub fn demand(&self) -> Demand {
        let mut demand = Demand::of(["_raw"]);
        for term in self.terms.iter() {
            demand.union(term.filter.demand());
        }
        for field in self.fields.iter() {
            demand.add_exact(field);
        }
        demand
    }
}

impl Mergeable for TermCounter {
    fn partial(&self) -> Box<dyn Partial> {
        Box::new(Counts {
            terms: self.terms.clone(),
            events: 0,
            counts: vec![Count::default(); self.terms.len()],
            absent: self.fields.to_vec(),
            nearest: None,
        })
    }
}

#[derive(Default, Clone)]
struct Count {
    alone: u64,
    in_turn: u64,
    present: u64,
    values: IndexMap<FieldName, u64>,
}

struct Nearest {
    missed: usize,
    place: (Position, usize),
    miss: NearMiss,
}

/// One worker's counts.
pub struct Counts {
    terms: Arc<[ExplainedTerm]>,
    events: u64,
    counts: Vec<Count>,
    absent: Vec<FieldName>,
    nearest: Option<Nearest>,
}

impl Partial for Counts {
    fn size(&self) -> usize {
        // A few values of a few terms.
        0
    }

    fn push(&mut self, batch: Batch) -> Result<(), Diagnostic> {
        self.events += batch.rows() as u64;
        let masks = self.terms.iter().map(|t| t.filter.keep(&batch));
        let masks = masks.collect::<Result<Vec<_>, _>>()?;
        let mut so_far = arrow_buffer::BooleanBuffer::new_set(batch.rows());
        for ((term, mask), count) in self.terms.iter().zip(&masks).zip(&mut self.counts) {
            so_far = &so_far & mask.values();
            count.alone += mask.true_count() as u64;
            count.in_turn += so_far.count_set_bits() as u64;
            if let Some(column) = term.field.as_deref().and_then(|f| batch.get(f)) {
                for row in 0..batch.rows() {
                    count.present += u64::from(!column.is_null(row));
                    for value in column.values(row) {
                        if let Some(n) = count.values.get_mut(&*value) {
                            *n += 1;
                        } else if count.values.len() < VALUES {
                            count.values.insert((&*value).into(), 1);
                        }
                    }
                }
            }
        }
        self.near_miss(&batch, &masks);
        self.absent.retain(|field| {
            batch
                .get(field)
                .is_none_or(|column| (0..batch.rows()).all(|row| column.is_null(row)))
        });
        Ok(())
    }

    fn merge(&mut self, other: Box<dyn Partial>) -> Result<(), Diagnostic> {
        let Ok(other) = other.into_any().downcast::<Self>() else {
            return Ok(());
        };
        self.events += other.events;
        for (mine, theirs) in self.counts.iter_mut().zip(other.counts) {
            mine.alone += theirs.alone;
            mine.in_turn += theirs.in_turn;
            mine.present += theirs.present;
            for (value, n) in theirs.values {
                *mine.values.entry(value).or_default() += n;
            }
        }
        self.absent.retain(|field| other.absent.contains(field));
        self.nearest = match (self.nearest.take(), other.nearest) {
            (Some(a), Some(b)) => Some(if (b.missed, b.place) < (a.missed, a.place) {
                b
            } else {
                a
            }),
            (a, b) => a.or(b),
        };
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Vec<Batch>, Diagnostic> {
        Ok(Vec::new())
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

impl Counts {
    fn near_miss(&mut self, batch: &Batch, masks: &[crate::data::Mask]) {
        for row in 0..batch.rows() {
            let missed = masks.iter().filter(|m| !m.value(row)).count();
            let place = (batch.position, row);
            if self
                .nearest
                .as_ref()
                .is_some_and(|n| (n.missed, n.place) <= (missed, place))
            {
                continue;
            }
            let failed: Vec<usize> = (0..masks.len()).filter(|&i| !masks[i].value(row)).collect();
            let value = |i: &usize| {
                let field = self.terms[*i].field.as_deref()?;
                batch.column(field).text(row).map(|t| t.into_owned())
            };
            let raw = batch
                .column("_raw")
                .text(row)
                .unwrap_or_default()
                .into_owned();
            let miss = NearMiss {
                values: failed.iter().map(value).collect(),
                failed,
                raw,
            };
            self.nearest = Some(Nearest {
                missed,
                place,
                miss,
            });
        }
    }

    /// The report.
    pub fn report(self) -> Terms {
        let terms = self.terms.iter().zip(self.counts).map(|(term, count)| {
            let mut values: Vec<(String, u64)> = count
                .values
                .into_iter()
                .map(|(value, n)| (value.to_string(), n))
                .collect();
            values.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
            TermCount {
                text: term.text.clone(),
                field: term.field.clone(),
                alone: count.alone,
                in_turn: count.in_turn,
                present: count.present,
                values,
            }
        });
        Terms {
            events: self.events,
            terms: terms.collect(),
            near_miss: self.nearest.filter(|n| n.missed > 0).map(|n| n.miss),
            absent: self.absent.iter().map(ToString::to_string).collect(),
        }
    }
}
