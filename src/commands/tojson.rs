//! `tojson`: the fields of an event as one JSON object.

use super::arguments::{Arguments, Word};
use super::{BuildContext, Command, Example, OptionDoc, ParseContext, Stage};
use crate::data::{Batch, Column, Demand, FieldName, Pattern, Value, format_number, parse_number};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::operators::{Operator, streaming};
use crate::syntax::StageText;
use serde_json::{Map, Value as Json};

/// The command.
pub struct Tojson;

const KINDS: [(&str, Type); 6] = [
    ("auto", Type::Auto),
    ("bool", Type::Bool),
    ("json", Type::Json),
    ("none", Type::Own),
    ("num", Type::Number),
    ("str", Type::Text),
];

impl Command for Tojson {
    fn name(&self) -> &'static str {
        "tojson"
    }
    fn summary(&self) -> &'static str {
        "Writes fields of an event as one JSON object: those that are named, all without a name"
    }
    fn usage(&self) -> &'static str {
        "tojson [auto|bool|json|none|num|str(<field>[, …])|<field>]… [default_type=<type>] [fill_null=<bool>] [include_internal=<bool>] [output_field=<field>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[
            OptionDoc {
                name: "default_type",
                value: "auto|bool|json|none|num|str",
                default: "none",
                summary: "The type of fields without a function: none writes numbers as numbers and all else as text",
            },
            OptionDoc {
                name: "fill_null",
                value: "true|false",
                default: "false",
                summary: "Writes null for a value that does not fit its type; else it is left out",
            },
            OptionDoc {
                name: "include_internal",
                value: "true|false",
                default: "false",
                summary: "Patterns, and an empty list, take fields that begin with an underscore too",
            },
            OptionDoc {
                name: "output_field",
                value: "<field>",
                default: "_raw",
                summary: "The field that takes the object",
            },
        ]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | tojson user str(n) output_field=o | table o",
                input: "{\"user\":\"bob\",\"n\":\"7\"}",
                output: "{\"o\":\"{\\\"user\\\":\\\"bob\\\",\\\"n\\\":\\\"7\\\"}\"}",
            },
            Example {
                query: "* | table a b | tojson default_type=auto output_field=o | table o",
                input: "{\"a\":\"true\",\"b\":\"1.5\"}",
                output: "{\"o\":\"{\\\"a\\\":true,\\\"b\\\":1.5}\"}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let names = KINDS.map(|(name, _)| name);
        let default = arguments.choice("default_type", &names).unwrap_or("none");
        let default = KINDS
            .iter()
            .find(|(name, _)| *name == default)
            .map_or(Type::Own, |(_, kind)| *kind);
        let fill = arguments.flag("fill_null", false);
        let internal = arguments.flag("include_internal", false);
        let target = arguments
            .text("output_field")
            .unwrap_or_else(|| "_raw".to_owned());
        let mut typed = Vec::new();
        while let Some(word) = arguments.next() {
            match call(&word, default) {
                Ok((kind, patterns)) => typed.extend(patterns.into_iter().map(|p| (p, kind))),
                Err(error) => arguments.error(error),
            }
        }
        arguments.finish(|| {
            Box::new(Written {
                typed,
                default,
                fill,
                internal,
                target: target.into(),
            }) as Box<dyn Stage>
        })
    }
}

/// `num(a, b*)`: a type and the fields that have it; a name alone has the default.
fn call(word: &Word, default: Type) -> Result<(Type, Vec<Pattern>), Diagnostic> {
    if word.quoted || !word.text.ends_with(')') {
        return Ok((default, vec![Pattern::new(&*word.text)]));
    }
    let parts = word
        .text
        .strip_suffix(')')
        .and_then(|text| text.split_once('('));
    let found = parts.and_then(|(name, fields)| {
        let kind = KINDS
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name.trim()))?;
        let fields = fields.split([',', ' ']).filter(|field| !field.is_empty());
        Some((
            kind.1,
            fields.map(|f| Pattern::new(f.trim_matches('"'))).collect(),
        ))
    });
    found.ok_or_else(|| {
        let message = format!("tojson takes a type with fields, not `{}`", word.text);
        Diagnostic::at(&code::SYNTAX, word.span, message)
            .help("types: auto, bool, json, none, num, str; for example num(count)")
    })
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Auto,
    Bool,
    Json,
    Own,
    Number,
    Text,
}

impl Type {
    /// The value of a text; none when it does not fit the type.
    fn write(self, text: &str) -> Option<Json> {
        let number =
            || parse_number(text).and_then(|n| serde_json::from_str(&format_number(n)).ok());
        let parsed = || serde_json::from_str::<Json>(text).ok();
        let plain = || Some(Json::from(text));
        match self {
            Self::Text => plain(),
            Self::Own => number().or_else(plain),
            Self::Number => number(),
            Self::Json => parsed(),
            Self::Bool => match text.to_ascii_lowercase().as_str() {
                "true" | "t" | "yes" => Some(Json::Bool(true)),
                "false" | "f" | "no" => Some(Json::Bool(false)),
                _ => parse_number(text).map(|n| Json::Bool(n != 0.0)),
            },
            Self::Auto => number().or_else(parsed).or_else(plain),
        }
    }
}

/// `tojson` with its arguments.
#[derive(Debug, Clone)]
struct Written {
    typed: Vec<(Pattern, Type)>,
    default: Type,
    fill: bool,
    internal: bool,
    target: FieldName,
}

impl Written {
    /// The type of a field; none when it is left out.
    fn kind(&self, name: &str) -> Option<Type> {
        let internal = name.starts_with('_') && !self.internal;
        if self.typed.is_empty() {
            return Some(self.default).filter(|_| !internal);
        }
        let named = self.typed.iter().find(|(pattern, _)| {
            let fits = !internal || !pattern.is_wild() || pattern.as_str().starts_with('_');
            fits && pattern.matches(name)
        });
        named.map(|(_, kind)| *kind)
    }

    fn object(&self, batch: &Batch, row: usize) -> Value {
        let mut object = Map::new();
        for (name, column) in batch.fields() {
            let Some(kind) = self.kind(name) else {
                continue;
            };
            let count = column.count(row);
            let skipped = || Some(Json::Null).filter(|_| self.fill);
            let written = column.values(row).map(|text| kind.write(&text));
            let mut values: Vec<Json> =
                written.filter_map(|value| value.or_else(skipped)).collect();
            let value = match count {
                0 => None,
                1 => values.pop(),
                _ => Some(Json::Array(values)),
            };
            if let Some(value) = value {
                object.insert(name.to_string(), value);
            }
        }
        Value::Text(Json::Object(object).to_string())
    }
}

impl Stage for Written {
    fn demand(&self, _: &Demand) -> Demand {
        Demand::all()
    }
    fn creates(&self) -> Vec<String> {
        vec![self.target.to_string()]
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let written = self.clone();
        Ok(streaming(move |mut batch| {
            let objects = (0..batch.rows()).map(|row| written.object(&batch, row));
            let column = Column::from_values(objects);
            batch.set(written.target.clone(), column);
            batch
        }))
    }
}
