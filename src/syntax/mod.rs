//! Text to syntax tree, with nom: takes expanded query text, gives a pipeline whose parts know their spans.
//!
//! Commands parse their own arguments with the pieces that this module gives them: expressions, search terms,
//! options, field lists, quoted names.

pub mod aggregates;
pub mod arguments;
pub mod ast;
mod brackets;
pub mod expr;
pub mod highlight;
mod lexis;
mod pipeline;
mod print;
mod reader;
pub mod search;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod properties;

pub use arguments::Args;
pub use ast::*;
pub use brackets::{brackets, parenthesised};
pub use pipeline::{parse_pipeline, parse_subsearch};
