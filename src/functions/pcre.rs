//! The dialect of regular expressions: takes PCRE as users write it, gives the dialect of the engines at hand, and
//! whether the pattern needs backtracking (look-around, back-references, atomic groups, possessive repeats).
//!
//! `\d`, `\w`, `\s` mean ASCII, as in PCRE without its Unicode option. A `$` matches at the end and before a line end
//! that closes the text.

mod class;
mod group;

/// A translated pattern.
pub struct Translated {
    /// In the dialect of the engines.
    pub text: String,
    /// Only a backtracking engine can run it.
    pub backtracks: bool,
    /// It has a `$` that stands for the end of the text, and `text` takes it for the very end.
    pub ends: bool,
}

/// Translates a pattern; what PCRE has and no engine does is an error that names it, what is no pattern at all is left
/// for the engine to refuse. `before_line_end`: `$` also matches before a line end that closes the text, which takes
/// backtracking.
pub fn translate(pattern: &str, before_line_end: bool) -> Result<Translated, String> {
    let mut reader = Reader {
        rest: pattern,
        out: String::with_capacity(pattern.len() + 16),
        backtracks: false,
        groups: 0,
        modes: vec![Modes::default()],
        open: Vec::new(),
        names: Vec::new(),
        calls: Vec::new(),
        before_line_end,
        ends: false,
        refused: None,
    };
    reader.verbs();
    while reader.refused.is_none() && reader.item() {}
    reader.recursion();
    match reader.refused {
        Some(what) => Err(format!("{what} is not supported")),
        None => Ok(Translated {
            text: reader.out,
            backtracks: reader.backtracks,
            ends: reader.ends,
        }),
    }
}

struct Reader<'p> {
    rest: &'p str,
    out: String,
    backtracks: bool,
    groups: usize,
    /// The modes of the groups that are open, the pattern's own first.
    modes: Vec<Modes>,
    /// The numbers of the groups that are open, `None` for those that have none.
    open: Vec<Option<usize>>,
    /// The names of groups with their numbers.
    names: Vec<(String, usize)>,
    /// Calls of groups: a group that is open at the call, and the one called.
    calls: Vec<(usize, String)>,
    before_line_end: bool,
    ends: bool,
    /// What was met that no engine does.
    refused: Option<String>,
}

/// Modes that change how a pattern is read.
#[derive(Debug, Clone, Copy, Default)]
struct Modes {
    /// `(?m)`
    lines: bool,
    /// `(?x)`
    extended: bool,
}

const VERTICAL: &str = r"\n\x0B\x0C\r\x{85}\x{2028}\x{2029}";
const SPACE: &str = r"\t\n\x0B\x0C\r\x20";
const WORD: &str = "A-Za-z0-9_";

