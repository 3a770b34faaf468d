//! Texts by number: takes texts, keeps them in chunks that never move, gives them back as string views.
//!
//! A view is Arrow's: the length, then the whole of a short text, or the first four bytes of a long one with its chunk
//! and place. So a column of them is made without copying a text, and most comparisons look at no chunk.

use super::Column;
use arrow_array::StringViewArray;
use arrow_buffer::{Buffer, NullBuffer};
use std::cmp::Ordering;

/// The longest text that a string view holds in itself.
pub(super) const INLINE: usize = 12;

/// Bytes of the first chunk, and of the largest.
const CHUNKS: (usize, usize) = (1 << 10, 1 << 20);

/// Texts by number, in the order in which they came.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    views: Vec<[u8; 16]>,
    chunks: Vec<String>,
    /// Bytes of all chunks, those not yet used included.
    held: usize,
}

impl Texts {
    /// Number of texts.
    pub fn len(&self) -> usize {
        self.views.len()
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.views.is_empty()
    }

    /// Adds a text.
    pub fn push(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut view = short(bytes);
        if bytes.len() > INLINE {
            let (chunk, offset) = self.put(text);
            let long = u128::from(bytes.len() as u32)
                | first_four(bytes) << 32
                | u128::from(chunk) << 64
                | u128::from(offset) << 96;
            view = long.to_le_bytes();
        }
        self.views.push(view);
    }

    /// The text of a number.
    pub fn get(&self, at: u32) -> &str {
        let Some(view) = self.views.get(at as usize) else {
            return "";
        };
        let number = u128::from_le_bytes(*view);
        let length = number as u32 as usize;
        if length <= INLINE {
            let bytes = view.get(4..4 + length).unwrap_or_default();
            return std::str::from_utf8(bytes).unwrap_or_default();
        }
        let (chunk, offset) = ((number >> 64) as u32, (number >> 96) as u32 as usize);
        let chunk = self.chunks.get(chunk as usize);
        chunk
            .and_then(|chunk| chunk.get(offset..offset + length))
            .unwrap_or_default()
    }

    /// The view of a text.
    pub fn view(&self, at: u32) -> u128 {
        let view = self.views.get(at as usize);
        view.map_or(0, |view| u128::from_le_bytes(*view))
    }

    /// Whether the text of a number is this one, whose view has these lower eight bytes.
    pub(super) fn is(&self, at: u32, low: u64, text: &str) -> bool {
        self.view(at) as u64 == low && self.get(at) == text
    }

    /// The texts in the order of their bytes.
    pub fn sorted(&self) -> Sorted {
        let skip = self.shared();
        let numbers = 0..self.len() as u32;
        let mut list: Vec<(u64, u32)> =
            numbers.map(|at| (prefix(self.get(at), skip), at)).collect();
        list.sort_unstable_by(|a, b| {
            let order = a.0.cmp(&b.0);
            order.then_with(|| self.get(a.1).cmp(self.get(b.1)))
        });
        Sorted { skip, list }
    }

    /// A column of some of the texts of several: each by the number of its list and its own. They become views; none is
    /// copied.
    pub fn column(lists: Vec<Texts>, wanted: &[Option<(u32, u32)>]) -> Column {
        let mut bases = Vec::with_capacity(lists.len());
        let mut chunks = 0;
        for list in &lists {
            bases.push((chunks as u128) << 64);
            chunks += list.chunks.len();
        }
        let view = |text: &Option<(u32, u32)>| {
            let (list, number) = (*text)?;
            let view = lists.get(list as usize)?.view(number);
            let is_short = view as u32 as usize <= INLINE;
            let base = bases.get(list as usize).filter(|_| !is_short);
            Some(view + base.copied().unwrap_or_default())
        };
        let views: Vec<u128> = wanted.iter().map(|t| view(t).unwrap_or_default()).collect();
        let nulls = wanted.iter().any(Option::is_none).then(|| {
            let valid = wanted.iter().map(Option::is_some);
            NullBuffer::from(valid.collect::<Vec<bool>>())
        });
        let chunks = lists.into_iter().flat_map(|list| list.chunks);
        let buffers: Vec<Buffer> = chunks.map(|c| Buffer::from_vec(c.into_bytes())).collect();
        if nulls.as_ref().is_some_and(|n| n.null_count() == n.len()) || wanted.is_empty() {
            return Column::Null(wanted.len());
        }
        debug_assert!(
            StringViewArray::try_new(views.clone().into(), buffers.clone(), nulls.clone()).is_ok(),
            "views are inside their chunks and are UTF-8"
        );
        // SAFETY: each view is that of a text of one of the lists, made by `push`: short and in itself, or a range of a
        // chunk, which is a string that only grows, from one whole text to the next; the chunk's number is moved by the
        // number of chunks of the lists before. A row without a text has the empty view.
        let array = unsafe { StringViewArray::new_unchecked(views.into(), buffers.into(), nulls) };
        Column::Text(array)
    }

