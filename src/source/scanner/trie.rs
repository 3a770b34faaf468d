//! The wanted paths as a tree: takes field names, gives for each key of an event what is wanted below it.
//!
//! A node is a text up to a place where a key or an element may end, so a key that itself holds dots (or `{}`) leads to
//! the same node as the keys that spell its parts. A tree that grows makes its nodes from the events instead.

use super::kernel::Kernel;
use super::shape::{Member, Shape};
use crate::data::FieldName;
use hashbrown::HashTable;
use std::hash::BuildHasher;
use std::sync::Arc;

/// No node, no leaf.
pub const NONE: u32 = u32::MAX;
/// The event itself.
pub const ROOT: u32 = 0;
/// Nodes after which a growing tree starts anew.
const MANY: usize = 1 << 16;

/// Says which leaf a path met in an event has, if it is wanted.
pub type Grow = Arc<dyn Fn(&str) -> bool + Send + Sync>;

#[derive(Clone)]
struct Node {
    leaf: u32,
    elements: u32,
    parent: u32,
    /// The key under `parent`.
    key: Box<[u8]>,
    /// The whole path.
    text: FieldName,
    /// Every key that leads on, and where.
    kids: Vec<u32>,
    /// The lengths of those keys, one bit each, the last bit for 63 and more.
    lengths: u64,
    /// The place in `kids` that is looked at first: events of one kind have their keys in one order.
    hint: usize,
    /// How objects here go on.
    shape: Shape,
}

/// A tree of wanted paths.
#[derive(Clone)]
pub struct Trie {
    nodes: Vec<Node>,
    /// The leaves' paths.
    leaves: Vec<FieldName>,
    /// How many nodes and leaves were there before any event.
    fixed: (usize, usize),
    grow: Option<Grow>,
    /// Nodes by parent and key; only of a tree that grows.
    table: HashTable<u32>,
    hasher: foldhash::fast::FixedState,
}

