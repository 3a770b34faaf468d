//! Pairs of name and value wherever a text writes them (`user=bob msg="hello world"`): takes a text, gives them where they
//! stand. Text events have fields by it, and so has the command `extract`.

use std::borrow::Cow;

/// A name with its value, as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedValue<'t> {
    /// The name; see [`cleaned`].
    pub name: &'t str,
    /// The value, without quotes around it and spaces inside of them. Never empty.
    pub value: &'t str,
    /// Whether it stands in quotes.
    pub quoted: bool,
}

/// The pairs of a text in order: wherever a name stands before a sign.
pub struct NamedValues<'t, F> {
    text: &'t str,
    at: usize,
    sign: F,
    escapes: bool,
}

impl<'t, F: Fn(&str) -> Option<usize>> NamedValues<'t, F> {
    /// Of this text. `sign` finds the next sign between name and value; with `escapes` a quote after a backslash does not
    /// end a value in quotes.
    pub fn new(text: &'t str, sign: F, escapes: bool) -> Self {
        Self {
            text,
            at: 0,
            sign,
            escapes,
        }
    }

    /// What stands at the sign `step` bytes on: a name and a value, any of them empty.
    fn pair(&mut self, step: usize) -> NamedValue<'t> {
        let (before, after) = self
            .text
            .get(self.at..)
            .unwrap_or_default()
            .split_at_checked(step)
            .unwrap_or_default();
        let attached = before.trim_end_matches(BLANKS);
        let width = after.chars().next().map_or(1, char::len_utf8);
        let rest = after.get(width..).unwrap_or_default();
        // `a= b` gives `a` no value, `a = b` does.
        let value = match attached.len() < before.len() {
            true => rest.trim_start_matches(BLANKS),
            false => rest,
        };
        let blanks = rest.len() - value.len();
        let (value, quoted, length) = value_at(value, self.escapes);
        self.at += step + width;
        if length > 0 {
            self.at += blanks + length;
        }
        NamedValue {
            name: name_before(attached),
            value,
            quoted,
        }
    }
}

impl<'t, F: Fn(&str) -> Option<usize>> Iterator for NamedValues<'t, F> {
    type Item = NamedValue<'t>;

    fn next(&mut self) -> Option<NamedValue<'t>> {
        loop {
            let step = (self.sign)(self.text.get(self.at..)?)?;
            let pair = self.pair(step);
            if pair.name.contains(char::is_alphanumeric) && !pair.value.is_empty() {
                return Some(pair);
            }
        }
    }
}

/// The fields that an event's text names by itself: cleaned names and their values, in order. JSON, whole or torn, has
/// fields of its own, and XML is left to the commands that read it.
pub fn named_fields(text: &str) -> impl Iterator<Item = (Cow<'_, str>, &str)> {
    let text = if is_marked_up(text) { "" } else { text };
    NamedValues::new(text, |text| memchr::memchr(b'=', text.as_bytes()), false)
        .map(|pair| (cleaned(pair.name), pair.value))
        .filter(|(name, _)| !name.is_empty())
}

/// Whether a text begins as JSON or XML does. `[Mon` and `<134>` are the start of a line of text.
fn is_marked_up(text: &str) -> bool {
    let mut start = text.chars().filter(|c| !c.is_whitespace());
    match (start.next(), start.next()) {
        (Some('{'), Some(next)) => matches!(next, '"' | '}'),
        (Some('['), Some(next)) => matches!(next, '{' | '"' | '['),
        (Some('<'), Some(next)) => next.is_ascii_alphabetic() || matches!(next, '?' | '!'),
        _ => false,
    }
}

const BLANKS: [char; 2] = [' ', '\t'];

/// The name that a text ends with.
fn name_before(text: &str) -> &str {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '{' | '}');
    let rest = text.trim_end_matches(is_name);
    text.get(rest.len()..).unwrap_or_default()
}

/// The value that a text starts with, whether it is in quotes, and the bytes that it takes.
fn value_at(text: &str, escapes: bool) -> (&str, bool, usize) {
    let inside = text.strip_prefix('"');
    if let Some(inside) = inside
        && let Some(end) = closing(inside, escapes)
    {
        let value = inside.get(..end).unwrap_or_default();
        return (value.trim_matches(' '), true, end + 2);
    }
    let ends = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '&' | '|' | '"');
    // A quote that is not closed is a character of the value.
    let opened = text.len() - inside.map_or(text.len(), str::len);
    let rest = text.get(opened..).unwrap_or_default();
    let end = opened + rest.find(ends).unwrap_or(rest.len());
    (text.get(..end).unwrap_or_default(), false, end)
}

