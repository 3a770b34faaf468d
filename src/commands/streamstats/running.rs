//! The running statistics: takes events in order, gives each the results of its window.

use super::Settings;
use crate::aggregates::{Argument, Call, Calls, States};
use crate::data::{Batch, Column, ColumnBuilder, Context, FieldName, Mask, Position};
use crate::diagnostic::{Diagnostic, code};
use crate::operators::{Flow, Serial};
use indexmap::IndexMap;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// An event that still counts: a batch of one.
#[derive(Clone)]
struct Event {
    row: Batch,
    time: f64,
    key: Arc<str>,
}

/// What is known of one group.
struct Group {
    states: States,
    window: VecDeque<Event>,
}

/// The operator.
pub(super) struct Running {
    settings: Arc<Settings>,
    context: Context,
    groups: HashMap<Arc<str>, Group>,
    /// The window over all groups.
    shared: VecDeque<Event>,
    /// The by-values of the event before.
    last_key: Option<Arc<str>>,
    last_time: Option<f64>,
    /// Whether time falls from event to event; unknown until it changed once.
    falls: Option<bool>,
    events: u64,
}

impl Running {
    pub(super) fn new(settings: Arc<Settings>, context: Context) -> Self {
        Self {
            settings,
            context,
            groups: HashMap::new(),
            shared: VecDeque::new(),
            last_key: None,
            last_time: None,
            falls: None,
            events: 0,
        }
    }

    fn start(&self) -> Group {
        let names: Vec<FieldName> = self
            .settings
            .summary
            .by
            .iter()
            .map(|(n, _)| n.clone())
            .collect();
        Group {
            states: self.settings.summary.calls.states(&names),
            window: VecDeque::new(),
        }
    }

    fn reset(&mut self) {
        self.groups.clear();
        self.shared.clear();
    }

    fn windowed(&self) -> bool {
        self.settings.window > 0 || self.settings.time_window.is_some()
    }

    /// The results for one event of a group.
    fn event(&mut self, event: &Event) -> Result<Results, Diagnostic> {
        let settings = self.settings.clone();
        if self.windowed() {
            return self.in_window(event);
        }
        if !self.groups.contains_key(&event.key) {
            let group = self.start();
            self.groups.insert(event.key.clone(), group);
        }
        let Some(group) = self.groups.get_mut(&event.key) else {
            return Ok(Results::new());
        };
        if settings.current {
            group.states.update(&event.row, &[0], &[0], 1)?;
            return Ok(columns(&mut group.states));
        }
        let results = columns(&mut group.states);
        group.states.update(&event.row, &[0], &[0], 1)?;
        Ok(results)
    }

    /// The results over a window, computed anew from its events.
    fn in_window(&mut self, event: &Event) -> Result<Results, Diagnostic> {
        let settings = self.settings.clone();
        let shared = settings.global;
        if !shared && !self.groups.contains_key(&event.key) {
            let group = self.start();
            self.groups.insert(event.key.clone(), group);
        }
        let mut fresh = self.start();
        let window = match self.groups.get_mut(&event.key) {
            Some(group) if !shared => &mut group.window,
            _ => &mut self.shared,
        };
        let add = |window: &mut VecDeque<Event>| {
            window.push_back(event.clone());
            while settings.window > 0 && window.len() > settings.window {
                window.pop_front();
            }
        };
        if settings.current {
            add(window);
        }
        if let Some(length) = settings.time_window {
            while window
                .front()
                .is_some_and(|first| (event.time - first.time).abs() >= length)
            {
                window.pop_front();
            }
        }
        for counted in window.iter().filter(|e| e.key == event.key) {
            fresh.states.update(&counted.row, &[0], &[0], 1)?;
        }
        if !settings.current {
            add(window);
        }
        Ok(columns(&mut fresh.states))
    }

    /// Time windows need events in order of time, rising or falling.
    fn check_time(&mut self, time: f64) -> Result<(), Diagnostic> {
        if self.settings.time_window.is_none() {
            return Ok(());
        }
        if let Some(last) = self.last_time.replace(time)
            && last != time
        {
            let falls = time < last;
            if *self.falls.get_or_insert(falls) != falls {
                return Err(Diagnostic::new(
                    &code::RUNTIME,
                    "streamstats time_window= needs events in order of time",
                )
                .help("sort by _time before it: | sort 0 _time"));
            }
        }
        Ok(())
    }
}

/// The results of one group: the number of the call, the column's name and a column of one row.
type Results = Vec<(usize, String, Column)>;

/// The results of a state of one group.
fn columns(states: &mut States) -> Results {
    states.finish(1)
}

