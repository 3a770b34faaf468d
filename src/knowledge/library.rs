//! The macros of all folders: takes folders in order, gives each macro from the last layer that defines it.

use super::conf::{self, Stanza, broken};
use super::definition::{self, Macro};
use super::suppress::{self, Date};
use crate::diagnostic::{Diagnostic, Diagnostics, Notices, SourceText, Span, code};
use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A macro's name and its count of arguments: what tells macros apart.
type Key = (String, usize);

/// All macros that queries may call.
#[derive(Debug, Clone, Default)]
pub struct Library {
    macros: BTreeMap<Key, Arc<Macro>>,
    folders: Vec<PathBuf>,
    fingerprint: u64,
}

/// A macro on its way through the layers.
enum Entry {
    Stanza(Stanza, PathBuf),
    Yaml(Macro),
}

impl Library {
    /// Reads the folders (or files), later ones winning over earlier ones; in a folder `default/` wins over the
    /// folder's own files and `local/` over both. Settings of one stanza are layered one by one, as Splunk does.
    pub fn load(folders: &[PathBuf]) -> (Library, Diagnostics, Notices) {
        Self::load_at(folders, Date::today())
    }

    /// As [`Library::load`], with the day that decides which suppressions have lapsed.
    pub fn load_at(folders: &[PathBuf], today: Date) -> (Library, Diagnostics, Notices) {
        Self::built(folders, today, Loader::default())
    }

    /// As [`Library::load`], as if the file at `path` had this text: what an edit of it would give, layers and all. A
    /// file that is not there yet comes last.
    pub fn load_with(
        folders: &[PathBuf],
        path: &Path,
        text: Arc<SourceText>,
    ) -> (Library, Diagnostics, Notices) {
        let loader = Loader {
            draft: Some(Draft {
                path: path.to_path_buf(),
                text,
                met: false,
            }),
            ..Loader::default()
        };
        Self::built(folders, Date::today(), loader)
    }

    fn built(
        folders: &[PathBuf],
        today: Date,
        mut loader: Loader,
    ) -> (Library, Diagnostics, Notices) {
        let fingerprint = fingerprint(folders);
        for folder in folders {
            loader.folder(folder);
        }
        if let Some(new) = loader.draft.take_if(|d| !d.met) {
            loader.text(&new.text, &new.path);
        }
        let Loader {
            entries,
            mut errors,
            notices,
            ..
        } = loader;
        let mut macros = BTreeMap::new();
        for (key, entry) in entries {
            match finish(entry, today, &notices) {
                Ok(found) => {
                    macros.insert(key, Arc::new(found));
                }
                Err(more) => errors.extend(more),
            }
        }
        let library = Library {
            macros,
            folders: folders.to_vec(),
            fingerprint,
        };
        (library, errors, notices)
    }

    /// A library of these macros, for callers that have no folder.
    pub fn of(macros: impl IntoIterator<Item = Macro>) -> Library {
        let key = |m: &Macro| (m.name.clone(), m.arguments.len());
        Library {
            macros: macros.into_iter().map(|m| (key(&m), Arc::new(m))).collect(),
            ..Library::default()
        }
    }

    /// The macro of this name and count.
    pub fn get(&self, name: &str, count: usize) -> Option<&Arc<Macro>> {
        self.macros.get(&(name.to_string(), count))
    }

    /// The macros of this name, by count of arguments.
    pub fn overloads(&self, name: &str) -> impl Iterator<Item = &Arc<Macro>> {
        let from = (name.to_string(), 0);
        let to = (name.to_string(), usize::MAX);
        self.macros.range(from..=to).map(|(_, found)| found)
    }

    /// All macros, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Macro>> {
        self.macros.values()
    }

    /// The folders that were read.
    pub fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    /// A number that changes when a macro file is added, removed or changed.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// Whether the files on disk are no longer those that were read.
    pub fn is_stale(&self) -> bool {
        fingerprint(&self.folders) != self.fingerprint
    }
}

fn finish(entry: Entry, today: Date, notices: &Notices) -> Result<Macro, Diagnostics> {
    match entry {
        Entry::Yaml(found) => Ok(found),
        Entry::Stanza(stanza, file) => {
            definition::unknown_keys(&stanza, notices);
            let mut found = definition::from_stanza(&stanza, file)?;
            let kept = suppress::kept(&stanza, today).map_err(|error| vec![error])?;
            found.definition = suppress::in_force(&kept, &found.definition);
            for one in &kept {
                if one.state == suppress::State::Lapsed {
                    let text = suppress::lapsed_notice(&found.name, &one.suppression);
                    notices.push("suppression", text, false);
                }
            }
            found.suppressions = kept;
            Ok(found)
        }
    }
}

