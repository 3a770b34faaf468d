//! Runs a query over bytes, for tests: takes texts, gives rows as JSON objects.

use super::{Query, Session, Settings};
use crate::data::time::{Modifier, Zone};
use crate::data::{Batch, Context, Value};
use crate::diagnostic::{Diagnostics, Style, render};
use crate::operators::Flow;
use crate::plan::Goal;
use serde_json::{Map, Value as Json};
use std::io::Write;

/// Bytes of stack, as the program has.
const STACK: usize = 16 << 20;

/// Runs a query over `input` with macros (`name(a, b)` and definition) and options (`--earliest=…`, `--timezone=…`,
/// `--order=input`, `--now=…`, `--limit=…`, `--table=NAME` and a text after a line end). Errors come as the text that a
/// user would read, files by their paths under a folder of this run.
pub fn run_for_test(
    query: &str,
    input: &[u8],
    macros: &[(String, String)],
    options: &[String],
    batch_size: usize,
    threads: usize,
) -> Result<Vec<Map<String, Json>>, String> {
    let work = || run(query, input, macros, options, batch_size, threads);
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        let handle = thread.spawn_scoped(scope, work);
        match handle.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(rows)) => rows,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(error) => Err(error.to_string()),
        }
    })
}

fn run(
    query: &str,
    input: &[u8],
    macros: &[(String, String)],
    options: &[String],
    batch_size: usize,
    threads: usize,
) -> Result<Vec<Map<String, Json>>, String> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let text = |errors: Diagnostics| {
        let texts: Vec<String> = errors.iter().map(|e| render(e, Style::Plain)).collect();
        let path = format!("{}/", folder.path().display());
        texts.join("\n").replace(&path, "")
    };
    let file = folder.path().join("events.ndjson");
    std::fs::write(&file, input).map_err(|e| e.to_string())?;
    let macro_folder = folder.path().join("macros");
    std::fs::create_dir(&macro_folder).map_err(|e| e.to_string())?;
    write_macros(&macro_folder, macros).map_err(|e| e.to_string())?;
    let tables = folder.path().join("tables");
    std::fs::create_dir(&tables).map_err(|e| e.to_string())?;
    let (name, table) = crate::commands::EXAMPLE_TABLE;
    std::fs::write(tables.join(name), table).map_err(|e| e.to_string())?;
    let collected = folder.path().join("collected");
    std::fs::create_dir_all(collected.join("summary")).map_err(|e| e.to_string())?;
    let queries = folder.path().join("queries");
    std::fs::create_dir(&queries).map_err(|e| e.to_string())?;
    let (name, search) = crate::commands::EXAMPLE_QUERY;
    std::fs::write(queries.join(format!("{name}.spl")), search).map_err(|e| e.to_string())?;
    let mut settings = Settings {
        macros: vec![macro_folder],
        queries: vec![queries],
        lookups: vec![tables.clone()],
        writable: Some(tables),
        collected: Some(collected),
        ..Settings::default()
    };
    settings.context = Context {
        batch_size,
        threads,
        ..Context::default()
    };
    let mut goal = Goal::default();
    for option in options {
        set(&mut settings, &mut goal, option)?;
    }
    let session = Session::new(settings).map_err(text)?;
    let compiled = session.compile(&Query::typed(query), &goal).map_err(text)?;
    let mut rows = Vec::new();
    let inputs = [file.to_string_lossy().into_owned()];
    session
        .run(&compiled, &inputs, &Default::default(), &mut |batch| {
            rows.extend((0..batch.rows()).map(|row| object(&batch, row)));
            Ok(Flow::More)
        })
        .map_err(text)?;
    Ok(rows)
}

fn set(settings: &mut Settings, goal: &mut Goal, option: &str) -> Result<(), String> {
    let (name, value) = option.split_once('=').unwrap_or((option, ""));
    match name {
        "--earliest" => settings.earliest = Some(value.to_owned()),
        "--latest" => settings.latest = Some(value.to_owned()),
        "--memory-limit" => {
            let bytes = crate::data::parse_size(value).ok_or("no such size")?;
            settings.context.memory = crate::data::Memory::new(bytes);
        }
        "--timezone" => settings.context.zone = Zone::parse(value).ok_or("no such zone")?,
        "--order" if value == "input" => goal.order = crate::operators::Order::Input,
        "--limit" => goal.limit = value.parse().ok(),
        "--source" => settings.source.source = Some(value.to_owned()),
        "--sourcetype" => settings.source.sourcetype = Some(value.to_owned()),
        // Every line is read whole: nothing is skipped by its bytes.
        "--strict" => settings.source.strict = true,
        // The name and the text of a file among the tables.
        "--table" => {
            let (name, text) = value.split_once('\n').unwrap_or((value, ""));
            let folder = settings.writable.clone().unwrap_or_default();
            std::fs::write(folder.join(name), text).map_err(|e| e.to_string())?;
        }
        "--now" => {
            let now = Modifier::parse(value)?.apply(settings.context.now, settings.context.zone);
            settings.context.now = now.ok_or("no such time")?;
            settings.fixed_now = true;
        }
        other => return Err(format!("tests don't know the option {other}")),
    }
    Ok(())
}

fn write_macros(folder: &std::path::Path, macros: &[(String, String)]) -> std::io::Result<()> {
    let mut file = std::fs::File::create(folder.join("macros.conf"))?;
    for (signature, definition) in macros {
        let (name, arguments) = signature.split_once('(').unwrap_or((signature, ""));
        let arguments: Vec<&str> = arguments
            .trim_end_matches(')')
            .split(',')
            .map(str::trim)
            .filter(|a| !a.is_empty())
            .collect();
        match arguments.len() {
            0 => writeln!(file, "[{}]", name.trim())?,
            n => writeln!(
                file,
                "[{}({n})]\nargs = {}",
                name.trim(),
                arguments.join(", ")
            )?,
        }
        writeln!(file, "definition = {definition}\n")?;
    }
    Ok(())
}

/// A row as a JSON object; fields without a value are left out.
fn object(batch: &Batch, row: usize) -> Map<String, Json> {
    let mut object = Map::new();
    for (name, column) in batch.fields() {
        let value = match column.value(row) {
            Value::Null => continue,
            Value::Bool(b) => Json::Bool(b),
            Value::Number(n) => {
                serde_json::from_str(&crate::data::format_number(n)).unwrap_or(Json::Null)
            }
            Value::Text(t) => Json::String(t),
            Value::Multi(v) => v.into_iter().map(Json::String).collect(),
        };
        object.insert(name.to_string(), value);
    }
    object
}
