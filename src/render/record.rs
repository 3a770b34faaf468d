//! Rows as records one under the other, for rows too wide for a table: takes cells, gives `field  value` lines.

use super::{Look, text};
use std::io::{self, Write};

/// Writes each row as a block of lines; values are wrapped at the width.
pub(super) fn write(
    names: &[&str],
    cells: &[Vec<String>],
    look: &Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let label = names
        .iter()
        .map(|n| n.chars().count())
        .max()
        .unwrap_or(0)
        .min(look.width / 2);
    let room = look.width.saturating_sub(label + 2).max(20);
    for (number, row) in cells.iter().enumerate() {
        let title = format!("row {}", number + 1);
        writeln!(
            out,
            "{title} {}",
            "─".repeat(look.width.saturating_sub(title.len() + 1))
        )?;
        for (name, value) in names.iter().zip(row) {
            if value.is_empty() {
                continue;
            }
            let mut head = format!("{:label$}", text::clean(name));
            for line in value.lines() {
                let chars: Vec<char> = line.chars().collect();
                for piece in chars.chunks(room) {
                    writeln!(out, "{head}  {}", piece.iter().collect::<String>())?;
                    head = " ".repeat(label);
                }
            }
        }
    }
    Ok(())
}
