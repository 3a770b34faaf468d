//! A row as an event: takes a batch and a row, gives the line that `collect` writes.

use crate::data::time::{Format, Timestamp};
use crate::data::{Batch, Column, Context, Value};
use serde_json::{Map, Value as Json, json};
use std::fmt::Write as _;

/// How events are written.
#[derive(Debug, Clone)]
pub(super) enum Shape {
    Raw(Raw),
    Hec(Hec),
}

/// A line of text: `_raw` as it is, else `time, field="value", …`.
#[derive(Debug, Clone)]
pub(super) struct Raw {
    /// The format of the time that leads the event, if one does.
    pub time: Option<String>,
    pub info: bool,
    pub marker: Option<String>,
}

/// An object as the HTTP Event Collector takes it.
#[derive(Debug, Clone)]
pub(super) struct Hec {
    pub index: String,
    pub host: Option<String>,
    pub source: Option<String>,
    pub sourcetype: Option<String>,
}

impl Shape {
    pub(super) fn event(&self, batch: &Batch, row: usize, context: &Context) -> String {
        match self {
            Self::Raw(raw) => raw.event(batch, row, context),
            Self::Hec(hec) => hec.event(batch, row),
        }
    }
}

/// The rows as they would come back from the index.
pub(super) fn as_indexed(mut batch: Batch, events: Vec<String>, index: &str) -> Batch {
    let rows = batch.rows();
    let text = |text: &str| Column::constant(&Value::from(text), rows);
    batch.set(
        "_raw",
        Column::from_values(events.into_iter().map(Value::Text)),
    );
    batch.set("index", text(index));
    batch.set("sourcetype", text("stash"));
    batch
}

impl Raw {
    fn event(&self, batch: &Batch, row: usize, context: &Context) -> String {
        let raw = batch.get("_raw").and_then(|column| column.text(row));
        let mut text = match raw {
            Some(raw) => raw.into_owned(),
            None => self.pairs(batch, row, context),
        };
        if let Some(marker) = &self.marker {
            if !text.is_empty() {
                text.push_str(", ");
            }
            text.push_str(marker);
        }
        text
    }

    fn pairs(&self, batch: &Batch, row: usize, context: &Context) -> String {
        let mut text = String::new();
        let number = |name: &str| batch.get(name).and_then(|column| column.number(row));
        if let Some(format) = &self.time {
            let known = number("info_min_time").or(number("_time"));
            let time = known.and_then(Timestamp::from_seconds);
            let format = Format::parse(format);
            format.write_into(&mut text, time.unwrap_or(context.now), context.zone);
        }
        if self.info {
            for (name, value) in super::super::addinfo::facts(context) {
                if name != "info_sid" && number(name).is_none() {
                    pair(&mut text, name, &value);
                }
            }
        }
        for (name, column) in batch.fields() {
            if !name.starts_with('_') {
                column
                    .values(row)
                    .for_each(|value| pair(&mut text, name, &value));
            }
        }
        text
    }
}

/// Adds `, name="value"`.
fn pair(text: &mut String, name: &str, value: &str) {
    if !text.is_empty() {
        text.push_str(", ");
    }
    let value = value.replace('\\', "\\\\").replace('"', "\\\"");
    let _ = write!(text, "{name}=\"{value}\"");
}

impl Hec {
    /// With `_raw` that is the event and the row's fields are fields; without, the row is the event.
    fn event(&self, batch: &Batch, row: usize) -> String {
        let mut object = Map::new();
        if let Some(time) = batch.get("_time").and_then(|column| column.number(row)) {
            let time = Column::constant(&Value::Number(time), 1);
            object.insert("time".to_owned(), cell(&time, 0));
        }
        let own = |name: &str| Some(batch.get(name)?.text(row)?.into_owned());
        let metadata = [
            ("host", self.host.clone()),
            ("source", self.source.clone()),
            ("sourcetype", self.sourcetype.clone()),
        ];
        for (name, given) in metadata {
            if let Some(text) = given.or_else(|| own(name)) {
                object.insert(name.to_owned(), Json::String(text));
            }
        }
        object.insert("index".to_owned(), json!(self.index));
        let named = ["host", "source", "sourcetype", "index", "splunk_server"];
        let fields = batch.fields().filter(|(name, column)| {
            !name.starts_with('_') && !named.contains(&&***name) && !column.is_null(row)
        });
        let fields: Map<String, Json> = fields
            .map(|(name, column)| (name.to_string(), cell(column, row)))
            .collect();
        match own("_raw") {
            Some(raw) => {
                object.insert("event".to_owned(), Json::String(raw));
                object.insert("fields".to_owned(), Json::Object(fields));
            }
            None => {
                object.insert("event".to_owned(), Json::Object(fields));
            }
        }
        Json::Object(object).to_string()
    }
}

fn cell(column: &Column, row: usize) -> Json {
    match column.value(row) {
        Value::Null => Json::Null,
        Value::Bool(truth) => Json::Bool(truth),
        Value::Number(number) => {
            serde_json::from_str(&crate::data::format_number(number)).unwrap_or(json!(number))
        }
        Value::Text(text) => Json::String(text),
        Value::Multi(texts) => texts.into_iter().map(Json::String).collect(),
    }
}
