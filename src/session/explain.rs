//! A compiled query and its run for people: takes plan and outcome, gives the texts of `explain` and `--why`.

use super::feed::drain;
use super::why::{TermCounter, Terms};
use super::{Compiled, Outcome, Session};
use crate::commands::ExplainedTerm;
use crate::data::{Demand, FieldName, METADATA};
use crate::diagnostic::{Diagnostics, nearest};
use crate::plan::{self, Wanted};
use crate::render::{self, ExplainRow, StageLine, TermLine, WhyNear, number_text};
use crate::source::{self, LookedFor};

impl Session {
    /// The text of `explain`.
    pub fn explain(&self, compiled: &Compiled) -> String {
        let stages: Vec<ExplainRow> = plan::explain(&compiled.plan)
            .into_iter()
            .map(|s| ExplainRow {
                text: s.text,
                kind: s.kind.to_owned(),
                order: s.order,
                fields: s.fields,
            })
            .collect();
        let wanted = &compiled.plan.wanted;
        let mut facts = Vec::new();
        if compiled.plan.reads_input {
            facts.push(("fields".to_owned(), wanted.demand.to_string()));
            if let Some(filter) = &wanted.filter {
                facts.push(("filtered by".to_owned(), filter.demand().to_string()));
            }
            let options = &self.settings.source;
            let literals = source::looked_for(&wanted.literals, options);
            facts.push(("literals".to_owned(), shown(&literals, options.strict)));
            let zone = compiled.context.zone;
            let time = |t: crate::data::time::Timestamp| t.display(zone);
            let (earliest, latest) = wanted.times(&compiled.context);
            if let Some(earliest) = earliest {
                facts.push(("earliest".to_owned(), time(earliest)));
            }
            if let Some(latest) = latest {
                facts.push(("latest".to_owned(), time(latest)));
            }
        } else {
            let why = match compiled.plan.unfed(false) {
                Some(_) => "not read: the first command is given no events",
                None => "not read: the first command makes its own rows",
            };
            facts.push(("input".to_owned(), why.to_owned()));
        }
        render::explain(&compiled.expanded.text, &facts, &stages)
    }

    /// The report where the events went: a second pass over the inputs when they can be read again.
    pub fn why(
        &self,
        compiled: &Compiled,
        inputs: &[String],
        outcome: &Outcome,
        width: usize,
    ) -> Result<String, Diagnostics> {
        let stages: Vec<StageLine> = outcome
            .stages
            .iter()
            .map(|s| StageLine {
                text: s.text.clone(),
                rows_in: s.rows_in,
                rows_out: s.rows_out,
            })
            .collect();
        let terms: Vec<_> = compiled
            .plan
            .stages
            .iter()
            .take_while(|s| s.pushed && s.asked.is_none())
            .flat_map(|s| s.stage.terms())
            .collect();
        let fields = read_later(compiled, &terms);
        let repeatable = !inputs.iter().any(|i| i == "-");
        if (terms.is_empty() && fields.is_empty()) || !repeatable {
            let mut text = render::why(outcome.scanned, &stages, &[], &[], None, width);
            if !repeatable && !terms.is_empty() {
                text.push_str(
                    "terms can't be counted one by one over a pipe; name a file for that\n",
                );
            }
            return Ok(text);
        }
        let counter = TermCounter::new(terms, fields);
        let wanted = Wanted {
            demand: counter.demand(),
            ..Wanted::default()
        };
        let found = self.count_terms(&wanted, counter, inputs, compiled)?;
        let unknown = |t: &super::why::TermCount| t.field.is_some() && t.present == 0;
        let names = if found.terms.iter().any(unknown) || !found.absent.is_empty() {
            self.field_names(inputs, compiled)?
        } else {
            Vec::new()
        };
        let lines: Vec<TermLine> = found
            .terms
            .iter()
            .map(|t| TermLine {
                text: t.text.clone(),
                alone: t.alone,
                in_turn: t.in_turn,
                remark: remark(t, &names),
            })
            .collect();
        let near = near_miss(&found);
        Ok(render::why(
            found.events,
            &stages,
            &lines,
            &absent(&found, &names),
            near.as_ref(),
            width,
        ))
    }

