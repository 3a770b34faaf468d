//! `transaction`: groups events that belong together in time, each group one row.

use super::arguments::{Arguments, Word};
use super::{BuildContext, Command, Example, Kind, OptionDoc, Ordering, ParseContext, Stage};
use crate::data::{Batch, Demand, FieldName, Filter};
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::functions::{Program, predicate};
use crate::operators::Operator;
use crate::syntax::{Spanned, StageText, search};
use std::sync::Arc;

mod grouping;

use grouping::Grouping;

/// The command.
pub struct Transaction;

const OPTIONS: &[OptionDoc] = &[
    OptionDoc::new(
        "name",
        "<type>",
        "",
        "A type of transactiontypes.conf in a folder of macros: its settings count where the search has none; transactiontype names it",
    ),
    OptionDoc::new(
        "fields",
        "<fields>",
        "",
        "The fields, as an option: \"a, b\"",
    ),
    OptionDoc::new(
        "maxspan",
        "<N>[s|m|h|d]",
        "-1",
        "Time from the first to the last event at most; -1 for any",
    ),
    OptionDoc::new(
        "maxpause",
        "<N>[s|m|h|d]",
        "-1",
        "Time from one event to the next at most; -1 for any",
    ),
    OptionDoc::new(
        "maxevents",
        "<N>",
        "1000",
        "Events at most; -1 for any number",
    ),
    OptionDoc::new(
        "startswith",
        "<search>|eval(<expr>)",
        "",
        "What the first event fulfils",
    ),
    OptionDoc::new(
        "endswith",
        "<search>|eval(<expr>)",
        "",
        "What the last event fulfils",
    ),
    OptionDoc::new(
        "connected",
        "true|false",
        "true",
        "Whether an event that shares no value with a group, and contradicts none, begins its own",
    ),
    OptionDoc::new(
        "unifyends",
        "true|false",
        "as connected",
        "Whether the first and the last event have to share a value with their group too; else they must not contradict",
    ),
    OptionDoc::new(
        "maxopentxn",
        "<N>",
        "",
        "Open groups at most: over it the one that was not added to for longest is evicted; all are kept without it",
    ),
    OptionDoc::new(
        "maxopenevents",
        "<N>",
        "",
        "Events of open groups at most, as maxopentxn; all are kept without it",
    ),
    OptionDoc::new(
        "keepevicted",
        "true|false",
        "false",
        "Whether groups stay that lack their first or last event, or were evicted",
    ),
    OptionDoc::new(
        "keeporphans",
        "true|false",
        "false",
        "Whether events without any of the fields stay, with _txn_orphan=1",
    ),
    OptionDoc::new(
        "mvlist",
        "true|false|<fields>",
        "false",
        "Whether fields list the values of all events, in order, instead of each value once",
    ),
    OptionDoc::new(
        "mvraw",
        "true|false",
        "false",
        "Whether _raw has a value an event instead of one text",
    ),
    OptionDoc::new(
        "delim",
        "<text>",
        " ",
        "What stands between the values of a field, and with mvraw=true of _raw, when nomv joins them",
    ),
    OptionDoc::new(
        "nullstr",
        "<text>",
        "NULL",
        "What mvlist lists for an event without the field",
    ),
];

impl Command for Transaction {
    fn name(&self) -> &'static str {
        "transaction"
    }
    fn aliases(&self) -> &'static [&'static str] {
        &["transam"]
    }
    fn summary(&self) -> &'static str {
        "Groups events that belong together in time; each group is one row with duration and eventcount"
    }
    fn usage(&self) -> &'static str {
        "transaction [<field>… | fields=<fields>] [name=<type>] [maxspan=<span>] [maxpause=<span>] [maxevents=<N>] [startswith=<search>|eval(<expr>)] [endswith=<search>|eval(<expr>)] [connected=<bool>] [unifyends=<bool>] [maxopentxn=<N>] [maxopenevents=<N>] [keepevicted=<bool>] [keeporphans=<bool>] [mvlist=<bool>|<fields>] [mvraw=<bool>] [delim=<text>] [nullstr=<text>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        OPTIONS
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | transaction user maxpause=5m | table user duration eventcount",
                input: "{\"_time\":1000,\"user\":\"bob\"}\n{\"_time\":1010,\"user\":\"bob\"}\n{\"_time\":1012,\"user\":\"eve\"}",
                output: "{\"user\":\"eve\",\"duration\":0,\"eventcount\":1}\n{\"user\":\"bob\",\"duration\":10,\"eventcount\":2}",
            },
            Example {
                query: "* | transaction startswith=\"login\" endswith=eval(act=\"logout\") | table act duration",
                input: "{\"_time\":1000,\"act\":\"login\"}\n{\"_time\":1005,\"act\":\"view\"}\n{\"_time\":1010,\"act\":\"logout\"}\n{\"_time\":1020,\"act\":\"login\"}",
                output: "{\"act\":[\"login\",\"logout\",\"view\"],\"duration\":10}",
            },
        ]
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut read = Layers::read(self, text, cx);
        let connected = read.of("connected").flag("connected", true);
        let spec = Spec {
            kind: read.own.text("name"),
            max_span: length(read.of("maxspan"), "maxspan"),
            max_pause: length(read.of("maxpause"), "maxpause"),
            max_events: events(read.of("maxevents")),
            starts: condition(read.of("startswith"), "startswith", cx),
            ends: condition(read.of("endswith"), "endswith", cx),
            connected,
            // Its default is that of connected.
            unify_ends: read.of("unifyends").flag("unifyends", connected),
            max_open: open(read.of("maxopentxn"), "maxopentxn"),
            max_open_events: open(read.of("maxopenevents"), "maxopenevents"),
            keep_evicted: read.of("keepevicted").flag("keepevicted", false),
            keep_orphans: read.of("keeporphans").flag("keeporphans", false),
            listed: listed(read.of("mvlist")),
            raw_values: read.of("mvraw").flag("mvraw", false),
            delimiter: read.of("delim").text("delim"),
            null: read
                .of("nullstr")
                .text("nullstr")
                .unwrap_or_else(|| "NULL".to_owned()),
            fields: read.fields(),
        };
        let arguments = read.all_errors();
        arguments.finish(|| Box::new(Grouped(Arc::new(spec))) as Box<dyn Stage>)
    }
}

