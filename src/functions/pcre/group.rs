//! Groups of PCRE: takes what follows an opening parenthesis, gives the engines' spelling of it.

use super::{Modes, Reader};

impl Reader<'_> {
    /// A group, after its opening parenthesis.
    pub(super) fn group(&mut self) {
        if self.rest.starts_with('*') {
            return self.verb();
        }
        if self.take("?#") {
            self.rest = self.rest.split_once(')').map_or("", |(_, rest)| rest);
            return;
        }
        if !self.rest.starts_with('?') {
            self.groups += 1;
            return self.open("(", Some(self.groups));
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
                return self.open(look, None);
            }
        }
        if self.take("?P=") {
            return self.reference_until(')');
        }
        if self.take("?P>") || self.take("?&") {
            return self.call_until(')');
        }
        if self.rest.starts_with("?|") {
            return self.refuse("(?|, which numbers the groups of alternatives alike,");
        }
        for (opening, closing) in [("?P<", '>'), ("?<", '>'), ("?'", '\'')] {
            if self.take(opening) {
                self.groups += 1;
                self.open("(?P<", Some(self.groups));
                self.name_until(closing);
                self.copy_until(closing);
                self.out.push('>');
                return;
            }
        }
        if self.take("?(") {
            return self.condition();
        }
        let after = self.rest.get(1..).unwrap_or_default();
        let digits = after.trim_start_matches(['+', '-']);
        if self.rest.starts_with("?R)") || digits.starts_with(|c: char| c.is_ascii_digit()) {
            self.take("?");
            return self.call_until(')');
        }
        self.flags();
    }

    /// The name of the group that was opened: a word that starts with no digit, and no other group has.
    fn name_until(&mut self, closing: char) {
        let name = self.rest.split_once(closing).map_or("", |(name, _)| name);
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if !name.chars().all(word) || name.starts_with(|c: char| c.is_ascii_digit()) {
            let what = "which is no word of letters, digits and underscores,";
            self.refuse(format!("the name `{name}` of a group, {what}"));
        } else if self.names.iter().any(|(other, _)| other == name) {
            self.refuse(format!("the name `{name}` of two groups"));
        }
        self.names.push((name.to_owned(), self.groups));
    }

    /// Opens a group that keeps the modes of the one around it.
    fn open(&mut self, text: &str, number: Option<usize>) {
        self.open.push(number);
        self.modes.push(self.mode());
        self.out.push_str(text);
    }

    fn verb(&mut self) {
        let verb = self.rest.split_once(')').map_or(self.rest, |(v, _)| v);
        if matches!(verb, "*FAIL" | "*F") {
            self.rest = self.rest.get(verb.len() + 1..).unwrap_or_default();
            self.backtracks = true;
            self.out.push_str("(*FAIL)");
            return;
        }
        self.refuse(format!("({verb})"));
    }

    /// `(?(1)…|…)`, `(?(<name>)…)` or `(?(DEFINE)…)`; a condition that looks around is refused.
    fn condition(&mut self) {
        self.backtracks = true;
        if self.rest.starts_with('?') {
            return self.refuse("(?(?, a condition that looks around,");
        }
        self.open("(?", None);
        let Some((condition, rest)) = self.rest.split_once(')') else {
            self.out.push('(');
            return;
        };
        self.rest = rest;
        let bare = condition.trim_matches(['<', '>', '\'']);
        let recurses = condition == "R"
            || condition.starts_with("R&")
            || condition
                .strip_prefix('R')
                .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
        if recurses {
            return self.refuse(format!("(?({condition})"));
        }
        match self.number(bare) {
            Some(number) => self.out.push_str(&format!("({number})")),
            None if bare == "DEFINE" => self.out.push_str("(DEFINE)"),
            None => self.out.push_str(&format!("(<{bare}>)")),
        }
    }

    /// The number that `2`, `-1` (the last group that was opened) or `+1` (the next one) means.
    fn number(&self, text: &str) -> Option<usize> {
        let number = |t: &str| t.parse::<usize>().ok();
        match (text.strip_prefix('-'), text.strip_prefix('+')) {
            (Some(back), _) => (self.groups + 1).checked_sub(number(back)?),
            (_, Some(on)) => Some(self.groups + number(on)?),
            _ => text
                .bytes()
                .all(|b| b.is_ascii_digit())
                .then(|| number(text))
                .flatten(),
        }
    }

    pub(super) fn copy_until(&mut self, end: char) {
        if let Some((name, rest)) = self.rest.split_once(end) {
            self.out.push_str(name);
            self.rest = rest;
        }
    }

    /// A call of a group as a subroutine; `R` and 0 are the whole pattern.
    pub(super) fn call_until(&mut self, end: char) {
        self.backtracks = true;
        let Some((name, rest)) = self.rest.split_once(end) else {
            return;
        };
        self.rest = rest;
        let called = match name {
            "R" => "0".to_owned(),
            name => self.number(name).map_or(name.to_owned(), |n| n.to_string()),
        };
        self.out.push_str(&format!(r"\g<{called}>"));
        // The whole pattern is open everywhere.
        let open = self.open.iter().flatten().copied();
        for group in std::iter::once(0).chain(open) {
            self.calls.push((group, called.clone()));
        }
    }

    /// Refuses groups that call themselves, directly or through others: the engine gives up on them at a depth without
    /// a word.
    pub(super) fn recursion(&mut self) {
        let named = |text: &str| {
            let found = self.names.iter().find(|(name, _)| name == text);
            found.map(|(_, n)| *n).or_else(|| text.parse().ok())
        };
        let calls: Vec<(usize, usize)> = self
            .calls
            .iter()
            .filter_map(|(from, to)| Some((*from, named(to)?)))
            .collect();
        let reaches = |start: usize| {
            let mut seen = vec![start];
            let mut at = 0;
            while let Some(group) = seen.get(at).copied() {
                at += 1;
                for (_, to) in calls.iter().filter(|(from, _)| *from == group) {
                    if *to == start {
                        return true;
                    }
                    if !seen.contains(to) {
                        seen.push(*to);
                    }
                }
            }
            false
        };
        if calls.iter().any(|(from, _)| reaches(*from)) {
            self.refuse("a group that calls itself, such as (?R) or (?1) inside of group 1,");
        }
    }

    /// What a group has matched.
    pub(super) fn reference_until(&mut self, end: char) {
        self.backtracks = true;
        let Some((name, rest)) = self.rest.split_once(end) else {
            return;
        };
        self.rest = rest;
        match self.number(name) {
            Some(number) => self.out.push_str(&format!(r"(?:\{number})")),
            None => self.out.push_str(&format!(r"\k<{name}>")),
        }
    }

    /// `(?i)`, `(?s-m)`, `(?x:…)`, `(?:…)`.
    fn flags(&mut self) {
        let Some(end) = self.rest.find([')', ':']) else {
            self.out.push('(');
            return;
        };
        let (flags, rest) = self.rest.split_at(end);
        let (closing, rest) = rest.split_at(1);
        let flags = flags.get(1..).unwrap_or_default();
        let (reset, flags) = match flags.strip_prefix('^') {
            Some(flags) => (true, flags),
            None => (false, flags),
        };
        if let Some(unknown) = flags.chars().find(|c| !"imsxUJ-".contains(*c)) {
            return self.refuse(format!("(?{unknown}"));
        }
        self.rest = rest;
        let mut modes = match reset {
            true => Modes::default(),
            false => self.mode(),
        };
        let (on, off) = flags.split_once('-').unwrap_or((flags, ""));
        for (names, value) in [(on, true), (off, false)] {
            modes.lines = if names.contains('m') {
                value
            } else {
                modes.lines
            };
            modes.extended = if names.contains('x') {
                value
            } else {
                modes.extended
            };
        }
        let known = flags.replace('J', "").replace("xx", "x");
        let reset = if reset { "(?-imsx)" } else { "" };
        if closing == ")" {
            if let Some(last) = self.modes.last_mut() {
                *last = modes;
            }
            self.out.push_str(reset);
            if !known.trim_matches('-').is_empty() {
                self.out.push_str(&format!("(?{known})"));
            }
        } else {
            self.open.push(None);
            self.modes.push(modes);
            match reset {
                "" => self.out.push_str(&format!("(?{known}:")),
                _ => self.out.push_str(&format!("(?{known}{}:", missing(&known))),
            }
        }
    }
}

/// What turns the modes off that a reset does not name.
fn missing(known: &str) -> String {
    let off: String = "imsx".chars().filter(|c| !known.contains(*c)).collect();
    if off.is_empty() {
        off
    } else {
        format!("-{off}")
    }
}
