//! The grammar of a usage line: takes `head [<N>|(<expression>)] [limit=<N>]`, gives texts that follow it.

use super::choices::Choices;

/// A usage line, read.
#[derive(Debug, Clone, PartialEq)]
pub enum Grammar {
    /// As it stands.
    Text(String),
    /// `<field>`
    Blank(String),
    /// One after the other.
    All(Vec<Grammar>),
    /// One of them.
    Any(Vec<Grammar>),
    /// `[…]`
    Maybe(Box<Grammar>),
    /// `…` after something: once or more.
    Some(Box<Grammar>),
}

/// Blanks whose brackets are typed.
const BRACKETED: [&str; 3] = ["[<subsearch>]", "[<pipeline>]", "[<template>]"];

/// The parts of a text between `at`, outside of brackets.
fn split<'a>(text: &'a str, at: &str) -> Vec<&'a str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0usize, 0);
    for (i, c) in text.char_indices() {
        match c {
            '[' | '(' | '<' => depth += 1,
            ']' | ')' | '>' => depth = depth.saturating_sub(1),
            _ if depth == 0 && i >= start && text[i..].starts_with(at) => {
                parts.push(&text[start..i]);
                start = i + at.len();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// Reads a usage line without the command's name.
pub fn read(text: &str) -> Grammar {
    let lines = split(text.trim(), " | ");
    if lines.len() > 1 {
        return Grammar::Any(lines.into_iter().map(read).collect());
    }
    let mut parts = Vec::new();
    for word in split(text.trim(), " ") {
        let blank = match parts.is_empty() {
            true => "",
            false => " ",
        };
        let word = match word {
            "…" => match parts.pop() {
                Some(last) => Grammar::Some(Box::new(last)),
                None => continue,
            },
            word => self::word(word, blank),
        };
        parts.push(word);
    }
    Grammar::All(parts)
}

/// A word with the blank before it; the blank goes with it when it is left out.
fn word(text: &str, blank: &str) -> Grammar {
    let after = |grammar| Grammar::All(vec![Grammar::Text(blank.to_owned()), grammar]);
    if let Some(once) = text.strip_suffix('…') {
        if ends_in_one_bracket(once) && once.starts_with('[') && !BRACKETED.contains(&once) {
            return match word(once, blank) {
                Grammar::Maybe(inner) => Grammar::Maybe(Box::new(Grammar::Some(inner))),
                other => Grammar::Some(Box::new(other)),
            };
        }
        let is_one = ends_in_one_bracket(once);
        if is_one || (split(once, "|").len() == 1 && !once.contains("[")) {
            return Grammar::Some(Box::new(word(once, blank)));
        }
    }
    if BRACKETED.contains(&text) {
        let inner = read(&text[1..text.len() - 1]);
        return after(Grammar::All(vec![
            Grammar::Text("[ ".into()),
            inner,
            Grammar::Text(" ]".into()),
        ]));
    }
    if ends_in_one_bracket(text) {
        let inner = &text[1..text.len() - 1];
        if text.starts_with('[') {
            return Grammar::Maybe(Box::new(after(choice(inner))));
        }
        if split(inner, "|").len() > 1 {
            return after(choice(inner));
        }
    }
    after(choice(text))
}

/// Alternatives without blanks between; what stands before `=` in the first stands before the others too.
fn choice(text: &str) -> Grammar {
    if split(text, " ").len() > 1 {
        return read(text);
    }
    let parts = split(text, "|");
    if parts.len() == 1 {
        return pieces(text);
    }
    let head = parts[0].split_once('=').map_or("", |(head, _)| head);
    let whole =
        |part: &str| match part.contains('=') || head.is_empty() || head.contains(['<', '[']) {
            true => pieces(part),
            false => pieces(&format!("{head}={part}")),
        };
    Grammar::Any(parts.into_iter().map(whole).collect())
}

/// Texts, blanks and optional parts side by side.
fn pieces(text: &str) -> Grammar {
    let (mut out, mut rest) = (Vec::new(), text);
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '<' | '[' | '(' => closing(rest),
            '…' => {
                let last = out.pop().unwrap_or(Grammar::Text(String::new()));
                out.push(match last {
                    Grammar::Maybe(inner) => Grammar::Maybe(Box::new(Grammar::Some(inner))),
                    other => Grammar::Some(Box::new(other)),
                });
                rest = &rest['…'.len_utf8()..];
                continue;
            }
            _ => rest.find(['<', '[', '(', '…']).unwrap_or(rest.len()),
        };
        let (piece, tail) = rest.split_at(length);
        out.push(match first {
            '<' if piece.len() > 2 => Grammar::Blank(piece[1..piece.len() - 1].to_owned()),
            '[' if piece.len() > 1 => {
                let inner = &piece[1..piece.len() - 1];
                let comma = ["", ", "][usize::from(inner.starts_with(','))];
                let inner = inner.trim_start_matches([',', ' ']);
                Grammar::Maybe(Box::new(Grammar::All(vec![
                    Grammar::Text(comma.to_owned()),
                    choice(inner),
                ])))
            }
            '(' if piece.len() > 1 => Grammar::All(vec![
                Grammar::Text("(".into()),
                choice(&piece[1..piece.len() - 1]),
                Grammar::Text(")".into()),
            ]),
            _ => Grammar::Text(piece.to_owned()),
        });
        rest = tail;
    }
    Grammar::All(out)
}

/// The length of the bracket that a text begins with.
fn closing(text: &str) -> usize {
    let mut depth = 0usize;
    for (i, c) in text.char_indices() {
        match c {
            '<' | '[' | '(' => depth += 1,
            '>' | ']' | ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return i + c.len_utf8();
        }
    }
    text.len()
}

fn ends_in_one_bracket(text: &str) -> bool {
    text.starts_with(['[', '(']) && closing(text) == text.len() && text.len() > 2
}

/// Writes a text that follows the grammar; `blank` writes what stands for a `<…>`.
pub fn write(
    grammar: &Grammar,
    choices: &mut Choices<'_>,
    blank: &mut dyn FnMut(&str, &mut Choices<'_>) -> String,
) -> String {
    match grammar {
        Grammar::Text(text) => text.clone(),
        Grammar::Blank(name) => blank(name, choices),
        Grammar::All(parts) => parts.iter().map(|p| write(p, choices, blank)).collect(),
        Grammar::Any(parts) => {
            let which = choices.below(parts.len());
            write(&parts[which], choices, blank)
        }
        Grammar::Maybe(inner) => match choices.once_in(3) {
            true => write(inner, choices, blank),
            false => String::new(),
        },
        Grammar::Some(inner) => {
            let mut out = write(inner, choices, blank);
            for _ in 0..choices.below(3) {
                let more = write(inner, choices, blank);
                if !more.starts_with([' ', ',']) {
                    out.push(' ');
                }
                out += &more;
            }
            out
        }
    }
}

#[test]
fn a_usage_line_gives_texts_that_follow_it() {
    let text = |usage: &str, numbers: &[u16]| {
        let mut blank = |name: &str, _: &mut Choices<'_>| name.to_uppercase();
        write(&read(usage), &mut Choices::new(numbers), &mut blank)
    };
    assert_eq!(text("[<n>] <field>[, <field>]…", &[0, 0]), " FIELD");
    assert_eq!(text("<field>[, <field>]…", &[2, 1]), "FIELD, FIELD, FIELD");
    assert_eq!(text("[format=csv|json]", &[2, 1]), "format=json");
    assert_eq!(text("[span=<span>|bins=<N>]", &[2, 1]), "bins=N");
    assert_eq!(text("a:<x> | b:<y>", &[1]), "b:Y");
    assert_eq!(text("([<subsearch>] | b:<y>)…", &[0]), "[ SUBSEARCH ]");
    assert_eq!(text("union|diff [<subsearch>]", &[1]), "diff [ SUBSEARCH ]");
    assert_eq!(
        text("sma|ema<N>(<field>) [AS <f>]", &[1, 2]),
        "emaN(FIELD) AS F"
    );
}
