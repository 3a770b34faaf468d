//! `extract` (`kv`): fields from the `name=value` pairs of the event's text.

mod stanza;

use super::arguments::{Arguments, Word};
use super::pairs::{Again, Pairs, into_fields, try_into_fields, without_named};
use super::{BuildContext, Command, Example, OptionDoc, ParseContext, Stage, Tables};
use crate::data::Demand;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Operator, try_streaming};
use crate::syntax::StageText;
use stanza::Extraction;
use std::sync::Arc;

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
        "Makes fields of the name=value pairs in the event's text, and of what the extractions of a transforms.conf find"
    }
    fn usage(&self) -> &'static str {
        "extract [pairdelim=\"<characters>\"] [kvdelim=\"<characters>\"] [limit=<N>] [maxchars=<N>] [mv_add=<bool>] [clean_keys=<bool>] [auto=<bool>] [segment=<bool>] [reload=<bool>] [<extraction>…]"
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
                summary: "Whether a name that comes again adds a value, also to a field that is there; else the first stays",
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
                summary: "Whether pairs are looked for without delimiters given, and those stay that text events have without a command",
            },
            OptionDoc {
                name: "segment",
                value: "true|false",
                default: "false",
                summary: "Whether the places of the pairs are kept beside the rows: no row shows them",
            },
            OptionDoc {
                name: "reload",
                value: "true|false",
                default: "false",
                summary: "Whether configuration files are read again: each run reads them",
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
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
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
        let given = |arguments: &Arguments, name: &str| arguments.option(name).is_some();
        let adds = given(&arguments, "mv_add").then_some(pairs.adds);
        let cleans = given(&arguments, "clean_keys").then_some(pairs.cleans);
        arguments.flag("segment", false);
        arguments.flag("reload", false);
        let auto = arguments.flag("auto", true);
        let names = arguments.rest(&[]);
        let idle = !auto && pairs.pair_delimiters.is_none();
        arguments.finish(|| {
            Box::new(Extracted {
                pairs: (!idle).then_some(pairs),
                auto,
                names,
                adds,
                cleans,
                tables: cx.tables.clone(),
            }) as Box<dyn Stage>
        })
    }
}

/// `extract` with its arguments.
struct Extracted {
    /// The pairs that are looked for in the event's text; none with `auto=f`.
    pairs: Option<Pairs>,
    /// Whether the event keeps what its text names by itself.
    auto: bool,
    /// The extractions that are done before.
    names: Vec<Word>,
    /// What stands over their own settings.
    adds: Option<bool>,
    cleans: Option<bool>,
    tables: Arc<dyn Tables>,
}

impl std::fmt::Debug for Extracted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts = (&self.pairs, self.auto, &self.names, self.adds, self.cleans);
        f.debug_tuple("Extracted").field(&parts).finish()
    }
}

impl Extracted {
    fn extractions(&self) -> Result<Vec<Extraction>, Diagnostic> {
        let extraction = |word: &Word| {
            let rule = self.tables.extraction(&word.text);
            let rule = rule.map_err(|error| error.or_span(word.span))?;
            Extraction::new(&rule, self.adds, self.cleans, word.span)
        };
        self.names.iter().map(extraction).collect()
    }
}

impl Stage for Extracted {
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        demand.add_exact("_raw");
        // Which fields the extractions read is known only when they are read.
        match self.names.is_empty() {
            true => demand,
            false => Demand::all(),
        }
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let (extractions, pairs) = (self.extractions()?, self.pairs.clone());
        let auto = self.auto;
        Ok(try_streaming(move |mut batch| {
            if !auto {
                batch = without_named(batch);
            }
            for extraction in &extractions {
                let find = |text: &str| extraction.find(text);
                let again = Again::adding(extraction.adds);
                batch = try_into_fields(batch, &extraction.source, again, find)?;
            }
            if let Some(pairs) = &pairs {
                let again = Again::adding(pairs.adds);
                batch = into_fields(batch, "_raw", again, |text| pairs.find(text));
            }
            Ok(batch)
        }))
    }
}
