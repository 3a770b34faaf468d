//! The arguments of the simple commands: takes a [`StageText`], gives typed options and words in order, and keeps all
//! that is wrong for the end.

use super::Command;
use crate::data::FieldName;
use crate::diagnostic::{Diagnostic, Diagnostics, Span, code};
use crate::operators::{Collation, SortKey};
use crate::syntax::arguments::{Options, SortKind};
use crate::syntax::{AggregateText, Args, OptionText, Spanned, StageText};

/// A word of the arguments.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    /// The text, quotes removed and escapes resolved.
    pub text: String,
    /// Whether it was in quotes: then it is no keyword.
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

/// The arguments of one stage: options first, then words from left to right, then [`Arguments::finish`].
pub struct Arguments {
    command: &'static str,
    usage: &'static str,
    /// Where an error goes that is about something missing.
    span: Span,
    options: Options,
    args: Args,
    errors: Diagnostics,
}

impl Arguments {
    /// Reads the arguments of a stage; all options that the command has are taken out.
    pub fn read(command: &dyn Command, stage: &StageText) -> Self {
        Self::read_refusing(command, stage, &[])
    }

    /// Reads the arguments of a stage in which `name=value` is no option.
    pub fn plain(command: &dyn Command, stage: &StageText) -> Self {
        Self {
            command: command.name(),
            usage: command.usage(),
            span: stage.span(),
            options: Options::default(),
            args: Args::new(stage, command.usage()),
            errors: Diagnostics::new(),
        }
    }

    /// As [`Arguments::read`], with options of Splunk that are refused, each with the reason.
    pub fn read_refusing(
        command: &dyn Command,
        stage: &StageText,
        refused: &[(&str, &str)],
    ) -> Self {
        let mut arguments = Self::plain(command, stage);
        let known = known(command, refused);
        let found = arguments.args.options(&known);
        arguments.keep_options(found, refused);
        arguments
    }

    /// Takes the options that stand next, up to the first word that is none: for commands in whose last part
    /// `name=value` is something else.
    pub fn lead(&mut self, command: &dyn Command, refused: &[(&str, &str)]) {
        let known = known(command, refused);
        let found = self.args.leading_options(&known);
        self.keep_options(found, refused);
    }

    /// Reads the arguments of a stage in which the user names the options; they come as written, names in the user's
    /// letter case.
    pub fn with_any_options(command: &dyn Command, stage: &StageText) -> (Self, Vec<OptionText>) {
        let mut arguments = Self::plain(command, stage);
        let found = arguments.args.options_as_typed();
        (arguments, found)
    }

    fn keep_options(&mut self, found: Options, refused: &[(&str, &str)]) {
        for (name, reason) in refused {
            if let Some(option) = found.get(name) {
                let message = format!("{} has no {name}= here: {reason}", self.command);
                let span = option.name.span.to(option.value.span);
                let error = Diagnostic::at(&code::UNSUPPORTED_OPTION, span, message);
                self.errors.push(error);
            }
        }
        self.options.extend(found);
    }

    /// An option, if it was given.
    pub fn option(&self, name: &str) -> Option<&OptionText> {
        self.options.get(name)
    }

    /// All options of a name, in the order in which they stand.
    pub fn every<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a OptionText> {
        self.options.iter().filter(move |o| o.name.node == name)
    }

    /// The options of a name whose place is from `start` to before `end`, the last of them.
    pub fn option_between(&self, name: &str, start: usize, end: usize) -> Option<&OptionText> {
        let inside = |option: &&OptionText| (start..end).contains(&option.name.span.start);
        let named = self.options.iter().filter(|o| o.name.node == name);
        named.filter(inside).last()
    }

    /// An option's text.
    pub fn text(&self, name: &str) -> Option<String> {
        self.options.text(name).map(str::to_owned)
    }

    /// A Boolean option.
    pub fn flag(&mut self, name: &str, default: bool) -> bool {
        let read = self.options.boolean(name, default);
        self.or(read, default)
    }

