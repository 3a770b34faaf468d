//! Which columns a table with a column a value of a field has, and what they are called: reads `limit`, `useother`,
//! `usenull`, `sep`, `format` and the where clause of `chart` and `timechart`.

use super::arguments::Arguments;
use crate::aggregates::{self, Plan};
use crate::data::parse_number;
use crate::syntax::AggregateText;
use crate::syntax::aggregates::parse_aggregates;
use std::sync::Arc;

/// Which columns are kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Keep {
    /// All.
    All,
    /// So many with the highest score.
    Top(usize),
    /// So many with the lowest score.
    Bottom(usize),
    /// Those whose score is above.
    Above(f64),
    /// Those whose score is below.
    Below(f64),
}

/// What the score of a column is made of.
#[derive(Debug, Clone, Default)]
pub(super) struct Score {
    /// The call whose cells count; without one those of the only function that is shown, or with several functions the
    /// numbers of events.
    pub call: Option<AggregateText>,
    /// What makes one number of the cells; without one their sum.
    pub over: Option<Arc<dyn Plan>>,
}

/// The options that say which columns there are and what they are called.
#[derive(Debug, Clone)]
pub(super) struct Series {
    pub keep: Keep,
    /// Turns `keep` round: `notin`.
    pub inverted: bool,
    pub score: Score,
    /// The name of the rest's column, if it is shown.
    pub other: Option<String>,
    /// The name of the column of events without the field, if it is shown.
    pub null: Option<String>,
    sep: String,
    format: Option<String>,
}

impl Series {
    /// Reads `limit`, `agg`, `useother`, `otherstr`, `usenull`, `nullstr`, `sep` and `format`.
    pub fn read(arguments: &mut Arguments) -> Self {
        let keep = match super::calls::value(arguments, "limit") {
            None => Keep::Top(10),
            Some(word) => keep(&word.text).unwrap_or_else(|| {
                super::calls::bad_value(
                    arguments,
                    "limit",
                    &word,
                    "a whole number, top<N> or bottom<N>",
                );
                Keep::All
            }),
        };
        let mut score = Score::default();
        if let Some(word) = super::calls::value(arguments, "agg") {
            match scored(&word.text, word.span.start) {
                Some(read) => score = read,
                None => super::calls::bad_value(
                    arguments,
                    "agg",
                    &word,
                    "a function such as max(<field>)",
                ),
            }
        }
        let mut named = |show, name, default: &str| {
            let shown = arguments.flag(show, true);
            let name = arguments.text(name);
            shown.then(|| name.unwrap_or_else(|| default.to_owned()))
        };
        let other = named("useother", "otherstr", "OTHER");
        let null = named("usenull", "nullstr", "NULL");
        let sep = arguments.text("sep");
        Self {
            keep,
            inverted: false,
            score,
            other,
            null,
            sep: sep.unwrap_or_else(|| ": ".to_owned()),
            format: arguments.text("format"),
        }
    }

    /// Reads the rest as a where clause: `count in top5`, `max > 100`.
    pub fn read_where(&mut self, arguments: &mut Arguments) {
        let words = arguments.rest(&[]);
        let Some(span) = words.iter().map(|w| w.span).reduce(|a, b| a.to(b)) else {
            arguments.missing("a condition after WHERE, such as count in top5");
            return;
        };
        let text: Vec<&str> = words.iter().map(|w| w.text.as_str()).collect();
        if self.set_where(&text.join(" "), span.start).is_none() {
            let message =
                "WHERE takes <function> in|notin top<N>|bottom<N>, or <function> >|< <number>";
            arguments.syntax(span, message);
        }
    }

    fn set_where(&mut self, text: &str, offset: usize) -> Option<()> {
        let open = text.find('(').and_then(|open| {
            let close = text.get(open..)?.find(')')?;
            Some(open + close + 1)
        });
        let at = open.or_else(|| text.find(|c: char| c.is_whitespace() || c == '<' || c == '>'))?;
        let (function, rest) = text.split_at(at);
        self.score = scored(function.trim(), offset)?;
        let rest = rest.trim().to_ascii_lowercase();
        if let Some(number) = rest.strip_prefix('>') {
            self.keep = Keep::Above(parse_number(number.trim())?);
        } else if let Some(number) = rest.strip_prefix('<') {
            self.keep = Keep::Below(parse_number(number.trim())?);
        } else {
            let (word, which) = rest.split_once(char::is_whitespace)?;
            self.inverted = match word {
                "in" => false,
                "notin" => true,
                _ => return None,
            };
            let which: String = which.split_whitespace().collect();
            if !which.starts_with(['t', 'b']) {
                return None;
            }
            self.keep = keep(&which)?;
        }
        Some(())
    }

    /// The name of the column of a function for a value of the field; `several` functions are told apart. It is no name
    /// of an internal field.
    pub fn name(&self, function: &str, series: &str, several: bool) -> String {
        let name = match &self.format {
            Some(format) => format
                .replace("$AGG$", function)
                .replace("$VALUE$", series)
                .replace("$VAL$", series),
            None if several => format!("{function}{}{series}", self.sep),
            None => series.to_owned(),
        };
        match name.starts_with('_') {
            true => format!("VALUE{name}"),
            false => name,
        }
    }
}

/// Reads the function that scores: with a field it has cells of its own, without one it is applied to those shown.
/// Counts are added up.
fn scored(text: &str, offset: usize) -> Option<Score> {
    let called = text.contains('(');
    let whole = match called {
        true => text.to_owned(),
        false => format!("{text}(cells)"),
    };
    let parsed = parse_aggregates(&whole, offset);
    let call = match parsed.list.as_slice() {
        [call] if parsed.length == whole.len() && parsed.diagnostics.is_empty() => call.clone(),
        _ => return None,
    };
    let aggregate = aggregates::lookup(&call).ok()?;
    let adds = matches!(aggregate.name(), "count" | "dc");
    if adds && !called {
        let mut call = (aggregate.name() == "count").then_some(call);
        if let Some(call) = &mut call {
            call.argument = None;
        }
        return Some(Score { call, over: None });
    }
    let with_field = AggregateText {
        argument: call.argument.clone(),
        ..call.clone()
    };
    let over: Option<Arc<dyn Plan>> = match adds {
        true => None,
        false => Some(aggregate.plan(&with_field).ok()?.into()),
    };
    Some(Score {
        call: called.then_some(call),
        over,
    })
}

fn keep(text: &str) -> Option<Keep> {
    let lower = text.trim().to_ascii_lowercase();
    if let Some(n) = lower.strip_prefix("bottom") {
        return n.trim().parse().ok().map(Keep::Bottom);
    }
    let n = lower.strip_prefix("top").unwrap_or(&lower);
    let n: usize = n.trim().parse().ok()?;
    Some(if n == 0 { Keep::All } else { Keep::Top(n) })
}
