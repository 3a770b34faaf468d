//! Text to syntax tree, with nom: takes expanded query text, gives a pipeline whose parts know their spans.
//!
//! Commands parse their own arguments with the pieces that this module gives them: expressions, search terms,
//! options, field lists, quoted names.

pub mod ast;

pub use ast::*;
