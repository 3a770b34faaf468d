//! `streamstats`: takes aggregate calls and by-fields, gives every event back with the results of the events so far.

mod running;

use super::arguments::Arguments;
use super::{
    Before, BuildContext, Command, Example, Kind, Offers, OptionDoc, Ordering, Origin,
    ParseContext, Stage, stats,
};
use crate::data::Demand;
use crate::data::time::TimeSpan;
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::functions::Program;
use crate::operators::{Missing, Operator, Summary};
use crate::syntax::{StageText, expr, parenthesised};
use running::Running;
use std::sync::Arc;

/// The command.
pub struct Streamstats;

const OPTIONS: &[OptionDoc] = &[
    OptionDoc {
        name: "current",
        value: "true|false",
        default: "true",
        summary: "Whether the event itself counts",
    },
    OptionDoc {
        name: "window",
        value: "<N>",
        default: "0",
        summary: "Only the last N events count; 0 for all",
    },
    OptionDoc {
        name: "time_window",
        value: "<span>",
        default: "",
        summary: "Only events of this length of time before the event count; events have to be in order of time",
    },
    OptionDoc {
        name: "global",
        value: "true|false",
        default: "true",
        summary: "With window and BY: one window over all groups, not one a group",
    },
    OptionDoc {
        name: "allnum",
        value: "true|false",
        default: "false",
        summary: "Numeric functions give nothing for a field that has a value that is not a number",
    },
    OptionDoc {
        name: "reset_on_change",
        value: "true|false",
        default: "false",
        summary: "Start anew whenever the BY values change",
    },
    OptionDoc {
        name: "reset_before",
        value: "\"(\"<expression>\")\"",
        default: "",
        summary: "Start anew before an event for which the expression is true",
    },
    OptionDoc {
        name: "reset_after",
        value: "\"(\"<expression>\")\"",
        default: "",
        summary: "Start anew after such an event; the expression may read the results",
    },
];

impl Command for Streamstats {
    fn name(&self) -> &'static str {
        "streamstats"
    }
    fn summary(&self) -> &'static str {
        "Adds running statistics to every event: those of the events before it, and of it"
    }
    fn usage(&self) -> &'static str {
        "streamstats [current=<bool>] [window=<N>] [time_window=<span>] [global=<bool>] [allnum=<bool>] [reset_on_change=<bool>] [reset_before=\"(\"<expression>\")\"] [reset_after=\"(\"<expression>\")\"] <function>[(<field>)] [AS <name>]… [BY <field>…]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        OPTIONS
    }
    fn offers(&self) -> Offers {
        Offers::Aggregates
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | streamstats count AS n BY host | table host n",
                input: "{\"host\":\"a\"}\n{\"host\":\"b\"}\n{\"host\":\"a\"}",
                output: "{\"host\":\"a\",\"n\":1}\n{\"host\":\"b\",\"n\":1}\n{\"host\":\"a\",\"n\":2}",
            },
            Example {
                query: "* | streamstats window=2 sum(ms) AS s | table ms s",
                input: "{\"ms\":1}\n{\"ms\":2}\n{\"ms\":4}",
                output: "{\"ms\":1,\"s\":1}\n{\"ms\":2,\"s\":3}\n{\"ms\":4,\"s\":6}",
            },
            Example {
                query: "* | streamstats current=f last(ms) AS previous | table ms previous",
                input: "{\"ms\":1}\n{\"ms\":2}",
                output: "{\"ms\":1}\n{\"ms\":2,\"previous\":1}",
            },
        ]
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut text = text.clone();
        let mut errors = Diagnostics::new();
        let mut reset = |name: &str| match condition(&mut text, name, cx) {
            Ok(program) => program,
            Err(found) => {
                errors.extend(found);
                None
            }
        };
        let (before, after) = (reset("reset_before"), reset("reset_after"));
        let mut arguments = Arguments::read(self, &text);
        errors.into_iter().for_each(|e| arguments.error(e));
        let window = arguments.count("window").unwrap_or(0);
        let time_window = time_window(&mut arguments);
        let current = arguments.flag("current", true);
        let global = arguments.flag("global", true);
        let on_change = arguments.flag("reset_on_change", false);
        let allnum = arguments.flag("allnum", false);
        let mut texts = super::calls::calls(&mut arguments, &["by"]);
        super::calls::of_all_fields(&mut texts);
        let mut by = Vec::new();
        if arguments.takes("by") {
            by = super::calls::by_fields(&mut arguments, &[]);
        }
        super::calls::distinct_names(&mut arguments, &texts, &by, cx);
        let mut calls = super::calls::read(&mut arguments, &texts, cx);
        super::calls::no_rates(&mut arguments, &texts);
        calls.allnum = allnum;
        let summary = Arc::new(Summary {
            by: by.into_iter().map(|f| (f.node, Missing::Drop)).collect(),
            distinct: false,
            calls: Arc::new(calls),
        });
        let settings = Settings {
            summary,
            window,
            time_window,
            current,
            global,
            on_change,
            before,
            after,
        };
        arguments.finish(|| Box::new(Streamed(Arc::new(settings))) as Box<dyn Stage>)
    }
}

/// The length of `time_window=` in seconds.
fn time_window(arguments: &mut Arguments) -> Option<f64> {
    let value = super::calls::value(arguments, "time_window")?;
    match TimeSpan::parse(&value.text) {
        Ok(span) => Some(span.seconds()),
        Err(_) => {
            super::calls::bad_value(
                arguments,
                "time_window",
                &value,
                "a length of time such as 5m",
            );
            None
        }
    }
}

