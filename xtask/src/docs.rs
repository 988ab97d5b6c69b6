//! Writes the documentation that our own programs generate. Tests fail if it is out of date.

use std::fs;
use std::process::Stdio;

use anyhow::{Context as _, ensure};

use crate::workspace::Workspace;
use crate::{demo, say};

/// Files that `sluice` prints, with the arguments that make it do so.
const PRINTED: [(&str, &[&str]); 6] = [
    (
        "example-policies/policies.schema.json",
        &["config", "schema"],
    ),
    ("docs/policy-file.md", &["config", "schema", "--markdown"]),
    (
        "docs/settings.md",
        &["config", "schema", "--settings", "--markdown"],
    ),
    (
        "docs/settings.schema.json",
        &["config", "schema", "--settings"],
    ),
    ("docs/openapi.json", &["admin", "openapi"]),
    (".env.example", &["config", "example", "--env"]),
];

/// Writes all of it.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<()> {
    for (file, arguments) in PRINTED {
        let printed = printed(workspace, arguments)?;
        fs::write(workspace.at(file), printed).with_context(|| format!("write {file}"))?;
        say::line(format_args!("wrote {file}"));
    }
    demo::write_picture(workspace)
}

fn printed(workspace: &Workspace, arguments: &[&str]) -> anyhow::Result<Vec<u8>> {
    let run = ["run", "--quiet", "--package", "sluice-server", "--"];
    let mut sluice = workspace.cargo(&[&run, arguments].concat());
    let output = sluice.stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("run {}", say::shown(&sluice)))?;
    ensure!(output.status.success(), "`{}` failed", say::shown(&sluice));
    Ok(output.stdout)
}
