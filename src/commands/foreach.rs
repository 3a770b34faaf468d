//! `foreach`: runs a template of stages for each of some fields, or for each value of one.

use super::arguments::Arguments;
use super::{Before, BuildContext, Command, Example, Kind, OptionDoc, Origin, ParseContext, Stage};
use crate::data::{Batch, Column, Demand, FieldName, Pattern};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::operators::{Operator, gathered, try_streaming};
use crate::syntax::StageText;
use std::sync::Arc;

mod template;

use template::{Names, Template, is_array};

/// The command.
pub struct Foreach;

const OPTIONS: &[OptionDoc] = &[
    OptionDoc {
        name: "mode",
        value: "multifield|multivalue|json_array|auto_collections",
        default: "multifield",
        summary: "What is gone through: fields, the values of one, the elements of one that holds a JSON array, or either of these",
    },
    OptionDoc::new(
        "fieldstr",
        "<text>",
        "<<FIELD>>",
        "Stands for the field's name",
    ),
    OptionDoc::new(
        "matchstr",
        "<text>",
        "<<MATCHSTR>>",
        "Stands for the part of the name that the wildcards match",
    ),
    OptionDoc::new(
        "matchseg1",
        "<text>",
        "<<MATCHSEG1>>",
        "Stands for what the first wildcard matches",
    ),
    OptionDoc::new(
        "matchseg2",
        "<text>",
        "<<MATCHSEG2>>",
        "Stands for what the second wildcard matches",
    ),
    OptionDoc::new(
        "matchseg3",
        "<text>",
        "<<MATCHSEG3>>",
        "Stands for what the third wildcard matches",
    ),
    OptionDoc::new(
        "itemstr",
        "<text>",
        "<<ITEM>>",
        "Stands for the value or element",
    ),
    OptionDoc::new(
        "iterstr",
        "<text>",
        "<<ITER>>",
        "Stands for its number, from 0",
    ),
];

impl Command for Foreach {
    fn name(&self) -> &'static str {
        "foreach"
    }
    fn summary(&self) -> &'static str {
        "Runs a template of stages for each of some fields, or for each value of one"
    }
    fn usage(&self) -> &'static str {
        "foreach [mode=multifield|multivalue|json_array|auto_collections] [<field>…] [fieldstr=<text>] [matchstr=<text>] [matchseg1=<text>] [matchseg2=<text>] [matchseg3=<text>] [itemstr=<text>] [iterstr=<text>] [<template>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        OPTIONS
    }
    fn nests(&self) -> bool {
        true
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | eval total=0 | foreach test* [eval total=total+'<<FIELD>>'] | table total",
                input: "{\"test1\":3,\"test2\":4}",
                output: "{\"total\":7}",
            },
            Example {
                query: "* | foreach *_in_* [eval <<MATCHSEG2>>_<<MATCHSEG1>>='<<FIELD>>'] | table web_b",
                input: "{\"b_in_web\":5}",
                output: "{\"web_b\":5}",
            },
            Example {
                query: "* | eval n=json_array(1,2,3), total=0 | foreach mode=json_array n [eval total=total+<<ITEM>>] | table total",
                input: "{\"a\":1}",
                output: "{\"total\":6}",
            },
        ]
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let modes = ["multifield", "multivalue", "json_array", "auto_collections"];
        let mode = arguments.choice("mode", &modes).unwrap_or("multifield");
        let name = |option: &str, default: &str| {
            arguments.text(option).unwrap_or_else(|| default.to_owned())
        };
        let names = Names {
            field: name("fieldstr", "<<FIELD>>"),
            matched: name("matchstr", "<<MATCHSTR>>"),
            segments: [
                name("matchseg1", "<<MATCHSEG1>>"),
                name("matchseg2", "<<MATCHSEG2>>"),
                name("matchseg3", "<<MATCHSEG3>>"),
            ],
            item: name("itemstr", "<<ITEM>>"),
            iteration: name("iterstr", "<<ITER>>"),
        };
        let mut fields = Vec::new();
        let mut inside = arguments.bracketed();
        while inside.is_none()
            && let Some(word) = arguments.next()
        {
            fields.push(word);
            inside = arguments.bracketed();
        }
        if fields.is_empty() && mode != "auto_collections" {
            arguments.missing("a field");
        }
        if let ([_, second, ..], true) = (fields.as_slice(), mode != "multifield") {
            let message = format!("foreach mode={mode} goes through one field");
            arguments.error(Diagnostic::at(&code::SYNTAX, second.span, message));
        }
        let Some(inside) = inside else {
            arguments.missing("a template in square brackets");
            return match arguments.finish(|| ()) {
                Err(errors) => Err(errors),
                Ok(()) => Err(Vec::new()),
            };
        };
        let template = Template {
            text: inside.node,
            span: inside.span,
            names,
            context: cx.context.clone(),
            tables: cx.tables.clone(),
            searches: cx.searches.clone(),
        };
        let fields: Vec<Pattern> = fields
            .into_iter()
            .map(|word| Pattern::new(word.text))
            .collect();
        let sample = match mode {
            "multifield" => template.checked_fields(&fields),
            _ => template.checked_item(mode),
        };
        if let Err(errors) = sample {
            errors.into_iter().for_each(|error| arguments.error(error));
        }
        let made = template.made(&fields, mode);
        arguments.finish(|| {
            Box::new(Each {
                template: Arc::new(template),
                mode,
                fields,
                made,
            }) as Box<dyn Stage>
        })
    }
}