/// Takes `name="("<expression>")"` out of the arguments, where it would break every other quote, and compiles it.
/// `name="(<expression>)"` and `name=(<expression>)` are read too.
fn condition(
    text: &mut StageText,
    name: &str,
    cx: &ParseContext<'_>,
) -> Result<Option<Program>, Diagnostics> {
    let whole = text.arguments.node.clone();
    let Some(start) = whole.find(&format!("{name}=")) else {
        return Ok(None);
    };
    let from = start + name.len() + 1;
    let rest = whole.get(from..).unwrap_or_default();
    let (open, close) = match rest {
        _ if rest.starts_with("\"(\"") => ("\"(\"", "\")\""),
        _ if rest.starts_with('(') => ("(", ")"),
        _ => ("\"(", ")\""),
    };
    let span = text.arguments.span;
    let broken = || {
        let at = crate::diagnostic::Span::new(span.start + start, span.start + from);
        let message = format!("{name}= lacks its expression");
        vec![
            Diagnostic::at(&code::OPTION_VALUE, at, message)
                .help(format!("write {name}=\"(\"<expression>\")\"")),
        ]
    };
    let body = rest.strip_prefix(open).ok_or_else(broken)?;
    let plain = open == "(";
    // A quote of the expression itself has a backslash before it.
    let closes = |at: &usize| {
        body.get(*at..).is_some_and(|b| b.starts_with(close)) && !body[..*at].ends_with('\\')
    };
    let length = match plain {
        true => parenthesised(rest).map(str::len),
        false => (0..body.len()).find(closes),
    };
    let length = length.ok_or_else(broken)?;
    let end = from + open.len() + length + close.len();
    let blank = " ".repeat(end - start);
    text.arguments.node.replace_range(start..end, &blank);
    let expression = body.get(..length).unwrap_or_default();
    let expression = match plain {
        true => expression.to_owned(),
        false => expression.replace("\\\"", "\""),
    };
    let (tree, errors) = expr::parse(&expression, span.start + from + open.len());
    let Some(tree) = tree.filter(|_| errors.is_empty()) else {
        return Err(errors);
    };
    super::expression::program(&tree, cx).map(Some)
}

/// What is asked for.
#[derive(Debug)]
struct Settings {
    summary: Arc<Summary>,
    window: usize,
    /// Seconds.
    time_window: Option<f64>,
    current: bool,
    global: bool,
    on_change: bool,
    before: Option<Program>,
    after: Option<Program>,
}

impl Settings {
    /// Whether `reset_after=` asks for what this very command gives.
    fn after_reads_results(&self) -> bool {
        let calls = &self.summary.calls;
        self.after.as_ref().is_some_and(|program| {
            calls.has_pattern()
                || program.reads_all()
                || calls
                    .list
                    .iter()
                    .any(|call| program.fields().contains(call.name.as_str()))
        })
    }
}

/// `streamstats` with its arguments.
#[derive(Debug)]
struct Streamed(Arc<Settings>);

impl Stage for Streamed {
    fn kind(&self) -> Kind {
        Kind::Serial
    }
    fn ordering(&self) -> Ordering {
        Ordering::Sees
    }
    fn origin(&self, name: &str, before: &Before<'_>) -> Origin {
        match self.0.summary.calls.gives(name) {
            true => Origin::Functions,
            false => before(name),
        }
    }
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        if !self.0.summary.calls.has_pattern() {
            for call in &self.0.summary.calls.list {
                demand.remove(&call.name);
            }
        }
        demand.union(&stats::demand(&self.0.summary));
        for program in [&self.0.before, &self.0.after].into_iter().flatten() {
            program.add_to(&mut demand);
        }
        if self.0.time_window.is_some() {
            demand.add("_time");
        }
        demand
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let running = Running::new(self.0.clone(), cx.context.clone());
        Ok(Operator::Serial(Box::new(running)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, demand, refused};

    #[test]
    fn windows_are_shared_or_a_group() {
        let events = "{\"u\":\"a\",\"n\":1}\n{\"u\":\"b\",\"n\":2}\n{\"u\":\"a\",\"n\":4}";
        check(
            "streamstats window=2 sum(n) as s by u",
            events,
            "{\"u\":\"a\",\"n\":1,\"s\":1}\n{\"u\":\"b\",\"n\":2,\"s\":2}\n{\"u\":\"a\",\"n\":4,\"s\":4}",
        );
        check(
            "streamstats window=2 global=f sum(n) as s by u",
            events,
            "{\"u\":\"a\",\"n\":1,\"s\":1}\n{\"u\":\"b\",\"n\":2,\"s\":2}\n{\"u\":\"a\",\"n\":4,\"s\":5}",
        );
    }

    #[test]
    fn resets_start_anew() {
        check(
            "streamstats sum(n) as s reset_before=\"(\"n>3\")\"",
            "{\"n\":1}\n{\"n\":4}\n{\"n\":1}",
            "{\"n\":1,\"s\":1}\n{\"n\":4,\"s\":4}\n{\"n\":1,\"s\":5}",
        );
        check(
            "streamstats sum(n) as s reset_after=\"(n>3)\"",
            "{\"n\":1}\n{\"n\":4}\n{\"n\":1}",
            "{\"n\":1,\"s\":1}\n{\"n\":4,\"s\":5}\n{\"n\":1,\"s\":1}",
        );
    }

    #[test]
    fn what_is_wrong_is_refused() {
        assert_eq!(refused("streamstats count time_window=abc")[0].0, "E0110");
        assert_eq!(refused("streamstats count reset_after=x")[0].0, "E0110");
        assert_eq!(
            refused("streamstats count reset_after=\"(\"nosuch(1)\")\"")[0].0,
            "E0107"
        );
    }

    #[test]
    fn what_is_made_is_not_demanded() {
        assert_eq!(
            demand("streamstats sum(n) as s by u", &["s", "x"]),
            "x, n, u"
        );
    }
}
