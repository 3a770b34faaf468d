//! `run`, `search` and the way into `repl`: takes a query and inputs, prints rows and how the run went.

use super::arguments::{
    InputOptions, Knowledge, ReplArguments, RunArguments, RunOptions, SearchArguments, TimeOptions,
};
use super::exit::Exit;
use super::output::{self, Target};
use super::progress::Bar;
use crate::data::time::{Modifier, Zone};
use crate::data::{Memory, parse_size};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::operators::Flow;
use crate::render::{self, Format, Header, RunFacts, Writer};
use crate::session::{Compiled, Outcome, Query, Session, Settings};
use crate::source::{self, Progress};
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;

/// `spelunk run`
pub fn saved(arguments: RunArguments) -> Exit {
    finish(&arguments.options, || {
        let session = session(&arguments.options)?;
        let query = session.find_query(&arguments.query).map_err(|e| vec![e])?;
        run(&session, &query, &arguments.inputs, &arguments.options)
    })
}

/// `spelunk search`
pub fn search(arguments: SearchArguments) -> Exit {
    finish(&arguments.options, || {
        let session = session(&arguments.options)?;
        run(
            &session,
            &Query::typed(&arguments.query),
            &arguments.inputs,
            &arguments.options,
        )
    })
}

/// `spelunk repl`
pub fn repl(arguments: ReplArguments) -> Exit {
    finish(&arguments.options, || {
        let session = session(&arguments.options)?;
        let format = output::format(&arguments.options.output).map_err(|e| vec![e])?;
        let look = output::look(&arguments.options.output, format);
        let quiet = arguments.options.output.quiet;
        crate::repl::start(
            session,
            arguments.inputs.clone(),
            look,
            output::goal(&arguments.options.output),
            Box::new(move |progress| Box::new(Bar::watch(progress, quiet))),
        )?;
        Ok(Exit::Ran)
    })
}

fn finish(options: &RunOptions, work: impl FnOnce() -> Result<Exit, Diagnostics>) -> Exit {
    work().unwrap_or_else(|errors| output::errors(&errors, options.output.color))
}

/// A session with the folders and settings of the options.
pub fn session(options: &RunOptions) -> Result<Session, Diagnostics> {
    let mut settings = knowledge(&options.knowledge);
    settings.source = input(&options.input);
    time(&options.time, &mut settings)?;
    if let Some(threads) = options.output.threads {
        settings.context.threads = threads.max(1);
    }
    if let Some(text) = &options.output.memory_limit {
        let bytes = parse_size(text).ok_or_else(|| {
            let message = format!("--memory-limit can't be read as a size: `{text}`");
            vec![
                Diagnostic::new(&code::ARGUMENT, message)
                    .help("a number and a unit, for example 500MB, 2GB or 512MiB"),
            ]
        })?;
        settings.context.memory = Memory::new(bytes);
    }
    if let Some(rows) = options.output.batch_size {
        settings.context.batch_size = rows.max(1);
    }
    Session::new(settings)
}

/// The folders of saved knowledge; those in the working folder when none is named.
pub fn knowledge(options: &Knowledge) -> Settings {
    let or_default = |named: &[PathBuf], default: &str| match named {
        [] => Some(PathBuf::from(default))
            .filter(|p| p.is_dir())
            .into_iter()
            .collect(),
        named => named.to_vec(),
    };
    Settings {
        macros: or_default(&options.macro_folders, "macros"),
        queries: or_default(&options.query_folders, "queries"),
        lookups: or_default(&options.lookup_folders, "lookups"),
        writable: options.lookup_folders.last().cloned(),
        collected: options.collect.clone(),
        locations: options.geoip.clone(),
        ..Settings::default()
    }
}

fn input(options: &InputOptions) -> source::Options {
    source::Options {
        source: options.source.clone(),
        sourcetype: options.sourcetype.clone(),
        host: options.host.clone(),
        index: options.index.clone(),
        strict: options.strict,
    }
}

fn time(options: &TimeOptions, settings: &mut Settings) -> Result<(), Diagnostics> {
    if let Some(name) = &options.timezone {
        let zone = Zone::parse(name).ok_or_else(|| {
            vec![
                Diagnostic::new(
                    &code::TIME_FORMAT,
                    format!("there is no time zone `{name}`"),
                )
                .help("for example UTC, local, Europe/Paris, +02:00"),
            ]
        })?;
        settings.context.zone = zone;
    }
    if let Some(now) = &options.now {
        let time =
            Modifier::parse(now).map(|m| m.apply(settings.context.now, settings.context.zone));
        match time {
            Ok(Some(time)) => (settings.context.now, settings.fixed_now) = (time, true),
            Ok(None) => {
                return Err(vec![Diagnostic::new(
                    &code::TIME_FORMAT,
                    "--now is out of range",
                )]);
            }
            Err(why) => {
                return Err(vec![Diagnostic::new(
                    &code::TIME_FORMAT,
                    format!("--now can't be read: {why}"),
                )]);
            }
        }
    }
    settings.earliest.clone_from(&options.earliest);
    settings.latest.clone_from(&options.latest);
    Ok(())
}