/// The arguments, over the settings of the type of transaction that `name=` says.
struct Layers {
    own: Arguments,
    preset: Option<(Arguments, Span)>,
}

impl Layers {
    fn read(command: &dyn Command, text: &StageText, cx: &ParseContext<'_>) -> Self {
        let mut own = Arguments::read(command, text);
        let preset = super::calls::value(&own, "name").and_then(|name| {
            let settings = cx.searches.transaction(&name.text);
            let settings = own.keep(Some(settings.map_err(|error| error.or_span(name.span))))?;
            let arguments = Spanned::new(written(&settings), name.span);
            let text = StageText {
                name: text.name.clone(),
                arguments,
            };
            Some((Arguments::read(command, &text), name.span))
        });
        Self { own, preset }
    }

    /// Those that an option is read from.
    fn of(&mut self, name: &str) -> &mut Arguments {
        match &mut self.preset {
            Some((preset, _)) if self.own.option(name).is_none() => preset,
            _ => &mut self.own,
        }
    }

    /// The fields of the arguments, else those of the type.
    fn fields(&mut self) -> Vec<FieldName> {
        let option = |arguments: &Arguments| super::calls::value(arguments, "fields");
        let words = option(&self.own).into_iter().chain(self.own.rest(&[]));
        let own: Vec<FieldName> = words.flat_map(|word| names(&word.text)).collect();
        match &self.preset {
            Some((preset, _)) if own.is_empty() => {
                let word = option(preset);
                word.map(|word| names(&word.text)).unwrap_or_default()
            }
            _ => own,
        }
    }

    /// The arguments, with what is wrong with the settings of the type told where its name stands.
    fn all_errors(mut self) -> Arguments {
        if let Some((preset, span)) = self.preset
            && let Err(errors) = preset.finish(|| ())
        {
            for mut error in errors {
                error.span = Some(span);
                self.own.error(error);
            }
        }
        self.own
    }
}

/// Settings of a file as arguments; `search` is for `searchtxn`.
fn written(settings: &[(String, String)]) -> String {
    let settings = settings.iter().filter(|(key, _)| key != "search");
    let written = settings.map(|(key, value)| match value.contains(['"', '(']) {
        true => format!("{key}={value}"),
        false => format!("{key}=\"{value}\""),
    });
    written.collect::<Vec<_>>().join(" ")
}

/// Names in one word: `"a, b"` names two fields.
fn names(text: &str) -> Vec<FieldName> {
    let words = text.split([',', ' ']).filter(|word| !word.is_empty());
    words.map(FieldName::from).collect()
}

/// A length of time in seconds; none for a negative one.
fn length(arguments: &mut Arguments, name: &'static str) -> Option<f64> {
    let value = super::calls::value(arguments, name)?;
    if value.text.starts_with('-') && value.text.parse::<f64>().is_ok() {
        return None;
    }
    super::span::time_span(arguments, name).map(|span| span.seconds())
}

fn events(arguments: &mut Arguments) -> usize {
    match super::calls::value(arguments, "maxevents") {
        Some(value) if value.text.starts_with('-') && value.text.parse::<f64>().is_ok() => {
            usize::MAX
        }
        _ => arguments.count("maxevents").unwrap_or(1000).max(1),
    }
}

/// A limit of what is open; none for a negative one.
fn open(arguments: &mut Arguments, name: &'static str) -> Option<usize> {
    match super::calls::value(arguments, name) {
        Some(value) if value.text.starts_with('-') => None,
        _ => arguments.count(name).map(|count| count.max(1)),
    }
}

/// Which fields list the values of all events.
#[derive(Debug)]
enum Listed {
    None,
    All,
    Fields(Vec<FieldName>),
}

