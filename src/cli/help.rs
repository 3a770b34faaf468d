//! `help`: takes a topic, prints its page.

use super::arguments::{HelpArguments, When};
use super::exit::Exit;
use super::output;
use crate::diagnostic::Diagnostic;
use crate::render::help as pages;
use std::path::Path;

/// `spelunk help`
pub fn help(arguments: &HelpArguments) -> Exit {
    if let Some(folder) = &arguments.markdown {
        return match markdown(folder) {
            Ok(()) => Exit::Ran,
            Err(error) => output::errors(&[error], When::Auto),
        };
    }
    let topic = arguments.topic.join(" ");
    match pages::topic(&topic) {
        Some(text) => {
            output::print(&text);
            Exit::Ran
        }
        None => output::errors(&[pages::unknown(&topic)], When::Auto),
    }
}

/// Writes the reference into a folder.
fn markdown(folder: &Path) -> Result<(), Diagnostic> {
    for (name, text) in pages::pages() {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(|e| output::unwritable(&path, &e))?;
    }
    Ok(())
}
