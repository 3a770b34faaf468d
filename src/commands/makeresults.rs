//! `makeresults`: gives rows out of nothing: a number of them, or those of inline CSV or JSON.

use super::arguments::Arguments;
use super::made;
use super::{
    BuildContext, Command, Example, Kind, OptionDoc, Ordering, ParseContext, Place, Stage,
};
use crate::data::{Batch, Column, Demand, Value};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::operators::Operator;
use crate::syntax::{Literal, Spanned, StageText};

/// The command.
pub struct Makeresults;

impl Command for Makeresults {
    fn name(&self) -> &'static str {
        "makeresults"
    }
    fn summary(&self) -> &'static str {
        "Makes rows, with the present as _time"
    }
    fn usage(&self) -> &'static str {
        "makeresults [<N>|count=<N>] [annotate=<bool>] [splunk_server=local] [format=csv|json data=\"<text>\"]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[
            OptionDoc {
                name: "count",
                value: "<N>",
                default: "1",
                summary: "How many rows to make",
            },
            OptionDoc {
                name: "annotate",
                value: "true|false",
                default: "false",
                summary: "Adds _raw, host, source, sourcetype and splunk_server_group, all empty, and splunk_server; not to rows of data=",
            },
            OptionDoc {
                name: "splunk_server",
                value: "local",
                default: "local",
                summary: "Where rows are made; only here is possible",
            },
            OptionDoc {
                name: "format",
                value: "csv|json",
                default: "",
                summary: "How data= is written",
            },
            OptionDoc {
                name: "data",
                value: "\"<text>\"",
                default: "",
                summary: "The rows: CSV with a header line, or a JSON array of objects; 29999 characters at most",
            },
        ]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "| makeresults count=2 | strcat \"x\" name | table name",
                input: "",
                output: "{\"name\":\"x\"}\n{\"name\":\"x\"}",
            },
            Example {
                query: "| makeresults format=json data=\"[{\\\"name\\\":\\\"Alice\\\",\\\"age\\\":30},{\\\"name\\\":\\\"Bob\\\"}]\" | table name age",
                input: "",
                output: "{\"name\":\"Alice\",\"age\":30}\n{\"name\":\"Bob\"}",
            },
        ]
    }
    fn place(&self) -> Place {
        Place::First
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read_refusing(
            self,
            text,
            &[("splunk_server_group", "there are no servers")],
        );
        let leading = arguments.number().map(|(number, _)| number);
        let count = arguments.count("count").or(leading);
        let annotate = arguments.flag("annotate", false);
        arguments.choice("splunk_server", &["local"]);
        let format = arguments.choice("format", &["csv", "json"]);
        let data = arguments.option("data").map(|option| option.value.clone());
        let rows = match (format, data) {
            (Some(format), Some(data)) => match inline(format, &data) {
                Ok(batch) => Some(batch),
                Err(diagnostic) => {
                    arguments.error(diagnostic);
                    None
                }
            },
            (None, Some(_)) => {
                arguments.missing("format=csv or format=json for its data=");
                None
            }
            (Some(_), None) => {
                arguments.missing("data= for its format=");
                None
            }
            (None, None) => None,
        };
        arguments.finish(|| {
            // Inline data says itself what its rows are.
            let inline = rows.is_some();
            let count = rows.as_ref().map_or(count.unwrap_or(1), Batch::rows);
            let rows = rows.unwrap_or_else(|| Batch::new(1));
            Box::new(Made {
                rows,
                count,
                annotate: annotate && !inline,
            }) as Box<dyn Stage>
        })
    }
}

/// Characters of inline data at most.
const MOST_INLINE: usize = 29_999;

/// The rows of inline data.
fn inline(format: &str, data: &Spanned<Literal>) -> Result<Batch, Diagnostic> {
    let length = data.node.text.chars().count();
    if length > MOST_INLINE {
        let message = format!("makeresults data= has {length} characters");
        let error = Diagnostic::at(&code::OPTION_VALUE, data.span, message);
        return Err(error.help(format!("inline data has {MOST_INLINE} characters at most")));
    }
    let rows = if format == "csv" {
        csv_rows(&data.node.text)
    } else {
        json_rows(&data.node.text)
    };
    let rows = rows.map_err(|reason| {
        let message = format!("makeresults data= can't be read as {format}: {reason}");
        Diagnostic::at(&code::OPTION_VALUE, data.span, message)
    })?;
    Ok(Batch::from_rows(rows))
}