    /// The names of the fields in the first events of the inputs.
    pub fn field_names(
        &self,
        inputs: &[String],
        compiled: &Compiled,
    ) -> Result<Vec<String>, Diagnostics> {
        let wanted = Wanted {
            demand: Demand::all(),
            ..Wanted::default()
        };
        let mut names: indexmap::IndexSet<String> = indexmap::IndexSet::new();
        drain(
            self,
            &wanted,
            inputs,
            &compiled.context,
            10_000,
            &mut |batch| {
                names.extend(batch.names().map(|n| n.to_string()));
            },
        )?;
        Ok(names.into_iter().collect())
    }

    fn count_terms(
        &self,
        wanted: &Wanted,
        counter: TermCounter,
        inputs: &[String],
        compiled: &Compiled,
    ) -> Result<Terms, Diagnostics> {
        super::feed::count(self, wanted, counter, inputs, &compiled.context)
    }
}

/// What lines are told by, in words.
fn shown(literals: &LookedFor, strict: bool) -> String {
    let groups: Vec<String> = literals.groups.iter().map(|g| g.join(" or ")).collect();
    match (groups.is_empty(), literals.is_kind, strict) {
        (true, _, true) => "none: --strict reads every line".to_owned(),
        (true, ..) => "none: every line is read".to_owned(),
        (_, true, _) => format!("{}, which tell the sourcetype", groups.join(" and ")),
        _ => groups.join(" and "),
    }
}

/// The fields, known by name, that the query reads from events beside those that its search tests.
fn read_later(compiled: &Compiled, terms: &[ExplainedTerm]) -> Vec<FieldName> {
    if !compiled.plan.reads_input {
        return Vec::new();
    }
    let tested = |name: &str| terms.iter().any(|t| t.field.as_deref() == Some(name));
    let wanted = &compiled.plan.wanted;
    let mut demand = wanted.demand.clone();
    if let Some(further) = &wanted.further {
        demand.union(further.demand());
    }
    let names = demand.names.iter();
    names
        .filter(|name| !METADATA.contains(&&***name) && !tested(name))
        .cloned()
        .collect()
}

/// A line for each field that the query reads and no event has; nothing when there were no events.
fn absent(found: &Terms, names: &[String]) -> Vec<String> {
    if found.events == 0 {
        return Vec::new();
    }
    let line = |field: &String| {
        let under = |name: &&String| {
            name.strip_prefix(field.as_str())
                .is_some_and(|r| r.starts_with('.'))
        };
        if let Some(dotted) = names.iter().find(under) {
            // In an expression a dot joins texts.
            format!(
                "{field}; in an expression a name with dots stands in single quotes: '{dotted}'"
            )
        } else if let Some(near) = nearest(field, names.iter().map(String::as_str)) {
            format!("{field}; there is {near}")
        } else {
            field.clone()
        }
    };
    found.absent.iter().map(line).collect()
}

/// What to say of a term that no event passes.
fn remark(term: &super::why::TermCount, names: &[String]) -> String {
    let Some(field) = &term.field else {
        return String::new();
    };
    if term.alone > 0 {
        return String::new();
    }
    if term.present == 0 {
        return match nearest(field, names.iter().map(String::as_str)) {
            Some(near) => format!("no event has the field {field}; there is {near}"),
            None => format!("no event has the field {field}"),
        };
    }
    let shown: Vec<String> = term
        .values
        .iter()
        .take(4)
        .map(|(value, n)| format!("{value} ({})", number_text(*n)))
        .collect();
    let more = term.values.len().saturating_sub(shown.len());
    let rest = if more > 0 {
        format!(" and {more} more values")
    } else {
        String::new()
    };
    format!("the events have {field} {}{rest}", shown.join(", "))
}

fn near_miss(found: &Terms) -> Option<WhyNear> {
    let near = found.near_miss.as_ref()?;
    let failed = near
        .failed
        .iter()
        .zip(&near.values)
        .filter_map(|(&i, value)| {
            let term = found.terms.get(i)?;
            let holds = match (&term.field, value) {
                (Some(field), Some(value)) => format!("it has {field} {value}"),
                (Some(field), None) => format!("it has no {field}"),
                (None, _) => "its text has it not".to_owned(),
            };
            Some((term.text.clone(), holds))
        });
    Some(WhyNear {
        failed: failed.collect(),
        raw: near.raw.clone(),
    })
}
