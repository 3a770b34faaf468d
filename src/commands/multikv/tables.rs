//! Tables of text: takes the text of an event, gives its tables with the names of their columns and the cells of
//! their rows.
//!
//! Cells are parted by tabs, commas, semicolons or bars when each line has as many of them as the header, else by what
//! stands below each other, else by blanks.

use std::ops::Range;

/// How tables are found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    /// The number of the header's line, from 1, empty ones not counted.
    pub header: Option<usize>,
    /// Whether a text may hold several tables.
    pub several: bool,
    /// Whether tables have no header.
    pub headless: bool,
}

/// A table.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Table {
    pub names: Vec<String>,
    /// Each row's line, and a cell a name.
    pub rows: Vec<(String, Vec<String>)>,
}

/// A line, and whether an empty one or none stands before it.
type Line<'t> = (&'t str, bool);

/// The tables of a text.
pub(super) fn read(text: &str, layout: Layout) -> Vec<Table> {
    let mut lines: Vec<Line<'_>> = Vec::new();
    let mut fresh = true;
    for line in text.lines() {
        if line.trim().is_empty() {
            fresh = true;
        } else {
            lines.push((line, std::mem::take(&mut fresh)));
        }
    }
    if layout.headless {
        return table(None, &lines).into_iter().collect();
    }
    let first = match layout.header {
        Some(number) => number.saturating_sub(1),
        None => header_of(&lines),
    };
    let mut tables = Vec::new();
    let mut rest = lines.get(first..).unwrap_or_default();
    while let Some(((header, _), body)) = rest.split_first() {
        let next = |(line, fresh): &Line<'_>| layout.several && *fresh && is_header(line);
        let end = body.iter().position(next).unwrap_or(body.len());
        let (own, others) = body.split_at(end);
        tables.extend(table(Some(header), own));
        rest = others;
    }
    tables
}

/// The line of the header: the first of words with capitals that something stands below, else the first of words, else
/// the first.
fn header_of(lines: &[Line<'_>]) -> usize {
    let above = lines.split_last().map_or(lines, |(_, above)| above);
    let of_words = |(line, _): &Line<'_>| words(line).count() > 1 && words(line).all(is_text);
    let capital = above.iter().position(|(line, _)| is_header(line));
    capital
        .or_else(|| above.iter().position(of_words))
        .unwrap_or(0)
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| c.is_whitespace() || ",;|".contains(c))
        .filter(|word| !word.is_empty())
}

/// Whether a word is no number and no address.
fn is_text(word: &str) -> bool {
    word.chars().any(char::is_alphabetic) && !word.starts_with(|c: char| c.is_ascii_digit())
}

/// Whether a line is of several words that begin with a capital.
fn is_header(line: &str) -> bool {
    let capital = |word: &str| {
        let letter = word.chars().find(|c| c.is_alphanumeric());
        letter.is_some_and(char::is_uppercase)
    };
    words(line).count() > 1 && words(line).all(|word| is_text(word) && capital(word))
}

/// A line that only underlines the header.
fn is_rule(line: &str) -> bool {
    line.chars()
        .all(|c| c.is_whitespace() || "-=+|".contains(c))
}

