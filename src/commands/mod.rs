//! The commands: takes a stage's text, gives a stage that knows its fields, its order and its kind, and its operator.
//!
//! One file a command, named as typed; one line in [`ALL`]. Help, completion, "did you mean" and the reference walk
//! that list; nothing outside this folder matches on a command's name.

use crate::data::{Context, Demand, Filter, Literals};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Operator, Streaming};
use crate::syntax::{Pipeline, StageText};
use std::sync::Arc;

mod r#abstract;
mod accum;
mod addcoltotals;
mod addinfo;
mod addtotals;
mod append;
mod appendcols;
mod appended;
mod appendpipe;
mod arguments;
mod autoregress;
mod bin;
mod calls;
mod chart;
mod chart_doc;
mod collect;
mod concurrency;
mod contingency;
mod convert;
mod correlate;
mod dedup;
mod deferred;
mod delta;
mod doors;
mod eval;
mod eventcount;
mod eventstats;
mod expression;
mod extract;
mod fieldformat;
mod fields;
mod fieldsummary;
mod filldown;
mod fillnull;
mod foreach;
mod format;
mod frequency;
mod from;
mod fromjson;
mod gentimes;
mod head;
mod highlight;
mod in_order;
mod inputcsv;
mod inputlookup;
mod iplocation;
mod join;
mod localop;
mod lookup;
mod made;
mod makecontinuous;
mod makemv;
mod makeresults;
mod map;
mod metadata;
mod metasearch;
mod multikv;
mod multisearch;
mod mvcombine;
mod mvexpand;
mod nomv;
mod noop;
mod outlier;
mod outputcsv;
mod outputlookup;
mod outputtext;
mod pairs;
mod passed;
mod pivot;
mod rangemap;
mod ranges;
mod rare;
mod redistribute;
mod refused;
mod regex;
mod reltime;
mod rename;
mod replace;
mod require;
mod r#return;
mod reverse;
mod rex;
mod savedsearch;
mod search;
mod selfjoin;
mod series;
mod set;
mod setfields;
mod shown;
mod sort;
mod sourced;
mod span;
mod spath;
mod stats;
mod strcat;
mod streamstats;
mod table;
mod tail;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod testing;
mod timechart;
mod timechart_doc;
mod tojson;
mod top;
mod totals;
mod transaction;
mod transpose;
mod trendline;
mod tstats;
mod union;
mod uniq;
mod untable;
mod r#where;
mod written;
mod xmlkv;
mod xmlunescape;
mod xpath;
mod xyseries;

pub use deferred::deferred;
pub use doors::{Limits, Searches, Subplan, Tables, Times};

/// Every command, by name.
pub static ALL: &[&dyn Command] = &[
    &r#abstract::Abstract,
    &accum::Accum,
    &addcoltotals::Addcoltotals,
    &addinfo::Addinfo,
    &addtotals::Addtotals,
    &append::Append,
    &appendcols::Appendcols,
    &appendpipe::Appendpipe,
    &autoregress::Autoregress,
    &bin::Bin,
    &chart::Chart,
    &collect::Collect,
    &concurrency::Concurrency,
    &contingency::Contingency,
    &convert::Convert,
    &correlate::Correlate,
    &dedup::Dedup,
    &delta::Delta,
    &eval::Eval,
    &eventcount::Eventcount,
    &eventstats::Eventstats,
    &extract::Extract,
    &fieldformat::Fieldformat,
    &fields::Fields,
    &fieldsummary::Fieldsummary,
    &filldown::Filldown,
    &fillnull::Fillnull,
    &foreach::Foreach,
    &format::Format,
    &from::From,
    &fromjson::Fromjson,
    &gentimes::Gentimes,
    &head::Head,
    &highlight::Highlight,
    &inputcsv::Inputcsv,
    &inputlookup::Inputlookup,
    &iplocation::Iplocation,
    &join::Join,
    &localop::Localop,
    &lookup::Lookup,
    &makecontinuous::Makecontinuous,
    &makemv::Makemv,
    &makeresults::Makeresults,
    &map::Map,
    &metadata::Metadata,
    &metasearch::Metasearch,
    &multikv::Multikv,
    &multisearch::Multisearch,
    &mvcombine::Mvcombine,
    &mvexpand::Mvexpand,
    &nomv::Nomv,
    &noop::Noop,
    &outlier::Outlier,
    &outputcsv::Outputcsv,
    &outputlookup::Outputlookup,
    &outputtext::Outputtext,
    &rangemap::Rangemap,
    &r#return::Return,
    &r#where::Where,
    &rare::Rare,
    &redistribute::Redistribute,
    &regex::Regex,
    &reltime::Reltime,
    &rename::Rename,
    &replace::Replace,
    &require::Require,
    &reverse::Reverse,
    &rex::Rex,
    &savedsearch::Savedsearch,
    &search::Search,
    &selfjoin::Selfjoin,
    &set::Set,
    &setfields::Setfields,
    &sort::Sort,
    &spath::Spath,
    &stats::Stats,
    &strcat::Strcat,
    &streamstats::Streamstats,
    &table::Table,
    &tail::Tail,
    &timechart::Timechart,
    &tojson::Tojson,
    &top::Top,
    &transaction::Transaction,
    &transpose::Transpose,
    &trendline::Trendline,
    &tstats::Tstats,
    &union::Union,
    &uniq::Uniq,
    &untable::Untable,
    &xmlkv::Xmlkv,
    &xmlunescape::Xmlunescape,
    &xpath::Xpath,
    &xyseries::Xyseries,
];

