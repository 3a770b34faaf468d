//! Diagnostics as text for a terminal or a log: takes resolved labels, gives the message with carets.

use super::{Class, Diagnostic};
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// Whether to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// No escape sequences.
    Plain,
    /// ANSI colours.
    Colour,
}

/// The text of one diagnostic: code and message, then each labelled place with its caret, then the help line.
pub fn render(diagnostic: &Diagnostic, style: Style) -> String {
    let level = Level::ERROR;
    let mut group = level
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.code.id)
        .elements(diagnostic.labels.iter().enumerate().map(|(i, label)| {
            let text = &label.source.text;
            let end = label.span.end.min(text.len());
            let start = label.span.start.min(end);
            let kind = if i == 0 {
                AnnotationKind::Primary
            } else {
                AnnotationKind::Context
            };
            let mut annotation = kind.span(start..end);
            if !label.note.is_empty() {
                annotation = annotation.label(label.note.as_str());
            }
            Snippet::source(text.as_str())
                .path(label.source.name.as_str())
                .line_start(label.source.first_line)
                .annotation(annotation)
        }));
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Colour => Renderer::styled(),
    };
    let text = renderer.render(&[group]);
    debug_assert!(matches!(
        diagnostic.code.class,
        Class::Refused | Class::Failed
    ));
    text
}
