//! Saved queries: takes a name or a path, gives the query with its places in the file and what the file says about it.

use super::mapped::Mapped;
use super::suppress::Date;
use super::write::{write_atomically, write_new};
use super::yaml;
use crate::diagnostic::{Diagnostic, Label, SourceText, Span, code, nearest};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A query in a file, with the facts that the detection community keeps beside it. Facts that are missing are empty.
#[derive(Debug, Clone, Default)]
pub struct SavedQuery {
    /// The file's name without its extension: what `run` takes.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// The search text, with its places in the file.
    pub search: Mapped,
    /// The name as people write it.
    pub title: String,
    /// The id, a UUID.
    pub id: String,
    /// The version.
    pub version: String,
    /// When it was last changed.
    pub date: String,
    /// Who wrote it.
    pub author: String,
    /// `production`, `experimental`, `deprecated`, …
    pub status: String,
    /// `TTP`, `Anomaly`, `Hunting`, …
    pub kind: String,
    /// What it finds.
    pub description: String,
    /// The data that it needs.
    pub data_source: Vec<String>,
    /// How to get that data.
    pub how_to_implement: String,
    /// What it finds wrongly.
    pub known_false_positives: String,
    /// Where to read more.
    pub references: Vec<String>,
    /// How it is classified.
    pub tags: Tags,
    /// The names of its tests.
    pub tests: Vec<String>,
}

/// The classification of a detection.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tags {
    /// ATT&CK techniques, as T1526.
    pub mitre_attack_id: Vec<String>,
    /// Phases of the kill chain.
    pub kill_chain_phases: Vec<String>,
    /// NIST categories, as DE.AE.
    pub nist: Vec<String>,
    /// CIS controls, as `CIS 10`.
    pub cis20: Vec<String>,
    /// Stories that it belongs to.
    pub analytic_story: Vec<String>,
    /// Fields that it reads.
    pub required_fields: Vec<String>,
    /// What is watched: `Endpoint`, `AWS Account`, …
    pub asset_type: String,
    /// `threat`, `access`, `network`, …
    pub security_domain: String,
    /// How sure a finding is, of 100.
    pub confidence: Option<u32>,
    /// How bad it is, of 100.
    pub impact: Option<u32>,
    /// Their product, of 100, as written or computed.
    pub risk_score: Option<u32>,
}

impl SavedQuery {
    /// The filter macro of this query, which may be missing: `<name>_filter`, by the file's name or else by the title.
    pub fn filter_name(&self) -> String {
        let by_file = format!("{}_filter", self.name);
        if self.title.is_empty() || self.search.text().contains(&format!("`{by_file}`")) {
            return by_file;
        }
        let slug = |c: char| {
            if c.is_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '_'
            }
        };
        let by_title = format!(
            "{}_filter",
            self.title.chars().map(slug).collect::<String>()
        );
        if self.search.text().contains(&format!("`{by_title}`")) {
            return by_title;
        }
        by_file
    }
}

/// The saved query of this name in the first folder that has one, or the one at this path.
pub fn find(name_or_path: &str, folders: &[PathBuf]) -> Result<SavedQuery, Diagnostic> {
    let path = Path::new(name_or_path);
    if is_query(path) && path.is_file() {
        return read(path);
    }
    let mut known = Vec::new();
    for folder in folders {
        let here = list(folder);
        let mut matching = here.iter().filter(|(name, _)| name == name_or_path);
        if let Some((_, path)) = matching.next() {
            if let Some((_, other)) = matching.next() {
                let message = format!(
                    "query `{name_or_path}` is in {} and in {}",
                    path.display(),
                    other.display()
                );
                return Err(Diagnostic::new(&code::QUERY_FILE, message)
                    .help("give the path of one of them"));
            }
            return read(path);
        }
        known.extend(here.into_iter().map(|(name, _)| name));
    }
    Err(missing(name_or_path, &known, folders))
}

fn missing(name: &str, known: &[String], folders: &[PathBuf]) -> Diagnostic {
    let path = Path::new(name);
    if is_query(path) {
        let message = format!("query file {name} does not exist");
        return Diagnostic::new(&code::QUERY_FILE, message);
    }
    if path.is_file() {
        let message = format!("`{name}` is no file of a saved query");
        return Diagnostic::new(&code::QUERY_FILE, message)
            .help("such a file ends in .yml, .yaml or .spl");
    }
    if name.contains(std::path::is_separator) {
        let message = format!("there is no file or folder `{name}`");
        return Diagnostic::new(&code::QUERY_FILE, message)
            .help("a saved query is given by its name, or by the path of its .yml or .spl file");
    }
    let searched: Vec<String> = folders.iter().map(|f| f.display().to_string()).collect();
    let help = match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => format!("the nearest name is `{near}`"),
        None if known.is_empty() => {
            format!("there are no saved queries in {}", searched.join(", "))
        }
        None if known.len() <= 8 => format!("saved queries: {}", known.join(", ")),
        None => format!(
            "{} holds {} saved queries",
            searched.join(", "),
            known.len()
        ),
    };
    Diagnostic::new(
        &code::QUERY_FILE,
        format!("there is no saved query `{name}`"),
    )
    .help(help)
}

