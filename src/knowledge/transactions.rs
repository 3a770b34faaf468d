//! `transactiontypes.conf`: takes folders and a name, gives the settings of the type of transaction with that name.

use super::conf;
use crate::diagnostic::{Diagnostic, SourceText, code};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The file's name, in a folder of macros or in its `default` and `local`.
pub const FILE: &str = "transactiontypes.conf";

/// The settings of a type, those of `[default]` first; of a setting that comes twice the last one counts.
pub fn find(name: &str, folders: &[PathBuf]) -> Result<Vec<(String, String)>, Diagnostic> {
    let (mut defaults, mut own, mut known) = (Vec::new(), None, Vec::new());
    for folder in folders {
        for layer in ["", "default", "local"] {
            for stanza in stanzas(&folder.join(layer).join(FILE))? {
                let setting = |s: &conf::Setting| (s.key.clone(), s.value.text().trim().to_owned());
                let settings: Vec<_> = stanza.settings.iter().map(setting).collect();
                if stanza.name == "default" {
                    defaults.extend(settings);
                } else if stanza.name == name {
                    own.get_or_insert_with(Vec::new).extend(settings);
                } else {
                    known.push(stanza.name.clone());
                }
            }
        }
    }
    let Some(own) = own else {
        let message = format!("there is no type of transaction `{name}`");
        let help = match known.is_empty() {
            true => format!("types stand in {FILE} in a folder of --macros"),
            false => format!("{FILE} has {}", known.join(", ")),
        };
        return Err(Diagnostic::new(&code::OPTION_VALUE, message).help(help));
    };
    defaults.extend(own);
    Ok(defaults)
}

fn stanzas(path: &Path) -> Result<Vec<conf::Stanza>, Diagnostic> {
    if !path.is_file() {
        return Ok(Vec::new());
    }
    let text = std::fs::read_to_string(path).map_err(|error| {
        let message = format!("{} can't be read: {error}", path.display());
        Diagnostic::new(&code::MACRO_FILE, message)
    })?;
    let source = Arc::new(SourceText {
        name: path.display().to_string(),
        text,
        first_line: 1,
    });
    let (stanzas, errors) = conf::read(&source);
    match errors.into_iter().next() {
        Some(error) => Err(error),
        None => Ok(stanzas),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_those_of_all_layers() {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        std::fs::create_dir(folder.path().join("local")).unwrap();
        write(
            FILE,
            "[default]\nmaxspan = 1h\n[visit]\nfields = user, host\nmaxpause = 30s\n[other]\n",
        );
        write("local/transactiontypes.conf", "[visit]\nmaxpause = 5m\n");
        let folders = [folder.path().to_owned()];
        let found = find("visit", &folders).unwrap();
        let told: Vec<String> = found.iter().map(|(k, v)| format!("{k}={v}")).collect();
        assert_eq!(
            told,
            [
                "maxspan=1h",
                "fields=user, host",
                "maxpause=30s",
                "maxpause=5m"
            ]
        );
        let error = find("nosuch", &folders).unwrap_err();
        assert_eq!(error.code.id, "E0110");
    }
}
