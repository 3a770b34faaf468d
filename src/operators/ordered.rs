//! Groups in the order of their keys, merged without a table: takes the groups of several workers, each put in order by
//! itself, gives the place of every group in the whole and the columns of the keys.

use super::group::{Groups, Key, look};
use crate::data::{Column, Cursor, Sorted, Texts};
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

/// The groups of one worker, in order.
pub struct Ordered {
    groups: Groups,
    /// By field: its texts in order.
    sorted: Vec<Sorted>,
    /// The groups by their keys.
    order: Vec<u32>,
}

/// Where the groups of several workers are in the whole.
pub struct Merged {
    /// How many groups there are.
    pub len: usize,
    /// By worker: the place of each of its groups.
    pub places: Vec<Vec<u32>>,
    /// By field: the keys in order.
    pub keys: Vec<Column>,
}

impl Ordered {
    /// Puts groups in order.
    pub fn new(groups: Groups) -> Self {
        let keys = groups.keys();
        let sorted: Vec<Sorted> = keys.iter().map(|key| key.dictionary.sorted()).collect();
        let ranks = keys.iter().zip(&sorted);
        let ranks: Vec<Vec<u32>> = ranks.map(|(key, s)| key.shifted(s.ranks())).collect();
        Self {
            order: groups.order_by(&ranks),
            groups,
            sorted,
        }
    }

    /// The groups.
    pub fn groups(&self) -> &Groups {
        &self.groups
    }

    /// The groups in order.
    pub fn order(&self) -> &[u32] {
        &self.order
    }

    /// Bytes held, about.
    pub fn size(&self) -> usize {
        let sorted: usize = self.sorted.iter().map(Sorted::size).sum();
        self.groups.size() + sorted + self.order.capacity() * size_of::<u32>()
    }

    fn key(&self, field: usize) -> Option<&Key> {
        self.groups.keys().get(field)
    }
}

/// Merges groups by the same fields.
pub fn merge(parts: Vec<Ordered>) -> Merged {
    let fields = parts.first().map_or(0, |part| part.sorted.len());
    let mut ranks: Vec<Vec<Vec<u32>>> = (0..fields).map(|f| ranks(&parts, f)).collect();
    let (places, firsts) = match ranks.pop() {
        // Groups are codes: their ranks are their places.
        Some(only) if ranks.is_empty() => by_rank(only),
        last => {
            ranks.extend(last);
            by_ranks(&parts, &ranks)
        }
    };
    let codes: Vec<Vec<Option<(u32, u32)>>> = (0..fields)
        .map(|field| codes(&parts, field, &firsts))
        .collect();
    let mut keys: Vec<Vec<Key>> = parts.into_iter().map(|p| p.groups.into_keys()).collect();
    let columns = codes.into_iter().map(|codes| {
        let texts = keys.iter_mut().map(|keys| match keys.is_empty() {
            true => Texts::default(),
            false => keys.remove(0).dictionary.into_texts(),
        });
        Texts::column(texts.collect(), &codes)
    });
    Merged {
        len: firsts.len(),
        keys: columns.collect(),
        places,
    }
}

/// By worker the place of each group, and by place the worker and number of a group there.
type Placed = (Vec<Vec<u32>>, Vec<(u32, u32)>);

/// The places of groups by one field.
fn by_rank(ranks: Vec<Vec<u32>>) -> Placed {
    let last = ranks.iter().flatten().max();
    let mut firsts = vec![(0, 0); last.map_or(0, |last| *last as usize + 1)];
    for (part, ranks) in (0u32..).zip(&ranks) {
        for (group, rank) in (0u32..).zip(ranks) {
            if let Some(first) = firsts.get_mut(*rank as usize) {
                *first = (part, group);
            }
        }
    }
    (ranks, firsts)
}

