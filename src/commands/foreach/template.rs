//! The template of `foreach`: takes its text and what stands for what, gives the stages for a field or a value.

use crate::commands::eval::Eval;
use crate::commands::{self, BuildContext, Command, Origin, ParseContext, Searches, Stage, Tables};
use crate::data::{Batch, Context, Demand, Pattern};
use crate::diagnostic::{Diagnostic, Diagnostics, Span, code};
use crate::operators::{Operator, Streaming};
use crate::syntax::parse_subsearch;
use serde_json::Value as Json;
use std::collections::HashMap;
use std::sync::Arc;

/// Stands for any part of a field's name.
const ANY: &str = "any_part_of_a_name";

/// The texts that stand for something.
#[derive(Debug)]
pub(super) struct Names {
    pub(super) field: String,
    pub(super) matched: String,
    pub(super) segments: [String; 3],
    pub(super) item: String,
    pub(super) iteration: String,
}

/// A template with its place in the query.
#[derive(Debug)]
pub(super) struct Template {
    pub(super) text: String,
    pub(super) span: Span,
    pub(super) names: Names,
    pub(super) context: Context,
    pub(super) tables: Arc<dyn Tables>,
    pub(super) searches: Arc<dyn Searches>,
}

/// Stages ready to run on a batch.
pub(super) struct Stages(Vec<Arc<dyn Streaming>>);

impl Stages {
    pub(super) fn apply(&self, batch: Batch) -> Result<Batch, Diagnostic> {
        self.0
            .iter()
            .try_fold(batch, |batch, stage| stage.apply(batch))
    }
}

impl Template {
    /// What is wrong with the template, tried with a field for each pattern.
    pub(super) fn checked_fields(&self, patterns: &[Pattern]) -> Result<(), Diagnostics> {
        match patterns.first() {
            None => Ok(()),
            Some(pattern) => {
                let field = pattern.as_str().replace('*', "x");
                let captures: Vec<String> = pattern
                    .captures(&field)
                    .unwrap_or_default()
                    .iter()
                    .map(|c| (*c).to_owned())
                    .collect();
                self.compile(&self.with_field(&field, &captures)).map(drop)
            }
        }
    }

    /// The same, tried with a value; values go through one eval.
    pub(super) fn checked_item(&self, mode: &str) -> Result<(), Diagnostics> {
        let text = self.with_item("1", 0);
        self.compile(&text)?;
        let (pipeline, _) = parse_subsearch(&text, 0);
        let stages = pipeline.map(|pipeline| pipeline.stages).unwrap_or_default();
        match stages.as_slice() {
            [one] if one.name.node.eq_ignore_ascii_case(Eval.name()) => Ok(()),
            _ => {
                let message = format!("a template of foreach mode={mode} is one eval");
                let error = Diagnostic::at(&code::SYNTAX, self.span, message);
                Err(vec![error.help(
                    "one eval may set several fields, with commas between them; templates of more stages go through \
                     fields, mode=multifield",
                )])
            }
        }
    }

    /// Patterns of the names of fields that functions in the template make.
    pub(super) fn made(&self, patterns: &[Pattern], mode: &str) -> Vec<Pattern> {
        let with = |pattern: &Pattern| {
            let field = pattern.as_str().replace('*', ANY);
            let captures = pattern.as_str().matches('*').map(|_| ANY.to_owned());
            self.with_field(&field, &captures.collect::<Vec<_>>())
        };
        let texts = match mode {
            "multifield" => patterns.iter().map(with).collect(),
            _ => vec![self.with_item(ANY, usize::MAX)],
        };
        // A template that can't be read with these texts was, or is, told where it is run.
        let read = texts
            .iter()
            .filter_map(|text| self.read(text, |_, stage| Ok(stage)).ok());
        let by_functions = |stage: &dyn Stage| {
            let mut names = stage.creates();
            names.retain(|name| stage.origin(name, &|_| Origin::Input) == Origin::Functions);
            names
        };
        let names = read
            .flatten()
            .flat_map(|stage| by_functions(stage.as_ref()));
        let number = usize::MAX.to_string();
        let pattern = |name: String| Pattern::new(name.replace(ANY, "*").replace(&number, "*"));
        names.map(pattern).collect()
    }