/// Names and paths of the saved queries in a folder and those under it, by path.
pub fn list(folder: &Path) -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let Some(stem) = path
                .file_stem()
                .map(|stem| stem.to_string_lossy().into_owned())
            else {
                continue;
            };
            // A link to a folder is not followed: it may lead back.
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if stem.starts_with('.') {
                continue;
            } else if is_folder {
                open.push(path);
            } else if is_query(&path) && path.is_file() {
                found.push((stem, path));
            }
        }
    }
    found.sort_by(|a, b| a.1.cmp(&b.1));
    found
}

/// Whether a file's name says that it is a saved query.
pub fn is_query(path: &Path) -> bool {
    let extension = path
        .extension()
        .map(|e| e.to_string_lossy().to_ascii_lowercase());
    matches!(extension.as_deref(), Some("yml" | "yaml" | "spl"))
}

/// Reads a saved query.
pub fn read(path: &Path) -> Result<SavedQuery, Diagnostic> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Diagnostic::new(
            &code::QUERY_FILE,
            format!("{} can't be read: {error}", path.display()),
        )
    })?;
    let source = Arc::new(SourceText {
        name: path.display().to_string(),
        text,
        first_line: 1,
    });
    let stem = path
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned());
    let name = stem.unwrap_or_default();
    if path
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("spl"))
    {
        let start = if source.text.starts_with('\u{feff}') {
            3
        } else {
            0
        };
        let mut search = Mapped::default();
        search.push_part(&source, Span::new(start, source.text.len()));
        let path = path.to_path_buf();
        return Ok(SavedQuery {
            name,
            path,
            search,
            ..SavedQuery::default()
        });
    }
    parse(&source, name, path.to_path_buf())
}

/// A saved query from the text of its YAML file.
fn parse(source: &Arc<SourceText>, name: String, path: PathBuf) -> Result<SavedQuery, Diagnostic> {
    let text = source.text.trim_start_matches('\u{feff}');
    let file: Value = serde_saphyr::from_str(text)
        .map_err(|error| yaml::error(&code::QUERY_FILE, source, &error))?;
    let Some(search) = file.get("search").and_then(Value::as_str) else {
        let message = format!("{} has no search", source.name);
        let first = source.text.find('\n').unwrap_or(source.text.len());
        return Err(Diagnostic::new(&code::QUERY_FILE, message)
            .help("the query is the text of the key `search`")
            .label(Label {
                source: source.clone(),
                span: Span::new(0, first),
                note: String::new(),
            }));
    };
    Ok(SavedQuery {
        search: yaml::value_of(source, "search", search),
        name,
        path,
        title: word(&file, "name"),
        id: word(&file, "id"),
        version: word(&file, "version"),
        date: word(&file, "date"),
        author: word(&file, "author"),
        status: word(&file, "status"),
        kind: word(&file, "type"),
        description: word(&file, "description"),
        data_source: words(&file, "data_source"),
        how_to_implement: word(&file, "how_to_implement"),
        known_false_positives: word(&file, "known_false_positives"),
        references: words(&file, "references"),
        tags: tags(&file),
        tests: file
            .get("tests")
            .and_then(Value::as_array)
            .map(|tests| tests.iter().map(|test| word(test, "name")).collect())
            .unwrap_or_default(),
    })
}

fn tags(file: &Value) -> Tags {
    let none = Value::Null;
    let tags = file.get("tags").unwrap_or(&none);
    let number = |key| word(tags, key).trim().parse::<u32>().ok();
    let (confidence, impact) = (number("confidence"), number("impact"));
    let product = confidence
        .zip(impact)
        .map(|(a, b)| a.saturating_mul(b) / 100);
    // Newer files give the score for each entity at risk; the finding's is the highest.
    let objects = file.pointer("/rba/risk_objects").and_then(Value::as_array);
    let highest = objects.and_then(|all| {
        all.iter()
            .filter_map(|o| word(o, "score").parse().ok())
            .max()
    });
    Tags {
        mitre_attack_id: words(tags, "mitre_attack_id"),
        kill_chain_phases: words(tags, "kill_chain_phases"),
        nist: words(tags, "nist"),
        cis20: words(tags, "cis20"),
        analytic_story: words(tags, "analytic_story"),
        required_fields: words(tags, "required_fields"),
        asset_type: word(tags, "asset_type"),
        security_domain: word(tags, "security_domain"),
        confidence,
        impact,
        risk_score: number("risk_score").or(product).or(highest),
    }
}

