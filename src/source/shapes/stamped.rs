//! Lines of a time, perhaps a stream, and a JSON event: CloudWatch exports to S3, and `aws logs tail`.

use super::gather::Gather;
use super::{MAX_VALUE, Names, Reading};
use crate::diagnostic::Diagnostic;
use crate::source::instant::iso_prefix;
use crate::source::morsel::{Metadata, Morsel, Morsels};
use std::ops::Range;

/// A line taken apart: its time, where its stream's name lies (perhaps), and where its event lies.
struct Parts {
    metadata: Metadata,
    stream: Option<Range<usize>>,
    event: usize,
}

/// The time and the event of a line. A line without a time, or whose event is no JSON, is text as a whole.
fn parts(line: &[u8]) -> Parts {
    let whole = Parts {
        metadata: Metadata::default(),
        stream: None,
        event: 0,
    };
    let Some((time, rest)) = iso_prefix(line) else {
        return whole;
    };
    let timed = Parts {
        metadata: Metadata {
            time: Some(time),
            ..Metadata::default()
        },
        ..whole
    };
    let Some(rest) = rest.strip_prefix(b" ") else {
        return timed;
    };
    let first = line.len() - rest.len();
    if is_object(rest) {
        return Parts {
            event: first,
            ..timed
        };
    }
    match rest.iter().position(|b| *b == b' ') {
        Some(space) if space > 0 && is_object(&rest[space + 1..]) => Parts {
            stream: Some(first..first + space),
            event: first + space + 1,
            ..timed
        },
        _ => timed,
    }
}

fn is_object(text: &[u8]) -> bool {
    text.starts_with(b"{") && text.trim_ascii_end().ends_with(b"}")
}

/// Whether a line has a time before its JSON event.
pub fn is_stamped(line: &[u8]) -> bool {
    parts(line).event > 0
}

/// Reads such lines.
pub struct Stamped {
    reading: Reading,
    gather: Gather,
    names: Names,
    at: usize,
    line: u64,
    done: bool,
}

impl Stamped {
    /// Lines from byte `start` of the window on.
    pub fn new(reading: Reading, start: usize) -> Self {
        let mut gather = Gather::new(reading.origin.clone(), 0);
        gather.set_window(reading.window.buffer().clone());
        Self {
            reading,
            gather,
            names: Names::default(),
            at: start,
            line: 1,
            done: false,
        }
    }

    /// Takes the next line, or moves the window.
    fn step(&mut self) -> Result<(), Diagnostic> {
        let window = &self.reading.window;
        let rest = window.bytes().get(self.at..).unwrap_or_default();
        let length = match memchr::memchr(b'\n', rest) {
            Some(length) => length,
            None if window.is_last() || rest.len() > MAX_VALUE => {
                if rest.is_empty() {
                    self.done = true;
                    self.gather.flush();
                    return Ok(());
                }
                rest.len()
            }
            None => {
                if self.reading.refill(self.at)? {
                    self.at = 0;
                    self.gather.set_window(self.reading.window.buffer().clone());
                }
                return Ok(());
            }
        };
        let line = rest[..length].trim_ascii_end();
        if !line.is_empty() {
            let mut parts = parts(line);
            if let Some(stream) = parts.stream {
                let stream = &line[stream];
                parts.metadata.source = self.names.get(stream, || {
                    Some(String::from_utf8_lossy(stream).into_owned())
                });
            }
            let (start, end) = (self.at + parts.event, self.at + line.len());
            self.gather
                .place(start, end, self.line, Some(parts.metadata));
        }
        self.line += 1;
        self.at = (self.at + length + 1).min(self.reading.window.bytes().len());
        Ok(())
    }
}

impl Morsels for Stamped {
    fn next(&mut self) -> Option<Result<Morsel, Diagnostic>> {
        loop {
            if let Some(mut morsel) = self.gather.pop() {
                morsel.disk_bytes = self.reading.window.take_disk(self.at);
                return Some(Ok(morsel));
            }
            if self.done {
                return None;
            }
            if let Err(error) = self.step() {
                self.done = true;
                self.gather.flush();
                return Some(Err(error));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_taken_apart() {
        for (line, event, stream) in [
            ("2024-10-17T09:15:02.125Z {\"a\":1}", "{\"a\":1}", None),
            ("2024-10-17T09:15:02 {\"a\":1} ", "{\"a\":1} ", None),
            (
                "2024-10-17T09:15:02.125001+00:00 kube-apiserver-audit-1 {\"a\":1}",
                "{\"a\":1}",
                Some("kube-apiserver-audit-1"),
            ),
            (
                "2024-10-17T09:15:02Z plain text",
                "2024-10-17T09:15:02Z plain text",
                None,
            ),
            ("I1017 {\"a\":1}", "I1017 {\"a\":1}", None),
        ] {
            let parts = parts(line.as_bytes());
            assert_eq!(&line[parts.event..], event);
            assert_eq!(parts.stream.map(|s| &line[s]), stream, "{line}");
            assert_eq!(
                parts.metadata.time.is_some(),
                line.starts_with("2024"),
                "{line}"
            );
        }
    }
}
