//! The running statistics: takes events in order, gives each the results of its window.

use super::Settings;
use crate::aggregates::States;
use crate::data::{Batch, Column, ColumnBuilder, Context, FieldName, Mask, Position};
use crate::diagnostic::{Diagnostic, code};
use crate::operators::{Flow, Serial};
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
    fn event(&mut self, event: &Event) -> Result<Vec<Column>, Diagnostic> {
        let settings = self.settings.clone();
        if self.windowed() {
            return self.in_window(event);
        }
        if !self.groups.contains_key(&event.key) {
            let group = self.start();
            self.groups.insert(event.key.clone(), group);
        }
        let Some(group) = self.groups.get_mut(&event.key) else {
            return Ok(Vec::new());
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
    fn in_window(&mut self, event: &Event) -> Result<Vec<Column>, Diagnostic> {
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

/// The results of a state of one group.
fn columns(states: &mut States) -> Vec<Column> {
    states
        .finish(1)
        .into_iter()
        .map(|(_, _, column)| column)
        .collect()
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
    fn push(&mut self, mut batch: Batch, out: &mut Vec<Batch>) -> Result<Flow, Diagnostic> {
        let settings = self.settings.clone();
        let truth =
            |program: &Option<crate::functions::Program>| -> Result<Option<Mask>, Diagnostic> {
                program.as_ref().map(|p| p.truth(&batch)).transpose()
            };
        let (before, after) = (truth(&settings.before)?, truth(&settings.after)?);
        let by: Vec<Column> = settings
            .summary
            .by
            .iter()
            .map(|(n, _)| batch.column(n))
            .collect();
        let time = batch.column("_time");
        let calls = &settings.summary.calls.list;
        let mut builders: Vec<ColumnBuilder> =
            calls.iter().map(|_| ColumnBuilder::default()).collect();
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
                None => Vec::new(),
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
            for (at, builder) in builders.iter_mut().enumerate() {
                builder.push(results.get(at).map(|c| c.value(0)).unwrap_or_default());
            }
            if after.as_ref().is_some_and(|mask| mask.value(row)) {
                self.reset();
            }
        }
        for (call, builder) in calls.iter().zip(builders) {
            batch.set(call.name.as_str(), builder.finish());
        }
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