fn table(header: Option<&str>, body: &[Line<'_>]) -> Option<Table> {
    let body: Vec<&str> = body.iter().map(|(line, _)| *line).collect();
    let body: Vec<&str> = body.into_iter().filter(|line| !is_rule(line)).collect();
    let first = header.or_else(|| body.first().copied())?;
    if body.is_empty() {
        return None;
    }
    let split: Split = match delimiter(first, &body) {
        Some(delimiter) => Box::new(move |line| parts(line, delimiter)),
        None => by_place(first, &body),
    };
    let heads = split(first);
    let name = |(i, name): (usize, &String)| {
        let name = header.map(|_| cleaned(name)).unwrap_or_default();
        match name.is_empty() {
            true => format!("Column_{}", i + 1),
            false => name,
        }
    };
    let names = heads.iter().enumerate().map(name).collect();
    let rows = body.iter().map(|line| ((*line).to_owned(), split(line)));
    Some(Table {
        rows: rows.collect(),
        names,
    })
}

/// The character that parts the cells of all lines, if one does.
fn delimiter(first: &str, body: &[&str]) -> Option<char> {
    let count = |line: &str, delimiter: char| parts(line, delimiter).len();
    ['\t', ',', ';', '|'].into_iter().find(|delimiter| {
        let columns = count(first, *delimiter);
        columns > 1 && body.iter().all(|line| count(line, *delimiter) == columns)
    })
}

/// The cells between delimiters; those inside double quotes part nothing, and the quotes stay.
fn parts(line: &str, delimiter: char) -> Vec<String> {
    let line = match delimiter {
        // A frame around the row is no column.
        '|' => {
            let line = line.trim();
            let line = line.strip_prefix('|').unwrap_or(line);
            line.strip_suffix('|').unwrap_or(line)
        }
        _ => line,
    };
    let mut quoted = false;
    let cells = line.split(|c: char| {
        quoted ^= c == '"';
        c == delimiter && !quoted
    });
    cells.map(|cell| cell.trim().to_owned()).collect()
}

/// The places in characters of the words of a line.
fn places(line: &[char]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, c) in line.iter().enumerate() {
        match found.last_mut() {
            _ if c.is_whitespace() => {}
            Some(last) if last.end == at => last.end = at + 1,
            _ => found.push(at..at + 1),
        }
    }
    found
}

fn text(line: &[char], place: Range<usize>) -> String {
    let end = place.end.min(line.len());
    let cell: String = line
        .get(place.start..end)
        .unwrap_or_default()
        .iter()
        .collect();
    cell.trim().to_owned()
}

/// Takes a line, gives its cells.
type Split = Box<dyn Fn(&str) -> Vec<String>>;

/// Splits lines by where the header's words stand.
fn by_place(first: &str, body: &[&str]) -> Split {
    let lines: Vec<Vec<char>> = std::iter::once(&first)
        .chain(body)
        .map(|line| line.chars().collect())
        .collect();
    let heads = places(lines.first().map_or(&[], Vec::as_slice));
    // Where something stands in any line.
    let width = lines.iter().map(Vec::len).max().unwrap_or(0);
    let mut filled = vec![' '; width];
    for line in &lines {
        for (at, c) in line.iter().enumerate() {
            if !c.is_whitespace() {
                filled[at] = 'x';
            }
        }
    }
    if let Some(starts) = starts(&places(&filled), &heads) {
        return Box::new(move |line| {
            let line: Vec<char> = line.chars().collect();
            let ends = starts.iter().skip(1).copied().chain([line.len()]);
            let cells = starts.iter().zip(ends);
            cells.map(|(start, end)| text(&line, *start..end)).collect()
        });
    }
    Box::new(move |line| {
        let line: Vec<char> = line.chars().collect();
        let words = places(&line);
        let mut cells: Vec<Option<Range<usize>>> = vec![None; heads.len()];
        for (number, word) in words.iter().enumerate() {
            // The last column may hold blanks; a line with too few words has holes.
            let at = match words.len() >= heads.len() {
                true => number.min(heads.len().saturating_sub(1)),
                false => nearest(&heads, word),
            };
            if let Some(cell) = cells.get_mut(at) {
                let start = cell.as_ref().map_or(word.start, |cell| cell.start);
                *cell = Some(start..word.end);
            }
        }
        let cell = |place: Option<Range<usize>>| place.map(|p| text(&line, p)).unwrap_or_default();
        cells.into_iter().map(cell).collect()
    })
}

/// Where the columns start when each word of the header stands in a block of its own; blocks without one belong to the
/// column before.
fn starts(blocks: &[Range<usize>], heads: &[Range<usize>]) -> Option<Vec<usize>> {
    let block = |head: &Range<usize>| blocks.iter().find(|block| block.contains(&head.start));
    let mut starts: Vec<usize> = Vec::new();
    for head in heads {
        let start = block(head)?.start;
        if starts.last().is_some_and(|last| *last == start) {
            return None;
        }
        starts.push(start);
    }
    if let Some(first) = starts.first_mut() {
        *first = 0;
    }
    Some(starts)
}