#[derive(Default)]
struct Loader {
    entries: BTreeMap<Key, Entry>,
    errors: Diagnostics,
    notices: Notices,
    draft: Option<Draft>,
}

/// A file that is to have another text.
struct Draft {
    path: PathBuf,
    text: Arc<SourceText>,
    /// Whether it was among the files of the folders.
    met: bool,
}

impl Loader {
    fn folder(&mut self, folder: &Path) {
        match files(folder) {
            Ok(layers) => {
                for path in layers.iter().flatten() {
                    self.file(path);
                }
            }
            Err(error) => self.errors.push(unreadable(folder, &error)),
        }
    }

    /// The text that a file is to have instead of its own.
    fn draft_of(&mut self, path: &Path) -> Option<Arc<SourceText>> {
        let draft = self.draft.as_mut().filter(|d| d.path == path)?;
        draft.met = true;
        Some(draft.text.clone())
    }

    fn file(&mut self, path: &Path) {
        if let Some(text) = self.draft_of(path) {
            self.text(&text, path);
            return;
        }
        match read_text(path) {
            Ok(source) => self.text(&source, path),
            Err(error) => self.errors.push(error),
        }
    }

    fn text(&mut self, source: &Arc<SourceText>, path: &Path) {
        if is_yaml(path) {
            match definition::from_yaml(source, path.to_path_buf()) {
                Ok(found) => self.add(Entry::Yaml(found), path),
                Err(error) => self.errors.push(error),
            }
            return;
        }
        let (stanzas, errors) = conf::read(source);
        self.errors.extend(errors);
        for stanza in stanzas {
            if stanza.is_default() {
                self.say_default(&stanza);
            } else if !stanza.name.is_empty() {
                self.add(Entry::Stanza(stanza, path.to_path_buf()), path);
            }
        }
    }

    /// A `[default]` stanza gives settings to all others in Splunk; here it must be empty, or it is said.
    fn say_default(&mut self, stanza: &Stanza) {
        if stanza.settings.is_empty() {
            return;
        }
        let text = format!(
            "{}: the settings of [default] are not applied",
            stanza.source.name
        );
        self.notices.push("macro-file", text, false);
    }

    fn add(&mut self, entry: Entry, path: &Path) {
        let key = match &entry {
            Entry::Stanza(stanza, _) => (stanza.name.clone(), stanza.count),
            Entry::Yaml(found) => (found.name.clone(), found.arguments.len()),
        };
        let Some(lower) = self.entries.remove(&key) else {
            self.entries.insert(key, entry);
            return;
        };
        self.say_rivals(&lower, &entry, path);
        let merged = match (lower, entry) {
            (Entry::Stanza(lower, from), Entry::Stanza(upper, file)) => {
                merge(lower, from, upper, file)
            }
            (_, entry) => entry,
        };
        self.entries.insert(key, merged);
    }

    /// Says when two files of one folder define a macro differently: their order is only that of their names.
    fn say_rivals(&self, lower: &Entry, upper: &Entry, path: &Path) {
        let (Some(before), Some(after)) = (built(lower), built(upper)) else {
            return;
        };
        if before.file == path || before.file.parent() != path.parent() || before.same_as(&after) {
            return;
        }
        self.notices.push(
            "macro-file",
            format!(
                "macro `{}` is defined in {} and in {}, differently: the latter is used",
                after.signature(),
                before.file.display(),
                path.display()
            ),
            false,
        );
    }
}

fn built(entry: &Entry) -> Option<Macro> {
    match entry {
        Entry::Yaml(found) => Some(found.clone()),
        Entry::Stanza(stanza, file) => definition::from_stanza(stanza, file.clone()).ok(),
    }
}

/// The upper stanza over the lower one, setting by setting. The macro belongs to the file that defines its text.
fn merge(mut lower: Stanza, from: PathBuf, mut upper: Stanza, file: PathBuf) -> Entry {
    if Arc::ptr_eq(&lower.source, &upper.source) {
        lower.comments.append(&mut upper.comments);
        upper.comments.clone_from(&lower.comments);
    }
    if upper.setting("definition").is_some() {
        lower.settings.append(&mut upper.settings);
        upper.settings = lower.settings;
        return Entry::Stanza(upper, file);
    }
    lower.settings.append(&mut upper.settings);
    Entry::Stanza(lower, from)
}

/// A text file as a named text.
pub(super) fn read_text(path: &Path) -> Result<Arc<SourceText>, Diagnostic> {
    let bytes = std::fs::read(path).map_err(|error| unreadable(path, &error))?;
    let name = path.display().to_string();
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Arc::new(SourceText {
            name,
            text,
            first_line: 1,
        })),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let source = Arc::new(SourceText {
                text: String::from_utf8_lossy(error.as_bytes()).into_owned(),
                name,
                first_line: 1,
            });
            let message = format!("{} is not UTF-8 text", source.name);
            Err(broken(&source, Span::new(at, at + 3), message))
        }
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::new(
        &code::MACRO_FILE,
        format!("{} can't be read: {error}", path.display()),
    )
}

