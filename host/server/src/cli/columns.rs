//! Lists: columns for people on a terminal, a line of JSON for each entry elsewhere.

use std::fmt::Write as _;

use serde::Serialize;

/// A line for each row, in columns that have room for the headings, which come first if they are to be shown.
pub(super) fn columns<const COLUMNS: usize>(
    headings: [&str; COLUMNS],
    are_shown: bool,
    rows: impl Iterator<Item = [String; COLUMNS]>,
) -> String {
    let headings = headings.map(str::to_owned);
    let rows: Vec<_> = std::iter::once(headings).chain(rows).collect();
    let width = |column: usize| {
        let widths = rows.iter().map(|row| row[column].chars().count());
        widths.max().unwrap_or_default()
    };
    let widths: [usize; COLUMNS] = std::array::from_fn(width);
    let mut text = String::new();
    for row in rows.iter().skip(usize::from(!are_shown)) {
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
