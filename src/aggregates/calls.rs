//! The calls of one command: takes their texts, gives plans with arguments, and the states that all of them share.

use super::{Aggregate, GroupState, Input, Plan};
use crate::data::record::Reader;
use crate::data::{Batch, Column, Demand, FieldName, Pattern, parse_number};
use crate::diagnostic::{Diagnostic, Diagnostics, code, nearest};
use crate::syntax::{AggregateArgument, AggregateText, Expr};
use indexmap::IndexMap;
use std::sync::Arc;

/// A compiled `eval(…)` argument.
pub type Evaluate = Arc<dyn Fn(&Batch) -> Result<Column, Diagnostic> + Send + Sync>;

/// Compiles an `eval(…)` argument; gives it with the fields it reads.
pub type CompileEval<'a> = &'a dyn Fn(&Expr) -> Result<(Evaluate, Demand), Diagnostics>;

/// What a call is applied to.
#[derive(Clone)]
pub enum Argument {
    /// Whole events.
    Events,
    /// A field.
    Field(FieldName),
    /// Every field that fits; each makes a column of its own.
    Pattern(Pattern),
    /// An expression, and the fields that it reads.
    Eval(Evaluate, Demand),
}

/// One checked call.
#[derive(Clone)]
pub struct Call {
    /// Makes its states.
    pub plan: Arc<dyn Plan>,
    /// What it is applied to.
    pub argument: Argument,
    /// The column's name; with a pattern, before the wildcards are filled in.
    pub name: String,
    /// Whether `name` is an alias.
    pub aliased: bool,
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)
    }
}

/// All calls of a command, and the options that are theirs.
#[derive(Debug, Clone, Default)]
pub struct Calls {
    /// In the order written.
    pub list: Vec<Call>,
    /// Numeric aggregates give nothing for a field that has any value that is not a number.
    pub allnum: bool,
    /// What `nomv` joins lists of values by.
    pub delim: Option<String>,
}

impl Calls {
    /// Checks all calls; all errors at once.
    pub fn read(texts: &[AggregateText], compile: CompileEval<'_>) -> Result<Self, Diagnostics> {
        let mut calls = Self::default();
        let mut errors = Vec::new();
        for text in texts {
            match call(text, compile) {
                Ok(call) => calls.list.push(call),
                Err(found) => errors.extend(found),
            }
        }
        if errors.is_empty() {
            Ok(calls)
        } else {
            Err(errors)
        }
    }

    /// The fields that the calls read.
    pub fn demand(&self) -> Demand {
        let mut demand = Demand::none();
        for call in &self.list {
            match &call.argument {
                Argument::Events => {}
                Argument::Field(name) => demand.add(name),
                Argument::Pattern(pattern) => demand.add(pattern.as_str()),
                Argument::Eval(_, fields) => demand.union(fields),
            }
            if call.plan.needs_time() {
                demand.add("_time");
            }
        }
        demand
    }

    /// Whether any result depends on the order of events.
    pub fn sees_order(&self) -> bool {
        self.list.iter().any(|call| call.plan.sees_order())
    }

    /// Whether a call is applied to a pattern, so that the columns depend on the data.
    pub fn has_pattern(&self) -> bool {
        self.list
            .iter()
            .any(|call| matches!(call.argument, Argument::Pattern(_)))
    }

    /// Whether a column of results may have this name.
    pub fn gives(&self, name: &str) -> bool {
        self.list.iter().any(|call| match call.argument {
            Argument::Pattern(_) => Pattern::new(call.name.as_str()).matches(name),
            _ => call.name == name,
        })
    }

    /// Empty states. Patterns never stand for the fields `except` (the by-fields).
    pub fn states(self: &Arc<Self>, except: &[FieldName]) -> States {
        States {
            calls: self.clone(),
            except: except.to_vec(),
            states: self.list.iter().map(|_| IndexMap::new()).collect(),
            groups: 0,
        }
    }
}

/// The aggregate of a call, or what is wrong with its name.
pub fn lookup(text: &AggregateText) -> Result<&'static dyn Aggregate, Diagnostic> {
    let name = text.function.node.as_str();
    if let Some(found) = super::find(name) {
        return Ok(found);
    }
    let span = text.function.span;
    if let Some((_, reason)) = super::REFUSED.iter().find(|(refused, _)| *refused == name) {
        return Err(Diagnostic::at(
            &code::UNSUPPORTED_FUNCTION,
            span,
            format!("`{name}` is not done here"),
        )
        .help(*reason));
    }
    let known = || super::ALL.iter().map(|a| a.name());
    let help = match nearest(name, known()) {
        Some(near) => format!("the nearest is `{near}`"),
        None => "`spelunk help aggregates` lists all".to_owned(),
    };
    Err(Diagnostic::at(
        &code::UNKNOWN_AGGREGATE,
        span,
        format!("there is no statistical function `{name}`"),
    )
    .help(help))
}

