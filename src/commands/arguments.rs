//! The argument text of a stage as words and options: takes a [`StageText`], gives them in order, and collects all that
//! is wrong on the way.
//!
//! Blanks and commas part words; quotes and parentheses hold one together (`values(x)`, `-"a b"`). `name=value` is an
//! option. A command takes the options that it knows, then the words; [`Arguments::finish`] refuses what is left.

use super::{Command, OptionDoc};
use crate::diagnostic::{Diagnostic, Diagnostics, Span, code, nearest};
use crate::syntax::StageText;
use std::collections::VecDeque;

/// A word of the arguments.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    /// The text, quotes removed and escapes resolved.
    pub text: String,
    /// Whether any part of it was in quotes: then it is no keyword.
    pub quoted: bool,
    /// Its place in the query.
    pub span: Span,
}

impl Word {
    /// Whether it is this keyword, in any letter case and without quotes.
    pub fn is(&self, keyword: &str) -> bool {
        !self.quoted && self.text.eq_ignore_ascii_case(keyword)
    }
}

/// An option as written.
#[derive(Debug, Clone)]
struct Given {
    name: Word,
    value: Word,
}

/// The arguments of one stage.
pub struct Arguments {
    command: &'static str,
    usage: &'static str,
    known: &'static [OptionDoc],
    /// Where an error goes that is about something missing: the command's name.
    span: Span,
    options: Vec<Given>,
    words: VecDeque<Word>,
    taken: Vec<&'static str>,
    errors: Diagnostics,
}

impl Arguments {
    /// Reads the arguments of a stage.
    pub fn read(command: &dyn Command, stage: &StageText) -> Self {
        Self::read_part(command, stage, &stage.arguments.node, 0)
    }

    /// Reads a part of the argument text that starts at `offset` in it.
    pub fn read_part(command: &dyn Command, stage: &StageText, text: &str, offset: usize) -> Self {
        let mut arguments = Self {
            command: command.name(),
            usage: command.usage(),
            known: command.options(),
            span: stage.span(),
            options: Vec::new(),
            words: VecDeque::new(),
            taken: Vec::new(),
            errors: Vec::new(),
        };
        let mut reader = Reader {
            text,
            at: 0,
            base: stage.arguments.span.start + offset,
        };
        if let Err(diagnostic) = arguments.collect(&mut reader) {
            arguments.errors.push(diagnostic);
        }
        arguments
    }

    fn collect(&mut self, reader: &mut Reader<'_>) -> Result<(), Diagnostic> {
        while let Some(word) = reader.word(true)? {
            if !word.quoted && is_option_name(&word.text) && reader.takes_equals() {
                let value = reader.value(word.span)?;
                self.options.push(Given { name: word, value });
            } else {
                self.words.push_back(word);
            }
        }
        Ok(())
    }

    /// The value of an option, if it was given; the last one counts.
    pub fn option(&mut self, name: &'static str) -> Option<Word> {
        self.taken.push(name);
        let mut value = None;
        self.options.retain(|given| {
            let same = given.name.text.eq_ignore_ascii_case(name);
            if same {
                value = Some(given.value.clone());
            }
            !same
        });
        value
    }

    /// A Boolean option.
    pub fn flag(&mut self, name: &'static str, default: bool) -> bool {
        let Some(value) = self.option(name) else {
            return default;
        };
        match value.text.to_ascii_lowercase().as_str() {
            "true" | "t" | "1" | "yes" | "y" => true,
            "false" | "f" | "0" | "no" | "n" => false,
            _ => {
                self.bad_value(name, &value, "true or false");
                default
            }
        }
    }

    /// An option that is a whole number from 0.
    pub fn count(&mut self, name: &'static str) -> Option<usize> {
        let value = self.option(name)?;
        let number = value.text.parse().ok();
        if number.is_none() {
            self.bad_value(name, &value, "a whole number from 0");
        }
        number
    }