    /// An option that is a whole number from 0.
    pub fn count(&mut self, name: &str) -> Option<usize> {
        let read = self.options.get(name).map(OptionText::count);
        let read = read.transpose();
        self.or(read, None)
    }

    /// An option that is a whole number from 1.
    pub fn positive(&mut self, name: &str) -> Option<usize> {
        let number = self.count(name);
        if number == Some(0)
            && let Some(option) = self.options.get(name)
        {
            self.errors.push(option.refused("a whole number from 1 on"));
        }
        number
    }

    /// An option whose value is one of some words.
    pub fn choice<'a>(&mut self, name: &str, choices: &[&'a str]) -> Option<&'a str> {
        let read = self.options.get(name).map(|option| option.choice(choices));
        self.or(read.transpose(), None)
    }

    fn or<T>(&mut self, read: Result<T, Diagnostics>, fallback: T) -> T {
        read.unwrap_or_else(|errors| {
            self.errors.extend(errors);
            fallback
        })
    }

    /// The next word, left in place.
    pub fn peek(&self) -> Option<Word> {
        word(&mut self.args.clone())
    }

    /// Takes the next word.
    pub fn next(&mut self) -> Option<Word> {
        word(&mut self.args)
    }

    /// Takes the next word when it is this keyword.
    pub fn takes(&mut self, keyword: &str) -> bool {
        self.args.keyword(keyword)
    }

    /// Takes a symbol when it is next.
    pub fn symbol(&mut self, symbol: &str) -> bool {
        self.args.symbol(symbol)
    }

    /// Takes a leading whole number.
    pub fn number(&mut self) -> Option<(usize, Span)> {
        let word = self.peek().filter(|word| !word.quoted)?;
        let number = word.text.parse().ok()?;
        self.next();
        Some((number, word.span))
    }

    /// Takes all words that are left, up to a keyword of `stops`.
    pub fn rest(&mut self, stops: &[&str]) -> Vec<Word> {
        let mut words = Vec::new();
        while !stops.iter().any(|stop| self.args.is_keyword(stop)) {
            match self.next() {
                Some(word) => words.push(word),
                None => break,
            }
        }
        words
    }

    /// Takes all words that are left; none is an error: `what` is missing.
    pub fn rest_of(&mut self, what: &str) -> Vec<Word> {
        let words = self.rest(&[]);
        if words.is_empty() {
            self.missing(what);
        }
        words
    }

    /// Takes the next word; none is an error: `what` is missing.
    pub fn only(&mut self, what: &str) -> Option<Word> {
        let word = self.next();
        if word.is_none() {
            self.missing(what);
        }
        word
    }

    /// Whether nothing was wrong so far.
    pub fn is_well(&self) -> bool {
        self.errors.is_empty()
    }

    /// Takes what stands in square brackets when they are next.
    pub fn bracketed(&mut self) -> Option<Spanned<String>> {
        self.args.bracketed()
    }

    /// Takes the next word as a field; none is an error: `what` is missing.
    pub fn field(&mut self, what: &str) -> FieldName {
        let word = self.only(what).map(|word| word.text);
        word.unwrap_or_default().into()
    }

    /// Takes the aggregates that are next, up to the first word that is none.
    pub fn aggregates(&mut self) -> Vec<AggregateText> {
        self.args.aggregates()
    }

    /// Takes a quoted pattern, or all that is left when it has no quotes; none is an error: `what` is missing.
    pub fn pattern(&mut self, what: &str) -> Option<Word> {
        let bare = !self.args.is_done() && !self.args.clone().take_rest().node.starts_with('"');
        if bare {
            let rest = self.args.take_rest();
            let mut words = rest.node.split_whitespace().skip(1);
            if words.any(|word| word.contains('"')) {
                self.syntax(
                    rest.span,
                    "a pattern with blanks needs double quotes around it all",
                );
                return None;
            }
            return Some(Word {
                text: rest.node,
                quoted: false,
                span: rest.span,
            });
        }
        self.only(what)
    }

    /// What was read, if it could be; else its error is kept.
    pub fn keep<T>(&mut self, read: Option<Result<T, Diagnostic>>) -> Option<T> {
        match read? {
            Ok(read) => Some(read),
            Err(error) => {
                self.errors.push(error);
                None
            }
        }
    }

    /// Takes the sort keys that are next, with the direction that a trailing `desc` gives them; none is an error.
    pub fn sort_keys(&mut self) -> Vec<SortKey> {
        let (keys, reversed) = self.args.sort_keys();
        if keys.is_empty() {
            self.missing("a field");
        }
        let key = |key: crate::syntax::arguments::SortKey| SortKey {
            field: key.field.node.into(),
            descending: key.descending ^ reversed,
            collation: match key.kind {
                SortKind::Auto => Collation::Auto,
                SortKind::Number => Collation::Number,
                SortKind::Text => Collation::Text,
                SortKind::Address => Collation::Address,
            },
        };
        keys.into_iter().map(key).collect()
    }

    /// Says that an argument is missing, unless something that can't be read stands in its place.
    pub fn missing(&mut self, what: &str) {
        if !self.args.is_done() {
            let unexpected = self.args.unexpected(what);
            self.errors.push(unexpected);
            self.args.take_rest();
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
        let error = Diagnostic::at(&code::SYNTAX, span, message);
        self.errors
            .push(error.help(format!("usage: {}", self.usage)));
    }

    /// Adds an error.
    pub fn error(&mut self, diagnostic: Diagnostic) {
        self.errors.push(diagnostic);
    }

    /// Goes over what is left: it can't be read because of an error that was told.
    pub fn give_up(&mut self) {
        self.args.take_rest();
    }

    /// Ends the reading: what no one took is refused, and all errors come out together, in the order of their places.
    pub fn finish<T>(mut self, stage: impl FnOnce() -> T) -> Result<T, Diagnostics> {
        if let Err(errors) = self.args.finish() {
            self.errors.extend(errors);
        }
        if self.errors.is_empty() {
            Ok(stage())
        } else {
            self.errors.sort_by_key(|e| e.span);
            Err(self.errors)
        }
    }
}

