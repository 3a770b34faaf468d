//! Events to groups: takes events newest first, opens a group with the newest event of each and closes it when an older one
//! does not fit or is its first; gives a row a group, newest first.

use super::Spec;
use crate::data::{Batch, Batches, Column, ColumnBuilder, Layout, Value};
use crate::diagnostic::Diagnostic;
use crate::operators::{Flow, Serial};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// An event: its batch and row.
type Event = (usize, usize);

/// A group.
#[derive(Debug)]
struct Group {
    /// Newest first.
    events: Vec<Event>,
    /// The values of the fields, as far as its events have them.
    values: Vec<Option<String>>,
    newest: Option<f64>,
    oldest: Option<f64>,
    /// The time of the event added last.
    latest: Option<f64>,
    has_first: bool,
    has_last: bool,
    open: bool,
    /// Closed by a limit or by its first event, not by the end of the data.
    closed: bool,
    /// Closed because too much was open.
    evicted: bool,
    /// When its last event was added, counted in events.
    touched: usize,
}

/// The later of two times, or the one that is known.
fn later(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    a.zip(b).map(|(a, b)| a.max(b)).or(a).or(b)
}

/// The operator.
pub(super) struct Grouping {
    spec: Arc<Spec>,
    size: usize,
    batches: Batches,
    /// Bytes of the events, and of what is known of their groups.
    held: usize,
    groups: Vec<Group>,
    /// The open groups that have a value of a field, by the field's number and the value.
    by_value: HashMap<(usize, String), Vec<usize>>,
    /// The group opened last: without fields no other is open.
    last: Option<usize>,
    orphans: Vec<Event>,
    /// The open groups by when they were added to.
    by_age: BTreeMap<usize, usize>,
    /// Events of the open groups.
    open_events: usize,
    /// Events so far.
    seen: usize,
}

impl Grouping {
    pub(super) fn new(spec: Arc<Spec>, size: usize) -> Self {
        Self {
            spec,
            size,
            batches: Batches::default(),
            held: 0,
            groups: Vec::new(),
            by_value: HashMap::new(),
            last: None,
            orphans: Vec::new(),
            by_age: BTreeMap::new(),
            open_events: 0,
            seen: 0,
        }
    }

    fn add(
        &mut self,
        event: Event,
        values: Vec<Option<String>>,
        time: Option<f64>,
        first: bool,
        last: bool,
    ) {
        let fields = !self.spec.fields.is_empty();
        // An event that begins or ends a group need not share a field with it, unless that is asked for.
        let free = !self.spec.unify_ends
            && ((first && self.spec.starts.is_some()) || (last && self.spec.ends.is_some()));
        if fields && !free && values.iter().all(Option::is_none) {
            self.orphans.push(event);
            return;
        }
        let mut found = self.fitting(&values, free);
        if let Some(at) = found
            && (self.is_too_far(at, time) || (last && self.spec.ends.is_some()))
        {
            self.close(at, true);
            found = None;
        }
        let at = found.unwrap_or_else(|| self.open(time, last));
        let Some(group) = self.groups.get_mut(at) else {
            return;
        };
        group.events.push(event);
        self.open_events += 1;
        self.by_age.remove(&group.touched);
        self.seen += 1;
        group.touched = self.seen;
        self.by_age.insert(group.touched, at);
        // Events that do not come newest first still have a first and a last time.
        group.newest = later(group.newest, time);
        group.oldest = later(group.oldest.map(|t| -t), time.map(|t| -t)).map(|t| -t);
        group.latest = time.or(group.latest);
        group.has_first = first;
        let mut news = Vec::new();
        for (number, (known, value)) in group.values.iter_mut().zip(values).enumerate() {
            if known.is_none()
                && let Some(value) = value
            {
                *known = Some(value.clone());
                news.push((number, value));
            }
        }
        let full = group.events.len() >= self.spec.max_events;
        for key in news {
            self.by_value.entry(key).or_default().push(at);
        }
        if full || (first && self.spec.starts.is_some()) {
            self.close(at, true);
        }
        self.evict();
    }

    /// Closes the groups that were not added to for longest while too much is open.
    fn evict(&mut self) {
        let over = |count: usize, most: Option<usize>| most.is_some_and(|most| count > most);
        while over(self.by_age.len(), self.spec.max_open)
            || over(self.open_events, self.spec.max_open_events)
        {
            let Some((_, at)) = self.by_age.first_key_value() else {
                return;
            };
            let at = *at;
            if let Some(group) = self.groups.get_mut(at) {
                group.evicted = true;
            }
            self.close(at, false);
        }
    }

