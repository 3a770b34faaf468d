//! Syntax tree to chain: takes a pipeline, gives stages with their field demands, order and what the source may drop.
//!
//! Demand flows from the end to the source; order is only made where a stage can see it; a leading search is pushed
//! down into the source as a predicate, literals and time bounds.

mod explain;
mod joined;
mod parse;
mod push_down;

pub use explain::{ExplainedStage, explain};
pub use joined::Any;
pub use parse::{no_reader, parse};

use crate::commands::{BuildContext, Ordering, Origin, Stage};
use crate::data::time::Timestamp;
use crate::data::{Context, Demand, Filter, Literals};
use crate::diagnostic::{Diagnostic, Notice, Span};
use crate::operators::{Chain, Operator, Order, Owner, TimeOrder, Traffic};
use std::sync::Arc;

/// A stage with what the planner found out about it.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The command's name.
    pub name: &'static str,
    /// Its text in the expanded query.
    pub text: String,
    /// Where it stands.
    pub span: Span,
    /// The stage.
    pub stage: Arc<dyn Stage>,
    /// Fields wanted of what comes before it.
    pub before: Demand,
    /// Fields wanted of what it gives.
    pub after: Demand,
    /// Whether the rows come to it in order.
    pub ordered: bool,
    /// The order that must be made before it.
    pub order: Option<TimeOrder>,
    /// The source does its work.
    pub pushed: bool,
    /// The counters of a stage that the source asks after the search; those of the last run.
    pub asked: Option<Arc<Traffic>>,
    /// It stands first and neither reads the input nor makes rows: as in Splunk, it is given no events.
    pub unfed: bool,
}

/// The owner of the order of events, which no stage asked for by name.
const IN_ORDER: Owner = Owner {
    name: "putting the events in order",
    span: None,
};

impl Planned {
    /// Whose memory its operator holds.
    fn owner(&self) -> Owner {
        Owner {
            name: self.name,
            span: Some(self.span),
        }
    }
}

/// What the chain asks of its source.
#[derive(Clone, Default)]
pub struct Wanted {
    /// Fields.
    pub demand: Demand,
    /// The pushed predicates, joined.
    pub filter: Option<Arc<dyn Filter>>,
    /// What is asked of the events that the filter and the bounds keep, and of no other: it may fail.
    pub further: Option<Arc<dyn Filter>>,
    /// Literals of the pushed predicates.
    pub literals: Literals,
    /// Inclusive.
    pub earliest: Option<Timestamp>,
    /// Exclusive.
    pub latest: Option<Timestamp>,
}

impl Wanted {
    /// The time range of the run: what the search says itself stands over the range that was asked for beside it, and
    /// a search that says only its start ends now (Splunk's search reference, "Time modifiers").
    pub fn times(&self, context: &Context) -> (Option<Timestamp>, Option<Timestamp>) {
        match (self.earliest, self.latest) {
            (None, None) => (context.earliest, context.latest),
            (Some(_), None) => (self.earliest, Some(context.now)),
            own => own,
        }
    }
}

/// A planned query.
pub struct Plan {
    /// Its stages in order.
    pub stages: Vec<Planned>,
    /// What the source must give.
    pub wanted: Wanted,
    /// Whether it reads the input at all.
    pub reads_input: bool,
    /// The order that must be made at the end.
    pub last_order: Option<TimeOrder>,
    /// What the caller wants of the rows.
    pub goal: Goal,
}

/// The counters of each stage; `None` for stages that the source does.
pub type Counters = Vec<Option<Arc<Traffic>>>;

/// What the caller wants of the rows.
#[derive(Debug, Clone)]
pub struct Goal {
    /// Fields that will be shown.
    pub shown: Demand,
    /// Order of events.
    pub order: Order,
    /// Rows at most.
    pub limit: Option<usize>,
}

impl Default for Goal {
    fn default() -> Self {
        Self {
            shown: Demand::all(),
            order: Order::Time,
            limit: None,
        }
    }
}

