//! Grouping of rows by fields: takes the columns of the by-fields, gives each row the numbers of its groups.
//!
//! Each field has a dictionary of its own; a group of several fields is a pair of the group of the fields before and
//! the code of the last one. So a key is never built a row, keys of any width merge by small numbers, and groups are
//! put in order by the ranks of their texts.

use crate::data::{Column, ColumnBuilder, Dictionary, Pairs};

/// What becomes of a row that lacks a by-field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Missing {
    /// It belongs to no group.
    #[default]
    Drop,
    /// It belongs to a group whose key has no value there.
    Group,
}

/// One by-field.
#[derive(Debug, Clone, Default)]
pub(super) struct Key {
    missing: Missing,
    /// Code 0 is "no value" where missing values make a group; texts come after it.
    pub(super) dictionary: Dictionary,
}

impl Key {
    /// How many codes stand before those of texts.
    pub(super) fn shift(&self) -> u32 {
        u32::from(self.missing == Missing::Group)
    }

    fn text(&self, code: u32) -> Option<&str> {
        code.checked_sub(self.shift())
            .map(|c| self.dictionary.text(c))
    }

    /// Ranks by code, missing first.
    fn ranks(&self) -> Vec<u32> {
        self.shifted(self.dictionary.ranks())
    }

    /// Ranks of texts as ranks of codes: a missing value has the first.
    pub(super) fn shifted(&self, ranks: Vec<u32>) -> Vec<u32> {
        let shift = self.shift();
        if shift == 0 {
            return ranks;
        }
        let texts = ranks.into_iter().map(|rank| rank + shift);
        (0..shift).chain(texts).collect()
    }
}

/// The groups seen so far.
#[derive(Debug, Clone, Default)]
pub struct Groups {
    keys: Vec<Key>,
    /// `pairs[i]` joins the group of the first `i + 1` fields with the code of the next.
    pairs: Vec<Pairs>,
    /// Whether a value that comes twice in a multivalue counts once.
    distinct: bool,
    assigned: Assigned,
    spare: Assigned,
}

/// Rows with their groups: a row comes once for each group that it belongs to.
#[derive(Debug, Clone, Default)]
pub struct Assigned {
    /// The rows, ascending.
    pub rows: Vec<u32>,
    /// The group of each entry of `rows`.
    pub groups: Vec<u32>,
}

impl Groups {
    /// Groups by `fields` fields; rows that lack one are dropped.
    pub fn new(fields: usize) -> Self {
        Self::with_missing(&vec![Missing::Drop; fields])
    }

    /// Groups by fields, with what a missing value means for each.
    pub fn with_missing(fields: &[Missing]) -> Self {
        let keys = fields.iter().map(|missing| Key {
            missing: *missing,
            ..Key::default()
        });
        Self {
            keys: keys.collect(),
            pairs: vec![Pairs::default(); fields.len().saturating_sub(1)],
            ..Self::default()
        }
    }

    /// A value that comes twice in one multivalue puts the row in its group once.
    #[must_use]
    pub fn distinct(mut self) -> Self {
        self.distinct = true;
        self
    }

    /// Number of groups. Without fields there is always one.
    pub fn len(&self) -> usize {
        match (self.keys.first(), self.pairs.last()) {
            (None, _) => 1,
            (Some(_), Some(pairs)) => pairs.len(),
            (Some(only), None) => only.dictionary.len() + only.shift() as usize,
        }
    }

    /// Whether there is no group.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Puts `rows` rows into groups by the columns of the fields, in order.
    pub fn assign(&mut self, columns: &[Column], rows: usize) -> &Assigned {
        let mut now = std::mem::take(&mut self.assigned);
        let mut next = std::mem::take(&mut self.spare);
        now.rows.clear();
        now.rows.extend(0..rows as u32);
        now.groups.clear();
        now.groups.resize(rows, 0);
        for (at, column) in columns.iter().enumerate().take(self.keys.len()) {
            next.rows.clear();
            next.groups.clear();
            self.extend(at, column, &now, &mut next);
            std::mem::swap(&mut now, &mut next);
        }
        if self.distinct && columns.iter().any(Column::is_multi) {
            once(&mut now);
        }
        self.spare = next;
        self.assigned = now;
        &self.assigned
    }

    /// What the last [`Groups::assign`] gave.
    pub fn assigned(&self) -> &Assigned {
        &self.assigned
    }

