//! `outputcsv`: writes the rows to a CSV file, and passes them on.

use super::arguments::Arguments;
use super::written::{APPEND, EMPTY, FORMAT, MAX, OVERRIDE, only, read};
use super::{BuildContext, Command, Example, Kind, OptionDoc, Ordering, ParseContext, Stage};
use crate::data::{Batch, Column, Demand, Value};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::operators::{Operator, gathered};
use crate::syntax::StageText;

/// The command.
pub struct Outputcsv;

const OPTIONS: &[OptionDoc] = &[
    APPEND,
    OptionDoc::new("create_empty", "true|false", "false", EMPTY),
    OVERRIDE,
    OptionDoc::new(
        "dispatch",
        "false",
        "false",
        "true is refused: there are no jobs",
    ),
    OptionDoc::new(
        "usexml",
        "true|false",
        "false",
        "Without a file, whether the text in _xml is escaped as XML; with one true is refused",
    ),
    OptionDoc::new(
        "singlefile",
        "true",
        "true",
        "false is refused: one file is written",
    ),
    MAX,
    FORMAT,
];

impl Command for Outputcsv {
    fn name(&self) -> &'static str {
        "outputcsv"
    }
    fn summary(&self) -> &'static str {
        "Writes the rows to a CSV file below the folder named by --lookups, and passes them on; without a file it puts each row as CSV into _xml"
    }
    fn usage(&self) -> &'static str {
        "outputcsv [append=<bool>] [create_empty=<bool>] [override_if_empty=<bool>] [dispatch=false] [usexml=<bool>] [singlefile=true] [max=<N>] [output_format=splunk_sv_csv|splunk_mv_csv] [<file>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        OPTIONS
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | table user | outputcsv users_seen",
                input: "{\"user\":\"bob\"}",
                output: "{\"user\":\"bob\"}",
            },
            Example {
                query: "user=nobody | outputcsv create_empty=false users_seen | stats count",
                input: "{\"user\":\"bob\"}",
                output: "{\"count\":0}",
            },
        ]
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let reason = "there are no jobs whose folder could be written to";
        only(&mut arguments, "dispatch", false, reason);
        only(
            &mut arguments,
            "singlefile",
            true,
            "one file is written in any case",
        );
        if arguments.peek().is_none() {
            let escapes = arguments.flag("usexml", false);
            return arguments.finish(|| Box::new(Rewritten { escapes }) as Box<dyn Stage>);
        }
        only(&mut arguments, "usexml", false, "only CSV is written");
        read(arguments, cx, ".csv", false)
    }
}

/// `outputcsv` without a file: each row as a record in its field `_xml`.
#[derive(Debug)]
struct Rewritten {
    escapes: bool,
}

impl Stage for Rewritten {
    fn kind(&self) -> Kind {
        Kind::Mergeable
    }
    fn ordering(&self) -> Ordering {
        // Records have the fields of all rows.
        Ordering::SeesAndMakes
    }
    fn demand(&self, _: &Demand) -> Demand {
        Demand::all()
    }
    fn creates(&self) -> Vec<String> {
        vec!["_xml".to_owned()]
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let escapes = self.escapes;
        Ok(gathered(move |batches| {
            let mut rows = Batch::concat(&batches);
            let mut plain = rows.clone();
            super::written::join_values(&mut plain);
            let mut records = Vec::with_capacity(rows.rows());
            for row in 0..rows.rows() {
                let record = record(&plain, row)?;
                records.push(Value::Text(match escapes {
                    true => super::outputtext::escaped(&record),
                    false => record,
                }));
            }
            rows.set("_xml", Column::from_values(records));
            Ok(vec![rows])
        }))
    }
}

/// A row as a record of CSV, without its line end.
fn record(batch: &Batch, row: usize) -> Result<String, Diagnostic> {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    let fields = batch
        .fields()
        .map(|(_, column)| column.text(row).unwrap_or_default().into_owned());
    let written = writer
        .write_record(fields)
        .map_err(|error| error.to_string());
    let bytes = written.and_then(|()| writer.into_inner().map_err(|error| error.to_string()));
    let text = bytes.map(|bytes| {
        String::from_utf8_lossy(&bytes)
            .trim_end_matches('\n')
            .to_owned()
    });
    text.map_err(|why| Diagnostic::new(&code::RUNTIME, format!("a row can't be CSV: {why}")))
}
