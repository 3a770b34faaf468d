//! Classes of PCRE: takes what follows an opening bracket, gives the engines' spelling of it.

use super::{Reader, SPACE, VERTICAL, WORD, literal};

impl Reader<'_> {
    /// A class, after its opening bracket.
    pub(super) fn class(&mut self) {
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
