//! For tests of commands: takes a query without its leading search and events as JSON lines, gives rows as JSON lines.
//! Each query runs over the events cut in several ways; all must give the same rows.

use super::{BuildContext, ParseContext, Searches, Stage, Subplan, Tables};
use crate::data::{Batch, Context, Demand, Lookup, Position, Value};
use crate::diagnostic::{Diagnostic, Diagnostics, Span, code};
use crate::operators::{Chain, Feed, FeedWorker, Flow, Owner, run};
use crate::syntax::{Spanned, StageText};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// One stage's text, at the start of a query.
pub(crate) fn stage(text: &str) -> StageText {
    stage_at(text, 0)
}

fn stage_at(text: &str, base: usize) -> StageText {
    let start = text.len() - text.trim_start().len();
    let body = text.trim();
    let end = body
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(body.len());
    let rest = &body[end..];
    let arguments = rest.trim();
    let at = base + start + end + (rest.len() - rest.trim_start().len());
    StageText {
        name: Spanned::new(
            body[..end].to_owned(),
            Span::new(base + start, base + start + end),
        ),
        arguments: Spanned::new(arguments.to_owned(), Span::new(at, at + arguments.len())),
    }
}

/// The stages of a query: cut at pipes outside quotes.
fn stages(query: &str) -> Vec<StageText> {
    let (mut parts, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, c) in query.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            '|' if !quoted => {
                parts.push((start, at));
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push((start, query.len()));
    let text = |&(start, end): &(usize, usize)| &query[start..end];
    parts
        .iter()
        .filter(|part| !matches!(text(part).trim(), "" | "*"))
        .map(|part| match text(part) {
            // What stands before the first pipe is a search, unless a test begins with a command.
            terms if part.0 == 0 && super::find(&stage_at(terms, 0).name.node).is_none() => {
                StageText {
                    name: Spanned::new(super::IMPLIED.to_owned(), Span::default()),
                    arguments: Spanned::new(terms.trim().to_owned(), Span::default()),
                }
            }
            stage => stage_at(stage, part.0),
        })
        .collect()
}

/// No searches.
#[derive(Debug)]
struct NoSearches;

impl Searches for NoSearches {
    fn plan(&self, _: &str) -> Result<Arc<dyn Subplan>, Diagnostics> {
        Err(Vec::new())
    }
    fn transaction(&self, name: &str) -> Result<Vec<(String, String)>, Diagnostic> {
        Err(Diagnostic::new(&code::OPTION_VALUE, name))
    }
    fn saved(&self, _: &str, _: &[(String, String)]) -> Result<Arc<dyn Subplan>, Diagnostics> {
        Err(Vec::new())
    }
}

/// No lookup tables.
#[derive(Debug)]
struct NoTables;

impl Tables for NoTables {
    fn read(&self, name: &str) -> Result<Lookup, Diagnostic> {
        Err(Diagnostic::new(&code::LOOKUP, name))
    }
    fn extraction(&self, name: &str) -> Result<crate::data::ExtractionRule, Diagnostic> {
        Err(Diagnostic::new(&code::LOOKUP, name))
    }
    fn target(&self, name: &str) -> Result<PathBuf, Diagnostic> {
        Err(Diagnostic::new(&code::LOOKUP, name))
    }
    fn collection(&self, index: &str, _: &str) -> Result<PathBuf, Diagnostic> {
        Err(Diagnostic::new(&code::LOOKUP, index))
    }
    fn create(&self, _: &Path, _: &[u8]) -> Result<(), Diagnostic> {
        Ok(())
    }
    fn write(&self, _: &Path, _: Option<&Batch>) -> Result<(), Diagnostic> {
        Ok(())
    }
}

/// Reads the arguments of a stage.
pub(crate) fn parse(text: &StageText, context: &Context) -> Result<Box<dyn Stage>, Diagnostics> {
    let command = super::find(&text.name.node).expect("a command");
    let subplan = |_: &crate::syntax::Pipeline| Err(Vec::new());
    let cx = ParseContext {
        leading_pipe: false,
        first: false,
        context,
        subplan: &subplan,
        tables: &(Arc::new(NoTables) as Arc<dyn Tables>),
        searches: &(Arc::new(NoSearches) as Arc<dyn Searches>),
    };
    command.parse(text, &cx)
}

/// The errors of a stage that is refused: code and the text at the span.
pub(crate) fn refused(text: &str) -> Vec<(&'static str, String)> {
    let errors = parse(&stage(text), &Context::default()).expect_err("a refusal");
    let errors = errors.into_iter().map(|e| {
        let at = e.span.map(|s| text[s.start..s.end].to_owned());
        (e.code.id, at.unwrap_or_default())
    });
    errors.collect()
}

/// What a stage demands when these fields are wanted after it.
pub(crate) fn demand(text: &str, after: &[&str]) -> String {
    let stage = parse(&stage(text), &Context::default()).unwrap();
    stage.demand(&Demand::of(after.iter().copied())).to_string()
}

struct Batches(Mutex<Vec<Batch>>);
struct Worker<'a>(&'a Batches);

impl Feed for Batches {
    fn worker(&self) -> Box<dyn FeedWorker + '_> {
        Box::new(Worker(self))
    }
}

