//! Shows the results of a run: a table for people, JSON for programs, a chart for the docs.

mod chart;
mod table;

use std::path::Path;

use anyhow::Context as _;

use crate::budget::Line;
use crate::results::Results;
use crate::say;

/// Prints the table and writes table, JSON and chart into `folder`.
pub(crate) fn write(results: &Results, budget: &[Line], folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
    let table = table::render(results, budget);
    say::line(&table);
    let json = serde_json::to_string_pretty(results).context("write JSON")?;
    for (name, text) in [
        ("table.md", table),
        ("results.json", json),
        ("chart.svg", chart::render(results)),
    ] {
        let path = folder.join(name);
        std::fs::write(&path, text).with_context(|| format!("write {}", path.display()))?;
    }
    say::progress(format_args!("results are in {}", folder.display()));
    Ok(())
}
