//! `xpath`: takes XML texts, gives what an XPath expression selects in them.

use super::arguments::Arguments;
use super::{BuildContext, Command, Example, OptionDoc, ParseContext, Stage};
use crate::data::{Batch, Column, Demand, FieldName, Value};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::functions::xml::XPath;
use crate::operators::{Operator, try_streaming};
use crate::syntax::StageText;
use std::sync::Arc;

const OPTIONS: &[OptionDoc] = &[
    OptionDoc::new(
        "outfield",
        "<field>",
        "xpath",
        "The field that the values go to",
    ),
    OptionDoc::new(
        "field",
        "<field>",
        "_raw",
        "The field that holds the XML; a text with a prologue (<?xml …?> or a DOCTYPE) selects nothing, as in Splunk: spath reads those",
    ),
    OptionDoc::new(
        "default",
        "<text>",
        "",
        "The value where nothing is selected",
    ),
];

/// The command.
pub struct Xpath;

impl Command for Xpath {
    fn name(&self) -> &'static str {
        "xpath"
    }
    fn summary(&self) -> &'static str {
        "Sets a field to what an XPath 1.0 expression selects in an XML text"
    }
    fn usage(&self) -> &'static str {
        "xpath [outfield=<field>] \"<expression>\" [field=<field>] [default=<text>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        OPTIONS
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | xpath outfield=name \"//bar/@nickname\" | table name",
                input: "{\"_raw\":\"<foo><bar nickname='spock'/><bar nickname='bones'/></foo>\"}",
                output: "{\"name\":[\"spock\",\"bones\"]}",
            },
            Example {
                query: "* | xpath field=x outfield=s \"//set[name='BARC']/code\" default=none | table s",
                input: "{\"x\":\"<set><name>BARC</name><code>SEL</code></set>\"}\n{\"x\":\"<set><name>GS</name></set>\"}",
                output: "{\"s\":\"SEL\"}\n{\"s\":\"none\"}",
            },
        ]
    }
    fn parse(&self, text: &StageText, _: &ParseContext<'_>) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let field = arguments.text("field").unwrap_or_else(|| "_raw".to_owned());
        let output = arguments.text("outfield");
        let default = arguments.text("default");
        let expression = arguments.only("an XPath expression in quotes");
        let path = expression.and_then(|word| {
            let read = XPath::new(&word.text).map_err(|why| {
                let message = format!("this is no XPath 1.0 expression: {why}");
                Diagnostic::at(&code::SYNTAX, word.span, message)
                    .help("for example \"//item/@id\" or \"/set/item[@id='1']\"")
            });
            arguments.keep(Some(read))
        });
        let selected = path.map(|path| Selected {
            field: field.into(),
            output: output.unwrap_or_else(|| "xpath".to_owned()).into(),
            default,
            path: Arc::new(path),
        });
        match selected {
            Some(selected) => arguments.finish(|| Box::new(selected) as Box<dyn Stage>),
            None => arguments.finish(|| ()).and_then(|()| Err(Vec::new())),
        }
    }
}

/// `xpath` with its arguments.
#[derive(Debug, Clone)]
struct Selected {
    field: FieldName,
    output: FieldName,
    default: Option<String>,
    path: Arc<XPath>,
}

impl Selected {
    fn apply(&self, mut batch: Batch) -> Result<Batch, Diagnostic> {
        let texts = batch.column(&self.field);
        let mut column = Vec::with_capacity(batch.rows());
        for row in 0..batch.rows() {
            let mut found = Vec::new();
            for text in texts.values(row).filter(|text| !has_prologue(text)) {
                let values = self.path.values(&text);
                found.extend(values.map_err(|why| {
                    Diagnostic::new(&code::RUNTIME, format!("xpath stopped: {why}"))
                })?);
            }
            column.push(match &self.default {
                Some(default) if found.is_empty() => Value::text(default.as_str()),
                _ => Value::multi(found),
            });
        }
        batch.set(self.output.clone(), Column::from_values(column));
        Ok(batch)
    }
}

/// Splunk's xpath gives nothing for such texts.
fn has_prologue(text: &str) -> bool {
    let text = text.trim_start();
    let begins = |word: &str| {
        let start = text.get(..word.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(word))
    };
    begins("<?xml ") || begins("<!DOCTYPE")
}

impl Stage for Selected {
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        demand.remove(&self.output);
        demand.add_exact(&self.field);
        demand
    }
    fn creates(&self) -> Vec<String> {
        vec![self.output.to_string()]
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let selected = self.clone();
        Ok(try_streaming(move |batch| selected.apply(batch)))
    }
}

#[cfg(test)]
mod tests {
    use crate::commands::testing::{check, demand, refused};

    #[test]
    fn what_is_no_expression_is_refused_where_it_stands() {
        assert_eq!(refused("xpath \"//a[\""), [("E0103", "\"//a[\"".into())]);
        assert_eq!(refused("xpath")[0].0, "E0111");
        assert_eq!(demand("xpath outfield=x \"//a\"", &["x"]), "_raw");
    }

    #[test]
    fn prologues_and_texts_that_are_no_xml_select_nothing() {
        check(
            "xpath \"//a\" field=x default=none | fields xpath",
            "{\"x\":\"<?xml version='1.0'?><a>1</a>\"}\n{\"x\":\"<a>1\"}\n{}\n{\"x\":\"<a>1</a>\"}",
            "{\"xpath\":\"none\"}\n{\"xpath\":\"none\"}\n{\"xpath\":\"none\"}\n{\"xpath\":1}",
        );
    }
}
