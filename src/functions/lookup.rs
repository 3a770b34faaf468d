//! `lookup`: takes the values of a table's columns, gives the other columns of the rows that fit as JSON objects.

use super::json::of_texts;
use super::node::Node;
use super::operand::{Operand, text_column};
use super::program::run;
use crate::data::{Batch, Column, Context, FieldName};
use crate::diagnostic::{Diagnostic, Span};
use serde_json::Map;
use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

/// Gives the events of a batch the columns of the table's rows that fit them.
pub type Finder = Arc<dyn Fn(Batch) -> Batch + Send + Sync>;

/// A column of a table, and the field beside it.
#[derive(Debug, Clone)]
pub struct ColumnPair {
    /// The column.
    pub column: FieldName,
    /// The field.
    pub field: FieldName,
}

/// Where the tables of `lookup` are. Who compiles expressions gives it.
pub trait Lookups: Send + Sync + std::fmt::Debug {
    /// Opens a table: the columns to find rows by, and those to be given.
    fn open(
        &self,
        table: &str,
        keys: Vec<ColumnPair>,
        outputs: Vec<ColumnPair>,
        context: &Context,
    ) -> Result<Finder, Diagnostic>;
}

/// A call of `lookup`.
#[derive(Clone)]
pub struct LookedUp {
    /// Where the table is.
    pub lookups: Arc<dyn Lookups>,
    /// The name of the table.
    pub table: String,
    /// Its columns that are compared, each with the value.
    pub keys: Vec<(FieldName, Node)>,
    /// The columns that are wanted.
    pub outputs: Vec<FieldName>,
    /// Where the name of the table stands.
    pub span: Span,
    /// The table, read when the first event comes: a query is compiled without its tables.
    pub opened: Arc<OnceLock<Result<Finder, Diagnostic>>>,
}

impl LookedUp {
    /// An object for each event; null where no row fits.
    pub fn run(&self, batch: &Batch, context: &Context) -> Result<Operand, Diagnostic> {
        let rows = batch.rows();
        let mut asked = Batch::new(rows);
        for (at, (_, value)) in self.keys.iter().enumerate() {
            asked.set(key(at), run(value, batch, context)?.into_column(rows));
        }
        // A row of a table may hold from a time on.
        asked.set("_time", batch.column("_time"));
        let opened = self.opened.get_or_init(|| self.open(context));
        let found = opened.as_ref().map_err(Clone::clone)?(asked);
        let columns: Vec<Column> = (0..self.outputs.len())
            .map(|at| found.column(&output(at)))
            .collect();
        Ok(text_column((0..rows).map(|row| {
            let mut object = Map::new();
            for (name, column) in self.outputs.iter().zip(&columns) {
                if !column.is_null(row) {
                    object.insert(name.to_string(), of_texts(column.values(row)));
                }
            }
            let text = || serde_json::Value::Object(object).to_string();
            columns
                .iter()
                .any(|column| !column.is_null(row))
                .then(|| Cow::Owned(text()))
        })))
    }

    fn open(&self, context: &Context) -> Result<Finder, Diagnostic> {
        let pairs = |names: Vec<&FieldName>, field: fn(usize) -> FieldName| {
            let pair = |(at, column): (usize, &FieldName)| ColumnPair {
                column: column.clone(),
                field: field(at),
            };
            names.into_iter().enumerate().map(pair).collect()
        };
        let keys = pairs(self.keys.iter().map(|(name, _)| name).collect(), key);
        let outputs = pairs(self.outputs.iter().collect(), output);
        let opened = self.lookups.open(&self.table, keys, outputs, context);
        opened.map_err(|error| error.or_span(self.span))
    }
}

/// A column may be compared and wanted at once: the fields have names of their own.
fn key(at: usize) -> FieldName {
    format!("key {at}").as_str().into()
}

fn output(at: usize) -> FieldName {
    format!("output {at}").as_str().into()
}