fn listed(arguments: &Arguments) -> Listed {
    let Some(value) = super::calls::value(arguments, "mvlist") else {
        return Listed::None;
    };
    match value.text.to_ascii_lowercase().as_str() {
        "t" | "true" | "1" | "yes" => Listed::All,
        "f" | "false" | "0" | "no" => Listed::None,
        _ => Listed::Fields(names(&value.text)),
    }
}

/// What an event must fulfil.
enum Condition {
    Search(Option<Arc<dyn Filter>>),
    Expression(Arc<Program>),
}

impl std::fmt::Debug for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Condition")
    }
}

impl Condition {
    fn demand(&self, demand: &mut Demand) {
        match self {
            Self::Search(None) => {}
            Self::Search(Some(filter)) => demand.union(filter.demand()),
            Self::Expression(program) => {
                program.add_to(demand);
            }
        }
    }

    /// Which events fulfil it.
    fn rows(&self, batch: &Batch) -> Result<Vec<bool>, Diagnostic> {
        let mask = match self {
            Self::Search(None) => return Ok(vec![true; batch.rows()]),
            Self::Search(Some(filter)) => filter.keep(batch)?,
            Self::Expression(program) => program.truth(batch)?,
        };
        Ok((0..batch.rows()).map(|row| mask.value(row)).collect())
    }
}

/// `"text"`, `(search)` or `eval(expression)`.
fn condition(arguments: &mut Arguments, name: &str, cx: &ParseContext<'_>) -> Option<Condition> {
    let value: Word = super::calls::value(arguments, name)?;
    let text = value.text.trim();
    let inner = |open: &str| text.strip_prefix(open)?.strip_suffix(')');
    let offset = |part: &str| {
        value.span.start + value.text.find(part).unwrap_or(0) + usize::from(value.quoted)
    };
    let read = if let Some(expression) = inner("eval(") {
        super::r#where::condition("transaction", expression, offset(expression), cx)
            .map(Condition::Expression)
    } else {
        let terms = inner("(").unwrap_or(text);
        let (expr, errors) = search::parse(terms, offset(terms));
        if errors.is_empty() {
            let compiled = predicate::compile(&expr, cx.context);
            compiled.map(|c| Condition::Search(c.predicate.map(|p| p as Arc<dyn Filter>)))
        } else {
            Err(errors)
        }
    };
    match read {
        Ok(condition) => Some(condition),
        Err(errors) => {
            errors.into_iter().for_each(|error| arguments.error(error));
            None
        }
    }
}

/// The arguments.
#[derive(Debug)]
struct Spec {
    /// The type of transaction that was named.
    kind: Option<String>,
    fields: Vec<FieldName>,
    max_span: Option<f64>,
    max_pause: Option<f64>,
    max_events: usize,
    starts: Option<Condition>,
    ends: Option<Condition>,
    connected: bool,
    unify_ends: bool,
    max_open: Option<usize>,
    max_open_events: Option<usize>,
    keep_evicted: bool,
    keep_orphans: bool,
    listed: Listed,
    raw_values: bool,
    delimiter: Option<String>,
    null: String,
}

impl Spec {
    fn lists(&self, field: &str) -> bool {
        match &self.listed {
            Listed::None => false,
            Listed::All => true,
            Listed::Fields(fields) => fields.iter().any(|name| **name == *field),
        }
    }
}

/// `transaction` with its arguments.
#[derive(Debug)]
struct Grouped(Arc<Spec>);

impl Stage for Grouped {
    fn kind(&self) -> Kind {
        Kind::Serial
    }
    fn ordering(&self) -> Ordering {
        Ordering::SeesAndMakes
    }
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        for made in ["duration", "eventcount", "closed_txn", "transactiontype"] {
            demand.remove(made);
        }
        for field in &self.0.fields {
            demand.add_exact(field);
        }
        for condition in [&self.0.starts, &self.0.ends].into_iter().flatten() {
            condition.demand(&mut demand);
        }
        demand.add_exact("_time");
        demand
    }
    fn groups(&self) -> Vec<String> {
        self.0.fields.iter().map(ToString::to_string).collect()
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let grouping = Grouping::new(self.0.clone(), cx.context.batch_size.max(1));
        Ok(Operator::Serial(Box::new(grouping)))
    }
}

#[cfg(test)]
mod tests {
    use crate::commands::testing::{demand, refused};

    #[test]
    fn arguments_are_checked() {
        assert_eq!(
            demand("transaction a startswith=eval(b=1)", &["c", "duration"]),
            "c, a, b, _time"
        );
        assert_eq!(refused("transaction a maxspan=x")[0].0, "E0114");
        assert_eq!(refused("transaction a name=x")[0], ("E0110", "x".into()));
        assert_eq!(
            refused("transaction a startswith=eval(nosuch(b))")[0].0,
            "E0107"
        );
        assert_eq!(refused("transaction a endswith=(b=1 OR)")[0].0, "E0103");
    }
}
