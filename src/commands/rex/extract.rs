//! Named groups as fields: takes a batch and a pattern, sets the fields of its groups where it matches.

use crate::data::{Batch, Column, ColumnBuilder, Demand, FieldName, TextWriter};
use crate::diagnostic::Diagnostic;
use crate::functions::pattern::Pattern;
use arrow_array::{Array, StringViewArray};

/// What `rex` extracts.
#[derive(Debug)]
pub(super) struct Extraction {
    pub(super) pattern: Pattern,
    /// Matches of each value at most.
    pub(super) limit: usize,
    /// The field for the places of the matches.
    pub(super) offsets: Option<FieldName>,
}

/// A field in the making.
struct Target {
    name: FieldName,
    /// The group that it is of; `None` for the places.
    group: Option<usize>,
    old: Option<Column>,
    new: ColumnBuilder,
    /// The texts of the row at hand.
    texts: Vec<String>,
}

impl Extraction {
    /// The fields that it may set.
    pub(super) fn targets(&self) -> impl Iterator<Item = &str> {
        let groups = self.pattern.names().iter().map(|(_, name)| name.as_str());
        groups.chain(self.offsets.as_deref())
    }

    pub(super) fn apply(
        &self,
        batch: &mut Batch,
        source: &str,
        wanted: &Demand,
    ) -> Result<(), Diagnostic> {
        let groups = self.pattern.names().iter();
        let groups = groups.map(|(group, name)| (name.as_str(), Some(*group)));
        let targets = groups.chain(self.offsets.as_deref().map(|name| (name, None)));
        let mut targets: Vec<Target> = targets
            .filter(|(name, _)| wanted.wants(name))
            .map(|(name, group)| Target {
                name: name.into(),
                group,
                old: batch.get(name).cloned(),
                new: ColumnBuilder::default(),
                texts: Vec::new(),
            })
            .collect();
        let Some(column) = batch.get(source).filter(|_| !targets.is_empty()).cloned() else {
            return Ok(());
        };
        if let (Column::Text(texts), 1) = (&column, self.limit)
            && targets.iter().all(Target::is_simple)
        {
            return self.first_matches(batch, texts, targets);
        }
        for row in 0..batch.rows() {
            for text in column.values(row) {
                self.read(&text, &mut targets)?;
            }
            for target in &mut targets {
                target.finish_row(row);
            }
        }
        for target in targets {
            batch.set(target.name, target.new.finish());
        }
        Ok(())
    }

    /// One match of one text a row: the groups go from the text into their columns.
    fn first_matches(
        &self,
        batch: &mut Batch,
        texts: &StringViewArray,
        targets: Vec<Target>,
    ) -> Result<(), Diagnostic> {
        let mut places = self.pattern.places();
        let mut columns: Vec<TextWriter> = targets
            .iter()
            .map(|_| TextWriter::with_capacity(texts.len()))
            .collect();
        for (row, text) in texts.iter().enumerate() {
            let found = match text {
                Some(text) => self.pattern.read(text, &mut places)?,
                None => false,
            };
            for (target, column) in targets.iter().zip(&mut columns) {
                let group = target.group.filter(|_| found);
                let range = group.and_then(|group| places.range(group));
                match range.and_then(|range| text?.get(range)) {
                    Some(part) => column.push(part),
                    None => column.push_option(target.old_text(row)),
                }
            }
        }
        for (target, column) in targets.into_iter().zip(columns) {
            batch.set(target.name, column.into_column());
        }
        Ok(())
    }

    /// Adds what the pattern finds in one value.
    fn read(&self, text: &str, targets: &mut [Target]) -> Result<(), Diagnostic> {
        for groups in self.pattern.captures_iter(text).take(self.limit) {
            let groups = groups?;
            for target in targets.iter_mut() {
                match target.group {
                    Some(group) => target.texts.extend(groups.get(group).map(str::to_owned)),
                    None => {
                        let characters =
                            |end: usize| text.get(..end).map_or(0, |t| t.chars().count());
                        let place = |(group, name): &(usize, String)| {
                            let range = groups.range(*group)?;
                            let (first, end) = (characters(range.start), characters(range.end));
                            Some(format!("{name}={first}-{}", end.saturating_sub(1)))
                        };
                        let places = self.pattern.names().iter().filter_map(place);
                        target.texts.push(places.collect::<Vec<_>>().join("&"));
                    }
                }
            }
        }
        Ok(())
    }
}

impl Target {
    /// Whether it is a group's text, and what the field held is text as well.
    fn is_simple(&self) -> bool {
        let old = self.old.as_ref();
        self.group.is_some() && old.is_none_or(|c| matches!(c, Column::Text(_) | Column::Null(_)))
    }

    /// What the row of a simple target held.
    fn old_text(&self, row: usize) -> Option<&str> {
        match &self.old {
            Some(Column::Text(texts)) if texts.is_valid(row) => Some(texts.value(row)),
            _ => None,
        }
    }

    fn finish_row(&mut self, row: usize) {
        match (self.texts.is_empty(), &self.old) {
            (false, _) => self.new.push_texts(self.texts.drain(..)),
            (true, Some(old)) => self.new.push(old.value(row)),
            (true, None) => self.new.push_null(),
        }
    }
}
