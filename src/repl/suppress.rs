//! `.suppress` and `.edit`: takes a row of the last result or a macro, changes macro files.

use super::show::row_number;
use super::{Control, Last, Repl, pager};
use crate::data::Column;
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::session::Wish;
use std::io::{self, IsTerminal};

/// `.suppress N [field,…] [until DAY] [because REASON]`
pub(super) fn suppress(repl: &mut Repl, argument: &str) -> Result<Control, Diagnostics> {
    let wrong = |message: String| {
        vec![
            Diagnostic::new(&code::ARGUMENT, message)
                .help(".suppress 1 src_ip until 2027-01-31 because vendor scanner"),
        ]
    };
    let Some(last) = &repl.last else {
        return Err(wrong("no query has run yet".to_owned()));
    };
    let (what, reason) = argument.split_once(" because ").unwrap_or((argument, ""));
    let mut words = what.split([' ', ',']).filter(|w| !w.is_empty());
    let row = row_number(words.next().unwrap_or(""), last)?;
    let mut fields: Vec<&str> = words.collect();
    let mut expires = None;
    if let Some(at) = fields.iter().position(|w| *w == "until") {
        match fields.split_off(at).as_slice() {
            [_, day] => expires = Some((*day).to_owned()),
            _ => return Err(wrong("a day stands after `until`".to_owned())),
        }
    }
    let condition = condition(last, row, &fields).map_err(wrong)?;
    let reason = match reason.trim() {
        "" => match ask("reason: ") {
            Some(reason) => reason,
            None => return nothing_written(),
        },
        reason => reason.to_owned(),
    };
    let wish = Wish {
        condition,
        reason,
        expires,
    };
    let preview = repl.session.preview(&last.query, &wish, &repl.inputs)?;
    println!("{}", preview.text(last.query.name(), pager::width()));
    let everything = preview.stay.is_empty();
    if everything
        && !ask("this drops every row. Suppress all the same? [y/N] ")
            .is_some_and(|answer| answer.eq_ignore_ascii_case("y"))
    {
        return nothing_written();
    }
    repl.session
        .apply(&preview, everything)
        .map_err(|e| vec![e])?;
    println!(
        "suppressed {} in {}",
        wish.condition,
        preview.path.display()
    );
    Ok(Control::Continue)
}

/// The condition that names a row: the fields given, else those that the query groups by, else all with one value.
fn condition(last: &Last, row: usize, fields: &[&str]) -> Result<String, String> {
    let groups: Vec<String> = last
        .compiled
        .plan
        .stages
        .iter()
        .flat_map(|s| s.stage.groups())
        .collect();
    let grouped: Vec<&str> = groups
        .iter()
        .map(String::as_str)
        .filter(|g| last.rows.get(g).is_some())
        .collect();
    let names: Vec<&str> = match (fields, grouped.as_slice()) {
        ([], []) => last
            .rows
            .names()
            .map(|n| &**n)
            .filter(|n| !n.starts_with('_'))
            .collect(),
        ([], groups) => groups.to_vec(),
        (fields, _) => fields.to_vec(),
    };
    let mut terms = Vec::new();
    for name in names {
        let column = last
            .rows
            .get(name)
            .ok_or_else(|| format!("the row has no field {name}"))?;
        terms.extend(values(name, column, row));
    }
    if terms.is_empty() {
        Err("the row has no value to go by".to_owned())
    } else {
        Ok(terms.join(" "))
    }
}

fn values(name: &str, column: &Column, row: usize) -> Vec<String> {
    let plain = name
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'));
    let name = if plain {
        name.to_owned()
    } else {
        format!("\"{name}\"")
    };
    let term = |value: &str| {
        let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
        format!("{name}=\"{escaped}\"")
    };
    column.values(row).map(|v| term(&v)).collect()
}

/// A line typed; nothing when Ctrl-C or Ctrl-D was, or there is no terminal.
fn ask(prompt: &str) -> Option<String> {
    if !io::stdin().is_terminal() {
        return None;
    }
    let line = rustyline::DefaultEditor::new().and_then(|mut e| e.readline(prompt));
    line.ok().map(|text| text.trim().to_owned())
}

fn nothing_written() -> Result<Control, Diagnostics> {
    println!("nothing is written");
    Ok(Control::Continue)
}

/// `.edit MACRO`
pub(super) fn edit(repl: &mut Repl, name: &str) -> Result<Control, Diagnostics> {
    print!("{}", repl.session.edit_macro(name)?);
    repl.refresh();
    Ok(Control::Continue)
}
