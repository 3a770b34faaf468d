//! Lookup tables by name: takes folders, gives for a name its file and what its definition says. A definition is a stanza of
//! a `transforms.conf`, or one of the detection community's YAML files; without one a file's own name is its table's.
//! Other stanzas of a `transforms.conf` say how fields are extracted.

use super::conf::{self, Stanza};
use super::extraction;
use crate::data::{ExtractionRule, LookupRule, Match, TimeRule};
use crate::diagnostic::{Diagnostic, SourceText, code, nearest};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// A table that a name stands for.
#[derive(Debug, Clone)]
pub struct Found {
    /// The file with its rows.
    pub path: PathBuf,
    /// How it is searched.
    pub rule: LookupRule,
}

/// The names of some folders; a later folder wins.
#[derive(Debug, Clone, Default)]
pub struct Tables {
    folders: Vec<PathBuf>,
    definitions: BTreeMap<String, (String, LookupRule)>,
    /// Definitions of something else than a file, and of what.
    others: BTreeMap<String, &'static str>,
    /// Rules that extract fields; on an error, why one can't be used.
    extractions: BTreeMap<String, Result<ExtractionRule, String>>,
}

impl Tables {
    /// Reads the definitions of the folders; one that can't be read is an error.
    pub fn load(folders: &[PathBuf]) -> Result<Self, Diagnostic> {
        let mut tables = Self {
            folders: folders.to_vec(),
            ..Self::default()
        };
        for folder in folders {
            for layer in [folder.clone(), folder.join("default"), folder.join("local")] {
                tables.conf(&layer.join("transforms.conf"))?;
            }
            for path in listed(folder, &["yml", "yaml"]) {
                tables.yaml(&path)?;
            }
        }
        Ok(tables)
    }

    /// The table of a name: a definition's, else the file's.
    pub fn find(&self, name: &str) -> Result<Found, Diagnostic> {
        if let Some((file, rule)) = self.definitions.get(name) {
            let missing = || {
                let message = format!("lookup `{name}` is in `{file}`, which is in no folder");
                Diagnostic::new(&code::LOOKUP, message).help(self.folder_list())
            };
            let path = self.file(file).ok_or_else(missing)?;
            return Ok(Found {
                path,
                rule: rule.clone(),
            });
        }
        if let Some(what) = self.others.get(name) {
            let message = format!("lookup `{name}` is {what}, which is not read here");
            return Err(Diagnostic::new(&code::LOOKUP, message)
                .help("export it as a CSV file, and name that in its definition: filename = …"));
        }
        if let Some(path) = self.file(name) {
            let rule = LookupRule::default();
            return Ok(Found { path, rule });
        }
        let names = self.names();
        let message = format!("there is no lookup table `{name}`");
        let help = match nearest(name, names.iter().map(String::as_str)) {
            Some(near) => format!("there is `{near}`"),
            None if names.is_empty() => self.folder_list(),
            None => format!("the tables are {}", names.join(", ")),
        };
        Err(Diagnostic::new(&code::LOOKUP, message).help(help))
    }

    /// The extraction of a name.
    pub fn extraction(&self, name: &str) -> Result<ExtractionRule, Diagnostic> {
        match self.extractions.get(name) {
            Some(Ok(rule)) => Ok(rule.clone()),
            Some(Err(why)) => {
                let message = format!("the extraction `{name}` can't be used: {why}");
                Err(Diagnostic::new(&code::LOOKUP, message))
            }
            None => {
                let names = self.extractions.keys().map(String::as_str);
                let help = match nearest(name, names) {
                    Some(near) => format!("there is `{near}`"),
                    None => "it is a stanza with REGEX or DELIMS of a transforms.conf in a folder named by --lookups".to_owned(),
                };
                let message = format!("there is no extraction `{name}`");
                Err(Diagnostic::new(&code::LOOKUP, message).help(help))
            }
        }
    }

    /// The file that a definition's name, or a file's name, would be written to.
    pub fn file_name<'n>(&'n self, name: &'n str) -> Option<&'n str> {
        match self.definitions.get(name) {
            Some((file, _)) => Some(file),
            None if is_table(Path::new(name)) => Some(name),
            None => None,
        }
    }

    fn file(&self, name: &str) -> Option<PathBuf> {
        if !is_plain(Path::new(name)) {
            return None;
        }
        let in_folder = |folder: &PathBuf| Some(folder.join(name)).filter(|path| path.is_file());
        self.folders.iter().rev().find_map(in_folder)
    }

