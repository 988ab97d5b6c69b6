//! Lists: columns for people on a terminal, a line of JSON for each entry elsewhere.

use std::fmt::Write as _;

use serde::Serialize;

/// A line for each row, in columns. Headings come first if there are some.
pub(super) fn columns<const COLUMNS: usize>(
    headings: Option<[&str; COLUMNS]>,
    rows: impl Iterator<Item = [String; COLUMNS]>,
) -> String {
    let headings = headings.map(|headings| headings.map(str::to_owned));
    let rows: Vec<_> = headings.into_iter().chain(rows).collect();
    let width = |column: usize| {
        let widths = rows.iter().map(|row| row[column].chars().count());
        widths.max().unwrap_or_default()
    };
    let widths: [usize; COLUMNS] = std::array::from_fn(width);
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            // A string takes everything.
            let _ = write!(line, "{cell:<width$}  ");
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// A value as a line of JSON.
pub(super) fn json(value: &impl Serialize) -> String {
    let line = serde_json::to_string(value);
    line.expect("these types are JSON") + "\n"
}
