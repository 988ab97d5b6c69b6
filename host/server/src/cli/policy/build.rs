//! `sluice policy build`: builds a crate into a component and inspects it.

use std::path::Path;

use anyhow::Context as _;
use serde_json::json;
use sluice_componentize::{Toolchain, componentize};

use super::{inspect, report};
use crate::cli::output;

/// Builds the crate in `folder`. Returns the report on its component.
pub(super) fn run(folder: &Path, file: Option<&Path>, json: bool) -> anyhow::Result<String> {
    let toolchain = Toolchain::find_or_add(folder, |command| {
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
        output::problem(format_args!("$ {}", words.join(" ")));
    })?;
    let written = componentize(toolchain, folder, file)?;
    let config = json!({});
    let inspection = inspect::look(&written.path, &config)
        .with_context(|| format!("{} was written, but", written.path.display()))?;
    Ok(match json {
        true => report::json(&written.path, &inspection),
        false => report::text(&written.path, &inspection, &config),
    })
}
