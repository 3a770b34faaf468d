//! From a query's text to its plan: takes text, gives nothing; what is looked for are panics, hangs and endless memory.
#![no_main]

use libfuzzer_sys::fuzz_target;
use spelunk::diagnostic::{Style, render};
use spelunk::plan::Goal;
use spelunk::session::{Query, Session, Settings};
use std::sync::LazyLock;

static SESSION: LazyLock<Session> =
    LazyLock::new(|| Session::new(Settings::default()).unwrap_or_else(|_| std::process::abort()));

fuzz_target!(|text: &str| {
    let mut at = 0;
    for (span, _) in spelunk::syntax::highlight::tokens(text) {
        assert!(
            span.start >= at && span.end <= text.len() && text.get(span.start..span.end).is_some()
        );
        at = span.end;
    }
    spelunk::syntax::highlight::is_complete(text);
    if let Err(errors) = SESSION.compile(&Query::typed(text), &Goal::default()) {
        assert!(!errors.is_empty());
        for error in &errors {
            render(error, Style::Plain);
        }
    }
});
