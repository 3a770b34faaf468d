//! Highlighting: takes a line and the cursor, gives it with colours.

use crate::commands;
use crate::functions;
use crate::syntax::highlight::{TokenKind, tokens};
use std::fmt::Write;

/// The line with ANSI colours; the bracket at the cursor and its partner stand out.
pub fn paint(line: &str, at: usize) -> String {
    if line.starts_with('.') {
        let end = line.find(' ').unwrap_or(line.len());
        return format!("\x1b[36m{}\x1b[0m{}", &line[..end], &line[end..]);
    }
    let mut out = String::with_capacity(line.len() * 2);
    let mut done = 0;
    let partner = partner(line, at);
    for (span, kind) in tokens(line) {
        let (Some(between), Some(text)) =
            (line.get(done..span.start), line.get(span.start..span.end))
        else {
            continue;
        };
        out.push_str(between);
        done = span.end;
        let paired = matches!(kind, TokenKind::Bracket(_))
            && partner.is_some_and(|(a, b)| span.start == a || span.start == b);
        let colour = if paired { "1;7" } else { colour(kind, text) };
        // Writing into a String can't fail.
        let _ = if colour.is_empty() {
            write!(out, "{text}")
        } else {
            write!(out, "\x1b[{colour}m{text}\x1b[0m")
        };
    }
    out.push_str(line.get(done..).unwrap_or(""));
    out
}

fn colour(kind: TokenKind, text: &str) -> &'static str {
    match kind {
        TokenKind::Command if commands::find(text).is_some() => "1;34",
        TokenKind::Command => "31",
        TokenKind::Function
            if functions::find(text).is_some()
                || crate::aggregates::find(&text.to_lowercase()).is_some() =>
        {
            "35"
        }
        TokenKind::Text => "32",
        TokenKind::Number => "36",
        TokenKind::Keyword => "33",
        TokenKind::Pipe => "1",
        TokenKind::Macro => "1;35",
        TokenKind::Comment => "2",
        TokenKind::Error => "4;31",
        _ => "",
    }
}

/// The bracket at or just before the cursor and the one that matches it.
fn partner(line: &str, at: usize) -> Option<(usize, usize)> {
    tokens(line)
        .into_iter()
        .find_map(|(span, kind)| match kind {
            TokenKind::Bracket(partner) if span.start == at || span.start + 1 == at => {
                Some((span.start, partner))
            }
            _ => None,
        })
}
