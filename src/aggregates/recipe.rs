//! Checked calls: takes a maker of states and what it needs, gives a [`Plan`]; and the checks that calls share.

use super::{GroupState, Plan};
use crate::data::Value;
use crate::diagnostic::{Diagnostic, code};
use crate::syntax::AggregateText;

type Make = Box<dyn Fn() -> Box<dyn GroupState> + Send + Sync>;

/// A plan from a function that makes an empty state.
pub struct Recipe {
    make: Make,
    order: bool,
    time: bool,
    empty: Value,
    per: Option<f64>,
    numeric: bool,
    lists: bool,
}

impl Recipe {
    /// A plan whose states are made by `make`.
    pub fn new<S: GroupState + 'static>(make: impl Fn() -> S + Send + Sync + 'static) -> Self {
        Self {
            make: Box::new(move || Box::new(make())),
            order: false,
            time: false,
            empty: Value::Null,
            per: None,
            numeric: false,
            lists: false,
        }
    }

    /// A plan that passes over everything but numbers.
    pub fn numeric<S: GroupState + 'static>(make: impl Fn() -> S + Send + Sync + 'static) -> Self {
        let mut recipe = Self::new(make);
        recipe.numeric = true;
        recipe
    }

    /// The result is a list of values.
    pub fn lists(mut self) -> Self {
        self.lists = true;
        self
    }

    /// The result depends on the order of events.
    pub fn sees_order(mut self) -> Self {
        self.order = true;
        self
    }

    /// Reads `_time`.
    pub fn needs_time(mut self) -> Self {
        self.time = true;
        self
    }

    /// A cell without events holds 0.
    pub fn zero(mut self) -> Self {
        self.empty = Value::Number(0.0);
        self
    }

    /// The result is for a unit of so many seconds of a bin of time.
    pub fn per(mut self, seconds: f64) -> Self {
        self.per = Some(seconds);
        self
    }

    /// The plan of a call that must have one argument.
    pub fn with_argument(self, call: &AggregateText) -> Result<Box<dyn Plan>, Diagnostic> {
        if call.argument.is_none() {
            let name = &call.function.node;
            return Err(Diagnostic::at(
                &code::ARGUMENT_COUNT,
                call.function.span,
                format!("{name} needs a field"),
            )
            .note("no field")
            .help(format!(
                "write {name}(<field>) or {name}(eval(<expression>))"
            )));
        }
        self.checked(call)
    }

    /// The plan of a call that may have one argument or none.
    pub fn checked(self, call: &AggregateText) -> Result<Box<dyn Plan>, Diagnostic> {
        if let Some(extra) = call.extra.first() {
            return Err(Diagnostic::at(
                &code::ARGUMENT_COUNT,
                extra.span,
                format!("{} takes one field", call.function.node),
            )
            .note("one too many"));
        }
        Ok(Box::new(self))
    }
}

impl std::fmt::Debug for Recipe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recipe")
            .field("order", &self.order)
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}

impl Plan for Recipe {
    fn state(&self) -> Box<dyn GroupState> {
        (self.make)()
    }

    fn sees_order(&self) -> bool {
        self.order
    }

    fn needs_time(&self) -> bool {
        self.time
    }

    fn empty(&self) -> Value {
        self.empty.clone()
    }

    fn per(&self) -> Option<f64> {
        self.per
    }

    fn numeric(&self) -> bool {
        self.numeric
    }

    fn lists(&self) -> bool {
        self.lists
    }
}
