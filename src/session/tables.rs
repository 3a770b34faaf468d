//! Lookup tables as files: takes folders, reads CSV tables below them, and writes below the one that the user named.

use crate::commands::Tables;
use crate::data::{Batch, Column, ColumnBuilder, ExtractionRule, Lookup, Value};
use crate::diagnostic::{Diagnostic, code};
use crate::knowledge::{self, replacement, tables};
use crate::render;
use crate::source;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The tables of some folders.
#[derive(Debug)]
pub(super) struct Folders {
    /// Where tables are read from; a later folder wins.
    pub(super) folders: Vec<PathBuf>,
    /// Where they may be written.
    pub(super) writable: Option<PathBuf>,
    /// Where events of indexes may be written.
    pub(super) collected: Option<PathBuf>,
    /// A MaxMind file.
    pub(super) locations: Option<PathBuf>,
}

fn failed(message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(&code::LOOKUP, message)
}

impl Tables for Folders {
    fn read(&self, name: &str) -> Result<Lookup, Diagnostic> {
        let found = tables::Tables::load(&self.folders)?.find(name)?;
        let wrong = |why: String| failed(format!("{} can't be read: {why}", found.path.display()));
        let bytes = source::read_whole(&found.path).map_err(|e| wrong(e.to_string()))?;
        Ok(Lookup {
            rows: rows(&bytes).map_err(|e| wrong(e.to_string()))?,
            rule: found.rule,
        })
    }

    fn target(&self, name: &str) -> Result<PathBuf, Diagnostic> {
        let Some(folder) = &self.writable else {
            return Err(failed(format!(
                "`{name}` can't be written: no folder is named for it"
            ))
            .help("name the folder with --lookups; nothing is written anywhere else"));
        };
        let known = tables::Tables::load(std::slice::from_ref(folder))?;
        let Some(file) = known.file_name(name) else {
            return Err(failed(format!(
                "`{name}` is no definition, and no name of a CSV file"
            ))
            .help("a table is written to a name that ends in .csv or .csv.gz"));
        };
        let path = folder.join(file);
        if !tables::is_plain(Path::new(file)) || leads_out(folder, &path) {
            let message = format!("`{name}` is not below {}", folder.display());
            return Err(failed(message).help("tables are written below that folder only"));
        }
        Ok(path)
    }

    fn extraction(&self, name: &str) -> Result<ExtractionRule, Diagnostic> {
        tables::Tables::load(&self.folders)?.extraction(name)
    }

    fn locations(&self) -> Option<PathBuf> {
        self.locations.clone()
    }

    fn collection(&self, index: &str, file: &str) -> Result<PathBuf, Diagnostic> {
        let Some(folder) = &self.collected else {
            let message =
                format!("events of `{index}` can't be written: no folder is named for it");
            return Err(failed(message)
                .help("name the folder with --collect; nothing is written anywhere else"));
        };
        let is_name = |text: &str| {
            let mut parts = Path::new(text).components();
            let only = (parts.next(), parts.next());
            matches!(only, (Some(std::path::Component::Normal(_)), None)) && !text.starts_with('.')
        };
        if let Some(wrong) = [index, file].into_iter().find(|text| !is_name(text)) {
            let message = format!("`{wrong}` is no name of a folder or file");
            return Err(failed(message).help("events are written to <folder>/<index>/<file>"));
        }
        if !folder.join(index).is_dir() {
            let message = format!("there is no index `{index}` in {}", folder.display());
            return Err(failed(message).help(format!(
                "an index is a folder: make {}",
                folder.join(index).display()
            )));
        }
        let path = folder.join(index).join(file);
        if leads_out(folder, &path) {
            let message = format!("`{index}` is not below {}", folder.display());
            return Err(failed(message).help("events are written below that folder only"));
        }
        if path.exists() {
            return Err(exists(&path));
        }
        Ok(path)
    }

    fn create(&self, target: &Path, bytes: &[u8]) -> Result<(), Diagnostic> {
        let written = || -> std::io::Result<()> {
            let mut file = replacement(target)?;
            file.write_all(bytes)?;
            file.as_file().sync_all()?;
            file.persist_noclobber(target)
                .map(drop)
                .map_err(|error| error.error)
        };
        written().map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => exists(target),
            _ => {
                let why = knowledge::reason(&error);
                failed(format!("{} can't be written: {why}", target.display()))
            }
        })
    }

    fn write(&self, target: &Path, rows: Option<&Batch>) -> Result<(), Diagnostic> {
        let done = match rows {
            None if target.exists() => std::fs::remove_file(target),
            None => Ok(()),
            Some(rows) => replace(target, rows),
        };
        done.map_err(|error| {
            let why = knowledge::reason(&error);
            failed(format!("{} can't be written: {why}", target.display()))
        })
    }
}

/// A file of events is never replaced.
fn exists(path: &Path) -> Diagnostic {
    let message = format!("{} is there already, and stays as it is", path.display());
    failed(message).help("$random$ or $timestamp$ in file= makes a new name")
}

/// Whether a path leaves its folder by a symbolic link.
fn leads_out(folder: &Path, path: &Path) -> bool {
    let Ok(folder) = folder.canonicalize() else {
        // A folder that is not there yet has no links in it.
        return false;
    };
    let known = path.ancestors().find_map(|part| part.canonicalize().ok());
    !known.is_some_and(|real| real.starts_with(&folder)) || path.is_symlink()
}