impl Trie {
    /// A tree of these paths; the leaves are numbered in their order.
    pub fn new<'n>(paths: impl IntoIterator<Item = &'n str>) -> Self {
        let mut trie = Self {
            nodes: vec![Node::new(NONE, &[], "".into())],
            leaves: Vec::new(),
            fixed: (0, 0),
            grow: None,
            table: HashTable::new(),
            hasher: foldhash::fast::FixedState::default(),
        };
        for path in paths {
            trie.insert(path);
        }
        for parent in 0..trie.nodes.len() {
            for child in 1..trie.nodes.len() {
                trie.link(parent as u32, child as u32);
            }
        }
        trie.fixed = (trie.nodes.len(), trie.leaves.len());
        trie
    }

    /// Makes the tree grow by every path of the events; `wants` says which get a leaf.
    #[must_use]
    pub fn growing(mut self, wants: Grow) -> Self {
        self.grow = Some(wants);
        self
    }

    /// Adds the nodes of a path.
    fn insert(&mut self, path: &str) {
        let leaf = self.leaves.len() as u32;
        self.leaves.push(path.into());
        let ends = (1..path.len()).filter(|&at| {
            path.is_char_boundary(at)
                && (path[at..].starts_with('.') || path[at..].starts_with("{}"))
        });
        for end in ends.collect::<Vec<_>>() {
            self.node(&path[..end]);
        }
        if path.starts_with("{}") {
            self.node("{}");
        }
        let node = self.node(path) as usize;
        if let Some(node) = self.nodes.get_mut(node)
            && node.leaf == NONE
        {
            node.leaf = leaf;
        }
    }

    fn node(&mut self, text: &str) -> u32 {
        if let Some(at) = self.nodes.iter().skip(1).position(|n| &*n.text == text) {
            return at as u32 + 1;
        }
        self.nodes.push(Node::new(NONE, &[], text.into()));
        self.nodes.len() as u32 - 1
    }

    /// Makes `child` a child of `parent` if its text goes on from there in one step.
    fn link(&mut self, parent: u32, child: u32) {
        let text = self.nodes[child as usize].text.clone();
        let above = self.nodes[parent as usize].text.clone();
        let Some(rest) = text.strip_prefix(&*above) else {
            return;
        };
        if rest == "{}" {
            self.nodes[parent as usize].elements = child;
        }
        let key = if parent == ROOT {
            Some(rest)
        } else {
            rest.strip_prefix('.')
        };
        let Some(key) = key else { return };
        // A node may be reached by several keys from several parents: each way is a node of its own with the same children.
        let parent = &mut self.nodes[parent as usize];
        parent.lengths |= bit(key.len());
        parent.kids.push(child);
    }

    /// The leaves' paths, by number.
    pub fn leaves(&self) -> &[FieldName] {
        &self.leaves
    }

    /// Forgets what was learnt from events when that has become much.
    pub fn prune(&mut self) {
        if self.nodes.len() > self.fixed.0 + MANY {
            self.nodes.truncate(self.fixed.0);
            self.leaves.truncate(self.fixed.1);
            self.table.clear();
            let fixed = self.fixed.0 as u32;
            for node in &mut self.nodes {
                node.shape.clear();
                node.kids.retain(|kid| *kid < fixed);
                if node.elements != NONE && node.elements >= fixed {
                    node.elements = NONE;
                }
                node.hint = 0;
            }
        }
    }

    /// The leaf of a field of the event itself.
    pub fn field(&mut self, name: &str) -> u32 {
        let node = self.child(ROOT, name.as_bytes());
        self.leaf(node)
    }

    /// The leaf of a node.
    #[inline(always)]
    pub fn leaf(&self, node: u32) -> u32 {
        self.nodes.get(node as usize).map_or(NONE, |n| n.leaf)
    }

    /// Whether anything is wanted inside an object (or array) at this node.
    #[inline(always)]
    pub fn has_below(&self, node: u32, array: bool) -> bool {
        let Some(found) = self.nodes.get(node as usize) else {
            return false;
        };
        self.grow.is_some()
            || if array {
                found.elements != NONE
            } else {
                !found.kids.is_empty()
            }
    }

    /// The member of an object at this node that begins at `at` of the buffer, if one began with the same bytes before.
    #[inline(always)]
    pub fn member<K: Kernel>(
        &self,
        kernel: K,
        node: u32,
        buffer: &[u8],
        at: usize,
        next: &mut u32,
    ) -> Option<Member> {
        let shape = &self.nodes.get(node as usize)?.shape;
        shape.member(kernel, buffer, at, next)
    }

    /// Remembers how a member began.
    pub fn met(&mut self, node: u32, lead: &[u8], member: Member, next: &mut u32) {
        if let Some(node) = self.nodes.get_mut(node as usize) {
            node.shape.learn(lead, member, next);
        }
    }

    /// The node of an array's elements.
    #[inline(always)]
    pub fn elements(&mut self, node: u32) -> u32 {
        let Some(found) = self.nodes.get(node as usize) else {
            return NONE;
        };
        if found.elements == NONE && self.grow.is_some() {
            let text = format!("{}{{}}", found.text);
            let child = self.learn(node, &[], text);
            self.nodes[node as usize].elements = child;
            return child;
        }
        found.elements
    }

    /// The node under a key.
    #[inline(always)]
    pub fn child(&mut self, node: u32, key: &[u8]) -> u32 {
        let Some(found) = self.nodes.get(node as usize) else {
            return NONE;
        };
        if self.grow.is_some() {
            return self.grown(node, key);
        }
        if found.lengths & bit(key.len()) == 0 {
            return NONE;
        }
        let above = self.prefix(found);
        let same = |kid: &&u32| self.key(**kid, above) == Some(key);
        found.kids.iter().find(same).copied().unwrap_or(NONE)
    }

    #[inline(always)]
    fn prefix(&self, node: &Node) -> usize {
        node.text.len() + usize::from(node.parent != NONE || !node.text.is_empty())
    }

    /// A fixed node's text after its parent's.
    #[inline(always)]
    fn key(&self, node: u32, above: usize) -> Option<&[u8]> {
        self.nodes.get(node as usize)?.text.as_bytes().get(above..)
    }

    /// The node under a key of a tree that grows.
    fn grown(&mut self, node: u32, key: &[u8]) -> u32 {
        let parent = &self.nodes[node as usize];
        if let Some(&kid) = parent.kids.get(parent.hint)
            && kid as usize >= self.fixed.0
            && *self.nodes[kid as usize].key == *key
        {
            self.nodes[node as usize].hint += 1;
            return kid;
        }
        let hash = self.hasher.hash_one((node, key));
        let nodes = &self.nodes;
        let same = |n: &u32| {
            let n = &nodes[*n as usize];
            n.parent == node && *n.key == *key
        };
        if let Some(&found) = self.table.find(hash, same) {
            let parent = &mut self.nodes[node as usize];
            parent.hint = 1 + parent
                .kids
                .iter()
                .take(64)
                .position(|k| *k == found)
                .unwrap_or(0);
            return found;
        }
        let Ok(word) = std::str::from_utf8(key) else {
            return NONE;
        };
        let text = if node == ROOT {
            word.to_owned()
        } else {
            format!("{}.{word}", parent.text)
        };
        let child = self.learn(node, key, text);
        let (nodes, hasher) = (&self.nodes, &self.hasher);
        self.table.insert_unique(hash, child, |n| {
            let n = &nodes[*n as usize];
            hasher.hash_one((n.parent, &*n.key))
        });
        self.nodes[node as usize].kids.push(child);
        child
    }

    /// A new node for a path met in an event. Several nodes may have one path; they share the leaf.
    fn learn(&mut self, parent: u32, key: &[u8], text: String) -> u32 {
        let text: FieldName = text.into();
        let mut node = Node::new(parent, key, text.clone());
        let known = self
            .nodes
            .iter()
            .take(self.fixed.0)
            .find(|n| n.text == text && n.leaf != NONE);
        if let Some(known) = known {
            node.leaf = known.leaf;
        } else if self.grow.as_ref().is_some_and(|wants| wants(&text)) {
            let fixed = self.fixed.1;
            let spelt = text.contains('.') || text.contains("{}");
            let old = spelt
                .then(|| self.leaves.iter().skip(fixed).position(|l| *l == text))
                .flatten();
            node.leaf = match old {
                Some(at) => (fixed + at) as u32,
                None => {
                    self.leaves.push(text);
                    self.leaves.len() as u32 - 1
                }
            };
        }
        self.nodes.push(node);
        self.nodes.len() as u32 - 1
    }
}

