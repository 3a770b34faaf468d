//! `PREFIX(kbps=)`: a field made of the text of events. Takes segments that begin with the prefix, gives what follows it,
//! in lower case as an index of terms has it.

use crate::data::{Batch, Column, FieldName, Value};
use crate::functions::predicate::is_major;

/// A directive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Prefix {
    /// The prefix, which is the name of the field too.
    pub name: FieldName,
}

impl Prefix {
    /// What is wrong with a text as a prefix: a sentence, if anything.
    pub fn fault(text: &str) -> Option<&'static str> {
        if text.is_empty() {
            Some("PREFIX() needs the text before the values, such as PREFIX(kbps=)")
        } else if text.bytes().any(is_major) {
            Some(
                "PREFIX() takes a part of one segment: no blank, bracket, comma, quote or other major breaker",
            )
        } else if text.chars().any(char::is_uppercase) {
            Some("PREFIX() takes lower case; it finds any letter case")
        } else {
            None
        }
    }

    /// The values of each event.
    pub fn column(&self, batch: &Batch) -> Column {
        let raw = batch.column("_raw");
        let values = (0..batch.rows()).map(|row| match raw.text(row) {
            Some(text) => Value::multi(self.values(&text)),
            None => Value::Null,
        });
        Column::from_values(values)
    }

    /// What follows the prefix in the segments of a text, each value once.
    fn values(&self, text: &str) -> Vec<String> {
        let mut values: Vec<String> = Vec::new();
        let segments = text.split(|c: char| u8::try_from(c).is_ok_and(is_major));
        for segment in segments {
            let lower = segment.to_lowercase();
            if let Some(value) = lower.strip_prefix(&*self.name)
                && !value.is_empty()
                && !values.iter().any(|known| known == value)
            {
                values.push(value.to_owned());
            }
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(prefix: &str, text: &str) -> Vec<String> {
        let name = prefix.into();
        Prefix { name }.values(text)
    }

    #[test]
    fn values_follow_the_prefix_in_a_segment() {
        assert_eq!(
            values("kbps=", "x kbps=10, KBPS=3.5 akbps=4 kbps="),
            ["10", "3.5"]
        );
        assert_eq!(values("a:", "(a:B/c) a:b/c [A:d]"), ["b/c", "d"]);
        assert!(values("a=", "é a").is_empty());
    }

    #[test]
    fn a_prefix_is_part_of_a_segment_in_lower_case() {
        assert_eq!(Prefix::fault("kbps="), None);
        assert!(Prefix::fault("").is_some());
        assert!(Prefix::fault("a b=").is_some());
        assert!(Prefix::fault("connectionType=").is_some());
    }
}