/// The number of the header's word that a word stands below, or is nearest to.
fn nearest(heads: &[Range<usize>], word: &Range<usize>) -> usize {
    let distance = |head: &Range<usize>| {
        let apart = head.start.saturating_sub(word.end - 1);
        apart.max(word.start.saturating_sub(head.end - 1))
    };
    let numbered = heads.iter().enumerate();
    numbered
        .min_by_key(|(_, head)| distance(head))
        .map_or(0, |(number, _)| number)
}

/// A name of letters, digits and `_` that does not start with `_` or a digit.
fn cleaned(name: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() { c } else { '_' };
    let name: String = name.chars().map(plain).collect();
    name.trim_start_matches(|c: char| c == '_' || c.is_ascii_digit())
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUTO: Layout = Layout {
        header: None,
        several: true,
        headless: false,
    };

    fn shown(text: &str, layout: Layout) -> Vec<String> {
        let show = |table: Table| {
            let rows = table.rows.iter().map(|(_, cells)| cells.join("/"));
            let rows: Vec<String> = rows.collect();
            format!("{}: {}", table.names.join("/"), rows.join(" ; "))
        };
        read(text, layout).into_iter().map(show).collect()
    }

    #[test]
    fn columns_that_stand_below_each_other_may_have_blanks_and_holes() {
        let text = "Name       Age  Job\nJosh Smith  42  Engineer at X\nFran            CEO\n";
        assert_eq!(
            shown(text, AUTO),
            ["Name/Age/Job: Josh Smith/42/Engineer at X ; Fran//CEO"]
        );
    }

    #[test]
    fn columns_in_order_need_no_alignment() {
        let text = "PID USER %CPU COMMAND\n1 root 0.5 init\n12345 someone 10.25 sshd\n7 root 1 a b";
        assert_eq!(
            shown(text, AUTO),
            ["PID/USER/CPU/COMMAND: 1/root/0.5/init ; 12345/someone/10.25/sshd ; 7/root/1/a b"]
        );
    }

    #[test]
    fn lines_before_the_header_are_none_of_the_table() {
        let text = "top - 15:28 up 1 day\nTasks: 200 total\n\nPID COMMAND\n1 init";
        assert_eq!(shown(text, AUTO), ["PID/COMMAND: 1/init"]);
    }

    #[test]
    fn one_more_table_starts_with_a_header_after_an_empty_line() {
        let text = "A B\n1 2\n\n3 4\n\nC D\n5 6";
        assert_eq!(shown(text, AUTO), ["A/B: 1/2 ; 3/4", "C/D: 5/6"]);
        let one = Layout {
            several: false,
            ..AUTO
        };
        assert_eq!(shown(text, one), ["A/B: 1/2 ; 3/4 ; C/D ; 5/6"]);
    }

    #[test]
    fn headers_may_be_given_or_missing() {
        let second = Layout {
            header: Some(2),
            ..AUTO
        };
        assert_eq!(shown("x y\n\na b\n1 2", second), ["a/b: 1/2"]);
        let none = Layout {
            headless: true,
            ..AUTO
        };
        assert_eq!(shown("a b\n1 2", none), ["Column_1/Column_2: a/b ; 1/2"]);
        assert!(shown("", AUTO).is_empty() && shown("a b", AUTO).is_empty());
        let far = Layout {
            header: Some(9),
            ..AUTO
        };
        assert!(shown("a b\n1 2", far).is_empty());
    }

    #[test]
    fn characters_part_cells_when_every_line_has_as_many() {
        assert_eq!(
            shown("\"name\", 7age%\nTom, 12\n\"Li, A\", 8", AUTO),
            ["name_/age_: Tom/12 ; \"Li, A\"/8"]
        );
        assert_eq!(
            shown("| a | b c |\n|---|---|\n| 1 | |", AUTO),
            ["a/b_c: 1/"]
        );
    }
}
