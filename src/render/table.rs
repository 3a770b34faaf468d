//! Rows as a table for people: takes a batch, gives lines that fit the terminal. The one door to comfy-table.

use super::widths::{GAP, Layout, layout};
use super::{Look, record, text};
use crate::data::{Batch, Column, SPARKLINE, parse_number};
use comfy_table::{
    Attribute, Cell, CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table,
    TableStyle, Width,
};
use std::io::{self, Write};

/// A line under the header, no borders.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─'));

/// Writes the table, or records one under the other when its columns don't fit.
pub(super) fn write(batch: &Batch, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let names: Vec<&str> = columns(batch, look);
    if batch.is_empty() || names.is_empty() {
        return Ok(());
    }
    let cells: Vec<Vec<String>> = (0..batch.rows())
        .map(|row| {
            names
                .iter()
                .map(|name| cell(batch, name, row, look))
                .collect()
        })
        .collect();
    let Some(layout) = layout(&names, &cells, look.width) else {
        return record::write(&names, &cells, look, out);
    };
    let numeric: Vec<bool> = names
        .iter()
        .map(|name| is_numeric(batch.get(name)))
        .collect();
    let shown = lay_out(&layout, &cells, &numeric, look.colour);
    let (head, body) = shown.split_once('\n').unwrap_or((&shown, ""));
    writeln!(out, "{head}\n{}", text::marked(body, look))
}

/// A plain table of texts with a header, for lists that the program itself shows.
pub fn grid(header: &[&str], rows: &[Vec<String>], width: usize, colour: bool) -> String {
    let numeric: Vec<bool> = (0..header.len())
        .map(|i| {
            !rows.is_empty()
                && rows
                    .iter()
                    .all(|r| r.get(i).is_none_or(|t| t.is_empty() || is_count(t)))
        })
        .collect();
    let layout = layout(header, rows, width).unwrap_or_else(|| Layout {
        header: header.iter().map(|h| (*h).to_owned()).collect(),
        widths: vec![(width / header.len().max(1)).saturating_sub(2).max(8); header.len()],
    });
    lay_out(&layout, rows, &numeric, colour)
}

fn is_count(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_ascii_digit() || matches!(c, ',' | '.' | '%'))
}

fn lay_out(layout: &Layout, cells: &[Vec<String>], numeric: &[bool], colour: bool) -> String {
    let mut table = Table::new();
    table
        .load_style(STYLE)
        .set_content_arrangement(ContentArrangement::Dynamic);
    // The widths are set column by column; the table's own limit must not stand in their way.
    table.set_width(u16::MAX);
    if !colour {
        table.force_no_tty();
    } else {
        table.enforce_styling();
    }
    let align = |i: usize| {
        if numeric.get(i) == Some(&true) {
            CellAlignment::Right
        } else {
            CellAlignment::Left
        }
    };
    table.set_header(layout.header.iter().enumerate().map(|(i, name)| {
        let cell = Cell::new(text::clean(name)).set_alignment(align(i));
        if colour {
            cell.add_attribute(Attribute::Bold)
        } else {
            cell
        }
    }));
    for row in cells {
        table.add_row(
            row.iter()
                .enumerate()
                .map(|(i, value)| Cell::new(value).set_alignment(align(i))),
        );
    }
    for (i, (column, width)) in table.column_iter_mut().zip(&layout.widths).enumerate() {
        let gap = if i + 1 < layout.widths.len() { GAP } else { 0 };
        column.set_padding((0, u16::try_from(gap).unwrap_or(0)));
        let width = u16::try_from(width + gap).unwrap_or(u16::MAX);
        column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
    }
    let lines: Vec<String> = table
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    lines.join("\n")
}

/// The columns to show: of events `_time`, what the query put there, and the text; of rows all.
fn columns<'a>(batch: &'a Batch, look: &'a Look) -> Vec<&'a str> {
    let all = || batch.names().map(|n| &**n);
    if !look.events {
        return all().collect();
    }
    let extra = look
        .columns
        .iter()
        .map(String::as_str)
        .filter(|c| batch.get(c).is_some());
    std::iter::once("_time")
        .chain(extra.filter(|c| !c.starts_with('_')))
        .chain(["_raw"])
        .filter(|n| batch.get(n).is_some())
        .collect()
}

fn cell(batch: &Batch, name: &str, row: usize, look: &Look) -> String {
    if let Some(chart) = batch.get(name).and_then(|column| chart(column, row)) {
        return chart;
    }
    let value = batch
        .get(name)
        .and_then(|c| c.text(row))
        .unwrap_or_default();
    if name == "_time" {
        text::time_text(&value, look.zone)
    } else {
        text::clean(&value).into_owned()
    }
}

/// The small chart of sparkline() as blocks; the highest one is the largest number.
fn chart(column: &Column, row: usize) -> Option<String> {
    let mut values = column.values(row);
    values.next().filter(|mark| mark == SPARKLINE)?;
    let numbers: Vec<f64> = values.filter_map(|v| parse_number(&v)).collect();
    let low = numbers.iter().copied().fold(0.0, f64::min);
    let high = numbers.iter().copied().fold(0.0, f64::max);
    let block = |number: &f64| {
        let share = (number - low) / (high - low);
        let level = if share.is_nan() { 0.0 } else { share * 7.0 };
        BLOCKS.get(level.round() as usize).copied().unwrap_or(' ')
    };
    Some(numbers.iter().map(block).collect())
}

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Whether all values are single numbers.
fn is_numeric(column: Option<&Column>) -> bool {
    match column {
        Some(Column::Number(_)) => true,
        Some(column) if !column.is_multi() => {
            let mut some = false;
            let is_number = |row: usize| {
                some = true;
                column
                    .computed(row)
                    .or_else(|| column.number(row))
                    .is_some()
            };
            let mut rows = (0..column.len()).filter(|row| !column.is_null(*row));
            rows.all(is_number) && some
        }
        _ => false,
    }
}
