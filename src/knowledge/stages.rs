//! Stages that came out empty: takes expanded text, gives it without the stages whose only content was an empty macro.

use super::calls::{after_backslash, after_quote};
use super::mapped::Mapped;

/// A pipeline that is being read: the query, or a subsearch in brackets.
struct Pipeline {
    /// The pipe before the current stage.
    pipe: Option<usize>,
    /// Where the current stage starts.
    start: usize,
}

/// What to do with `start..end` of the text.
struct Edit {
    start: usize,
    end: usize,
    /// Whether a term that matches everything takes its place.
    all: bool,
}

/// Drops each stage that is blank because of an empty macro, with the pipe before it. A search at the start that came
/// out empty has no terms and so matches every event, which is written `*`; unless a generating command follows, for
/// which the text then starts with its pipe.
pub(super) fn drop_empty(text: &Mapped, generating: &dyn Fn(&str) -> bool) -> Mapped {
    let edits = edits(text, generating);
    if edits.is_empty() {
        return text.clone();
    }
    let mut out = Mapped::default();
    let mut at = 0;
    for edit in edits {
        out.push_slice(text, at, edit.start);
        if let (true, Some(place)) = (edit.all, text.marked(edit.start, edit.end)) {
            out.push_at("* ", &place);
        }
        at = edit.end;
    }
    out.push_slice(text, at, text.text().len());
    out
}

fn edits(text: &Mapped, generating: &dyn Fn(&str) -> bool) -> Vec<Edit> {
    let bytes = text.text().as_bytes();
    let mut edits = Vec::new();
    let mut open = vec![Pipeline {
        pipe: None,
        start: 0,
    }];
    let mut at = 0;
    while at <= bytes.len() {
        let byte = bytes.get(at).copied();
        match byte {
            Some(b'\\') => {
                at = after_backslash(bytes, at);
                continue;
            }
            Some(b'"') => {
                at = after_quote(bytes, at);
                continue;
            }
            Some(b'[') => open.push(Pipeline {
                pipe: None,
                start: at + 1,
            }),
            Some(b'|' | b']') | None => {
                if let Some(pipeline) = open.last_mut() {
                    edits.extend(edit(text, pipeline, at, generating));
                    pipeline.pipe = (byte == Some(b'|')).then_some(at);
                    pipeline.start = at + 1;
                }
                if byte == Some(b']') && open.len() > 1 {
                    open.pop();
                }
            }
            _ => {}
        }
        at += 1;
    }
    edits
}

/// The edit for the stage that ends at `end`, if it is blank because of a macro.
fn edit(
    text: &Mapped,
    stage: &Pipeline,
    end: usize,
    generating: &dyn Fn(&str) -> bool,
) -> Option<Edit> {
    let whole = text.text();
    let blank = whole.get(stage.start..end)?.trim().is_empty();
    if !blank || text.marked(stage.start, end).is_none() {
        return None;
    }
    if let Some(start) = stage.pipe {
        return Some(Edit {
            start,
            end,
            all: false,
        });
    }
    let next = whole
        .get(end..)?
        .trim_start_matches(['|', ' ', '\t', '\r', '\n']);
    let length = next.find(|c: char| !c.is_alphanumeric() && c != '_');
    let command = next.get(..length.unwrap_or(next.len()))?;
    (!generating(command)).then_some(Edit {
        start: stage.start,
        end,
        all: true,
    })
}
