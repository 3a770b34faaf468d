//! Distinct values a group: takes texts, gives how many there are, which, or the most frequent one.

use super::{GroupState, Input};
use crate::data::record::{Reader, Write};
use crate::data::{Column, ColumnBuilder, Dictionary, Pairs};
use std::any::Any;

/// What is wanted of the distinct values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// How many.
    Count,
    /// All, in the order of their bytes.
    Values,
    /// The most frequent; of several the first in the order of bytes.
    Mode,
}

/// Values by code, and pairs of group and value.
pub struct Distinct {
    answer: Answer,
    dictionary: Dictionary,
    pairs: Pairs,
    /// How often each pair came; only for the mode.
    counts: Vec<u64>,
    /// The pairs by group, each with its count; made when groups are saved.
    by_group: Option<Vec<(u32, u32, u64)>>,
}

impl Distinct {
    /// An empty state.
    pub fn new(answer: Answer) -> Self {
        Self {
            answer,
            dictionary: Dictionary::default(),
            pairs: Pairs::default(),
            counts: Vec::new(),
            by_group: None,
        }
    }

    fn put(&mut self, pair: u32, times: u64) {
        let at = pair as usize;
        if at >= self.counts.len() {
            self.counts.resize(at + 1, 0);
        }
        if let Some(count) = self.counts.get_mut(at) {
            *count += times;
        }
    }

    fn numbers(&self, groups: usize) -> Column {
        let mut counts = vec![0.0; groups];
        for (group, _) in self.pairs.list() {
            if let Some(count) = counts.get_mut(*group as usize) {
                *count += 1.0;
            }
        }
        Column::Number(counts.into())
    }

    /// The pairs by group, each with its count.
    fn grouped(&self) -> Vec<(u32, u32, u64)> {
        let counts = self.counts.iter().copied().chain(std::iter::repeat(0));
        let pairs = self.pairs.list().iter().zip(counts);
        let mut all: Vec<_> = pairs.map(|(&(group, code), n)| (group, code, n)).collect();
        all.sort_unstable_by_key(|(group, _, _)| *group);
        all
    }

    /// The pairs by group and then by text, each with its count.
    fn sorted(&self) -> Vec<(u32, u32, u64)> {
        let ranks = self.dictionary.ranks();
        let rank = |code: u32| ranks.get(code as usize).copied().unwrap_or_default();
        let counts = self.counts.iter().copied().chain(std::iter::repeat(0));
        let mut all: Vec<(u32, u32, u64)> = self
            .pairs
            .list()
            .iter()
            .zip(counts)
            .map(|(&(group, code), count)| (group, code, count))
            .collect();
        all.sort_unstable_by_key(|(group, code, _)| (*group, rank(*code)));
        all
    }
}

impl GroupState for Distinct {
    fn grow(&mut self, _groups: usize) {}

    fn update(&mut self, input: &Input<'_>) {
        let Some(column) = input.column else { return };
        let mode = self.answer == Answer::Mode;
        let mut last = (u32::MAX, u32::MAX, 0);
        let (pairs, counts) = (&mut self.pairs, &mut self.counts);
        self.dictionary.encode(column, input.rows, |at, code| {
            let Some(&group) = input.groups.get(at) else {
                return;
            };
            if (last.0, last.1) != (group, code) {
                last = (group, code, pairs.code(group, code));
            }
            if mode {
                counts.resize(pairs.len().max(counts.len()), 0);
                if let Some(count) = counts.get_mut(last.2 as usize) {
                    *count += 1;
                }
            }
        });
    }

    fn merge(&mut self, other: Box<dyn GroupState>, map: &[u32]) {
        let Ok(other) = other.into_any().downcast::<Self>() else {
            return;
        };
        let codes = self.dictionary.merge(&other.dictionary);
        let counts = other.counts.iter().copied().chain(std::iter::repeat(0));
        for (&(group, code), count) in other.pairs.list().iter().zip(counts) {
            let (Some(&group), Some(&code)) = (map.get(group as usize), codes.get(code as usize))
            else {
                continue;
            };
            let pair = self.pairs.code(group, code);
            if self.answer == Answer::Mode {
                self.put(pair, count);
            }
        }
    }

    fn save(&mut self, group: usize, out: &mut Vec<u8>) {
        let all = match self.by_group.take() {
            Some(all) => all,
            None => self.grouped(),
        };
        let from = all.partition_point(|(g, _, _)| (*g as usize) < group);
        let own = all.get(from..).unwrap_or_default();
        let own = own.get(..own.partition_point(|(g, _, _)| *g as usize == group));
        let own = own.unwrap_or_default();
        out.put_u64(own.len() as u64);
        for (_, code, count) in own {
            out.put_u64(*count);
            out.put_text(self.dictionary.text(*code));
        }
        self.by_group = Some(all);
    }

    fn load(&mut self, group: usize, saved: &mut Reader<'_>) {
        for _ in 0..saved.u64() {
            let (count, text) = (saved.u64(), saved.text());
            if !saved.is_whole() {
                return;
            }
            let code = self.dictionary.code(text);
            let pair = self.pairs.code(group as u32, code);
            if self.answer == Answer::Mode {
                self.put(pair, count);
            }
        }
    }

    fn finish(&mut self, groups: usize) -> Column {
        if self.answer == Answer::Count {
            return self.numbers(groups);
        }
        let sorted = self.sorted();
        let mut rest = sorted.as_slice();
        let mut builder = ColumnBuilder::default();
        for group in 0..groups as u32 {
            let end = rest.partition_point(|(g, _, _)| *g <= group);
            let (own, after) = rest.split_at(end);
            rest = after;
            if self.answer == Answer::Values {
                builder.push_texts(own.iter().map(|(_, code, _)| self.dictionary.text(*code)));
            } else {
                // The first of the largest: `max_by_key` gives the last, so the order is turned round.
                let most = own.iter().rev().max_by_key(|(_, _, count)| *count);
                builder.push_option(most.map(|(_, code, _)| self.dictionary.text(*code)));
            }
        }
        builder.finish()
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }

    fn size(&self) -> usize {
        self.dictionary.size() + self.pairs.size() + self.counts.capacity() * 8
    }
}