/// The places of groups by several fields, or by none.
fn by_ranks(parts: &[Ordered], ranks: &[Vec<Vec<u32>>]) -> Placed {
    let sources = merged(parts, ranks);
    let mut places: Vec<Vec<u32>> = parts.iter().map(|p| vec![0; p.order.len()]).collect();
    let mut firsts: Vec<(u32, u32)> = Vec::with_capacity(sources.len());
    for (part, group, is_new) in sources {
        if is_new {
            firsts.push((part, group));
        }
        let place = firsts.len() as u32 - 1;
        let slot = places.get_mut(part as usize);
        if let Some(slot) = slot.and_then(|list| list.get_mut(group as usize)) {
            *slot = place;
        }
    }
    (places, firsts)
}

/// One worker's place in a merge; the smallest is the greatest, as heaps have it.
struct Head<T> {
    at: T,
    part: usize,
}

/// What is merged.
trait Place {
    fn compare(&self, other: &Self) -> Ordering;
}

impl Place for Cursor<'_> {
    fn compare(&self, other: &Self) -> Ordering {
        Cursor::compare(self, other)
    }
}

impl<T: Place> Ord for Head<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.at.compare(&self.at).then(other.part.cmp(&self.part))
    }
}

impl<T: Place> PartialOrd for Head<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: Place> PartialEq for Head<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<T: Place> Eq for Head<T> {}

/// Goes through several ordered lists in the order of all: `take` gives the item at a place and steps on, and `emit` gets
/// the list, the item, and whether it differs from the one before.
fn each<T: Place + Clone>(
    places: impl Iterator<Item = T>,
    mut take: impl FnMut(&mut T) -> Option<u32>,
    mut emit: impl FnMut(usize, u32, bool),
) {
    let mut heap: BinaryHeap<Head<T>> = places
        .enumerate()
        .map(|(part, at)| Head { at, part })
        .collect();
    let mut last: Option<(T, usize)> = None;
    while let Some(mut head) = heap.peek_mut() {
        let here = head.at.clone();
        let Some(item) = take(&mut head.at) else {
            PeekMut::pop(head);
            continue;
        };
        let part = head.part;
        drop(head);
        // A list by itself has each item once.
        let is_new = last
            .as_ref()
            .is_none_or(|(at, of)| *of == part || at.compare(&here).is_ne());
        if is_new {
            last = Some((here, part));
        }
        emit(part, item, is_new);
    }
}

/// By worker: the rank of each code of a field among the codes of all workers.
fn ranks(parts: &[Ordered], field: usize) -> Vec<Vec<u32>> {
    let list = parts
        .iter()
        .filter_map(|p| Some((p.key(field)?, p.sorted.get(field)?)));
    let list: Vec<(&Key, &Sorted)> = list.collect();
    let mut ranks: Vec<Vec<u32>> = list
        .iter()
        .map(|(k, _)| vec![0; k.dictionary.len()])
        .collect();
    let mut count = 0u32;
    each(
        list.iter()
            .map(|(key, sorted)| Cursor::new(key.dictionary.texts(), sorted)),
        |cursor| {
            let number = cursor.number()?;
            cursor.step();
            Some(number)
        },
        |part, code, is_new| {
            count += u32::from(is_new);
            let slot = ranks.get_mut(part).and_then(|r| r.get_mut(code as usize));
            if let Some(slot) = slot {
                *slot = count - 1;
            }
        },
    );
    let shifted = list
        .iter()
        .zip(ranks)
        .map(|((key, _), ranks)| key.shifted(ranks));
    shifted.collect()
}

/// A place in one worker's groups.
#[derive(Clone, Copy)]
struct GroupPlace<'a> {
    part: &'a Ordered,
    /// By field, by worker, by code.
    ranks: &'a [Vec<Vec<u32>>],
    number: usize,
    at: usize,
    /// The ranks of the first two fields.
    two: u64,
}

impl GroupPlace<'_> {
    fn group(&self) -> Option<u32> {
        self.part.order.get(self.at).copied()
    }

    fn rank(&self, field: usize) -> u32 {
        let ranks = self.ranks.get(field).and_then(|r| r.get(self.number));
        match (ranks, self.group()) {
            (Some(ranks), Some(group)) => look(ranks, self.part.groups.code(group, field)),
            _ => 0,
        }
    }

    fn settle(mut self) -> Self {
        self.two = match self.group() {
            Some(_) => u64::from(self.rank(0)) << 32 | u64::from(self.rank(1)),
            None => u64::MAX,
        };
        self
    }
}