type Row = Vec<(String, Value)>;

fn csv_rows(text: &str) -> Result<Vec<Row>, String> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.trim().as_bytes());
    let header = reader.headers().map_err(|e| e.to_string())?.clone();
    let row = |record: Result<csv::StringRecord, csv::Error>| -> Result<Row, String> {
        let record = record.map_err(|e| e.to_string())?;
        let cells = header.iter().zip(record.iter());
        Ok(cells
            .filter(|(_, cell)| !cell.is_empty())
            .map(|(name, cell)| (name.to_owned(), Value::from(cell)))
            .collect())
    };
    reader.records().map(row).collect()
}

fn json_rows(text: &str) -> Result<Vec<Row>, String> {
    use serde_json::Value as Json;
    let objects = match serde_json::from_str(text).map_err(|e| e.to_string())? {
        Json::Array(objects) => objects,
        object => vec![object],
    };
    let scalar = |value: &Json| match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    let value = |value: &Json| match value {
        Json::Null => Value::Null,
        Json::Array(list) => Value::multi(list.iter().map(scalar).collect()),
        other => Value::Text(scalar(other)),
    };
    let row = |object: Json| match object {
        Json::Object(map) => {
            let raw = serde_json::to_string(&map).map_err(|e| e.to_string())?;
            let fields = map.iter().map(|(name, v)| (name.clone(), value(v)));
            Ok([("_raw".to_owned(), Value::Text(raw))]
                .into_iter()
                .chain(fields)
                .collect())
        }
        other => Err(format!("`{other}` is no object")),
    };
    objects.into_iter().map(row).collect()
}

/// `makeresults` with its arguments.
#[derive(Debug)]
struct Made {
    /// The rows, or one that stands for all.
    rows: Batch,
    count: usize,
    annotate: bool,
}

impl Stage for Made {
    fn kind(&self) -> Kind {
        Kind::Serial
    }
    fn ordering(&self) -> Ordering {
        Ordering::Makes
    }
    fn demand(&self, _: &Demand) -> Demand {
        Demand::none()
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let mut rows = self.rows.clone();
        let count = rows.rows();
        if rows.get("_time").is_none() {
            let now = Value::Number(cx.context.now.seconds().floor());
            rows.set("_time", Column::constant(&now, count));
        }
        if self.annotate {
            for name in [
                "_raw",
                "host",
                "source",
                "sourcetype",
                "splunk_server_group",
            ] {
                rows.set(name, Column::Null(count));
            }
            let here = Column::constant(&Value::from("local"), count);
            rows.set("splunk_server", here);
        }
        rows.retain(|name| cx.wanted.wants(name));
        Ok(made::rows(rows, self.count, cx))
    }
    fn generates(&self) -> bool {
        true
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::commands::testing::{check, refused, rows};

    #[test]
    fn rows_have_the_present_as_time() {
        let found = rows("| makeresults 2", "").unwrap();
        assert_eq!(found.len(), 2);
        assert!(found[0].starts_with("{\"_time\":\"1"), "{}", found[0]);
    }

    #[test]
    fn csv_has_a_header() {
        check(
            "| makeresults format=csv data=\"zip, city\n1234,\\\"a, b\\\"\n,c\" | table zip city",
            "",
            "{\"zip\":1234,\"city\":\"a, b\"}\n{\"city\":\"c\"}",
        );
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        assert_eq!(refused("makeresults count=abc"), [("E0110", "abc".into())]);
        assert_eq!(
            refused("makeresults format=json data=x"),
            [("E0110", "x".into())]
        );
        assert_eq!(refused("makeresults format=csv")[0].0, "E0111");
        let long = format!("makeresults format=csv data=\"a {}\"", "x".repeat(30_000));
        assert_eq!(refused(&long)[0].0, "E0110");
        assert_eq!(
            refused("makeresults splunk_server_group=a splunk_server=b"),
            [
                ("E0116", "splunk_server_group=a".into()),
                ("E0110", "b".into())
            ]
        );
    }
}
