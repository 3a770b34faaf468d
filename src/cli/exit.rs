//! Exit codes: takes how a run ended, gives the number that the process ends with.

use crate::diagnostic::{Class, Diagnostic};
use std::process::ExitCode;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It ran.
    Ran = 0,
    /// It failed at run time.
    Failed = 1,
    /// The query, a macro or the arguments were refused.
    Refused = 2,
    /// It ran, rows came, and `--fail-on-results` was given.
    Results = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// The exit for errors: refused when the first of them is.
pub fn of(errors: &[Diagnostic]) -> Exit {
    match errors.first().map(|e| e.code.class) {
        Some(Class::Refused) => Exit::Refused,
        _ => Exit::Failed,
    }
}

/// Help and version are no errors; a wrong argument is refused.
pub fn usage(error: &clap::Error) -> Exit {
    // A closed stdout while help is printed is nobody's concern.
    let _ = error.print();
    if error.use_stderr() {
        Exit::Refused
    } else {
        Exit::Ran
    }
}