    /// The open group that an event belongs to: they share a value of a field and contradict in none. A `free` event
    /// need not share one.
    fn fitting(&self, values: &[Option<String>], free: bool) -> Option<usize> {
        let open = |at: &usize| self.groups.get(*at).filter(|group| group.open);
        let agrees = |at: &usize| {
            open(at).is_some_and(|group| {
                group
                    .values
                    .iter()
                    .zip(values)
                    .all(|(known, value)| match (known, value) {
                        (Some(known), Some(value)) => known == value,
                        _ => true,
                    })
            })
        };
        if self.spec.fields.is_empty() {
            return self.last.filter(|at| open(at).is_some());
        }
        let mut best = None;
        for (number, value) in values.iter().enumerate() {
            let Some(value) = value else { continue };
            let candidates = self.by_value.get(&(number, value.clone()));
            let newest = candidates.into_iter().flatten().rev().find(|at| agrees(at));
            best = best.max(newest.copied());
        }
        match best {
            None if !self.spec.connected || free => (0..self.groups.len()).rev().find(agrees),
            found => found,
        }
    }

    fn is_too_far(&self, at: usize, time: Option<f64>) -> bool {
        let (Some(group), Some(time)) = (self.groups.get(at), time) else {
            return false;
        };
        let over = |limit: Option<f64>, from: Option<f64>| {
            limit
                .zip(from)
                .is_some_and(|(limit, from)| from - time > limit)
        };
        over(self.spec.max_span, group.newest) || over(self.spec.max_pause, group.latest)
    }

    fn open(&mut self, time: Option<f64>, last: bool) -> usize {
        self.groups.push(Group {
            events: Vec::new(),
            values: vec![None; self.spec.fields.len()],
            newest: time,
            oldest: time,
            latest: time,
            has_first: false,
            has_last: last,
            open: true,
            closed: false,
            evicted: false,
            touched: 0,
        });
        self.last = Some(self.groups.len() - 1);
        self.groups.len() - 1
    }

    fn close(&mut self, at: usize, by_rule: bool) {
        let Some(group) = self.groups.get_mut(at) else {
            return;
        };
        group.open = false;
        group.closed = by_rule;
        self.by_age.remove(&group.touched);
        self.open_events -= group.events.len();
        for (number, value) in group.values.iter().enumerate() {
            let Some(value) = value else { continue };
            let key = (number, value.clone());
            if let Some(list) = self.by_value.get_mut(&key) {
                list.retain(|other| *other != at);
                if list.is_empty() {
                    self.by_value.remove(&key);
                }
            }
        }
    }

    /// Whether a group has the first and the last event that were asked for.
    fn is_complete(&self, group: &Group) -> bool {
        !group.evicted
            && (self.spec.starts.is_none() || group.has_first)
            && (self.spec.ends.is_none() || group.has_last)
    }

    fn cell(&self, name: &str, (batch, row): Event) -> Value {
        self.batches
            .list()
            .get(batch)
            .and_then(|batch| batch.get(name))
            .map_or(Value::Null, |column| column.value(row))
    }

