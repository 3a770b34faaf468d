//! The functions of eval and where: takes expressions and batches, gives columns.
//!
//! One table row a function (name, arity, signature, summary, example, kernel), by family. [`compile`] turns an
//! expression into a [`Program`] that runs on whole columns. The matchers that commands share (regular expressions,
//! wildcards, networks) live here too.

mod arithmetic;
mod bitwise;
mod call;
pub mod cidr;
mod compare;
mod comparison;
mod compile;
mod conversion;
mod crypto;
mod date_time;
mod figures;
mod information;
mod json;
mod json_path;
mod logic;
mod lookup;
mod math;
mod multivalue;
mod node;
mod numbers;
mod operand;
pub mod pattern;
mod pcre;
mod per_value;
pub mod predicate;
mod printf;
mod program;
mod searched;
mod statistical;
#[cfg(test)]
mod testing;
mod text;
mod trigonometry;
mod truth;
pub mod wildcard;
pub mod xml;

pub use call::Call;
pub use cidr::Cidr;
pub use compile::{compile, compile_with};
pub use lookup::{ColumnPair, Finder, Lookups};
pub use operand::Operand;
pub use pattern::Pattern;
pub use program::Program;
pub use text::is_spath;
pub use wildcard::{LikeMatcher, WildcardMatcher};

use crate::data::Value;
use std::collections::HashMap;
use std::sync::LazyLock;

/// What is known of a value before any event is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Whatever an event holds.
    Any,
    /// A number or null.
    Number,
    /// Text that stays text although it may look like a number.
    Text,
    /// A Boolean or null.
    Boolean,
    /// Text that is JSON.
    Json,
}

/// How many arguments a function takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arity {
    /// From the first number to the second.
    Between(usize, usize),
    /// This many or more.
    AtLeast(usize),
    /// This many before, then one or more pairs.
    Pairs(usize),
    /// Pairs, or nothing.
    AnyPairs,
}

impl Arity {
    /// Whether a call with so many arguments is right.
    pub fn takes(self, count: usize) -> bool {
        match self {
            Arity::Between(low, high) => (low..=high).contains(&count),
            Arity::AtLeast(low) => count >= low,
            Arity::Pairs(before) => count >= before + 2 && (count - before).is_multiple_of(2),
            Arity::AnyPairs => count.is_multiple_of(2),
        }
    }
}

/// What the compiler prepares for a call whose argument (by its number) is a constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prepare {
    /// Nothing.
    Nothing,
    /// A regular expression.
    Pattern(usize),
    /// A pattern of `like`.
    Like(usize),
    /// A network.
    Cidr(usize),
    /// A time format.
    Format(usize),
    /// A relative time.
    Modifier(usize),
}

