//! Where macro calls and comments stand in a text: takes search text, gives the next one outside of quotes, and the
//! parts of a call.

/// What interrupts plain text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// `` ```comment``` ``.
    Comment,
    /// `` `name(…)` ``.
    Call(CallText),
    /// A comment or a call that has no end; `open` is what opened it.
    Unclosed {
        /// The backticks, or the parenthesis of the arguments.
        open: &'static str,
    },
}

/// The parts of a call, as byte ranges of the text that it stands in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CallText {
    /// The name.
    pub name: (usize, usize),
    /// The arguments, blanks around them left out. None written is none, with or without parentheses.
    pub arguments: Vec<(usize, usize)>,
}

const COMMENT: &str = "```";

/// The first comment or call at or after `from`, with its range. Double quotes hide both.
pub(super) fn next(text: &str, from: usize) -> Option<(usize, usize, Token)> {
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        at = match byte {
            b'\\' => after_backslash(bytes, at),
            b'"' => after_quote(bytes, at),
            b'`' => return Some(token(text, at)),
            _ => at + 1,
        };
    }
    None
}

/// The token that opens at the backtick at `at`.
fn token(text: &str, at: usize) -> (usize, usize, Token) {
    if text.get(at..).is_some_and(|rest| rest.starts_with(COMMENT)) {
        return match after_comment(text.as_bytes(), at) {
            Some(end) => (at, end, Token::Comment),
            None => (at, text.len(), Token::Unclosed { open: COMMENT }),
        };
    }
    call(text, at)
}

/// The call that opens at `at`. One that never closes takes the rest of the text: what is in it can't be known.
fn call(text: &str, at: usize) -> (usize, usize, Token) {
    let bytes = text.as_bytes();
    let unclosed = |open| (at, text.len(), Token::Unclosed { open });
    let start = at + 1;
    let Some(length) = text.get(start..).and_then(|rest| rest.find(['`', '('])) else {
        return unclosed("`");
    };
    let stop = start + length;
    let name = trimmed(text, start, stop);
    if bytes.get(stop) == Some(&b'`') {
        let arguments = Vec::new();
        return (at, stop + 1, Token::Call(CallText { name, arguments }));
    }
    let Some((commas, close)) = parenthesised(bytes, stop) else {
        return unclosed("(");
    };
    let after = text.get(close + 1..).unwrap_or_default();
    let blanks = after.len() - after.trim_start().len();
    if !after.trim_start().starts_with('`') {
        return unclosed("`");
    }
    let mut arguments = Vec::new();
    if !text
        .get(stop + 1..close)
        .unwrap_or_default()
        .trim()
        .is_empty()
    {
        let mut from = stop + 1;
        for end in commas.into_iter().chain([close]) {
            arguments.push(trimmed(text, from, end));
            from = end + 1;
        }
    }
    let token = Token::Call(CallText { name, arguments });
    (at, close + 1 + blanks + 1, token)
}

