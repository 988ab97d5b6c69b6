//! `sluice policy inspect`: reads a component's file and asks the engine about it.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, anyhow};
use serde_json::Value;
use sluice_engine::{Engine, EngineConfig, Inspection, LoadFault};

use super::report;

/// Returns the report on a component.
pub(super) fn run(file: &Path, config: &Value, json: bool) -> anyhow::Result<String> {
    let inspection = look(file, config)?;
    Ok(match json {
        true => report::json(file, &inspection),
        false => report::text(file, &inspection, config) + &report::schema(&inspection),
    })
}

/// Inspects the component in `file`. The error names the file and says what to change.
pub(super) fn look(file: &Path, config: &Value) -> anyhow::Result<Inspection> {
    let component = fs::read(file).with_context(|| format!("read {}", file.display()))?;
    let engine = Engine::new(EngineConfig::default())?;
    let inspection = engine.inspect(&component.into(), config);
    inspection.map_err(|fault| {
        let hint = hint(&fault);
        anyhow!("{}: {fault}{hint}", file.display())
    })
}

/// Returns what to do about a fault that does not say so itself. The engine does not know the command line.
fn hint(fault: &LoadFault) -> &'static str {
    match fault {
        LoadFault::NotAComponent(_) => {
            "; `sluice policy build` makes a component of a policy's crate"
        }
        _ => "",
    }
}
