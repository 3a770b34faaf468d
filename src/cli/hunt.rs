//! `hunt`: takes saved queries and inputs, runs all queries in one pass, prints one line a query or all rows.

use super::arguments::{HuntArguments, RunOptions};
use super::exit::Exit;
use super::output::{self, Target};
use super::progress::Bar;
use super::run as single;
use crate::data::{Batch, Demand};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::operators::Flow;
use crate::plan::Goal;
use crate::render::{self, Format, RunFacts, count, grid};
use crate::session::hunt::{Hunt, Hunted, queries};
use crate::session::{Compiled, Query, Session};
use crate::source::Progress;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

/// Errors told in full; of more, one line a kind.
const IN_FULL: usize = 3;

/// `spelunk hunt`
pub fn hunt(arguments: HuntArguments) -> Exit {
    let color = arguments.options.output.color;
    run(&arguments).unwrap_or_else(|errors| output::errors(&errors, color))
}

/// A query with its rows, as far as they are shown.
struct Found {
    query: Query,
    hunted: Hunted,
    rows: Vec<Json>,
}

fn run(arguments: &HuntArguments) -> Result<Exit, Diagnostics> {
    let options = &arguments.options;
    let format = format(options).map_err(|e| vec![e])?;
    let session = single::session(options)?;
    let (named, inputs) = split(&session, &arguments.targets);
    let inputs = single::inputs_or_pipe(inputs, true)?;
    let mut refused = Diagnostics::new();
    let mut found = Vec::new();
    let mut compiled = Vec::new();
    let goal = goal(options, format);
    let named = named.iter().flat_map(|target| queries(&session, target));
    for query in named {
        match query.map_err(|e| vec![e]).and_then(|query| {
            let compiled = session.compile(&query, &goal)?;
            Ok((query, compiled))
        }) {
            Ok((query, plan)) => {
                found.push(Found {
                    query,
                    hunted: Hunted::default(),
                    rows: Vec::new(),
                });
                compiled.push(plan);
            }
            Err(errors) => refused.extend(reason(errors)),
        }
    }
    if compiled.is_empty() {
        return Err(refused);
    }
    let hunt = scan(&session, &compiled, &inputs, &mut found, options, format)?;
    write(&found, &hunt, options, format)?;
    tell(&hunt, &found, &refused, options);
    Ok(exit(&hunt, &found, &refused, options))
}

/// The error that says why a query can't run: a missing macro is often that of a command that is refused anyway.
fn reason(mut errors: Diagnostics) -> Option<Diagnostic> {
    let told = |e: &Diagnostic| e.code.id != code::UNKNOWN_MACRO.id;
    let at = errors.iter().position(told).unwrap_or(0);
    (!errors.is_empty()).then(|| errors.swap_remove(at))
}

/// The leading arguments that name queries, and the inputs after them. A folder names queries only where it is first.
fn split<'a>(session: &Session, targets: &'a [String]) -> (&'a [String], &'a [String]) {
    let is_query = |target: &String| {
        let path = Path::new(target);
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or("");
        matches!(extension, "yml" | "yaml" | "spl")
            || (!path.exists() && session.find_query(target).is_ok())
    };
    let further = targets.iter().skip(1).take_while(|t| is_query(t)).count();
    targets.split_at((1 + further).min(targets.len()))
}

fn format(options: &RunOptions) -> Result<Format, Diagnostic> {
    let refused = |what: &str, help: &str| {
        Err(Diagnostic::new(&code::ARGUMENT, format!("hunt does not do {what}")).help(help))
    };
    if options.output.why {
        return refused(
            "--why",
            "spelunk run QUERY INPUT --why tells it of one query",
        );
    }
    match output::format(&options.output)? {
        Format::Raw => refused(
            "--format raw",
            "formats of hunt are table, json, ndjson, csv",
        ),
        format => Ok(format),
    }
}

/// Only JSON shows the rows; else they are counted, in no order.
fn goal(options: &RunOptions, format: Format) -> Goal {
    let goal = output::goal(&options.output);
    match format {
        Format::Json | Format::Ndjson => Goal {
            limit: None,
            ..goal
        },
        _ => Goal {
            shown: Demand::none(),
            order: crate::operators::Order::Input,
            limit: None,
        },
    }
}