impl Node {
    fn new(parent: u32, key: &[u8], text: FieldName) -> Self {
        Self {
            leaf: NONE,
            elements: NONE,
            parent,
            key: key.into(),
            text,
            kids: Vec::new(),
            lengths: 0,
            hint: 0,
            shape: Shape::default(),
        }
    }
}

/// The bit of a key's length.
#[inline(always)]
fn bit(length: usize) -> u64 {
    1 << length.min(63)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_with_dots_lead_where_their_parts_do() {
        let mut trie = Trie::new(["a.b.c", "a{}.d", "x"]);
        let ab = trie.child(ROOT, b"a.b");
        let a = trie.child(ROOT, b"a");
        assert_eq!(trie.child(a, b"b"), ab);
        let abc = trie.child(a, b"b.c");
        assert_eq!(trie.leaf(abc), 0);
        assert_eq!(trie.child(ROOT, b"a.b.c"), abc);
        let elements = trie.elements(a);
        let d = trie.child(elements, b"d");
        assert_eq!(trie.leaf(d), 1);
        assert_eq!(trie.child(ROOT, b"y"), NONE);
        assert!(!trie.has_below(abc, false) && trie.has_below(a, true));
    }

    #[test]
    fn a_growing_tree_gives_one_leaf_a_path() {
        let mut trie = Trie::new(["_time"]).growing(Arc::new(|path| path != "b"));
        let a = trie.child(ROOT, b"a");
        let (spelt, joined) = (trie.child(a, b"c"), trie.child(ROOT, b"a.c"));
        assert_eq!(trie.leaf(spelt), trie.leaf(joined));
        let b = trie.child(ROOT, b"b");
        assert_eq!(trie.leaf(b), NONE);
        let time = trie.child(ROOT, b"_time");
        assert_eq!(trie.leaf(time), 0);
        let elements = trie.elements(a);
        assert_eq!(&*trie.leaves()[trie.leaf(elements) as usize], "a{}");
    }
}
