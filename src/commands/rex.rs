//! `rex`: takes a regular expression with named groups, gives their texts as fields; or takes a sed expression, gives
//! a field edited by it.

mod extract;
mod sed;

use super::arguments::{Arguments, Word};
use super::{BuildContext, Command, Example, OptionDoc, ParseContext, Stage};
use crate::data::{Demand, FieldName};
use crate::diagnostic::{Diagnostic, Diagnostics, Span, code};
use crate::functions::pattern::{Flags, Pattern};
use crate::operators::{Operator, try_streaming};
use crate::syntax::StageText;
use extract::Extraction;
use sed::Edit;
use std::sync::Arc;

/// The command.
pub struct Rex;

impl Command for Rex {
    fn name(&self) -> &'static str {
        "rex"
    }
    fn summary(&self) -> &'static str {
        "Makes fields of the named groups of a regular expression, or edits a field as sed does"
    }
    fn usage(&self) -> &'static str {
        "rex [field=<field>] (\"<regex>\" [max_match=<N>] [offset_field=<field>] | mode=sed \"s/<regex>/<text>/[g|<N>]|y/<from>/<to>/\")"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[
            OptionDoc {
                name: "field",
                value: "<field>",
                default: "_raw",
                summary: "The field that is read",
            },
            OptionDoc {
                name: "max_match",
                value: "<N>",
                default: "1",
                summary: "How many matches to take; more than one make multivalues, 0 takes all",
            },
            OptionDoc {
                name: "offset_field",
                value: "<field>",
                default: "",
                summary: "A field for the places of the groups of each match, first and last character counted from 0: name=0-4&other=6-7",
            },
            OptionDoc {
                name: "mode",
                value: "sed",
                default: "",
                summary: "Edits the field",
            },
        ]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | rex field=mail \"From: <(?<from>[^>]*)>\"",
                input: "{\"mail\":\"From: <a@x.com> To: <b@y.com>\"}\n{\"mail\":\"none\"}",
                output: "{\"mail\":\"From: <a@x.com> To: <b@y.com>\",\"from\":\"a@x.com\"}\n{\"mail\":\"none\"}",
            },
            Example {
                query: "* | rex field=card mode=sed \"s/(\\d{4}-){3}/XXXX-XXXX-XXXX-/g\"",
                input: "{\"card\":\"1111-2222-3333-4444\"}",
                output: "{\"card\":\"XXXX-XXXX-XXXX-4444\"}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let source: FieldName = arguments
            .text("field")
            .unwrap_or_else(|| "_raw".to_owned())
            .into();
        let limit = arguments.count("max_match");
        let offsets = arguments.text("offset_field");
        let work = if arguments.choice("mode", &["sed"]).is_some() {
            for name in ["max_match", "offset_field"] {
                if let Some(span) = arguments.option(name).map(|option| option.name.span) {
                    arguments.syntax(span, format!("rex mode=sed has no {name}="));
                }
            }
            let edits = arguments.pattern("a sed expression").map(sed::parse);
            arguments.keep(edits).map(|edits| Work::Edit(edits.into()))
        } else {
            let pattern = arguments.pattern("a regular expression").map(named_groups);
            arguments.keep(pattern).map(|pattern| {
                Work::Extract(Extraction {
                    pattern,
                    limit: match limit {
                        None => 1,
                        Some(0) => usize::MAX,
                        Some(limit) => limit,
                    },
                    offsets: offsets.map(FieldName::from),
                })
            })
        };
        arguments.finish(|| {
            Box::new(Extracted {
                source,
                work: Arc::new(work.unwrap_or(Work::Edit(Arc::new([])))),
            }) as Box<dyn Stage>
        })
    }
}

/// Compiles a pattern; what is wrong with it is told at its place.
pub(super) fn compile(text: &str, span: Span) -> Result<Pattern, Diagnostic> {
    Pattern::compile(text, Flags::default()).map_err(|reason| {
        let message = format!("the regular expression can't be read: {reason}");
        Diagnostic::at(&code::REGEX, span, message)
            .help("a bracket, parenthesis or other sign that stands for itself has \\ before it")
    })
}

fn named_groups(word: Word) -> Result<Pattern, Diagnostic> {
    let pattern = compile(&word.text, word.span)?;
    if pattern.names().is_empty() {
        return Err(Diagnostic::at(
            &code::REGEX,
            word.span,
            "the regular expression has no named group, so rex would make no field",
        )
        .help("name what to extract: (?<field>…)"));
    }
    Ok(pattern)
}

#[derive(Debug)]
enum Work {
    Extract(Extraction),
    Edit(Arc<[Edit]>),
}

/// `rex` with its arguments.
#[derive(Debug)]
struct Extracted {
    source: FieldName,
    work: Arc<Work>,
}

impl Stage for Extracted {
    fn creates(&self) -> Vec<String> {
        match &*self.work {
            Work::Extract(extraction) => {
                extraction.targets().map(|name| name.to_string()).collect()
            }
            Work::Edit(_) => Vec::new(),
        }
    }
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        if let Work::Extract(extraction) = &*self.work
            && extraction.targets().any(|name| after.wants(name))
        {
            // A row without a match keeps the fields that it has.
            demand.add_exact(&self.source);
        }
        demand
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let (source, work, wanted) = (self.source.clone(), self.work.clone(), cx.wanted.clone());
        Ok(try_streaming(move |mut batch| {
            match &*work {
                Work::Extract(extraction) => extraction.apply(&mut batch, &source, &wanted)?,
                Work::Edit(edits) => sed::apply(edits, &mut batch, &source)?,
            }
            Ok(batch)
        }))
    }
}

#[cfg(test)]
mod tests;
