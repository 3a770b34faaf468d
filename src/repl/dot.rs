//! The dot-commands: takes what follows the dot, runs it. One row a command; help and completion walk the list.

use super::{Control, Repl, settings, show, suppress};
use crate::diagnostic::{Diagnostic, Diagnostics, code, nearest};

/// What the argument is, for completion.
#[derive(Debug, Clone, Copy)]
pub enum Takes {
    /// Nothing that can be completed.
    Nothing,
    /// A file.
    File,
    /// A macro's name.
    Macro,
    /// A saved query's name.
    Query,
    /// A field.
    Field,
    /// One of these words.
    Word(&'static [&'static str]),
}

/// A dot-command.
pub struct Dot {
    /// Its name, without the dot.
    pub name: &'static str,
    /// Its arguments.
    pub usage: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// What its argument is.
    pub takes: Takes,
    run: fn(&mut Repl, &str) -> Result<Control, Diagnostics>,
}

impl Dot {
    /// Whether there is an argument where one is needed, and none where none is taken.
    fn takes_it(&self, argument: &str) -> Result<(), Diagnostic> {
        let (name, usage) = (self.name, self.usage);
        let is_needed = !usage.is_empty() && !usage.starts_with('[');
        let message = match (usage.is_empty(), argument.is_empty()) {
            (false, true) if is_needed => format!("`.{name}` lacks its argument"),
            (true, false) => format!("`.{name}` takes no argument, and got `{argument}`"),
            _ => return Ok(()),
        };
        let help = format!(".{name} {usage}").trim_end().to_owned();
        let help = format!("{help}: {}", self.summary);
        Err(Diagnostic::new(&code::ARGUMENT, message).help(help))
    }
}

/// All dot-commands.
pub static ALL: &[Dot] = &[
    Dot {
        name: "help",
        usage: "[topic]",
        summary: "Help on dot-commands, or on a command, function or topic",
        takes: Takes::Nothing,
        run: show::help,
    },
    Dot {
        name: "open",
        usage: "FILE…",
        summary: "Hunt in other files, folders or globs",
        takes: Takes::File,
        run: settings::open,
    },
    Dot {
        name: "fields",
        usage: "[pattern]",
        summary: "Fields of the last result or the data, with coverage and top values",
        takes: Takes::Field,
        run: show::fields,
    },
    Dot {
        name: "timeline",
        usage: "",
        summary: "The events of the last search over time",
        takes: Takes::Nothing,
        run: show::timeline,
    },
    Dot {
        name: "why",
        usage: "",
        summary: "Where the events of the last query went",
        takes: Takes::Nothing,
        run: show::why,
    },
    Dot {
        name: "explain",
        usage: "[query]",
        summary: "How the last query, or another, runs",
        takes: Takes::Nothing,
        run: show::explain,
    },
    Dot {
        name: "expand",
        usage: "[query]",
        summary: "The last query, or another, with its macros expanded",
        takes: Takes::Nothing,
        run: show::expand,
    },
    Dot {
        name: "drill",
        usage: "N",
        summary: "The raw events behind row N of the last result",
        takes: Takes::Nothing,
        run: show::drill,
    },
    Dot {
        name: "suppress",
        usage: "N [field,…] [until DAY] [because REASON]",
        summary: "Add row N of a saved query's result to its filter macro",
        takes: Takes::Field,
        run: suppress::suppress,
    },
    Dot {
        name: "queries",
        usage: "",
        summary: "The saved queries",
        takes: Takes::Nothing,
        run: show::queries,
    },
    Dot {
        name: "run",
        usage: "NAME",
        summary: "Run a saved query",
        takes: Takes::Query,
        run: settings::run,
    },
    Dot {
        name: "save",
        usage: "NAME",
        summary: "Keep the last query as a saved query file",
        takes: Takes::Nothing,
        run: settings::save,
    },
    Dot {
        name: "macros",
        usage: "[name]",
        summary: "The macros, or one whole",
        takes: Takes::Macro,
        run: show::macros,
    },
    Dot {
        name: "edit",
        usage: "MACRO",
        summary: "Edit a macro in $EDITOR",
        takes: Takes::Macro,
        run: suppress::edit,
    },
    Dot {
        name: "format",
        usage: "table|json|ndjson|csv|raw",
        summary: "How rows are shown",
        takes: Takes::Word(&crate::render::Format::NAMES),
        run: settings::format,
    },
    Dot {
        name: "set",
        usage: "[name value]",
        summary: "Settings: timezone, earliest, latest, limit, order",
        takes: Takes::Word(&["timezone", "earliest", "latest", "limit", "order"]),
        run: settings::set,
    },
    Dot {
        name: "time",
        usage: "on|off",
        summary: "Say how long compiling, running and showing took",
        takes: Takes::Word(&["on", "off"]),
        run: settings::time,
    },
    Dot {
        name: "quit",
        usage: "",
        summary: "Leave; Ctrl-D does too",
        takes: Takes::Nothing,
        run: |_, _| Ok(Control::Leave),
    },
];

/// The command with a name.
pub fn find(name: &str) -> Option<&'static Dot> {
    ALL.iter().find(|d| d.name == name)
}

/// Runs what follows the dot.
pub(super) fn run(repl: &mut Repl, text: &str) -> Result<Control, Diagnostics> {
    let (name, argument) = text
        .trim()
        .split_once(char::is_whitespace)
        .unwrap_or((text.trim(), ""));
    match find(name) {
        Some(dot) => {
            dot.takes_it(argument.trim()).map_err(|error| vec![error])?;
            (dot.run)(repl, argument.trim())
        }
        None => {
            let near = nearest(name, ALL.iter().map(|d| d.name));
            let help = near.map_or_else(
                || ".help lists all".to_owned(),
                |n| format!("there is .{n}; .help lists all"),
            );
            Err(vec![
                Diagnostic::new(
                    &code::UNKNOWN_COMMAND,
                    format!("there is no dot-command `.{name}`"),
                )
                .help(help),
            ])
        }
    }
}
