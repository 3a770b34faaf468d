//! An input to the reader of its events: takes a path, tells packing and shape by content, gives morsels.

use super::decode::{HEAD, Packing, Reader, unpack};
use super::discover::Input;
use super::left_out::LeftOut;
use super::morsel::{Metadata, Morsels, Origin};
use super::shape::{Shape, recognise};
use super::shapes::{Reading, reader};
use super::stream::{Counting, Stream};
use super::window::Window;
use super::{Options, sourcetype};
use crate::data::Context;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// An input that was opened; if it is packed or a pipe, a thread reads ahead.
pub struct Opened {
    input: Input,
    number: u32,
    bytes: Bytes,
}

enum Bytes {
    File(File),
    Stream(Stream),
}

impl Opened {
    /// Whether a thread reads ahead of this input.
    pub fn is_stream(&self) -> bool {
        matches!(self.bytes, Bytes::Stream(_))
    }

    /// Its path as shown.
    pub fn path(&self) -> String {
        self.input.path.display().to_string()
    }

    /// Bytes on disk.
    pub fn size(&self) -> u64 {
        self.input.size
    }
}

/// Opens an input. One that can't be opened is told in a notice.
pub fn open(input: Input, number: u32, context: &Context) -> Option<Opened> {
    match bytes_of(&input, context) {
        Ok(bytes) => Some(Opened {
            input,
            number,
            bytes,
        }),
        Err(error) => {
            context.notices.push(
                "unreadable",
                format!(
                    "`{}` can't be read and is left out: {error}",
                    input.path.display()
                ),
                true,
            );
            None
        }
    }
}

fn bytes_of(input: &Input, context: &Context) -> io::Result<Bytes> {
    if input.is_stdin() {
        return stream(Box::new(io::stdin()), true, context).map(Bytes::Stream);
    }
    let mut file = File::open(&input.path)?;
    if !file.metadata()?.is_file() {
        return stream(Box::new(file), true, context).map(Bytes::Stream);
    }
    let mut head = Vec::with_capacity(HEAD);
    file.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    file.rewind()?;
    match Packing::of(&head) {
        Some(_) => stream(Box::new(file), false, context).map(Bytes::Stream),
        None => Ok(Bytes::File(file)),
    }
}

fn stream(reader: Reader, eager: bool, context: &Context) -> io::Result<Stream> {
    let disk = Arc::new(AtomicU64::new(0));
    let counting = Counting {
        inner: reader,
        count: disk.clone(),
    };
    let open = move || unpack(Box::new(counting));
    Stream::start(open, disk, eager, context.cancel.clone())
}

/// Looks at the first bytes and gives the reader for their shape; `None` when the input is empty or no log.
pub fn begin(
    opened: Opened,
    options: &Options,
    context: &Context,
) -> io::Result<Option<Box<dyn Morsels>>> {
    let Opened {
        input,
        number,
        bytes,
    } = opened;
    let window = match bytes {
        // The size may have changed since the input was found; a file of the system may have none and yet hold text.
        Bytes::File(file) => {
            let length = file.metadata()?.len();
            Window::of_file(file, length)?
        }
        Bytes::Stream(stream) => Window::of_stream(stream, input.size),
    };
    let path = input.path.display().to_string();
    let head = window.bytes();
    if let Some(what) = foreign(head, input.explicit) {
        context.notices.push(
            "unreadable",
            format!("`{path}` is {what}, not a log, and is left out"),
            true,
        );
        return Ok(None);
    }
    let start = if head.starts_with(&[0xEF, 0xBB, 0xBF]) {
        3
    } else {
        0
    };
    let text = head.get(start..).unwrap_or_default();
    let named_csv = path.contains(".csv");
    let shape = recognise(text, window.is_last(), named_csv);
    let reading = Reading {
        origin: Arc::new(Origin {
            number,
            defaults: defaults(&path, shape, text, options),
            left_out: LeftOut::new(&path, context.notices.clone()),
            zone: context.zone,
            path,
        }),
        context: context.clone(),
        window,
    };
    Ok(Some(reader(shape, reading, start)))
}

/// What events have where neither they nor their envelopes say it: the options, else the file's own.
fn defaults(path: &str, shape: Shape, text: &[u8], options: &Options) -> Metadata {
    let given = |option: &Option<String>| option.as_deref().map(Arc::from);
    let header = text.split(|b| *b == b'\n').next().unwrap_or_default();
    // Rows of an export are events of some other sourcetype.
    let is_table = shape == Shape::Csv && memchr::memmem::find(header, b"_raw").is_none();
    Metadata {
        source: given(&options.source).or_else(|| Some(path.into())),
        sourcetype: given(&options.sourcetype).or_else(|| is_table.then(|| sourcetype::CSV.into())),
        host: given(&options.host),
        index: given(&options.index).or_else(|| Some("main".into())),
        ..Metadata::default()
    }
}

/// What kind of file this is, if it is none that holds text. One that was named by itself is only refused when it is an
/// archive: its owner may know better than a count of control characters.
fn foreign(head: &[u8], explicit: bool) -> Option<&'static str> {
    let head = &head[..head.len().min(8192)];
    match head {
        [b'P', b'K', 3, 4, ..] => return Some("a zip archive"),
        [b'P', b'A', b'R', b'1', ..] => return Some("a Parquet file"),
        [b'7', b'z', 0xBC, 0xAF, ..] => return Some("a 7z archive"),
        [0x7F, b'E', b'L', b'F', ..] => return Some("a program"),
        _ if Packing::of(head).is_some() => return Some("packed more than twice"),
        _ if head.get(257..262) == Some(b"ustar") => return Some("a tar archive"),
        _ => {}
    }
    let odd = |b: &&u8| **b < 32 && !matches!(**b, b'\n' | b'\r' | b'\t' | 0x0C | 0x1B | 0x1E);
    let count = head.iter().filter(odd).count();
    let has_json = head.starts_with(b"{") || memchr::memmem::find(head, b"\n{").is_some();
    (!explicit && !has_json && count > head.len() / 10).then_some("binary")
}
