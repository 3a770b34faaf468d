//! `convert`: takes conversions of fields, gives the rows with the values converted: epochs to dates and back,
//! durations, sizes and units to numbers.

mod auto;
mod kernel;

use super::arguments::{Arguments, Word};
use super::fields::FieldList;
use super::rename::fill;
use super::{BuildContext, Command, Example, Kind, OptionDoc, ParseContext, Stage};
use crate::data::time::{Format, Timestamp, Zone};
use crate::data::{Batch, Column, Demand, FieldName, Pattern};
use crate::diagnostic::{Diagnostic, Diagnostics, code, nearest};
use crate::operators::{Operator, streaming};
use crate::syntax::StageText;
use kernel::Function;
use std::sync::Arc;

/// The command.
pub struct Convert;

const DEFAULT_FORMAT: &str = "%m/%d/%Y %H:%M:%S";

impl Command for Convert {
    fn name(&self) -> &'static str {
        "convert"
    }
    fn summary(&self) -> &'static str {
        "Converts values: times, durations, sizes and units"
    }
    fn usage(&self) -> &'static str {
        "convert [timeformat=<format>] auto|ctime|dur2sec|memk|mktime|mstime|none|num|rmcomma|rmunit(<field>) [AS <new-field>]…"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[OptionDoc {
            name: "timeformat",
            value: "<format>",
            default: "\"%m/%d/%Y %H:%M:%S\"",
            summary: "The format that ctime writes and mktime reads",
        }]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | convert timeformat=\"%Y-%m-%dT%H:%M:%S\" ctime(lastTime)",
                input: "{\"lastTime\":1700000000}",
                output: "{\"lastTime\":\"2023-11-14T22:13:20\"}",
            },
            Example {
                query: "* | convert dur2sec(took) AS seconds memk(size) rmunit(*) none(name)",
                input: "{\"took\":\"00:10:15\",\"size\":\"2m\",\"weight\":\"5 kg\",\"name\":\"7 up\"}",
                output: "{\"took\":\"00\",\"seconds\":615,\"size\":2048,\"weight\":5,\"name\":\"7 up\"}",
            },
        ]
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let format = arguments.text("timeformat");
        if arguments.peek().is_none() {
            arguments.missing("a function and its field");
        }
        let (mut conversions, mut spared) = (Vec::new(), Vec::new());
        while let Some(word) = arguments.next() {
            let target = if arguments.takes("as") {
                let target = arguments.next();
                if target.is_none() {
                    arguments.syntax(word.span, "convert needs a field after AS");
                }
                target
            } else {
                None
            };
            match conversion(&word, target, &mut arguments) {
                Some(Parsed::None(field)) => spared.push(field),
                Some(Parsed::Conversion(conversion)) => conversions.push(conversion),
                None => {}
            }
        }
        arguments.finish(|| {
            Box::new(Converted(Arc::new(Spec {
                conversions,
                spared: FieldList::new(spared),
                format: Format::parse(format.as_deref().unwrap_or(DEFAULT_FORMAT)),
                zone: cx.context.zone,
                now: cx.context.now,
            }))) as Box<dyn Stage>
        })
    }
}

enum Parsed {
    None(FieldName),
    Conversion(Conversion),
}

/// Reads `function(field)`.
fn conversion(word: &Word, target: Option<Word>, arguments: &mut Arguments) -> Option<Parsed> {
    let call = word.text.strip_suffix(')').and_then(|c| c.split_once('('));
    let Some((name, field)) = call.filter(|_| !word.quoted) else {
        let message = format!("convert needs a function with a field, not `{}`", word.text);
        arguments.syntax(word.span, message);
        return None;
    };
    let (name, field) = (
        name.trim().to_ascii_lowercase(),
        field.trim().trim_matches('"'),
    );
    let function = Function::parse(&name);
    if function.is_none() && name != "none" {
        let names = Function::ALL.iter().map(|(name, _)| *name).chain(["none"]);
        let help = match nearest(&name, names.clone()) {
            Some(near) => format!("did you mean {near}()?"),
            None => format!("functions: {}", names.collect::<Vec<_>>().join(", ")),
        };
        let message = format!("convert has no function `{name}`");
        arguments.error(Diagnostic::at(&code::UNKNOWN_FUNCTION, word.span, message).help(help));
        return None;
    }
    if field.is_empty() {
        arguments.syntax(word.span, format!("{name}() needs a field"));
        return None;
    }
    let stars = |name: &str| name.matches('*').count();
    if let Some(target) = target.as_ref().filter(|t| stars(&t.text) != stars(field)) {
        let message = format!(
            "`{field}` and `{}` have not the same wildcards",
            target.text
        );
        arguments.error(Diagnostic::at(&code::FIELD_NAME, target.span, message));
        return None;
    }
    Some(match function {
        None => Parsed::None(field.into()),
        Some(function) => Parsed::Conversion(Conversion {
            function,
            from: Pattern::new(field),
            to: target.map(|word| Pattern::new(word.text)),
        }),
    })
}

