//! Macro expansion: takes a macros.conf and, after a NUL, a query; what is looked for are panics, hangs, endless memory
//! and bytes without a place.
#![no_main]

use libfuzzer_sys::fuzz_target;
use spelunk::diagnostic::{Span, Style, render};
use spelunk::session::{Query, Session, Settings};
use std::path::PathBuf;
use std::sync::LazyLock;

static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("expand-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap_or_else(|_| std::process::abort());
    folder.join("macros.conf")
});

fuzz_target!(|text: &str| {
    let (macros, query) = text
        .split_once('\0')
        .unwrap_or(("[m(1)]\nargs = a\ndefinition = x=$a$", text));
    if std::fs::write(&*FILE, macros).is_err() {
        std::process::abort();
    }
    let settings = Settings {
        macros: vec![FILE.clone()],
        ..Settings::default()
    };
    let errors = match Session::new(settings) {
        Err(errors) => errors,
        Ok(session) => {
            let Ok(context) = session.context() else {
                std::process::abort()
            };
            match session.expand(&Query::typed(query), &context) {
                Err(errors) => errors,
                Ok(expanded) => {
                    for at in (0..expanded.text.len()).step_by(1 + expanded.text.len() / 64) {
                        expanded.map.locate(Span::new(at, at + 1));
                    }
                    return;
                }
            }
        }
    };
    assert!(!errors.is_empty());
    for error in &errors {
        render(error, Style::Plain);
    }
});
