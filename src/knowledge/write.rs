//! Files replaced as a whole or not at all: takes a path and the new text.

use crate::diagnostic::{Code, Diagnostic};
use std::io::Write;
use std::path::Path;

/// Replaces a file by a text, through a temporary file in the same folder; permissions stay, missing folders are made,
/// and a symbolic link stays one. On an error the old file is untouched.
pub fn write_atomically(path: &Path, text: &str, code: &'static Code) -> Result<(), Diagnostic> {
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    prepared(&target, text)
        .and_then(|file| file.persist(&target).map_err(|error| error.error))
        .map(|_| ())
        .map_err(|error| failed(path, &error, code))
}

/// Writes a file that must not exist yet.
pub fn write_new(path: &Path, text: &str, code: &'static Code) -> Result<(), Diagnostic> {
    prepared(path, text)
        .and_then(|file| file.persist_noclobber(path).map_err(|error| error.error))
        .map(|_| ())
        .map_err(|error| failed(path, &error, code))
}

fn failed(path: &Path, error: &std::io::Error, code: &'static Code) -> Diagnostic {
    Diagnostic::new(
        code,
        format!("{} can't be written: {}", path.display(), reason(error)),
    )
}

/// Why a file can't be written, without the name of the temporary file.
pub fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" at path ") {
        Some((why, _)) => why.to_owned(),
        None => text,
    }
}

/// The text in a temporary file beside its target.
fn prepared(target: &Path, text: &str) -> std::io::Result<tempfile::NamedTempFile> {
    std::fs::create_dir_all(folder(target))?;
    let mut file = replacement(target)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    Ok(file)
}

fn folder(target: &Path) -> &Path {
    match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// An empty temporary file beside the one that it is to replace, with that one's permissions, else those of any new file.
pub fn replacement(target: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".spelunk-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The user's mask takes its bits from these.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let file = builder.tempfile_in(folder(target))?;
    if let Ok(facts) = std::fs::metadata(target) {
        file.as_file().set_permissions(facts.permissions())?;
    }
    Ok(file)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::diagnostic::code;

    #[test]
    fn replaces_and_refuses_to_replace() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sub/m.conf");
        write_new(&path, "a", &code::MACRO_EDIT).unwrap();
        assert!(write_new(&path, "b", &code::MACRO_EDIT).is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "a");
        write_atomically(&path, "c", &code::MACRO_EDIT).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "c");
        assert_eq!(
            std::fs::read_dir(path.parent().unwrap()).unwrap().count(),
            1
        );
    }

    #[cfg(unix)]
    #[test]
    fn permissions_stay() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("m.conf");
        std::fs::write(&path, "a").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        write_atomically(&path, "b", &code::MACRO_EDIT).unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