    /// One field further: from the groups of the fields before to those with this one.
    fn extend(&mut self, at: usize, column: &Column, from: &Assigned, to: &mut Assigned) {
        let Some(key) = self.keys.get_mut(at) else {
            return;
        };
        let shift = key.shift();
        let mut pairs = at.checked_sub(1).and_then(|i| self.pairs.get_mut(i));
        let mut last = (u32::MAX, u32::MAX, 0);
        let mut put = |place: usize, code: u32| {
            let (Some(&row), Some(&group)) = (from.rows.get(place), from.groups.get(place)) else {
                return;
            };
            let group = match &mut pairs {
                None => code,
                Some(_) if (last.0, last.1) == (group, code) => last.2,
                Some(pairs) => {
                    last = (group, code, pairs.code(group, code));
                    last.2
                }
            };
            to.rows.push(row);
            to.groups.push(group);
        };
        if shift == 0 {
            key.dictionary.encode(column, &from.rows, put);
            return;
        }
        let mut next = 0;
        key.dictionary.encode(column, &from.rows, |place, code| {
            (next..place).for_each(|lacking| put(lacking, 0));
            next = place + 1;
            put(place, code + shift);
        });
        (next..from.rows.len()).for_each(|lacking| put(lacking, 0));
    }

    /// Adds the groups of another worker; gives the number here of each group there.
    pub fn merge(&mut self, other: &Groups) -> Vec<u32> {
        if self.keys.is_empty() {
            return vec![0];
        }
        let mut map: Vec<u32> = Vec::new();
        for (at, (key, theirs)) in self.keys.iter_mut().zip(&other.keys).enumerate() {
            let shift = key.shift();
            let mut codes: Vec<u32> = (0..shift).collect();
            codes.extend(
                key.dictionary
                    .merge(&theirs.dictionary)
                    .iter()
                    .map(|c| c + shift),
            );
            let before = at.checked_sub(1);
            let joined = before.and_then(|i| Some((self.pairs.get_mut(i)?, other.pairs.get(i)?)));
            map = match joined {
                None => codes,
                Some((pairs, theirs)) => theirs
                    .list()
                    .iter()
                    .map(|&(group, code)| pairs.code(look(&map, group), look(&codes, code)))
                    .collect(),
            };
        }
        map
    }

    /// The groups in ascending order of their texts, field by field, as bytes; a missing value comes first.
    pub fn order(&self) -> Vec<u32> {
        let ranks: Vec<Vec<u32>> = self.keys.iter().map(Key::ranks).collect();
        self.order_by(&ranks)
    }

    /// The groups in the order of the ranks of their codes, field by field.
    pub(super) fn order_by(&self, ranks: &[Vec<u32>]) -> Vec<u32> {
        let groups = 0..self.len() as u32;
        let rank = |group: u32, field: usize| match ranks.get(field) {
            Some(ranks) => look(ranks, self.code(group, field)),
            None => 0,
        };
        if let [only] = ranks {
            // Groups are codes: the ranks are their places.
            let mut order = vec![0; only.len()];
            for (place, group) in only.iter().zip(groups) {
                if let Some(slot) = order.get_mut(*place as usize) {
                    *slot = group;
                }
            }
            return order;
        }
        let two = |g: u32| u64::from(rank(g, 0)) << 32 | u64::from(rank(g, 1));
        let mut keys: Vec<(u64, u32)> = groups.map(|g| (two(g), g)).collect();
        keys.sort_unstable_by(|a, b| {
            let more = 2..ranks.len();
            let order = a.0.cmp(&b.0);
            order.then_with(|| {
                more.map(|f| rank(a.1, f).cmp(&rank(b.1, f)))
                    .find(|o| o.is_ne())
                    .unwrap_or(std::cmp::Ordering::Equal)
            })
        });
        keys.into_iter().map(|(_, group)| group).collect()
    }

    /// The text of a group's key in one field; `None` for a missing value.
    pub fn key(&self, group: u32, field: usize) -> Option<&str> {
        let key = self.keys.get(field)?;
        key.text(self.code(group, field))
    }

    /// The code of a group's key in one field: equal codes are equal keys.
    pub fn code(&self, mut group: u32, field: usize) -> u32 {
        for pairs in self.pairs.iter().skip(field).rev() {
            group = pairs.pair(group).0;
        }
        match field.checked_sub(1).and_then(|i| self.pairs.get(i)) {
            Some(pairs) => pairs.pair(group).1,
            None => group,
        }
    }

    /// The keys of these groups in one field.
    pub fn column(&self, field: usize, groups: &[u32]) -> Column {
        let mut builder = ColumnBuilder::default();
        for group in groups {
            builder.push_option(self.key(*group, field));
        }
        builder.finish()
    }

