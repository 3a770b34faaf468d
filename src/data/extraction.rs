//! What a stanza of a transforms.conf says of extracting fields.

use super::FieldName;

/// How fields are found in a text, as written.
#[derive(Debug, Clone, PartialEq)]
pub struct ExtractionRule {
    /// The stanza's name.
    pub name: String,
    /// What is looked for.
    pub how: Extracting,
    /// The field whose text it is.
    pub source: FieldName,
    /// Whether a field that is found again gets one more value; else the first stays.
    pub adds: bool,
    /// Whether names are made of letters, digits and `_` only.
    pub cleans: bool,
    /// Whether empty values count.
    pub keeps_empty: bool,
}

/// The two kinds of extractions.
#[derive(Debug, Clone, PartialEq)]
pub enum Extracting {
    /// Matches of a regular expression, and `name::value` for each where it does not name its groups.
    Regex {
        /// The expression.
        regex: String,
        /// Names and values, in which `$1` stands for the first group.
        format: Vec<(String, String)>,
    },
    /// Pairs: characters between them, and between name and value.
    Pairs {
        /// Between pairs.
        between: String,
        /// Between name and value.
        within: String,
    },
    /// Values in order: characters between them, and their names.
    Values {
        /// Between values.
        between: String,
        /// Their names.
        names: Vec<String>,
    },
}
