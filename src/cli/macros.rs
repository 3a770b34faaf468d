//! `macros`: lists, shows, expands, edits macros, and suppresses false positives.

use super::arguments::{Knowledge, MacrosArguments, MacrosCommand, SuppressArguments, When};
use super::exit::Exit;
use super::{output, run};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::session::{Session, Wish};

/// `spelunk macros`
pub fn macros(arguments: MacrosArguments) -> Exit {
    let result = match arguments.command {
        MacrosCommand::List { knowledge } => {
            session(&knowledge).map(|s| output::print(&s.macro_list(output::width(), false)))
        }
        MacrosCommand::Show { name, knowledge } => show(&name, &knowledge),
        MacrosCommand::Expand { text, knowledge } => expand(&text, &knowledge),
        MacrosCommand::Edit { name, knowledge } => session(&knowledge)
            .and_then(|s| s.edit_macro(&name))
            .map(|text| output::print(&text)),
        MacrosCommand::Suppress(arguments) => suppress(&arguments),
    };
    match result {
        Ok(()) => Exit::Ran,
        Err(errors) => output::errors(&errors, When::Auto),
    }
}

fn session(knowledge: &Knowledge) -> Result<Session, Diagnostics> {
    Session::new(run::knowledge(knowledge))
}

fn show(name: &str, knowledge: &Knowledge) -> Result<(), Diagnostics> {
    let text = session(knowledge)?.macro_text(name).map_err(|e| vec![e])?;
    output::print(&text);
    Ok(())
}

fn expand(text: &str, knowledge: &Knowledge) -> Result<(), Diagnostics> {
    let session = session(knowledge)?;
    let query = super::explain::query(&session, text)?;
    let expanded = session.expand(&query, &session.context()?)?;
    output::print(&format!("{}\n", expanded.text.trim()));
    Ok(())
}

/// `spelunk macros suppress`
fn suppress(arguments: &SuppressArguments) -> Result<(), Diagnostics> {
    let session = run::session(&arguments.options)?;
    let query = session.find_query(&arguments.query).map_err(|e| vec![e])?;
    let wish = Wish {
        condition: arguments.condition.clone(),
        reason: arguments.reason.clone(),
        expires: arguments.expire.clone(),
    };
    let inputs = run::inputs_or_pipe(&arguments.inputs, true)?;
    if inputs.iter().any(|i| i == "-") {
        return Err(vec![
            Diagnostic::new(
                &code::ARGUMENT,
                "the query runs twice over the input, which a pipe can't give",
            )
            .help("name a file"),
        ]);
    }
    let preview = session.preview(&query, &wish, &inputs)?;
    output::print(&preview.text(query.name(), output::width()));
    if arguments.dry_run {
        output::print("a dry run: nothing is written\n");
        return Ok(());
    }
    session
        .apply(&preview, arguments.force)
        .map_err(|e| vec![e])?;
    output::print(&format!("suppressed in {}\n", preview.path.display()));
    Ok(())
}