/// How a function computes.
#[derive(Clone, Copy)]
pub enum Kernel {
    /// Event by event; `None` is null.
    Row(fn(&mut Call<'_>, &[Value]) -> Option<Value>),
    /// The whole column at once.
    Column(fn(&mut Call<'_>, &[Operand]) -> Operand),
    /// The last argument is evaluated for each value of a field: `mvfilter`, `mvmap`.
    PerValue,
    /// `sigfig`: the argument's calculation is followed with the precision of its numbers.
    Figures,
    /// `searchmatch`: the argument is a search.
    Search,
    /// `lookup`: the arguments name a table and its columns.
    Lookup,
    /// Known to Splunk and refused here, with the reason.
    Refused(&'static str),
}

/// Looks at compiled arguments; the error is the number of one and what is wrong with it.
type Check = fn(&[node::Node]) -> Result<(), (usize, String)>;

/// One function of the language.
pub struct Function {
    /// The name, lower case.
    pub name: &'static str,
    /// Other names.
    pub aliases: &'static [&'static str],
    /// How many arguments.
    pub arity: Arity,
    /// The call with its arguments' names.
    pub signature: &'static str,
    /// One sentence, no final period.
    pub summary: &'static str,
    /// An expression and the text of its result (values of a multivalue joined by `, `; nothing for null).
    pub example: (&'static str, &'static str),
    /// What it gives.
    pub gives: Kind,
    /// For functions that give one of their arguments: whether it may be this one.
    pub passes: Option<fn(usize) -> bool>,
    /// What it refuses of constant arguments: the argument's number and what is wrong with it.
    check: Option<Check>,
    /// What is prepared of constant arguments.
    pub prepare: Prepare,
    /// Whether two calls with the same arguments may differ.
    pub varies: bool,
    /// The computation.
    pub kernel: Kernel,
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.signature)
    }
}

impl Function {
    /// A row of the table with the usual rest: no other names, nothing prepared, a row kernel that gives anything.
    const fn new(
        name: &'static str,
        arity: Arity,
        signature: &'static str,
        summary: &'static str,
        example: (&'static str, &'static str),
        kernel: Kernel,
    ) -> Self {
        Self {
            name,
            aliases: &[],
            arity,
            signature,
            summary,
            example,
            gives: Kind::Any,
            passes: None,
            check: None,
            prepare: Prepare::Nothing,
            varies: false,
            kernel,
        }
    }

    const fn gives(mut self, kind: Kind) -> Self {
        self.gives = kind;
        self
    }

    const fn prepare(mut self, prepare: Prepare) -> Self {
        self.prepare = prepare;
        self
    }

    const fn passes(mut self, which: fn(usize) -> bool) -> Self {
        self.passes = Some(which);
        self
    }

    const fn check(mut self, check: Check) -> Self {
        self.check = Some(check);
        self
    }

    const fn alias(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    const fn varies(mut self) -> Self {
        self.varies = true;
        self
    }
}

/// The functions by family, as in Splunk's reference.
pub static FAMILIES: &[(&str, &[Function])] = &[
    ("Bitwise", bitwise::FUNCTIONS),
    ("Comparison and conditional", comparison::FUNCTIONS),
    ("Conversion", conversion::FUNCTIONS),
    ("Cryptographic", crypto::FUNCTIONS),
    ("Date and time", date_time::FUNCTIONS),
    ("Informational", information::FUNCTIONS),
    ("JSON", json::FUNCTIONS),
    ("Mathematical", math::FUNCTIONS),
    ("Multivalue", multivalue::FUNCTIONS),
    ("Statistical", statistical::FUNCTIONS),
    ("Text", text::FUNCTIONS),
    ("Trigonometry and hyperbolic", trigonometry::FUNCTIONS),
];

/// Every function, by family.
pub fn all() -> impl Iterator<Item = &'static Function> {
    FAMILIES.iter().flat_map(|(_, functions)| functions.iter())
}

/// The function with this name or alias, in any letter case.
pub fn find(name: &str) -> Option<&'static Function> {
    static NAMES: LazyLock<HashMap<&'static str, &'static Function>> = LazyLock::new(|| {
        all()
            .flat_map(|f| {
                std::iter::once(f.name)
                    .chain(f.aliases.iter().copied())
                    .map(move |n| (n, f))
            })
            .collect()
    });
    NAMES.get(name.to_ascii_lowercase().as_str()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_gives_what_it_says() {
        for function in all() {
            if matches!(
                function.kernel,
                Kernel::Refused(_) | Kernel::Search | Kernel::Lookup
            ) || function.varies
            {
                continue;
            }
            let (expression, result) = function.example;
            assert_eq!(testing::shown(expression), result, "{expression}");
            for rows in [0, 3] {
                let batch = crate::data::Batch::new(rows);
                let column = testing::program(expression).evaluate(&batch).unwrap();
                assert_eq!(column.len(), rows, "{expression}");
            }
        }
    }

    #[test]
    fn names_are_unique_and_rows_are_whole() {
        let mut seen = std::collections::HashSet::new();
        for function in all() {
            for name in std::iter::once(&function.name).chain(function.aliases) {
                assert!(seen.insert(*name), "{name} is there twice");
            }
            assert!(function.signature.starts_with(function.name));
            assert!(!function.summary.ends_with('.') && !function.summary.is_empty());
            assert!(
                function.example.0.contains(function.name),
                "{}",
                function.name
            );
        }
        assert_eq!(find("CEIL").map(|f| f.name), Some("ceiling"));
    }
}
