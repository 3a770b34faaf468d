//! Brackets in the arguments of any command: takes the text, gives the outermost square ones, or the inside of round ones.

use super::ast::Spanned;
use super::lexis::{self, atom, bracketed, name_quote};
use super::reader::consumed;
use crate::diagnostic::Span;

/// The texts inside the outermost `[ … ]` that stand outside of quotes, with the places of the brackets and what is
/// between them. Brackets that are not closed are none.
pub fn brackets(text: &str, offset: usize) -> Vec<Spanned<String>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let at = consumed(text, rest).len();
        if c == '['
            && let Ok((left, inside)) = bracketed(rest)
        {
            let span = Span::new(at, text.len() - left.len()).shift(offset);
            found.push(Spanned::new(inside.to_owned(), span));
            rest = left;
            continue;
        }
        let step = match c {
            '\'' => name_quote(&text[..at], rest),
            _ => atom(rest),
        };
        match step {
            Ok((left, ())) => rest = left,
            Err(_) => break,
        }
    }
    found
}

/// The inside of the `( … )` that a text begins with; `None` when there is none, or it is not closed.
pub fn parenthesised(text: &str) -> Option<&str> {
    lexis::parenthesised(text).ok().map(|(_, inside)| inside)
}

#[cfg(test)]
mod tests {
    use super::brackets;

    #[test]
    fn brackets_in_quotes_are_none() {
        let found = brackets("a=[b [c]] \"[d]\" [e", 10);
        let texts: Vec<_> = found
            .iter()
            .map(|f| (f.node.as_str(), f.span.start))
            .collect();
        assert_eq!(texts, [("b [c]", 12)]);
    }
}