impl<'p> Reader<'p> {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = self.rest.get(c.len_utf8()..)?;
        Some(c)
    }

    fn take(&mut self, part: &str) -> bool {
        match self.rest.strip_prefix(part) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Drops the verbs at the start that change nothing here: `(*UTF8)` and the like.
    fn verbs(&mut self) {
        while let Some((verb, rest)) = self.rest.strip_prefix("(*").and_then(|r| r.split_once(')'))
        {
            match verb {
                "UTF8" | "UTF" | "NO_START_OPT" | "NO_AUTO_POSSESS" | "LF" | "BSR_UNICODE" => {
                    self.rest = rest;
                }
                _ => return,
            }
        }
    }

    fn refuse(&mut self, what: impl Into<String>) {
        self.refused.get_or_insert(what.into());
    }

    fn mode(&self) -> Modes {
        self.modes.last().copied().unwrap_or_default()
    }

    fn item(&mut self) -> bool {
        let Some(c) = self.next() else { return false };
        match c {
            '\\' => self.escape(),
            '[' => self.class(),
            '(' => self.group(),
            ')' => {
                self.open.pop();
                if self.modes.len() > 1 {
                    self.modes.pop();
                }
                self.out.push(')');
            }
            '$' if !self.mode().lines => self.end(),
            '#' if self.mode().extended => {
                self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
            }
            '{' => self.brace(),
            '}' => self.out.push_str(r"\}"),
            '*' | '+' | '?' => {
                self.out.push(c);
                self.after_repeat();
            }
            _ => self.out.push(c),
        }
        true
    }

    fn end(&mut self) {
        self.ends = true;
        if self.before_line_end {
            self.backtracks = true;
            self.out.push_str(r"(?=\n?\z)");
        } else {
            self.out.push_str(r"\z");
        }
    }

    /// A `+` after a repeat makes it possessive.
    fn after_repeat(&mut self) {
        if self.take("?") {
            self.out.push('?');
        } else if self.take("+") {
            self.out.push('+');
            self.backtracks = true;
        }
        if self.rest.starts_with(['*', '+', '?']) {
            self.refuse("a repeat of a repeat");
        }
    }

    /// `{n}`, `{n,}`, `{n,m}` repeat; any other brace is itself, that of `{,m}` too.
    fn brace(&mut self) {
        let counts = self.rest.split_once('}').filter(|(inside, _)| {
            let (low, high) = inside.split_once(',').unwrap_or((inside, "0"));
            let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
            digits(low) && digits(high) && !low.is_empty()
        });
        match counts {
            Some((inside, rest)) => {
                self.rest = rest;
                self.out.push('{');
                self.out.push_str(inside);
                let number = |t: &str| t.parse::<u32>().ok();
                if let Some((low, high)) = inside.split_once(',')
                    && number(high) < number(low)
                    && !high.is_empty()
                {
                    self.refuse(format!("{{{inside}}}, whose end is before its start,"));
                }
                self.out.push('}');
                self.after_repeat();
            }
            None => self.out.push_str(r"\{"),
        }
    }

    /// An escape outside a class.
    fn escape(&mut self) {
        let Some(c) = self.next() else {
            self.out.push_str(r"\\");
            return;
        };
        match c {
            'd' => self.out.push_str("[0-9]"),
            'D' => self.out.push_str("[^0-9]"),
            'w' => self.set("[", WORD),
            'W' => self.set("[^", WORD),
            's' => self.set("[", SPACE),
            'S' => self.set("[^", SPACE),
            'h' => self.out.push_str(r"[\t\x20\x{A0}]"),
            'H' => self.out.push_str(r"[^\t\x20\x{A0}]"),
            'v' => self.set("[", VERTICAL),
            'V' => self.set("[^", VERTICAL),
            'N' if self.rest.starts_with("{U+") => {
                self.take("{U+");
                let c = self.hexadecimal_until('}');
                literal(&mut self.out, c);
            }
            'N' => self.out.push_str(r"[^\n]"),
            'R' => self.out.push_str(&format!(r"(?:\r\n|[{VERTICAL}])")),
            'Z' => self.end(),
            'b' | 'B' | 'A' | 'z' => {
                self.out.push('\\');
                self.out.push(c);
            }
            'X' => self.out.push_str(r"(?:\r\n|\P{M}\p{M}*|\p{M}+)"),
            'C' => self.refuse(r"\C, a single byte,"),
            'G' | 'K' => {
                self.backtracks = true;
                self.out.push('\\');
                self.out.push(c);
            }
            'k' => match self.next() {
                Some('<') => self.reference_until('>'),
                Some('{') => self.reference_until('}'),
                Some('\'') => self.reference_until('\''),
                other => {
                    self.out.push('k');
                    self.out.extend(other);
                }
            },
            'g' if self.take("<") => self.call_until('>'),
            'g' if self.take("'") => self.call_until('\''),
            'g' if self.take("{") => self.reference_until('}'),
            'g' if self.rest.starts_with(|c: char| c.is_ascii_digit()) => {
                self.number_reference(None)
            }
            '1'..='9' => self.number_reference(Some(c)),
            'Q' => {
                let (quoted, rest) = self.rest.split_once(r"\E").unwrap_or((self.rest, ""));
                self.rest = rest;
                for c in quoted.chars() {
                    literal(&mut self.out, c);
                }
            }
            'E' => {}
            'p' | 'P' => self.property(c),
            _ => {
                let c = self.character(c);
                literal(&mut self.out, c);
            }
        }
    }

    fn set(&mut self, opening: &str, members: &str) {
        self.out.push_str(opening);
        self.out.push_str(members);
        self.out.push(']');
    }

    /// `\1` is a reference when so many groups are open before, or it has one digit; else it is an octal character.
    fn number_reference(&mut self, first: Option<char>) {
        let digits: String = first
            .into_iter()
            .chain(self.rest.chars().take_while(char::is_ascii_digit))
            .collect();
        let more = digits.len() - first.map_or(0, char::len_utf8);
        let number: usize = digits.parse().unwrap_or(usize::MAX);
        if number < 10 || number <= self.groups {
            self.rest = self.rest.get(more..).unwrap_or_default();
            self.backtracks = true;
            self.out.push_str(&format!(r"(?:\{number})"));
        } else if let Some(c) = first {
            let c = self.character(c);
            literal(&mut self.out, c);
        }
    }

    fn property(&mut self, letter: char) {
        self.out.push('\\');
        self.out.push(letter);
        if self.take("{") {
            self.out.push('{');
            self.copy_until('}');
            self.out.push('}');
        } else if let Some(c) = self.next() {
            self.out.push(c);
        }
    }

    /// The character that an escape stands for, after its first letter.
    fn character(&mut self, c: char) -> char {
        match c {
            'a' => '\x07',
            'e' => '\x1B',
            'f' => '\x0C',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'c' => self
                .next()
                .map_or('c', |c| (c.to_ascii_uppercase() as u8 ^ 0x40) as char),
            'x' => self.hexadecimal(),
            'o' if self.take("{") => {
                let (digits, rest) = self.rest.split_once('}').unwrap_or((self.rest, ""));
                self.rest = rest;
                let code = u32::from_str_radix(digits, 8).unwrap_or(0);
                char::from_u32(code).unwrap_or('\0')
            }
            '0'..='7' => {
                let more: String = self
                    .rest
                    .chars()
                    .take(2)
                    .take_while(|c| ('0'..='7').contains(c))
                    .collect();
                self.rest = self.rest.get(more.len()..).unwrap_or_default();
                let code = u32::from_str_radix(&format!("{c}{more}"), 8).unwrap_or(0);
                char::from_u32(code).unwrap_or('\0')
            }
            other => other,
        }
    }

    fn hexadecimal_until(&mut self, end: char) -> char {
        let (digits, rest) = self.rest.split_once(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        let code = u32::from_str_radix(digits, 16).unwrap_or(0);
        char::from_u32(code).unwrap_or('\0')
    }

    fn hexadecimal(&mut self) -> char {
        let digits = match self.rest.strip_prefix('{').and_then(|r| r.split_once('}')) {
            Some((digits, rest)) => {
                self.rest = rest;
                digits.to_owned()
            }
            None => {
                let digits: String = self
                    .rest
                    .chars()
                    .take(2)
                    .take_while(char::is_ascii_hexdigit)
                    .collect();
                self.rest = self.rest.get(digits.len()..).unwrap_or_default();
                digits
            }
        };
        u32::from_str_radix(&digits, 16)
            .ok()
            .and_then(char::from_u32)
            .unwrap_or('\0')
    }
}

/// A character that stands for itself, inside a class or outside.
fn literal(out: &mut String, c: char) {
    if c.is_ascii_punctuation() && !matches!(c, '<' | '>') {
        out.push('\\');
        out.push(c);
    } else if c.is_control() || c == ' ' {
        out.push_str(&format!(r"\x{{{:X}}}", c as u32));
    } else {
        out.push(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dialect_is_translated() {
        for (pattern, expected, backtracks) in [
            (r"(?<a>\d+)", r"(?P<a>[0-9]+)", false),
            (r"(?'a'x)", r"(?P<a>x)", false),
            (r#"\/\"\-\<"#, r#"\/\"\-<"#, false),
            (r"a{,3}b{x}c{2,}", r"a\{,3\}b\{x\}c{2,}", false),
            (r"a$|(?m)b$", r"a\z|(?m)b$", false),
            (r"(?x) a # (b\n c", r"(?x) a  c", false),
            (r"(?-x)#", r"(?-x)#", false),
            (r"(?<n>a)(?&n)(?1)", r"(?P<n>a)\g<n>\g<1>", true),
            (r"(a)?(?(1)b|c)", r"(a)?(?(1)b|c)", true),
            (r"(?^i)a", r"(?-imsx)(?i)a", false),
            (r"[\w-.]", r"[A-Za-z0-9_\-\.]", false),
            (r"[a-z[]", r"[a-z\[]", false),
            (r"[]a]", r"[\]a]", false),
            (r"[^\]&&a]", r"[^\]\&\&a]", false),
            (r"[+--]", r"[\+-\-]", false),
            (r"[[:alpha:]_]", r"[[:alpha:]\_]", false),
            (r"a++", r"a++", true),
            (r"(a)\1", r"(a)(?:\1)", true),
            (r"\k<n>", r"\k<n>", true),
            (r"(?#note)a", "a", false),
            (r"\Qa.b\E+", r"a\.b+", false),
            (r"\e\x41\101", r"\x{1B}AA", false),
            (r"(*UTF8)a", "a", false),
        ] {
            let translated = translate(&pattern.replace("\\n c", "\n c"), false).unwrap();
            assert_eq!(translated.text, expected, "{pattern}");
            assert_eq!(translated.backtracks, backtracks, "{pattern}");
        }
        let end = translate("a$", true).unwrap();
        assert_eq!((end.text.as_str(), end.backtracks), (r"a(?=\n?\z)", true));
    }

    #[test]
    fn what_no_engine_does_is_named() {
        for (pattern, named) in [
            ("(?|(a)|(b))", "(?|"),
            ("a(*SKIP)b", "(*SKIP)"),
            ("(*UCP)a", "(*UCP)"),
            ("(?C1)a", "(?C"),
            (r"\C", r"\C"),
            ("(a)(?(R)b)", "(?(R)"),
            ("(?n)(a)", "(?n"),
            (r"\((?R)?\)", "a group that calls itself"),
            (r"(a(?1)?b)", "a group that calls itself"),
            (r"(?<x>a(?&y)?)(?<y>b(?&x)?)", "a group that calls itself"),
        ] {
            let refused = translate(pattern, false).err().unwrap_or_default();
            assert!(refused.starts_with(named), "{pattern}: {refused}");
        }
    }
}
