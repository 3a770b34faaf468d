//! Columns made value by value: takes values of any kind in any order, gives the narrowest column that holds them.

use super::{Column, Mixed, Value};
use arrow_array::Float64Array;
use arrow_array::builder::{
    ArrayBuilder, BooleanBuilder, Float64Builder, ListBuilder, StringViewBuilder,
};

/// Builds a text column.
pub type TextBuilder = StringViewBuilder;

/// Builds a column of one kind while all values agree. Text among numbers makes it mixed, several texts multivalue.
#[derive(Debug, Default)]
pub struct ColumnBuilder {
    state: State,
    /// Rows that hold numbers, which `state` has as nulls once it is text or multivalue.
    numbers: Vec<(usize, f64)>,
}

#[derive(Debug)]
enum State {
    Null(usize),
    Text(StringViewBuilder),
    Number(Float64Builder),
    Bool(BooleanBuilder),
    Multi(ListBuilder<StringViewBuilder>),
}

impl Default for State {
    fn default() -> Self {
        State::Null(0)
    }
}

impl ColumnBuilder {
    /// Rows so far.
    pub fn len(&self) -> usize {
        match &self.state {
            State::Null(n) => *n,
            State::Text(b) => b.len(),
            State::Number(b) => b.len(),
            State::Bool(b) => b.len(),
            State::Multi(b) => b.len(),
        }
    }

    /// Whether no row was added.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a row with any value.
    pub fn push(&mut self, value: Value) {
        match value {
            Value::Null => self.push_null(),
            Value::Bool(b) => self.push_bool(b),
            Value::Number(n) => self.push_number(n),
            Value::Text(t) => self.push_text(&t),
            Value::Multi(v) => self.push_texts(v),
        }
    }

    /// Adds a row without a value.
    pub fn push_null(&mut self) {
        match &mut self.state {
            State::Null(n) => *n += 1,
            State::Text(b) => b.append_null(),
            State::Number(b) => b.append_null(),
            State::Bool(b) => b.append_null(),
            State::Multi(b) => b.append(false),
        }
    }

    /// Adds a row without a value `rows` times.
    pub fn push_nulls(&mut self, rows: usize) {
        for _ in 0..rows {
            self.push_null();
        }
    }

    /// Adds a row with a number.
    pub fn push_number(&mut self, n: f64) {
        if let State::Null(rows) = self.state {
            let mut b = Float64Builder::new();
            b.append_nulls(rows);
            self.state = State::Number(b);
        }
        if let State::Number(b) = &mut self.state {
            b.append_value(n);
            return;
        }
        if let State::Bool(_) = self.state {
            self.become_text();
        }
        self.numbers.push((self.len(), n));
        self.push_null();
    }

    /// Adds a row with a Boolean.
    pub fn push_bool(&mut self, value: bool) {
        if let State::Null(rows) = self.state {
            let mut b = BooleanBuilder::new();
            b.append_nulls(rows);
            self.state = State::Bool(b);
        }
        if let State::Bool(b) = &mut self.state {
            b.append_value(value);
        } else {
            self.push_text(if value { "True" } else { "False" });
        }
    }

    /// Adds a row with a text.
    pub fn push_text(&mut self, text: &str) {
        if !matches!(self.state, State::Text(_) | State::Multi(_)) {
            self.become_text();
        }
        match &mut self.state {
            State::Text(b) => b.append_value(text),
            State::Multi(b) => {
                b.values().append_value(text);
                b.append(true);
            }
            _ => {}
        }
    }

    /// Adds a row with any number of texts: none is no value, one is single.
    pub fn push_texts<T: AsRef<str>>(&mut self, texts: impl IntoIterator<Item = T>) {
        let mut texts = texts.into_iter();
        let Some(first) = texts.next() else {
            return self.push_null();
        };
        let Some(second) = texts.next() else {
            return self.push_text(first.as_ref());
        };
        if !matches!(self.state, State::Multi(_)) {
            self.become_multi();
        }
        if let State::Multi(b) = &mut self.state {
            for text in [first, second].into_iter().chain(texts) {
                b.values().append_value(text.as_ref());
            }
            b.append(true);
        }
    }

    /// Adds a text or null.
    pub fn push_option(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.push_text(text),
            None => self.push_null(),
        }
    }

    /// Adds all rows of a column.
    pub fn append(&mut self, column: &Column) {
        for row in 0..column.len() {
            self.push(column.value(row));
        }
    }

    /// The column.
    pub fn finish(self) -> Column {
        let rows = self.len();
        let column = match self.state {
            State::Null(n) => Column::Null(n),
            State::Text(mut b) => Column::Text(b.finish()),
            State::Number(mut b) => Column::Number(b.finish()),
            State::Bool(mut b) => Column::Bool(b.finish()),
            State::Multi(mut b) => Column::Multi(b.finish()),
        };
        if self.numbers.is_empty() {
            return column;
        }
        let mut b = Float64Builder::with_capacity(rows);
        for (row, number) in self.numbers {
            b.append_nulls(row - b.len());
            b.append_value(number);
        }
        b.append_nulls(rows - b.len());
        Mixed::column(b.finish(), column)
    }

    /// What the rows so far hold but numbers, which stay aside.
    fn others(&mut self) -> Column {
        let state = std::mem::take(&mut self.state);
        let old = Self {
            state,
            numbers: Vec::new(),
        };
        let old = old.finish();
        if let Column::Number(numbers) = &old {
            self.numbers = number_rows(numbers).collect();
            return Column::Null(numbers.len());
        }
        old
    }

    fn become_text(&mut self) {
        let old = self.others();
        let mut b = StringViewBuilder::new();
        for row in 0..old.len() {
            b.append_option(old.text(row));
        }
        self.state = State::Text(b);
    }

    fn become_multi(&mut self) {
        let old = self.others();
        let mut b = ListBuilder::new(StringViewBuilder::new());
        for row in 0..old.len() {
            match old.text(row) {
                Some(text) => {
                    b.values().append_value(text);
                    b.append(true);
                }
                None => b.append(false),
            }
        }
        self.state = State::Multi(b);
    }
}

/// The rows that hold numbers.
fn number_rows(numbers: &Float64Array) -> impl Iterator<Item = (usize, f64)> + '_ {
    let rows = numbers.iter().enumerate();
    rows.filter_map(|(row, number)| Some((row, number?)))
}