/// The command that is implied where a query starts without a pipe.
pub const IMPLIED: &str = "search";

/// Splunk's commands that are refused by name, with the reason.
pub static REFUSED: &[(&str, &str)] = refused::LIST;

/// The command with this name or alias, in any letter case.
pub fn find(name: &str) -> Option<&'static dyn Command> {
    let lower = name.to_ascii_lowercase();
    ALL.iter()
        .copied()
        .find(|c| c.name() == lower || c.aliases().contains(&lower.as_str()))
}

/// What a command says of itself.
pub trait Command: Sync {
    /// The name, lower case.
    fn name(&self) -> &'static str;
    /// Other names.
    fn aliases(&self) -> &'static [&'static str] {
        &[]
    }
    /// One sentence, no final period.
    fn summary(&self) -> &'static str;
    /// The grammar, as in Splunk's reference: `head [<N>|(<expr>)] [limit=<N>] …`.
    fn usage(&self) -> &'static str;
    /// The options, for help and completion.
    fn options(&self) -> &'static [OptionDoc] {
        &[]
    }
    /// Two or more runnable examples; each is a test.
    fn examples(&self) -> &'static [Example];
    /// What may stand in its arguments, for completion.
    fn offers(&self) -> Offers {
        Offers::Fields
    }
    /// Whether square brackets in its arguments are its own: a pipeline that it runs or repeats. For other commands
    /// what a subsearch gives stands in its place.
    fn nests(&self) -> bool {
        false
    }
    /// Where it may stand.
    fn place(&self) -> Place {
        Place::Anywhere
    }
    /// Whether a command that makes rows of its own may stand later too, with these arguments.
    fn may_follow(&self, _: &StageText) -> bool {
        false
    }
    /// Whether it computes with what `tstats prestats=true` gives.
    fn reads_prestats(&self) -> bool {
        false
    }
    /// Reads the arguments. All errors at once.
    fn parse(&self, text: &StageText, cx: &ParseContext<'_>)
    -> Result<Box<dyn Stage>, Diagnostics>;
}

/// What a command's arguments are made of, beside its options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offers {
    /// Names of fields.
    Fields,
    /// Expressions: fields and functions.
    Expressions,
    /// Aggregates of fields, and functions inside eval().
    Aggregates,
}

/// Where a command may stand in a pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// After a pipe.
    Anywhere,
    /// Only first, after a leading pipe: it makes rows itself.
    First,
}

/// An option of a command.
#[derive(Debug, Clone, Copy)]
pub struct OptionDoc {
    /// `limit`
    pub name: &'static str,
    /// `<N>`, `true|false`, …
    pub value: &'static str,
    /// The default, as typed.
    pub default: &'static str,
    /// One sentence.
    pub summary: &'static str,
}

impl OptionDoc {
    /// An option, for lists of many.
    pub(crate) const fn new(
        name: &'static str,
        value: &'static str,
        default: &'static str,
        summary: &'static str,
    ) -> Self {
        Self {
            name,
            value,
            default,
            summary,
        }
    }
}

/// An example that runs as a test.
#[derive(Debug)]
pub struct Example {
    /// The query.
    pub query: &'static str,
    /// Events, a JSON object a line; may be empty.
    pub input: &'static str,
    /// Rows, a JSON object a line, in order.
    pub output: &'static str,
}

/// The lookup table that examples may use: its file's name and text.
pub const EXAMPLE_TABLE: (&str, &str) = ("users.csv", "user,dept,boss\nbob,IT,ann\neve,HR,dan\n");

/// The saved query that examples may use: its name and text.
pub const EXAMPLE_QUERY: (&str, &str) = ("by_user", "user=$who$");

/// Plans a subsearch's pipeline.
pub type PlanSubsearch<'a> = dyn Fn(&Pipeline) -> Result<Arc<dyn Subplan>, Diagnostics> + 'a;

/// What parsing may ask for.
pub struct ParseContext<'a> {
    /// The facts of the run.
    pub context: &'a Context,
    /// Whether the pipeline begins with a pipe, so that its first command has to make rows.
    pub leading_pipe: bool,
    /// Whether the stage that is read is the first one.
    pub first: bool,
    /// Parses and plans a subsearch's pipeline; gives it as a [`Subplan`].
    pub subplan: &'a PlanSubsearch<'a>,
    /// The lookup tables of the run.
    pub tables: &'a Arc<dyn Tables>,
    /// Plans searches that are given as text, and finds saved ones.
    pub searches: &'a Arc<dyn Searches>,
}