    /// The names of all tables.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.definitions.keys().cloned().collect();
        for folder in &self.folders {
            let files = listed(folder, &["csv", "gz"]);
            let name = |path: &PathBuf| Some(path.file_name()?.to_string_lossy().into_owned());
            names.extend(files.iter().filter(|p| is_table(p)).filter_map(name));
        }
        names.sort();
        names.dedup();
        names
    }

    fn folder_list(&self) -> String {
        if self.folders.is_empty() {
            return "name a folder of tables with --lookups".to_owned();
        }
        let folders = self.folders.iter().map(|f| f.display().to_string());
        format!(
            "tables are looked for in {}; --lookups names more folders",
            folders.collect::<Vec<_>>().join(", ")
        )
    }

    fn conf(&mut self, path: &Path) -> Result<(), Diagnostic> {
        if !path.is_file() {
            return Ok(());
        }
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
        let source = Arc::new(SourceText {
            name: path.display().to_string(),
            text,
            first_line: 1,
        });
        let (stanzas, errors) = conf::read(&source);
        if let Some(error) = errors.into_iter().next() {
            return Err(error);
        }
        for stanza in stanzas {
            let text = |key: &str| Some(stanza.setting(key)?.value.text().trim().to_owned());
            if let Some(file) = text("filename") {
                let rule = rule(&text).map_err(|why| refused(&stanza, &why))?;
                self.definitions.insert(stanza.name.clone(), (file, rule));
                self.others.remove(&stanza.name);
            } else if let Some(what) = other(&text) {
                self.others.insert(stanza.name.clone(), what);
            } else if let Some(rule) = extraction::rule(&stanza.name, &text) {
                self.extractions.insert(stanza.name.clone(), rule);
            }
        }
        Ok(())
    }

    fn yaml(&mut self, path: &Path) -> Result<(), Diagnostic> {
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
        // Other YAML may lie there; only a table's definition has a `lookup_type`.
        if !text.lines().any(|line| line.starts_with("lookup_type:")) {
            return Ok(());
        }
        let wrong = |why: String| {
            let message = format!("{} can't be read as a lookup: {why}", path.display());
            Diagnostic::new(&code::LOOKUP, message)
        };
        let read: Yaml = serde_saphyr::from_str(&text).map_err(|e| wrong(e.to_string()))?;
        if read.lookup_type != "csv" {
            return Ok(());
        }
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let file = read.filename.clone().unwrap_or(format!("{stem}.csv"));
        let rule = rule(&|key| read.setting(key)).map_err(wrong)?;
        self.definitions.insert(read.name, (file, rule));
        Ok(())
    }
}

/// What a definition without a file is of.
fn other(setting: &dyn Fn(&str) -> Option<String>) -> Option<&'static str> {
    match setting("external_type").as_deref() {
        Some("kvstore") => Some("a collection of a store"),
        Some("geo") => Some("a map"),
        _ => setting("external_cmd").map(|_| "a program"),
    }
}

/// The parts of a YAML definition that say how a table is searched.
#[derive(Debug, Deserialize)]
struct Yaml {
    name: String,
    #[serde(default)]
    lookup_type: String,
    filename: Option<String>,
    #[serde(default)]
    match_type: Vec<String>,
    min_matches: Option<u64>,
    max_matches: Option<u64>,
    default_match: Option<Scalar>,
    case_sensitive_match: Option<bool>,
}

/// A value that YAML may take for a truth value or a number.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Scalar {
    Truth(bool),
    Number(i64),
    Text(String),
}

impl Yaml {
    fn setting(&self, key: &str) -> Option<String> {
        match key {
            "match_type" => Some(self.match_type.join(",")),
            "min_matches" => Some(self.min_matches?.to_string()),
            "max_matches" => Some(self.max_matches?.to_string()),
            "case_sensitive_match" => Some(self.case_sensitive_match?.to_string()),
            "default_match" => Some(match self.default_match.as_ref()? {
                Scalar::Truth(truth) => truth.to_string(),
                Scalar::Number(number) => number.to_string(),
                Scalar::Text(text) => text.clone(),
            }),
            _ => None,
        }
    }
}

