//! The dialect of regular expressions: takes PCRE as users write it, gives the dialect of the engines at hand, and
//! whether the pattern needs backtracking (look-around, back-references, atomic groups, possessive repeats).
//!
//! `\d`, `\w`, `\s` mean ASCII, as in PCRE without its Unicode option. One difference stays: `$` matches at the very
//! end only, not also before a line end that closes the text (`\Z` does).

/// A translated pattern.
pub struct Translated {
    /// In the dialect of the engines.
    pub text: String,
    /// Only a backtracking engine can run it.
    pub backtracks: bool,
}

/// Translates a pattern. What no engine takes is left for the engine to refuse.
pub fn translate(pattern: &str) -> Translated {
    let mut reader = Reader {
        rest: pattern,
        out: String::with_capacity(pattern.len() + 16),
        backtracks: false,
        groups: 0,
    };
    reader.verbs();
    while reader.item() {}
    Translated {
        text: reader.out,
        backtracks: reader.backtracks,
    }
}

struct Reader<'p> {
    rest: &'p str,
    out: String,
    backtracks: bool,
    groups: usize,
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

    /// Drops `(*UTF8)` and the like at the start.
    fn verbs(&mut self) {
        while let Some((verb, rest)) = self.rest.strip_prefix("(*").and_then(|r| r.split_once(')'))
        {
            if verb.is_empty()
                || !verb
                    .bytes()
                    .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
            {
                return;
            }
            self.rest = rest;
        }
    }

    fn item(&mut self) -> bool {
        let Some(c) = self.next() else { return false };
        match c {
            '\\' => self.escape(),
            '[' => self.class(),
            '(' => self.group(),
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

    /// A `+` after a repeat makes it possessive.
    fn after_repeat(&mut self) {
        if self.take("?") {
            self.out.push('?');
        } else if self.take("+") {
            self.out.push('+');
            self.backtracks = true;
        }
    }

    /// `{n}`, `{n,}`, `{n,m}`, `{,m}` repeat; any other brace is itself.
    fn brace(&mut self) {
        let counts = self.rest.split_once('}').filter(|(inside, _)| {
            let (low, high) = inside.split_once(',').unwrap_or((inside, "0"));
            let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
            digits(low)
                && digits(high)
                && !(low.is_empty() && (high.is_empty() || !inside.contains(',')))
        });
        match counts {
            Some((inside, rest)) => {
                self.rest = rest;
                self.out.push('{');
                if inside.starts_with(',') {
                    self.out.push('0');
                }
                self.out.push_str(inside);
                self.out.push('}');
                self.after_repeat();
            }
            None => self.out.push_str(r"\{"),
        }
    }

    fn group(&mut self) {
        if self.take("?#") {
            self.rest = self.rest.split_once(')').map_or("", |(_, rest)| rest);
            return;
        }
        if !self.rest.starts_with('?') {
            self.groups += 1;
            self.out.push('(');
            return;
        }
        for (opening, look) in [
            ("?=", "(?="),
            ("?!", "(?!"),
            ("?<=", "(?<="),
            ("?<!", "(?<!"),
            ("?>", "(?>"),
        ] {
            if self.take(opening) {
                self.backtracks = true;
                self.out.push_str(look);
                return;
            }
        }
        if self.take("?P=") {
            self.reference_until(')');
            return;
        }
        for (opening, closing) in [("?P<", '>'), ("?<", '>'), ("?'", '\'')] {
            if self.take(opening) {
                self.groups += 1;
                self.out.push_str("(?P<");
                self.copy_until(closing);
                self.out.push('>');
                return;
            }
        }
        self.out.push('(');
        if self.take("?J)") {
            self.out.pop();
        } else if self.take("?R") {
            // Recursion, which no engine has: left as it is, they would take it for a flag of their own.
            self.backtracks = true;
            self.out.push_str("?&R");
        } else if self.rest.starts_with("?(") || self.rest.starts_with("?&") {
            self.backtracks = true;
        }
    }

    fn copy_until(&mut self, end: char) {
        if let Some((name, rest)) = self.rest.split_once(end) {
            self.out.push_str(name);
            self.rest = rest;
        }
    }

    fn reference_until(&mut self, end: char) {
        self.backtracks = true;
        let Some((name, rest)) = self.rest.split_once(end) else {
            return;
        };
        self.rest = rest;
        let number = match name.strip_prefix('-').and_then(|n| n.parse::<usize>().ok()) {
            Some(back) => (self.groups + 1).saturating_sub(back).to_string(),
            None => name.to_owned(),
        };
        if number.bytes().all(|b| b.is_ascii_digit()) {
            self.out.push_str(&format!(r"(?:\{number})"));
        } else {
            self.out.push_str(&format!(r"\k<{number}>"));
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
            'N' => self.out.push_str(r"[^\n]"),
            'R' => self.out.push_str(&format!(r"(?:\r\n|[{VERTICAL}])")),
            'Z' => self.out.push_str(r"(?:\n?\z)"),
            'b' | 'B' | 'A' | 'z' => {
                self.out.push('\\');
                self.out.push(c);
            }
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

    /// A class, after its opening bracket.
    fn class(&mut self) {
        self.out.push('[');
        if self.take("^") {
            self.out.push('^');
        }
        let mut first = true;
        let mut open_range = false;
        loop {
            if !first && self.take("]") {
                break;
            }
            first = false;
            match self.member() {
                Member::End => return,
                Member::Set => open_range = false,
                Member::One(c) => {
                    literal(&mut self.out, c);
                    if !open_range && self.range_follows() {
                        self.rest = self.rest.get(1..).unwrap_or_default();
                        self.out.push('-');
                        open_range = true;
                    } else {
                        open_range = false;
                    }
                }
            }
        }
        self.out.push(']');
    }

    /// Whether a hyphen and a single character follow.
    fn range_follows(&self) -> bool {
        let Some(after) = self.rest.strip_prefix('-') else {
            return false;
        };
        let mut next = after.chars();
        match next.next() {
            None | Some(']') => false,
            Some('[') => !after.starts_with("[:"),
            Some('\\') => !next.next().is_some_and(|c| "dDwWsShHvVpPNR".contains(c)),
            Some(_) => true,
        }
    }

    fn member(&mut self) -> Member {
        if self.rest.starts_with("[:")
            && let Some((name, rest)) = self.rest.split_once(":]")
            && name
                .chars()
                .skip(2)
                .all(|c| c.is_ascii_alphabetic() || c == '^')
        {
            self.rest = rest;
            self.out.push_str(name);
            self.out.push_str(":]");
            return Member::Set;
        }
        let Some(c) = self.next() else {
            return Member::End;
        };
        if c != '\\' {
            return Member::One(c);
        }
        let Some(c) = self.next() else {
            return Member::One('\\');
        };
        let set = match c {
            'd' => "0-9",
            'D' => "[:^digit:]",
            'w' => WORD,
            'W' => "[:^word:]",
            's' => SPACE,
            'S' => "[:^space:]",
            'h' => r"\t\x20\x{A0}",
            'v' | 'R' => VERTICAL,
            'b' => return Member::One('\x08'),
            'p' | 'P' => {
                self.property(c);
                return Member::Set;
            }
            'E' | 'Q' => return Member::Set,
            _ => return Member::One(self.character(c)),
        };
        self.out.push_str(set);
        Member::Set
    }
}

enum Member {
    One(char),
    Set,
    End,
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
            (r"a{,3}b{x}c{2,}", r"a{0,3}b\{x\}c{2,}", false),
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
            (r"\((?R)?\)", r"\((?&R)?\)", true),
            (r"\Qa.b\E+", r"a\.b+", false),
            (r"\e\x41\101", r"\x{1B}AA", false),
            (r"(*UTF8)a", "a", false),
        ] {
            let translated = translate(pattern);
            assert_eq!(translated.text, expected, "{pattern}");
            assert_eq!(translated.backtracks, backtracks, "{pattern}");
        }
    }
}