fn call(text: &AggregateText, compile: CompileEval<'_>) -> Result<Call, Diagnostics> {
    let aggregate = lookup(text).map_err(|d| vec![d])?;
    let subject = aggregate.subject(text).map_err(|d| vec![d])?;
    let plan = aggregate.plan(text).map_err(|d| vec![d])?;
    let argument = match subject.argument.as_ref().map(|a| &a.node) {
        None => Argument::Events,
        Some(AggregateArgument::Field(name)) if name.contains('*') => {
            Argument::Pattern(Pattern::new(name.clone()))
        }
        Some(AggregateArgument::Field(name)) => Argument::Field(name.as_str().into()),
        Some(AggregateArgument::Eval(expr)) => {
            let (evaluate, demand) = compile(expr)?;
            Argument::Eval(evaluate, demand)
        }
    };
    let stars = |text: &str| text.matches('*').count();
    let wanted = match &argument {
        Argument::Pattern(pattern) => stars(pattern.as_str()),
        _ => 0,
    };
    if let Some(alias) = text.alias.as_ref().filter(|a| stars(&a.node) != wanted) {
        let message = format!("`{}` has not as many wildcards as its field", alias.node);
        let error = Diagnostic::at(&code::FIELD_NAME, alias.span, message);
        return Err(vec![error.help("write as many * after AS as in the field")]);
    }
    Ok(Call {
        plan: plan.into(),
        argument,
        name: match &text.alias {
            Some(alias) => alias.node.clone(),
            None => text.text.clone(),
        },
        aliased: text.alias.is_some(),
    })
}

/// The state of one column.
struct State {
    state: Box<dyn GroupState>,
    /// Whether a value was seen that is not a number; only looked for with `allnum`.
    text: bool,
}

/// The fields of saved states, by call.
#[derive(Debug, Clone, Default)]
pub struct Fields(Vec<Vec<(FieldName, bool)>>);

/// The states of all calls for all groups.
pub struct States {
    calls: Arc<Calls>,
    except: Vec<FieldName>,
    /// For each call its states by field; a call without a pattern has at most one, named "".
    states: Vec<IndexMap<FieldName, State>>,
    groups: usize,
}