    /// The stages for a field.
    pub(super) fn for_field(&self, field: &str, captures: &[String]) -> Result<Stages, Diagnostic> {
        self.compile(&self.with_field(field, captures))
            .map_err(|errors| self.failed(&format!("field `{field}`"), errors))
    }

    fn with_field(&self, field: &str, captures: &[String]) -> String {
        let mut pairs = vec![(self.names.field.as_str(), field.to_owned())];
        pairs.push((&self.names.matched, captures.concat()));
        for (at, name) in self.names.segments.iter().enumerate() {
            pairs.push((name, captures.get(at).cloned().unwrap_or_default()));
        }
        replaced(&self.text, &pairs)
    }

    fn with_item(&self, item: &str, iteration: usize) -> String {
        let (mut out, mut rest) = (String::with_capacity(self.text.len()), self.text.as_str());
        let mut quote = None;
        let names = [self.names.item.as_str(), self.names.iteration.as_str()];
        let next = |rest: &str| {
            let found = names.iter().filter(|name| !name.is_empty());
            found
                .filter_map(|name| Some((rest.find(name)?, *name)))
                .min_by_key(|(at, name)| (*at, usize::MAX - name.len()))
        };
        while let Some((at, name)) = next(rest) {
            let (before, after) = rest.split_at(at);
            out.push_str(before);
            quote = quote_after(quote, before);
            rest = after.get(name.len()..).unwrap_or_default();
            let text = match name == self.names.item {
                true => written(item, quote, &out, rest),
                false => iteration.to_string(),
            };
            out.push_str(&text);
        }
        out + rest
    }

    /// The rows with the template run for each value of a field, row by row.
    pub(super) fn over_items(
        &self,
        batch: &Batch,
        field: &str,
        mode: &str,
    ) -> Result<Batch, Diagnostic> {
        let column = batch.column(field);
        let mut known: HashMap<String, Stages> = HashMap::new();
        let mut rows = Vec::with_capacity(batch.rows());
        for row in 0..batch.rows() {
            let mut one = batch.slice(row, 1);
            let values: Vec<String> = column.values(row).map(|v| v.into_owned()).collect();
            for (at, item) in items(values, mode).iter().enumerate() {
                let text = self.with_item(item, at);
                if !known.contains_key(&text) {
                    let stages = self.compile(&text);
                    let stages =
                        stages.map_err(|errors| self.failed(&format!("value `{item}`"), errors))?;
                    known.insert(text.clone(), stages);
                }
                if let Some(stages) = known.get(&text) {
                    one = stages.apply(one)?;
                }
            }
            rows.push(one);
        }
        let mut whole = Batch::concat(&rows);
        whole.position = batch.position;
        Ok(whole)
    }

    fn compile(&self, text: &str) -> Result<Stages, Diagnostics> {
        let operators = self.read(text, |name, stage| self.operator(name, stage.as_ref()));
        operators.map(Stages)
    }

    /// What is made of each stage of the text and the name of its command.
    fn read<T>(
        &self,
        text: &str,
        then: impl Fn(&str, Box<dyn Stage>) -> Result<T, Diagnostics>,
    ) -> Result<Vec<T>, Diagnostics> {
        // Places in the text made of the template are no places of the query: errors point at the template.
        let here = |errors: Diagnostics| {
            let mut errors = errors;
            for error in &mut errors {
                error.span = Some(self.span);
            }
            errors
        };
        let (pipeline, errors) = parse_subsearch(text, 0);
        let Some(pipeline) = pipeline.filter(|_| errors.is_empty()) else {
            return Err(here(errors));
        };
        let nested = |_: &crate::syntax::Pipeline| {
            let message = "a template of foreach has no subsearches";
            Err(vec![Diagnostic::at(&code::SYNTAX, self.span, message)])
        };
        let cx = ParseContext {
            context: &self.context,
            leading_pipe: false,
            first: false,
            subplan: &nested,
            tables: &self.tables,
            searches: &self.searches,
        };
        let mut stages = Vec::new();
        let mut wrong = Vec::new();
        for text in &pipeline.stages {
            let stage = self.stage(text, &cx);
            match stage.and_then(|stage| then(&text.name.node, stage)) {
                Ok(stage) => stages.push(stage),
                Err(errors) => wrong.extend(errors),
            }
        }
        if wrong.is_empty() {
            Ok(stages)
        } else {
            Err(here(wrong))
        }
    }