/// A scalar as text; empty when there is none.
fn word(value: &Value, key: &str) -> String {
    scalar(value.get(key).unwrap_or(&Value::Null)).unwrap_or_default()
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim_end().to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// A list of scalars; a single scalar is a list of one.
fn words(value: &Value, key: &str) -> Vec<String> {
    match value.get(key) {
        Some(Value::Array(list)) => list.iter().filter_map(scalar).collect(),
        Some(one) => scalar(one).into_iter().collect(),
        None => Vec::new(),
    }
}

/// Saves a query as `<name>.yml` in a folder, which is made if needed. An existing file is only replaced when asked.
pub fn write(folder: &Path, name: &str, query: &str, replace: bool) -> Result<PathBuf, Diagnostic> {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    if name.is_empty() || name.starts_with(['.', '-']) || !name.chars().all(fits) {
        let message = format!("`{name}` can't be the name of a saved query");
        return Err(
            Diagnostic::new(&code::QUERY_FILE, message).help("use letters, digits, `_` and `-`")
        );
    }
    let path = folder.join(format!("{name}.yml"));
    let text = file_text(name, query);
    if replace {
        write_atomically(&path, &text, &code::QUERY_FILE)?;
    } else if path.exists() {
        let message = format!("{} exists already", path.display());
        return Err(Diagnostic::new(&code::QUERY_FILE, message)
            .help("choose another name, or remove that file"));
    } else {
        write_new(&path, &text, &code::QUERY_FILE)?;
    }
    Ok(path)
}

/// The YAML of a query, as a block of lines where that gives the same text back, else as one quoted string.
fn file_text(name: &str, query: &str) -> String {
    let query = query.trim();
    let head = format!(
        "name: {}\ndate: {}\nsearch: ",
        Value::from(name),
        Value::from(Date::today().to_string())
    );
    let lines: String = query.lines().map(|line| format!("  {line}\n")).collect();
    let block = format!("{head}|-\n{lines}");
    let same = serde_saphyr::from_str::<Value>(&block)
        .is_ok_and(|file| file.get("search").and_then(Value::as_str) == Some(query));
    if same {
        block
    } else {
        format!("{head}{}\n", Value::from(query))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_detection_is_found_by_name_with_its_facts_and_places() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("cloud")).unwrap();
        let path = dir.path().join("cloud/pod_scan.yml");
        let yaml = "name: Pod Scan\nversion: 1\ndate: 2020-04-15\ntype: Hunting\nunknown: {a: 1}\nsearch: '`m` | stats\n  count'\ntags:\n  mitre_attack_id:\n  - T1526\n  confidence: 50\n  impact: 50\ntests:\n- name: True Positive Test\n";
        std::fs::write(&path, yaml).unwrap();
        let query = find("pod_scan", &[dir.path().to_path_buf()]).unwrap();
        assert_eq!(query.search.text(), "`m` | stats count");
        assert_eq!(
            (query.version.as_str(), query.date.as_str()),
            ("1", "2020-04-15")
        );
        assert_eq!(query.tags.risk_score, Some(25));
        assert_eq!(query.tags.mitre_attack_id, ["T1526"]);
        assert_eq!(query.filter_name(), "pod_scan_filter");
        let label = &query.search.locate(Span::new(12, 17))[0];
        assert_eq!(yaml.get(label.span.start..label.span.end), Some("count"));
        let error = find("pod_scna", &[dir.path().to_path_buf()]).unwrap_err();
        assert_eq!(
            error.help.as_deref(),
            Some("the nearest name is `pod_scan`")
        );
        assert_eq!(find(&path.to_string_lossy(), &[]).unwrap().name, "pod_scan");
    }

    #[test]
    fn what_is_saved_reads_back_the_same() {
        let dir = tempfile::tempdir().unwrap();
        for (i, query) in [
            "a | stats count",
            "a: 'b' \"c\"\n| head 5\n\n  | x",
            "#a\t\\d",
            "a \u{0}b",
        ]
        .iter()
        .enumerate()
        {
            let name = format!("q{i}");
            let path = write(dir.path(), &name, query, false).unwrap();
            assert_eq!(read(&path).unwrap().search.text(), *query);
            assert!(write(dir.path(), &name, "other", false).is_err());
            write(dir.path(), &name, "other", true).unwrap();
        }
        assert!(write(dir.path(), "../q", "a", false).is_err());
    }

    #[test]
    fn a_plain_file_is_its_query() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("q.spl");
        std::fs::write(&path, "a | head\n").unwrap();
        assert_eq!(
            find("q", &[dir.path().to_path_buf()])
                .unwrap()
                .search
                .text(),
            "a | head\n"
        );
    }

    #[test]
    fn broken_yaml_is_refused_at_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("q.yml");
        std::fs::write(&path, "name: a\nsearch: \"a\n").unwrap();
        assert!(!read(&path).unwrap_err().labels.is_empty());
        std::fs::write(&path, "name: a\n").unwrap();
        assert!(read(&path).unwrap_err().message.contains("has no search"));
    }
}
