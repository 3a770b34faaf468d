//! Extractions of a `transforms.conf`: takes the settings of a stanza, gives the rule that they make.

use crate::data::{Extracting, ExtractionRule};

/// The rule of a stanza; none when it is about something else, and on an error, why it can't be used.
pub(super) fn rule(
    name: &str,
    setting: &dyn Fn(&str) -> Option<String>,
) -> Option<Result<ExtractionRule, String>> {
    if setting("regex").is_none() && setting("delims").is_none() {
        return None;
    }
    Some(read(name, setting))
}

fn read(name: &str, setting: &dyn Fn(&str) -> Option<String>) -> Result<ExtractionRule, String> {
    if let Some(key) = setting("dest_key") {
        return Err(format!("it sets {key} when events are indexed"));
    }
    let source = setting("source_key").unwrap_or_else(|| "_raw".to_owned());
    if source.contains(':') {
        return Err(format!("its text is in {source}, which an index has"));
    }
    let truth = |key: &str, default: bool| match setting(key) {
        None => Ok(default),
        Some(text) => match text.to_ascii_lowercase().as_str() {
            "1" | "true" | "t" | "yes" => Ok(true),
            "0" | "false" | "f" | "no" => Ok(false),
            _ => Err(format!("{key} is true or false, not `{text}`")),
        },
    };
    Ok(ExtractionRule {
        name: name.to_owned(),
        how: match (setting("regex"), setting("delims")) {
            (Some(_), Some(_)) => return Err("it has both REGEX and DELIMS".to_owned()),
            (Some(regex), None) => Extracting::Regex {
                regex,
                format: pairs(&setting("format").unwrap_or_default())?,
            },
            (None, delims) => delimiters(
                &delims.unwrap_or_default(),
                &setting("fields").unwrap_or_default(),
            )?,
        },
        source: source.as_str().into(),
        adds: truth("mv_add", false)?,
        cleans: truth("clean_keys", true)?,
        keeps_empty: truth("keep_empty_vals", false)?,
    })
}

/// The pairs of `FORMAT = a::$1 "b"::"x $2"`.
fn pairs(format: &str) -> Result<Vec<(String, String)>, String> {
    let words = words(format, |c| c.is_whitespace());
    let pair = |word: String| match word.split_once("::") {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(format!("FORMAT is made of name::value, not `{word}`")),
    };
    words.into_iter().map(pair).collect()
}

fn delimiters(delims: &str, fields: &str) -> Result<Extracting, String> {
    let sets = words(delims, |c| c.is_whitespace() || c == ',');
    let names = words(fields, |c| c.is_whitespace() || c == ',');
    match (sets.as_slice(), names.is_empty()) {
        ([between, within], true) => Ok(Extracting::Pairs {
            between: between.clone(),
            within: within.clone(),
        }),
        ([between], false) => Ok(Extracting::Values {
            between: between.clone(),
            names,
        }),
        ([_, _], false) => {
            Err("FIELDS names values without names, so DELIMS has one set".to_owned())
        }
        ([_], true) => {
            Err("DELIMS has one set of characters, so FIELDS has to name the values".to_owned())
        }
        _ => Err("DELIMS is one or two sets of characters in quotes".to_owned()),
    }
}

/// The words of a setting; quotes keep what parts words, `\t` inside them is a tab.
fn words(text: &str, parts: impl Fn(char) -> bool) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            '\\' if quoted => word.get_or_insert_default().push(match chars.next() {
                Some('t') => '\t',
                Some('n') => '\n',
                Some(other) => other,
                None => '\\',
            }),
            c if parts(c) && !quoted => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn how(settings: &[(&str, &str)]) -> Result<Extracting, String> {
        let setting = |key: &str| {
            let found = settings.iter().find(|(name, _)| *name == key);
            found.map(|(_, value)| (*value).to_owned())
        };
        rule("x", &setting)
            .unwrap_or(Err("none".to_owned()))
            .map(|rule| rule.how)
    }

    #[test]
    fn settings_say_what_is_looked_for() {
        let owned = |list: &[&str]| {
            list.iter()
                .map(|text| (*text).to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            how(&[("delims", r#""|;", "=""#)]),
            Ok(Extracting::Pairs {
                between: "|;".into(),
                within: "=".into()
            })
        );
        assert_eq!(
            how(&[("delims", r#""\t""#), ("fields", "a, \"b c\" d")]),
            Ok(Extracting::Values {
                between: "\t".into(),
                names: owned(&["a", "b c", "d"])
            })
        );
        assert_eq!(
            how(&[("regex", "(a)(b)"), ("format", "$1::$2 \"x y\"::z")]),
            Ok(Extracting::Regex {
                regex: "(a)(b)".into(),
                format: vec![("$1".into(), "$2".into()), ("x y".into(), "z".into())],
            })
        );
        for wrong in [
            &[("regex", "a"), ("delims", ",")][..],
            &[("regex", "a"), ("format", "b")],
            &[("regex", "a"), ("dest_key", "_raw")],
            &[("regex", "a"), ("source_key", "MetaData:Host")],
            &[("delims", ",")],
            &[("regex", "a"), ("mv_add", "maybe")],
        ] {
            assert!(how(wrong).is_err(), "{wrong:?}");
        }
    }
}
