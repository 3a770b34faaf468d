//! What is saved, for people: takes the session's knowledge, gives lists and pages of macros and saved queries.

use super::{Query, Session};
use crate::diagnostic::{Diagnostic, code, nearest};
use crate::knowledge::{Macro, SavedQuery, State, saved};
use crate::render::{self, Header};
use std::path::{Path, PathBuf};
use std::sync::Arc;

impl Session {
    /// Names of all macros, each once.
    pub fn macro_names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.library().iter().map(|m| m.name.clone()).collect();
        names.dedup();
        names
    }

    /// Names of all saved queries.
    pub fn query_names(&self) -> Vec<String> {
        self.settings
            .queries
            .iter()
            .flat_map(|f| saved::list(f))
            .map(|(name, _)| name)
            .collect()
    }

    /// A line a macro: signature, definition, file.
    pub fn macro_list(&self, width: usize, colour: bool) -> String {
        let rows: Vec<Vec<String>> = self
            .library()
            .iter()
            .map(|m| {
                let active = m
                    .suppressions
                    .iter()
                    .filter(|k| k.state == State::Active)
                    .count();
                let definition = match m.definition.text().trim() {
                    "" => "(empty)".to_owned(),
                    text => text.to_owned(),
                };
                let note = if active > 0 {
                    format!("{active} suppressed")
                } else {
                    String::new()
                };
                vec![
                    m.signature(),
                    definition,
                    note,
                    m.file.display().to_string(),
                ]
            })
            .collect();
        if rows.is_empty() {
            return "no macros\n".to_owned();
        }
        render::grid(&["macro", "definition", "", "file"], &rows, width, colour) + "\n"
    }

    /// The macros of a name: `name`, or `name(2)`.
    pub fn find_macros(&self, name: &str) -> Result<Vec<Arc<Macro>>, Diagnostic> {
        let bare = name.trim_matches('`').split('(').next().unwrap_or(name);
        let found: Vec<Arc<Macro>> = self
            .library()
            .overloads(bare)
            .filter(|m| !name.contains('(') || m.signature() == name.trim_matches('`'))
            .cloned()
            .collect();
        if found.is_empty() {
            let names = self.macro_names();
            let help = match nearest(bare, names.iter().map(String::as_str)) {
                Some(near) => format!("there is a macro `{near}`"),
                None if names.is_empty() => {
                    "no macros are loaded; --macros names their folder".to_owned()
                }
                None => format!(
                    "`spelunk macros list` shows the {} that there are",
                    names.len()
                ),
            };
            return Err(Diagnostic::new(
                &code::UNKNOWN_MACRO,
                format!("there is no macro `{name}`"),
            )
            .help(help));
        }
        Ok(found)
    }

    /// The pages of a macro: definition, file, suppressions with their reasons.
    pub fn macro_text(&self, name: &str) -> Result<String, Diagnostic> {
        Ok(self
            .find_macros(name)?
            .iter()
            .map(|m| page(m))
            .collect::<Vec<_>>()
            .join("\n"))
    }

    /// A line a saved query: name, type, risk score, ATT&CK ids, title.
    pub fn query_list(&self, width: usize, colour: bool) -> String {
        let mut rows = Vec::new();
        for (name, path) in self.settings.queries.iter().flat_map(|f| saved::list(f)) {
            let row = match saved::read(&path) {
                Ok(q) => vec![
                    name,
                    q.kind.clone(),
                    q.tags.risk_score.map(|r| r.to_string()).unwrap_or_default(),
                    q.tags.mitre_attack_id.join(", "),
                    q.title,
                ],
                Err(error) => vec![
                    name,
                    String::new(),
                    String::new(),
                    String::new(),
                    error.to_string(),
                ],
            };
            rows.push(row);
        }
        if rows.is_empty() {
            return "no saved queries\n".to_owned();
        }
        render::grid(
            &["query", "type", "risk", "ATT&CK", "title"],
            &rows,
            width,
            colour,
        ) + "\n"
    }

    /// Keeps a query's text as a saved query in the first folder of queries.
    pub fn save_query(&self, name: &str, text: &str) -> Result<PathBuf, Diagnostic> {
        let folder = self
            .settings
            .queries
            .first()
            .map_or(Path::new("queries"), PathBuf::as_path);
        saved::write(folder, name, text, false)
    }

    /// The folder where new macros go: the last one named, which wins.
    pub fn macro_folder(&self) -> PathBuf {
        let named = self.settings.macros.iter().rev().find(|p| !p.is_file());
        named.cloned().unwrap_or_else(|| PathBuf::from("macros"))
    }
}

/// One macro as people read it.
fn page(m: &Macro) -> String {
    let definition = if m.definition.text().trim().is_empty() {
        "(empty)"
    } else {
        m.definition.text()
    };
    let mut out = format!(
        "{}\n  {}\n",
        m.signature(),
        definition.replace('\n', "\n  ")
    );
    if !m.arguments.is_empty() {
        out.push_str(&format!("arguments   {}\n", m.arguments.join(", ")));
    }
    if m.iseval {
        out.push_str("evaluated   the definition is an eval expression\n");
    }
    if let Some(text) = &m.description {
        out.push_str(&format!("description {text}\n"));
    }
    out.push_str(&format!("file        {}\n", m.file.display()));
    if !m.suppressions.is_empty() {
        out.push_str("suppressed\n");
    }
    for kept in &m.suppressions {
        let s = &kept.suppression;
        let state = match (kept.state, s.expires) {
            (State::Active, Some(day)) => format!("until {day}"),
            (State::Active, None) => "active".to_owned(),
            (State::Lapsed, _) => "lapsed, not applied".to_owned(),
            (State::Removed, _) => "taken out by hand".to_owned(),
        };
        let author = s
            .author
            .as_ref()
            .map(|a| format!("by {a}, "))
            .unwrap_or_default();
        out.push_str(&format!(
            "  {}  {}\n              {} ({author}{state})\n",
            s.added, s.condition, s.reason
        ));
    }
    out
}

impl SavedQuery {
    /// What the lines above its rows tell.
    pub fn header(&self) -> Header {
        let some = |text: &str| Some(text.to_owned()).filter(|t| !t.is_empty());
        Header {
            name: if self.title.is_empty() {
                self.name.clone()
            } else {
                self.title.clone()
            },
            kind: some(&self.kind),
            status: some(&self.status),
            risk_score: self.tags.risk_score.map(u64::from),
            attack: self.tags.mitre_attack_id.clone(),
        }
    }

    /// What a JSON document of its rows carries.
    pub fn facts(&self) -> serde_json::Value {
        serde_json::json!({
            "name": if self.title.is_empty() { &self.name } else { &self.title },
            "file": self.path.display().to_string(),
            "id": self.id,
            "type": self.kind,
            "status": self.status,
            "risk_score": self.tags.risk_score,
            "confidence": self.tags.confidence,
            "impact": self.tags.impact,
            "mitre_attack_id": self.tags.mitre_attack_id,
        })
    }
}

impl Query {
    /// The name that people know the query by.
    pub fn name(&self) -> &str {
        self.saved.as_ref().map_or("query", |s| &s.name)
    }
}
