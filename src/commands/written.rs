//! Rows written to a file and passed on: what `outputlookup` and `outputcsv` share.

use super::arguments::Arguments;
use super::{BuildContext, Kind, OptionDoc, Ordering, ParseContext, Stage, Tables};
use crate::data::{Batch, Batches, Column, Context, Demand, FieldName, Value};
use crate::diagnostic::{Diagnostic, Diagnostics, Span, code};
use crate::operators::{Flow, Operator, Serial};
use std::path::PathBuf;
use std::sync::Arc;

/// Adds to the file.
pub(super) const APPEND: OptionDoc = OptionDoc::new(
    "append",
    "true|false",
    "false",
    "Adds the rows to the file's own, in the file's columns",
);
/// What no rows make of the file.
pub(super) const OVERRIDE: OptionDoc = OptionDoc::new(
    "override_if_empty",
    "true|false",
    "true",
    "With false a file that is there stays when there are no rows",
);
/// A limit.
pub(super) const MAX: OptionDoc =
    OptionDoc::new("max", "<N>", "1000000000", "Rows that are written at most");
/// How multivalues are written.
pub(super) const FORMAT: OptionDoc = OptionDoc::new(
    "output_format",
    "splunk_sv_csv|splunk_mv_csv",
    "splunk_sv_csv",
    "With splunk_mv_csv a second column keeps the values of multivalues apart; else they are one, parted by blanks",
);
/// What is made of no rows.
pub(super) const EMPTY: &str =
    "Without rows an empty file is written; with false the file is taken away";

/// Refuses an option's value other than the one that says what is done here.
pub(super) fn only(arguments: &mut Arguments, name: &'static str, done: bool, reason: &str) {
    if arguments.flag(name, done) != done
        && let Some(value) = super::calls::value(arguments, name)
    {
        let message = format!("{name}={} is not done here: {reason}", value.text);
        arguments.error(Diagnostic::at(
            &code::UNSUPPORTED_OPTION,
            value.span,
            message,
        ));
    }
}

/// The stage of arguments; `ending` is added to a file's name that has none.
pub(super) fn read(
    mut arguments: Arguments,
    cx: &ParseContext<'_>,
    ending: &str,
    creates_empty: bool,
) -> Result<Box<dyn Stage>, Diagnostics> {
    let append = arguments.flag("append", false);
    let create_empty = arguments.flag("create_empty", creates_empty);
    let override_if_empty = arguments.flag("override_if_empty", true);
    let most = arguments.count("max").unwrap_or(1_000_000_000);
    let format = arguments.choice("output_format", &["splunk_sv_csv", "splunk_mv_csv"]);
    let table = arguments.only("the name of a file");
    let tables = cx.tables.clone();
    arguments.finish(|| {
        let (mut name, span) = table.map_or_else(Default::default, |w| (w.text, w.span));
        if !ending.is_empty() && !name.contains('.') {
            name.push_str(ending);
        }
        Box::new(Written {
            tables,
            name,
            span,
            append,
            create_empty,
            override_if_empty,
            most,
            multivalues: format == Some("splunk_mv_csv"),
        }) as Box<dyn Stage>
    })
}

/// The command with its arguments.
#[derive(Debug, Clone)]
struct Written {
    tables: Arc<dyn Tables>,
    name: String,
    span: Span,
    append: bool,
    create_empty: bool,
    override_if_empty: bool,
    most: usize,
    multivalues: bool,
}

impl Stage for Written {
    fn kind(&self) -> Kind {
        Kind::Serial
    }
    fn ordering(&self) -> Ordering {
        Ordering::Sees
    }
    fn demand(&self, _: &Demand) -> Demand {
        Demand::all()
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let target = self
            .tables
            .target(&self.name)
            .map_err(|e| e.or_span(self.span))?;
        Ok(Operator::Serial(Box::new(Writing {
            stage: self.clone(),
            exists: target.exists(),
            target,
            held: Batches::default(),
            context: cx.context.clone(),
        })))
    }
}

struct Writing {
    stage: Written,
    target: PathBuf,
    /// Whether the file is there already.
    exists: bool,
    held: Batches,
    context: Context,
}

impl Serial for Writing {
    fn push(&mut self, batch: Batch, out: &mut Vec<Batch>) -> Result<Flow, Diagnostic> {
        self.held.push(batch.clone());
        out.push(batch);
        Ok(Flow::More)
    }

    fn needs_all(&self) -> bool {
        true
    }

    fn size(&self) -> usize {
        self.held.size()
    }

    fn finish(&mut self, _: &mut Vec<Batch>) -> Result<(), Diagnostic> {
        if self.context.cancel.is_cancelled() {
            return Ok(());
        }
        let stage = &self.stage;
        let mut rows = Batch::concat(&self.held.take());
        rows = rows.slice(0, stage.most.min(rows.rows()));
        let count = rows.rows();
        let empty = count == 0;
        let file = self.target.display();
        if empty && self.exists && (stage.append || !stage.override_if_empty) {
            self.say(format!("{file} is left as it is: there are no rows"));
            return Ok(());
        }
        if empty && !stage.create_empty {
            stage.tables.write(&self.target, None)?;
            self.say(format!("{file} is not there: there are no rows"));
            return Ok(());
        }
        if !stage.multivalues {
            join_values(&mut rows);
        }
        if stage.append && self.exists {
            rows = self.appended(rows)?;
        }
        if stage.multivalues {
            rows = with_values(rows);
        }
        stage.tables.write(&self.target, Some(&rows))?;
        let what = if count == 1 { "row" } else { "rows" };
        self.say(format!("{count} {what} written to {file}"));
        Ok(())
    }
}

impl Writing {
    fn say(&self, text: String) {
        self.context.notices.push("written", text, false);
    }

    /// The file's rows and the new ones after them, in the file's columns.
    fn appended(&self, rows: Batch) -> Result<Batch, Diagnostic> {
        let old = self.stage.tables.read(&self.stage.name)?.rows;
        if old.names().len() == 0 {
            return Ok(rows);
        }
        let lost: Vec<&str> = rows
            .names()
            .filter(|n| old.get(n).is_none())
            .map(|n| &**n)
            .collect();
        if !lost.is_empty() {
            let fields = lost.join(", ");
            let text = format!(
                "{} has no columns for {fields}: they are not written",
                self.target.display()
            );
            self.context.notices.push("written", text, false);
        }
        let mut rows = rows;
        rows.retain(|name| old.get(name).is_some());
        Ok(Batch::concat(&[old, rows]))
    }
}

/// Makes one value of each multivalue, parted by blanks unless `mvcombine` has set something else.
pub(super) fn join_values(rows: &mut Batch) {
    let multi = |name: &&FieldName| matches!(rows.get(name), Some(Column::Multi(_)));
    let names: Vec<FieldName> = rows.names().filter(multi).cloned().collect();
    for name in names {
        let joined = super::nomv::join(&rows.column(&name), rows.join(&name).unwrap_or(" "));
        rows.set(name, joined);
    }
}

/// The rows with a column `__mv_NAME` beside each field that has multivalues: `$a$;$b$`, dollars doubled.
fn with_values(rows: Batch) -> Batch {
    let mut out = rows.clone();
    let names: Vec<FieldName> = rows.names().cloned().collect();
    for name in names {
        let column = rows.column(&name);
        let encoded = |row: usize| {
            if column.count(row) < 2 {
                return Value::Null;
            }
            Value::Text(Value::marked(column.values(row)))
        };
        let column = Column::from_values((0..rows.rows()).map(encoded));
        if !column.is_all_null() {
            out.set(format!("__mv_{name}"), column);
        }
    }
    out
}