/// One conversion.
#[derive(Debug)]
pub(super) struct Conversion {
    function: Function,
    from: Pattern,
    to: Option<Pattern>,
}

/// The arguments.
#[derive(Debug)]
pub(super) struct Spec {
    conversions: Vec<Conversion>,
    /// Fields of `none()`.
    spared: FieldList,
    format: Format,
    zone: Zone,
    /// The day that a time without a date is on.
    now: Timestamp,
}

impl Spec {
    /// The fields of a batch that a conversion is for, each with the field that takes the result.
    fn targets(&self, conversion: &Conversion, batch: &Batch) -> Vec<(FieldName, FieldName)> {
        let to = |captures: &[&str], name: &FieldName| match &conversion.to {
            Some(to) => fill(to, captures).into(),
            None => name.clone(),
        };
        if !conversion.from.is_wild() {
            let name: FieldName = conversion.from.as_str().into();
            return vec![(name.clone(), to(&[], &name))];
        }
        let internal = conversion.from.as_str().starts_with('_');
        batch
            .names()
            .filter(|name| internal || !name.starts_with('_'))
            .filter(|name| !self.spared.contains(name))
            .filter_map(|name| {
                let captures = conversion.from.captures(name)?;
                Some((name.clone(), to(&captures, name)))
            })
            .collect()
    }

    fn apply(&self, conversion: &Conversion, batch: &mut Batch) {
        for (from, to) in self.targets(conversion, batch) {
            if let Some(column) = batch.get(&from) {
                // Without a field of its own, what can't be converted stays as it was.
                let keep = from == to;
                let converted = conversion.function.apply(column, self, keep);
                let converted = over(batch, &to, column, converted);
                batch.set(to, converted);
            }
        }
    }
}

/// A field's new values; a row without the source keeps the old one.
pub(super) fn over(batch: &Batch, field: &str, source: &Column, new: Column) -> Column {
    let Some(old) = batch.get(field) else {
        return new;
    };
    Column::from_values((0..batch.rows()).map(|row| match source.is_null(row) {
        true => old.value(row),
        false => new.value(row),
    }))
}

/// `convert` with its arguments.
#[derive(Debug)]
struct Converted(Arc<Spec>);

impl Converted {
    /// auto() converts a field only when every value of it can be.
    fn sees_all(&self) -> bool {
        let mut functions = self.0.conversions.iter().map(|c| c.function);
        functions.any(|function| function == Function::Auto)
    }
}

impl Stage for Converted {
    fn kind(&self) -> Kind {
        if self.sees_all() {
            Kind::Mergeable
        } else {
            Kind::Streaming
        }
    }
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        for conversion in self.0.conversions.iter().rev() {
            let Some(to) = &conversion.to else { continue };
            if !to.is_wild() {
                if demand.wants(to.as_str()) && to != &conversion.from {
                    // An event without the source keeps the target that it has.
                    demand.add_exact(conversion.from.as_str());
                }
            } else if demand.is_exact() {
                for name in demand.names.clone() {
                    if let Some(captures) = to.captures(&name) {
                        demand.add_exact(&fill(&conversion.from, &captures));
                    }
                }
            } else {
                demand.add(conversion.from.as_str());
            }
        }
        demand
    }
    fn operator(&self, _: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let spec = self.0.clone();
        if self.sees_all() {
            return Ok(Operator::Mergeable(Arc::new(auto::ConvertAll(spec))));
        }
        Ok(streaming(move |mut batch| {
            for conversion in &spec.conversions {
                spec.apply(conversion, &mut batch);
            }
            batch
        }))
    }
}

#[cfg(test)]
mod tests;