fn replace(target: &Path, rows: &Batch) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    render::write_csv(rows, &mut bytes)?;
    if target.extension().is_some_and(|e| e == "gz") {
        bytes = source::gzip(&bytes)?;
    }
    if let Some(folder) = target.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = replacement(target)?;
    file.write_all(&bytes)?;
    file.as_file().sync_all()?;
    file.persist(target).map(drop).map_err(|error| error.error)
}

/// The rows of a CSV file, all text; an empty cell is no value. `__mv_x` holds the values of the multivalue x.
fn rows(bytes: &[u8]) -> Result<Batch, csv::Error> {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text);
    let text = |cell: &[u8]| String::from_utf8_lossy(cell).into_owned();
    let names: Vec<String> = reader.byte_headers()?.iter().map(text).collect();
    let mut columns: Vec<ColumnBuilder> = names.iter().map(|_| ColumnBuilder::default()).collect();
    let mut count = 0;
    for record in reader.byte_records() {
        let record = record?;
        for ((name, column), at) in names.iter().zip(&mut columns).zip(0..) {
            let cell = record.get(at).map(text).filter(|cell| !cell.is_empty());
            column.push(match cell {
                Some(cell) if name.starts_with("__mv_") => Value::from_marked(&cell),
                Some(cell) => Value::Text(cell),
                None => Value::Null,
            });
        }
        count += 1;
    }
    let mut batch = Batch::new(count);
    let mut multi: Vec<(String, Column)> = Vec::new();
    for (name, column) in names.into_iter().zip(columns) {
        match name.strip_prefix("__mv_") {
            Some(plain) => multi.push((plain.to_owned(), column.finish())),
            None => batch.set(name.trim(), column.finish()),
        }
    }
    for (name, column) in multi {
        let plain = batch.column(&name);
        let value = |row| match column.is_null(row) {
            true => plain.value(row),
            false => column.value(row),
        };
        batch.set(name, Column::from_values((0..count).map(value)));
    }
    Ok(batch)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn folders(path: &Path) -> Folders {
        Folders {
            folders: vec![path.to_path_buf()],
            writable: Some(path.to_path_buf()),
            collected: Some(path.to_path_buf()),
            locations: None,
        }
    }

    #[test]
    fn a_table_comes_back_as_it_was_written() {
        let dir = tempfile::tempdir().unwrap();
        let tables = folders(dir.path());
        let batch = Batch::from_rows([
            vec![("a", Value::from("x,\"y\"")), ("b", Value::from("1"))],
            vec![("a", Value::Null), ("b", Value::from("2"))],
        ]);
        for name in ["t.csv", "u.csv.gz"] {
            let path = tables.target(name).unwrap();
            assert!(!path.exists());
            tables.write(&path, Some(&batch)).unwrap();
            let back = tables.read(name).unwrap().rows;
            assert_eq!(back.value("a", 0), Value::from("x,\"y\""));
            assert_eq!((back.value("a", 1), back.rows()), (Value::Null, 2));
            tables.write(&path, None).unwrap();
            assert!(!path.exists());
        }
    }

    #[test]
    fn nothing_is_written_outside_of_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        let tables = folders(dir.path());
        for name in ["../x.csv", "/tmp/x.csv", "a/../../x.csv", "x.txt", ""] {
            assert!(tables.target(name).is_err(), "{name}");
        }
        #[cfg(unix)]
        {
            let link = |name: &str, to: &Path| {
                std::os::unix::fs::symlink(to, dir.path().join(name)).unwrap()
            };
            link("out", outside.path());
            std::fs::write(outside.path().join("y.csv"), "a\n1\n").unwrap();
            link("y.csv", &outside.path().join("y.csv"));
            link("z.csv", &outside.path().join("none.csv"));
            for name in ["out/x.csv", "y.csv", "z.csv"] {
                assert!(tables.target(name).is_err(), "{name}");
            }
        }
        assert!(tables.target("sub/x.csv").is_ok());
        let nowhere = Folders {
            writable: None,
            ..tables
        };
        assert!(nowhere.target("x.csv").is_err());
    }

    #[test]
    fn events_go_to_new_files_of_indexes_that_are_there() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("main")).unwrap();
        let tables = folders(dir.path());
        for (index, file) in [
            ("none", "a.stash"),
            ("..", "a.stash"),
            (".", "a.stash"),
            ("main", "../a.stash"),
            ("main", "sub/a.stash"),
            ("main", ".hidden"),
            ("main", ""),
        ] {
            assert!(tables.collection(index, file).is_err(), "{index}/{file}");
        }
        let path = tables.collection("main", "a.stash").unwrap();
        tables.create(&path, b"one\n").unwrap();
        assert!(tables.create(&path, b"two\n").is_err());
        assert!(tables.collection("main", "a.stash").is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"one\n");
        #[cfg(unix)]
        {
            let outside = tempfile::tempdir().unwrap();
            std::os::unix::fs::symlink(outside.path(), dir.path().join("out")).unwrap();
            assert!(tables.collection("out", "a.stash").is_err());
        }
    }

    #[test]
    fn splunks_multivalue_columns_are_read() {
        let batch = rows(b"a,__mv_a\n\"x\ny\",$x$;$y$\nz,\n").unwrap();
        assert_eq!(
            batch.value("a", 0),
            Value::Multi(vec!["x".into(), "y".into()])
        );
        assert_eq!(batch.value("a", 1), Value::from("z"));
        assert_eq!(batch.names().len(), 1);
    }
}
