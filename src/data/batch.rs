//! Some thousands of events at most, by column: takes columns of equal length, gives them by field name in order.

use super::column::Chosen;
use super::layout::{Found, Layout, place};
use super::{Column, Mask, Value};
use indexmap::IndexMap;
use std::sync::Arc;

/// The name of a field. Cloning shares.
pub type FieldName = Arc<str>;

/// Where a batch stands in the input: batches compare as their events do, in input order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub struct Position {
    /// Number of the file in the run.
    pub file: u32,
    /// Number of the morsel in the file, or any number that rises with the place in it.
    pub part: u64,
}

/// Events by column. The set of fields is this batch's own.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    rows: usize,
    columns: IndexMap<FieldName, Column>,
    /// The texts that a multivalue field is joined by when it becomes single (`mvcombine delim=`).
    joins: Option<Arc<IndexMap<FieldName, Arc<str>>>>,
    /// Once a command found fields in the rows: those, and all that came after them (see [`Layout`]).
    found: Option<Arc<Found>>,
    /// Where its events stood in the input; operators that make new rows leave it at the default.
    pub position: Position,
}

impl Batch {
    /// A batch of `rows` events without fields.
    pub fn new(rows: usize) -> Self {
        Self {
            rows,
            ..Self::default()
        }
    }

    /// A batch from rows of named values, for tests and for commands that make few rows.
    pub fn from_rows<N: AsRef<str>>(rows: impl IntoIterator<Item = Vec<(N, Value)>>) -> Self {
        let mut count = 0;
        let mut builders: IndexMap<FieldName, super::ColumnBuilder> = IndexMap::new();
        for row in rows {
            for (name, value) in row {
                let builder = builders.entry(name.as_ref().into()).or_default();
                builder.push_nulls(count - builder.len().min(count));
                if builder.len() == count {
                    builder.push(value);
                }
            }
            count += 1;
        }
        let mut batch = Self::new(count);
        for (name, mut builder) in builders {
            builder.push_nulls(count - builder.len());
            batch.set(name, builder.finish());
        }
        batch
    }

