//! The syntax tree: what the parsers give and the planner takes. All spans are bytes of the expanded query.

use crate::diagnostic::Span;

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Spanned<T> {
    /// The value.
    pub node: T,
    /// Where it stands.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// A value at a place.
    pub fn new(node: T, span: Span) -> Self {
        Self { node, span }
    }
}

/// A whole query, or the inside of a subsearch.
#[derive(Debug, Clone, PartialEq)]
pub struct Pipeline {
    /// The stages in order. An implied leading `search` is made explicit, with an empty name span.
    pub stages: Vec<StageText>,
    /// Where it stands.
    pub span: Span,
}

/// One stage before its command reads it: a name and its argument text.
#[derive(Debug, Clone, PartialEq)]
pub struct StageText {
    /// The command's name as typed (case-insensitive in SPL).
    pub name: Spanned<String>,
    /// The text after the name, blanks at both ends cut off. Equal to the query's bytes at `arguments.span`.
    pub arguments: Spanned<String>,
}

impl StageText {
    /// From the name to the last argument.
    pub fn span(&self) -> Span {
        self.name.span.to(self.arguments.span)
    }
}

/// A search expression as the `search` command reads it.
#[derive(Debug, Clone, PartialEq)]
pub enum SearchExpr {
    /// All must hold; empty holds for every event.
    And(Vec<SearchExpr>),
    /// One must hold.
    Or(Vec<SearchExpr>),
    /// Must not hold.
    Not(Box<SearchExpr>),
    /// A keyword or phrase that the event's text contains.
    Term(Spanned<Term>),
    /// `field op literal`.
    Compare(Spanned<Comparison>),
    /// `field IN (a, b)`.
    In(Spanned<InList>),
    /// `earliest=…` and the like.
    Time(Spanned<TimeBound>),
    /// `[ … ]` in the place of a term.
    Subsearch(Spanned<Box<Pipeline>>),
}

/// A literal of a search expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Literal {
    /// The text, escapes resolved (`\"` is `"`, `\|` is `|`, `\\` is `\`; all other backslashes stay). Every `*` is a
    /// wildcard: SPL has no escape for it, so `\*` is a backslash and a wildcard.
    pub text: String,
    /// Whether it was in double quotes.
    pub quoted: bool,
}

/// A keyword or phrase.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// What to look for; `*` is a wildcard.
    pub literal: Literal,
    /// `CASE(…)`: letter case matters.
    pub case: bool,
    /// `TERM(…)`: must stand between major breakers.
    pub whole: bool,
}

/// A comparison operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparator {
    /// `=` or `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
}

/// `field op literal` of a search expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Field name, quotes removed.
    pub field: Spanned<String>,
    /// The operator.
    pub op: Comparator,
    /// The literal.
    pub value: Spanned<Literal>,
    /// `field=CASE(value)`.
    pub case: bool,
}

/// `field IN (…)`.
#[derive(Debug, Clone, PartialEq)]
pub struct InList {
    /// Field name.
    pub field: Spanned<String>,
    /// The values; wildcards count.
    pub values: Vec<Spanned<Literal>>,
}

/// A time modifier inside a search expression.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeBound {
    /// `earliest`, `latest`, `_index_earliest`, `_index_latest`, `starttime`, …, lower case.
    pub name: Spanned<String>,
    /// `=`, or how the time of an event compares with the value: `latest<@d`.
    pub op: Comparator,
    /// The text of the time.
    pub value: Spanned<String>,
}

/// An eval expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of eval expression.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// A number.
    Number(f64),
    /// A double-quoted text, escapes resolved as Splunk does (unknown escapes stay).
    Text(String),
    /// A field: a bare name or a single-quoted one. Bare `true` and `null` are fields too, only `true()` is the value.
    Field(String),
    /// `-x`, `+x`, `NOT x`.
    Unary(UnaryOp, Box<Expr>),
    /// `a op b`.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `name(arguments)`; `name` lower case.
    Call(Spanned<String>, Vec<Expr>),
    /// `x IN (a, b)`.
    In(Box<Expr>, Vec<Expr>),
    /// `{"a": 1}` or `["a", 1]`: JSON, without blanks outside of its texts.
    Json(String),
    /// `[ … ]` in the place of a value.
    Subsearch(Box<Pipeline>),
}

/// Unary operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOp {
    /// `-`
    Minus,
    /// `+`
    Plus,
    /// `NOT`
    Not,
}

/// Binary operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Remainder,
    /// `.`
    Concat,
    /// `=`, `==`, `!=`, `<`, …
    Compare(Comparator),
    /// `LIKE`
    Like,
    /// `AND`
    And,
    /// `OR`
    Or,
    /// `XOR`
    Xor,
}

/// An option `name=value` of a command.
#[derive(Debug, Clone, PartialEq)]
pub struct OptionText {
    /// Name as typed, lower case.
    pub name: Spanned<String>,
    /// Value, quotes removed.
    pub value: Spanned<Literal>,
}

/// One aggregate call of stats and its relatives: `count`, `dc(user)`, `sum(eval(a*2)) AS x`.
#[derive(Debug, Clone, PartialEq)]
pub struct AggregateText {
    /// Function name, lower case, with its number when it has one (`perc95` is `perc` and `Some("95")`).
    pub function: Spanned<String>,
    /// The digits glued to the name of a percentile.
    pub parameter: Option<String>,
    /// What it is applied to; `None` for `count`.
    pub argument: Option<Spanned<AggregateArgument>>,
    /// Further arguments, as text (`sparkline(count, 1h)`).
    pub extra: Vec<Spanned<String>>,
    /// `AS name`.
    pub alias: Option<Spanned<String>>,
    /// The call as written, blanks squeezed: the default column name.
    pub text: String,
    /// The whole, alias included.
    pub span: Span,
}

/// What an aggregate is applied to.
#[derive(Debug, Clone, PartialEq)]
pub enum AggregateArgument {
    /// A field or a wildcard pattern.
    Field(String),
    /// `eval(…)`.
    Eval(Expr),
}