/// Where the closing quote stands.
fn closing(text: &str, escapes: bool) -> Option<usize> {
    if !escapes {
        return memchr::memchr(b'"', text.as_bytes());
    }
    let mut escaped = false;
    text.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })
}

/// A name of letters, digits and `_`, without `_` or digits at its start: other characters become `_`.
pub fn cleaned(name: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_lead = |c: char| c == '_' || c.is_ascii_digit();
    if name.chars().all(is_plain) {
        return Cow::Borrowed(name.trim_start_matches(is_lead));
    }
    let plain = |c: char| if is_plain(c) { c } else { '_' };
    let name: String = name.chars().map(plain).collect();
    Cow::Owned(name.trim_start_matches(is_lead).to_owned())
}

/// Whether a field's name is one that [`cleaned`] may give.
pub fn is_cleaned(name: &str) -> bool {
    !name.is_empty() && cleaned(name) == name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(text: &str, expected: &[(&str, &str)]) {
        let found: Vec<(Cow<'_, str>, &str)> = named_fields(text).collect();
        let found: Vec<(&str, &str)> = found.iter().map(|(n, v)| (&**n, *v)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn names_before_signs_and_values_behind() {
        let text = "2024 GET /x?id=7&n=8 user.name = bob, q=\"a, b c\"; =x a==b 5=6 e=";
        let expected = [
            ("id", "7"),
            ("n", "8"),
            ("user_name", "bob"),
            ("q", "a, b c"),
            ("a", "=b"),
        ];
        same(text, &expected);
    }

    #[test]
    fn a_sign_with_a_blank_behind_it_only_has_no_value() {
        let text = "ruser= rhost=h user =u x=\"\" y=\" \" z=\" a \"";
        let expected = [("rhost", "h"), ("user", "u"), ("z", "a")];
        same(text, &expected);
    }

    #[test]
    fn the_first_sign_parts_and_the_value_keeps_the_others() {
        let text = "filter=a=b token=aGVsbG8= msg=\"code=42\" x=1";
        let expected = [
            ("filter", "a=b"),
            ("token", "aGVsbG8="),
            ("msg", "code=42"),
            ("x", "1"),
        ];
        same(text, &expected);
    }

    #[test]
    fn names_are_cleaned() {
        let text = "zone-found=dmz ip:port=1 2fa=on --=x _a=b \u{e9}t\u{e9}=c";
        let expected = [
            ("zone_found", "dmz"),
            ("port", "1"),
            ("fa", "on"),
            ("a", "b"),
            ("t_", "c"),
        ];
        same(text, &expected);
    }

    #[test]
    fn quotes_end_values() {
        let text = r#"a="say \"hi\"" "http://h/?b=1" 200 c="open d=2"#;
        let expected = [("a", "say \\"), ("b", "1"), ("c", "\"open"), ("d", "2")];
        same(text, &expected);
        let mut escaped = NamedValues::new(text, |text| text.find('='), true);
        let value = escaped.next().map(|pair| pair.value);
        assert_eq!(value, Some(r#"say \"hi\""#));
    }

    #[test]
    fn json_and_xml_name_no_fields() {
        same("{\"user\":\"x\",\"m\":\"a=1", &[]);
        same(" [ {\"m\":\"a=1\"}]", &[]);
        same("{a=1, b=2}", &[("a", "1"), ("b", "2}")]);
        same("[Mon] a=1", &[("a", "1")]);
        same("<Event xmlns='x' Name='A'>a=1</Event>", &[]);
        same("<134>Nov 26 app: a=1", &[("a", "1")]);
    }

    #[test]
    fn names_that_a_text_may_have() {
        for (name, expected) in [
            ("user", true),
            ("a_1", true),
            ("_a", false),
            ("a.b", false),
            ("1a", false),
            ("", false),
        ] {
            assert_eq!(is_cleaned(name), expected, "{name}");
        }
    }
}