/// The inputs named, or a pipe when none is.
pub fn inputs_or_pipe(inputs: &[String], reads_input: bool) -> Result<Vec<String>, Diagnostics> {
    if inputs.is_empty() && reads_input {
        if io::stdin().is_terminal() {
            return Err(vec![
                Diagnostic::new(&code::ARGUMENT, "there is no input")
                    .help("name files, folders or globs, or pipe logs in"),
            ]);
        }
        return Ok(vec!["-".to_owned()]);
    }
    Ok(inputs.to_vec())
}

/// Compiles, runs, prints.
fn run(
    session: &Session,
    query: &Query,
    inputs: &[String],
    options: &RunOptions,
) -> Result<Exit, Diagnostics> {
    let format = output::format(&options.output).map_err(|e| vec![e])?;
    let mut goal = output::goal(&options.output);
    let mut compiled = session.compile(query, &goal)?;
    let mut look = output::look(&options.output, format);
    look.zone = compiled.context.zone;
    look.marks = compiled.plan.marks();
    if compiled.plan.shows_events() && matches!(format, Format::Table | Format::Raw) {
        look.events = true;
        look.columns = compiled.plan.created();
        // Only what is shown is extracted.
        goal.shown = crate::data::Demand::of(
            ["_time", "_raw"]
                .into_iter()
                .chain(look.columns.iter().map(String::as_str)),
        );
        compiled = session.compile(query, &goal)?;
    }
    let inputs = inputs_or_pipe(inputs, compiled.plan.reads_input)?;
    let header = query.saved.as_ref().map(|s| s.header());
    look.header = query.saved.as_ref().map(|s| s.facts());
    if let Some(header) = header.filter(|_| !options.output.quiet) {
        say(&above(&header, options));
    }
    let outcome = write(session, &compiled, &inputs, look, options, goal.limit)?;
    let failed = options.input.strict && outcome.notices.iter().any(|n| n.strict);
    output::notices(&outcome.notices);
    if options.output.why
        || (outcome.rows == 0 && compiled.plan.reads_input && !options.output.quiet)
    {
        say(&session.why(&compiled, &inputs, &outcome, output::width())?);
    }
    if !options.output.quiet {
        say(&render::summary(&facts(&compiled, &outcome)));
    }
    Ok(match (failed, outcome.rows) {
        (true, _) => Exit::Failed,
        (_, rows) if rows > 0 && options.output.fail_on_results => Exit::Results,
        _ => Exit::Ran,
    })
}

/// What the line after a run tells.
pub fn facts(compiled: &Compiled, outcome: &Outcome) -> RunFacts {
    RunFacts {
        scanned: outcome.scanned,
        matched: outcome.matched,
        rows: outcome.rows,
        bytes: outcome.bytes,
        elapsed: outcome.elapsed,
        reads_input: compiled.plan.reads_input,
    }
}

fn above(header: &Header, options: &RunOptions) -> String {
    render::header(
        header,
        output::colours(options.output.color, io::stderr().is_terminal()),
    )
}

/// A line on stderr; a closed stderr stops nothing.
fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", text.trim_end());
}

fn write(
    session: &Session,
    compiled: &Compiled,
    inputs: &[String],
    look: render::Look,
    options: &RunOptions,
    limit: Option<usize>,
) -> Result<Outcome, Diagnostics> {
    let mut target = Target::open(options.output.output.as_deref()).map_err(|e| vec![e])?;
    let progress = Arc::new(Progress::default());
    let mut bar = Bar::watch(progress.clone(), options.output.quiet);
    let is_table = look.format == Format::Table;
    let mut writer = Writer::new(look, target.stream());
    let mut left = limit.unwrap_or(usize::MAX);
    let mut broken: Option<io::Error> = None;
    let mut share = compiled.context.memory.share();
    let outcome = session.run(compiled, inputs, &progress, &mut |batch| {
        let batch = if batch.rows() > left {
            batch.slice(0, left)
        } else {
            batch
        };
        left -= batch.rows();
        let batch = match is_table {
            true => compiled.plan.rendered(batch)?,
            false => batch,
        };
        if let Err(error) = writer.batch(batch) {
            broken = Some(error);
            return Ok(Flow::Done);
        }
        share.hold(writer.held(), "the output as one document")?;
        Ok(if left == 0 { Flow::Done } else { Flow::More })
    });
    bar.stop();
    let mut outcome = outcome?;
    outcome.rows = outcome.rows.min(limit.unwrap_or(usize::MAX) as u64);
    let notices: Vec<(String, String)> = outcome
        .notices
        .iter()
        .map(|n| (n.topic.to_owned(), n.text.clone()))
        .collect();
    let written = match broken {
        Some(error) => Err(error),
        None => writer.finish(&notices),
    };
    target.finish(written).map_err(|e| vec![e])?;
    Ok(outcome)
}
