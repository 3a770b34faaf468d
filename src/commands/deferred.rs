//! Subsearches in the arguments of any command (`where x=[…]`, `head [… | return $n]`): takes a stage's text, gives a
//! stage that reads its arguments when the subsearches have run, with what they gave in their places.

use super::format::as_argument;
use super::{
    BuildContext, Command, Kind, Limits, Ordering, ParseContext, Place, Searches, Stage, Subplan,
    Tables,
};
use crate::data::{Context, Demand};
use crate::diagnostic::{Diagnostic, Diagnostics, Span, code};
use crate::operators::Operator;
use crate::syntax::{Pipeline, Spanned, StageText, brackets, parse_subsearch};
use std::sync::Arc;

/// The stage, when subsearches stand in the arguments of a command that does not run pipelines itself.
pub fn deferred(
    command: &'static dyn Command,
    text: &StageText,
    cx: &ParseContext<'_>,
) -> Result<Option<Box<dyn Stage>>, Diagnostics> {
    if command.nests() {
        return Ok(None);
    }
    text_with_subsearches(command, text, cx)
}

/// As [`deferred`], for any command.
pub(super) fn text_with_subsearches(
    command: &'static dyn Command,
    text: &StageText,
    cx: &ParseContext<'_>,
) -> Result<Option<Box<dyn Stage>>, Diagnostics> {
    let arguments = &text.arguments;
    let mut found = brackets(&arguments.node, arguments.span.start);
    found.retain(|inside| is_search(&inside.node));
    if found.is_empty() {
        return Ok(None);
    }
    let mut plans = Vec::with_capacity(found.len());
    let mut errors = Diagnostics::new();
    for inside in found {
        let (pipeline, wrong) = parse_subsearch(&inside.node, inside.span.start + 1);
        errors.extend(wrong);
        match pipeline.map(|pipeline| (cx.subplan)(&pipeline)) {
            Some(Ok(plan)) => plans.push(Spanned::new(plan, inside.span)),
            Some(Err(more)) => errors.extend(more),
            None => {}
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut stage = Deferred {
        command,
        text: text.clone(),
        plans,
        tables: cx.tables.clone(),
        searches: cx.searches.clone(),
        first: cx.first,
        leading_pipe: cx.leading_pipe,
        generates: false,
    };
    // Whether it makes rows itself does not depend on what the subsearches give.
    let stands_for = ["(x=\"1\")", "1", "x"];
    let like = stands_for.map(|with| stage.filled(&|_| with.to_owned()));
    let like = like
        .iter()
        .find_map(|text| stage.read(text, cx.context).ok());
    stage.generates = match like {
        Some(like) => like.generates(),
        None => command.place() == Place::First,
    };
    Ok(Some(Box::new(stage)))
}

/// Whether what stands in brackets begins as a subsearch does: with a pipe or the name of a command.
fn is_search(inside: &str) -> bool {
    let inside = inside.trim_start();
    let end = inside.find(|c: char| !c.is_alphanumeric() && c != '_');
    let word = &inside[..end.unwrap_or(inside.len())];
    inside.starts_with('|') || super::find(word).is_some()
}

/// A stage whose arguments are not known yet.
struct Deferred {
    command: &'static dyn Command,
    text: StageText,
    /// With the places of the brackets.
    plans: Vec<Spanned<Arc<dyn Subplan>>>,
    tables: Arc<dyn Tables>,
    searches: Arc<dyn Searches>,
    first: bool,
    leading_pipe: bool,
    generates: bool,
}

impl std::fmt::Debug for Deferred {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Deferred").field(&self.text).finish()
    }
}

impl Deferred {
    /// The arguments with texts in the places of the subsearches.
    fn filled(&self, text: &dyn Fn(usize) -> String) -> String {
        let arguments = &self.text.arguments;
        let mut filled = String::new();
        let mut from = 0;
        for (number, plan) in self.plans.iter().enumerate() {
            let inside = |place: usize| place - arguments.span.start;
            filled.push_str(&arguments.node[from..inside(plan.span.start)]);
            filled.push_str(&text(number));
            from = inside(plan.span.end);
        }
        filled.push_str(&arguments.node[from..]);
        filled
    }

    /// The stage of arguments without subsearches.
    fn read(&self, arguments: &str, context: &Context) -> Result<Box<dyn Stage>, Diagnostics> {
        let text = StageText {
            name: self.text.name.clone(),
            arguments: Spanned::new(arguments.to_owned(), self.text.arguments.span),
        };
        let none = |_: &Pipeline| {
            let message = "what a subsearch gave holds a subsearch itself";
            Err(vec![Diagnostic::new(&code::RUNTIME, message)])
        };
        let cx = ParseContext {
            context,
            leading_pipe: self.leading_pipe,
            first: self.first,
            subplan: &none,
            tables: &self.tables,
            searches: &self.searches,
        };
        self.command.parse(&text, &cx)
    }

    fn stage(&self, context: &Context) -> Result<Box<dyn Stage>, Diagnostic> {
        let mut texts = Vec::with_capacity(self.plans.len());
        for plan in &self.plans {
            texts.push(as_argument(&plan.node.run(Limits::SEARCH)?));
        }
        let filled = self.filled(&|number| texts.get(number).cloned().unwrap_or_default());
        self.read(&filled, context).map_err(|errors| {
            let why = errors.first().map_or("", |error| &error.message);
            let name = self.command.name();
            let message = format!("{name} can't be read with what the subsearch gave: {why}");
            let span = self.plans.first().map_or(Span::default(), |plan| plan.span);
            let gave = texts.join("` and `");
            Diagnostic::at(&code::RUNTIME, span, message).help(format!("it gave `{gave}`"))
        })
    }
}

impl Stage for Deferred {
    fn kind(&self) -> Kind {
        Kind::Serial
    }
    fn ordering(&self) -> Ordering {
        Ordering::SeesAndMakes
    }
    fn demand(&self, _: &Demand) -> Demand {
        match self.generates {
            true => Demand::none(),
            false => Demand::all(),
        }
    }
    fn generates(&self) -> bool {
        self.generates
    }
    fn resolved(&self, context: &Context) -> Result<Option<Box<dyn Stage>>, Diagnostic> {
        self.stage(context).map(Some)
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        self.stage(cx.context)?.operator(cx)
    }
}
