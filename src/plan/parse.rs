//! Pipeline to stages: takes the syntax tree, gives each stage read by its command, or every error found.

use super::Planned;
use crate::commands::{self, ParseContext, Place};
use crate::data::Demand;
use crate::diagnostic::{Diagnostic, Diagnostics, Span, code, nearest};
use crate::syntax::{Pipeline, StageText};
use std::sync::Arc;

/// Reads all stages of a pipeline. All errors at once.
pub fn parse(pipeline: &Pipeline, cx: &ParseContext<'_>) -> Result<Vec<Planned>, Diagnostics> {
    let mut stages = Vec::with_capacity(pipeline.stages.len());
    let mut errors = Diagnostics::new();
    for (at, text) in pipeline.stages.iter().enumerate() {
        match stage(text, at, cx) {
            Ok(planned) => stages.push(planned),
            Err(found) => errors.extend(found),
        }
    }
    errors.extend(stages.windows(2).filter_map(|pair| match pair {
        [before, after] => between(before, after),
        _ => None,
    }));
    if errors.is_empty() {
        Ok(stages)
    } else {
        Err(errors)
    }
}

/// What is wrong with a stage behind another: what `tstats prestats=true` gives is for some commands only.
fn between(before: &Planned, after: &Planned) -> Option<Diagnostic> {
    let reads = commands::find(after.name).is_some_and(|command| command.reads_prestats());
    (before.stage.prestats() && !after.stage.prestats() && !reads).then(|| no_reader(after.span))
}

/// The error where nothing computes with what `tstats prestats=true` gives.
pub fn no_reader(span: Span) -> Diagnostic {
    let message = "what prestats=true gives has to go to stats, chart or timechart";
    Diagnostic::at(&code::POSITION, span, message)
        .help("put one of them next, or leave prestats=true out")
}

fn stage(text: &StageText, at: usize, cx: &ParseContext<'_>) -> Result<Planned, Diagnostics> {
    let name = &text.name.node;
    let Some(command) = commands::find(name) else {
        return Err(vec![unknown(text, at == 0)]);
    };
    if command.place() == Place::First && at > 0 && !command.may_follow(text) {
        let message = format!(
            "`{}` makes rows of its own and can only be the first command",
            command.name()
        );
        return Err(vec![
            Diagnostic::at(&code::POSITION, text.name.span, message).help(
                "put it first, after a leading pipe: `| makeresults …`"
                    .replace("makeresults", command.name()),
            ),
        ]);
    }
    let cx = &ParseContext {
        first: at == 0,
        ..*cx
    };
    let stage = match commands::deferred(command, text, cx)? {
        Some(deferred) => deferred,
        None => command.parse(text, cx)?,
    };
    let reads = command.place() == Place::First || command.name() == commands::IMPLIED;
    let unfed = at == 0 && !stage.generates() && !reads;
    Ok(Planned {
        name: command.name(),
        text: if text.name.span.is_empty() {
            text.arguments.node.clone()
        } else {
            format!("{} {}", name, text.arguments.node)
                .trim()
                .to_owned()
        },
        span: text.span(),
        stage: Arc::from(stage),
        before: Demand::none(),
        after: Demand::none(),
        ordered: false,
        order: None,
        pushed: false,
        asked: None,
        unfed,
    })
}

/// The error for a name that is no command: refused by name, or unknown with the nearest one. The first word after a
/// leading pipe may be meant as a term.
fn unknown(text: &StageText, first: bool) -> Diagnostic {
    let name = text.name.node.to_ascii_lowercase();
    if let Some((name, reason)) = commands::REFUSED
        .iter()
        .find(|(refused, _)| *refused == name)
    {
        return Diagnostic::at(
            &code::UNSUPPORTED_COMMAND,
            text.name.span,
            format!("the command `{name}` is not run here"),
        )
        .help(*reason);
    }
    let names = commands::ALL
        .iter()
        .flat_map(|c| std::iter::once(c.name()).chain(c.aliases().iter().copied()));
    let help = match (nearest(&name, names), first) {
        (Some(near), _) => {
            format!("there is a command `{near}`; `spelunk help commands` lists all")
        }
        (None, true) => {
            "a command follows the pipe; to search for the word, leave the pipe off".to_owned()
        }
        (None, false) => "`spelunk help commands` lists all commands".to_owned(),
    };
    Diagnostic::at(
        &code::UNKNOWN_COMMAND,
        text.name.span,
        format!("there is no command `{}`", text.name.node),
    )
    .help(help)
}