    /// An option whose value is one of some words.
    pub fn choice(&mut self, name: &'static str, choices: &[&'static str]) -> Option<&'static str> {
        let value = self.option(name)?;
        let found = choices
            .iter()
            .copied()
            .find(|c| value.text.eq_ignore_ascii_case(c));
        if found.is_none() {
            self.bad_value(name, &value, &choices.join(" or "));
        }
        found
    }

    /// Refuses an option that Splunk has, with the reason.
    pub fn refuse(&mut self, name: &'static str, reason: &str) {
        if let Some(value) = self.option(name) {
            let message = format!("{} has no {name}= here: {reason}", self.command);
            self.errors.push(Diagnostic::at(
                &code::UNSUPPORTED_OPTION,
                value.span,
                message,
            ));
        }
    }

    /// Says that an option's value is not what it takes.
    pub fn bad_value(&mut self, name: &str, value: &Word, takes: &str) {
        let message = format!(
            "{} {name}= takes {takes}, not `{}`",
            self.command, value.text
        );
        self.errors
            .push(Diagnostic::at(&code::OPTION_VALUE, value.span, message));
    }

    /// The next word, left in place.
    pub fn peek(&self) -> Option<&Word> {
        self.words.front()
    }

    /// Takes the next word.
    pub fn next(&mut self) -> Option<Word> {
        self.words.pop_front()
    }

    /// Puts a word after those that are left.
    pub fn put_back(&mut self, word: Word) {
        self.words.push_back(word);
    }

    /// Takes the first character off the next word, and the word when nothing is left of it.
    pub fn strip_first(&mut self) {
        if let Some(word) = self.words.front_mut()
            && let Some(first) = word.text.chars().next()
        {
            word.text.drain(..first.len_utf8());
            word.span.start += first.len_utf8();
            if word.text.is_empty() {
                self.words.pop_front();
            }
        }
    }

    /// Takes the next word when it is this keyword.
    pub fn takes(&mut self, keyword: &str) -> bool {
        let found = self.words.front().is_some_and(|word| word.is(keyword));
        if found {
            self.words.pop_front();
        }
        found
    }

    /// Takes a leading whole number.
    pub fn number(&mut self) -> Option<(usize, Span)> {
        let word = self.words.front().filter(|word| !word.quoted)?;
        let number = (word.text.parse().ok()?, word.span);
        self.words.pop_front();
        Some(number)
    }

    /// Takes all words that are left.
    pub fn rest(&mut self) -> Vec<Word> {
        std::mem::take(&mut self.words).into()
    }

    /// Takes all words that are left; none is an error that names `what` is missing.
    pub fn rest_of(&mut self, what: &str) -> Vec<Word> {
        if self.words.is_empty() {
            self.missing(what);
        }
        self.rest()
    }

    /// Takes the one word that is left.
    pub fn only(&mut self, what: &str) -> Option<Word> {
        let word = self.words.pop_front();
        if word.is_none() {
            self.missing(what);
        }
        word
    }

    /// Says that an argument is missing.
    pub fn missing(&mut self, what: &str) {
        // A text that broke off lacks what follows: one error is enough.
        if self.errors.iter().any(|e| e.code == &code::UNCLOSED) {
            return;
        }
        let message = format!("{} needs {what}", self.command);
        self.errors.push(
            Diagnostic::at(&code::MISSING_ARGUMENT, self.span, message)
                .help(format!("usage: {}", self.usage)),
        );
    }

    /// Adds an error with the usage as its help.
    pub fn syntax(&mut self, span: Span, message: impl Into<String>) {
        self.errors.push(
            Diagnostic::at(&code::SYNTAX, span, message).help(format!("usage: {}", self.usage)),
        );
    }

    /// Adds an error.
    pub fn error(&mut self, diagnostic: Diagnostic) {
        self.errors.push(diagnostic);
    }

    /// Adds errors.
    pub fn errors(&mut self, diagnostics: Diagnostics) {
        self.errors.extend(diagnostics);
    }

    /// Ends the reading: what no one took is refused, and all errors come out together.
    pub fn finish<T>(mut self, stage: impl FnOnce() -> T) -> Result<T, Diagnostics> {
        for given in std::mem::take(&mut self.options) {
            let unknown = self.unknown(&given);
            self.errors.push(unknown);
        }
        if let Some(word) = self.words.pop_front() {
            let message = format!("{} can't use `{}` here", self.command, word.text);
            self.syntax(word.span, message);
        }
        if self.errors.is_empty() {
            Ok(stage())
        } else {
            self.errors.sort_by_key(|e| e.span);
            Err(self.errors)
        }
    }

    fn unknown(&self, given: &Given) -> Diagnostic {
        let name = &given.name.text;
        let message = format!("{} has no option `{name}`", self.command);
        let names: Vec<&str> = self.known.iter().map(|o| o.name).collect();
        let help = match nearest(name, names.iter().copied()) {
            Some(near) => format!("did you mean {near}=?"),
            None if names.is_empty() => format!("usage: {}", self.usage),
            None => format!("options: {}", names.join(", ")),
        };
        Diagnostic::at(&code::UNKNOWN_OPTION, given.name.span, message).help(help)
    }
}

/// Whether a word may stand left of the `=` of an option.
fn is_option_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && word
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.')
}

