//! Long texts: takes a text, shows it through the pager when it is longer than the screen.

use crate::render::size;
use std::io::{self, IsTerminal, Write};
use std::process::{Command, Stdio};

/// Characters a line of the terminal; 120 when it is none.
pub fn width() -> usize {
    size().0
}

/// Prints a text, through `$PAGER` (else `less -FRX`) when it has more lines than the screen and this is a terminal.
pub fn show(text: &str) {
    let long = text.lines().count() > size().1.saturating_sub(2);
    if long && io::stdout().is_terminal() && paged(text) {
        return;
    }
    let mut out = io::stdout().lock();
    // A closed terminal ends the session at the next prompt.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Runs the pager; `false` when there is none.
fn paged(text: &str) -> bool {
    let pager = std::env::var("PAGER").unwrap_or_else(|_| "less -FRX".to_owned());
    let mut words = pager.split_whitespace();
    let Some(program) = words.next() else {
        return false;
    };
    let Ok(mut child) = Command::new(program)
        .args(words)
        // A plain `PAGER=less` would show colours as codes.
        .env(
            "LESS",
            std::env::var_os("LESS").unwrap_or_else(|| "FRX".into()),
        )
        .stdin(Stdio::piped())
        .spawn()
    else {
        return false;
    };
    if let Some(mut input) = child.stdin.take() {
        // The pager may be left before its end.
        let _ = input.write_all(text.as_bytes());
    }
    let _ = child.wait();
    true
}
