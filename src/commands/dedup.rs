//! `dedup`: takes fields, gives the first rows of each combination of their values.

use super::arguments::Arguments;
use super::{BuildContext, Command, Example, Kind, OptionDoc, Ordering, ParseContext, Stage};
use crate::data::{Batch, Column, Demand, FieldName, Mask};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::operators::{Flow, Operator, RowKey, Serial, Sort, SortKey, Sorting};
use crate::syntax::StageText;
use hashbrown::HashMap;

/// The command.
pub struct Dedup;

impl Command for Dedup {
    fn name(&self) -> &'static str {
        "dedup"
    }
    fn summary(&self) -> &'static str {
        "Keeps the first rows of each combination of values"
    }
    fn usage(&self) -> &'static str {
        "dedup [<N>] <field>[, <field>]… [keepevents=<bool>] [keepempty=<bool>] [consecutive=<bool>] [sortby [+|-]<field>…]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[
            OptionDoc {
                name: "keepevents",
                value: "true|false",
                default: "false",
                summary: "Keeps repeats, with the fields removed from them",
            },
            OptionDoc {
                name: "keepempty",
                value: "true|false",
                default: "false",
                summary: "Keeps every row that lacks one of the fields",
            },
            OptionDoc {
                name: "consecutive",
                value: "true|false",
                default: "false",
                summary: "Drops only repeats that follow each other",
            },
        ]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | dedup host | table id",
                input: "{\"id\":1,\"host\":\"a\"}\n{\"id\":2,\"host\":\"a\"}\n{\"id\":3,\"host\":\"b\"}\n{\"id\":4}",
                output: "{\"id\":1}\n{\"id\":3}",
            },
            Example {
                query: "* | dedup host keepempty=true sortby -id | table id",
                input: "{\"id\":1,\"host\":\"a\"}\n{\"id\":2,\"host\":\"a\"}\n{\"id\":3,\"host\":\"b\"}\n{\"id\":4}",
                output: "{\"id\":4}\n{\"id\":3}\n{\"id\":2}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let keep_events = arguments.flag("keepevents", false);
        let keep_empty = arguments.flag("keepempty", false);
        let consecutive = arguments.flag("consecutive", false);
        let count = match arguments.number() {
            Some((0, span)) => {
                arguments.error(Diagnostic::at(
                    &code::OPTION_VALUE,
                    span,
                    "dedup keeps at least 1 row of each combination, not 0",
                ));
                1
            }
            number => number.map_or(1, |(number, _)| number),
        };
        let words = arguments.rest(&["sortby"]);
        if words.is_empty() {
            arguments.missing("a field");
        }
        let sort = if arguments.takes("sortby") {
            arguments.sort_keys()
        } else {
            Vec::new()
        };
        let mut fields = Vec::new();
        for word in words {
            if !word.quoted && (word.text.contains('*') || word.text.starts_with(['+', '-'])) {
                let message = format!("dedup takes no pattern or sign: `{}`", word.text);
                arguments.error(Diagnostic::at(&code::FIELD_NAME, word.span, message));
            }
            fields.push(word.text.into());
        }
        arguments.finish(|| {
            Box::new(Distinct {
                count,
                fields,
                keep_events,
                keep_empty,
                consecutive,
                sort,
            }) as Box<dyn Stage>
        })
    }
}

/// `dedup` with its arguments.
#[derive(Debug, Clone)]
struct Distinct {
    count: usize,
    fields: Vec<FieldName>,
    keep_events: bool,
    keep_empty: bool,
    consecutive: bool,
    sort: Vec<SortKey>,
}

impl Stage for Distinct {
    fn kind(&self) -> Kind {
        Kind::Serial
    }
    fn ordering(&self) -> Ordering {
        if self.sort.is_empty() {
            Ordering::Sees
        } else {
            Ordering::SeesAndMakes
        }
    }
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        let sorted = self.sort.iter().map(|key| &key.field);
        for field in self.fields.iter().chain(sorted) {
            demand.add_exact(field);
        }
        demand
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let sorting = (!self.sort.is_empty()).then(|| {
            Sorting::new(&Sort {
                keys: self.sort.clone(),
                ..Sort::default()
            })
        });
        Ok(Operator::Serial(Box::new(Seen {
            spec: self.clone(),
            counts: HashMap::default(),
            keys: 0,
            last: Vec::new(),
            run: 0,
            sorting,
        })))
    }
}

/// The combinations seen so far.
struct Seen {
    spec: Distinct,
    counts: HashMap<Box<[u8]>, usize, foldhash::fast::RandomState>,
    /// Bytes of their keys.
    keys: usize,
    /// For `consecutive`: the combination of the row before, and how often it came in a row.
    last: Vec<u8>,
    run: usize,
    /// For `sortby`: all rows first.
    sorting: Option<Sorting>,
}

impl Seen {
    /// Whether the row with this key is among the first `count` of its combination.
    fn is_new(&mut self, key: &[u8]) -> bool {
        let before = if self.spec.consecutive {
            if self.run > 0 && self.last == key {
                self.run += 1;
            } else {
                self.last.clear();
                self.last.extend_from_slice(key);
                self.run = 1;
            }
            self.run - 1
        } else if let Some(count) = self.counts.get_mut(key) {
            *count += 1;
            *count - 1
        } else {
            self.keys += key.len();
            self.counts.insert(key.into(), 1);
            0
        };
        before < self.spec.count
    }