    /// The values of a field of a group's events, oldest event first.
    fn values<'a>(
        &'a self,
        name: &'a str,
        group: &'a Group,
    ) -> impl Iterator<Item = Option<Vec<String>>> + 'a {
        group.events.iter().rev().map(move |(batch, row)| {
            let column = self.batches.list().get(*batch)?.get(name)?;
            let values: Vec<String> = column.values(*row).map(|v| v.into_owned()).collect();
            (!values.is_empty()).then_some(values)
        })
    }

    fn field(&self, name: &str, group: &Group) -> Value {
        if name == "_time" {
            return group.oldest.map_or(Value::Null, Value::Number);
        }
        if name == "_raw" && !self.spec.lists(name) {
            let texts: Vec<String> = self.values(name, group).flatten().flatten().collect();
            return match (texts.is_empty(), self.spec.raw_values) {
                (true, _) => Value::Null,
                (false, true) => Value::multi(texts),
                (false, false) => Value::Text(texts.join("\n")),
            };
        }
        if self.spec.lists(name) {
            let null = || vec![self.spec.null.clone()];
            let all: Vec<String> = self
                .values(name, group)
                .flat_map(|v| v.unwrap_or_else(null))
                .collect();
            return Value::multi(all);
        }
        // One value keeps its kind: a number stays a number.
        if let [event] = group.events.as_slice() {
            return self.cell(name, *event);
        }
        let distinct: BTreeSet<String> = self.values(name, group).flatten().flatten().collect();
        Value::multi(distinct.into_iter().collect())
    }

    fn rows(&self) -> Batch {
        let mut layout = Layout::default();
        self.batches
            .list()
            .iter()
            .for_each(|batch| layout.add(batch));
        let mut shown: Vec<&Group> = self
            .groups
            .iter()
            .filter(|group| self.spec.keep_evicted || self.is_complete(group))
            .collect();
        shown.sort_by(|a, b| {
            b.oldest
                .partial_cmp(&a.oldest)
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        let orphans: &[Event] = if self.spec.keep_orphans {
            &self.orphans
        } else {
            &[]
        };
        let count = shown.len() + orphans.len();
        let mut out = Batch::new(count);
        for name in layout.names() {
            let mut column = ColumnBuilder::default();
            shown
                .iter()
                .for_each(|group| column.push(self.field(&name, group)));
            orphans
                .iter()
                .for_each(|event| column.push(self.cell(&name, *event)));
            out.set(name, column.finish());
        }
        out = out.with_found_of(self.batches.list().iter());
        let mut add = |name: &str, value: &dyn Fn(&Group) -> f64| {
            let numbers = shown.iter().map(|group| Value::Number(value(group)));
            let all = numbers.chain(orphans.iter().map(|_| Value::Null));
            out.set(name, Column::from_values(all));
        };
        add("duration", &|group| {
            group
                .newest
                .zip(group.oldest)
                .map_or(0.0, |(newest, oldest)| newest - oldest)
        });
        add("eventcount", &|group| group.events.len() as f64);
        let has_ends = self.spec.starts.is_some() || self.spec.ends.is_some();
        add("closed_txn", &|group| {
            let closed = self.is_complete(group) && (has_ends || group.closed);
            f64::from(u8::from(closed))
        });
        if let Some(kind) = &self.spec.kind {
            let kinds = shown.iter().map(|_| Value::Text(kind.clone()));
            let kinds = kinds.chain(orphans.iter().map(|_| Value::Null));
            out.set("transactiontype", Column::from_values(kinds));
        }
        if !orphans.is_empty() {
            let marks = shown.iter().map(|_| Value::Null);
            let marks = marks.chain(orphans.iter().map(|_| Value::Number(1.0)));
            out.set("_txn_orphan", Column::from_values(marks));
        }
        if let Some(delimiter) = &self.spec.delimiter {
            let names: Vec<_> = out.names().cloned().collect();
            for name in names {
                out.set_join(name, delimiter.as_str());
            }
        } else if self.spec.raw_values {
            out.set_join("_raw", " ");
        }
        out
    }
}

impl Serial for Grouping {
    fn push(&mut self, batch: Batch, _: &mut Vec<Batch>) -> Result<Flow, Diagnostic> {
        let rows = |condition: &Option<super::Condition>| match condition {
            Some(condition) => condition.rows(&batch),
            None => Ok(vec![false; batch.rows()]),
        };
        let (first, last) = (rows(&self.spec.starts)?, rows(&self.spec.ends)?);
        let columns: Vec<Column> = self
            .spec
            .fields
            .iter()
            .map(|name| batch.column(name))
            .collect();
        let time = batch.column("_time");
        let number = self.batches.list().len();
        let count = batch.rows();
        // Each event is an entry of its group besides; lists have room for more.
        self.held += 2 * count * size_of::<Event>();
        self.batches.push(batch);
        for row in 0..count {
            let value = |column: &Column| column.text(row).map(|text| text.into_owned());
            let values = columns.iter().map(value).collect();
            self.add(
                (number, row),
                values,
                time.number(row),
                first[row],
                last[row],
            );
        }
        Ok(Flow::More)
    }

    fn size(&self) -> usize {
        self.batches.size() + self.held + self.groups.len() * (size_of::<Group>() + 160)
    }

    fn finish(&mut self, out: &mut Vec<Batch>) -> Result<(), Diagnostic> {
        let whole = self.rows();
        let offsets = (0..whole.rows()).step_by(self.size);
        out.extend(offsets.map(|offset| whole.slice(offset, self.size)));
        Ok(())
    }
}
