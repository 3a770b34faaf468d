//! All inputs of a run as one supply of morsels: takes arguments, gives morsels in input order. Inputs are opened when
//! they are reached; packed ones a few ahead, so that they unpack at the same time.

use super::discover::{Input, discover};
use super::morsel::{Morsel, Morsels, Supply};
use super::open::{Opened, begin, open};
use super::{Options, Progress};
use crate::data::Context;
use crate::diagnostic::{Diagnostic, Diagnostics};
use std::collections::VecDeque;
use std::sync::atomic::Ordering;

/// The morsels of all inputs.
pub struct Inputs {
    waiting: VecDeque<(u32, Input)>,
    ahead: VecDeque<Opened>,
    current: Option<Current>,
    unwrapped: VecDeque<Morsel>,
    /// Bytes on disk of inputs that ended, not yet told in a morsel.
    owed: u64,
    count: usize,
    options: Options,
    context: Context,
}

struct Current {
    reader: Box<dyn Morsels>,
    path: String,
    owed: u64,
}

/// Finds all inputs that the arguments name. All missing ones are reported at once; what can't be read later is told in
/// notices. `progress` gets the bytes to do.
pub fn open_all(
    arguments: &[String],
    options: &Options,
    context: &Context,
    progress: &Progress,
) -> Result<Inputs, Diagnostics> {
    let inputs = discover(arguments, context)?;
    let total = inputs.iter().map(|input| input.size).sum();
    progress.bytes_total.fetch_add(total, Ordering::Relaxed);
    Ok(Inputs {
        count: inputs.len(),
        waiting: (0..).zip(inputs).collect(),
        ahead: VecDeque::new(),
        current: None,
        unwrapped: VecDeque::new(),
        owed: 0,
        options: options.clone(),
        context: context.clone(),
    })
}

impl Inputs {
    /// How many inputs there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Opens inputs until as many packed ones as there are threads are ahead, or a plain one comes.
    fn open_ahead(&mut self) {
        while self.ahead.len() < self.context.threads.max(1)
            && self.ahead.iter().all(Opened::is_stream)
        {
            let Some((number, input)) = self.waiting.pop_front() else {
                return;
            };
            let size = input.size;
            match open(input, number, &self.context) {
                Some(opened) => self.ahead.push_back(opened),
                None => self.owed += size,
            }
        }
    }

    /// Goes on to the next input; `false` when there is none.
    fn advance(&mut self) -> bool {
        self.open_ahead();
        let Some(opened) = self.ahead.pop_front() else {
            return false;
        };
        self.open_ahead();
        let (size, path) = (opened.size(), opened.path());
        match begin(opened, &self.options, &self.context) {
            Ok(Some(reader)) => {
                self.current = Some(Current {
                    reader,
                    path,
                    owed: size,
                });
            }
            Ok(None) => self.owed += size,
            Err(error) => {
                self.owed += size;
                self.context.notices.push(
                    "unreadable",
                    format!("`{path}` can't be read and is left out: {error}"),
                    true,
                );
            }
        }
        true
    }
}

impl Morsels for Inputs {
    fn next(&mut self) -> Option<Result<Morsel, Diagnostic>> {
        loop {
            if let Some(morsel) = self.unwrapped.pop_front() {
                return Some(Ok(morsel));
            }
            match self.supply()? {
                Ok(supply) => self.unwrapped.extend(supply.morsels()),
                Err(error) => return Some(Err(error)),
            }
        }
    }

