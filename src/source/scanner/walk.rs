//! One event, walked once: takes its bytes and a tree of wanted paths, gives where their values lie.
//!
//! The walk has no recursion, so nesting costs no stack. What nobody wants is skipped by counting brackets.

use super::blocks::Blocks;
use super::kernel::{Kernel, Level, dispatch};
use super::text;
use super::trie::{NONE, ROOT, Trie};

/// How deep the walk follows wanted objects and arrays; below, values are skipped.
pub const DEPTH: usize = 512;

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A string without escapes: its bytes between the quotes.
    Plain,
    /// A string with escapes: likewise.
    Escaped,
    /// A number, `true` or `false`: its bytes.
    Scalar,
    /// An object or array: its opening bracket.
    Container,
}

/// A wanted value: where its bytes lie in the buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// Number of the leaf in the tree.
    pub leaf: u32,
    /// What it is.
    pub kind: Kind,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// The memory of a walker, used again for each event.
#[derive(Debug, Default)]
pub struct Walker {
    /// The values of the last event, in order.
    pub hits: Vec<Hit>,
    /// Whether anything lay deeper than [`DEPTH`].
    pub too_deep: bool,
    stack: Vec<(u32, bool)>,
    key: Vec<u8>,
}

impl Walker {
    /// Finds the wanted values of the JSON text `buffer[start..end]`. `false` when its structure doesn't hold.
    pub fn walk(
        &mut self,
        level: Level,
        buffer: &[u8],
        start: usize,
        end: usize,
        trie: &mut Trie,
    ) -> bool {
        self.hits.clear();
        self.stack.clear();
        self.too_deep = false;
        let walker = self;
        dispatch!(level, walk(buffer: &[u8], start: usize, end: usize, trie: &mut Trie, walker: &mut Walker) -> Option<()>)
            .is_some()
    }
}

#[inline(always)]
fn space(buffer: &[u8], mut at: usize, end: usize) -> usize {
    while at < end && matches!(buffer.get(at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
        at += 1;
    }
    at
}

#[inline(always)]
fn byte(buffer: &[u8], at: usize, end: usize) -> Option<u8> {
    if at < end {
        buffer.get(at).copied()
    } else {
        None
    }
}

/// From the start of a key: the node under it, where its value starts, and whether the value is the array of a multivalue
/// that a search gave (`values(x)`, `a{}`): its values are the field's own.
#[inline(always)]
fn key<K: Kernel>(
    blocks: &mut Blocks<'_, K>,
    (buffer, at, end): (&[u8], usize, usize),
    trie: &mut Trie,
    parent: u32,
    scratch: &mut Vec<u8>,
) -> Option<(u32, usize, bool)> {
    if byte(buffer, at, end)? != b'"' {
        return None;
    }
    let (close, escaped) = blocks.string(at)?;
    let raw = buffer.get(at + 1..close)?;
    let node = if escaped {
        scratch.clear();
        if !text::unescape(raw, scratch) {
            return None;
        }
        trie.child(parent, scratch)
    } else {
        trie.child(parent, raw)
    };
    let colon = space(buffer, close + 1, end);
    if byte(buffer, colon, end)? != b':' {
        return None;
    }
    let value = space(buffer, colon + 1, end);
    let own = buffer.get(value) == Some(&b'[') && (raw.ends_with(b"{}") || raw.ends_with(b")"));
    Some((node, value, own))
}

#[inline(always)]
fn walk<K: Kernel>(
    kernel: K,
    buffer: &[u8],
    start: usize,
    end: usize,
    trie: &mut Trie,
    walker: &mut Walker,
) -> Option<()> {
    let mut blocks = Blocks::new(kernel, buffer, start, end);
    let mut at = space(buffer, start, end);
    let mut node = ROOT;
    let mut own = false;
    loop {
        let first = byte(buffer, at, end)?;
        let leaf = trie.leaf(node);
        match first {
            b'"' => {
                let (close, escaped) = blocks.string(at)?;
                if leaf != NONE {
                    let kind = if escaped { Kind::Escaped } else { Kind::Plain };
                    walker.hits.push(Hit {
                        leaf,
                        kind,
                        start: at + 1,
                        end: close,
                    });
                }
                at = close + 1;
            }
            b'{' | b'[' => {
                let array = first == b'[';
                if leaf != NONE {
                    walker.hits.push(Hit {
                        leaf,
                        kind: Kind::Container,
                        start: at,
                        end: at + 1,
                    });
                }
                let deep = walker.stack.len() >= DEPTH;
                let flat = std::mem::take(&mut own) && leaf != NONE;
                if deep || !(flat || trie.has_below(node, array)) {
                    walker.too_deep |= deep && node != NONE;
                    at = blocks.container(at)?;
                } else {
                    let inner = space(buffer, at + 1, end);
                    if byte(buffer, inner, end)? == if array { b']' } else { b'}' } {
                        at = inner + 1;
                    } else if array {
                        if !flat {
                            node = trie.elements(node);
                        }
                        walker.stack.push((node, true));
                        at = inner;
                        continue;
                    } else {
                        walker.stack.push((node, false));
                        (node, at, own) = key(
                            &mut blocks,
                            (buffer, inner, end),
                            trie,
                            node,
                            &mut walker.key,
                        )?;
                        continue;
                    }
                }
            }
            _ => {
                let close = scalar(buffer, at, end)?;
                if leaf != NONE && first != b'n' {
                    walker.hits.push(Hit {
                        leaf,
                        kind: Kind::Scalar,
                        start: at,
                        end: close,
                    });
                }
                at = close;
            }
        }
        // After a value: on to the next one, or out of what ends here.
        loop {
            at = space(buffer, at, end);
            let Some(&(parent, array)) = walker.stack.last() else {
                return (at == end).then_some(());
            };
            match (byte(buffer, at, end)?, array) {
                (b',', true) => {
                    node = parent;
                    at = space(buffer, at + 1, end);
                    break;
                }
                (b',', false) => {
                    let next = space(buffer, at + 1, end);
                    (node, at, own) = key(
                        &mut blocks,
                        (buffer, next, end),
                        trie,
                        parent,
                        &mut walker.key,
                    )?;
                    break;
                }
                (b']', true) | (b'}', false) => {
                    walker.stack.pop();
                    at += 1;
                }
                _ => return None,
            }
        }
    }
}

/// One past the end of the number or word at `at`, if it is one.
#[inline(always)]
fn scalar(buffer: &[u8], at: usize, end: usize) -> Option<usize> {
    let rest = buffer.get(at..end)?;
    let length = match rest.first()? {
        b't' if rest.starts_with(b"true") => 4,
        b'n' if rest.starts_with(b"null") => 4,
        b'f' if rest.starts_with(b"false") => 5,
        b'-' | b'0'..=b'9' => number(rest)?,
        _ => return None,
    };
    match rest.get(length) {
        None | Some(b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n') => Some(at + length),
        Some(_) => None,
    }
}

/// The length of the number that the bytes start with.
#[inline(always)]
fn number(bytes: &[u8]) -> Option<usize> {
    let digits = |from: usize| {
        let mut to = from;
        while bytes.get(to).is_some_and(u8::is_ascii_digit) {
            to += 1;
        }
        (to > from).then_some(to)
    };
    let start = usize::from(bytes.first() == Some(&b'-'));
    let mut at = digits(start)?;
    if bytes.get(start) == Some(&b'0') && at > start + 1 {
        return None;
    }
    if bytes.get(at) == Some(&b'.') {
        at = digits(at + 1)?;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        at = digits(at + 1 + sign)?;
    }
    Some(at)
}
