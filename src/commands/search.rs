//! `search`: takes a search expression, keeps the events that fit.

mod nested;

use super::*;
use crate::data::{Demand, Filter};
use crate::diagnostic::{Diagnostic, code};
use crate::functions::predicate::{self, Compiled};
use crate::operators::{Operator, streaming};
use crate::syntax::{SearchExpr, search};

/// `search`
pub struct Search;

impl Command for Search {
    fn name(&self) -> &'static str {
        "search"
    }

    fn summary(&self) -> &'static str {
        "Keeps the events that fit keywords, phrases and comparisons of fields with literals"
    }

    fn usage(&self) -> &'static str {
        "search <terms>: <keyword> | \"<phrase>\" | <field>(=|!=|<|<=|>|>=)<value> | <field> IN (<value>, …) | NOT … | … OR … | (…) | earliest=<time> latest=<time>"
    }

    fn nests(&self) -> bool {
        true
    }

    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "verb=list user=system:* | table user",
                input: "{\"verb\":\"LIST\",\"user\":\"system:anonymous\"}\n{\"verb\":\"get\",\"user\":\"system:node\"}\n{\"verb\":\"list\",\"user\":\"alice\"}",
                output: "{\"user\":\"system:anonymous\"}",
            },
            Example {
                query: "src=\"10.0.0.0/8\" NOT user=bob | table src user",
                input: "{\"src\":\"10.1.2.3\",\"user\":\"ann\"}\n{\"src\":\"10.1.2.4\",\"user\":\"bob\"}\n{\"src\":\"192.0.2.1\",\"user\":\"ann\"}",
                output: "{\"src\":\"10.1.2.3\",\"user\":\"ann\"}",
            },
        ]
    }

    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        if nested::are_values(text)
            && let Some(deferred) = super::deferred::text_with_subsearches(&Search, text, cx)?
        {
            return Ok(deferred);
        }
        let (mut expr, mut errors) = search::parse(&text.arguments.node, text.arguments.span.start);
        let mut subsearches = Vec::new();
        nested::plan(&mut expr, cx, &mut subsearches, &mut errors);
        match predicate::compile(&nested::without(&expr), cx.context) {
            Ok(compiled) if errors.is_empty() => Ok(Box::new(SearchStage {
                compiled,
                expr,
                subsearches,
            })),
            Ok(_) => Err(errors),
            Err(more) => {
                errors.extend(more);
                Err(errors)
            }
        }
    }
}

/// A search with its expression compiled.
#[derive(Debug)]
struct SearchStage {
    /// Without its subsearches, which are known only when it runs.
    compiled: Compiled,
    expr: SearchExpr,
    /// In the order in which they stand in the expression.
    subsearches: Vec<Arc<dyn Subplan>>,
}

impl SearchStage {
    fn bounded(&self) -> bool {
        self.compiled.earliest.is_some() || self.compiled.latest.is_some()
    }
}

impl Stage for SearchStage {
    fn demand(&self, after: &Demand) -> Demand {
        // Which fields a subsearch compares is known only when it has run.
        if !self.subsearches.is_empty() {
            return Demand::all();
        }
        let mut demand = after.clone();
        if let Some(predicate) = &self.compiled.predicate {
            demand.union(predicate.demand());
        }
        if self.bounded() {
            demand.add("_time");
        }
        demand
    }

    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        if let Some(resolved) = self.resolved(cx.context)? {
            return resolved.operator(cx);
        }
        let predicate = self.compiled.predicate.clone();
        let (earliest, latest) = (self.compiled.earliest, self.compiled.latest);
        Ok(streaming(move |batch| {
            let batch = match &predicate {
                Some(predicate) => batch.filter(&predicate.mask(&batch)),
                None => batch,
            };
            if earliest.is_none() && latest.is_none() {
                return batch;
            }
            let time = batch.column("_time");
            let inside = (0..batch.rows()).map(|row| {
                time.number(row).is_some_and(|t| {
                    earliest.is_none_or(|e| t >= e.seconds())
                        && latest.is_none_or(|l| t < l.seconds())
                })
            });
            batch.filter(&inside.collect::<Vec<bool>>().into())
        }))
    }

    fn resolved(&self, context: &Context) -> Result<Option<Box<dyn Stage>>, Diagnostic> {
        if self.subsearches.is_empty() {
            return Ok(None);
        }
        let expr = nested::resolve(&self.expr, &self.subsearches)?;
        let compiled = predicate::compile(&expr, context).map_err(|mut errors| {
            // Places in the text that the subsearch gave are none in the query.
            let error = errors.swap_remove(0);
            let message = format!("what the subsearch gave is no search: {}", error.message);
            Diagnostic::new(&code::RUNTIME, message).help(format!("it gave {expr}"))
        })?;
        Ok(Some(Box::new(SearchStage {
            compiled,
            expr,
            subsearches: Vec::new(),
        })))
    }

    fn pushdown(&self) -> Option<Pushdown> {
        if !self.subsearches.is_empty() {
            return None;
        }
        Some(Pushdown {
            filter: self
                .compiled
                .predicate
                .clone()
                .map(|p| p as Arc<dyn Filter>),
            literals: predicate::literals(&self.expr),
            earliest: self.compiled.earliest,
            latest: self.compiled.latest,
        })
    }

    fn terms(&self) -> Vec<ExplainedTerm> {
        if !self.subsearches.is_empty() {
            return Vec::new();
        }
        let mut parts = Vec::new();
        conjuncts(&self.expr, &mut parts);
        let context = Context::default();
        parts
            .iter()
            .filter_map(|&part| {
                let filter = predicate::compile(part, &context).ok()?.predicate?;
                let field = match part {
                    SearchExpr::Compare(c) => Some(c.node.field.node.clone()),
                    SearchExpr::In(list) => Some(list.node.field.node.clone()),
                    SearchExpr::Time(bound) if bound.node.name.node.starts_with("_index") => {
                        Some("_indextime".to_owned())
                    }
                    SearchExpr::Time(_) => Some("_time".to_owned()),
                    _ => None,
                };
                Some(ExplainedTerm {
                    text: part.to_string(),
                    field,
                    filter,
                })
            })
            .collect()
    }

    fn describe(&self) -> String {
        self.expr.to_string()
    }
}

/// The parts that must all hold, through nested parentheses.
fn conjuncts<'a>(expr: &'a SearchExpr, out: &mut Vec<&'a SearchExpr>) {
    match expr {
        SearchExpr::And(parts) => parts.iter().for_each(|p| conjuncts(p, out)),
        other => out.push(other),
    }
}
