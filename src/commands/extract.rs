//! `extract` (`kv`): fields from the `name=value` pairs of the event's text.

use super::arguments::Arguments;
use super::pairs::Pairs;
use super::{BuildContext, Command, Example, Kind, OptionDoc, Ordering, ParseContext, Stage};
use crate::data::Demand;
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::operators::{Operator, streaming};
use crate::syntax::StageText;

/// The command.
pub struct Extract;

impl Command for Extract {
    fn name(&self) -> &'static str {
        "extract"
    }
    fn aliases(&self) -> &'static [&'static str] {
        &["kv"]
    }
    fn summary(&self) -> &'static str {
        "Makes fields of the name=value pairs in the event's text"
    }
    fn usage(&self) -> &'static str {
        "extract [pairdelim=\"<characters>\"] [kvdelim=\"<characters>\"] [limit=<N>] [maxchars=<N>] [mv_add=<bool>] [clean_keys=<bool>] [auto=<bool>] [segment=<bool>] [reload=<bool>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[
            OptionDoc {
                name: "pairdelim",
                value: "<characters>",
                default: "",
                summary: "Characters that part the pairs; without it blanks, commas and semicolons do",
            },
            OptionDoc {
                name: "kvdelim",
                value: "<characters>",
                default: "=",
                summary: "Characters that part a name from its value; with them given, a value without quotes that holds one is left out",
            },
            OptionDoc {
                name: "limit",
                value: "<N>",
                default: "50",
                summary: "Pairs that are taken at most",
            },
            OptionDoc {
                name: "maxchars",
                value: "<N>",
                default: "10240",
                summary: "Characters of the text that are looked at",
            },
            OptionDoc {
                name: "mv_add",
                value: "true|false",
                default: "false",
                summary: "Whether a name that comes again adds a value; else the first stays",
            },
            OptionDoc {
                name: "clean_keys",
                value: "true|false",
                default: "true",
                summary: "Whether characters of a name other than letters, digits and _ become _",
            },
            OptionDoc {
                name: "auto",
                value: "true|false",
                default: "true",
                summary: "Whether pairs are looked for without delimiters given",
            },
            OptionDoc {
                name: "segment",
                value: "true|false",
                default: "true",
                summary: "How an index keeps the pairs: it has no meaning without one",
            },
            OptionDoc {
                name: "reload",
                value: "true|false",
                default: "false",
                summary: "Whether configuration files are read again: there are none",
            },
        ]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | extract | table user act",
                input: "{\"_raw\":\"user=bob act=\\\"log in\\\"\"}",
                output: "{\"user\":\"bob\",\"act\":\"log in\"}",
            },
            Example {
                query: "* | extract pairdelim=\"|\" kvdelim=\":\" | table a b",
                input: "{\"_raw\":\"a:1|b:x y\"}",
                output: "{\"a\":1,\"b\":\"x y\"}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let pairs = Pairs {
            pair_delimiters: arguments.text("pairdelim"),
            value_delimiters: arguments.text("kvdelim").unwrap_or_else(|| "=".to_owned()),
            limit: arguments.count("limit").unwrap_or(50),
            most_characters: arguments.count("maxchars").unwrap_or(10_240),
            adds: arguments.flag("mv_add", false),
            cleans: arguments.flag("clean_keys", true),
            strict: arguments.option("kvdelim").is_some(),
        };
        arguments.flag("segment", true);
        arguments.flag("reload", false);
        let auto = arguments.flag("auto", true);
        if let Some(word) = arguments.next() {
            let message = format!(
                "extract has no extractor `{}`: there is no transforms.conf of extractions",
                word.text
            );
            arguments.error(Diagnostic::at(
                &code::UNSUPPORTED_OPTION,
                word.span,
                message,
            ));
            arguments.give_up();
        }
        let idle = !auto && pairs.pair_delimiters.is_none();
        arguments.finish(|| Box::new(Extracted { pairs, idle }) as Box<dyn Stage>)
    }
}

/// `extract` with its arguments.
#[derive(Debug, Clone)]
struct Extracted {
    pairs: Pairs,
    /// Nothing is looked for.
    idle: bool,
}

impl Stage for Extracted {
    fn kind(&self) -> Kind {
        Kind::Streaming
    }
    fn ordering(&self) -> Ordering {
        Ordering::Keeps
    }
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        demand.add_exact("_raw");
        demand
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let extracted = self.clone();
        Ok(streaming(move |batch| match extracted.idle {
            true => batch,
            false => super::pairs::into_fields(batch, "_raw", extracted.pairs.adds, |text| {
                extracted.pairs.find(text)
            }),
        }))
    }
}
