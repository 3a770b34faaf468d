//! spelunk: Splunk's search language over the logs at hand.
//!
//! | stage | takes | gives |
//! |---|---|---|
//! | [`knowledge`] | query text, macro files | expanded text with a map back to its sources |
//! | [`syntax`] | expanded text | the pipeline's syntax tree |
//! | [`commands`] | a stage's text | a stage that knows its fields, order and kind |
//! | [`plan`] | stages | a plan: demands, order, what the source may drop |
//! | [`source`] | files, folders, pipes | batches of events |
//! | [`operators`] | a chain and batches | batches of rows |
//! | [`functions`], [`aggregates`] | columns | columns |
//! | [`render`] | batches | text |
//! | [`session`] | a query and inputs | rows, and what there is to say about the run |
//! | [`cli`], [`repl`] | a user | all of it |
//!
//! [`data`] and [`diagnostic`] hold the nouns that all of them share. Imports go one way: `cli`, `repl`, `session`,
//! `plan`, `commands`, then `operators`, `aggregates`, `functions`, then `syntax`, `data`, `diagnostic`.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod aggregates;
pub mod cli;
pub mod commands;
pub mod data;
pub mod diagnostic;
pub mod functions;
pub mod knowledge;
pub mod operators;
pub mod plan;
pub mod render;
pub mod repl;
pub mod session;
pub mod source;
pub mod syntax;
