//! `explain`: takes a query, prints how it expands and runs.

use super::arguments::ExplainArguments;
use super::exit::Exit;
use super::{output, run};
use crate::diagnostic::Diagnostics;
use crate::session::{Query, Session};
use std::path::Path;

/// `spelunk explain`
pub fn explain(arguments: ExplainArguments) -> Exit {
    let work = || -> Result<(), Diagnostics> {
        let session = run::session(&arguments.options)?;
        let query = query(&session, &arguments.query)?;
        let compiled = session.compile(&query, &output::goal(&arguments.options.output))?;
        output::notices(&compiled.remarks);
        output::print(&session.explain(&compiled));
        Ok(())
    };
    match work() {
        Ok(()) => Exit::Ran,
        Err(errors) => output::errors(&errors, arguments.options.output.color),
    }
}

/// A saved query when the text is the name or path of one, else the text itself.
pub fn query(session: &Session, text: &str) -> Result<Query, Diagnostics> {
    let word = text
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    let path = Path::new(text);
    let file = path.is_file()
        && path
            .extension()
            .is_some_and(|e| e == "yml" || e == "yaml" || e == "spl");
    if file {
        return session.find_query(text).map_err(|e| vec![e]);
    }
    match session.find_query(text) {
        Ok(query) if word => Ok(query),
        _ => Ok(Query::typed(text)),
    }
}
