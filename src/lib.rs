//! spelunk: Splunk's search language over the logs at hand.
//!
//! | stage | takes | gives |
//! |---|---|---|
//! | `knowledge` | query text, macro files | expanded text with a map back to its sources |
//! | `syntax` | expanded text | the pipeline's syntax tree |
//! | `plan` | the tree | a chain of stages that know their fields, order and kind |
//! | `source` | files, folders, pipes | batches of events |
//! | `operators` | chain and batches | batches of rows |
//! | `render` | batches | text |

pub mod data;
pub mod diagnostic;
pub mod knowledge;
pub mod source;