    fn supply(&mut self) -> Option<Result<Supply, Diagnostic>> {
        while !self.context.cancel.is_cancelled() {
            let Some(current) = &mut self.current else {
                if self.advance() {
                    continue;
                }
                return None;
            };
            match current.reader.supply() {
                Some(Ok(mut supply)) => {
                    let disk_bytes = match &mut supply {
                        Supply::Ready(morsel) => &mut morsel.disk_bytes,
                        Supply::Wrapped(wrapped) => &mut wrapped.disk_bytes,
                    };
                    current.owed = current.owed.saturating_sub(*disk_bytes);
                    *disk_bytes += std::mem::take(&mut self.owed);
                    return Some(Ok(supply));
                }
                Some(Err(error)) => {
                    let text = format!("`{}` is left off here: {}", current.path, error.message);
                    self.context.notices.push("unreadable", text, true);
                }
                None => {
                    self.owed += current.owed;
                    self.current = None;
                }
            }
        }
        None
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::source::{Content, line_at};
    use std::io::Write;
    use std::path::Path;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// Events by file number, notices, and the counts of bytes.
    type ReadAll = (Vec<(u32, String)>, Vec<String>, (u64, u64));

    /// The texts of all events under a path, with their files' numbers; the notices; the bytes on disk told and not told.
    fn read(path: &Path) -> ReadAll {
        let context = Context::default();
        let progress = Progress::default();
        let arguments = [path.display().to_string()];
        let mut inputs = open_all(&arguments, &Options::default(), &context, &progress).unwrap();
        let mut events = Vec::new();
        let mut told = 0;
        while let Some(morsel) = inputs.next() {
            let morsel = morsel.unwrap();
            told += morsel.disk_bytes;
            let mut add = |text: &[u8]| {
                let text = String::from_utf8_lossy(text.trim_ascii_end()).into_owned();
                events.push((morsel.origin.number, text));
            };
            match &morsel.content {
                Content::Lines => {
                    let lines = morsel.buffer.strip_suffix(b"\n").unwrap_or(&morsel.buffer);
                    lines.split(|b| *b == b'\n').for_each(&mut add);
                }
                Content::Records(records) => records
                    .iter()
                    .for_each(|r| add(&morsel.buffer[r.start..r.end])),
            }
        }
        let total = progress.bytes_total.load(Ordering::Relaxed);
        let notices = context.notices.list().into_iter().map(|n| n.text);
        (events, notices.collect(), (told, total))
    }

    fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            std::fs::write(dir.path().join(name), bytes).unwrap();
        }
        dir
    }

    #[test]
    fn files_of_every_packing_follow_each_other() {
        let lines = b"{\"a\":1}\n{\"a\":2}\n";
        let dir = folder(&[
            ("1.json", lines),
            ("2", &gzip(lines)),
            ("3.txt", &zstd::encode_all(&lines[..], 1).unwrap()),
            ("4", b""),
            ("5", &gzip(&gzip(lines))),
        ]);
        let (events, notices, (told, total)) = read(dir.path());
        let numbers: Vec<u32> = events.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [0, 0, 1, 1, 2, 2, 4, 4]);
        assert!(
            events
                .iter()
                .all(|(n, t)| t.starts_with("{\"a\":") && *n < 5)
        );
        assert_eq!(notices, [""; 0]);
        assert_eq!(told, total);
    }

    #[test]
    fn what_precedes_damage_is_read_and_the_damage_is_named() {
        let text: Vec<u8> = (0..300_000u32)
            .flat_map(|n| format!("{{\"a\":{}}}\n", n.wrapping_mul(2_654_435_761)).into_bytes())
            .collect();
        let mut cut = gzip(&text);
        cut.truncate(cut.len() / 2);
        let dir = folder(&[("cut.gz", &cut), ("next.json", b"{\"b\":1}\n")]);
        let (events, notices, _) = read(dir.path());
        assert!(events.len() > 100_000 && events.last().unwrap().1 == "{\"b\":1}");
        assert_eq!(notices.len(), 1);
        assert!(
            notices[0].contains("cut.gz") && notices[0].contains("gzip"),
            "{notices:?}"
        );
    }

    #[test]
    fn marks_encodings_and_line_ends_do_not_show() {
        let utf16: Vec<u8> = "\u{FEFF}{\"a\":\"\u{e9}\"}\r\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let text = "{\"a\":\"\u{e9}\"}";
        let dir = folder(&[
            ("1", format!("\u{FEFF}{text}\n").as_bytes()),
            ("2", format!("\u{FEFF}[{text}]\r\n").as_bytes()),
            ("3", &utf16),
        ]);
        let (events, notices, _) = read(dir.path());
        assert_eq!(
            events,
            [(0, text.into()), (1, text.into()), (2, text.into())]
        );
        assert_eq!(notices, [""; 0]);
    }

    #[test]
    fn files_that_are_no_logs_are_named_and_left_out() {
        let zeros_in_a_log = b"{\"a\":1}\n\0\0\0\0\0\0\0\0\n{\"a\":2}\n";
        let dir = folder(&[
            ("a.bin", &[0, 1, 2, 3, 200, 0, 0, 7]),
            ("b.zip", b"PK\x03\x04rest"),
            ("c.json", zeros_in_a_log),
        ]);
        let (events, notices, (told, total)) = read(dir.path());
        assert_eq!(events.len(), 3);
        assert!(notices[0].contains("a.bin") && notices[1].contains("zip archive"));
        assert_eq!(told, total);
        let (events, notices, _) = read(&dir.path().join("a.bin"));
        assert_eq!(
            (events.len(), notices.len()),
            (1, 0),
            "named by itself it is read"
        );
    }

    #[test]
    fn pieces_of_a_large_file_meet_and_lines_can_be_found_again() {
        let lines: Vec<String> = (0..200_000)
            .map(|n| format!("{{\"n\":{n},\"x\":\"y\"}}"))
            .collect();
        let dir = folder(&[("l.json", lines.join("\n").as_bytes())]);
        let (events, _, (told, total)) = read(dir.path());
        assert!(events.iter().map(|(_, text)| text).eq(&lines));
        assert_eq!(told, total);
        let path = dir.path().join("l.json").display().to_string();
        assert_eq!(line_at(&path, lines[0].len() as u64 + 1), Some(2));
        assert_eq!(line_at(&path, u64::MAX), None);
    }

    #[test]
    fn pieces_taken_apart_in_any_order_sort_into_input_order() {
        let lines: Vec<String> = (0..100_000).map(|n| format!("{{\"n\":{n}}}")).collect();
        let hec = |line: &String| format!("{{\"time\":1,\"event\":{line}}}\n");
        let row = |line: &String| format!("1,\"{}\"\n", line.replace('"', "\"\""));
        let array = format!("[\n{}\n]", lines.join(",\n"));
        let csv = format!("a,_raw\n{}", lines.iter().map(row).collect::<String>());
        let hec: String = lines.iter().map(hec).collect();
        let dir = folder(&[
            ("1", array.as_bytes()),
            ("2", hec.as_bytes()),
            ("3", csv.as_bytes()),
        ]);
        let arguments = [dir.path().display().to_string()];
        let context = Context::default();
        let progress = Progress::default();
        let mut inputs = open_all(&arguments, &Options::default(), &context, &progress).unwrap();
        let mut supplies: Vec<Supply> = std::iter::from_fn(|| inputs.supply())
            .map(Result::unwrap)
            .collect();
        assert!(supplies.len() > 20);
        supplies.reverse();
        let mut morsels: Vec<Morsel> = supplies.into_iter().flat_map(Supply::morsels).collect();
        morsels.sort_by_key(|m| m.position);
        let mut texts = Vec::new();
        for morsel in &morsels {
            let Content::Records(records) = &morsel.content else {
                panic!("records")
            };
            texts.extend(records.iter().map(|r| &morsel.buffer[r.start..r.end]));
        }
        let expected = (0..3).flat_map(|_| &lines).map(|l| l.as_bytes());
        assert!(texts.into_iter().eq(expected));
    }

    #[test]
    fn one_line_of_64_mib_takes_seconds_at_most() {
        let long = [b"{\"a\":\"".to_vec(), vec![b'x'; 64 << 20], b"\"}".to_vec()].concat();
        let with_next = [&long[..], b"{\"b\":1}\n"].concat();
        let dir = folder(&[("1", &long), ("2.gz", &gzip(&long)), ("3", &with_next)]);
        let start = std::time::Instant::now();
        let (events, notices, _) = read(dir.path());
        assert_eq!((events.len(), notices.len()), (4, 0));
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    }
}
