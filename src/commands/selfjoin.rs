//! `selfjoin`: joins rows with other rows of the same result that share the values of some fields.

use super::arguments::Arguments;
use super::{BuildContext, Command, Example, Kind, OptionDoc, Ordering, ParseContext, Stage};
use crate::data::{Batch, ColumnBuilder, Demand, FieldName};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Operator, RowKey, gathered};
use crate::syntax::StageText;
use indexmap::IndexMap;

/// The command.
pub struct Selfjoin;

impl Command for Selfjoin {
    fn name(&self) -> &'static str {
        "selfjoin"
    }
    fn summary(&self) -> &'static str {
        "Joins each row with the rows after it that share the values of some fields"
    }
    fn usage(&self) -> &'static str {
        "selfjoin [overwrite=<bool>] [max=<N>] [keepsingle=<bool>] <field>…"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[
            OptionDoc {
                name: "overwrite",
                value: "true|false",
                default: "true",
                summary: "Whether the other row's values replace the row's own",
            },
            OptionDoc {
                name: "max",
                value: "<N>",
                default: "1",
                summary: "Rows that one row is joined with at most; 0 for all",
            },
            OptionDoc {
                name: "keepsingle",
                value: "true|false",
                default: "false",
                summary: "Whether a row stays that shares its values with no other",
            },
        ]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | sort n | selfjoin id | table id a b",
                input: "{\"n\":1,\"id\":7,\"a\":1}\n{\"n\":2,\"id\":7,\"b\":2}\n{\"n\":3,\"id\":8,\"a\":3}",
                output: "{\"id\":7,\"a\":1,\"b\":2}",
            },
            Example {
                query: "* | sort n | selfjoin keepsingle=t overwrite=f id | table n id",
                input: "{\"n\":1,\"id\":7}\n{\"n\":2,\"id\":7}\n{\"n\":3,\"id\":8}",
                output: "{\"n\":1,\"id\":7}\n{\"n\":3,\"id\":8}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let overwrite = arguments.flag("overwrite", true);
        let most = match arguments.count("max") {
            Some(0) => usize::MAX,
            found => found.unwrap_or(1),
        };
        let keep_single = arguments.flag("keepsingle", false);
        let words = arguments.rest_of("a field");
        let fields = words.into_iter().map(|word| word.text.into()).collect();
        arguments.finish(|| {
            Box::new(Joined {
                fields,
                overwrite,
                most,
                keep_single,
            }) as Box<dyn Stage>
        })
    }
}

/// `selfjoin` with its arguments.
#[derive(Debug, Clone)]
struct Joined {
    fields: Vec<FieldName>,
    overwrite: bool,
    most: usize,
    keep_single: bool,
}

impl Joined {
    /// Each row with a row after it of the same values, or alone.
    fn pairs(&self, rows: &Batch) -> Vec<(u32, Option<u32>)> {
        let mut key = RowKey::new(rows, &self.fields);
        let mut groups: IndexMap<Vec<u8>, Vec<u32>> = IndexMap::new();
        for row in 0..rows.rows() {
            if key.is_whole(row) {
                groups
                    .entry(key.bytes(row).to_vec())
                    .or_default()
                    .push(row as u32);
            }
        }
        let mut pairs = Vec::new();
        for group in groups.values() {
            if let ([single], true) = (group.as_slice(), self.keep_single) {
                pairs.push((*single, None));
            }
            for (at, row) in group.iter().enumerate() {
                let others = group.iter().skip(at + 1).take(self.most);
                pairs.extend(others.map(|other| (*row, Some(*other))));
            }
        }
        pairs.sort_unstable();
        pairs
    }

    fn rows(&self, whole: &Batch) -> Batch {
        let pairs = self.pairs(whole);
        let left: Vec<u32> = pairs.iter().map(|(row, _)| *row).collect();
        let mut out = whole.take(&left);
        for (name, column) in whole
            .fields()
            .filter(|(name, _)| !self.fields.contains(name))
        {
            let mut builder = ColumnBuilder::default();
            for (row, other) in &pairs {
                let own = column.value(*row as usize);
                let other = other.map(|o| column.value(o as usize)).unwrap_or_default();
                let (first, second) = if self.overwrite {
                    (other, own)
                } else {
                    (own, other)
                };
                builder.push(if first.is_null() { second } else { first });
            }
            out.set(name.clone(), builder.finish());
        }
        out
    }
}

impl Stage for Joined {
    fn kind(&self) -> Kind {
        Kind::Mergeable
    }
    fn ordering(&self) -> Ordering {
        Ordering::SeesAndMakes
    }
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        for field in &self.fields {
            demand.add_exact(field);
        }
        demand
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let joined = self.clone();
        let work = move |batches: Vec<Batch>| Ok(vec![joined.rows(&Batch::concat(&batches))]);
        Ok(gathered(work))
    }
}