impl States {
    /// Adds the rows of a batch to their groups, of which there are `count`.
    pub fn update(
        &mut self,
        batch: &Batch,
        rows: &[u32],
        groups: &[u32],
        count: usize,
    ) -> Result<(), Diagnostic> {
        self.groups = self.groups.max(count);
        let time = batch.get("_time");
        for (at, call) in self.calls.list.iter().enumerate() {
            let Some(states) = self.states.get_mut(at) else {
                continue;
            };
            let mut add = |name: FieldName, column: Option<&Column>| {
                let state = states.entry(name).or_insert_with(|| State {
                    state: call.plan.state(),
                    text: false,
                });
                if self.calls.allnum && call.plan.numeric() && !state.text {
                    state.text = column.is_some_and(has_text);
                }
                state.state.grow(self.groups);
                state.state.update(&Input {
                    column,
                    time,
                    position: batch.position,
                    rows,
                    groups,
                });
            };
            match &call.argument {
                Argument::Events => add("".into(), None),
                Argument::Field(name) => match batch.get(name) {
                    Some(column) => add("".into(), Some(column)),
                    None => add("".into(), Some(&Column::Null(batch.rows()))),
                },
                Argument::Eval(evaluate, _) => add("".into(), Some(&evaluate(batch)?)),
                Argument::Pattern(pattern) => {
                    for (name, column) in batch.fields() {
                        if fits(pattern, name) && !self.except.contains(name) {
                            add(name.clone(), Some(column));
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Adds another worker's states: its group `g` is group `map[g]` here, and there are `count` groups now.
    pub fn merge(&mut self, other: States, map: &[u32], count: usize) {
        self.groups = self.groups.max(count);
        let calls = self.calls.clone();
        for ((call, mine), theirs) in calls.list.iter().zip(&mut self.states).zip(other.states) {
            for (name, theirs) in theirs {
                let state = mine.entry(name).or_insert_with(|| State {
                    state: call.plan.state(),
                    text: false,
                });
                state.text |= theirs.text;
                state.state.grow(self.groups);
                state.state.merge(theirs.state, map);
            }
        }
    }

    /// By call the fields that it has states for, and whether each has values that are no numbers: what tells how the
    /// groups are saved.
    pub fn fields(&self) -> Fields {
        let fields = |states: &IndexMap<FieldName, State>| {
            let fields = states
                .iter()
                .map(|(name, state)| (name.clone(), state.text));
            fields.collect()
        };
        Fields(self.states.iter().map(fields).collect())
    }

    /// Whether the states of a group can be put on disk by themselves.
    pub fn can_save(&self) -> bool {
        self.calls.list.iter().all(|call| call.plan.saves())
    }

    /// Writes the states of one group.
    pub fn save(&mut self, group: usize, out: &mut Vec<u8>) {
        for state in self.states.iter_mut().flat_map(IndexMap::values_mut) {
            state.state.save(group, out);
        }
    }

    /// Makes states for fields of saved groups.
    pub fn prepare(&mut self, fields: &Fields) {
        let calls = self.calls.clone();
        for ((call, states), fields) in calls.list.iter().zip(&mut self.states).zip(&fields.0) {
            for (name, text) in fields {
                let state = states.entry(name.clone()).or_insert_with(|| State {
                    state: call.plan.state(),
                    text: false,
                });
                state.text |= text;
            }
        }
    }

    /// Adds the saved states of a group to a group here; states for `fields` are prepared.
    pub fn load(&mut self, fields: &Fields, group: usize, saved: &mut Reader<'_>) {
        self.groups = self.groups.max(group + 1);
        for (states, fields) in self.states.iter_mut().zip(&fields.0) {
            for (name, _) in fields {
                if let Some(state) = states.get_mut(name) {
                    state.state.grow(group + 1);
                    state.state.load(group, saved);
                }
            }
        }
    }

    /// Puts the columns into a batch of the groups `0..count`, with what `nomv` joins the lists of values by.
    pub fn put(&mut self, batch: &mut Batch, count: usize) {
        for (at, name, column) in self.finish(count) {
            let lists = self
                .calls
                .list
                .get(at)
                .is_some_and(|call| call.plan.lists());
            if let Some(delim) = self.calls.delim.as_deref().filter(|_| lists) {
                batch.set_join(name.as_str(), delim);
            }
            batch.set(name, column);
        }
    }

    /// The columns, a value a group `0..count`, in the order of the calls; with the number of the call.
    pub fn finish(&mut self, count: usize) -> Vec<(usize, String, Column)> {
        let mut columns = Vec::new();
        let calls = self.calls.clone();
        for (at, (call, states)) in calls.list.iter().zip(&mut self.states).enumerate() {
            if let Argument::Pattern(pattern) = &call.argument {
                states.sort_keys();
                for (field, state) in states.iter_mut() {
                    let column = finished(state, count);
                    if !column.is_all_null() {
                        columns.push((at, expanded(call, pattern, field), column));
                    }
                }
                continue;
            }
            let state = states.entry("".into()).or_insert_with(|| State {
                state: call.plan.state(),
                text: false,
            });
            let column = finished(state, count);
            columns.push((at, call.name.clone(), column));
        }
        columns
    }

    /// Bytes held, about.
    pub fn size(&self) -> usize {
        let states = self.states.iter().flat_map(IndexMap::values);
        states.map(|s| s.state.size()).sum()
    }

    /// What the run must say.
    pub fn remarks(&self) -> Vec<(&'static str, String)> {
        let states = self.states.iter().flat_map(IndexMap::values);
        states.flat_map(|s| s.state.remarks()).collect()
    }
}

/// Whether a pattern stands for a field: internal fields only when the pattern itself names them.
fn fits(pattern: &Pattern, name: &str) -> bool {
    (!name.starts_with('_') || pattern.as_str().starts_with('_')) && pattern.matches(name)
}

/// The column's name of a call on a pattern for one field.
fn expanded(call: &Call, pattern: &Pattern, field: &str) -> String {
    if !call.aliased {
        return call.name.replacen(pattern.as_str(), field, 1);
    }
    let mut parts = pattern.captures(field).unwrap_or_default().into_iter();
    let mut name = String::new();
    for c in call.name.chars() {
        match c {
            '*' => name.push_str(parts.next().unwrap_or_default()),
            c => name.push(c),
        }
    }
    name
}

fn finished(state: &mut State, count: usize) -> Column {
    if state.text {
        return Column::Null(count);
    }
    state.state.grow(count);
    state.state.finish(count)
}

/// Whether a column has a value that is not a number.
fn has_text(column: &Column) -> bool {
    match column {
        Column::Null(_) | Column::Number(_) => false,
        Column::Mixed(mixed) => has_text(mixed.others()),
        other => (0..other.len()).any(|r| other.values(r).any(|v| parse_number(&v).is_none())),
    }
}
