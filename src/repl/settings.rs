//! Dot-commands that change the session: inputs, format, times, limits, saved queries.

use super::{Control, Repl};
use crate::data::time::{Modifier, Zone};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::operators::Order;
use crate::render::Format;

type Done = Result<Control, Diagnostics>;

fn wrong(message: impl Into<String>, help: impl Into<String>) -> Diagnostics {
    vec![Diagnostic::new(&code::ARGUMENT, message).help(help)]
}

/// `.open FILE…`: a path with blanks stands in quotes.
pub(super) fn open(repl: &mut Repl, argument: &str) -> Done {
    let inputs = words(argument);
    if inputs.is_empty() {
        println!(
            "{}",
            if repl.inputs.is_empty() {
                "no input".to_owned()
            } else {
                repl.inputs.join("\n")
            }
        );
        return Ok(Control::Continue);
    }
    let before = std::mem::replace(&mut repl.inputs, inputs);
    if let Err(errors) = repl.load() {
        repl.inputs = before;
        return Err(errors);
    }
    Ok(Control::Continue)
}

/// Words with quotes taken off.
fn words(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for c in text.chars() {
        match quote {
            Some(q) if c == q => quote = None,
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None if c.is_whitespace() => {
                out.extend(Some(std::mem::take(&mut word)).filter(|w| !w.is_empty()))
            }
            _ => word.push(c),
        }
    }
    out.extend(Some(word).filter(|w| !w.is_empty()));
    out
}

/// `.run NAME`
pub(super) fn run(repl: &mut Repl, name: &str) -> Done {
    let query = repl.session.find_query(name).map_err(|e| vec![e])?;
    if let Some(saved) = &query.saved {
        println!(
            "{}",
            crate::render::header(&saved.header(), repl.look.colour)
        );
    }
    repl.query(&query)?;
    Ok(Control::Continue)
}

/// `.save NAME`
pub(super) fn save(repl: &mut Repl, name: &str) -> Done {
    let Some(last) = &repl.last else {
        return Err(wrong("no query has run yet", "run one, then .save NAME"));
    };
    let path = repl
        .session
        .save_query(name, last.query.text.text())
        .map_err(|e| vec![e])?;
    println!("saved as {}", path.display());
    repl.list_names();
    Ok(Control::Continue)
}

/// `.format NAME`
pub(super) fn format(repl: &mut Repl, name: &str) -> Done {
    match Format::parse(name) {
        Some(format) => repl.look.format = format,
        None => {
            return Err(wrong(
                format!("there is no format `{name}`"),
                format!("formats are {}", Format::NAMES.join(", ")),
            ));
        }
    }
    Ok(Control::Continue)
}

/// `.time on|off`
pub(super) fn time(repl: &mut Repl, word: &str) -> Done {
    repl.timing = match word {
        "on" => true,
        "off" => false,
        other => {
            return Err(wrong(
                format!("`{other}` is neither on nor off"),
                ".time on",
            ));
        }
    };
    Ok(Control::Continue)
}

/// `.set`, `.set name value`, `.set name` (back to the default)
pub(super) fn set(repl: &mut Repl, argument: &str) -> Done {
    let (name, value) = argument
        .split_once(char::is_whitespace)
        .unwrap_or((argument, ""));
    let value = value.trim();
    let given = (!value.is_empty()).then(|| value.to_owned());
    let settings = &mut repl.session.settings;
    match name {
        "" => list(repl),
        "timezone" => {
            settings.context.zone = Zone::parse(if value.is_empty() { "UTC" } else { value })
                .ok_or_else(|| {
                    wrong(
                        format!("there is no time zone `{value}`"),
                        "for example UTC, local, Europe/Paris",
                    )
                })?;
        }
        "earliest" | "latest" => {
            if let Some(text) = &given {
                Modifier::parse(text).map_err(|why| wrong(why, "for example -24h@h, @d, now"))?;
            }
            *(if name == "earliest" {
                &mut settings.earliest
            } else {
                &mut settings.latest
            }) = given;
        }
        "limit" => {
            repl.goal.limit = match given.map(|v| v.parse()) {
                None | Some(Ok(0)) => None,
                Some(Ok(n)) => Some(n),
                Some(Err(_)) => {
                    return Err(wrong(
                        format!("`{value}` is no number of rows"),
                        ".set limit 100",
                    ));
                }
            };
        }
        "order" => {
            repl.goal.order = match value {
                "" | "time" => Order::Time,
                "input" => Order::Input,
                other => {
                    return Err(wrong(
                        format!("there is no order `{other}`"),
                        "time or input",
                    ));
                }
            };
        }
        other => {
            return Err(wrong(
                format!("there is no setting `{other}`"),
                "timezone, earliest, latest, limit, order",
            ));
        }
    }
    Ok(Control::Continue)
}

fn list(repl: &Repl) {
    let settings = &repl.session.settings;
    let text = |t: &Option<String>| t.clone().unwrap_or_else(|| "all time".to_owned());
    println!("timezone  {}", settings.context.zone.name());
    println!("earliest  {}", text(&settings.earliest));
    println!("latest    {}", text(&settings.latest));
    println!(
        "limit     {}",
        repl.goal
            .limit
            .map_or_else(|| "none".to_owned(), |n| n.to_string())
    );
    println!(
        "order     {}",
        if repl.goal.order == Order::Time {
            "time"
        } else {
            "input"
        }
    );
}