impl Place for GroupPlace<'_> {
    fn compare(&self, other: &Self) -> Ordering {
        self.two.cmp(&other.two).then_with(|| {
            (2..self.ranks.len())
                .map(|field| self.rank(field).cmp(&other.rank(field)))
                .find(|order| order.is_ne())
                .unwrap_or(Ordering::Equal)
        })
    }
}

/// All groups in order: worker, group, and whether it is another than the one before.
fn merged(parts: &[Ordered], ranks: &[Vec<Vec<u32>>]) -> Vec<(u32, u32, bool)> {
    let mut all = Vec::with_capacity(parts.iter().map(|p| p.order.len()).sum());
    let places = parts.iter().enumerate().map(|(number, part)| {
        GroupPlace {
            part,
            ranks,
            number,
            at: 0,
            two: 0,
        }
        .settle()
    });
    each(
        places,
        |place| {
            let group = place.group()?;
            place.at += 1;
            *place = place.settle();
            Some(group)
        },
        |part, group, is_new| all.push((part as u32, group, is_new)),
    );
    all
}

/// Worker and number of the text of each group in a field; `None` without a value.
fn codes(parts: &[Ordered], field: usize, groups: &[(u32, u32)]) -> Vec<Option<(u32, u32)>> {
    let code = |&(part, group): &(u32, u32)| {
        let ordered = parts.get(part as usize)?;
        let code = ordered.groups.code(group, field);
        Some((part, code.checked_sub(ordered.key(field)?.shift())?))
    };
    groups.iter().map(code).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Missing;
    use super::*;
    use crate::data::Value;

    fn column(texts: &[&str]) -> Column {
        Column::from_values(texts.iter().map(|text| match *text {
            "-" => Value::Null,
            text => Value::from(text),
        }))
    }

    /// The keys of the whole, and the places of each worker's groups.
    fn whole(workers: &[&[&[&str]]], missing: &[Missing]) -> (Vec<String>, Vec<Vec<u32>>) {
        let parts = workers.iter().map(|columns| {
            let mut groups = Groups::with_missing(missing);
            let columns: Vec<Column> = columns.iter().map(|c| column(c)).collect();
            groups.assign(&columns, columns.first().map_or(1, Column::len));
            Ordered::new(groups)
        });
        let merged = merge(parts.collect());
        let key = |row| {
            let texts = merged
                .keys
                .iter()
                .map(|c| c.text(row).unwrap_or("-".into()));
            texts.collect::<Vec<_>>().join("/")
        };
        ((0..merged.len).map(key).collect(), merged.places)
    }

    #[test]
    fn workers_are_merged_in_order() {
        let (keys, places) = whole(&[&[&["q", "a"]], &[&["b", "q", "z"]]], &[Missing::Drop]);
        assert_eq!(keys, ["a", "b", "q", "z"]);
        assert_eq!(places, [vec![2, 0], vec![1, 2, 3]]);
        let (keys, places) = whole(&[&[], &[]], &[]);
        assert_eq!((keys.len(), places), (1, vec![vec![0], vec![0]]));
    }

    #[test]
    fn several_fields_are_compared_one_after_the_other() {
        let missing = [Missing::Drop, Missing::Group, Missing::Drop];
        let first: &[&[&str]] = &[&["q", "p", "q"], &["1", "-", "2"], &["s", "s", "t"]];
        let second: &[&[&str]] = &[&["q", "p", "q"], &["1", "1", "1"], &["s", "s", "r"]];
        let (keys, places) = whole(&[first, second], &missing);
        assert_eq!(keys, ["p/-/s", "p/1/s", "q/1/r", "q/1/s", "q/2/t"]);
        assert_eq!(places, [vec![3, 0, 4], vec![3, 1, 2]]);
    }
}
