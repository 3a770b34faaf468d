//! CSV with a header row: takes a window, gives an event a row. In Splunk's exports `_raw` is the event and line ends in a
//! cell part the values of a multivalue; in other files the row is the event. The other columns are its fields.

use super::gather::Gather;
use super::{MAX_VALUE, Reading};
use crate::data::{FieldName, Value};
use crate::diagnostic::Diagnostic;
use crate::source::instant::instant;
use crate::source::morsel::{Metadata, Morsel, Morsels};
use crate::source::sourcetype::USUAL_TIMES;
use std::borrow::Cow;
use std::sync::Arc;

/// What a column is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Column {
    Raw,
    Time,
    Source,
    Sourcetype,
    Host,
    Index,
    Field(FieldName),
    /// `__mv_NAME` of Splunk's result files: all values of a multivalue, as `$a$;$b$`.
    Multi(FieldName),
    /// A name that was there before.
    Repeated,
}

/// Reads rows.
pub struct Csv {
    reading: Reading,
    gather: Gather,
    columns: Vec<Column>,
    /// The column that gives the time when there is no `_time`.
    usual_time: Option<usize>,
    is_export: bool,
    at: usize,
    line: u64,
    /// A quote was not closed: from here on a row is a line.
    wary: bool,
    done: bool,
}

/// The end of the row that starts at `start` (without its line end), or `None` when a quote or the last line is open.
/// A quote opens a cell only where the cell starts; `within_line` ends a row at the line's end in any case.
fn row_end(bytes: &[u8], start: usize, within_line: bool) -> Option<usize> {
    let mut at = start;
    loop {
        if bytes.get(at) == Some(&b'"') && !within_line {
            at += 1;
            loop {
                at += memchr::memchr(b'"', bytes.get(at..)?)? + 1;
                if bytes.get(at) != Some(&b'"') {
                    break;
                }
                at += 1;
            }
        }
        at += memchr::memchr2(b',', b'\n', bytes.get(at..)?)?;
        if bytes[at] == b'\n' {
            return Some(at);
        }
        at += 1;
    }
}

/// The cells of a row, unquoted.
fn cells(row: &[u8]) -> Vec<Cow<'_, [u8]>> {
    let mut cells = Vec::new();
    let mut rest = row;
    loop {
        let (cell, after) = cell(rest);
        cells.push(cell);
        match after.split_first() {
            Some((_, after)) => rest = after,
            None => return cells,
        }
    }
}

/// The first cell, and the rest from the comma behind it on.
fn cell(rest: &[u8]) -> (Cow<'_, [u8]>, &[u8]) {
    let Some(quoted) = rest.strip_prefix(b"\"") else {
        let end = memchr::memchr(b',', rest).unwrap_or(rest.len());
        return (Cow::Borrowed(&rest[..end]), &rest[end..]);
    };
    let mut from = 0;
    let mut doubled = false;
    let end = loop {
        match memchr::memchr(b'"', &quoted[from..]) {
            None => break quoted.len(),
            Some(step) if quoted.get(from + step + 1) == Some(&b'"') => {
                doubled = true;
                from += step + 2;
            }
            Some(step) => break from + step,
        }
    };
    let inner = &quoted[..end];
    let after = quoted.get(end + 1..).unwrap_or_default();
    // Text between the closing quote and the comma belongs to the cell.
    let tail = memchr::memchr(b',', after).unwrap_or(after.len());
    let cell = if doubled || tail > 0 {
        let mut out = Vec::with_capacity(inner.len() + tail);
        let mut bytes = inner.iter().copied().peekable();
        while let Some(byte) = bytes.next() {
            if byte == b'"' {
                bytes.next_if_eq(&b'"');
            }
            out.push(byte);
        }
        out.extend_from_slice(&after[..tail]);
        Cow::Owned(out)
    } else {
        Cow::Borrowed(inner)
    };
    (cell, &after[tail..])
}