fn scan(
    session: &Session,
    compiled: &[Compiled],
    inputs: &[String],
    found: &mut [Found],
    options: &RunOptions,
    format: Format,
) -> Result<Hunt, Diagnostics> {
    let shows_rows = matches!(format, Format::Json | Format::Ndjson);
    let most = options.output.limit.unwrap_or(usize::MAX);
    let progress = Arc::new(Progress::default());
    let mut bar = Bar::watch(progress.clone(), options.output.quiet);
    let mut keep = |number: usize, batch: Batch| {
        if let Some(found) = found.get_mut(number).filter(|_| shows_rows) {
            let left = most.saturating_sub(found.rows.len()).min(batch.rows());
            let rows = (0..left).map(|row| Json::Object(render::object(&batch, row)));
            found.rows.extend(rows);
        }
        Ok(Flow::More)
    };
    let hunt = session.hunt(compiled, inputs, &progress, &mut keep);
    bar.stop();
    let mut hunt = hunt?;
    for (found, hunted) in found.iter_mut().zip(std::mem::take(&mut hunt.queries)) {
        found.hunted = hunted;
    }
    Ok(hunt)
}

fn write(
    found: &[Found],
    hunt: &Hunt,
    options: &RunOptions,
    format: Format,
) -> Result<(), Diagnostics> {
    let text = match format {
        Format::Json => format!("{:#}\n", document(found, hunt)),
        Format::Ndjson => lines(found),
        Format::Csv => sheet(found).map_err(|e| vec![e])?,
        Format::Table | Format::Raw => table(found),
    };
    let path = options.output.output.as_deref();
    let mut target = Target::open(path).map_err(|e| vec![e])?;
    let written = target.stream().write_all(text.as_bytes());
    target.finish(written).map_err(|e| vec![e])
}

