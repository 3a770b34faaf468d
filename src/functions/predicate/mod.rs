//! Search expressions on columns: takes the tree of a `search`, gives a [`Filter`], its literals and its time bounds.
//!
//! `=` and `!=` compare texts without regard to letter case, `<` and `>` numbers where both are and else the bytes of
//! texts, upper case first (Splunk's search reference, "search").

mod comparison;
mod listed;
mod literals;
mod term;
mod time;

pub use literals::literals;
pub(crate) use term::is_major;

use crate::data::time::Timestamp;
use crate::data::{Batch, Context, Demand, Filter, Mask};
use crate::diagnostic::{Diagnostic, Diagnostics, Span, code};
use crate::syntax::{SearchExpr, Spanned};
use arrow_buffer::BooleanBuffer;
use comparison::FieldTest;
use listed::Listed;
use std::sync::Arc;
use term::TermTest;
use time::{Bounds, TimeTest};

/// Fields that events of one input mostly share: they are asked first.
const SHARED: [&str; 4] = ["sourcetype", "source", "host", "index"];

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
    Time(TimeTest),
    Listed(Listed),
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

impl Searches<'_> {
    /// A predicate for a search text that stands at the span.
    pub(super) fn compile(&self, text: &str, span: Span) -> Result<Arc<dyn Filter>, Diagnostics> {
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

/// Compiles an expression. A time modifier that must hold bounds the whole search; one under OR or NOT is a test of
/// each event, so that a search can name several windows of time.
pub fn compile(expr: &SearchExpr, context: &Context) -> Result<Compiled, Diagnostics> {
    let mut compiler = Compiler {
        bounds: Bounds::new(expr, context),
        earliest: None,
        latest: None,
        errors: Vec::new(),
    };
    let mut parts = Vec::new();
    compiler.conjuncts(expr, &mut parts);
    let mut errors = compiler.errors;
    errors.append(&mut compiler.bounds.errors);
    if !errors.is_empty() {
        return Err(errors);
    }
    let predicate = (!parts.is_empty()).then(|| {
        let node = all(parts);
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
    bounds: Bounds<'a>,
    earliest: Option<Timestamp>,
    latest: Option<Timestamp>,
    errors: Diagnostics,
}

/// Names that a search compares with what a Splunk server knows of events, and what that is.
const KNOWLEDGE: [(&str, &str); 4] = [
    ("hosttag", "the tags of hosts"),
    ("eventtypetag", "the tags of event types"),
    ("savedsearch", "the events of a saved search"),
    ("savedsplunk", "the events of a saved search"),
];

impl Compiler<'_> {
    /// Refuses a comparison that asks a Splunk server.
    fn refuse_knowledge(&mut self, field: &Spanned<String>) {
        let known = KNOWLEDGE.iter().find(|(name, _)| *name == field.node);
        if let Some((name, what)) = known {
            let message = format!("`{name}` asks for {what}, which a Splunk server keeps");
            let error = Diagnostic::at(&code::UNSUPPORTED_OPTION, field.span, message);
            self.errors.push(error.help(format!(
                "`where` compares a field of that name: | where {name}=\"…\""
            )));
        }
    }

    /// Adds the nodes that must all hold; time modifiers among them become bounds of the search.
    fn conjuncts(&mut self, expr: &SearchExpr, parts: &mut Vec<Node>) {
        match expr {
            SearchExpr::And(all) => all.iter().for_each(|p| self.conjuncts(p, parts)),
            SearchExpr::Time(bound) => {
                let Some(test) = self.bounds.test(bound) else {
                    return;
                };
                match (test.from(), test.until()) {
                    (Some(from), _) => self.earliest = self.earliest.max(Some(from)),
                    (_, Some(until)) => {
                        self.latest = Some(self.latest.map_or(until, |l| l.min(until)));
                    }
                    _ => parts.push(Node::Time(test)),
                }
            }
            other => match self.node(other) {
                Node::And(all) if all.is_empty() => {}
                node => parts.push(node),
            },
        }
    }

    fn node(&mut self, expr: &SearchExpr) -> Node {
        match expr {
            SearchExpr::And(parts) => all(parts.iter().map(|p| self.node(p)).collect()),
            SearchExpr::Or(parts) => either(parts.iter().map(|p| self.node(p)).collect()),
            SearchExpr::Not(part) => Node::Not(Box::new(self.node(part))),
            SearchExpr::Term(term) => match TermTest::new(&term.node) {
                Some(test) => Node::Term(test),
                None => Node::And(Vec::new()),
            },
            SearchExpr::Compare(c) => {
                self.refuse_knowledge(&c.node.field);
                Node::Field(FieldTest::compare(&c.node))
            }
            SearchExpr::In(list) => {
                let tests = FieldTest::any(&list.node).into_iter();
                either(tests.map(Node::Field).collect())
            }
            SearchExpr::Time(bound) => match self.bounds.test(bound) {
                Some(test) => Node::Time(test),
                None => Node::And(Vec::new()),
            },
            SearchExpr::Subsearch(sub) => {
                self.errors.push(
                    Diagnostic::at(
                        &code::UNSUPPORTED_OPTION,
                        sub.span,
                        "a subsearch can't stand here yet",
                    )
                    .help("run the inner search first and put its values into an IN (…) list"),
                );
                Node::And(Vec::new())
            }
        }
    }
}

/// One of these.
fn either(parts: Vec<Node>) -> Node {
    let mut parts = listed::gathered(parts);
    match parts.len() {
        1 => parts.remove(0),
        _ => Node::Or(parts),
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
            Node::Time(test) => demand.add(test.field),
            Node::Listed(listed) => demand.names.extend(listed.fields.iter().cloned()),
        }
    }

    /// Which of these rows are kept. What was asked before spares the rest of the question: parts of an AND see only
    /// the rows that are left, parts of an OR only those that are not in yet.
    fn keep(&self, batch: &Batch, rows: &BooleanBuffer) -> BooleanBuffer {
        match self {
            Node::And(parts) => {
                let mut left = rows.clone();
                for part in parts {
                    if left.count_set_bits() == 0 {
                        break;
                    }
                    left = part.keep(batch, &left);
                }
                left
            }
            Node::Or(parts) => {
                let (mut kept, mut left) = (BooleanBuffer::new_unset(rows.len()), rows.clone());
                for part in parts {
                    if left.count_set_bits() == 0 {
                        break;
                    }
                    let more = part.keep(batch, &left);
                    kept = &kept | &more;
                    left = &left & &!&more;
                }
                kept
            }
            Node::Not(part) => rows & &!&part.keep(batch, rows),
            Node::Term(test) => test.keep(&batch.column("_raw"), rows),
            Node::Field(test) => test.keep(batch, rows),
            Node::Time(test) => rows & &test.keep(batch),
            Node::Listed(listed) => listed.keep(batch, rows),
        }
    }

    /// What it costs to ask an event, for the order of asking: events of a kind share their metadata; a term reads all of
    /// an event's text.
    fn cost(&self) -> usize {
        match self {
            Node::Field(test) if SHARED.contains(&&*test.field) => 1,
            Node::Field(_) | Node::Time(_) => 4,
            Node::Listed(_) => 8,
            Node::Term(_) => 64,
            Node::Not(part) => part.cost(),
            Node::And(parts) | Node::Or(parts) => parts.iter().map(Node::cost).sum(),
        }
    }
}

/// All of these, the cheapest first.
fn all(mut parts: Vec<Node>) -> Node {
    parts.sort_by_key(Node::cost);
    match parts.len() {
        1 => parts.remove(0),
        _ => Node::And(parts),
    }
}

impl Predicate {
    /// One bit a row: set when the event is kept.
    pub fn mask(&self, batch: &Batch) -> Mask {
        Mask::new(
            self.node.keep(batch, &BooleanBuffer::new_set(batch.rows())),
            None,
        )
    }
}

impl Filter for Predicate {
    fn demand(&self) -> &Demand {
        &self.demand
    }

    fn keep(&self, batch: &Batch) -> Result<Mask, Diagnostic> {
        Ok(self.mask(batch))
    }
}
