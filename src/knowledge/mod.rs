//! What a site knows beside its events: takes folders of macros and saved queries, gives query text that is expanded and
//! knows where each part of it came from.
//!
//! | file | takes | gives |
//! |---|---|---|
//! | `conf` | `macros.conf` text | stanzas with places |
//! | `definition` | a stanza, a YAML file | a checked macro |
//! | `library` | folders | the macros of all layers |
//! | `calls`, `arguments` | query text | macro calls, arguments bound to names |
//! | `expand`, `stages` | query text, macros | text without calls, with a map back |
//! | `saved` | a name or path | a saved query |
//! | `suppress`, `suppression` | a filter macro, a condition | the macro file with the suppression |
//! | `tables` | folders, a name | a lookup table's file and definition |
//! | `extraction` | a stanza | a rule that extracts fields |
//! | `transactions` | folders, a name | the settings of a type of transaction |
//! | `edit` | a macro | what is wrong with it |

mod arguments;
mod calls;
pub mod conf;
mod date;
mod definition;
pub mod edit;
mod expand;
mod extraction;
mod library;
mod mapped;
pub mod saved;
mod stages;
pub mod suppress;
mod suppression;
pub mod tables;
pub mod transactions;
mod write;
mod yaml;

#[cfg(test)]
mod tests;

pub use definition::{Macro, signature};
pub use expand::{Evaluator, Expanded, Request, SourceMap, Verdict, expand, expand_known};
pub use library::Library;
pub use mapped::{Call, Mapped};
pub use saved::SavedQuery;
pub use suppress::{Date, Kept, State, Suppression};
pub use write::{reason, replacement, write_atomically, write_new};