/// Whether text is CSV with a header: names in the first row, and as many cells in the rows after it. `whole`: all of
/// the text is there; `named`: the file's name says so, which settles what a few bytes can't.
pub fn looks_like_csv(bytes: &[u8], whole: bool, named: bool) -> bool {
    let end = row_end(bytes, 0, false).unwrap_or(if whole { bytes.len() } else { 0 });
    let header = cells(bytes[..end].trim_ascii_end());
    let quoted = bytes.first() == Some(&b'"');
    if !header.iter().all(|name| is_name(name)) || (header.len() < 2 && !named) {
        return false;
    }
    let mut rows = 0;
    let mut at = end + 1;
    while rows < 20 && at < bytes.len() {
        let row = match row_end(bytes, at, false) {
            Some(end) => at..end,
            None if whole => at..bytes.len(),
            None => break,
        };
        at = row.end + 1;
        let row = bytes[row].trim_ascii_end();
        if !row.is_empty() && cells(row).len() != header.len() {
            return named && rows > 0;
        }
        rows += 1;
    }
    rows > 0 || named || quoted && !whole
}

fn is_name(name: &[u8]) -> bool {
    let first = name.first().copied().unwrap_or(b' ');
    !first.is_ascii_digit()
        && !first.is_ascii_whitespace()
        && name.len() <= 128
        && name.iter().filter(|b| **b == b' ').count() <= 3
        && !name
            .iter()
            .any(|b| matches!(b, b'"' | b'=' | b'[' | b']' | b';' | b'\\' | b'|') || *b < 32)
}

impl Csv {
    /// Rows from byte `start` of the window on, the first one being the header.
    pub fn new(reading: Reading, start: usize) -> Self {
        let mut gather = Gather::new(reading.origin.clone(), 0);
        gather.set_window(reading.window.buffer().clone());
        Self {
            reading,
            gather,
            columns: Vec::new(),
            usual_time: None,
            is_export: false,
            at: start,
            line: 1,
            wary: false,
            done: false,
        }
    }

    fn step(&mut self) -> Result<(), Diagnostic> {
        let bytes = self.reading.window.bytes();
        let end = match row_end(bytes, self.at, self.wary) {
            Some(end) => end,
            None if self.at >= bytes.len() && self.reading.window.is_last() => {
                self.done = true;
                self.gather.flush();
                return Ok(());
            }
            None if bytes.len() - self.at.min(bytes.len()) <= MAX_VALUE
                && !self.reading.window.is_last() =>
            {
                if self.reading.refill(self.at)? {
                    self.at = 0;
                    self.gather.set_window(self.reading.window.buffer().clone());
                }
                return Ok(());
            }
            None => match self.open_end() {
                Some(end) => end,
                None => return Ok(()),
            },
        };
        self.row(end);
        let bytes = self.reading.window.bytes();
        let passed = bytes.get(self.at..end + 1).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', passed).count() as u64;
        self.at = end + 1;
        Ok(())
    }

    /// The end of the last row when no line end comes, or `None` after a quote that is not closed: its line is left out.
    fn open_end(&mut self) -> Option<usize> {
        let bytes = self.reading.window.bytes();
        let Some(length) = memchr::memchr(b'\n', &bytes[self.at..]) else {
            return Some(bytes.len());
        };
        let mut closed = bytes[self.at..].to_vec();
        closed.push(b'\n');
        if row_end(&closed, 0, self.wary).is_some() {
            return Some(bytes.len());
        }
        self.reading
            .left_out
            .broken(self.line, "a quoted cell is not closed");
        self.wary = true;
        self.line += 1;
        self.at += length + 1;
        None
    }

    /// Takes the row from `at` to `end`.
    fn row(&mut self, end: usize) {
        let bytes = self.reading.window.bytes();
        let row = bytes[self.at..end].trim_ascii_end();
        if row.is_empty() {
            return;
        }
        let cells = cells(row);
        if self.columns.is_empty() {
            self.header(&cells.iter().map(|c| text(c)).collect::<Vec<_>>());
            return;
        }
        if cells.len() > self.columns.len() {
            self.reading
                .left_out
                .broken(self.line, "a row has more cells than the header");
        }
        let metadata = self.metadata(&cells);
        let raw = self.columns.iter().position(|c| *c == Column::Raw);
        match raw.and_then(|raw| cells.get(raw)) {
            Some(raw) => {
                if !self
                    .gather
                    .copy(self.line, metadata, |out| out.extend_from_slice(raw))
                {
                    self.reading
                        .left_out
                        .broken(self.line, "an event without text");
                }
            }
            None => {
                let end = self.at + row.len();
                self.gather.place(self.at, end, self.line, Some(metadata));
            }
        }
    }