/// The commas directly inside the parenthesis that opens at `open`, and the place where it closes. Quotes, brackets,
/// inner parentheses and inner calls hide theirs.
fn parenthesised(bytes: &[u8], open: usize) -> Option<(Vec<usize>, usize)> {
    let mut commas = Vec::new();
    let mut closers = vec![b')'];
    let mut at = open + 1;
    while let Some(&byte) = bytes.get(at) {
        let in_call = closers.last() == Some(&b'`');
        match byte {
            b'\\' => {
                at = after_backslash(bytes, at);
                continue;
            }
            b'"' => {
                at = after_quote(bytes, at);
                continue;
            }
            b'`' if bytes.get(at..)?.starts_with(COMMENT.as_bytes()) => {
                at = after_comment(bytes, at)?;
                continue;
            }
            b'`' if in_call => {
                closers.pop();
            }
            b'`' => closers.push(b'`'),
            b'(' => closers.push(b')'),
            b'[' => closers.push(b']'),
            b'{' => closers.push(b'}'),
            b')' | b']' | b'}' if closers.last() == Some(&byte) => {
                closers.pop();
                if closers.is_empty() {
                    return Some((commas, at));
                }
            }
            b',' if closers.len() == 1 => commas.push(at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// The place after the comment that opens at `open`, if it is closed.
fn after_comment(bytes: &[u8], open: usize) -> Option<usize> {
    let inside = open + COMMENT.len();
    let length = bytes
        .get(inside..)?
        .windows(COMMENT.len())
        .position(|part| part == COMMENT.as_bytes())?;
    Some(inside + length + COMMENT.len())
}

/// The place after a backslash outside of quotes: it hides only a double quote or another backslash.
pub(super) fn after_backslash(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at + 1) {
        Some(b'"' | b'\\') => at + 2,
        _ => at + 1,
    }
}

/// The place after the double quote that closes the one at `open`, or the end of the text.
pub(super) fn after_quote(bytes: &[u8], open: usize) -> usize {
    let mut at = open + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// The range without the blanks at its ends.
pub(super) fn trimmed(text: &str, start: usize, end: usize) -> (usize, usize) {
    let part = text.get(start..end).unwrap_or_default();
    let left = part.len() - part.trim_start().len();
    (start + left, start + left + part.trim().len())
}

/// What is wrong with the quotes and brackets of a text: the place of a quote, parenthesis or bracket without partner.
pub(super) fn unbalanced(text: &str) -> Option<(usize, char)> {
    let bytes = text.as_bytes();
    let mut open: Vec<(usize, u8)> = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => {
                at = after_backslash(bytes, at);
                continue;
            }
            b'"' => {
                let after = after_quote(bytes, at);
                if after < at + 2 || !quote_closes(bytes, at, after) {
                    return Some((at, '"'));
                }
                at = after;
                continue;
            }
            b'`' if bytes.get(at..)?.starts_with(COMMENT.as_bytes()) => {
                at = after_comment(bytes, at)?;
                continue;
            }
            b'(' => open.push((at, b')')),
            b'[' => open.push((at, b']')),
            b')' | b']' => match open.pop() {
                Some((_, wanted)) if wanted == byte => {}
                _ => return Some((at, char::from(byte))),
            },
            _ => {}
        }
        at += 1;
    }
    open.first()
        .map(|&(at, closer)| (at, if closer == b')' { '(' } else { '[' }))
}

/// Whether the quote from `open` to `after` really ends in a quote (not at the end of the text).
fn quote_closes(bytes: &[u8], open: usize, after: usize) -> bool {
    let mut at = open + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1 == after,
            _ => at += 1,
        }
    }
    false
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    fn arguments(text: &str) -> Vec<&str> {
        match next(text, 0).unwrap() {
            (_, _, Token::Call(call)) => {
                let part = |&(a, b): &(usize, usize)| &text[a..b];
                call.arguments.iter().map(part).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn arguments_split_at_outer_commas_only() {
        assert_eq!(arguments("`f( a ,b)`"), ["a", "b"]);
        assert_eq!(
            arguments(r#"`f("x, y", if(a,b), [c, d], `g(1, 2)`)`"#),
            [r#""x, y""#, "if(a,b)", "[c, d]", "`g(1, 2)`"]
        );
        assert_eq!(arguments(r#"`f("say \"a, b\"", 2)`"#).len(), 2);
        assert_eq!(arguments("`f`"), [""; 0]);
        assert_eq!(arguments("`f( )`"), [""; 0]);
        assert_eq!(arguments("`f(,)`"), ["", ""]);
    }

    #[test]
    fn quotes_hide_calls_and_comments() {
        assert_eq!(next(r#""`a`" "```b```""#, 0), None);
        assert_eq!(next("x ```a|`b```` c", 0).unwrap().2, Token::Comment);
    }

    #[test]
    fn what_does_not_close_is_told() {
        let open = |text| match next(text, 0).unwrap().2 {
            Token::Unclosed { open } => open,
            other => panic!("{other:?}"),
        };
        assert_eq!(open("a `b"), "`");
        assert_eq!(open("a `b(c`"), "(");
        assert_eq!(open("a ```b"), "```");
    }

    #[test]
    fn balance_is_checked_outside_of_quotes() {
        assert_eq!(unbalanced(r#"a (b "(" [c])"#), None);
        assert_eq!(unbalanced("a (b"), Some((2, '(')));
        assert_eq!(unbalanced("a b)"), Some((3, ')')));
        assert_eq!(unbalanced(r#"a "b"#), Some((2, '"')));
    }
}
