//! One event, walked once: takes its bytes and a tree of wanted paths, gives where their values lie.
//!
//! The walk has no recursion, so nesting costs no stack. What nobody wants is skipped by counting brackets.

use super::blocks::{container, string};
use super::kernel::{Kernel, Level, dispatch};
use super::shape::Member;
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
    stack: Vec<Frame>,
    key: Vec<u8>,
}

/// An object or array that the walk is in.
#[derive(Debug, Clone, Copy)]
struct Frame {
    /// The node of an object, or of an array's elements.
    node: u32,
    array: bool,
    /// The member that an object is expected to go on with.
    next: u32,
}

impl Frame {
    #[inline(always)]
    fn new(node: u32, array: bool) -> Self {
        Self {
            node,
            array,
            next: 0,
        }
    }
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

    #[inline(always)]
    fn hit(&mut self, leaf: u32, kind: Kind, start: usize, end: usize) {
        if leaf != NONE {
            self.hits.push(Hit {
                leaf,
                kind,
                start,
                end,
            });
        }
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

/// Reads the key at `at` of an object; `before` is the end of the value before it (or the opening bracket). Whether the
/// member is `own` says that its array is that of a multivalue which a search gave (`values(x)`, `a{}`): its values are
/// the field's own.
#[inline(always)]
fn key<K: Kernel>(
    kernel: K,
    (buffer, before, at, end): (&[u8], usize, usize, usize),
    trie: &mut Trie,
    frame: &mut Frame,
    scratch: &mut Vec<u8>,
) -> Option<Member> {
    if byte(buffer, at, end)? != b'"' {
        return None;
    }
    let (close, escaped) = string(kernel, buffer, at, end)?;
    let raw = buffer.get(at + 1..close)?;
    let name: &[u8] = if escaped {
        scratch.clear();
        if !text::unescape(raw, scratch) {
            return None;
        }
        scratch
    } else {
        raw
    };
    let node = trie.child(frame.node, name);
    let colon = space(buffer, close + 1, end);
    if byte(buffer, colon, end)? != b':' {
        return None;
    }
    let value = space(buffer, colon + 1, end);
    let member = Member {
        node,
        leaf: trie.leaf(node),
        length: (value - before) as u32,
        own: name.ends_with(b"{}") || name.ends_with(b")"),
    };
    if let Some(lead) = buffer.get(before..value).filter(|lead| lead.len() <= 32) {
        trie.met(frame.node, lead, member, &mut frame.next);
    }
    Some(member)
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
    let end = end.min(buffer.len());
    let mut at = space(buffer, start, end);
    let mut member = Member {
        node: ROOT,
        leaf: trie.leaf(ROOT),
        length: 0,
        own: false,
    };
    // Whether `at` is at the brace of the object on top of the stack.
    let mut opened = false;
    loop {
        let Member { node, leaf, .. } = member;
        match byte(buffer, at, end)? {
            b'"' => {
                let (close, escaped) = string(kernel, buffer, at, end)?;
                let kind = if escaped { Kind::Escaped } else { Kind::Plain };
                walker.hit(leaf, kind, at + 1, close);
                at = close + 1;
            }
            first @ (b'{' | b'[') => {
                let array = first == b'[';
                walker.hit(leaf, Kind::Container, at, at + 1);
                let deep = walker.stack.len() >= DEPTH;
                let flat = array && member.own && leaf != NONE;
                if deep || !(flat || trie.has_below(node, array)) {
                    walker.too_deep |= deep && node != NONE;
                    at = container(kernel, buffer, at, end)?;
                } else if array {
                    let inner = space(buffer, at + 1, end);
                    if byte(buffer, inner, end)? == b']' {
                        at = inner + 1;
                    } else {
                        let node = if flat { node } else { trie.elements(node) };
                        walker.stack.push(Frame::new(node, true));
                        member = element(trie, node);
                        at = inner;
                        continue;
                    }
                } else {
                    walker.stack.push(Frame::new(node, false));
                    opened = true;
                }
            }
            // Blanks that the bytes met before did not have.
            b' ' | b'\t' | b'\r' | b'\n' => {
                at = space(buffer, at, end);
                continue;
            }
            first => {
                let close = scalar(buffer, at, end)?;
                if first != b'n' {
                    walker.hit(leaf, Kind::Scalar, at, close);
                }
                at = close;
            }
        }
        // After a value or an opening brace: on to the next value, or out of what ends here.
        loop {
            let Some(frame) = walker.stack.last_mut() else {
                return (space(buffer, at, end) == end).then_some(());
            };
            // The start of another object is no way to go on, though it may be known as the start of one.
            let may_go_on = opened || buffer.get(at) != Some(&b'{');
            if !frame.array
                && may_go_on
                && let Some(known) = trie.member(kernel, frame.node, buffer, at, &mut frame.next)
            {
                member = known;
                at += known.length as usize;
                break;
            }
            let before = at;
            at = space(buffer, at, end);
            let next = space(buffer, at + 1, end);
            match (byte(buffer, at, end)?, frame.array) {
                (b',', true) => {
                    member = element(trie, frame.node);
                    at = next;
                    break;
                }
                (b'{', false) if opened && byte(buffer, next, end)? == b'}' => {
                    walker.stack.pop();
                    at = next + 1;
                }
                (first @ (b',' | b'{'), false) if opened == (first == b'{') => {
                    let place = (buffer, before, next, end);
                    member = key(kernel, place, trie, frame, &mut walker.key)?;
                    at = before + member.length as usize;
                    break;
                }
                (b']', true) | (b'}', false) if !opened => {
                    walker.stack.pop();
                    at += 1;
                }
                _ => return None,
            }
            opened = false;
        }
        opened = false;
    }
}

/// What an array's next element is.
#[inline(always)]
fn element(trie: &Trie, node: u32) -> Member {
    Member {
        node,
        leaf: trie.leaf(node),
        length: 0,
        own: false,
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