/// The names of a command's options, those that it refuses included.
fn known<'a>(command: &dyn Command, refused: &[(&'a str, &str)]) -> Vec<&'a str> {
    let own = command.options().iter().map(|o| o.name);
    own.chain(refused.iter().map(|(name, _)| *name)).collect()
}

/// A word at the cursor.
fn word(args: &mut Args) -> Option<Word> {
    let word = args.word()?;
    Some(Word {
        text: word.node.text,
        quoted: word.node.quoted,
        span: word.span,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::commands::testing::stage;
    use crate::commands::{self, Command};

    fn read(text: &str) -> Arguments {
        let sort: &dyn Command = commands::find("sort").unwrap();
        Arguments::read(sort, &stage(&format!("sort {text}")))
    }

    fn words(text: &str) -> Vec<String> {
        read(text).rest(&[]).into_iter().map(|w| w.text).collect()
    }

    #[test]
    fn words_are_parted_by_blanks_and_commas_but_not_inside_quotes_and_parentheses() {
        assert_eq!(words("a, b  c,d"), ["a", "b", "c", "d"]);
        assert_eq!(
            words(r#"values(a) 'q r' "x, y""#),
            ["values(a)", "q r", "x, y"]
        );
    }

    #[test]
    fn escapes_that_mean_nothing_stay() {
        assert_eq!(words(r#""a\"b\\c\d""#), [r#"a"b\c\d"#]);
    }

    #[test]
    fn options_are_found_anywhere_and_the_unknown_are_refused() {
        let mut arguments = read(r#"a limit = 5 b nope="x y""#);
        assert_eq!(arguments.count("limit"), Some(5));
        let words: Vec<_> = arguments.rest(&[]).into_iter().map(|w| w.text).collect();
        assert_eq!(words, ["a", "b"]);
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
