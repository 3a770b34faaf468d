//! Search expressions on columns: takes the tree of a `search`, gives a [`Filter`], its literals and its time bounds.
//!
//! Values compare without regard to letter case, `=` and `!=` as text, `<` and `>` as numbers where both are
//! (Splunk's search reference, "search").

mod comparison;
mod literals;
mod term;

pub use literals::literals;

use crate::data::time::{Modifier, Timestamp};
use crate::data::{Batch, Context, Demand, Filter, Mask};
use crate::diagnostic::{Diagnostic, Diagnostics, Span, code};
use crate::syntax::{SearchExpr, Spanned, TimeBound};
use arrow_buffer::BooleanBuffer;
use comparison::FieldTest;
use std::sync::Arc;
use term::TermTest;

/// A search expression ready to run.
#[derive(Debug)]
pub struct Predicate {
    node: Node,
    demand: Demand,
}

#[derive(Debug)]
enum Node {
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Term(TermTest),
    Field(FieldTest),
}

/// A search expression compiled, with what stands outside of the predicate.
#[derive(Debug)]
pub struct Compiled {
    /// The predicate; `None` when every event fits.
    pub predicate: Option<Arc<Predicate>>,
    /// `earliest=…`, inclusive.
    pub earliest: Option<Timestamp>,
    /// `latest=…`, exclusive.
    pub latest: Option<Timestamp>,
}

/// Compiles the searches inside `searchmatch`.
pub(super) struct Searches<'a>(pub &'a Context);

impl super::SearchCompiler for Searches<'_> {
    fn compile(&self, text: &str, span: Span) -> Result<Arc<dyn Filter>, Diagnostics> {
        // Errors point at the whole text: its escapes were resolved, so places inside no longer fit.
        let whole = |mut errors: Diagnostics| {
            errors.iter_mut().for_each(|e| e.span = Some(span));
            errors
        };
        let (expr, errors) = crate::syntax::search::parse(text, span.start);
        if !errors.is_empty() {
            return Err(whole(errors));
        }
        let compiled = compile(&expr, self.0).map_err(whole)?;
        if compiled.earliest.is_some() || compiled.latest.is_some() {
            let message = "searchmatch() takes no earliest or latest";
            return Err(vec![Diagnostic::at(&code::SYNTAX, span, message)]);
        }
        match compiled.predicate {
            Some(predicate) => Ok(predicate),
            None => Ok(Arc::new(Predicate {
                node: Node::And(Vec::new()),
                demand: Demand::none(),
            })),
        }
    }
}

/// Compiles an expression. Time modifiers hold for the whole search wherever they stand, as in Splunk.
pub fn compile(expr: &SearchExpr, context: &Context) -> Result<Compiled, Diagnostics> {
    let mut compiler = Compiler {
        context,
        errors: Vec::new(),
        earliest: None,
        latest: None,
    };
    let node = compiler.node(expr);
    if !compiler.errors.is_empty() {
        return Err(compiler.errors);
    }
    let predicate = node
        .filter(|n| !matches!(n, Node::And(all) if all.is_empty()))
        .map(|node| {
            let mut demand = Demand::none();
            node.fields(&mut demand);
            Arc::new(Predicate { node, demand })
        });
    Ok(Compiled {
        predicate,
        earliest: compiler.earliest,
        latest: compiler.latest,
    })
}

struct Compiler<'a> {
    context: &'a Context,
    errors: Diagnostics,
    earliest: Option<Timestamp>,
    latest: Option<Timestamp>,
}

impl Compiler<'_> {
    /// The node of an expression; `None` when it says nothing about events (a time modifier).
    fn node(&mut self, expr: &SearchExpr) -> Option<Node> {
        match expr {
            SearchExpr::And(parts) => {
                let mut nodes: Vec<Node> = parts.iter().filter_map(|p| self.node(p)).collect();
                Some(if nodes.len() == 1 {
                    nodes.remove(0)
                } else {
                    Node::And(nodes)
                })
            }
            SearchExpr::Or(parts) => Some(Node::Or(
                parts.iter().filter_map(|p| self.node(p)).collect(),
            )),
            SearchExpr::Not(part) => self.node(part).map(|n| Node::Not(Box::new(n))),
            SearchExpr::Term(term) => match TermTest::new(&term.node) {
                Some(test) => Some(Node::Term(test)),
                None => Some(Node::And(Vec::new())),
            },
            SearchExpr::Compare(c) => Some(Node::Field(FieldTest::compare(&c.node))),
            SearchExpr::In(list) => Some(Node::Or(
                FieldTest::any(&list.node)
                    .into_iter()
                    .map(Node::Field)
                    .collect(),
            )),
            SearchExpr::Time(bound) => {
                self.bound(bound);
                None
            }
            SearchExpr::Subsearch(sub) => {
                self.errors.push(
                    Diagnostic::at(
                        &code::UNSUPPORTED_OPTION,
                        sub.span,
                        "a subsearch can't stand here yet",
                    )
                    .help("run the inner search first and put its values into an IN (…) list"),
                );
                None
            }
        }
    }

    fn bound(&mut self, bound: &Spanned<TimeBound>) {
        let TimeBound { name, value } = &bound.node;
        let time = match Modifier::parse(&value.node) {
            Ok(modifier) => modifier.apply(self.context.now, self.context.zone),
            Err(why) => {
                self.errors.push(
                    Diagnostic::at(&code::TIME_FORMAT, value.span, why)
                        .help("for example -24h@h, @d, now, 1700000000"),
                );
                return;
            }
        };
        match name.node.as_str() {
            "earliest" | "starttimeu" => self.earliest = self.earliest.max(time),
            "latest" | "endtimeu" => {
                self.latest = self.latest.map_or(time, |l| time.map(|t| t.min(l)))
            }
            other => self.errors.push(
                Diagnostic::at(
                    &code::UNSUPPORTED_OPTION,
                    name.span,
                    format!("the time modifier `{other}` is not done here"),
                )
                .help("earliest= and latest= bound the time of events"),
            ),
        }
    }
}

impl Node {
    fn fields(&self, demand: &mut Demand) {
        match self {
            Node::And(parts) | Node::Or(parts) => parts.iter().for_each(|p| p.fields(demand)),
            Node::Not(part) => part.fields(demand),
            Node::Term(_) => demand.add("_raw"),
            Node::Field(test) => {
                demand.names.insert(test.field.clone());
            }
        }
    }

    fn keep(&self, batch: &Batch) -> BooleanBuffer {
        match self {
            Node::And(parts) => {
                let mut mask = BooleanBuffer::new_set(batch.rows());
                for part in parts {
                    mask = &mask & &part.keep(batch);
                    if mask.count_set_bits() == 0 {
                        break;
                    }
                }
                mask
            }
            Node::Or(parts) => {
                let mut mask = BooleanBuffer::new_unset(batch.rows());
                for part in parts {
                    mask = &mask | &part.keep(batch);
                }
                mask
            }
            Node::Not(part) => !&part.keep(batch),
            Node::Term(test) => test.keep(&batch.column("_raw")),
            Node::Field(test) => test.keep(batch),
        }
    }
}

impl Filter for Predicate {
    fn demand(&self) -> &Demand {
        &self.demand
    }

    fn keep(&self, batch: &Batch) -> Mask {
        Mask::new(self.node.keep(batch), None)
    }
}
