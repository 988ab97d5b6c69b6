//! What a terminal shows of the history.

use std::fmt::Write as _;

use sluice_store::{Hit, Summary};

use crate::history::time;
use crate::telemetry::clip;

/// The headings of the columns.
const HEADINGS: [&str; 7] = [
    "TIME (UTC)",
    "SESSION",
    "API",
    "MODEL",
    "STATUS",
    "ENDING",
    "ID",
];

/// A line for each exchange, in columns.
pub(super) fn exchanges(entries: &[Summary], has_headings: bool) -> String {
    let mut rows = vec![HEADINGS.map(str::to_owned)];
    rows.extend(entries.iter().map(row));
    let width = |column: usize| {
        let widths = rows.iter().map(|row| row[column].chars().count());
        widths.max().unwrap_or_default()
    };
    let widths: [usize; 7] = std::array::from_fn(width);
    let mut text = String::new();
    for row in rows.iter().skip(usize::from(!has_headings)) {
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

/// A block that was found, with the words around the place.
pub(super) fn hit(hit: &Hit) -> String {
    let exchange = &hit.exchange;
    let role = hit.role.as_deref().unwrap_or("assistant");
    let head = format!(
        "{}  exg_{}  {role}, {}",
        time(exchange.received_at),
        exchange.id.simple(),
        hit.kind
    );
    // What was said is foreign text, and a terminal obeys some of it.
    let lines = hit
        .snippet
        .text
        .lines()
        .map(|line| format!("    {}\n", clip(line)));
    format!("{head}\n{}\n", lines.collect::<String>())
}

fn row(summary: &Summary) -> [String; 7] {
    let text =
        |text: Option<&str>| text.map_or_else(|| "-".to_owned(), |text| clip(text).into_owned());
    [
        time(summary.received_at),
        summary.session_id.to_string(),
        summary.api.clone(),
        text(summary.model.as_deref()),
        summary
            .status
            .map_or_else(|| "-".to_owned(), |status| status.to_string()),
        summary.ending.as_str().to_owned(),
        format!("exg_{}", summary.id.simple()),
    ]
}