/// Plans stages that were read: order forward, demand backward, then what is pushed into the source.
pub fn plan(mut stages: Vec<Planned>, goal: &Goal) -> Plan {
    let makes_own = |first: &Planned| first.unfed || first.stage.generates();
    let reads_input = !stages.first().is_some_and(makes_own);
    place(&mut stages);
    let last_order = order(&mut stages, goal, reads_input);
    let mut wanted = goal.shown.clone();
    if last_order.is_some_and(|o| o.order == Order::Time) {
        wanted.add("_time");
    }
    for planned in stages.iter_mut().rev() {
        planned.after = wanted.clone();
        wanted = planned.stage.demand(&wanted);
        planned.before = wanted.clone();
        if planned.order.is_some_and(|o| o.order == Order::Time) {
            wanted.add("_time");
        }
    }
    let pushed = push_down::push_down(&mut stages, reads_input);
    let demand = stages.iter().find(|s| !s.pushed).map_or_else(
        || after_last_pushed(&stages, goal, last_order),
        |s| {
            let mut demand = s.before.clone();
            if s.order.is_some_and(|o| o.order == Order::Time) {
                demand.add("_time");
            }
            demand
        },
    );
    let wanted = Wanted { demand, ..pushed };
    Plan {
        stages,
        wanted,
        reads_input,
        last_order,
        goal: goal.clone(),
    }
}

/// Tells the stages that ask for it which stages stand before them.
fn place(stages: &mut [Planned]) {
    let mut before: Vec<Arc<dyn Stage>> = Vec::with_capacity(stages.len());
    for planned in stages {
        if let Some(placed) = planned.stage.placed(&before) {
            planned.stage = placed;
        }
        before.push(planned.stage.clone());
    }
}

fn after_last_pushed(stages: &[Planned], goal: &Goal, last_order: Option<TimeOrder>) -> Demand {
    let mut demand = stages
        .last()
        .map_or_else(|| goal.shown.clone(), |s| s.after.clone());
    if last_order.is_some_and(|o| o.order == Order::Time) {
        demand.add("_time");
    }
    demand
}

/// Finds where order must be made; gives the order to make at the end. It is made as late as the events still carry
/// the `_time` that they came with: before a stage that drops or changes it.
fn order(stages: &mut [Planned], goal: &Goal, reads_input: bool) -> Option<TimeOrder> {
    let mut ordered = !reads_input;
    let mut lost = None;
    for at in 0..stages.len() {
        let Some(planned) = stages.get_mut(at) else {
            break;
        };
        planned.ordered = ordered;
        let ordering = planned.stage.ordering();
        let sees = matches!(ordering, Ordering::Sees | Ordering::SeesAndMakes);
        if sees && !ordered {
            make_order(stages, lost.unwrap_or(at), at, goal);
        }
        let Some(planned) = stages.get(at) else { break };
        ordered |= sees || ordering == Ordering::Makes;
        if !ordered
            && lost.is_none()
            && goal.order == Order::Time
            && !keeps_time(planned.stage.as_ref())
        {
            lost = Some(at);
        }
    }
    match (ordered, lost) {
        (true, _) => None,
        (false, None) => Some(TimeOrder {
            order: goal.order,
            limit: goal.limit,
        }),
        (false, Some(at)) => {
            make_order(stages, at, stages.len(), goal);
            None
        }
    }
}

/// Puts the order before stage `from`; the stages from there on get their rows in order. The limit of the stage that
/// needs it, `at`, can be used only when no other stage stands between.
fn make_order(stages: &mut [Planned], from: usize, at: usize, goal: &Goal) {
    let limit = stages
        .get(at)
        .filter(|_| from == at)
        .and_then(|s| s.stage.limit());
    for planned in stages.iter_mut().skip(from).take(at + 1 - from) {
        planned.ordered = true;
    }
    if let Some(planned) = stages.get_mut(from) {
        planned.order = Some(TimeOrder {
            order: goal.order,
            limit,
        });
    }
}

/// Whether a stage passes on the `_time` of its events as it was.
fn keeps_time(stage: &dyn Stage) -> bool {
    stage.demand(&Demand::of(["_time"])).wants("_time")
        && !stage.creates().iter().any(|name| name == "_time")
}