    fn stage(
        &self,
        text: &crate::syntax::StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        let name = &text.name.node;
        let Some(command) = commands::find(name) else {
            let message = format!("there is no command `{name}`");
            return Err(vec![Diagnostic::at(
                &code::UNKNOWN_COMMAND,
                self.span,
                message,
            )]);
        };
        command.parse(text, cx)
    }

    fn operator(&self, name: &str, stage: &dyn Stage) -> Result<Arc<dyn Streaming>, Diagnostics> {
        let wanted = Demand::all();
        let build = BuildContext {
            context: &self.context,
            wanted: &wanted,
            ordered: true,
        };
        match stage.operator(&build).map_err(|e| vec![e])? {
            Operator::Streaming(operator) => Ok(operator),
            _ => {
                let message = format!(
                    "foreach runs stages that take an event by itself, and `{name}` takes all"
                );
                Err(vec![Diagnostic::at(&code::SYNTAX, self.span, message)])
            }
        }
    }

    /// The first of the errors, told of the field or value that it came with.
    fn failed(&self, of: &str, errors: Diagnostics) -> Diagnostic {
        match errors.into_iter().next() {
            Some(mut error) => {
                error.message = format!("foreach over {of}: {}", error.message);
                error.or_span(self.span)
            }
            None => Diagnostic::at(
                &code::RUNTIME,
                self.span,
                format!("foreach over {of} can't run"),
            ),
        }
    }
}

/// The text with each name replaced, all at once: what is put in is not looked through again.
fn replaced(text: &str, pairs: &[(&str, String)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let first = |rest: &str| {
        let found = pairs.iter().filter(|(name, _)| !name.is_empty());
        found
            .filter_map(|(name, value)| Some((rest.find(name)?, name.len(), value)))
            .min_by_key(|(at, length, _)| (*at, usize::MAX - length))
            .map(|(at, length, value)| (at, length, value.clone()))
    };
    while let Some((at, length, value)) = first(rest) {
        out.push_str(&rest[..at]);
        out.push_str(&value);
        rest = &rest[at + length..];
    }
    out + rest
}

/// The quote that is open after a text.
fn quote_after(mut quote: Option<char>, text: &str) -> Option<char> {
    let mut escaped = false;
    for c in text.chars() {
        match (c, quote) {
            _ if escaped => escaped = false,
            ('\\', _) => escaped = true,
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            _ => {}
        }
    }
    quote
}

/// How a value is written into a template: inside quotes, and as part of a name, as it is; elsewhere as a number or a
/// text.
fn written(item: &str, quote: Option<char>, before: &str, after: &str) -> String {
    let escaped = item.replace('\\', "\\\\").replace('"', "\\\"");
    let of_name = |c: char| c.is_alphanumeric() || "_{}".contains(c);
    let (left, right) = (before.trim_end(), after.trim_start());
    let assigned = right.starts_with('=')
        && !right.starts_with("==")
        && (left.ends_with(',') || left.to_ascii_lowercase().ends_with("eval"));
    if quote.is_some() || before.ends_with(of_name) || after.starts_with(of_name) || assigned {
        return escaped;
    }
    // A number beside a period would take the period for its own.
    let joined = left.ends_with('.') || right.starts_with('.');
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (whole, part) = item.split_once('.').unwrap_or((item, "0"));
    let number = digits(whole.strip_prefix('-').unwrap_or(whole)) && digits(part);
    match number && !joined {
        true => format!("({item})"),
        false => format!("\"{escaped}\""),
    }
}

/// Whether a text is a JSON array.
pub(super) fn is_array(text: &str) -> bool {
    matches!(serde_json::from_str(text), Ok(Json::Array(_)))
}

/// The values to go through: those of a multivalue, or the elements of a JSON array.
fn items(values: Vec<String>, mode: &str) -> Vec<String> {
    let array = |text: &str| match serde_json::from_str(text) {
        Ok(Json::Array(list)) => Some(list),
        _ => None,
    };
    let element = |value: Json| match value {
        Json::String(text) => text,
        other => other.to_string(),
    };
    match (mode, values.as_slice()) {
        ("multivalue", _) => values,
        (_, [text]) if text.trim_start().starts_with('[') => match array(text) {
            Some(list) => list.into_iter().map(element).collect(),
            None if mode == "json_array" => Vec::new(),
            None => values,
        },
        ("json_array", _) => Vec::new(),
        _ => values,
    }
}