    /// Bytes held, about.
    pub fn size(&self) -> usize {
        self.views.capacity() * 16 + self.held
    }

    /// How many bytes all texts begin with alike.
    fn shared(&self) -> usize {
        let first = self.get(0).as_bytes();
        let mut shared = first.len();
        for at in 1..self.len() as u32 {
            let both = first.iter().zip(self.get(at).as_bytes());
            shared = both.take(shared).take_while(|(a, b)| a == b).count();
            if shared == 0 {
                break;
            }
        }
        shared
    }

    /// Copies a text into a chunk with room for it; gives the chunk and the place.
    fn put(&mut self, text: &str) -> (u32, u32) {
        let fits = |chunk: &String| chunk.len() + text.len() <= chunk.capacity();
        if !self.chunks.last().is_some_and(fits) {
            let size = self.held.clamp(CHUNKS.0, CHUNKS.1).max(text.len());
            self.chunks.push(String::with_capacity(size));
            self.held += size;
        }
        let number = self.chunks.len() as u32 - 1;
        let Some(chunk) = self.chunks.last_mut() else {
            return (0, 0);
        };
        let offset = chunk.len() as u32;
        chunk.push_str(text);
        (number, offset)
    }
}

/// Texts in the order of their bytes.
#[derive(Debug, Clone, Default)]
pub struct Sorted {
    /// All texts begin alike for so many bytes.
    skip: usize,
    /// The next eight bytes of each, and its number.
    list: Vec<(u64, u32)>,
}

impl Sorted {
    /// The numbers in order.
    pub fn numbers(&self) -> impl Iterator<Item = u32> + '_ {
        self.list.iter().map(|(_, at)| *at)
    }

    /// For each number its place in the order.
    pub fn ranks(&self) -> Vec<u32> {
        let mut ranks = vec![0; self.list.len()];
        for (rank, at) in (0u32..).zip(self.numbers()) {
            if let Some(slot) = ranks.get_mut(at as usize) {
                *slot = rank;
            }
        }
        ranks
    }

    /// Bytes held.
    pub fn size(&self) -> usize {
        self.list.capacity() * size_of::<(u64, u32)>()
    }
}

/// One place in sorted texts, to merge several.
#[derive(Clone)]
pub struct Cursor<'a> {
    texts: &'a Texts,
    sorted: &'a Sorted,
    at: usize,
}

impl<'a> Cursor<'a> {
    /// The first place.
    pub fn new(texts: &'a Texts, sorted: &'a Sorted) -> Self {
        Self {
            texts,
            sorted,
            at: 0,
        }
    }

    /// The number of the text here; `None` past the end.
    pub fn number(&self) -> Option<u32> {
        self.sorted.list.get(self.at).map(|(_, at)| *at)
    }

    /// The next place.
    pub fn step(&mut self) {
        self.at += 1;
    }

