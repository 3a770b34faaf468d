//! Checks of a macro's definition by itself: takes a macro, gives what is wrong with it.

use super::arguments::placeholders;
use super::calls::unbalanced;
use super::definition::Macro;
use super::mapped::Mapped;
use crate::diagnostic::{Diagnostic, Diagnostics, Label, Span, code, nearest};

/// What is wrong with a macro: arguments that are not used or not declared, quotes and brackets without partner, then
/// what `parse` says of the definition (an empty one is not asked about; nor one that already failed).
pub fn check_macro(found: &Macro, parse: &dyn Fn(&Macro) -> Diagnostics) -> Diagnostics {
    let mut errors = Vec::new();
    arguments(found, &mut errors);
    if let Some((at, c)) = unbalanced(found.definition.text()) {
        let message = format!("`{c}` in macro `{}` has no partner", found.signature());
        errors.push(error_at(&found.definition, at, at + 1, message));
    }
    if errors.is_empty() && !found.definition.text().trim().is_empty() {
        errors = parse(found);
    }
    errors
}

fn error_at(text: &Mapped, start: usize, end: usize, message: String) -> Diagnostic {
    let mut error = Diagnostic::new(&code::MACRO_EDIT, message);
    error.labels = text.locate(Span::new(start, end));
    error
}

fn arguments(found: &Macro, errors: &mut Diagnostics) {
    // Without arguments a `$name$` is no placeholder: `map` and dashboards use the same form.
    if found.arguments.is_empty() {
        return;
    }
    let definition = placeholders(found.definition.text());
    for &(start, end, name) in &definition {
        if found.arguments.iter().any(|argument| argument == name) {
            continue;
        }
        let message = format!(
            "macro `{}` uses `${name}$`, which is no argument of it",
            found.signature()
        );
        let help = match nearest(name, found.arguments.iter().map(String::as_str)) {
            Some(near) => format!("the nearest argument is `{near}`"),
            None => format!("its arguments are {}", found.arguments.join(", ")),
        };
        errors.push(error_at(&found.definition, start, end, message).help(help));
    }
    let text = found.definition.text();
    for argument in &found.arguments {
        let placed = |text: &str| text.contains(&format!("${argument}$"));
        // An eval-based definition reads its arguments as fields too.
        if placed(text) || (found.iseval && text.contains(argument.as_str())) {
            continue;
        }
        let message = format!(
            "macro `{}` does not use its argument `{argument}`",
            found.signature()
        );
        let label = Label {
            note: "declared here".into(),
            ..found.place.clone()
        };
        errors.push(
            Diagnostic::new(&code::MACRO_EDIT, message)
                .help(format!(
                    "write `${argument}$` in the definition, or drop the argument"
                ))
                .label(label),
        );
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::diagnostic::SourceText;
    use crate::knowledge::{conf, definition};
    use std::sync::Arc;

    fn check(conf: &str) -> Vec<String> {
        let source = Arc::new(SourceText {
            name: "m.conf".into(),
            text: conf.into(),
            first_line: 1,
        });
        let (stanzas, _) = conf::read(&source);
        let found = definition::from_stanza(&stanzas[0], "m.conf".into()).unwrap();
        let parse = |_: &Macro| vec![Diagnostic::new(&code::SYNTAX, "parsed")];
        check_macro(&found, &parse)
            .iter()
            .map(|e| e.message.clone())
            .collect()
    }

    #[test]
    fn arguments_and_brackets_are_checked_before_parsing() {
        let wrong = check("[m(2)]\nargs = field, b\ndefinition = eval x=($filed$\n");
        assert_eq!(wrong.len(), 4);
        assert_eq!(
            wrong[0],
            "macro `m(2)` uses `$filed$`, which is no argument of it"
        );
        assert_eq!(
            check("[m(1)]\nargs = a\ndefinition = eval x=$a$\n"),
            ["parsed"]
        );
        assert!(check("[m]\ndefinition =\n").is_empty());
        assert_eq!(
            check("[m]\ndefinition = map search=\"a=$b$\"\n"),
            ["parsed"]
        );
    }
}
