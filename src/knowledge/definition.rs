//! A macro as defined: takes the stanza of a `macros.conf` or a macro's YAML file, gives the checked definition.

use super::conf::{self, Setting, Stanza, broken};
use super::mapped::Mapped;
use super::suppress::Kept;
use super::yaml;
use crate::diagnostic::{Diagnostic, Diagnostics, Label, Notices, SourceText, Span, code, nearest};
use serde::Deserialize;
use std::path::PathBuf;
use std::sync::Arc;

/// One macro of one count of arguments.
#[derive(Debug, Clone)]
pub struct Macro {
    /// The name, without the count.
    pub name: String,
    /// The names of the arguments, in order.
    pub arguments: Vec<String>,
    /// The text that the macro stands for, with its places in the file.
    pub definition: Mapped,
    /// Whether the definition is an eval expression that gives the text.
    pub iseval: bool,
    /// The eval expression that the arguments must satisfy.
    pub validation: Option<Mapped>,
    /// What to say when they don't.
    pub errormsg: Option<String>,
    /// What the macro is for.
    pub description: Option<String>,
    /// The suppressions written above the stanza, in the file's order.
    pub suppressions: Vec<Kept>,
    /// The file that gave the definition.
    pub file: PathBuf,
    /// Where the macro is named in that file: the stanza's header, or the file's start.
    pub place: Label,
}

impl Macro {
    /// `name`, or `name(2)` when it takes arguments: as Splunk names a macro.
    pub fn signature(&self) -> String {
        signature(&self.name, self.arguments.len())
    }

    /// Whether two macros stand for the same text.
    pub(super) fn same_as(&self, other: &Macro) -> bool {
        let validation = |m: &Macro| m.validation.as_ref().map(|v| v.text().to_string());
        self.arguments == other.arguments
            && self.iseval == other.iseval
            && self.definition.text() == other.definition.text()
            && validation(self) == validation(other)
    }
}

/// `name`, or `name(2)` when there are arguments.
pub fn signature(name: &str, count: usize) -> String {
    if count == 0 {
        return name.to_string();
    }
    format!("{name}({count})")
}

/// The macro of a stanza whose settings are those of all its layers.
pub(super) fn from_stanza(stanza: &Stanza, file: PathBuf) -> Result<Macro, Diagnostics> {
    let mut errors = Vec::new();
    let arguments = stanza_arguments(stanza).unwrap_or_else(|error| {
        errors.push(error);
        Vec::new()
    });
    let iseval = match stanza
        .setting("iseval")
        .map(|s| (boolean(s.value.text()), s))
    {
        None => false,
        Some((Some(value), _)) => value,
        Some((None, setting)) => {
            let text = setting.value.text();
            errors.push(
                at_value(stanza, setting, format!("iseval is `{text}`"))
                    .help("write true or false"),
            );
            false
        }
    };
    let Some(definition) = stanza.setting("definition") else {
        let name = signature(&stanza.name, stanza.count);
        errors.push(
            broken(
                &stanza.source,
                stanza.header,
                format!("macro `{name}` has no definition"),
            )
            .help("write `definition =` with nothing after it for an empty macro"),
        );
        return Err(errors);
    };
    if !errors.is_empty() {
        return Err(errors);
    }
    let text = |key| stanza.setting(key).map(|s| s.value.clone());
    let filled = |value: &Mapped| !value.text().is_empty();
    Ok(Macro {
        name: stanza.name.clone(),
        arguments,
        definition: definition.value.clone(),
        iseval,
        validation: text("validation").filter(filled),
        errormsg: text("errormsg")
            .filter(filled)
            .map(|m| m.text().to_string()),
        description: text("description").map(|m| m.text().to_string()),
        suppressions: Vec::new(),
        file,
        place: Label {
            source: stanza.source.clone(),
            span: stanza.header,
            note: String::new(),
        },
    })
}

/// Says which keys of a stanza mean nothing.
pub(super) fn unknown_keys(stanza: &Stanza, notices: &Notices) {
    for setting in &stanza.settings {
        if conf::KEYS.contains(&setting.key.as_str()) {
            continue;
        }
        let hint = nearest(&setting.key, conf::KEYS)
            .map(|name| format!(" (`{name}` is one)"))
            .unwrap_or_default();
        notices.push(
            "macro-file",
            format!(
                "{}: `{}` of macro `{}` is no setting of macros and is ignored{hint}",
                stanza.source.name,
                setting.key,
                signature(&stanza.name, stanza.count),
            ),
            false,
        );
    }
}

