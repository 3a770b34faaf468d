//! XML that is none: takes a text that was cut off or written by hand, gives one that can be parsed.
//!
//! Splunk's spath reads such texts, and the examples of its reference are some: attributes without quotes, elements
//! that are not closed, a broken prologue.

/// A text with its attributes quoted, its elements closed, and everything but elements, texts and CDATA left out.
pub(super) fn repaired(text: &str) -> String {
    let mut repair = Repair {
        out: String::with_capacity(text.len() + 64),
        open: Vec::new(),
    };
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        repair.text(before);
        rest = repair.tag(tag);
    }
    repair.text(rest);
    repair.close(0);
    repair.out
}

struct Repair<'t> {
    out: String,
    /// Names of the elements that are open.
    open: Vec<&'t str>,
}

impl<'t> Repair<'t> {
    /// Text or an attribute's value: what is no reference to a character is made plain.
    fn text(&mut self, text: &str) {
        for (at, c) in text.char_indices() {
            match c {
                '<' => self.out.push_str("&lt;"),
                '"' => self.out.push_str("&quot;"),
                '&' if !is_reference(text.get(at..).unwrap_or_default()) => {
                    self.out.push_str("&amp;");
                }
                c if c.is_control() && !c.is_whitespace() => {}
                c => self.out.push(c),
            }
        }
    }

    /// Closes elements until so many are open.
    fn close(&mut self, left: usize) {
        while self.open.len() > left {
            if let Some(name) = self.open.pop() {
                self.out.push_str(&format!("</{name}>"));
            }
        }
    }

    /// What a `<` begins; gives the text after it.
    fn tag(&mut self, tag: &'t str) -> &'t str {
        for (start, end) in [
            ("<!--", "-->"),
            ("<![CDATA[", "]]>"),
            ("<?", ">"),
            ("<!", ">"),
        ] {
            if let Some(inside) = tag.strip_prefix(start) {
                let Some((inside, rest)) = inside.split_once(end) else {
                    return "";
                };
                if end == "]]>" {
                    self.text(inside);
                }
                return rest;
            }
        }
        let closing = tag.strip_prefix("</");
        let inside = closing
            .or_else(|| tag.strip_prefix('<'))
            .unwrap_or_default();
        let (name, rest) = name(inside);
        if name.is_empty() {
            self.out.push_str("&lt;");
            return tag.get(1..).unwrap_or_default();
        }
        if closing.is_some() {
            if let Some(at) = self.open.iter().rposition(|open| *open == name) {
                self.close(at);
            }
            return rest.split_once('>').map_or("", |(_, rest)| rest);
        }
        self.out.push('<');
        self.out.push_str(name);
        self.open.push(name);
        self.attributes(rest)
    }

    fn attributes(&mut self, mut rest: &'t str) -> &'t str {
        let mut seen = Vec::new();
        loop {
            rest = rest.trim_start();
            if let Some(after) = rest.strip_prefix("/>") {
                self.out.push_str("/>");
                self.open.pop();
                return after;
            }
            if let Some(after) = rest.strip_prefix('>') {
                self.out.push('>');
                return after;
            }
            if rest.is_empty() {
                self.out.push('>');
                return "";
            }
            let (key, after) = name(rest);
            if key.is_empty() {
                rest = rest
                    .get(rest.chars().next().map_or(0, char::len_utf8)..)
                    .unwrap_or_default();
                continue;
            }
            let (value, after) = match after.trim_start().strip_prefix('=') {
                Some(value) => value_of(value.trim_start()),
                None => ("", after),
            };
            rest = after;
            if !seen.contains(&key) {
                seen.push(key);
                self.out.push_str(&format!(" {key}=\""));
                self.text(value);
                self.out.push('"');
            }
        }
    }
}

/// A name at the start of a text, and what follows it.
fn name(text: &str) -> (&str, &str) {
    let begins = |c: char| c.is_alphabetic() || c == '_';
    if !text.starts_with(begins) {
        return ("", text);
    }
    let more = |c: char| c.is_alphanumeric() || "_-.:".contains(c);
    text.split_at(text.find(|c| !more(c)).unwrap_or(text.len()))
}

/// An attribute's value, and what follows it.
fn value_of(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(inside) = text.strip_prefix(quote) {
            return inside.split_once(quote).unwrap_or((inside, ""));
        }
    }
    text.split_at(
        text.find(|c: char| c.is_whitespace() || c == '>')
            .unwrap_or(text.len()),
    )
}

/// Whether a text begins with a reference to a character that XML knows.
fn is_reference(text: &str) -> bool {
    let Some((name, _)) = text.get(1..).and_then(|text| text.split_once(';')) else {
        return false;
    };
    let code = match name.strip_prefix('#') {
        Some(digits) => match digits.strip_prefix('x') {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => digits.parse().ok(),
        },
        None => return ["amp", "lt", "gt", "quot", "apos"].contains(&name),
    };
    code.and_then(char::from_u32)
        .is_some_and(|c| !c.is_control() || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_broken_is_made_whole() {
        for (text, expected) in [
            (
                "<?xml version=\"1.0\"><a b=1 c='x\"y'>t",
                "<a b=\"1\" c=\"x&quot;y\">t</a>",
            ),
            (
                "<a><b>1</a> & <c/>&amp;&no;",
                "<a><b>1</b></a> &amp; <c/>&amp;&amp;no;",
            ),
            ("<a><!-- x --><![CDATA[<b>]]></z></a>", "<a>&lt;b></a>"),
            ("<13>Jan 1 < 2", "&lt;13>Jan 1 &lt; 2"),
            ("<a d d=2 / e", "<a d=\"\" e=\"\"></a>"),
            ("<a>cut <b att", "<a>cut <b att=\"\"></b></a>"),
        ] {
            assert_eq!(repaired(text), expected, "{text}");
        }
    }
}