    /// Number of events.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Whether there is no event.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The fields in order.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = (&FieldName, &Column)> {
        self.columns.iter()
    }

    /// The names of the fields in order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &FieldName> + DoubleEndedIterator {
        self.columns.keys()
    }

    /// The names of the fields in order, each with whether it was found in the rows.
    pub fn named(&self) -> impl ExactSizeIterator<Item = (&FieldName, bool)> + DoubleEndedIterator {
        let is_found = |name: &FieldName| self.found.as_ref().is_some_and(|f| f.contains(name));
        self.columns.keys().map(move |name| (name, is_found(name)))
    }

    /// From here on new fields are such as the rows have: they go behind the others, in the order of their names. Which
    /// of them a batch has is a matter of its rows, and so would be any other order.
    pub fn finding(&mut self) {
        self.found.get_or_insert_default();
    }

    /// The column of a field, if this batch has it.
    pub fn get(&self, name: &str) -> Option<&Column> {
        self.columns.get(name)
    }

    /// The column of a field; all null when the batch lacks it.
    pub fn column(&self, name: &str) -> Column {
        self.columns
            .get(name)
            .cloned()
            .unwrap_or(Column::Null(self.rows))
    }

    /// Puts a column, replacing one of the same name in its place or adding it at the end (after [`Batch::finding`], in
    /// the order of names). A column of another length is a bug of the caller: it is cut or filled with nulls.
    pub fn set(&mut self, name: impl Into<FieldName>, column: Column) {
        debug_assert_eq!(
            column.len(),
            self.rows,
            "a column has a value for every event"
        );
        let column = match column.len() {
            n if n == self.rows => column,
            n if n > self.rows => column.slice(0, self.rows),
            n => Column::concat(&[column, Column::Null(self.rows - n)]),
        };
        self.put(name.into(), column);
    }

    fn put(&mut self, name: FieldName, column: Column) {
        match &mut self.found {
            Some(found) if !self.columns.contains_key(&name) => {
                if !found.contains(&name) {
                    Arc::make_mut(found).insert(name.clone());
                }
                let at = place(&name, self.columns.keys(), found);
                self.columns.shift_insert(at, name, column);
            }
            _ => {
                self.columns.insert(name, column);
            }
        }
    }

    /// Takes a column out; the others keep their order.
    pub fn remove(&mut self, name: &str) -> Option<Column> {
        self.columns.shift_remove(name)
    }

    /// The text that the values of a field are joined by, if it has one of its own.
    pub fn join(&self, name: &str) -> Option<&str> {
        self.joins.as_ref()?.get(name).map(|text| &**text)
    }

    /// Sets the text that the values of a field are joined by.
    pub fn set_join(&mut self, name: impl Into<FieldName>, text: impl Into<Arc<str>>) {
        Arc::make_mut(self.joins.get_or_insert_default()).insert(name.into(), text.into());
    }

    /// Gives a field another name in the same place (a found one, in the place of that name); a field that had that name
    /// is dropped. Nothing happens when there is no such field.
    pub fn rename(&mut self, from: &str, to: impl Into<FieldName>) {
        let to = to.into();
        if &*to == from || !self.columns.contains_key(from) {
            return;
        }
        self.columns.shift_remove(&to);
        if let Some(text) = self
            .joins
            .as_ref()
            .and_then(|joins| joins.get(from).cloned())
        {
            self.set_join(to.clone(), text);
        }
        let Some((at, _, column)) = self.columns.shift_remove_full(from) else {
            return;
        };
        match &mut self.found {
            Some(found) if found.contains(from) => return self.put(to, column),
            Some(found) if found.contains(&to) => {
                Arc::make_mut(found).remove(&to);
            }
            _ => {}
        }
        self.columns.shift_insert(at, to, column);
    }

    /// The same events with only the columns that `keep` accepts.
    pub fn retain(&mut self, mut keep: impl FnMut(&str) -> bool) {
        self.columns.retain(|name, _| keep(name));
    }

    /// The value of a field in a row.
    pub fn value(&self, name: &str, row: usize) -> Value {
        self.columns.get(name).map_or(Value::Null, |c| c.value(row))
    }

    /// The rows whose bit is set.
    #[must_use]
    pub fn filter(&self, mask: &Mask) -> Batch {
        let rows = mask.true_count();
        if rows == self.rows {
            return self.clone();
        }
        let chosen = Chosen::new(mask);
        self.map(rows, |c| c.filter_by(&chosen))
    }

    /// The rows with these numbers in this order.
    #[must_use]
    pub fn take(&self, rows: &[u32]) -> Batch {
        self.map(rows.len(), |c| c.take(rows))
    }

    /// `length` rows from `offset`, cut at the end; shares memory.
    #[must_use]
    pub fn slice(&self, offset: usize, length: usize) -> Batch {
        let offset = offset.min(self.rows);
        let length = length.min(self.rows - offset);
        self.map(length, |c| c.slice(offset, length))
    }

    /// Whether some of its fields may have been found in the rows.
    pub fn is_finding(&self) -> bool {
        self.found.is_some()
    }

    /// Those of its fields were found in the rows that were in another batch, but for those that `told` says.
    pub fn found_as(&mut self, other: &Batch, told: impl Fn(&str) -> bool) {
        if let Some(found) = &other.found {
            let kept = found.iter().filter(|name| !told(name));
            self.found = Some(Arc::new(kept.cloned().collect()));
        }
    }

    /// With those of its fields found that are found in one of the batches.
    #[must_use]
    pub fn with_found_of<'a>(mut self, batches: impl Iterator<Item = &'a Batch>) -> Self {
        for found in batches.filter_map(|batch| batch.found.as_ref()) {
            match &mut self.found {
                Some(all) if Arc::ptr_eq(all, found) => {}
                Some(all) => Arc::make_mut(all).extend(found.iter().cloned()),
                none => *none = Some(found.clone()),
            }
        }
        self
    }

    /// All rows of the batches one after the other; fields in the order of their neighbours (see [`Layout`]). A field
    /// that was found in rows and is in none of these is left out.
    pub fn concat(batches: &[Batch]) -> Batch {
        if let [only] = batches {
            return only.clone().without_lost();
        }
        let mut whole = Batch::new(batches.iter().map(Batch::rows).sum());
        whole.position = batches.first().map(|b| b.position).unwrap_or_default();
        whole.joins = batches.iter().find_map(|b| b.joins.clone());
        let mut layout = Layout::default();
        batches.iter().for_each(|batch| layout.add(batch));
        for name in layout.names() {
            let parts: Vec<Column> = batches.iter().map(|b| b.column(&name)).collect();
            whole.set(name, Column::concat(&parts));
        }
        whole.with_found_of(batches.iter()).without_lost()
    }

    /// Without the found fields that no row has any more.
    fn without_lost(mut self) -> Self {
        if let Some(found) = &self.found {
            self.columns
                .retain(|name, column| !(found.contains(name) && column.is_all_null()));
        }
        self
    }

    /// Bytes of its values, about; what it shares with others is counted as its own.
    pub fn bytes(&self) -> usize {
        let columns = self.columns.values().map(Column::bytes);
        columns.sum::<usize>() + size_of::<Self>() + self.columns.len() * 64
    }

    /// The same rows, to be held for long: columns that keep much more input alive than they show copy what they show.
    #[must_use]
    pub fn settled(self) -> Batch {
        let mut seen: Vec<usize> = Vec::new();
        let (mut kept, mut shown) = (0, 0);
        for column in self.columns.values() {
            for buffer in column.buffers() {
                let start = buffer.as_ptr() as usize;
                if !seen.contains(&start) {
                    seen.push(start);
                    kept += buffer.len();
                }
            }
            shown += column.bytes();
        }
        if kept <= shown.saturating_mul(4).max(1 << 16) {
            return self;
        }
        self.map(self.rows, Column::compact)
    }

    /// Whether a field has a text that its values are joined by.
    pub(super) fn has_joins(&self) -> bool {
        self.joins.is_some()
    }

    /// With the texts that multivalues are joined by, as another batch has them.
    pub fn join_as(&mut self, other: &Batch) {
        self.joins.clone_from(&other.joins);
    }

    fn map(&self, rows: usize, f: impl Fn(&Column) -> Column) -> Batch {
        Batch {
            rows,
            columns: self
                .columns
                .iter()
                .map(|(name, column)| (name.clone(), f(column)))
                .collect(),
            joins: self.joins.clone(),
            found: self.found.clone(),
            position: self.position,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_with_other_fields_become_nulls() {
        let batch =
            Batch::from_rows([vec![("a", Value::from("1"))], vec![("b", Value::from("2"))]]);
        assert_eq!(batch.rows(), 2);
        assert_eq!(batch.value("a", 1), Value::Null);
        assert_eq!(batch.value("b", 1), Value::from("2"));
    }

    #[test]
    fn a_few_rows_held_for_long_keep_no_large_buffer() {
        let text = "a text that is long enough for a buffer of its own";
        let rows = (0..5000).map(|_| vec![("a", Value::from(text))]);
        let few = Batch::from_rows(rows).take(&[7, 9]);
        let column = |batch: &Batch| batch.column("a");
        let kept = |batch: &Batch| {
            column(batch)
                .buffers()
                .iter()
                .map(|b| b.len())
                .sum::<usize>()
        };
        let settled = few.clone().settled();
        assert!(kept(&few) > 100_000 && kept(&settled) < 1000);
        assert_eq!(settled.value("a", 1), Value::from(text));
        assert!(settled.bytes() > 2 * text.len());
    }

    #[test]
    fn rename_keeps_the_place() {
        let mut batch = Batch::from_rows([vec![("a", Value::from("1")), ("b", Value::from("2"))]]);
        batch.rename("a", "c");
        let names: Vec<&str> = batch.names().map(|n| &**n).collect();
        assert_eq!(names, ["c", "b"]);
    }
}