impl Plan {
    /// The plan with the results of its subsearches in their places, where there are any: what they look for can then
    /// be pushed into the source. Runs them.
    pub fn resolved(&self, context: &Context) -> Result<Option<Plan>, Diagnostic> {
        let mut stages = Vec::with_capacity(self.stages.len());
        let mut changed = false;
        for planned in &self.stages {
            let found = planned.stage.resolved(context);
            let found = found.map_err(|diagnostic| diagnostic.or_span(planned.span))?;
            changed |= found.is_some();
            stages.push(Planned {
                stage: found.map_or_else(|| planned.stage.clone(), Arc::from),
                ordered: false,
                order: None,
                pushed: false,
                asked: None,
                ..planned.clone()
            });
        }
        Ok(changed.then(|| plan(stages, &self.goal)))
    }

    /// The operators, with the counters of each stage (`None` for stages that the source does).
    pub fn chain(&self, context: &Context) -> Result<(Chain, Counters), Diagnostic> {
        let mut context = context.clone();
        (context.earliest, context.latest) = self.wanted.times(&context);
        let mut chain = Chain::default();
        let mut traffic = Vec::with_capacity(self.stages.len());
        for planned in &self.stages {
            if planned.pushed {
                if let Some(asked) = &planned.asked {
                    asked.reset();
                }
                traffic.push(planned.asked.clone());
                continue;
            }
            if let Some(order) = planned.order {
                chain.push(
                    Operator::Mergeable(Arc::new(order.sort(&context.memory))),
                    IN_ORDER,
                );
            }
            let cx = BuildContext {
                context: &context,
                wanted: &planned.after,
                ordered: planned.ordered,
            };
            let operator = planned.stage.operator(&cx).map_err(|mut diagnostic| {
                diagnostic.span.get_or_insert(planned.span);
                diagnostic
            })?;
            traffic.push(Some(chain.push(operator, planned.owner())));
            if let Some((from, to)) = planned.stage.times() {
                // A side without a bound has none in the whole.
                context.earliest = context.earliest.zip(from).map(|(a, b)| a.min(b));
                context.latest = context.latest.zip(to).map(|(a, b)| a.max(b));
            }
        }
        if let Some(order) = self.last_order {
            chain.push(
                Operator::Mergeable(Arc::new(order.sort(&context.memory))),
                IN_ORDER,
            );
        }
        Ok((chain, traffic))
    }

    /// The operators for rows that are there already, in order: nothing is pushed into a source, no order is made.
    pub fn chain_over_rows(&self, context: &Context) -> Result<Chain, Diagnostic> {
        let mut chain = Chain::default();
        for planned in &self.stages {
            let cx = BuildContext {
                context,
                wanted: &planned.after,
                ordered: true,
            };
            chain.push(planned.stage.operator(&cx)?, planned.owner());
        }
        Ok(chain)
    }

    /// What to say of a query, or of a subsearch, that is given no events, because a command that works on events
    /// comes first.
    pub fn unfed(&self, subsearch: bool) -> Option<Notice> {
        let first = self.stages.first()?;
        if !first.unfed || first.stage.adds_rows() {
            return None;
        }
        let name = first.name;
        let (place, search) = match subsearch {
            false => ("after a leading pipe", "*"),
            true => ("in a subsearch", "search *"),
        };
        Some(Notice {
            topic: "no-events",
            text: format!(
                "`{name}` comes first {place} and is given no events, as in Splunk; to read the input, begin with `{search} | {name} …`"
            ),
            strict: false,
        })
    }

    /// The rows as a table shows them.
    pub fn rendered(&self, batch: crate::data::Batch) -> Result<crate::data::Batch, Diagnostic> {
        let mut stages = self
            .stages
            .iter()
            .filter_map(|planned| planned.stage.rendering());
        stages.try_fold(batch, |batch, stage| stage.apply(batch))
    }

    /// Texts to mark where rows are shown in colour.
    pub fn marks(&self) -> Vec<String> {
        self.stages
            .iter()
            .flat_map(|planned| planned.stage.marks())
            .collect()
    }

    /// Whether what comes out are the events themselves, perhaps with fields added: nothing narrowed their fields.
    pub fn shows_events(&self) -> bool {
        self.reads_input && self.wanted.demand.all && self.wanted.demand.wants("_raw")
    }

    /// What made a field of the rows.
    pub fn origin(&self, name: &str) -> Origin {
        let stages: Vec<Arc<dyn Stage>> = self.stages.iter().map(|s| s.stage.clone()).collect();
        Origin::of(name, &stages)
    }

    /// The fields that stages put into events by name.
    pub fn created(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for name in self.stages.iter().flat_map(|s| s.stage.creates()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}
