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
