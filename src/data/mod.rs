//! The nouns that all stages share: takes nothing from other stages, gives values, columns, batches, field names and time.

mod batch;
mod batches;
mod builder;
mod column;
mod context;
mod demand;
mod dictionary;
mod extraction;
mod filter;
mod gather;
mod layout;
mod lookup;
mod memory;
mod mixed;
mod named_values;
mod number;
mod pairs;
mod path;
pub mod record;
mod text_writer;
mod texts;
pub mod time;
mod value;

pub use batch::{Batch, FieldName, Position};
pub use batches::{Batches, Kept, filled, shown};
pub use builder::{ColumnBuilder, TextBuilder};
pub use column::{Column, Mask, Values};
pub use context::{Cancel, Context};
pub use demand::{Demand, Pattern};
pub use dictionary::Dictionary;
pub use extraction::{Extracting, ExtractionRule};
pub use filter::{Filter, Literals, may_be_escaped, narrow};
pub use gather::RowPlace;
pub use layout::Layout;
pub use lookup::{Lookup, LookupRule, Match, TimeRule};
pub use memory::{Memory, Share, parse_size, size_text};
pub use mixed::Mixed;
pub use named_values::{NamedValue, NamedValues, cleaned, is_cleaned, named_fields};
pub use number::{format_number, parse_number, write_number};
pub use pairs::Pairs;
pub use path::{FieldPath, Step};
pub use text_writer::{Row, TextWriter};
pub use texts::{Cursor, Sorted, Texts};
pub use value::Value;

/// The fields that Splunk calls metadata, which every event has (unless its envelope lacks them).
pub const METADATA: [&str; 6] = ["_time", "_raw", "source", "sourcetype", "host", "index"];

/// The first value of a multivalue that is a small chart, as Splunk writes it.
pub const SPARKLINE: &str = "##__SPARKLINE__##";
