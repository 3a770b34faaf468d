//! Diagnostics as text for a terminal or a log: takes resolved labels, gives the message with carets.

use super::{Diagnostic, Label};
use annotate_snippets::{Annotation, AnnotationKind, Level, Renderer, Snippet};
use std::sync::Arc;

/// Whether to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// No escape sequences.
    Plain,
    /// ANSI colours.
    Colour,
}

/// The text of one diagnostic: code and message, then each labelled place with its caret, then the help line.
/// Labels that follow one another in one text share its excerpt.
pub fn render(diagnostic: &Diagnostic, style: Style) -> String {
    let mut group = Level::ERROR
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.code.id)
        .elements(std::iter::empty::<Snippet<'_, Annotation<'_>>>());
    let mut at = 0;
    let same_text = |a: &Label, b: &Label| Arc::ptr_eq(&a.source, &b.source);
    for labels in diagnostic.labels.chunk_by(same_text) {
        group = group.element(snippet(labels, at));
        at += labels.len();
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Colour => Renderer::styled(),
    };
    renderer.render(&[group])
}

/// One text with its labels, the first of which is number `at` of the diagnostic.
fn snippet(labels: &[Label], at: usize) -> Snippet<'_, Annotation<'_>> {
    let mut labels = labels.iter().enumerate();
    let (text, name, first_line) = match labels.clone().next() {
        Some((_, label)) => (
            label.source.text.as_str(),
            label.source.name.as_str(),
            label.source.first_line,
        ),
        None => ("", "", 1),
    };
    let annotations = labels.by_ref().map(|(i, label)| {
        let kind = if at + i == 0 {
            AnnotationKind::Primary
        } else {
            AnnotationKind::Context
        };
        let (start, end) = whole_characters(text, label.span.start, label.span.end);
        let annotation = kind.span(start..end);
        if label.note.is_empty() {
            annotation
        } else {
            annotation.label(label.note.as_str())
        }
    });
    Snippet::source(text)
        .path(name)
        .line_start(first_line)
        .annotations(annotations)
}

/// The range moved into the text and out to the edges of characters, so that any offsets can be shown.
fn whole_characters(text: &str, start: usize, end: usize) -> (usize, usize) {
    let mut end = end.min(text.len());
    let mut start = start.min(end);
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    while !text.is_char_boundary(end) {
        end += 1;
    }
    (start, end)
}

#[cfg(test)]
mod tests {
    use super::super::{SourceText, Span, code};
    use super::*;

    fn label(source: &Arc<SourceText>, part: &str, note: &str) -> Label {
        let start = source.text.find(part).unwrap_or_default();
        Label {
            source: source.clone(),
            span: Span::new(start, start + part.len()),
            note: note.into(),
        }
    }

    fn source(name: &str, text: &str) -> Arc<SourceText> {
        Arc::new(SourceText {
            name: name.into(),
            text: text.into(),
            first_line: 1,
        })
    }

    #[test]
    fn a_macro_and_its_call_are_two_excerpts() {
        let conf = source("macros/a.conf", "[a]\ndefinition = x | `b` | y\n");
        let query = source("query", "sourcetype=eks\n| `a`\n| stats count");
        let error = Diagnostic::new(&code::UNKNOWN_MACRO, "macro `b` is not defined")
            .help("the nearest name is `a`")
            .label(label(&conf, "`b`", ""))
            .label(label(&query, "`a`", "called here as `a`"));
        let expected = "\
error[E0201]: macro `b` is not defined
 --> macros/a.conf:2:18
  |
2 | definition = x | `b` | y
  |                  ^^^
  |
 ::: query:2:3
  |
2 | | `a`
  |   --- called here as `a`
  |
  = help: the nearest name is `a`";
        assert_eq!(render(&error, Style::Plain), expected);
    }

    #[test]
    fn two_places_of_one_text_share_an_excerpt() {
        let conf = source(
            "macros.conf",
            "[a]\ndefinition = `b`\n[b]\ndefinition = `a`\n",
        );
        let error = Diagnostic::new(&code::MACRO_CYCLE, "macro `a` calls itself: a -> b -> a")
            .label(label(&conf, "`a`", ""))
            .label(label(&conf, "`b`", "called here as `b`"));
        let text = render(&error, Style::Plain);
        assert_eq!(text.matches("macros.conf").count(), 1, "{text}");
        assert!(text.contains("macros.conf:4:14"), "{text}");
    }

    #[test]
    fn any_offsets_can_be_shown() {
        let text = source("query", "é");
        let error = Diagnostic::new(&code::SYNTAX, "odd").label(Label {
            span: Span::new(1, 9),
            ..label(&text, "é", "")
        });
        assert!(render(&error, Style::Plain).contains("query:1:1"));
        let empty =
            Diagnostic::new(&code::SYNTAX, "odd").label(label(&source("query", ""), "", ""));
        assert!(render(&empty, Style::Plain).contains("query:1:1"));
    }
}
