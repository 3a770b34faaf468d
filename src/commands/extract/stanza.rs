//! Extractions by name: takes the rule of a stanza, gives the pairs of name and value in a text.

use super::super::pairs::Pairs;
use super::super::rex;
use crate::data::{Extracting, ExtractionRule, FieldName, cleaned};
use crate::diagnostic::{Diagnostic, Span, code};
use crate::functions::pattern::{Groups, Pattern};

/// An extraction that can be done.
#[derive(Debug)]
pub(super) struct Extraction {
    /// The field whose text is looked at.
    pub(super) source: FieldName,
    pub(super) adds: bool,
    cleans: bool,
    keeps_empty: bool,
    work: Work,
}

#[derive(Debug)]
enum Work {
    Regex(Pattern, Vec<(Template, Template)>),
    Pairs(Pairs),
    Values(String, Vec<String>),
}

impl Extraction {
    /// The extraction of a rule; `adds` and `cleans` stand over what it says itself.
    pub(super) fn new(
        rule: &ExtractionRule,
        adds: Option<bool>,
        cleans: Option<bool>,
        span: Span,
    ) -> Result<Self, Diagnostic> {
        let cleans = cleans.unwrap_or(rule.cleans);
        let work = match &rule.how {
            Extracting::Regex { regex, format } => {
                let pattern = rex::compile(regex, span)?;
                if format.is_empty() && pattern.names().is_empty() {
                    let message = format!("the extraction `{}` names no field", rule.name);
                    return Err(Diagnostic::at(&code::LOOKUP, span, message).help(
                        "its stanza needs FORMAT = name::$1, or groups with names in REGEX",
                    ));
                }
                let template =
                    |(name, value): &(String, String)| (Template::new(name), Template::new(value));
                Work::Regex(pattern, format.iter().map(template).collect())
            }
            Extracting::Pairs { between, within } => Work::Pairs(Pairs {
                pair_delimiters: Some(between.clone()),
                value_delimiters: within.clone(),
                limit: usize::MAX,
                most_characters: usize::MAX,
                adds: false,
                cleans: false,
                strict: false,
            }),
            Extracting::Values { between, names } => Work::Values(between.clone(), names.clone()),
        };
        Ok(Self {
            source: rule.source.clone(),
            adds: adds.unwrap_or(rule.adds),
            cleans,
            keeps_empty: rule.keeps_empty,
            work,
        })
    }

    /// The pairs of a text, in order.
    pub(super) fn find(&self, text: &str) -> Result<Vec<(String, String)>, Diagnostic> {
        let mut found = match &self.work {
            Work::Pairs(pairs) => pairs.find(text),
            Work::Values(between, names) => {
                let values = text.split(|c| between.contains(c));
                let named = names.iter().zip(values);
                named
                    .map(|(name, value)| (name.clone(), value.trim().to_owned()))
                    .collect()
            }
            Work::Regex(pattern, format) => {
                let mut found = Vec::new();
                for groups in pattern.captures_iter(text) {
                    pairs_of(&groups?, pattern, format, &mut found);
                }
                found
            }
        };
        if self.cleans {
            found
                .iter_mut()
                .for_each(|(name, _)| *name = cleaned(name).into_owned());
        }
        found.retain(|(name, value)| !name.is_empty() && (self.keeps_empty || !value.is_empty()));
        Ok(found)
    }
}

/// The pairs of one match: those of the format, else of the groups with names, of which `_KEY_1` names `_VAL_1`.
fn pairs_of(
    groups: &Groups<'_>,
    pattern: &Pattern,
    format: &[(Template, Template)],
    found: &mut Vec<(String, String)>,
) {
    if !format.is_empty() {
        let filled =
            |(name, value): &(Template, Template)| (name.filled(groups), value.filled(groups));
        found.extend(format.iter().map(filled));
        return;
    }
    let text = |group: usize| groups.get(group).unwrap_or_default().to_owned();
    for (group, name) in pattern.names() {
        if let Some(number) = name.strip_prefix("_KEY_") {
            let value = format!("_VAL_{number}");
            let value = pattern.names().iter().find(|(_, name)| *name == value);
            found.extend(value.map(|(value, _)| (text(*group), text(*value))));
        } else if !name.starts_with("_VAL_") {
            found.push((name.clone(), text(*group)));
        }
    }
}

/// A text in which `$1` stands for a group.
#[derive(Debug)]
struct Template(Vec<Part>);

#[derive(Debug)]
enum Part {
    Text(String),
    Group(usize),
}

impl Template {
    fn new(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut pieces = text.split('$');
        parts.extend(pieces.next().map(|first| Part::Text(first.to_owned())));
        for piece in pieces {
            let end = piece
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(piece.len());
            let (number, rest) = piece.split_at(end);
            match number.parse() {
                Ok(group) => parts.extend([Part::Group(group), Part::Text(rest.to_owned())]),
                Err(_) => parts.push(Part::Text(format!("${piece}"))),
            }
        }
        Self(parts)
    }

    fn filled(&self, groups: &Groups<'_>) -> String {
        let text = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Group(group) => groups.get(*group).unwrap_or_default().to_owned(),
        };
        self.0.iter().map(text).collect()
    }
}
