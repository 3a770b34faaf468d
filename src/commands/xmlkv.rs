//! `xmlkv`: fields from the elements of XML in the event's text.

use super::arguments::Arguments;
use super::pairs::{Again, into_fields};
use super::{BuildContext, Command, Example, OptionDoc, ParseContext, Stage};
use crate::data::Demand;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Operator, streaming};
use crate::syntax::StageText;

/// The command.
pub struct Xmlkv;

/// The options, also those of `xmlunescape`.
pub(super) const OPTIONS: &[OptionDoc] = &[OptionDoc {
    name: "maxinputs",
    value: "<N>",
    default: "",
    summary: "Events that are looked at in one go: it has no meaning here",
}];

impl Command for Xmlkv {
    fn name(&self) -> &'static str {
        "xmlkv"
    }
    fn summary(&self) -> &'static str {
        "Makes fields of the XML elements that hold text, in the event's text"
    }
    fn usage(&self) -> &'static str {
        "xmlkv [<field>] [maxinputs=<N>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        OPTIONS
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | xmlkv | table Command Arguments",
                input: "{\"_raw\":\"<Exec><Command>cmd.exe</Command><Arguments>/c a &amp; b</Arguments></Exec>\"}",
                output: "{\"Command\":\"cmd.exe\",\"Arguments\":\"/c a & b\"}",
            },
            Example {
                query: "* | xmlkv x | table a",
                input: "{\"x\":\"<r><a>1</a><b/></r>\"}",
                output: "{\"a\":1}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        arguments.count("maxinputs");
        let field = arguments
            .next()
            .map_or_else(|| "_raw".to_owned(), |word| word.text);
        arguments.finish(|| Box::new(Parsed { field }) as Box<dyn Stage>)
    }
}

/// `xmlkv` with its arguments.
#[derive(Debug, Clone)]
struct Parsed {
    field: String,
}

impl Stage for Parsed {
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        demand.add_exact(&self.field);
        demand
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let field = self.field.clone();
        Ok(streaming(move |batch| {
            into_fields(batch, &field, Again::Joins, elements)
        }))
    }
}

/// The elements that hold nothing but text, with their texts.
fn elements(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        rest = rest.get(open + 1..).unwrap_or_default();
        let Some(close) = rest.find('>') else { break };
        let (tag, after) = rest.split_at(close);
        let after = after.get(1..).unwrap_or_default();
        rest = after;
        let name = tag
            .split(|c: char| c.is_whitespace())
            .next()
            .unwrap_or_default();
        let starts = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
        let Some(end) = after.find('<').filter(|_| starts && !tag.ends_with('/')) else {
            continue;
        };
        let (value, closing) = after.split_at(end);
        let closes = closing
            .strip_prefix("</")
            .and_then(|c| c.strip_prefix(name))
            .is_some_and(|c| c.trim_start().starts_with('>'));
        if closes && !value.trim().is_empty() {
            found.push((name.to_owned(), unescaped(value.trim())));
            rest = closing.get(1..).unwrap_or_default();
        }
    }
    found
}

/// The text with XML's named and numbered characters put in.
pub(super) fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(';').filter(|end| *end <= 10);
        let named = end.and_then(|end| match &rest[1..end] {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            number => {
                let digits = number.strip_prefix('#')?;
                let code = match digits.strip_prefix(['x', 'X']) {
                    Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                    None => digits.parse().ok()?,
                };
                char::from_u32(code)
            }
        });
        match (named, end) {
            (Some(c), Some(end)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            _ => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_with_text_are_found_at_any_depth() {
        let text = "<?xml version=\"1.0\"?><a x=\"1\"><b>1</b><b>2</b><c><d y='z'> &lt;&#65;&#x42; </d></c><e></e><f/></a>";
        let found = elements(text);
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        assert_eq!(found, [("b", "1"), ("b", "2"), ("d", "<AB")]);
        assert!(elements("<a <b> <").is_empty());
    }
}
