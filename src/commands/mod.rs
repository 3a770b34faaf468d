//! The commands: takes a stage's text, gives a stage that knows its fields, its order and its kind, and its operator.
//!
//! One file a command, named as typed; one line in [`ALL`]. Help, completion, "did you mean" and the reference walk
//! that list; nothing outside this folder matches on a command's name.

use crate::data::Context;
use crate::diagnostic::Diagnostics;
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
mod chosen;
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
mod origin;
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
mod stage;
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
mod timewrap;
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
pub use origin::{Before, Origin};
pub use stage::{BuildContext, ExplainedTerm, Kind, Ordering, Pushdown, Stage};

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
    &timewrap::Timewrap,
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
    /// Whether the pipeline begins with a pipe and another command than a search.
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