fn extension(path: &Path) -> String {
    path.extension()
        .map(|extension| extension.to_string_lossy().to_ascii_lowercase())
        .unwrap_or_default()
}

/// Whether the name says YAML.
pub(super) fn is_yaml(path: &Path) -> bool {
    matches!(extension(path).as_str(), "yml" | "yaml")
}

/// The macro files of a folder in three layers: its own, `default/`, `local/`; each by name. A file is itself.
fn files(folder: &Path) -> std::io::Result<Vec<Vec<PathBuf>>> {
    if folder.is_file() {
        return Ok(vec![vec![folder.to_path_buf()]]);
    }
    let mut layers = vec![listed(folder)?];
    for part in ["default", "local"] {
        let layer = folder.join(part);
        if layer.is_dir() {
            let mut files = listed(&layer)?;
            // An app's folder holds other kinds of .conf beside its macros.
            if files.iter().any(|path| path.ends_with("macros.conf")) {
                files.retain(|path| is_yaml(path) || path.ends_with("macros.conf"));
            }
            layers.push(files);
        }
    }
    Ok(layers)
}

fn listed(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        // Not of macros: `transaction name=` reads it.
        let other = path.ends_with(super::transactions::FILE);
        if !hidden && !other && path.is_file() && (is_yaml(&path) || extension(&path) == "conf") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Names, sizes and times of change of all files.
fn fingerprint(folders: &[PathBuf]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for folder in folders {
        folder.hash(&mut hasher);
        for path in files(folder).unwrap_or_default().iter().flatten() {
            path.hash(&mut hasher);
            if let Ok(facts) = path.metadata() {
                facts.len().hash(&mut hasher);
                facts.modified().ok().hash(&mut hasher);
            }
        }
    }
    hasher.finish()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        dir
    }

    fn text(library: &Library, name: &str, count: usize) -> String {
        library
            .get(name, count)
            .unwrap()
            .definition
            .text()
            .to_string()
    }

    #[test]
    fn local_wins_over_default_and_later_folders_over_earlier() {
        let a = folder(&[
            (
                "default/macros.conf",
                "[m(1)]\nargs = x\ndefinition = old $x$\n[n]\ndefinition = n",
            ),
            ("default/props.conf", "not macros"),
            ("local/macros.conf", "[m(1)]\ndefinition = new $x$"),
        ]);
        let b = folder(&[(
            "n.yml",
            "name: n\ndefinition: later\narguments: []\nid: 1\n",
        )]);
        let folders = [a.path().to_path_buf(), b.path().to_path_buf()];
        let (library, errors, _) = Library::load(&folders);
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(text(&library, "m", 1), "new $x$");
        assert_eq!(text(&library, "n", 0), "later");
    }

    #[test]
    fn rivals_in_one_folder_are_said_unless_identical() {
        let a = folder(&[
            ("a.conf", "[m]\ndefinition = same\n[n]\ndefinition = one"),
            ("b.yml", "name: m\ndefinition: same\n"),
            ("c.yml", "name: n\ndefinition: two\n"),
        ]);
        let (library, errors, notices) = Library::load(&[a.path().to_path_buf()]);
        assert!(errors.is_empty());
        assert_eq!(notices.list().len(), 1);
        assert_eq!(text(&library, "n", 0), "two");
    }

    #[test]
    fn a_change_on_disk_is_seen() {
        let a = folder(&[("a.conf", "[m]\ndefinition = x")]);
        let (library, ..) = Library::load(&[a.path().to_path_buf()]);
        assert!(!library.is_stale());
        std::fs::write(a.path().join("a.conf"), "[m]\ndefinition = longer").unwrap();
        assert!(library.is_stale());
    }

    #[test]
    fn all_errors_are_reported_at_once() {
        let a = folder(&[
            (
                "a.conf",
                "[m(2)]\nargs = a\ndefinition = x\n[n]\nargs = a\n",
            ),
            ("b.yml", "name: [\n"),
            ("c.conf", "junk\n[k]\ndefinition =\niseval = maybe\nfoo = 1"),
        ]);
        let missing = a.path().join("none");
        let (library, errors, notices) = Library::load(&[a.path().to_path_buf(), missing]);
        assert_eq!(errors.len(), 6, "{errors:?}");
        assert_eq!(library.iter().count(), 0);
        assert_eq!(notices.list().len(), 1);
    }
}