    /// Bytes held, about.
    pub fn size(&self) -> usize {
        let keys: usize = self.keys.iter().map(|k| k.dictionary.size()).sum();
        let pairs: usize = self.pairs.iter().map(Pairs::size).sum();
        keys + pairs
    }

    /// How many by-fields there are.
    pub fn fields(&self) -> usize {
        self.keys.len()
    }

    /// The by-fields.
    pub(super) fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// The by-fields, and nothing else.
    pub(super) fn into_keys(self) -> Vec<Key> {
        self.keys
    }
}

/// The number at a place, 0 past the end.
pub(super) fn look(map: &[u32], at: u32) -> u32 {
    map.get(at as usize).copied().unwrap_or_default()
}

/// Leaves each row once in each of its groups.
fn once(assigned: &mut Assigned) {
    let mut seen: Vec<u32> = Vec::new();
    let mut row = u32::MAX;
    let keep: Vec<bool> = assigned
        .rows
        .iter()
        .zip(&assigned.groups)
        .map(|(&r, group)| {
            if r != row {
                row = r;
                seen.clear();
            }
            let new = !seen.contains(group);
            seen.push(*group);
            new
        })
        .collect();
    let mut flags = keep.iter();
    assigned.rows.retain(|_| *flags.next().unwrap_or(&true));
    let mut flags = keep.iter();
    assigned.groups.retain(|_| *flags.next().unwrap_or(&true));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Value;

    fn text(values: &[&str]) -> Column {
        Column::from_values(values.iter().map(|v| match *v {
            "-" => Value::Null,
            v if v.contains(',') => Value::Multi(v.split(',').map(str::to_owned).collect()),
            v => Value::from(v),
        }))
    }

    fn keys(groups: &Groups, width: usize) -> Vec<String> {
        let order = groups.order();
        order
            .iter()
            .map(|g| {
                let parts: Vec<&str> = (0..width)
                    .map(|f| groups.key(*g, f).unwrap_or("-"))
                    .collect();
                parts.join("/")
            })
            .collect()
    }

    #[test]
    fn multivalues_are_crossed_and_missing_ones_dropped() {
        let mut groups = Groups::new(2);
        let assigned = groups.assign(&[text(&["a,b", "a", "-"]), text(&["x,y", "x", "x"])], 3);
        assert_eq!(assigned.rows, [0, 0, 0, 0, 1]);
        assert_eq!(assigned.groups, [0, 1, 2, 3, 0]);
        assert_eq!(keys(&groups, 2), ["a/x", "a/y", "b/x", "b/y"]);
    }

    #[test]
    fn a_missing_value_may_be_a_group() {
        let mut groups = Groups::with_missing(&[Missing::Drop, Missing::Group]);
        let assigned = groups.assign(
            &[text(&["a", "a", "-", "a"]), text(&["-", "x", "x", "-"])],
            4,
        );
        assert_eq!(
            (&*assigned.rows, &*assigned.groups),
            (&[0, 1, 3][..], &[0, 1, 0][..])
        );
        assert_eq!(keys(&groups, 2), ["a/-", "a/x"]);
    }

    #[test]
    fn merged_groups_are_those_of_all_rows_together() {
        let (first, second) = (
            [
                text(&["q", "p", "q"]),
                text(&["1", "1", "2"]),
                text(&["s", "s", "t"]),
            ],
            [
                text(&["p", "r", "q"]),
                text(&["1", "9", "1"]),
                text(&["s", "a", "s"]),
            ],
        );
        let (mut one, mut a, mut b) = (Groups::new(3), Groups::new(3), Groups::new(3));
        one.assign(&first, 3);
        one.assign(&second, 3);
        a.assign(&first, 3);
        b.assign(&second, 3);
        assert_eq!(a.merge(&b), [1, 3, 0]);
        assert_eq!(keys(&a, 3), keys(&one, 3));
        assert_eq!(keys(&a, 3), ["p/1/s", "q/1/s", "q/2/t", "r/9/a"]);
    }

    #[test]
    fn a_value_twice_counts_twice_unless_distinct() {
        let column = [text(&["a,a,b"])];
        assert_eq!(Groups::new(1).assign(&column, 1).rows.len(), 3);
        assert_eq!(Groups::new(1).distinct().assign(&column, 1).rows.len(), 2);
    }

    #[test]
    fn without_fields_all_rows_are_one_group() {
        let mut groups = Groups::new(0);
        assert_eq!(groups.len(), 1);
        assert_eq!(groups.assign(&[], 2).groups, [0, 0]);
        assert_eq!(groups.merge(&Groups::new(0)), [0]);
        assert_eq!(groups.order(), [0]);
    }
}
