//! The report on a component, for a person and for a program.

use std::env;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};
use sluice_engine::{Inspection, PolicyWants};
use sluice_protocol::Delivery;

use crate::cli::wants::{self, delivery, wanted};

/// The prefix of each interface's name in the contract.
const PACKAGE: &str = "sluice:policy/";

/// Returns the report for a person, one fact a line.
pub(super) fn text(file: &Path, inspection: &Inspection, config: &Value) -> String {
    let description = &inspection.description;
    let mut text = format!("{} {}\n", description.name, description.version);
    let facts = [
        ("does", description.summary.clone()),
        ("file", shown(file)),
        ("size", size(inspection.bytes)),
        ("digest", inspection.digest.to_string()),
        ("contract", contract(inspection)),
        ("imports", wants::list(imports(inspection))),
        ("needs", needs(inspection)),
        ("wants", wants_of(inspection, config)),
        ("hooks", hooks(inspection)),
    ];
    for (what, is) in facts.iter().filter(|(_, is)| !is.is_empty()) {
        writeln!(text, "   {what:<10}  {is}").expect("a string takes everything");
    }
    text
}

/// Returns the schema of its config, for a person to read below the report.
pub(super) fn schema(inspection: &Inspection) -> String {
    match &inspection.description.config_schema {
        Value::Null => "It gives no schema of its config.\n".to_owned(),
        schema => format!("The schema of its config:\n{schema:#}\n"),
    }
}

/// Returns the report for a program.
pub(super) fn json(file: &Path, inspection: &Inspection) -> String {
    let description = &inspection.description;
    let wants = inspection.wants.as_ref().ok();
    let report = json!({
        "file": file.display().to_string(),
        "name": description.name,
        "version": description.version,
        "summary": description.summary,
        "bytes": inspection.bytes,
        "digest": inspection.digest.to_string(),
        "imports": inspection.imports,
        "exports": inspection.exports,
        "needs": description.needs,
        "wants": wants.map(wants_json),
        "wants_unknown": inspection.wants.as_ref().err().map(ToString::to_string),
        "hooks": wants.map(called),
        "config_schema": description.config_schema,
    });
    format!("{report:#}\n")
}

fn wants_json(wants: &PolicyWants) -> Value {
    let word = |how| match how {
        Delivery::None => "none",
        Delivery::Observe => "observe",
        Delivery::Pieces => "pieces",
        Delivery::Whole => "whole",
    };
    json!({
        "request": wants.request,
        "text": word(wants.reply.text),
        "thinking": word(wants.reply.thinking),
        "tool_call": word(wants.reply.tool_call),
        "other": word(wants.reply.other),
        "end": wants.reply.end,
        "stateless": wants.stateless,
    })
}

/// Returns the path relative to the current folder if it lies below it.
fn shown(file: &Path) -> String {
    let here = env::current_dir().ok();
    let below = here.and_then(|here| file.strip_prefix(here).ok());
    below.unwrap_or(file).display().to_string()
}

fn size(bytes: usize) -> String {
    format!("{} KiB ({bytes} bytes)", bytes.div_ceil(1024))
}

/// Returns the version of the contract that it was built for.
fn contract(inspection: &Inspection) -> String {
    let mut exports = inspection.exports.iter();
    let hooks = exports.find_map(|name| name.strip_prefix(PACKAGE)?.split_once('@'));
    hooks.map_or_else(String::new, |(_, version)| {
        format!("sluice:policy {version}")
    })
}

fn imports(inspection: &Inspection) -> Vec<String> {
    let names = inspection.imports.iter().map(|import| {
        let name = import.strip_prefix(PACKAGE).unwrap_or(import);
        name.split('@').next().unwrap_or(name)
    });
    // It holds types alone.
    names
        .filter(|name| *name != "types")
        .map(str::to_owned)
        .collect()
}

fn needs(inspection: &Inspection) -> String {
    let needs: Vec<_> = inspection.description.needs.iter().cloned().collect();
    match needs.is_empty() {
        true => "no grants".to_owned(),
        false => format!("a grant of {}", wants::list(needs)),
    }
}

fn wants_of(inspection: &Inspection, config: &Value) -> String {
    match &inspection.wants {
        Ok(policy) => wanted(policy),
        Err(fault) => format!("unknown with the config {config}: {fault}"),
    }
}

fn hooks(inspection: &Inspection) -> String {
    match &inspection.wants {
        Ok(policy) if called(policy).is_empty() => "none is called".to_owned(),
        Ok(policy) => called(policy).join(", "),
        Err(_) => String::new(),
    }
}

/// Returns the hooks that the host calls for a policy with these wants.
fn called(wants: &PolicyWants) -> Vec<&'static str> {
    let reply = &wants.reply;
    let asks = |how: Delivery| matches!(how, Delivery::Observe | Delivery::Whole);
    let block = [reply.text, reply.thinking, reply.tool_call, reply.other];
    let hooks = [
        ("on-request", wants.request),
        ("on-block", block.into_iter().any(asks)),
        ("on-text", delivery(reply.text) == Some("in pieces")),
        ("on-end", reply.end),
    ];
    let called = hooks.into_iter().filter(|(_, called)| *called);
    called.map(|(hook, _)| hook).collect()
}
