//! Widths of a table's columns: takes header and cells, gives widths that fit the terminal, or nothing when no
//! readable table does.

/// A column is not made narrower than this, unless it is narrower by itself: times and addresses stay whole.
const NARROWEST: usize = 20;
/// Blanks between two columns.
pub(super) const GAP: usize = 2;

/// The header's lines and each column's width.
pub(super) struct Layout {
    /// Header texts, broken over lines where that makes a column narrower.
    pub header: Vec<String>,
    /// Characters a column, without the gap.
    pub widths: Vec<usize>,
}

/// Columns as wide as their content when that fits; else header names are broken at their parts, and the widest
/// columns share what is left.
pub(super) fn layout(names: &[&str], cells: &[Vec<String>], width: usize) -> Option<Layout> {
    let content: Vec<usize> = (0..names.len())
        .map(|i| widest(cells.iter().filter_map(|row| row.get(i))))
        .collect();
    let room = width.saturating_sub(GAP * names.len().saturating_sub(1));
    let whole: Vec<usize> = names
        .iter()
        .zip(&content)
        .map(|(n, c)| n.chars().count().max(*c))
        .collect();
    if whole.iter().sum::<usize>() <= room {
        return Some(Layout {
            header: names.iter().map(|n| (*n).to_owned()).collect(),
            widths: whole,
        });
    }
    let broken: Vec<Vec<&str>> = names.iter().map(|n| parts(n)).collect();
    let wanted: Vec<usize> = broken
        .iter()
        .zip(&content)
        .map(|(parts, c)| {
            parts
                .iter()
                .map(|p| p.chars().count())
                .max()
                .unwrap_or(0)
                .max(*c)
        })
        .collect();
    let cap = cap(&wanted, room)?;
    let widths: Vec<usize> = wanted.iter().map(|w| (*w).min(cap)).collect();
    let header = broken
        .iter()
        .zip(&widths)
        .map(|(parts, width)| join(parts, *width))
        .collect();
    Some(Layout { header, widths })
}

/// The largest width at which all columns fit when none is wider; `None` when that can't be read.
fn cap(wanted: &[usize], room: usize) -> Option<usize> {
    let total = |cap: usize| wanted.iter().map(|w| (*w).min(cap)).sum::<usize>();
    let most = wanted.iter().copied().max().unwrap_or(0);
    if total(NARROWEST.min(most)) > room {
        return None;
    }
    (NARROWEST.min(most)..=most)
        .rev()
        .find(|cap| total(*cap) <= room)
}

fn widest<'a>(texts: impl Iterator<Item = &'a String>) -> usize {
    texts
        .flat_map(|t| t.lines())
        .map(|l| l.chars().count())
        .max()
        .unwrap_or(0)
}

/// A name in parts that each may start a line: after `(`, and before `.`, `_` and `{`.
fn parts(name: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, c) in name.char_indices() {
        let cut = match c {
            '(' => at + 1,
            '.' | '_' | '{' if at > 0 => at,
            _ => continue,
        };
        if cut > start {
            parts.push(&name[start..cut]);
            start = cut;
        }
    }
    parts.push(&name[start..]);
    parts
}

/// The parts put back together, as many on a line as fit.
fn join(parts: &[&str], width: usize) -> String {
    let mut out = String::new();
    let mut line = 0;
    for part in parts.iter().filter(|p| !p.is_empty()) {
        let length = part.chars().count();
        if line > 0 && line + length > width {
            out.push('\n');
            line = 0;
        }
        out.push_str(part);
        line += length;
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_broken_before_its_column_is_widened() {
        let cells = vec![vec!["403".to_owned(), "x".repeat(60)]];
        let layout = layout(&["values(responseStatus.code)", "b"], &cells, 50).unwrap();
        assert_eq!(layout.header[0], "values(\nresponseStatus\n.code)");
        assert_eq!(layout.widths, [14, 34]);
    }

    #[test]
    fn too_many_columns_are_no_table() {
        let cells = vec![vec!["x".repeat(30); 10]];
        assert!(layout(&["a"; 10], &cells, 100).is_none());
        assert!(layout(&["a"; 3], &[vec!["x".to_owned(); 3]], 100).is_some());
    }
}