    fn distinct(&mut self, batch: &Batch) -> Batch {
        let mut key = RowKey::new(batch, &self.spec.fields);
        let mut keep = Vec::with_capacity(batch.rows());
        let mut repeat = Vec::with_capacity(batch.rows());
        for row in 0..batch.rows() {
            let (kept, repeated) = if !key.is_whole(row) {
                (self.spec.keep_empty, false)
            } else if self.is_new(key.bytes(row)) {
                (true, false)
            } else {
                (self.spec.keep_events, true)
            };
            keep.push(kept);
            repeat.push(repeated);
        }
        let mut kept = batch.filter(&Mask::from(keep.clone()));
        if self.spec.keep_events {
            let repeated = keep.iter().zip(repeat).filter(|(kept, _)| **kept);
            let repeated: Vec<bool> = repeated.map(|(_, repeated)| repeated).collect();
            for field in &self.spec.fields {
                if let Some(column) = kept.get(field).map(|c| blank(c, &repeated)) {
                    kept.set(field.clone(), column);
                }
            }
        }
        kept
    }
}

/// The column without the values of the rows that are set.
fn blank(column: &Column, rows: &[bool]) -> Column {
    let values = rows.iter().enumerate().map(|(row, blank)| {
        if *blank {
            crate::data::Value::Null
        } else {
            column.value(row)
        }
    });
    Column::from_values(values)
}

impl Serial for Seen {
    fn push(&mut self, batch: Batch, out: &mut Vec<Batch>) -> Result<Flow, Diagnostic> {
        if let Some(sorting) = &mut self.sorting {
            sorting.add(batch);
        } else {
            out.push(self.distinct(&batch));
        }
        Ok(Flow::More)
    }

    fn size(&self) -> usize {
        let table = self.counts.capacity() * (size_of::<(Box<[u8]>, usize)>() + 16);
        let sorting = self.sorting.as_ref().map_or(0, Sorting::size);
        table + self.keys + sorting
    }

    fn finish(&mut self, out: &mut Vec<Batch>) -> Result<(), Diagnostic> {
        if let Some(sorting) = self.sorting.take() {
            out.push(self.distinct(&sorting.sorted()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::commands::testing::{check, demand, refused};

    const EVENTS: &str = "{\"id\":1,\"h\":\"a\",\"s\":\"x\"}\n{\"id\":2,\"h\":\"a\",\"s\":\"y\"}\n{\"id\":3,\"h\":\"b\",\"s\":\"x\"}\n{\"id\":4,\"h\":\"a\",\"s\":\"x\"}\n{\"id\":5,\"s\":\"x\"}";

    fn ids(ids: &[u8]) -> String {
        ids.iter().map(|id| format!("{{\"id\":{id}}}\n")).collect()
    }

    #[test]
    fn the_first_of_each_combination_stay() {
        check("* | dedup h | table id", EVENTS, &ids(&[1, 3]));
        check("* | dedup h, s | table id", EVENTS, &ids(&[1, 2, 3]));
        check("* | dedup 2 h | table id", EVENTS, &ids(&[1, 2, 3]));
        check(
            "* | dedup consecutive=t h | table id",
            EVENTS,
            &ids(&[1, 3, 4]),
        );
        check(
            "* | dedup h keepempty=true | table id",
            EVENTS,
            &ids(&[1, 3, 5]),
        );
    }

    #[test]
    fn keepevents_takes_the_values_of_repeats() {
        check(
            "* | dedup h keepevents=true | table id h",
            EVENTS,
            "{\"id\":1,\"h\":\"a\"}\n{\"id\":2}\n{\"id\":3,\"h\":\"b\"}\n{\"id\":4}",
        );
    }

    #[test]
    fn sortby_comes_first() {
        check(
            "* | dedup h sortby -num(id) | table id",
            EVENTS,
            &ids(&[4, 3]),
        );
    }

    #[test]
    fn multivalues_are_equal_in_all_values() {
        let input = "{\"id\":1,\"t\":[\"a\",\"b\"]}\n{\"id\":2,\"t\":[\"a\"]}\n{\"id\":3,\"t\":[\"a\",\"b\"]}";
        check("* | dedup t | table id", input, &ids(&[1, 2]));
    }

    #[test]
    fn arguments_are_checked() {
        assert_eq!(demand("dedup a sortby b", &["c"]), "c, a, b");
        assert_eq!(refused("dedup 0 n"), [("E0110", "0".into())]);
        assert_eq!(refused("dedup sortby x")[0], ("E0103", "sortby".into()));
        assert_eq!(
            refused("dedup keepmpty=t a* keepevents=7 sortby"),
            [
                ("E0111", "dedup keepmpty=t a* keepevents=7 sortby".into()),
                ("E0109", "keepmpty".into()),
                ("E0118", "a*".into()),
                ("E0110", "7".into()),
            ]
        );
    }
}
