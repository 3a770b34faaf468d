//! Where events went: takes counts a stage and a term, gives the report that explains an empty result.

use super::text::{clean, number_text};

/// A stage with its rows.
#[derive(Debug, Clone, Default)]
pub struct StageLine {
    /// Its text.
    pub text: String,
    /// Rows in.
    pub rows_in: u64,
    /// Rows out.
    pub rows_out: u64,
}

/// A term of the search.
#[derive(Debug, Clone, Default)]
pub struct TermLine {
    /// As printed.
    pub text: String,
    /// Events that pass it alone.
    pub alone: u64,
    /// Events that pass it and all before it.
    pub in_turn: u64,
    /// What to say when it passes nothing: what the field holds, or that no event has it.
    pub remark: String,
}

/// The event that failed the fewest terms.
#[derive(Debug, Clone, Default)]
pub struct WhyNear {
    /// The terms it failed, each with what its field holds.
    pub failed: Vec<(String, String)>,
    /// Its text.
    pub raw: String,
}

/// The whole report. `events` is how many were seen; `absent` names fields that the query reads and no event has.
pub fn why(
    events: u64,
    stages: &[StageLine],
    terms: &[TermLine],
    absent: &[String],
    near: Option<&WhyNear>,
    width: usize,
) -> String {
    let mut out = String::from("where the events went\n");
    let numbers: Vec<(String, String)> = stages
        .iter()
        .map(|s| (number_text(s.rows_in), number_text(s.rows_out)))
        .collect();
    let (left, right) = (
        widest(numbers.iter().map(|n| &n.0)),
        widest(numbers.iter().map(|n| &n.1)),
    );
    for (stage, (rows_in, rows_out)) in stages.iter().zip(&numbers) {
        let text = cut(
            &clean(&stage.text).replace('\n', " "),
            width.saturating_sub(left + right + 8),
        );
        out.push_str(&format!(
            "  {rows_in:>left$} → {rows_out:>right$}  {text}\n"
        ));
    }
    if !terms.is_empty() {
        out.push_str("the search, each term alone and in turn\n");
        let of = number_text(events);
        let label = terms
            .iter()
            .map(|t| t.text.chars().count())
            .max()
            .unwrap_or(0)
            .min(width / 2);
        for term in terms {
            let text = cut(&clean(&term.text), label);
            let mut line = format!(
                "  {text:label$}  {} of {of}, {} in turn",
                number_text(term.alone),
                number_text(term.in_turn)
            );
            if !term.remark.is_empty() {
                line.push_str(&format!(": {}", clean(&term.remark)));
            }
            out.push_str(&broken(&line, width));
        }
    }
    if !absent.is_empty() {
        out.push_str("fields that the query reads and no event has\n");
        for line in absent {
            out.push_str(&broken(&format!("  {}", clean(line)), width));
        }
    }
    if let Some(near) = near {
        let failed: Vec<String> = near
            .failed
            .iter()
            .map(|(term, value)| format!("{} ({})", clean(term), clean(value)))
            .collect();
        let line = format!("the nearest event failed {}", failed.join(" and "));
        out.push_str(&broken(&line, width));
        out.push_str(&format!(
            "  {}\n",
            cut(
                &clean(&near.raw).replace('\n', " "),
                width.saturating_mul(3).saturating_sub(2)
            )
        ));
    }
    out
}

fn widest<'a>(texts: impl Iterator<Item = &'a String>) -> usize {
    texts.map(String::len).max().unwrap_or(0)
}

/// A line with its end, broken between words where it is wider than the terminal; what goes on is indented.
fn broken(line: &str, width: usize) -> String {
    let (mut out, mut used) = (String::new(), 0);
    for word in line.split_inclusive(' ') {
        let long = word.trim_end().chars().count();
        if used > INDENT && used + long > width {
            out.truncate(out.trim_end().len());
            out.push('\n');
            out.push_str(&" ".repeat(INDENT));
            used = INDENT;
        }
        out.push_str(word);
        used += word.chars().count();
    }
    out.push('\n');
    out
}

/// Blanks before what goes on from the line above.
const INDENT: usize = 4;

/// At most so many characters, with `…` where something is left out.
fn cut(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    text.chars()
        .take(room.saturating_sub(1))
        .chain(['…'])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_broken_between_words() {
        let line = "  verb=x  0 of 76, 0 in turn: the events have verb get (35), list (31)";
        assert_eq!(broken(line, 200), format!("{line}\n"));
        assert_eq!(
            broken(line, 40),
            "  verb=x  0 of 76, 0 in turn: the events\n    have verb get (35), list (31)\n"
        );
        assert_eq!(broken("averylongword b", 8), "averylongword\n    b\n");
    }
}
