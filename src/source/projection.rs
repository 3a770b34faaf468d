//! What of each event is wanted: takes a demand, gives the tree of paths, and what each of its leaves is for.

use super::dates;
use super::scanner::{NONE, Trie};
use super::sourcetype::{RULES, SourcetypeRule, Test, USUAL_TIMES};
use crate::data::time::DATE_FIELDS;
use crate::data::{Demand, FieldName, METADATA, is_cleaned};
use foldhash::fast::FixedState;
use std::collections::HashMap;
use std::sync::Arc;

/// No slot.
pub const NO_SLOT: usize = usize::MAX;

/// What a leaf of the tree is for.
#[derive(Debug, Clone, Copy)]
pub struct Leaf {
    /// Its values are a field of the event.
    pub is_field: bool,
    /// Where the event's metadata looks for it, or [`NO_SLOT`].
    pub slot: usize,
}

/// Which metadata is wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wants {
    /// `_time`
    pub time: bool,
    /// The parts of the time as it is written.
    pub dates: bool,
    /// `_raw`
    pub raw: bool,
    /// `source`
    pub source: bool,
    /// `sourcetype`
    pub sourcetype: bool,
    /// `host`
    pub host: bool,
    /// `index`
    pub index: bool,
}

/// A sourcetype's rule, with slots for paths.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The rule.
    pub rule: &'static SourcetypeRule,
    /// What its keys must hold.
    pub keys: Vec<(usize, Test)>,
    /// Where its times are.
    pub times: Vec<usize>,
}

/// A compiled demand.
#[derive(Clone)]
pub struct Projection {
    /// The demand that it was made from.
    pub demand: Demand,
    /// The paths; workers have copies, which may grow.
    pub trie: Trie,
    /// What the first leaves are for; leaves that the tree grows are fields.
    pub leaves: Vec<Leaf>,
    /// The metadata.
    pub wants: Wants,
    /// Slots of `_time`, `_raw`, `source`, `sourcetype`, `host`, `index` among an event's own keys.
    pub own: [usize; 6],
    /// How sourcetypes are told.
    pub rules: Vec<Rule>,
    /// Slots of the usual time fields.
    pub usual_times: Vec<usize>,
    /// How many slots there are.
    pub slots: usize,
    /// Whether several queries share it.
    pub is_shared: bool,
    /// The wanted fields that a text may name.
    pub named: Named,
}

impl Projection {
    /// Compiles a demand.
    pub fn new(demand: &Demand) -> Self {
        let dates = dates::are_named(demand);
        let wants = Wants {
            time: demand.wants("_time") || dates,
            dates,
            raw: demand.wants("_raw"),
            source: demand.wants("source"),
            sourcetype: demand.wants("sourcetype"),
            host: demand.wants("host"),
            index: demand.wants("index"),
        };
        let mut paths = Paths::default();
        for name in demand
            .names
            .iter()
            .filter(|name| !METADATA.contains(&&***name))
        {
            paths.field(name);
        }
        let own = [
            (wants.time, "_time"),
            // A `_raw` among the keys may hold wanted fields.
            (true, "_raw"),
            (wants.source, "source"),
            (wants.sourcetype, "sourcetype"),
            (wants.host, "host"),
            (wants.index, "index"),
        ]
        .map(|(wanted, name)| if wanted { paths.slot(name) } else { NO_SLOT });
        let mut rules = Vec::new();
        if wants.time || wants.sourcetype {
            for rule in RULES {
                rules.push(Rule {
                    rule,
                    keys: rule
                        .keys
                        .iter()
                        .map(|(path, test)| (paths.slot(path), *test))
                        .collect(),
                    times: match wants.time {
                        true => rule.times.iter().map(|path| paths.slot(path)).collect(),
                        false => Vec::new(),
                    },
                });
            }
        }
        let usual_times = match wants.time {
            true => USUAL_TIMES.iter().map(|path| paths.slot(path)).collect(),
            false => Vec::new(),
        };
        let mut trie = Trie::new(paths.names.iter().map(|name| &**name));
        if !demand.is_exact() {
            let demand = demand.clone();
            for (name, leaf) in paths.names.iter().zip(&mut paths.leaves) {
                leaf.is_field |= demand.wants(name) && !METADATA.contains(&&**name);
            }
            trie = trie.growing(Arc::new(move |path| {
                demand.wants(path) && !METADATA.contains(&path)
            }));
        }
        let named = Named::new(demand, trie.leaves());
        Self {
            demand: demand.clone(),
            trie,
            leaves: paths.leaves,
            wants,
            own,
            rules,
            usual_times,
            slots: paths.slots,
            is_shared: false,
            named,
        }
    }

    /// For several queries: not all of them name what it names.
    pub fn shared(self, is_shared: bool) -> Self {
        Self { is_shared, ..self }
    }

    /// The leaf of a field that a text names, if it is wanted.
    #[inline]
    pub fn named(&self, name: &str, trie: &mut Trie) -> Option<u32> {
        match &self.named {
            Named::These(leaves) => leaves.get(name).copied(),
            Named::Any => {
                let leaf = trie.field(name);
                let wanted = leaf != NONE && self.leaf(leaf).is_field && is_nameable(name);
                wanted.then_some(leaf)
            }
        }
    }

    /// What a leaf is for.
    pub fn leaf(&self, leaf: u32) -> Leaf {
        self.leaves.get(leaf as usize).copied().unwrap_or(Leaf {
            is_field: true,
            slot: NO_SLOT,
        })
    }

    /// Whether only the number of events is asked for.
    pub fn is_count(&self) -> bool {
        self.demand.is_exact() && self.demand.names.is_empty()
    }
}

/// The fields that a text may name.
#[derive(Clone)]
pub enum Named {
    /// These, each with its leaf.
    These(HashMap<FieldName, u32, FixedState>),
    /// All that the tree has or gets a leaf for.
    Any,
}

impl Named {
    fn new(demand: &Demand, leaves: &[FieldName]) -> Self {
        if !demand.is_exact() {
            return Self::Any;
        }
        let wanted = |name: &FieldName| demand.names.contains(name) && is_nameable(name);
        let leaves = (0u32..).zip(leaves).filter(|(_, name)| wanted(name));
        Self::These(leaves.map(|(leaf, name)| (name.clone(), leaf)).collect())
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        match self {
            Self::These(leaves) => leaves.len(),
            Self::Any => usize::MAX,
        }
    }
}

/// Whether a text may give a field of this name by writing it: fields that come from elsewhere stand as they are.
fn is_nameable(name: &str) -> bool {
    is_cleaned(name) && !METADATA.contains(&name) && !DATE_FIELDS.contains(&name)
}

#[derive(Default)]
struct Paths {
    names: Vec<FieldName>,
    leaves: Vec<Leaf>,
    slots: usize,
}

impl Paths {
    fn leaf(&mut self, name: &str) -> usize {
        if let Some(at) = self.names.iter().position(|n| &**n == name) {
            return at;
        }
        self.names.push(name.into());
        self.leaves.push(Leaf {
            is_field: false,
            slot: NO_SLOT,
        });
        self.names.len() - 1
    }

    fn field(&mut self, name: &str) {
        let at = self.leaf(name);
        if let Some(leaf) = self.leaves.get_mut(at) {
            leaf.is_field = true;
        }
    }

    fn slot(&mut self, name: &str) -> usize {
        let (at, next) = (self.leaf(name), self.slots);
        let Some(leaf) = self.leaves.get_mut(at) else {
            return NO_SLOT;
        };
        if leaf.slot == NO_SLOT {
            leaf.slot = next;
            self.slots += 1;
        }
        leaf.slot
    }
}