/// `foreach` with its arguments.
#[derive(Debug)]
struct Each {
    template: Arc<Template>,
    mode: &'static str,
    fields: Vec<Pattern>,
    /// Names of fields that functions make.
    made: Vec<Pattern>,
}

impl Each {
    fn goes_through_fields(&self) -> bool {
        self.mode == "multifield"
    }
}

impl Stage for Each {
    fn kind(&self) -> Kind {
        match self.goes_through_fields() {
            // Which fields there are is known when all rows are.
            true => Kind::Mergeable,
            false => Kind::Streaming,
        }
    }
    fn origin(&self, name: &str, before: &Before<'_>) -> Origin {
        match self.made.iter().any(|made| made.matches(name)) {
            true => Origin::Functions,
            false => before(name),
        }
    }
    fn demand(&self, _: &Demand) -> Demand {
        // What the template reads depends on the fields that are there.
        Demand::all()
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let template = self.template.clone();
        if !self.goes_through_fields() {
            let (mode, field) = (self.mode, self.fields.first().cloned());
            return Ok(try_streaming(move |batch| match &field {
                Some(field) => template.over_items(&batch, field.as_str(), mode),
                None => collections(&batch).iter().try_fold(batch, |batch, field| {
                    template.over_items(&batch, field, mode)
                }),
            }));
        }
        let patterns = self.fields.clone();
        Ok(gathered(move |batches: Vec<Batch>| {
            let mut batches = batches;
            for (field, captures) in matched(&patterns, &batches) {
                let stages = template.for_field(&field, &captures)?;
                for batch in &mut batches {
                    *batch = stages.apply(std::mem::take(batch))?;
                }
            }
            Ok(batches)
        }))
    }
}

/// The fields that have several values or a JSON array in a row: those that `auto_collections` goes through where none is
/// named.
fn collections(batch: &Batch) -> Vec<FieldName> {
    let several = |column: &Column| {
        (0..column.len()).any(|row| {
            let mut values = column.values(row);
            match (values.next(), values.next()) {
                (Some(text), None) => text.starts_with('[') && is_array(&text),
                (_, second) => second.is_some(),
            }
        })
    };
    let fields = batch
        .fields()
        .filter(|(name, column)| !name.starts_with('_') && several(column));
    fields.map(|(name, _)| name.clone()).collect()
}

/// The fields that are named, and those that rows have and that fit a pattern, in the order of names and patterns, each
/// once, with what the wildcards match.
fn matched(patterns: &[Pattern], batches: &[Batch]) -> Vec<(FieldName, Vec<String>)> {
    let names = crate::data::filled(batches);
    let mut found: indexmap::IndexMap<FieldName, Vec<String>> = indexmap::IndexMap::new();
    for pattern in patterns {
        let internal = pattern.as_str().starts_with('_');
        if !pattern.is_wild() {
            found.entry(pattern.as_str().into()).or_default();
            continue;
        }
        for name in &names {
            if name.starts_with('_') && !internal {
                continue;
            }
            if let Some(captures) = pattern.captures(name) {
                let captures = captures.into_iter().map(str::to_owned).collect();
                found.entry(name.clone()).or_insert(captures);
            }
        }
    }
    found.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use crate::commands::testing::refused;

    #[test]
    fn a_template_is_checked_before_it_runs() {
        let one = |text: &str| refused(text).remove(0);
        assert_eq!(one("foreach a* [eval x=nosuch(1)]").0, "E0107");
        assert_eq!(one("foreach a* [stats count]").0, "E0103");
        assert_eq!(one("foreach a*").0, "E0111");
        assert_eq!(one("foreach [eval x=1]").0, "E0111");
        assert_eq!(one("foreach mode=multivalue a b [eval x=1]").1, "b");
        assert_eq!(one("foreach mode=other a [eval x=1]").0, "E0110");
    }
}