/// A row with its results, those that are missing taken away.
fn with_results(settings: &Settings, batch: &Batch, row: usize, results: &Results) -> Batch {
    let mut one = batch.slice(row, 1);
    for call in &settings.summary.calls.list {
        one.remove(&call.name);
    }
    for (_, name, column) in results {
        one.set(name.as_str(), column.clone());
    }
    one
}

/// The columns of a batch: those of calls on a pattern are known only when a row has them.
struct Columns {
    rows: usize,
    builders: IndexMap<(usize, String), ColumnBuilder>,
}

impl Columns {
    fn new(calls: &Calls) -> Self {
        let named = |(at, call): (usize, &Call)| match call.argument {
            Argument::Pattern(_) => None,
            _ => Some(((at, call.name.clone()), ColumnBuilder::default())),
        };
        Self {
            rows: 0,
            builders: calls.list.iter().enumerate().filter_map(named).collect(),
        }
    }

    fn push(&mut self, results: Results) {
        for (at, name, column) in results {
            let rows = self.rows;
            let builder = self.builders.entry((at, name)).or_insert_with(|| {
                let mut builder = ColumnBuilder::default();
                (0..rows).for_each(|_| builder.push_null());
                builder
            });
            builder.push(column.value(0));
        }
        self.rows += 1;
        for builder in self.builders.values_mut() {
            if builder.len() < self.rows {
                builder.push_null();
            }
        }
    }

    fn put(self, batch: &mut Batch) {
        let mut builders: Vec<_> = self.builders.into_iter().collect();
        builders.sort_by(|(a, _), (b, _)| a.cmp(b));
        for ((_, name), builder) in builders {
            batch.set(name.as_str(), builder.finish());
        }
    }
}

/// The by-values of a row as one text, or nothing when one is missing. A multivalue counts as the text of its values.
fn key(columns: &[Column], row: usize) -> Option<Arc<str>> {
    let mut key = String::new();
    for column in columns {
        let text = column.text(row)?;
        key.push_str(&text.len().to_string());
        key.push(':');
        key.push_str(&text);
    }
    Some(key.into())
}

impl Serial for Running {
    fn size(&self) -> usize {
        // An event is a batch of one row; a group has states and a window besides.
        const EVENT: usize = 512;
        const GROUP: usize = 1024;
        self.shared.len() * EVENT + self.groups.len() * GROUP
    }

    fn push(&mut self, mut batch: Batch, out: &mut Vec<Batch>) -> Result<Flow, Diagnostic> {
        let settings = self.settings.clone();
        let truth =
            |program: &Option<crate::functions::Program>| -> Result<Option<Mask>, Diagnostic> {
                program.as_ref().map(|p| p.truth(&batch)).transpose()
            };
        let before = truth(&settings.before)?;
        // A condition that reads results is asked of each row once these are there.
        let after = match settings.after_reads_results() {
            true => None,
            false => truth(&settings.after)?,
        };
        let by: Vec<Column> = settings
            .summary
            .by
            .iter()
            .map(|(n, _)| batch.column(n))
            .collect();
        let time = batch.column("_time");
        let mut columns = Columns::new(&settings.summary.calls);
        for row in 0..batch.rows() {
            if self.context.cancel.is_cancelled() {
                return Ok(Flow::Done);
            }
            if before.as_ref().is_some_and(|mask| mask.value(row)) {
                self.reset();
            }
            let key = key(&by, row);
            if settings.on_change && self.last_key.is_some() && self.last_key != key {
                self.reset();
            }
            self.last_key.clone_from(&key);
            let results = match key {
                None => Results::new(),
                Some(key) => {
                    self.events += 1;
                    let time = time.number(row).unwrap_or(0.0);
                    self.check_time(time)?;
                    let mut one = batch.slice(row, 1);
                    one.position = Position {
                        file: 0,
                        part: self.events,
                    };
                    self.event(&Event {
                        row: one,
                        time,
                        key,
                    })?
                }
            };
            let ends = match (&settings.after, &after) {
                (Some(program), None) => program
                    .truth(&with_results(&settings, &batch, row, &results))?
                    .value(0),
                (_, mask) => mask.as_ref().is_some_and(|mask| mask.value(row)),
            };
            columns.push(results);
            if ends {
                self.reset();
            }
        }
        columns.put(&mut batch);
        out.push(batch);
        Ok(Flow::More)
    }

    fn finish(&mut self, _: &mut Vec<Batch>) -> Result<(), Diagnostic> {
        for group in self.groups.values() {
            for (topic, text) in group.states.remarks() {
                self.context.notices.push(topic, text, false);
            }
        }
        Ok(())
    }
}