impl ParseContext<'_> {
    /// The next argument as a planned subsearch; what is wrong with it is reported to `args`.
    pub fn subsearch(&self, args: &mut crate::syntax::Args) -> Option<Arc<dyn Subplan>> {
        let pipeline = args.subsearch()?;
        match (self.subplan)(&pipeline.node) {
            Ok(plan) => Some(plan),
            Err(errors) => {
                errors.into_iter().for_each(|e| args.report(e));
                None
            }
        }
    }
}

/// How a stage may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any batch by itself, on any core.
    Streaming,
    /// Partial states, merged.
    Mergeable,
    /// One place, in order.
    Serial,
}

/// What a stage has to do with the order of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ordering {
    /// Rows come out in the order in which they came in; which rows does not depend on it (eval, where, fields).
    Keeps,
    /// The result depends on the order of the rows that come in; they come out in order (head, dedup, streamstats).
    Sees,
    /// The rows come out in an order of its own, whatever came in (stats, top, sort).
    Makes,
    /// Depends on the order that comes in, and makes one of its own (stats with first() or list()).
    SeesAndMakes,
}

/// What the planner may do with a leading search.
#[derive(Clone, Default)]
pub struct Pushdown {
    /// The predicate.
    pub filter: Option<Arc<dyn Filter>>,
    /// Literals that every kept event's text contains.
    pub literals: Literals,
    /// Bounds on `_time` from the search's own modifiers.
    pub earliest: Option<crate::data::time::Timestamp>,
    /// Exclusive.
    pub latest: Option<crate::data::time::Timestamp>,
}

/// A command with its arguments read.
pub trait Stage: Send + Sync + std::fmt::Debug {
    /// How it may run.
    fn kind(&self) -> Kind;
    /// What it has to do with order.
    fn ordering(&self) -> Ordering;
    /// The fields that it needs from before, when `after` is wanted of what it gives.
    fn demand(&self, after: &Demand) -> Demand;
    /// Its operator.
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic>;
    /// At most so many of the first rows that come in matter (`head 5`: 5).
    fn limit(&self) -> Option<usize> {
        None
    }
    /// A stage that keeps or drops events by their own fields gives its predicate, for the source.
    fn pushdown(&self) -> Option<Pushdown> {
        None
    }
    /// For a stage that holds subsearches whose results become part of it: the stage with them in it. Runs them.
    fn resolved(&self, _: &Context) -> Result<Option<Box<dyn Stage>>, Diagnostic> {
        Ok(None)
    }
    /// A stage that does nothing but keep or drop rows by their own fields gives what it asks of each: behind a search
    /// that the source does, the source asks it too.
    fn predicate(&self) -> Option<Arc<dyn Filter>> {
        None
    }
    /// For generating commands: takes nothing from the input.
    fn generates(&self) -> bool {
        false
    }
    /// Whether what it gives is for a command that [`Command::reads_prestats`], and for no other.
    fn prestats(&self) -> bool {
        false
    }
    /// For a stage whose rows come of searches of other times too, these times: they are part of the time range of the
    /// stages after it.
    fn times(&self) -> Option<Times> {
        None
    }
    /// The fields that it puts into events by name (eval, rex); shown beside the event's text.
    fn creates(&self) -> Vec<String> {
        Vec::new()
    }
    /// For grouping stages, the fields that say which events a row stands for (stats … by).
    fn groups(&self) -> Vec<String> {
        Vec::new()
    }
    /// For search-like stages, their terms: for the report why no row came.
    fn terms(&self) -> Vec<ExplainedTerm> {
        Vec::new()
    }
    /// What changes how the rows look in a table, after all stages; no stage sees it.
    fn rendering(&self) -> Option<Arc<dyn Streaming>> {
        None
    }
    /// Texts that are marked where rows are shown in colour.
    fn marks(&self) -> Vec<String> {
        Vec::new()
    }
    /// Its arguments as understood, for `explain`; empty when they say nothing beyond the text.
    fn describe(&self) -> String {
        String::new()
    }
}

/// One conjunct of a search, for the report why no row came.
#[derive(Clone)]
pub struct ExplainedTerm {
    /// As printed.
    pub text: String,
    /// Field that it tests, if one.
    pub field: Option<String>,
    /// It alone, as a predicate.
    pub filter: Arc<dyn Filter>,
}

/// What building an operator may ask for.
pub struct BuildContext<'a> {
    /// The facts of the run.
    pub context: &'a Context,
    /// The fields wanted of what this stage gives.
    pub wanted: &'a Demand,
    /// Whether the rows come in Splunk's order already; if not, ties are broken by `_time`, newest first.
    pub ordered: bool,
}