fn at_value(stanza: &Stanza, setting: &Setting, message: String) -> Diagnostic {
    let mut labels = setting
        .value
        .locate(Span::new(0, setting.value.text().len()));
    labels.truncate(1);
    if labels.is_empty() {
        return broken(&stanza.source, setting.key_span, message);
    }
    let mut error = Diagnostic::new(&code::MACRO_FILE, message);
    error.labels = labels;
    error
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "t" | "yes" => Some(true),
        "0" | "false" | "f" | "no" | "" => Some(false),
        _ => None,
    }
}

/// The names in `args`, checked against the count in the stanza's name (none: `args` means nothing, as in Splunk).
fn stanza_arguments(stanza: &Stanza) -> Result<Vec<String>, Diagnostic> {
    if stanza.count == 0 {
        return Ok(Vec::new());
    }
    let Some(setting) = stanza.setting("args") else {
        let name = signature(&stanza.name, stanza.count);
        let message = format!("macro `{name}` does not name its arguments");
        return Err(broken(&stanza.source, stanza.header, message)
            .help("add `args = ` with the names, separated by commas"));
    };
    let names: Vec<String> = setting.value.text().split(',').map(argument_name).collect();
    if names.len() != stanza.count {
        let message = format!(
            "the stanza says {} and `args` names {}",
            plural(stanza.count, "argument"),
            names.len()
        );
        return Err(at_value(stanza, setting, message)
            .help("make the count in the stanza's name agree with `args`"));
    }
    check_names(&names).map_err(|message| {
        at_value(stanza, setting, message).help("names are letters, digits, `_` and `-`, each once")
    })?;
    Ok(names)
}

fn argument_name(text: &str) -> String {
    text.trim().trim_matches(['$', '"']).to_string()
}

fn check_names(names: &[String]) -> Result<(), String> {
    for (i, name) in names.iter().enumerate() {
        if name.is_empty() || !name.chars().all(is_name_char) {
            return Err(format!("`{name}` can't be the name of an argument"));
        }
        if names.iter().take(i).any(|earlier| earlier == name) {
            return Err(format!("argument `{name}` is named twice"));
        }
    }
    Ok(())
}

/// Whether an argument's name may have this character.
pub(super) fn is_name_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.')
}

/// `1 argument`, `2 arguments`.
pub(super) fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// The keys of a macro's YAML file; others (author, id, date, version …) say nothing about the expansion.
#[derive(Deserialize)]
struct File {
    name: String,
    definition: Option<String>,
    arguments: Option<Vec<String>>,
    description: Option<String>,
    iseval: Option<bool>,
    validation: Option<String>,
    errormsg: Option<String>,
}

/// The macro of a YAML file.
pub(super) fn from_yaml(source: &Arc<SourceText>, path: PathBuf) -> Result<Macro, Diagnostic> {
    let text = source.text.trim_start_matches('\u{feff}');
    let file: File = serde_saphyr::from_str(text)
        .map_err(|error| yaml::error(&code::MACRO_FILE, source, &error))?;
    let start = Span::new(0, source.text.find('\n').unwrap_or(source.text.len()));
    let fail = |message| broken(source, start, message);
    let (name, count) = conf::split_signature(&file.name).map_err(fail)?;
    let arguments: Vec<String> = file.arguments.unwrap_or_default();
    let arguments: Vec<String> = arguments.iter().map(|name| argument_name(name)).collect();
    check_names(&arguments).map_err(fail)?;
    if count != 0 && count != arguments.len() {
        return Err(fail(format!(
            "the name says {} and `arguments` names {}",
            plural(count, "argument"),
            arguments.len()
        )));
    }
    let Some(definition) = file.definition else {
        return Err(fail(format!("macro `{name}` has no definition"))
            .help("write `definition: ''` for an empty macro"));
    };
    let validation = file.validation.filter(|text| !text.trim().is_empty());
    Ok(Macro {
        name,
        arguments,
        definition: yaml::value_of(source, "definition", &definition),
        iseval: file.iseval.unwrap_or(false),
        validation: validation.map(|text| yaml::value_of(source, "validation", &text)),
        errormsg: file.errormsg,
        description: file.description,
        suppressions: Vec::new(),
        file: path,
        place: Label {
            source: source.clone(),
            span: start,
            note: String::new(),
        },
    })
}
