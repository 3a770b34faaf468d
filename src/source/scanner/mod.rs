//! JSON on demand: takes an event's text and the paths that are wanted, gives their values without building the rest.
//!
//! | file | takes | gives |
//! |---|---|---|
//! | `kernel` | 64 bytes | a bit a byte, by SIMD or plain integers |
//! | `patterns` | texts | tables to look up where one may begin |
//! | `blocks` | an event | ends of strings and of containers |
//! | `trie` | field names | a tree of keys and elements |
//! | `walk` | an event and a tree | where the wanted values lie |
//! | `shape` | an object's members so far | how the next one begins |
//! | `text` | bytes of a string | UTF-8 |

#[cfg(target_arch = "aarch64")]
mod arm;
mod blocks;
pub(crate) mod kernel;
pub(crate) mod patterns;
mod shape;
pub mod text;
mod trie;
mod walk;
#[cfg(target_arch = "x86_64")]
mod x86;

#[cfg(test)]
mod tests;

pub use kernel::Level;
pub use trie::{Grow, NONE, Trie};
pub use walk::{DEPTH, Hit, Kind, Walker};

/// Whether the whole text is JSON, checked to the last byte (`--strict`).
pub fn is_valid(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok()
        && serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok()
}