/// The rule that a definition's settings make; on an error, why not.
fn rule(setting: &dyn Fn(&str) -> Option<String>) -> Result<LookupRule, String> {
    let number = |key: &str, default: f64| match setting(key) {
        None => Ok(default),
        Some(text) => text
            .parse()
            .map_err(|_| format!("{key} is no number: `{text}`")),
    };
    let mut rule = LookupRule::default();
    if let Some(text) = setting("case_sensitive_match") {
        rule.case_sensitive = match text.to_ascii_lowercase().as_str() {
            "1" | "true" | "t" | "yes" => true,
            "0" | "false" | "f" | "no" => false,
            _ => {
                return Err(format!(
                    "case_sensitive_match is true or false, not `{text}`"
                ));
            }
        };
    }
    for part in setting("match_type").unwrap_or_default().split([',', ' ']) {
        if part.is_empty() {
            continue;
        }
        let call = part.strip_suffix(')').and_then(|part| part.split_once('('));
        let kind = call.and_then(|(kind, _)| match kind.to_ascii_uppercase().as_str() {
            "WILDCARD" => Some(Match::Wildcard),
            "CIDR" => Some(Match::Cidr),
            "EXACT" => Some(Match::Exact),
            _ => None,
        });
        let (Some((_, field)), Some(kind)) = (call, kind) else {
            return Err(format!(
                "match_type is WILDCARD(field), CIDR(field) or EXACT(field), not `{part}`"
            ));
        };
        rule.matches.insert(field.trim().into(), kind);
    }
    if let Some(field) = setting("time_field").filter(|field| !field.is_empty()) {
        rule.max_matches = 1;
        rule.time = Some(TimeRule {
            field: field.as_str().into(),
            format: setting("time_format").unwrap_or_else(|| "%s.%Q".to_owned()),
            least: number("min_offset_secs", 0.0)?,
            most: number("max_offset_secs", 2_000_000_000.0)?,
        });
    }
    rule.max_matches = number("max_matches", rule.max_matches as f64)? as usize;
    rule.min_matches = number("min_matches", 0.0)? as usize;
    rule.default_match = setting("default_match").unwrap_or_default();
    rule.filter = setting("filter").filter(|search| !search.is_empty());
    Ok(rule)
}

fn refused(stanza: &Stanza, why: &str) -> Diagnostic {
    let message = format!("lookup `{}` can't be used: {why}", stanza.name);
    Diagnostic::new(&code::LOOKUP, message).label(crate::diagnostic::Label {
        source: stanza.source.clone(),
        span: stanza.header,
        note: String::new(),
    })
}

fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostic {
    let message = format!("{} can't be read: {error}", path.display());
    Diagnostic::new(&code::LOOKUP, message)
}

/// Whether a name says a table: `.csv` or `.csv.gz`.
fn is_table(path: &Path) -> bool {
    let name = path.to_string_lossy().to_ascii_lowercase();
    name.ends_with(".csv") || name.ends_with(".csv.gz")
}

/// Whether a name stays in the folder that it is looked for in.
pub fn is_plain(name: &Path) -> bool {
    name.components().count() > 0
        && name
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
}

/// The files of a folder with these extensions, by name.
fn listed(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            let extension = path.extension().unwrap_or_default().to_string_lossy();
            path.is_file() && extensions.contains(&extension.as_ref())
        })
        .collect();
    files.sort();
    files
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn definitions_win_over_files_and_say_how_to_match() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        write("a.csv", "x,y\n1,2\n");
        write(
            "transforms.conf",
            "[a]\nfilename = a.csv\nmatch_type = WILDCARD(x), CIDR(y)\nmax_matches = 1\ncase_sensitive_match = false\n",
        );
        write(
            "b.yml",
            "name: b\nlookup_type: csv\nmatch_type:\n- WILDCARD(x)\nmin_matches: 1\ndefault_match: false\n",
        );
        write("b.csv", "x\n*\n");
        let tables = Tables::load(&[dir.path().to_path_buf()]).unwrap();
        let a = tables.find("a").unwrap().rule;
        assert_eq!(
            a.matches.values().copied().collect::<Vec<_>>(),
            [Match::Wildcard, Match::Cidr]
        );
        assert_eq!((a.max_matches, a.case_sensitive), (1, false));
        let b = tables.find("b").unwrap().rule;
        assert_eq!((b.min_matches, b.default_match.as_str()), (1, "false"));
        assert_eq!(tables.find("a.csv").unwrap().rule, LookupRule::default());
        assert_eq!(tables.names(), ["a", "a.csv", "b", "b.csv"]);
        let error = tables.find("aa.csv").unwrap_err();
        assert_eq!(error.help.unwrap(), "there is `a.csv`");
        assert!(tables.find("../a.csv").is_err());
    }

    #[test]
    fn a_definition_that_makes_no_sense_is_refused_at_its_place() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("transforms.conf");
        std::fs::write(path, "[a]\nfilename = a.csv\nmatch_type = LIKE(x)\n").unwrap();
        let error = Tables::load(&[dir.path().to_path_buf()]).unwrap_err();
        assert!(error.message.contains("LIKE(x)") && error.labels.len() == 1);
    }
}
