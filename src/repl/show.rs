//! Dot-commands that show: help, fields, timeline, reports on the last query, events behind a row, macros, queries.

use super::catalog::Catalog;
use super::{Control, Last, Repl, dot, pager};
use crate::data::Demand;
use crate::data::time::Timestamp;
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::render::{self, grid};
use crate::session::Query;

type Done = Result<Control, Diagnostics>;

/// Events behind a row that are shown at most.
const DRILL: usize = 1000;

fn no_query() -> Diagnostics {
    vec![Diagnostic::new(&code::ARGUMENT, "no query has run yet")]
}

fn last(repl: &Repl) -> Result<&Last, Diagnostics> {
    repl.last.as_ref().ok_or_else(no_query)
}

/// `.help [topic]`
pub(super) fn help(repl: &mut Repl, topic: &str) -> Done {
    if topic.is_empty() {
        let rows: Vec<Vec<String>> = dot::ALL
            .iter()
            .map(|d| {
                vec![
                    format!(".{} {}", d.name, d.usage).trim().to_owned(),
                    d.summary.to_owned(),
                ]
            })
            .collect();
        println!(
            "{}",
            grid(&["type", "to"], &rows, pager::width(), repl.look.colour)
        );
        println!(
            "\nanything else is a query: `verb=list | stats count by user.username`\nTab completes, Ctrl-R searches the history, Ctrl-C stops a query"
        );
        return Ok(Control::Continue);
    }
    match render::help::topic(topic.trim_start_matches('.')) {
        Some(text) => pager::show(&text),
        None => return Err(vec![render::help::unknown(topic)]),
    }
    Ok(Control::Continue)
}

/// `.fields [pattern]`: of the last result's rows, or of the data when no query ran or its rows are events.
pub(super) fn fields(repl: &mut Repl, pattern: &str) -> Done {
    let of_rows = repl
        .last
        .as_ref()
        .filter(|l| !l.compiled.plan.shows_events() && !l.rows.is_empty())
        .map(|l| {
            let mut catalog = Catalog::default();
            catalog.add(&l.rows);
            catalog.settle();
            catalog
        });
    let (what, rows) = match &of_rows {
        Some(catalog) => ("the last result", catalog.table(pattern)),
        None => ("the data", repl.catalog.borrow().table(pattern)),
    };
    println!("fields of {what}");
    pager::show(
        &(grid(
            &["field", "coverage", "distinct", "top values"],
            &rows,
            pager::width(),
            repl.look.colour,
        ) + "\n"),
    );
    Ok(Control::Continue)
}

/// `.timeline`
pub(super) fn timeline(repl: &mut Repl, _: &str) -> Done {
    let last = last(repl)?;
    let mut times: Vec<Timestamp> = Vec::new();
    let wanted = crate::plan::Wanted {
        demand: Demand::of(["_time"]),
        ..last.compiled.plan.wanted.clone()
    };
    repl.session
        .events(&last.compiled, &wanted, &repl.inputs, &mut |batch| {
            let column = batch.column("_time");
            times.extend(
                (0..batch.rows())
                    .filter_map(|row| column.number(row))
                    .filter_map(Timestamp::from_seconds),
            );
        })?;
    let zone = repl.session.settings.context.zone;
    let lines = render::timeline(&times, pager::width(), zone);
    println!(
        "{}",
        if lines.is_empty() {
            "no event with a time".to_owned()
        } else {
            lines.join("\n")
        }
    );
    Ok(Control::Continue)
}

/// `.why`
pub(super) fn why(repl: &mut Repl, _: &str) -> Done {
    let last = last(repl)?;
    print!(
        "{}",
        repl.session
            .why(&last.compiled, &repl.inputs, &last.outcome, pager::width())?
    );
    Ok(Control::Continue)
}

/// A query typed after a dot-command, or the last one.
fn query(repl: &Repl, text: &str) -> Result<Query, Diagnostics> {
    if text.is_empty() {
        Ok(last(repl)?.query.clone())
    } else {
        Ok(Query::typed(text))
    }
}

/// `.explain [query]`
pub(super) fn explain(repl: &mut Repl, text: &str) -> Done {
    let compiled = repl.session.compile(&query(repl, text)?, &repl.goal)?;
    pager::show(&repl.session.explain(&compiled));
    Ok(Control::Continue)
}

/// `.expand [query]`
pub(super) fn expand(repl: &mut Repl, text: &str) -> Done {
    let context = repl.session.context()?;
    println!(
        "{}",
        repl.session
            .expand(&query(repl, text)?, &context)?
            .text
            .trim()
    );
    Ok(Control::Continue)
}

/// `.drill N`
pub(super) fn drill(repl: &mut Repl, number: &str) -> Done {
    let last = last(repl)?;
    let row = row_number(number, last)?;
    let events = repl
        .session
        .drill(&last.compiled, &repl.inputs, &last.rows, row, DRILL)?;
    let mut look = repl.look();
    look.events = true;
    repl.show(&events, look, &[])?;
    let cut = if events.rows() == DRILL {
        " or more"
    } else {
        ""
    };
    println!(
        "{}{cut} behind row {}",
        render::count(events.rows() as u64, "event", "events"),
        row + 1
    );
    Ok(Control::Continue)
}

/// A row of the last result, from 1 as typed to from 0.
pub(super) fn row_number(text: &str, last: &Last) -> Result<usize, Diagnostics> {
    let rows = last.rows.rows();
    match text.parse::<usize>() {
        Ok(n) if n >= 1 && n <= rows => Ok(n - 1),
        _ => Err(vec![
            Diagnostic::new(
                &code::ARGUMENT,
                format!("`{text}` is no row of the last result"),
            )
            .help(format!(
                "it has {}",
                render::count(rows as u64, "row", "rows")
            )),
        ]),
    }
}

/// `.macros [name]`
pub(super) fn macros(repl: &mut Repl, name: &str) -> Done {
    let text = if name.is_empty() {
        repl.session.macro_list(pager::width(), repl.look.colour)
    } else {
        repl.session.macro_text(name).map_err(|e| vec![e])?
    };
    pager::show(&text);
    Ok(Control::Continue)
}

/// `.queries`
pub(super) fn queries(repl: &mut Repl, _: &str) -> Done {
    pager::show(&repl.session.query_list(pager::width(), repl.look.colour));
    Ok(Control::Continue)
}
