//! Arguments of a macro call: takes the argument texts as written, gives them bound to names, and put into a definition.

use super::calls::after_quote;
use super::definition::is_name_char;
use super::mapped::Mapped;

/// An argument with its name.
#[derive(Debug, Clone)]
pub(super) struct Bound {
    pub name: String,
    /// The text for use outside of double quotes: own quotes removed, `\"` inside them made `"`.
    plain: Mapped,
    /// The text for use inside of double quotes: `\"` stays, or it would end them.
    quoted: Mapped,
}

/// Gives each name its argument: all by position, or all as `name=value`.
pub(super) fn bind(names: &[String], given: Vec<Mapped>) -> Result<Vec<Bound>, String> {
    let named: Vec<Option<(usize, usize)>> = given
        .iter()
        .map(|argument| named_as(names, argument.text()))
        .collect();
    let count = named.iter().flatten().count();
    if count == 0 {
        let pairs = names.iter().zip(&given);
        return Ok(pairs.map(|(name, text)| bound(name, text)).collect());
    }
    if count < given.len() {
        return Err("some arguments are given by name and some by position".into());
    }
    let mut all = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let found = named
            .iter()
            .zip(&given)
            .find_map(|(place, argument)| match place {
                Some((which, at)) if *which == index => {
                    Some(argument.slice(*at, argument.text().len()))
                }
                _ => None,
            });
        let value = found
            .ok_or_else(|| format!("argument `{name}` is not given, another is given twice"))?;
        all.push(bound(name, &value));
    }
    Ok(all)
}

/// For `name=value` with a name of the macro: which name, and where the value starts.
fn named_as(names: &[String], text: &str) -> Option<(usize, usize)> {
    let (name, rest) = text.split_once('=')?;
    if rest.starts_with('=') {
        return None;
    }
    let which = names.iter().position(|known| known == name.trim())?;
    Some((which, text.len() - rest.trim_start().len()))
}

fn bound(name: &str, argument: &Mapped) -> Bound {
    let text = argument.text();
    let is_quoted = text.len() >= 2
        && text.starts_with('"')
        && text.ends_with('"')
        && after_quote(text.as_bytes(), 0) == text.len();
    let quoted = if is_quoted {
        argument.slice(1, text.len() - 1)
    } else {
        argument.clone()
    };
    let plain = if is_quoted {
        unescaped(&quoted)
    } else {
        quoted.clone()
    };
    Bound {
        name: name.to_string(),
        plain,
        quoted,
    }
}

/// The text with `\"` made `"`. Other escapes belong to whatever reads the text later.
fn unescaped(text: &Mapped) -> Mapped {
    let mut out = Mapped::default();
    let bytes = text.text().as_bytes();
    let (mut from, mut at) = (0, 0);
    while let Some(&byte) = bytes.get(at) {
        if byte == b'\\' {
            if bytes.get(at + 1) == Some(&b'"') {
                out.push_slice(text, from, at);
                from = at + 1;
            }
            at += 1;
        }
        at += 1;
    }
    out.push_slice(text, from, bytes.len());
    out
}

/// The definition with each `$name$` replaced, inside of quotes too; none when it grows over `limit` bytes.
pub(super) fn substitute(template: &Mapped, bound: &[Bound], limit: usize) -> Option<Mapped> {
    let text = template.text();
    let bytes = text.as_bytes();
    let mut out = Mapped::default();
    let (mut from, mut at) = (0, 0);
    let mut in_quotes = false;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' if matches!(bytes.get(at + 1), Some(b'"' | b'\\')) => at += 1,
            b'"' => in_quotes = !in_quotes,
            b'$' => {
                let name = text.get(at + 1..).and_then(|rest| rest.split_once('$'));
                let found = name.and_then(|(name, _)| bound.iter().find(|b| b.name == name));
                if let Some(found) = found {
                    out.push_slice(template, from, at);
                    out.push(if in_quotes {
                        &found.quoted
                    } else {
                        &found.plain
                    });
                    at += found.name.len() + 2;
                    from = at;
                    if out.text().len() > limit {
                        return None;
                    }
                    continue;
                }
            }
            _ => {}
        }
        at += 1;
    }
    out.push_slice(template, from, bytes.len());
    Some(out)
}

/// The arguments as fields for eval expressions.
pub(super) fn fields(bound: &[Bound]) -> Vec<(String, String)> {
    let field = |b: &Bound| (b.name.clone(), b.plain.text().to_string());
    bound.iter().map(field).collect()
}

/// The names that stand as `$name$` in a definition, with their places, the dollars included.
pub(super) fn placeholders(text: &str) -> Vec<(usize, usize, &str)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(dollar) = text.get(at..).and_then(|rest| rest.find('$')) {
        let start = at + dollar;
        at = start + 1;
        let Some((name, _)) = text.get(at..).and_then(|rest| rest.split_once('$')) else {
            break;
        };
        if !name.is_empty() && name.chars().all(is_name_char) {
            at += name.len() + 1;
            found.push((start, at, name));
        }
    }
    found
}
