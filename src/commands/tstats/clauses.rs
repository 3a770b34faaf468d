//! The clauses of tstats: takes its arguments as text, gives each clause, and what is left for `stats` with blanks in
//! their places.

use super::prefix::Prefix;
use crate::data::parse_number;
use crate::data::time::TimeSpan;
use crate::diagnostic::{Diagnostic, Diagnostics, Span, code};
use crate::syntax::StageText;

/// The place of a part of the arguments.
pub(super) fn place(text: &StageText, start: usize, end: usize) -> Span {
    Span::new(
        text.arguments.span.start + start,
        text.arguments.span.start + end,
    )
}

/// The clauses of the arguments, as bytes of them, and what is left for `stats` with blanks in their places.
pub(super) struct Clauses {
    pub from: Option<(usize, usize)>,
    pub filter: Option<(usize, usize)>,
    pub rest: String,
}

impl Clauses {
    /// Finds them.
    pub fn of(text: &str) -> Self {
        let words = words(text);
        let find = |name: &str| {
            words
                .iter()
                .find(|(_, w)| w.eq_ignore_ascii_case(name))
                .map(|(at, _)| *at)
        };
        let (from, filter, by) = (find("from"), find("where"), find("by").or(find("groupby")));
        let ends = |start: usize| {
            [from, filter, by]
                .into_iter()
                .flatten()
                .filter(|at| *at > start)
                .min()
                .unwrap_or(text.len())
        };
        let mut rest = text.to_owned();
        let mut blank =
            |start: usize, end: usize| rest.replace_range(start..end, &" ".repeat(end - start));
        let clause = |at: Option<usize>| at.map(|at| (at, ends(at)));
        for (start, end) in [clause(from), clause(filter)].into_iter().flatten() {
            blank(start, end);
        }
        if let Some(at) = find("groupby") {
            rest.replace_range(at..at + "groupby".len(), "by     ");
        }
        Self {
            from: clause(from),
            filter: clause(filter).map(|(start, end)| (start + "where".len(), end)),
            rest,
        }
    }

    /// Takes `span=` out of what is left.
    pub fn take_span(&mut self, text: &StageText, errors: &mut Diagnostics) -> Option<TimeSpan> {
        let timed = words(&self.rest).iter().any(|(_, word)| *word == "_time");
        let (start, end, value) = self.take("span")?;
        if !timed {
            let message = "span= cuts _time, which is not among the BY fields";
            errors.push(Diagnostic::at(
                &code::OPTION_VALUE,
                place(text, start, end),
                message,
            ));
            return None;
        }
        let seconds = parse_number(&value).and_then(TimeSpan::of_seconds);
        match seconds.map_or_else(|| TimeSpan::parse(&value), Ok) {
            Ok(span) => Some(span),
            Err(why) => {
                errors.push(Diagnostic::at(
                    &code::TIME_FORMAT,
                    place(text, start, end),
                    why,
                ));
                None
            }
        }
    }

    /// Takes out the directives `PREFIX(…)`: the name of a field stands in the place of each.
    pub fn take_prefixes(&mut self, text: &StageText, errors: &mut Diagnostics) -> Vec<Prefix> {
        const OPEN: &str = "prefix(";
        let mut prefixes: Vec<Prefix> = Vec::new();
        while let Some(start) = self.rest.to_ascii_lowercase().find(OPEN) {
            let inside = start + OPEN.len();
            let close = self.rest.get(inside..).and_then(|rest| rest.find(')'));
            let end = close.map_or(self.rest.len(), |length| inside + length);
            let name = self.rest.get(inside..end).unwrap_or_default();
            let mut name = name.trim().trim_matches('"').to_owned();
            let whole = (end + 1).min(self.rest.len());
            if let Some(fault) = Prefix::fault(&name) {
                let error = Diagnostic::at(&code::ARGUMENT_VALUE, place(text, start, whole), fault);
                errors.push(error);
                // Something that can be read on.
                name = "x".to_owned();
            }
            // As long as what it replaces, so that places of errors stay right.
            let quoted = format!("{:1$}", format!("\"{name}\""), whole - start);
            self.rest.replace_range(start..whole, &quoted);
            let prefix = Prefix { name: name.into() };
            if !prefixes.contains(&prefix) {
                prefixes.push(prefix);
            }
        }
        prefixes
    }

    /// Whether an option is there and its value is none of those that mean no.
    pub fn asks(&self, name: &str) -> bool {
        let found = words(&self.rest).into_iter().find_map(|(_, word)| {
            let (option, value) = word.split_once('=')?;
            option.eq_ignore_ascii_case(name).then_some(value)
        });
        found.is_some_and(|value| {
            let no = ["f", "false", "0", "no", "n"];
            !no.iter().any(|word| word.eq_ignore_ascii_case(value))
        })
    }

    /// Takes out an option: its place and its value.
    pub fn take(&mut self, name: &str) -> Option<(usize, usize, String)> {
        let found = words(&self.rest).into_iter().find_map(|(at, word)| {
            let (option, value) = word.split_once('=')?;
            option
                .eq_ignore_ascii_case(name)
                .then(|| (at, at + word.len(), value.to_owned()))
        })?;
        self.rest
            .replace_range(found.0..found.1, &" ".repeat(found.1 - found.0));
        Some(found)
    }
}

/// Words outside of quotes and parentheses, with their places.
fn words(text: &str) -> Vec<(usize, &str)> {
    let (mut out, mut start, mut depth, mut quoted) = (Vec::new(), None, 0usize, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        let gap = (c.is_whitespace() || c == ',') && !quoted && depth == 0;
        match (gap, start) {
            (true, Some(from)) => {
                out.push((from, &text[from..at]));
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
    }
    out.extend(start.map(|from| (from, &text[from..])));
    out
}