/// Reads words from a text.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// Where the text starts in the query.
    base: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn skip(&mut self, blank: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(blank).len();
    }

    /// Goes over an `=` that follows, blanks before it included. `==` is none.
    fn takes_equals(&mut self) -> bool {
        let rest = self.rest().trim_start();
        if !rest.starts_with('=') || rest.starts_with("==") {
            return false;
        }
        self.skip(char::is_whitespace);
        self.at += 1;
        true
    }

    /// Whether the `=` here ends the name of an option.
    fn ends_name(&self, text: &str) -> bool {
        is_option_name(text) && !self.rest().starts_with("==")
    }

    /// The value of an option.
    fn value(&mut self, name: Span) -> Result<Word, Diagnostic> {
        self.skip(char::is_whitespace);
        let start = self.at;
        // A bare comma can be meant: `delim=, hosts`.
        let value = if self.rest().starts_with(',') {
            self.at += 1;
            Some(Word {
                text: ",".to_owned(),
                quoted: false,
                span: Span::new(start, self.at).shift(self.base),
            })
        } else {
            self.word(false)?
        };
        value.ok_or_else(|| {
            Diagnostic::at(
                &code::OPTION_VALUE,
                name,
                "an option has no value after `=`",
            )
        })
    }

    /// The next word. An unquoted `=` ends it when it may be the name of an option.
    fn word(&mut self, name: bool) -> Result<Option<Word>, Diagnostic> {
        self.skip(|c| c.is_whitespace() || c == ',');
        let start = self.at;
        let mut text = String::new();
        let (mut quoted, mut depth, mut open) = (false, 0usize, start);
        while let Some(c) = self.rest().chars().next() {
            match c {
                '"' if depth == 0 => {
                    quoted = true;
                    self.quote(&mut text)?;
                    continue;
                }
                '"' => {
                    let from = self.at;
                    self.quote(&mut String::new())?;
                    text.push_str(self.text.get(from..self.at).unwrap_or(""));
                    continue;
                }
                '\'' if self.at == start => {
                    if let Some(inside) = self.single() {
                        quoted = true;
                        text.push_str(&inside);
                        continue;
                    }
                }
                '(' => {
                    if depth == 0 {
                        open = self.at;
                    }
                    depth += 1;
                }
                ')' => depth = depth.saturating_sub(1),
                c if depth == 0 && (c.is_whitespace() || c == ',') => break,
                '=' if depth == 0 && name && !quoted && self.ends_name(&text) => break,
                _ => {}
            }
            text.push(c);
            self.at += c.len_utf8();
        }
        if depth > 0 {
            let span = Span::new(open, open + 1).shift(self.base);
            return Err(Diagnostic::at(
                &code::UNCLOSED,
                span,
                "a parenthesis is not closed",
            ));
        }
        let span = Span::new(start, self.at).shift(self.base);
        Ok((self.at > start).then_some(Word { text, quoted, span }))
    }

    /// A name in single quotes, if one is closed before the next blank outside it.
    fn single(&mut self) -> Option<String> {
        let inside = self.rest().strip_prefix('\'')?;
        let end = inside.find('\'')?;
        let after = inside.get(end + 1..).unwrap_or("");
        if !after.is_empty() && !after.starts_with([' ', '\t', '\n', '\r', ',', '=']) {
            return None;
        }
        let text = inside.get(..end)?.to_owned();
        self.at += end + 2;
        Some(text)
    }

    /// Goes over a double-quoted text and adds it to `text`, escapes resolved: `\"` and `\\` are one character, any
    /// other escape stays as it is.
    fn quote(&mut self, text: &mut String) -> Result<(), Diagnostic> {
        let open = self.at;
        self.at += 1;
        let mut chars = self.text.get(self.at..).unwrap_or("").char_indices();
        while let Some((_, c)) = chars.next() {
            match c {
                '"' => {
                    self.at = self.text.len() - chars.as_str().len();
                    return Ok(());
                }
                '\\' => match chars.next() {
                    Some((_, e @ ('"' | '\\'))) => text.push(e),
                    Some((_, e)) => text.extend(['\\', e]),
                    None => break,
                },
                c => text.push(c),
            }
        }
        self.at = self.text.len();
        let span = Span::new(open, open + 1).shift(self.base);
        Err(Diagnostic::at(
            &code::UNCLOSED,
            span,
            "a quote is not closed",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::testing::stage;
    use crate::commands::{self, Command};

    fn read(text: &str) -> Arguments {
        let sort: &dyn Command = commands::find("sort").unwrap();
        Arguments::read(sort, &stage(&format!("sort {text}")))
    }

    fn words(text: &str) -> Vec<String> {
        read(text).rest().into_iter().map(|w| w.text).collect()
    }

    #[test]
    fn words_are_parted_by_blanks_and_commas_but_not_inside_quotes_and_parentheses() {
        assert_eq!(words("a, b  c,d"), ["a", "b", "c", "d"]);
        assert_eq!(
            words(r#"-"a b" num("x, y") values(a) 'q r' it's"#),
            ["-a b", "num(\"x, y\")", "values(a)", "q r", "it's"]
        );
    }

    #[test]
    fn escapes_that_mean_nothing_stay() {
        assert_eq!(words(r#""a\"b\\c\d""#), [r#"a"b\c\d"#]);
    }

    #[test]
    fn options_are_found_anywhere_and_the_unknown_are_refused() {
        let mut arguments = read(r#"a limit = 5 b nope="x y" c==d"#);
        assert_eq!(arguments.count("limit"), Some(5));
        let words: Vec<_> = arguments.rest().into_iter().map(|w| w.text).collect();
        assert_eq!(words, ["a", "b", "c==d"]);
        let errors = arguments.finish(|| ()).unwrap_err();
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].code.id, "E0109");
        assert_eq!(errors[0].span, Some(Span::new(19, 23)));
    }

    #[test]
    fn an_open_quote_is_one_error() {
        let mut arguments = read("\"abc");
        arguments.rest_of("a field");
        let errors = arguments.finish(|| ()).unwrap_err();
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].code.id, "E0104");
    }
}
