//! The events behind a row: takes a compiled query and one of its rows, gives the events that were grouped into it.

use super::{Compiled, Session};
use crate::data::{Batch, Column, Demand};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::operators::{Chain, Flow, Operator, Order, Owner, TimeOrder, streaming};
use crate::plan::{Plan, Planned, Wanted};
use std::sync::Arc;

impl Session {
    /// The events behind row `row` of `rows`, newest first, as `_time` and `_raw`; at most `limit`.
    pub fn drill(
        &self,
        compiled: &Compiled,
        inputs: &[String],
        rows: &Batch,
        row: usize,
        limit: usize,
    ) -> Result<Batch, Diagnostics> {
        let plan = &compiled.plan;
        let cannot = |why: &str| {
            vec![Diagnostic::new(
                &code::POSITION,
                format!("the events behind this row can't be found: {why}"),
            )]
        };
        let Some(at) = plan.stages.iter().position(|s| {
            !s.stage.groups().is_empty() || s.stage.kind() != crate::commands::Kind::Streaming
        }) else {
            return Ok(rows.slice(row, 1));
        };
        let groups = plan
            .stages
            .get(at)
            .map(|s| s.stage.groups())
            .unwrap_or_default();
        let mut wanted_values = Vec::new();
        for field in &groups {
            match rows.get(field).and_then(|c| c.text(row)) {
                Some(text) => wanted_values.push((field.clone(), text.into_owned())),
                None => return Err(cannot(&format!("the row no longer has the field {field}"))),
            }
        }
        let chain = chain_before(plan, at, wanted_values, limit, compiled)?;
        let wanted = self.demand_before(plan, at, &groups);
        let feed = self.feed(
            &wanted,
            plan.reads_input,
            inputs,
            &compiled.context,
            &Arc::default(),
        )?;
        let mut found = Vec::new();
        crate::operators::run(feed.as_ref(), chain, &compiled.context, &mut |batch| {
            found.push(batch);
            Ok(Flow::More)
        })
        .map_err(|e| vec![e])?;
        Ok(Batch::concat(&found))
    }

    /// What the source must give for the stages before `at`, plus the event's text and time.
    fn demand_before(&self, plan: &Plan, at: usize, groups: &[String]) -> Wanted {
        let mut demand = Demand::of(groups.iter().map(String::as_str).chain(["_time", "_raw"]));
        for planned in plan.stages.iter().take(at).rev().filter(|s| !s.pushed) {
            demand = planned.stage.demand(&demand);
        }
        demand.add("_time");
        demand.add("_raw");
        Wanted {
            demand,
            ..plan.wanted.clone()
        }
    }
}

/// The streaming stages before `at`, then a filter for the row's values, then order.
fn chain_before(
    plan: &Plan,
    at: usize,
    values: Vec<(String, String)>,
    limit: usize,
    compiled: &Compiled,
) -> Result<Chain, Diagnostics> {
    let mut chain = Chain::default();
    let mut demand = Demand::of(
        values
            .iter()
            .map(|(f, _)| f.as_str())
            .chain(["_time", "_raw"]),
    );
    let before: Vec<&Planned> = plan.stages.iter().take(at).filter(|s| !s.pushed).collect();
    let mut demands = Vec::new();
    for planned in before.iter().rev() {
        demands.push(demand.clone());
        demand = planned.stage.demand(&demand);
    }
    for (planned, wanted) in before.iter().zip(demands.iter().rev()) {
        let cx = crate::commands::BuildContext {
            context: &compiled.context,
            wanted,
            ordered: false,
        };
        chain.push(
            planned.stage.operator(&cx).map_err(|e| vec![e])?,
            Owner::default(),
        );
    }
    let chosen = streaming(move |batch| {
        let columns: Vec<(Column, &str)> = values
            .iter()
            .map(|(f, v)| (batch.column(f), v.as_str()))
            .collect();
        let keep: Vec<bool> = (0..batch.rows())
            .map(|row| columns.iter().all(|(c, v)| c.values(row).any(|x| x == *v)))
            .collect();
        let mut batch = batch.filter(&keep.into());
        batch.retain(|name| name == "_time" || name == "_raw");
        batch
    });
    chain.push(chosen, Owner::default());
    let newest = TimeOrder {
        order: Order::Time,
        limit: Some(limit),
    };
    chain.push(
        Operator::Mergeable(Arc::new(newest.sort(&compiled.context.memory))),
        Owner::default(),
    );
    Ok(chain)
}