    /// The order of the texts at two places; past the end comes last.
    pub fn compare(&self, other: &Self) -> Ordering {
        let places = (
            self.sorted.list.get(self.at),
            other.sorted.list.get(other.at),
        );
        let (Some(a), Some(b)) = places else {
            return places.0.is_none().cmp(&places.1.is_none());
        };
        let text = || self.texts.get(a.1).cmp(other.texts.get(b.1));
        // The next bytes tell only when they are the first ones on both sides.
        if self.sorted.skip == 0 && other.sorted.skip == 0 {
            a.0.cmp(&b.0).then_with(text)
        } else {
            text()
        }
    }
}

/// The view of a short text.
pub(super) fn short(bytes: &[u8]) -> [u8; 16] {
    let mut view = [0u8; 16];
    if let (Some(head), Some(body)) = (view.first_mut(), bytes.get(..INLINE.min(bytes.len()))) {
        *head = body.len() as u8;
        for (to, from) in view.iter_mut().skip(4).zip(body) {
            *to = *from;
        }
    }
    view
}

/// The first four bytes as they stand in a view.
pub(super) fn first_four(bytes: &[u8]) -> u128 {
    let four = bytes.iter().take(4).rev();
    four.fold(0, |word, byte| word << 8 | u128::from(*byte))
}

/// Eight bytes from a place on, as a number that orders as they do.
fn prefix(text: &str, skip: usize) -> u64 {
    let bytes = text.as_bytes().get(skip..).unwrap_or_default();
    if let Some((eight, _)) = bytes.split_first_chunk::<8>() {
        return u64::from_be_bytes(*eight);
    }
    let mut eight = [0; 8];
    for (to, from) in eight.iter_mut().zip(bytes) {
        *to = *from;
    }
    u64::from_be_bytes(eight)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Value;

    fn texts(list: &[&str]) -> Texts {
        let mut texts = Texts::default();
        list.iter().for_each(|text| texts.push(text));
        texts
    }

    #[test]
    fn texts_of_any_length_come_back() {
        let long = "x".repeat(3000);
        let list = ["", "twelve bytes", "thirteen byte", &long, "caf\u{e9}"];
        let texts = texts(&list);
        for (at, text) in (0u32..).zip(list) {
            assert_eq!(texts.get(at), text);
        }
    }

    #[test]
    fn columns_are_made_of_several_lists() {
        let long = "a text that is longer than a view";
        let lists = vec![
            texts(&["a", long]),
            texts(&[]),
            texts(&["b", "another of the long texts"]),
        ];
        let column = Texts::column(lists, &[Some((2, 1)), None, Some((0, 0)), Some((0, 1))]);
        let values: Vec<Value> = (0..4).map(|row| column.value(row)).collect();
        let wanted = [
            Value::from("another of the long texts"),
            Value::Null,
            "a".into(),
            long.into(),
        ];
        assert_eq!(values, wanted);
        assert!(matches!(
            Texts::column(Vec::new(), &[None]),
            Column::Null(1)
        ));
    }

    #[test]
    fn the_order_is_that_of_bytes_whatever_they_begin_with() {
        let lists: [&[&str]; 3] = [
            &["req-000000012", "req-00000001", "req-000000010x", "req-"],
            &["b", "a\0", "a", "", "\u{e9}", "Z"],
            &["one text only, a long one"],
        ];
        for list in lists {
            let texts = texts(list);
            let mut wanted = list.to_vec();
            wanted.sort_unstable();
            let sorted = texts.sorted();
            assert!(sorted.numbers().map(|at| texts.get(at)).eq(wanted));
        }
    }

    #[test]
    fn cursors_merge_lists_that_begin_differently() {
        let (a, b) = (texts(&["req-2", "req-1"]), texts(&["req-1", "r", "s"]));
        let (x, y) = (a.sorted(), b.sorted());
        let (mut left, mut right) = (Cursor::new(&a, &x), Cursor::new(&b, &y));
        assert_eq!(left.compare(&right), Ordering::Greater);
        right.step();
        assert_eq!(left.compare(&right), Ordering::Equal);
        left.step();
        left.step();
        assert_eq!(left.compare(&right), Ordering::Greater);
        assert_eq!((left.number(), right.number()), (None, Some(0)));
    }
}
