//! The call of `lookup`: takes its arguments as they are written, gives the columns that are compared and wanted.

use super::{Compiler, null};
use crate::data::{FieldName, Value};
use crate::diagnostic::{Span, code};
use crate::functions::Kind;
use crate::functions::lookup::LookedUp;
use crate::functions::node::Form;
use crate::syntax::{Expr, ExprKind};
use std::sync::{Arc, OnceLock};

const CALLED: &str = "it is called as lookup(\"<table>\", json_object(\"<column>\", <value>, …), json_array(\"<column>\", …))";

impl Compiler<'_> {
    /// The table and its columns are known before any event is read: they are texts in quotes.
    pub(super) fn lookup(&mut self, arguments: &[Expr], name: Span) -> (Form, Kind) {
        let Some(lookups) = self.lookups.clone() else {
            let message = "the function lookup is not supported here".to_owned();
            let help = "it reads tables in the expressions of a search".to_owned();
            self.error(&code::UNSUPPORTED_FUNCTION, name, message, help);
            return null();
        };
        let [table, pairs, wanted] = arguments else {
            return null();
        };
        let table_name = self.text(table, "the name of a table in double quotes");
        let mut keys = Vec::new();
        for pair in self.inside(pairs, "json_object").chunks_exact(2) {
            if let [column, value] = pair {
                let column = self.column(column);
                let value = self.node(value);
                keys.extend(column.map(|column| (column, value)));
            }
        }
        let wanted = self.inside(wanted, "json_array");
        let outputs = wanted.iter().filter_map(|column| self.column(column));
        let looked_up = LookedUp {
            outputs: outputs.collect(),
            lookups,
            table: table_name.unwrap_or_default(),
            keys,
            span: table.span,
            opened: Arc::new(OnceLock::new()),
        };
        (Form::Lookup(Box::new(looked_up)), Kind::Json)
    }

    fn column(&mut self, expr: &Expr) -> Option<FieldName> {
        let text = self.text(expr, "the name of a column in double quotes")?;
        Some(text.as_str().into())
    }

    fn text(&mut self, expr: &Expr, wanted: &str) -> Option<String> {
        match self.node(expr).constant() {
            Some(Value::Text(text)) => Some(text.clone()),
            _ => {
                let message = format!("lookup needs {wanted} here");
                let help = CALLED.to_owned();
                self.error(&code::ARGUMENT_VALUE, expr.span, message, help);
                None
            }
        }
    }

    /// The arguments of the call that has to stand here.
    fn inside<'e>(&mut self, expr: &'e Expr, function: &str) -> &'e [Expr] {
        let least = if function == "json_object" { 2 } else { 1 };
        match &expr.kind {
            ExprKind::Call(name, list)
                if name.node == function && list.len() >= least && list.len() % least == 0 =>
            {
                list
            }
            _ => {
                let message = format!("lookup needs a call of {function} with columns here");
                let help = CALLED.to_owned();
                self.error(&code::ARGUMENT_VALUE, expr.span, message, help);
                &[]
            }
        }
    }
}
