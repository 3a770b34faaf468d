//! Where things go: takes options, gives the look of rows, the place to write them, and messages on stderr.

use super::arguments::{OrderArgument, OutputOptions, When};
use super::exit::{self, Exit};
use crate::diagnostic::{self, Diagnostic, Notice, Style, code};
use crate::knowledge::{reason, replacement};
use crate::operators::Order;
use crate::plan::Goal;
use crate::render::{self, Format, Look};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// Whether a stream is coloured.
pub fn colours(when: When, terminal: bool) -> bool {
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()),
    }
}

/// Characters a line of the terminal.
pub fn width() -> usize {
    render::size().0
}

/// Prints errors to stderr and gives the exit code that they mean.
pub fn errors(errors: &[Diagnostic], when: When) -> Exit {
    let style = if colours(when, io::stderr().is_terminal()) {
        Style::Colour
    } else {
        Style::Plain
    };
    let mut err = io::stderr().lock();
    for error in errors {
        // Nothing can be done about a closed stderr.
        let _ = writeln!(err, "{}\n", diagnostic::render(error, style).trim_end());
    }
    exit::of(errors)
}

/// Prints a text to stdout; a reader that left early is no error.
pub fn print(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Prints what a run has to say to stderr.
pub fn notices(notices: &[Notice]) {
    let mut err = io::stderr().lock();
    for notice in notices {
        let _ = writeln!(err, "note: {}", notice.text);
    }
}

/// The format asked for.
pub fn format(options: &OutputOptions) -> Result<Format, Diagnostic> {
    let Some(name) = &options.format else {
        return Ok(Format::Table);
    };
    Format::parse(name).ok_or_else(|| {
        Diagnostic::new(&code::ARGUMENT, format!("there is no format `{name}`"))
            .help(format!("formats are {}", Format::NAMES.join(", ")))
    })
}

/// What the chain must give for these options.
pub fn goal(options: &OutputOptions) -> Goal {
    Goal {
        order: match options.order {
            OrderArgument::Time => Order::Time,
            OrderArgument::Input => Order::Input,
        },
        limit: options.limit,
        ..Goal::default()
    }
}

/// How rows look on stdout.
pub fn look(options: &OutputOptions, format: Format) -> Look {
    let terminal = io::stdout().is_terminal() && options.output.is_none();
    Look {
        width: width(),
        colour: colours(options.color, terminal),
        ..Look::new(format)
    }
}

/// Where rows go: stdout, or a file that is replaced only when the run ends well.
pub enum Target {
    /// Standard output.
    Stdout(io::BufWriter<io::Stdout>),
    /// A temporary file beside the one named.
    File(io::BufWriter<tempfile::NamedTempFile>, PathBuf),
    /// A device or a named pipe, which is written to and never replaced.
    Device(io::BufWriter<std::fs::File>, PathBuf),
}

impl Target {
    /// Opens the target.
    pub fn open(output: Option<&Path>) -> Result<Self, Diagnostic> {
        let Some(path) = output else {
            return Ok(Self::Stdout(io::BufWriter::with_capacity(
                1 << 16,
                io::stdout(),
            )));
        };
        // A symbolic link stays one: what it points to is replaced.
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        match std::fs::metadata(&path) {
            Ok(facts) if facts.is_dir() => {
                return Err(unwritable(&path, &io::ErrorKind::IsADirectory.into()));
            }
            Ok(facts) if !facts.is_file() => {
                let file = std::fs::OpenOptions::new()
                    .write(true)
                    .open(&path)
                    .map_err(|e| unwritable(&path, &e))?;
                let file = io::BufWriter::with_capacity(1 << 16, file);
                return Ok(Self::Device(file, path));
            }
            _ => {}
        }
        match replacement(&path) {
            Ok(file) => Ok(Self::File(
                io::BufWriter::with_capacity(1 << 16, file),
                path,
            )),
            Err(error) => Err(unwritable(&path, &error)),
        }
    }

    /// The stream.
    pub fn stream(&mut self) -> &mut dyn Write {
        match self {
            Self::Stdout(out) => out,
            Self::File(out, _) => out,
            Self::Device(out, _) => out,
        }
    }

    /// Makes what was written final, if it was: a reader that left early is no error.
    pub fn finish(self, written: io::Result<()>) -> Result<(), Diagnostic> {
        match written {
            Ok(()) => self.keep(),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Err(error) => Err(unwritable(self.path(), &error)),
        }
    }

    fn path(&self) -> &Path {
        match self {
            Self::Stdout(_) => Path::new("standard output"),
            Self::File(_, path) | Self::Device(_, path) => path,
        }
    }

    fn keep(self) -> Result<(), Diagnostic> {
        match self {
            Self::Stdout(mut out) => match out.flush() {
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                    Err(unwritable(Path::new("standard output"), &error))
                }
                _ => Ok(()),
            },
            Self::Device(mut out, path) => match out.flush() {
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                    Err(unwritable(&path, &error))
                }
                _ => Ok(()),
            },
            Self::File(out, path) => {
                let file = out.into_inner().map_err(|e| unwritable(&path, e.error()))?;
                file.persist(&path)
                    .map(drop)
                    .map_err(|e| unwritable(&path, &e.error))
            }
        }
    }
}

/// The error for an output that can't be written.
pub fn unwritable(path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::new(
        &code::OUTPUT,
        format!("`{}` can't be written: {}", path.display(), reason(error)),
    )
    .help("name a file in a folder that is there and may be written to")
}