impl FeedWorker for Worker<'_> {
    fn next(&mut self) -> Option<Result<Vec<Batch>, Diagnostic>> {
        self.0.0.lock().unwrap().pop().map(|batch| Ok(vec![batch]))
    }
}

/// The fields of a JSON object as SPL values; arrays are multivalues.
fn fields(line: &str) -> Vec<(String, Value)> {
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).unwrap();
    let scalar = |v: &serde_json::Value| match v {
        serde_json::Value::String(s) => s.clone(),
        other => other.to_string(),
    };
    let value = |v: &serde_json::Value| match v {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Array(list) => Value::multi(list.iter().map(scalar).collect()),
        other => Value::Text(scalar(other)),
    };
    object.iter().map(|(k, v)| (k.clone(), value(v))).collect()
}

fn lines(batch: &Batch) -> Vec<String> {
    let row = |row: usize| {
        let fields = batch
            .fields()
            .filter(|(_, c)| !c.is_null(row))
            .map(|(name, c)| {
                let mut texts: Vec<String> = c.values(row).map(|t| t.into_owned()).collect();
                let value = if texts.len() == 1 {
                    serde_json::Value::String(texts.remove(0))
                } else {
                    texts.into()
                };
                (name.to_string(), value)
            });
        serde_json::Value::Object(fields.collect()).to_string()
    };
    (0..batch.rows()).map(row).collect()
}

/// Runs a query over events.
pub(crate) fn rows(query: &str, input: &str) -> Result<Vec<String>, Diagnostics> {
    let context = Context {
        threads: 2,
        ..Context::default()
    };
    let [one, two, all] = [1, 2, 4096].map(|size| rows_in(query, input, size, &context));
    let all = all?;
    assert_eq!(normal(&one?), normal(&all), "one event a batch: {query}");
    assert_eq!(normal(&two?), normal(&all), "two events a batch: {query}");
    Ok(all)
}

/// Runs a query over events in batches of a size. A query may begin with any command.
pub(crate) fn rows_in(
    query: &str,
    input: &str,
    size: usize,
    context: &Context,
) -> Result<Vec<String>, Diagnostics> {
    let first = query.split_whitespace().next().unwrap_or_default();
    let begins = first != super::IMPLIED && super::find(first).is_some();
    let query = &if begins {
        format!("| {query}")
    } else {
        query.to_owned()
    };
    let parsed: Vec<Box<dyn Stage>> = stages(query)
        .iter()
        .map(|text| parse(text, context))
        .collect::<Result<_, _>>()?;
    let mut wanted = vec![Demand::all()];
    for stage in parsed.iter().rev() {
        let before = stage.demand(&wanted[0]);
        wanted.insert(0, before);
    }
    let mut chain = Chain::default();
    for (stage, wanted) in parsed.iter().zip(&wanted[1..]) {
        let cx = BuildContext {
            context,
            wanted,
            ordered: true,
        };
        chain.push(stage.operator(&cx).map_err(|e| vec![e])?, Owner::default());
    }
    let events: Vec<_> = input
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let mut event = fields(line);
            event.retain(|(name, _)| wanted[0].wants(name));
            event
        })
        .collect();
    let mut batches: Vec<Batch> = Vec::new();
    for (part, chunk) in (0u64..).zip(events.chunks(size)) {
        let mut batch = Batch::from_rows(chunk.iter().cloned());
        batch.position = Position { file: 0, part };
        batches.push(batch);
    }
    if batches.is_empty() && parsed.first().is_some_and(|s| s.generates()) {
        batches.push(Batch::new(0));
    }
    batches.reverse();
    let feed = Batches(Mutex::new(batches));
    let mut out = Vec::new();
    let mut sink = |batch: Batch| {
        out.extend(lines(&batch));
        Ok(Flow::More)
    };
    run(&feed, chain, context, &mut sink).map_err(|e| vec![e])?;
    Ok(out)
}

/// The rows with their fields sorted by name and without nulls: their order in a row may differ between batches.
fn normal<T: AsRef<str>>(lines: &[T]) -> Vec<Vec<(String, Value)>> {
    let row = |line: &T| {
        let mut fields = fields(line.as_ref());
        fields.retain(|(_, value)| !value.is_null());
        fields.sort_by(|a, b| a.0.cmp(&b.0));
        fields
    };
    lines.iter().map(row).collect()
}

/// Checks the rows of a query. Values may be written as numbers; a field that is null is as good as missing.
#[track_caller]
pub(crate) fn check(query: &str, input: &str, output: &str) {
    let rows = rows(query, input).unwrap();
    let output: Vec<&str> = output
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    assert_eq!(normal(&rows), normal(&output), "{query}");
}

#[test]
fn every_command_says_what_it_is() {
    for command in super::ALL {
        let name = command.name();
        assert!(command.usage().starts_with(name), "{name}");
        assert!(!command.summary().ends_with('.'), "{name}");
        for option in command.options() {
            let word = option.name;
            assert!(command.usage().contains(word), "{name} usage has {word}");
        }
        assert_eq!(super::find(name).map(|c| c.name()), Some(name));
        assert!(super::REFUSED.iter().all(|(refused, _)| *refused != name));
    }
}