/// One document: each query with its facts and rows.
fn document(found: &[Found], hunt: &Hunt) -> Json {
    let queries: Vec<Json> = found
        .iter()
        .map(|found| {
            json!({
                "query": found.query.name(),
                "detection": found.query.saved.as_ref().map(|s| s.facts()),
                "matched": found.hunted.matched,
                "rows": found.hunted.rows,
                "results": found.rows,
                "errors": found.hunted.errors.iter().map(|e| json!({"code": e.code.id, "message": e.message})).collect::<Vec<_>>(),
                "notes": found.hunted.notices.iter().map(|n| &n.text).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({ "scanned": hunt.scanned, "bytes": hunt.bytes, "queries": queries })
}

/// A line a row, with the name and the risk of its query.
fn lines(found: &[Found]) -> String {
    let mut text = String::new();
    for found in found {
        for row in &found.rows {
            let line =
                json!({ "query": found.query.name(), "risk_score": risk(found), "row": row });
            text.push_str(&line.to_string());
            text.push('\n');
        }
    }
    text
}

fn sheet(found: &[Found]) -> Result<String, Diagnostic> {
    let failed = |error: &dyn std::fmt::Display| Diagnostic::new(&code::OUTPUT, error.to_string());
    let rows = found.iter().map(|found| {
        let row: Vec<(&str, crate::data::Value)> = vec![
            ("query", found.query.name().into()),
            (
                "risk",
                risk(found).map_or(crate::data::Value::Null, |r| (r as f64).into()),
            ),
            ("matched", (found.hunted.matched as f64).into()),
            ("rows", (found.hunted.rows as f64).into()),
            (
                "error",
                found
                    .hunted
                    .errors
                    .first()
                    .map_or(crate::data::Value::Null, |e| e.message.as_str().into()),
            ),
        ];
        row
    });
    let mut out = Vec::new();
    render::write_csv(&Batch::from_rows(rows), &mut out).map_err(|e| failed(&e))?;
    String::from_utf8(out).map_err(|e| failed(&e))
}

fn risk(found: &Found) -> Option<u64> {
    found.query.saved.as_ref()?.header().risk_score
}

/// The queries that found something, the riskiest first, then how many found nothing.
fn table(found: &[Found]) -> String {
    let mut hits: Vec<&Found> = found.iter().filter(|f| f.hunted.rows > 0).collect();
    hits.sort_by_key(|f| (std::cmp::Reverse(risk(f)), std::cmp::Reverse(f.hunted.rows)));
    let rows: Vec<Vec<String>> = hits
        .iter()
        .map(|found| {
            let header = found.query.saved.as_ref().map(|s| s.header());
            vec![
                found.query.name().to_owned(),
                risk(found).map_or(String::new(), |r| r.to_string()),
                header.map_or(String::new(), |h| h.attack.join(" ")),
                render::number_text(found.hunted.matched),
                render::number_text(found.hunted.rows),
            ]
        })
        .collect();
    let silent = found
        .iter()
        .filter(|f| f.hunted.rows == 0 && f.hunted.errors.is_empty());
    let silent = match silent.count() {
        0 => String::new(),
        n => format!("no rows of {}\n", count(n as u64, "query", "queries")),
    };
    if rows.is_empty() {
        return silent;
    }
    let header = ["query", "risk", "ATT&CK", "matched", "rows"];
    let lines = grid(&header, &rows, output::width(), false);
    format!("{lines}\n{silent}")
}

/// What there is to say on stderr.
fn tell(hunt: &Hunt, found: &[Found], refused: &Diagnostics, options: &RunOptions) {
    output::notices(&hunt.notices);
    remarks(found);
    let failed: Diagnostics = found.iter().flat_map(|f| f.hunted.errors.clone()).collect();
    errors(refused, "refused", "`spelunk check` tells each", options);
    errors(
        &failed,
        "failed",
        "`spelunk run` tells more of one",
        options,
    );
    if !options.output.quiet {
        let facts = RunFacts {
            scanned: hunt.scanned,
            matched: found.iter().map(|f| f.hunted.matched).sum(),
            rows: found.iter().map(|f| f.hunted.rows).sum(),
            bytes: hunt.bytes,
            elapsed: hunt.elapsed,
            reads_input: true,
        };
        let queries = count(found.len() as u64, "query", "queries");
        let _ = writeln!(io::stderr(), "{queries}, {}", render::summary(&facts));
    }
}

/// What the queries said; of many remarks of a topic, the first.
fn remarks(found: &[Found]) {
    let mut topics: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for found in found {
        for notice in &found.hunted.notices {
            let text = format!("{}: {}", found.query.name(), notice.text);
            topics.entry(notice.topic).or_default().push(text);
        }
    }
    for texts in topics.values() {
        let most = if texts.len() > IN_FULL { 1 } else { IN_FULL };
        for text in texts.iter().take(most) {
            // A closed stderr stops nothing.
            let _ = writeln!(io::stderr(), "note: {text}");
        }
        if let Some(left) = texts.len().checked_sub(most).filter(|left| *left > 0) {
            let _ = writeln!(
                io::stderr(),
                "note: and {left} more like it; --format json has all"
            );
        }
    }
}

/// Errors in full when they are few, else a line a code.
fn errors(errors: &Diagnostics, what: &str, more: &str, options: &RunOptions) {
    if errors.len() <= IN_FULL {
        output::errors(errors, options.output.color);
        return;
    }
    let mut kinds: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
    for error in errors {
        kinds.entry(error.code.id).or_insert((0, &error.message)).0 += 1;
    }
    let queries = count(errors.len() as u64, "query", "queries");
    let _ = writeln!(io::stderr(), "{queries} {what}; {more}:");
    for (id, (n, first)) in kinds {
        let others = if n > 1 { ", …" } else { "" };
        let _ = writeln!(io::stderr(), "  {id} {n}: {first}{others}");
    }
}

fn exit(hunt: &Hunt, found: &[Found], refused: &Diagnostics, options: &RunOptions) -> Exit {
    let rows: u64 = found.iter().map(|f| f.hunted.rows).sum();
    let broken = options.input.strict && hunt.notices.iter().any(|n| n.strict);
    match () {
        () if broken || found.iter().any(|f| !f.hunted.errors.is_empty()) => Exit::Failed,
        () if rows > 0 && options.output.fail_on_results => Exit::Results,
        () if !refused.is_empty() => Exit::Refused,
        () => Exit::Ran,
    }
}
