//! A plan as data for people: takes a plan, gives a line's worth of facts a stage.

use super::Plan;
use crate::commands::Kind;
use crate::operators::Order;

/// What `explain` says of one stage.
#[derive(Debug, Clone, PartialEq)]
pub struct ExplainedStage {
    /// The command's name.
    pub name: String,
    /// Its text, expanded.
    pub text: String,
    /// `streaming`, `mergeable`, `serial`, or `in the source`.
    pub kind: &'static str,
    /// The order made before it: `events newest first`, `newest 5 events`, or empty.
    pub order: String,
    /// Fields wanted of what comes before it.
    pub fields: String,
}

/// The stages of a plan, then the order made at the end if any (name `(order)`).
pub fn explain(plan: &Plan) -> Vec<ExplainedStage> {
    let mut out: Vec<ExplainedStage> = plan
        .stages
        .iter()
        .map(|planned| ExplainedStage {
            name: planned.name.to_owned(),
            text: planned.text.clone(),
            kind: match planned.stage.kind() {
                _ if planned.pushed => "in the source",
                Kind::Streaming => "streaming",
                Kind::Mergeable => "mergeable",
                Kind::Serial => "serial",
            },
            order: planned
                .order
                .map_or_else(String::new, |o| order(o.order, o.limit)),
            fields: planned.before.to_string(),
        })
        .collect();
    if let Some(last) = plan.last_order {
        out.push(ExplainedStage {
            name: "(order)".to_owned(),
            text: order(last.order, last.limit),
            kind: "mergeable",
            order: String::new(),
            fields: plan.goal.shown.to_string(),
        });
    }
    out
}

fn order(order: Order, limit: Option<usize>) -> String {
    match (order, limit) {
        (Order::Time, None) => "events newest first".to_owned(),
        (Order::Time, Some(n)) => format!("the newest {n} events"),
        (Order::Input, None) => "events in input order".to_owned(),
        (Order::Input, Some(n)) => format!("the first {n} events of the input"),
    }
}
