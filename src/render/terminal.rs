//! The size of the terminal: takes nothing, gives columns and lines. The one door to terminal_size.

use terminal_size::{Height, Width};

/// Columns and lines of the terminal; `COLUMNS` and `LINES`, else 120 and 40, where there is none.
pub fn size() -> (usize, usize) {
    if let Some((Width(columns), Height(lines))) = terminal_size::terminal_size()
        && columns > 0
    {
        return (columns.into(), lines.into());
    }
    let from = |name: &str| std::env::var(name).ok().and_then(|v| v.parse().ok());
    (from("COLUMNS").unwrap_or(120), from("LINES").unwrap_or(40))
}