    fn header(&mut self, names: &[String]) {
        for (at, name) in names.iter().enumerate() {
            let column = match name.as_str() {
                _ if names[..at].contains(name) => Column::Repeated,
                "_raw" => Column::Raw,
                "_time" => Column::Time,
                "source" => Column::Source,
                "sourcetype" => Column::Sourcetype,
                "host" => Column::Host,
                "index" => Column::Index,
                name => match name.strip_prefix("__mv_") {
                    Some(name) => Column::Multi(name.into()),
                    None => Column::Field(name.into()),
                },
            };
            if column == Column::Repeated {
                self.reading.context.notices.push(
                    "broken-input",
                    format!(
                        "`{}`: column `{name}` is there twice; the first one is used",
                        self.reading.origin.path
                    ),
                    true,
                );
            }
            self.columns.push(column);
        }
        self.is_export = self
            .columns
            .iter()
            .any(|c| matches!(c, Column::Raw | Column::Time | Column::Multi(_)));
        self.usual_time = USUAL_TIMES
            .iter()
            .find_map(|usual| names.iter().position(|name| name == usual));
    }

    fn metadata(&self, cells: &[Cow<'_, [u8]>]) -> Metadata {
        let mut metadata = Metadata::default();
        for (column, cell) in self.columns.iter().zip(cells) {
            if cell.is_empty() {
                continue;
            }
            let shared = || Some(Arc::from(text(cell)));
            match column {
                Column::Raw | Column::Repeated => {}
                Column::Time => metadata.time = instant(cell),
                Column::Source => metadata.source = shared(),
                Column::Sourcetype => metadata.sourcetype = shared(),
                Column::Host => metadata.host = shared(),
                Column::Index => metadata.index = shared(),
                Column::Field(name) => {
                    let value = match self.is_export {
                        true => Value::multi(text(cell).split('\n').map(str::to_owned).collect()),
                        false => Value::Text(text(cell)),
                    };
                    metadata.fields.push((name.clone(), value));
                }
                Column::Multi(name) => {
                    metadata.fields.retain(|(known, _)| known != name);
                    metadata
                        .fields
                        .push((name.clone(), multivalue(&text(cell))));
                }
            }
        }
        if metadata.time.is_none() {
            let cell = self.usual_time.and_then(|at| cells.get(at));
            metadata.time = cell.and_then(|cell| instant(cell));
        }
        metadata
    }
}

/// `$a$;$b$` as its values; a dollar inside a value is doubled.
fn multivalue(text: &str) -> Value {
    let inner = text.strip_prefix('$').unwrap_or(text);
    let inner = inner.strip_suffix('$').unwrap_or(inner);
    Value::multi(inner.split("$;$").map(|v| v.replace("$$", "$")).collect())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl Morsels for Csv {
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
    fn rows_end_outside_quotes() {
        let text = b"a,\"b\n\"\"c\",d\"e\nnext";
        assert_eq!(row_end(text, 0, false), Some(13));
        assert_eq!(row_end(text, 0, true), Some(4));
        assert_eq!(row_end(text, 14, false), None);
        let got = cells(&text[..13]);
        assert_eq!(got, [&b"a"[..], b"b\n\"c", b"d\"e"]);
        assert_eq!(cells(b",\"x\"y,"), [&b""[..], b"xy", b""]);
    }

    #[test]
    fn csv_is_told_from_text_with_commas() {
        for (csv, named, expected) in [
            ("a,b\n1,2\n", false, true),
            (
                "\"_time\",\"_raw\"\n\"1\",\"x, \"\"y\"\"\nz\"\n",
                false,
                true,
            ),
            ("ip\n1.2.3.4\n", false, false),
            ("ip\n1.2.3.4\n", true, true),
            ("hello, world\nhow are you\n", false, false),
            (
                "2024-10-17T09:15:02,INFO,x\n2024-10-17T09:15:03,INFO,y\n",
                false,
                false,
            ),
            ("hello,world\n", false, false),
            ("Oct 17 sshd[1]: a, b\nOct 17 sshd[1]: a, c\n", false, false),
        ] {
            assert_eq!(
                looks_like_csv(csv.as_bytes(), true, named),
                expected,
                "{csv}"
            );
        }
    }

    #[test]
    fn splunk_multivalues_are_read() {
        let expected = Value::Multi(vec!["a$b".into(), "c;d".into()]);
        assert_eq!(multivalue("$a$$b$;$c;d$"), expected);
    }
}
